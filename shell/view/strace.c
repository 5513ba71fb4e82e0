/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strace: what `strace -f -s 256` would have printed of the same processes. Steps that never enter
 * the kernel by themselves (print, =, await, functions of the library) stand there as comments, so
 * that nothing that was done is missing. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/host_words.h"
#include "view/strace.h"

const char *
strace_text_of(const struct telling *t, const char *name)
{
    const char *s = event_get_text(t->e, NULL, name);

    return s != NULL ? s : "";
}

static int64_t
pid_of(void *ctx, const char *actor)
{
    const struct strace *s = ctx;

    for (int i = s->nprocesses - 1; i >= 0; i--)
        if (strcmp(s->processes[i].name, actor) == 0)
            return s->processes[i].pid;
    return -1;
}

void
strace_outside(struct telling *t, const char *s)
{
    text_escape(t->out, s, strlen(s), t->s->options.ascii);
}

void
strace_begin(struct telling *t, const char *actor)
{
    int64_t pid = pid_of(t->s, actor);

    t->start = t->out->len;
    if (pid >= 0) {
        buf_printf(t->out, "[pid %5" PRId64 "] ", pid);
        return;
    }
    buf_puts(t->out, "[pid ");
    strace_outside(t, actor);
    buf_puts(t->out, "] ");
}

/* What stands in a comment must not end it. */
void
strace_end_comment(struct telling *t, size_t from)
{
    for (size_t i = from; i + 1 < t->out->len; i++)
        if (t->out->data[i] == '*' && t->out->data[i + 1] == '/')
            t->out->data[i + 1] = '|';
    buf_puts(t->out, " */");
    buf_putc(t->out, '\n');
}

void
strace_comment(struct telling *t, const char *actor, const char *before, const char *s, size_t n)
{
    size_t from;

    if (actor != NULL)
        strace_begin(t, actor);
    buf_puts(t->out, "/* ");
    from = t->out->len;
    buf_puts(t->out, before);
    text_escape(t->out, s, n, t->s->options.ascii);
    strace_end_comment(t, from);
}

static void
tell_process(struct telling *t)
{
    struct strace *s = t->s;
    const char *what = strace_text_of(t, "what"), *actor = strace_text_of(t, "actor"),
               *sig = strace_text_of(t, "sig");
    const struct item *vol = event_get(t->e, NULL, "vol");
    const struct item *addr = vol != NULL ? event_get(t->e, vol, "addr") : NULL;

    if (strcmp(what, "spawn") == 0 || strcmp(what, "fork") == 0) {
        int64_t pid = event_get_int(t->e, NULL, "pid", -1);
        size_t from;

        if (s->options.stable && vol != NULL && event_get(t->e, vol, "pid") != NULL)
            pid = -1;
        s->processes = mem_grow(s->processes, sizeof *s->processes * (size_t)(s->nprocesses + 1));
        s->processes[s->nprocesses++] = (struct process){mem_copy(actor), pid};
        buf_puts(t->out, "strace: Process ");
        if (pid >= 0)
            buf_int(t->out, pid);
        else
            strace_outside(t, actor);
        buf_puts(t->out, " attached  /* ");
        from = t->out->len;
        strace_outside(t, actor);
        strace_end_comment(t, from);
    } else if (strcmp(what, "exit") == 0) {
        strace_cut_short(t, actor);
        strace_begin(t, actor);
        buf_printf(t->out, "+++ exited with %" PRId64 " +++\n",
                   event_get_int(t->e, NULL, "status", 0));
    } else if (strcmp(what, "killed") == 0) {
        strace_cut_short(t, actor);
        if (addr != NULL && addr->kind == ITEM_INT && !s->options.stable) {
            strace_begin(t, actor);
            buf_puts(t->out, "--- ");
            strace_outside(t, sig);
            buf_puts(t->out, " {si_signo=");
            strace_outside(t, sig);
            buf_printf(t->out,
                       addr->value == 0 ? ", si_addr=NULL} ---\n"
                                        : ", si_addr=0x%" PRIx64 "} ---\n",
                       (uint64_t)addr->value);
        }
        strace_begin(t, actor);
        buf_puts(t->out, "+++ killed by ");
        strace_outside(t, sig[0] != '\0' ? sig : "a signal");
        buf_puts(t->out, " +++\n");
    } else if (strcmp(what, "exec") == 0) {
        strace_became(t, actor);
        strace_comment(t, actor, "is another program now, whose calls the trace does not have", "",
                       0);
    } else if (strcmp(what, "stopped") == 0) {
        strace_begin(t, actor);
        buf_puts(t->out, "--- stopped by ");
        strace_outside(t, sig[0] != '\0' ? sig : "SIGSTOP");
        buf_puts(t->out, " ---\n");
    }
}

/* --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=3} --- */
static void
tell_signal(struct telling *t)
{
    const char *sig = strace_text_of(t, "sig"), *from = strace_text_of(t, "from");
    int64_t pid = from[0] != '\0' ? pid_of(t->s, from) : -1;

    strace_begin(t, strace_text_of(t, "actor"));
    buf_puts(t->out, "--- ");
    strace_outside(t, sig);
    buf_puts(t->out, " {si_signo=");
    strace_outside(t, sig);
    if (pid >= 0)
        buf_printf(t->out, ", si_code=SI_USER, si_pid=%" PRId64, pid);
    buf_puts(t->out, "} ---\n");
}

/* What came by write(2) was shown already; what stdio wrote was no step of anybody. */
static void
tell_output(struct telling *t)
{
    const struct item *text = event_get(t->e, NULL, "text");
    const char *actor = strace_text_of(t, "actor");
    size_t from;

    if (text == NULL || text->kind != ITEM_TEXT)
        return;
    if (strace_last_is(t->s, actor, "write"))
        return;
    strace_begin(t, actor);
    buf_puts(t->out, "/* ");
    from = t->out->len;
    buf_printf(t->out, "writes to %" PRId64 ": ", event_get_int(t->e, NULL, "fd", 1));
    strace_quote(t->out, t->e, text);
    strace_end_comment(t, from);
}

static void
put_lines(struct telling *t, const char *before, const char *s, size_t n)
{
    while (n > 0) {
        const char *newline = memchr(s, '\n', n);
        size_t k = newline != NULL ? (size_t)(newline - s) : n;

        strace_comment(t, NULL, before, s, k);
        k += newline != NULL;
        s += k;
        n -= k;
    }
}

/* note, verdict, check, task, hint, predict, and the line itself where it is asked for. */
static void
tell_words(struct telling *t)
{
    const struct item *text = event_get(t->e, NULL, "text");
    const char *ev = strace_text_of(t, "ev");
    struct buf before = {0};

    if (text == NULL || text->kind != ITEM_TEXT ||
        (strcmp(ev, "input") == 0 && !t->s->options.echo))
        return;
    if (strcmp(ev, "input") == 0)
        buf_puts(&before, "ipclab> ");
    else
        buf_printf(&before, "%s: ", strcmp(ev, "verdict") == 0 ? strace_text_of(t, "kind") : ev);
    put_lines(t, buf_text(&before), item_text(t->e, text), text->len);
    buf_release(&before);
}

static void
tell_undo(struct telling *t)
{
    int64_t lines = event_get_int(t->e, NULL, "lines", 1);
    char text[80];

    strace_back_to(t->s, event_get_int(t->e, NULL, "to", -1));
    snprintf(text, sizeof text, "%" PRId64 " line%s undone", lines, lines == 1 ? " was" : "s were");
    strace_comment(t, NULL, "", text, strlen(text));
}

static void
tell_reset(struct telling *t)
{
    strace_forget_calls(t->s);
    strace_comment(t, NULL, "a new world: no processes, no objects", "", 0);
}

static void
tell_host(struct telling *t)
{
    struct buf words = {0};

    host_words(t->e, &words);
    strace_comment(t, NULL, "", buf_text(&words), words.len);
    buf_release(&words);
}

static const struct {
    const char *ev;
    void (*tell)(struct telling *t);
} kinds[] = {
    {"enter", strace_enter},   {"exit", strace_exit},   {"block", strace_block},
    {"process", tell_process}, {"signal", tell_signal}, {"output", tell_output},
    {"note", tell_words},      {"verdict", tell_words}, {"check", tell_words},
    {"task", tell_words},      {"hint", tell_words},    {"predict", tell_words},
    {"input", tell_words},     {"undo", tell_undo},     {"reset", tell_reset},
    {"host", tell_host},
};

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct strace *s = view;
    struct telling t = {s, e, out, out->len};
    const char *ev = event_get_text(e, NULL, "ev");

    s->seq = event_get_int(e, NULL, "seq", s->seq + 1);
    for (size_t i = 0; ev != NULL && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].ev, ev) == 0)
            kinds[i].tell(&t);
}

static void *
start(const struct view_options *o)
{
    struct strace *s = mem_alloc(sizeof *s);

    *s = (struct strace){.options = *o, .seq = -1};
    s->names = (struct strace_names){pid_of, s, o->stable};
    return s;
}

static void
finish(void *view, struct buf *out)
{
    struct strace *s = view;
    struct event nothing = {0};
    struct telling t = {s, &nothing, out, out->len};

    event_init(&nothing);
    event_start(&nothing, "end");
    strace_cut_all_short(&t);
    event_release(&nothing);
    strace_forget_calls(s);
    for (int i = 0; i < s->nprocesses; i++)
        free(s->processes[i].name);
    free(s->processes);
    free(s);
}

const struct view_kind view_strace = {
    .name = "strace",
    .summary = "what strace -f would have printed; steps that are no system calls are comments",
    .extension = "strace",
    .start = start,
    .event = event,
    .finish = finish,
};
