/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * help and plugins: everything that is said here comes from the records of calls and builtins. */
#include "builtin/help.h"
#include "base/columns.h"
#include "base/text.h"
#include "builtin/builtins.h"

static const char *const first_minute =
    "ipclab leads real processes through system calls, one at a time.\n"
    "\n"
    "  spawn server client                           two real processes\n"
    "  server id = shmget(5678, 27, IPC_CREAT|0666)  who acts, then what, as in C\n"
    "  server shm = shmat(id)                        variables are the process's own\n"
    "  server print shm                              what an expression is worth there\n"
    "  server await *shm == '*'                      waits; you get the prompt back\n"
    "  why server                                    why it waits, who could wake it\n"
    "  undo 2                                        takes two lines back\n"
    "\n";

/* What the grammar knows besides builtins and calls. */
static const struct word {
    const char *name, *usage, *help;
} words[] = {
    {"print", "ACTOR print EXPR",
     "shows what a C expression is worth in that process: texts as texts, the rest as numbers. The "
     "process itself reads its memory, so that print of a bad pointer is a segmentation fault as "
     "in any program."},
    {"await", "ACTOR await EXPR",
     "is `while (!(EXPR)) sleep(1);`: the process looks again after each step of anyone. EXPR "
     "contains no calls. interrupt ACTOR ends it."},
    {"line", "ACTOR STATEMENT",
     "A statement is a call, NAME = EXPR, *p = EXPR, a declaration (char buf[64], int n = 5), "
     "print EXPR or await EXPR, in the words of C. Instead of one actor: a, b (both, in that "
     "order) or * (all that are idle). Variables live in that process's memory; nobody else has "
     "them. `-` before a line lets it fail in a script; ` #` begins a comment."},
    {0},
};

static void
put_builtins(struct buf *out)
{
    for (int i = 0; builtins[i] != NULL; i++) {
        const struct builtin *b = builtins[i];
        struct buf head = {0};

        buf_printf(&head, "%s %s", b->name, b->usage);
        buf_printf(out, "  %-20s %s\n", buf_text(&head), b->summary);
        buf_release(&head);
    }
}

static void
put_flag(struct buf *out, unsigned flags, unsigned flag, const char *text)
{
    if ((flags & flag) != 0)
        buf_printf(out, "  %s\n", text);
}

static void
put_call(const struct ipclab_call *c, struct buf *out)
{
    buf_printf(out, "%s - %s\n\n  %s\n", c->name, c->summary, c->prototype);
    if (c->man[0] != '\0')
        buf_printf(out, "  see %s\n", c->man);
    if (c->help != NULL && c->help[0] != '\0') {
        buf_putc(out, '\n');
        columns_wrap(out, c->help, 0, 0, HELP_WIDTH);
    }
    if (c->args[0].type != IPCLAB_END)
        buf_puts(out, "\narguments\n");
    for (const struct ipclab_arg *a = c->args; a->type != IPCLAB_END; a++) {
        buf_printf(out, "  %-10s %s%s\n", a->name, a->summary,
                   (a->flags & IPCLAB_OPTIONAL) != 0 ? " (may be left out)"
                   : (a->flags & IPCLAB_REST) != 0   ? " (repeats)"
                                                     : "");
        for (const struct ipclab_constant *k = a->constants; k != NULL && k->name != NULL; k++)
            buf_printf(out, "    %-16s %s\n", k->name, k->summary != NULL ? k->summary : "");
    }
    if (c->errors != NULL && c->errors[0].name != NULL)
        buf_puts(out, "\nerrors\n");
    for (const struct ipclab_error *e = c->errors; e != NULL && e->name != NULL; e++) {
        buf_printf(out, "  %-10s ", e->name);
        columns_wrap(out, e->sentence, 13, 13, HELP_WIDTH);
    }
    if ((c->flags & (IPCLAB_WAITS | IPCLAB_ENDS | IPCLAB_MAKES_PROCESS)) != 0)
        buf_putc(out, '\n');
    put_flag(out, c->flags, IPCLAB_WAITS, "may wait; `why ACTOR` explains it then");
    put_flag(out, c->flags, IPCLAB_ENDS, "does not return when it succeeds");
    put_flag(out, c->flags, IPCLAB_MAKES_PROCESS, "makes a process, which becomes an actor");
    for (int i = 0; c->examples != NULL && c->examples[i] != NULL; i++) {
        const char *line = c->examples[i];

        buf_printf(out, "\nexample\n");
        while (*line != '\0') {
            int n = (int)strcspn(line, "\n");

            buf_printf(out, "  %.*s\n", n, line);
            line += n + (line[n] == '\n');
        }
    }
}

static void
put_plugin(const struct ipclab_plugin *p, struct buf *out)
{
    buf_printf(out, "%s %s - %s\n\n", p->name, p->version, p->summary);
    columns_wrap(out, p->help != NULL ? p->help : "", 0, 0, HELP_WIDTH);
    buf_puts(out, "\ncalls\n");
    for (const struct ipclab_call *c = p->calls; c->name != NULL; c++)
        buf_printf(out, "  %-14s %s\n", c->name, c->summary);
    if (p->man != NULL && p->man[0] != NULL)
        buf_puts(out, "\nsee");
    for (int i = 0; p->man != NULL && p->man[i] != NULL; i++)
        buf_printf(out, " %s", p->man[i]);
    buf_putc(out, '\n');
}

/* "IPC_CREAT - make the segment if none has the key (shmget)": a line for each meaning. */
static void
put_constant(const struct catalog *c, const char *topic, struct buf *out)
{
    for (int i = 0; i < c->nplugins; i++)
        for (const struct ipclab_call *call = c->plugins[i].p.calls; call->name != NULL; call++)
            for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
                for (const struct ipclab_constant *k = a->constants; k != NULL && k->name; k++)
                    if (strcmp(k->name, topic) == 0)
                        buf_printf(out, "%s - %s  (%s of %s)\n", k->name,
                                   k->summary != NULL ? k->summary : "", a->name, call->name);
}

static void
offer_constant(void *ctx, const struct ipclab_constant *k)
{
    near_offer(ctx, k->name);
}

static void
offer_call(void *ctx, const struct ipclab_call *call)
{
    near_offer(ctx, call->name);
}

int
help_topic(const struct catalog *c, const char *topic, struct buf *out, struct err *err)
{
    const struct builtin *b = builtin_find(topic);
    const struct ipclab_call *call = catalog_call(c, topic, NULL);
    struct buf shown = {0};
    struct near near;

    if (topic[0] == '\0') {
        buf_puts(out, first_minute);
        put_builtins(out);
        buf_puts(out, "\n`help CALL`, `help PLUGIN`, `help BUILTIN` say more; `help line` is the "
                      "grammar,\n`plugins` lists the calls. Mechanisms: ");
        for (int i = 0; i < c->nplugins; i++)
            buf_printf(out, "%s%s", i ? ", " : "", c->plugins[i].p.name);
        buf_puts(out, "\n");
        return 0;
    }
    for (int i = 0; i < c->nplugins; i++)
        if (strcmp(c->plugins[i].p.name, topic) == 0)
            put_plugin(&c->plugins[i].p, out);
    if (call != NULL) {
        if (out->len > 0)
            buf_putc(out, '\n');
        put_call(call, out);
    }
    if (b != NULL) {
        if (out->len > 0)
            buf_putc(out, '\n');
        buf_printf(out, "%s%s%s - %s\n", b->name, b->usage[0] != '\0' ? " " : "", b->usage,
                   b->summary);
        if (b->help != NULL)
            columns_wrap(out, b->help, 0, 0, HELP_WIDTH);
    }
    for (const struct word *w = words; w->name != NULL; w++)
        if (strcmp(w->name, topic) == 0) {
            buf_printf(out, "%s\n", w->usage);
            columns_wrap(out, w->help, 0, 0, HELP_WIDTH);
        }
    put_constant(c, topic, out);
    if (out->len > 0)
        return 0;
    near_init(&near, topic);
    for (const struct word *w = words; w->name != NULL; w++)
        near_offer(&near, w->name);
    for (int i = 0; builtins[i] != NULL; i++)
        near_offer(&near, builtins[i]->name);
    for (int i = 0; i < c->nplugins; i++)
        near_offer(&near, c->plugins[i].p.name);
    catalog_each_call(c, offer_call, &near);
    catalog_each_constant(c, offer_constant, &near);
    text_escape(&shown, topic, strlen(topic), true);
    err_set(err, STATUS_USAGE, "there is no help on '%.60s'; %s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "did you mean " : "`help` shows what there is", near.best,
            near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return -1;
}

static int
on_help(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};
    int result = help_topic(&s->launcher.catalog, rest, &out, err);

    if (result == 0)
        session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return result;
}

const struct builtin builtin_help = {
    .name = "help",
    .usage = "[TOPIC]",
    .summary = "this, or about a builtin, a plugin, a call or a constant",
    .flags = BUILTIN_LOOKS,
    .word = WORD_TOPIC,
    .run = on_help,
};
