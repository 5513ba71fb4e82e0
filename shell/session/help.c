/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * help and plugins: everything that is said here comes from the records of calls and builtins. */
#include <jansson.h>

#include "base/text.h"
#include "session/builtin.h"

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

/* A paragraph that goes on at this column, in lines of at most 80; all but the first begin with
 * hang blanks. */
void
help_wrap(struct buf *out, const char *text, int at, int hang)
{
    enum { COLUMNS = 80 };
    bool first = true; /* of its line */

    while (*text != '\0') {
        int n = (int)strcspn(text, " \n"), wide = 0;

        for (int i = 0; i < n; i++)
            wide += ((unsigned char)text[i] & 0xc0) != 0x80;
        if (!first && at + 1 + wide > COLUMNS) {
            buf_printf(out, "\n%*s", hang, "");
            at = hang;
        } else if (!first) {
            buf_putc(out, ' ');
            at++;
        }
        buf_put(out, text, (size_t)n);
        at += wide;
        first = false;
        text += n;
        if (*text == '\n' && text[1] != '\0') {
            buf_printf(out, "\n%*s", text[1] == '\n' ? 0 : hang, "");
            at = hang;
            first = true;
        }
        text += *text != '\0';
    }
    buf_putc(out, '\n');
}

static void
put_builtins(struct buf *out)
{
    for (const struct builtin *b = builtins; b->name != NULL; b++) {
        struct buf head = {0};

        buf_printf(&head, "%s %s", b->name, b->usage);
        buf_printf(out, "  %-20s %s\n", buf_text(&head), b->summary);
        buf_release(&head);
    }
}

static void
put_plugin_line(const struct ipclab_plugin *p, struct buf *out)
{
    int width = 0;

    buf_printf(out, "  %-10s %s\n    ", p->name, p->summary);
    for (const struct ipclab_call *c = p->calls; c->name != NULL; c++) {
        if (width > 70) {
            buf_puts(out, "\n    ");
            width = 0;
        }
        buf_printf(out, "%s%s", c->name, c[1].name != NULL ? " " : "\n");
        width += (int)strlen(c->name) + 1;
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
        help_wrap(out, c->help, 0, 0);
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
        help_wrap(out, e->sentence, 13, 13);
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
    help_wrap(out, p->help != NULL ? p->help : "", 0, 0);
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
            help_wrap(out, b->help, 0, 0);
    }
    for (const struct word *w = words; w->name != NULL; w++)
        if (strcmp(w->name, topic) == 0) {
            buf_printf(out, "%s\n", w->usage);
            help_wrap(out, w->help, 0, 0);
        }
    put_constant(c, topic, out);
    if (out->len > 0)
        return 0;
    near_init(&near, topic);
    for (const struct word *w = words; w->name != NULL; w++)
        near_offer(&near, w->name);
    for (b = builtins; b->name != NULL; b++)
        near_offer(&near, b->name);
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

int
builtin_help(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};
    int result = help_topic(&s->launcher.catalog, rest, &out, err);

    if (result == 0)
        session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return result;
}

void
help_plugins_text(const struct catalog *c, bool verbose, struct buf *out)
{
    for (int i = 0; i < c->nplugins; i++) {
        put_plugin_line(&c->plugins[i].p, out);
        if (verbose)
            buf_printf(out, "    version %s from %s\n", c->plugins[i].p.version,
                       c->plugins[i].path);
    }
    for (int i = 0; i < c->nrefused; i++) {
        buf_puts(out, "  refused: ");
        text_escape(out, c->refused[i], strlen(c->refused[i]), false);
        buf_putc(out, '\n');
    }
}

int
builtin_plugins(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};

    if (rest[0] != '\0' && strcmp(rest, "-v") != 0)
        return err_set(err, STATUS_USAGE, "plugins takes -v or nothing");
    help_plugins_text(&s->launcher.catalog, rest[0] != '\0', &out);
    session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return 0;
}

/* ---- For tools ----------------------------------------------------------------------------- */

static json_t *
text_list(const char *const *list)
{
    json_t *array = json_array();

    for (int i = 0; list != NULL && list[i] != NULL; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static json_t *
call_json(const struct ipclab_call *c)
{
    json_t *args = json_array(), *errors = json_array();

    for (const struct ipclab_arg *a = c->args; a->type != IPCLAB_END; a++)
        json_array_append_new(args, json_pack("{s:s, s:s, s:i, s:b, s:b}", "name", a->name,
                                              "summary", a->summary, "type", (int)a->type,
                                              "optional", (a->flags & IPCLAB_OPTIONAL) != 0, "rest",
                                              (a->flags & IPCLAB_REST) != 0));
    for (const struct ipclab_error *e = c->errors; e != NULL && e->name != NULL; e++)
        json_array_append_new(errors,
                              json_pack("{s:s, s:s}", "name", e->name, "sentence", e->sentence));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "name", c->name, "prototype",
                     c->prototype, "summary", c->summary, "help", c->help != NULL ? c->help : "",
                     "man", c->man, "waits", (c->flags & IPCLAB_WAITS) != 0, "args", args, "errors",
                     errors, "examples", text_list(c->examples));
}

void
help_catalog_json(const struct catalog *c, struct buf *out)
{
    json_t *plugins = json_array();
    char *text;

    for (int i = 0; i < c->nplugins; i++) {
        const struct catalog_plugin *p = &c->plugins[i];
        json_t *calls = json_array(), *kinds = json_array();

        for (const struct ipclab_call *call = p->p.calls; call->name != NULL; call++)
            json_array_append_new(calls, call_json(call));
        for (const struct ipclab_kind *k = p->p.kinds; k != NULL && k->name != NULL; k++)
            json_array_append_new(kinds,
                                  json_pack("{s:s, s:s}", "name", k->name, "summary", k->summary));
        json_array_append_new(
            plugins, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", p->p.name, "version",
                               p->p.version, "summary", p->p.summary, "path", p->path, "man",
                               text_list(p->p.man), "calls", calls, "kinds", kinds));
    }
    text = json_dumps(plugins, JSON_INDENT(1));
    buf_puts(out, text != NULL ? text : "[]");
    buf_putc(out, '\n');
    free(text);
    json_decref(plugins);
}
