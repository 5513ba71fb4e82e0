/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear view, to be listened to: each event is sentences, one line each, that begin with what
 * it is. No columns, no boxes, nothing that depends on what stands above it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/lines.h"
#include "view/row.h"
#include "view/view.h"

struct linear {
    struct lines words; /* how values are written; its pending calls are those under way */
};

static const char *
text_of(const struct row *r, const char *name)
{
    const char *s = event_get_text(r->e, NULL, name);

    return s != NULL ? s : "";
}

static bool
is(const struct row *r, const char *name, const char *value)
{
    return strcmp(text_of(r, name), value) == 0;
}

static int
number(const struct row *r, const char *name)
{
    return (int)event_get_int(r->e, NULL, name, 0);
}

static void
put_number(struct row *r, const char *before, int64_t n, const char *after)
{
    buf_printf(r->out, "%s%lld%s", before, (long long)n, after);
}

/* Ends a sentence and its line; what ends with a mark of its own gets no other. */
static void
stop(struct row *r)
{
    while (r->out->len > r->start && strchr(" \n,", r->out->data[r->out->len - 1]) != NULL)
        r->out->len--;
    if (r->out->len > r->start && strchr(".?!:", r->out->data[r->out->len - 1]) == NULL)
        buf_putc(r->out, '.');
    buf_putc(r->out, '\n');
    r->start = r->out->len;
}

/* The text from `at` on with single blanks: what were gaps between columns are commas. */
static void
tighten(struct row *r, size_t at)
{
    struct buf text = {0};
    bool quoted = false;

    buf_put(&text, r->out->data + at, r->out->len - at);
    r->out->len = at;
    for (const char *c = buf_text(&text); *c != '\0'; c++) {
        if (*c == ' ' && at > 0 && r->out->len == at && r->out->data[at - 1] == ' ')
            continue;
        quoted ^= *c == '"' && (c == buf_text(&text) || c[-1] != '\\');
        if (quoted || c[0] != ' ' || c[1] != ' ') {
            buf_putc(r->out, *c);
            continue;
        }
        while (c[1] == ' ')
            c++;
        if (strncmp(c, " -> ", 4) == 0) {
            buf_puts(r->out, ", kept in ");
            c += 3;
        } else if (r->out->len > at) {
            buf_puts(r->out, ", ");
        }
    }
    buf_release(&text);
}

/* A text of several lines, each a sentence of its own with this word before it. */
static void
put_lines(struct row *r, const char *word, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        if (n > 0) {
            buf_puts(r->out, word);
            text_escape(r->out, text, n, r->l->ascii);
            stop(r);
        }
        text += n + (text[n] == '\n');
    }
}

/* ---- Calls --------------------------------------------------------------------------------- */

static struct pending *
find(struct row *r)
{
    int64_t step = event_get_int(r->e, NULL, "step", -1);

    for (int i = 0; i < r->l->npending; i++)
        if (r->l->pending[i].step == step)
            return &r->l->pending[i];
    return NULL;
}

/* "Step 3, server: shmget(5678, 27, 0666)" */
static void
begin(struct row *r, const struct pending *p)
{
    put_number(r, "Step ", number(r, "step"), p != NULL && p->blocked ? " goes on, " : ", ");
    row_text(r, text_of(r, "actor"));
    row_puts(r, ": ");
    row_puts(r, p != NULL ? buf_text(&p->text) : text_of(r, "call"));
}

static void
say_block(struct row *r)
{
    struct pending *p = find(r);

    begin(r, p);
    row_puts(r, " waits: ");
    row_source(r, text_of(r, text_of(r, "waits")[0] != '\0' ? "waits" : "why"));
    stop(r);
    if (p != NULL)
        p->blocked = true;
}

static void
say_state(struct row *r)
{
    size_t at;

    if (text_of(r, "obj")[0] == '\0')
        return;
    row_puts(r, "Object ");
    row_text(r, text_of(r, "obj"));
    row_puts(r, ": ");
    at = r->out->len;
    state_fields(r);
    tighten(r, at);
    stop(r);
}

static void
say_notes(struct row *r)
{
    const struct item *note = event_get(r->e, NULL, "note");

    if (note != NULL && note->kind == ITEM_TEXT)
        put_lines(r, "Note: ", item_text(r->e, note));
    else if (note != NULL && note->kind == ITEM_ARRAY)
        for (const struct item *i = item_first(r->e, note); i != NULL; i = item_next(r->e, i))
            if (i->kind == ITEM_TEXT)
                put_lines(r, "Note: ", item_text(r->e, i));
}

static void
say_exit(struct row *r)
{
    const char *call = text_of(r, "call");
    struct pending *p = find(r);
    size_t at;

    begin(r, p);
    at = r->out->len;
    call_result(r, p, true);
    call_outs(r);
    call_facts(r);
    tighten(r, at);
    if (number(r, "by") > 0)
        put_number(r, ", ended by step ", number(r, "by"), "");
    stop(r);
    say_state(r);
    say_notes(r);
    r->important = text_of(r, "errno")[0] != '\0' || strcmp(call, "print") == 0;
    if (p != NULL)
        p->step = -1; /* the place is free */
}

static void
say_enter(struct row *r)
{
    struct pending *p = NULL;

    for (int i = 0; i < r->l->npending && p == NULL; i++)
        if (r->l->pending[i].step < 0 ||
            strcmp(buf_text(&r->l->pending[i].actor), text_of(r, "actor")) == 0)
            p = &r->l->pending[i];
    if (p == NULL && r->l->npending == r->l->pending_cap) {
        int cap = r->l->pending_cap + 8;

        r->l->pending = mem_grow(r->l->pending, (size_t)cap * sizeof *r->l->pending);
        memset(r->l->pending + r->l->pending_cap, 0, 8 * sizeof *r->l->pending);
        r->l->pending_cap = cap;
    }
    if (p == NULL)
        p = &r->l->pending[r->l->npending++];
    buf_clear(&p->actor);
    buf_puts(&p->actor, text_of(r, "actor"));
    pending_read(r, p, false);
}

/* ---- Processes, signals, output ------------------------------------------------------------ */

static void
say_process(struct row *r)
{
    const char *parent = text_of(r, "parent");

    row_puts(r, "Process ");
    row_text(r, text_of(r, "actor"));
    if (is(r, "what", "spawn")) {
        row_puts(r, " is new");
    } else if (is(r, "what", "fork")) {
        row_puts(r, " is a fork of ");
        row_text(r, parent);
    } else if (is(r, "what", "exit")) {
        put_number(r, " has exited with ", number(r, "status"), "");
    } else if (is(r, "what", "killed")) {
        row_puts(r, " was killed by ");
        row_text(r, text_of(r, "sig"));
    } else if (is(r, "what", "exec")) {
        row_puts(r, " is another program now: ");
        row_text(r, text_of(r, "path"));
    } else {
        row_puts(r, " was ");
        row_text(r, text_of(r, "what"));
        if (parent[0] != '\0') {
            row_puts(r, " by ");
            row_text(r, parent);
        }
    }
    if ((is(r, "what", "spawn") || is(r, "what", "fork")) && !row_varies(r, "pid"))
        put_number(r, ", pid ", number(r, "pid"), "");
    stop(r);
    say_notes(r);
}

static void
say_signal(struct row *r)
{
    row_puts(r, "Signal: ");
    row_text(r, text_of(r, "actor"));
    row_puts(r, " gets ");
    row_text(r, text_of(r, "sig"));
    if (text_of(r, "from")[0] != '\0') {
        row_puts(r, " from ");
        row_text(r, text_of(r, "from"));
    }
    row_puts(r, is(r, "action", "handler")   ? ", its handler runs"
                : is(r, "action", "default") ? ", with its default action"
                                             : ", and ignores it");
    if (text_of(r, "interrupted")[0] != '\0') {
        row_puts(r, " in the middle of ");
        row_text(r, text_of(r, "interrupted"));
    }
    stop(r);
}

static void
say_output(struct row *r)
{
    struct buf word = {0};

    r->important = true;
    buf_printf(&word, "%s of ", number(r, "fd") == 2 ? "Error output" : "Output");
    text_escape(&word, text_of(r, "actor"), strlen(text_of(r, "actor")), r->l->ascii);
    buf_puts(&word, ": ");
    put_lines(r, buf_text(&word), text_of(r, "text"));
    buf_release(&word);
}

static void
say_verdict(struct row *r)
{
    r->important = true;
    row_puts(r, "Verdict: ");
    row_text(r, text_of(r, "kind"));
    stop(r);
    put_lines(r, "", text_of(r, "text"));
}

/* ---- Labs ---------------------------------------------------------------------------------- */

static void
put_points(struct row *r, int n)
{
    buf_printf(r->out, "%d point%s", n, n == 1 ? "" : "s");
}

static void
say_check(struct row *r)
{
    const struct item *passed = event_get(r->e, NULL, "passed");
    bool judged = passed != NULL && passed->kind == ITEM_BOOL, good = judged && passed->value;
    bool task = text_of(r, "task")[0] != '\0';

    r->important = !good || task;
    if (!task) {
        row_puts(r, good     ? "Check, holds: "
                    : judged ? "Check, does not hold: "
                             : "Check, not judged: ");
        row_text(r, text_of(r, "text"));
        stop(r);
        return;
    }
    row_puts(r, good ? "Done: task " : judged ? "Not yet: task " : "Not judged: task ");
    row_text(r, text_of(r, "task"));
    if (good) {
        put_number(r, ", ", number(r, "points"), " of ");
        put_points(r, number(r, "max"));
    }
    stop(r);
    put_lines(r, "", text_of(r, "text"));
    put_lines(r, "", text_of(r, "fault"));
}

static void
say_task(struct row *r)
{
    r->important = true;
    if (is(r, "what", "begins")) {
        put_number(r, "Task ", number(r, "n"), " of ");
        put_number(r, "", number(r, "of"), ": ");
        row_text(r, text_of(r, "title"));
        stop(r);
        row_puts(r, "It gives ");
        put_points(r, number(r, "max"));
        put_number(r, " and has ", number(r, "hints"),
                   number(r, "hints") == 1 ? " hint" : " hints");
    } else if (is(r, "what", "opens")) {
        row_puts(r, "Lab: ");
        row_text(r, text_of(r, "title"));
        stop(r);
        put_number(r, "It has ", number(r, "of"),
                   number(r, "of") == 1 ? " task and " : " tasks and ");
        put_points(r, number(r, "max"));
    } else if (is(r, "what", "shown")) {
        put_lines(r, "Solution, line: ", text_of(r, "text"));
        return;
    } else {
        row_puts(r, is(r, "what", "skipped")     ? "Skipped: task "
                    : is(r, "what", "submitted") ? "Submitted"
                                                 : "The end of all tasks");
        row_text(r, text_of(r, "id"));
        put_number(r, ", ", number(r, "points"), " of ");
        put_points(r, number(r, "max"));
    }
    stop(r);
    put_lines(r, "", text_of(r, "text"));
}

static void
say_hint(struct row *r)
{
    r->important = true;
    put_number(r, "Hint ", number(r, "n"), " of ");
    put_number(r, "", number(r, "of"), "");
    if (number(r, "cost") > 0) {
        row_puts(r, ", for ");
        put_points(r, number(r, "cost"));
    }
    row_puts(r, ": ");
    row_text(r, text_of(r, "text"));
    stop(r);
}

static void
say_predict(struct row *r)
{
    r->important = true;
    put_lines(r, is(r, "what", "asks") ? "Question: " : "Answer: ", text_of(r, "text"));
}

/* ---- The rest ------------------------------------------------------------------------------ */

static void
say_note(struct row *r)
{
    bool failed = is(r, "kind", "failed");

    r->important = failed;
    put_lines(r,
              failed                  ? "Error: "
              : is(r, "kind", "step") ? "Step of the lab: "
                                      : "Note: ",
              text_of(r, "text"));
}

static void
say_input(struct row *r)
{
    if (!r->l->echo)
        return;
    row_puts(r, "Line: ");
    row_source(r, text_of(r, "text"));
    row_puts(r, "\n");
}

static void
say_undo(struct row *r)
{
    put_number(r, "Undone: ", number(r, "lines"), number(r, "lines") == 1 ? " line" : " lines");
    stop(r);
}

static void
say_reset(struct row *r)
{
    row_puts(r, "Reset: a new world, without processes and objects");
    stop(r);
}

static const struct {
    const char *ev;
    void (*say)(struct row *r);
} sayings[] = {
    {"enter", say_enter},   {"exit", say_exit},       {"block", say_block},
    {"input", say_input},   {"process", say_process}, {"signal", say_signal},
    {"output", say_output}, {"verdict", say_verdict}, {"check", say_check},
    {"task", say_task},     {"hint", say_hint},       {"predict", say_predict},
    {"note", say_note},     {"undo", say_undo},       {"reset", say_reset},
};

static void *
start(const struct view_options *o)
{
    struct linear *v = mem_alloc(sizeof *v);

    lines_init(&v->words, o->catalog);
    v->words.ascii = o->ascii;
    v->words.echo = o->echo;
    v->words.quiet = o->quiet;
    v->words.stable = o->stable;
    return v;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct linear *v = view;
    struct row r = {.l = &v->words, .out = out, .e = e, .start = out->len};
    const char *ev = event_get_text(e, NULL, "ev");
    size_t before = out->len;

    for (size_t i = 0; ev != NULL && i < sizeof sayings / sizeof *sayings; i++)
        if (strcmp(sayings[i].ev, ev) == 0)
            sayings[i].say(&r);
    if (v->words.quiet && !r.important && out->len > before)
        row_cut(&r, before);
}

static void
finish(void *view, struct buf *out)
{
    struct linear *v = view;

    (void)out;
    lines_release(&v->words);
    free(v);
}

const struct view_kind view_linear = {
    .name = "linear",
    .summary = "sentences, to be listened to: no columns, each line says what it is",
    .extension = "",
    .start = start,
    .event = event,
    .finish = finish,
};
