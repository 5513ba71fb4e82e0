/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The linear view, to be listened to: each event is sentences, one line each, that begin with what
 * it is. No columns, no boxes, nothing that depends on what stands above it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/linear_parts.h"
#include "view/view.h"

struct linear {
    struct lines words; /* how values are written; its pending calls are those under way */
};

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
    linear_put_number(r, "Step ", linear_number(r, "step"),
                      p != NULL && p->blocked ? " goes on, " : ", ");
    row_text(r, linear_text_of(r, "actor"));
    row_puts(r, ": ");
    row_puts(r, p != NULL ? buf_text(&p->text) : linear_text_of(r, "call"));
}

static void
say_block(struct row *r)
{
    struct pending *p = find(r);

    begin(r, p);
    row_puts(r, " waits: ");
    row_source(r, linear_text_of(r, linear_text_of(r, "waits")[0] != '\0' ? "waits" : "why"));
    linear_stop(r);
    if (p != NULL)
        p->blocked = true;
}

static void
say_state(struct row *r)
{
    size_t at;

    if (linear_text_of(r, "obj")[0] == '\0')
        return;
    row_puts(r, "Object ");
    row_text(r, linear_text_of(r, "obj"));
    row_puts(r, ": ");
    at = r->out->len;
    state_fields(r);
    tighten(r, at);
    linear_stop(r);
}

static void
say_notes(struct row *r)
{
    const struct item *note = event_get(r->e, NULL, "note");

    if (note != NULL && note->kind == ITEM_TEXT)
        linear_lines(r, "Note: ", item_text(r->e, note));
    else if (note != NULL && note->kind == ITEM_ARRAY)
        for (const struct item *i = item_first(r->e, note); i != NULL; i = item_next(r->e, i))
            if (i->kind == ITEM_TEXT)
                linear_lines(r, "Note: ", item_text(r->e, i));
}

static void
say_exit(struct row *r)
{
    const char *call = linear_text_of(r, "call");
    struct pending *p = find(r);
    size_t at;

    begin(r, p);
    at = r->out->len;
    call_result(r, p, true);
    call_outs(r);
    call_facts(r);
    tighten(r, at);
    if (linear_number(r, "by") > 0)
        linear_put_number(r, ", ended by step ", linear_number(r, "by"), "");
    linear_stop(r);
    say_state(r);
    say_notes(r);
    r->important = linear_text_of(r, "errno")[0] != '\0' || strcmp(call, "print") == 0;
    if (p != NULL)
        p->step = -1; /* the place is free */
}

static void
say_enter(struct row *r)
{
    struct pending *p = NULL;

    for (int i = 0; i < r->l->npending && p == NULL; i++)
        if (r->l->pending[i].step < 0 ||
            strcmp(buf_text(&r->l->pending[i].actor), linear_text_of(r, "actor")) == 0)
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
    buf_puts(&p->actor, linear_text_of(r, "actor"));
    pending_read(r, p, false);
}

/* ---- Processes, signals, output ------------------------------------------------------------ */

static void
say_process(struct row *r)
{
    const char *parent = linear_text_of(r, "parent");

    row_puts(r, "Process ");
    row_text(r, linear_text_of(r, "actor"));
    if (linear_is(r, "what", "spawn")) {
        row_puts(r, " is new");
    } else if (linear_is(r, "what", "fork")) {
        row_puts(r, " is a fork of ");
        row_text(r, parent);
    } else if (linear_is(r, "what", "exit")) {
        linear_put_number(r, " has exited with ", linear_number(r, "status"), "");
    } else if (linear_is(r, "what", "killed")) {
        row_puts(r, " was killed by ");
        row_text(r, linear_text_of(r, "sig"));
    } else if (linear_is(r, "what", "exec")) {
        row_puts(r, " is another program now: ");
        row_text(r, linear_text_of(r, "path"));
    } else {
        row_puts(r, " was ");
        row_text(r, linear_text_of(r, "what"));
        if (parent[0] != '\0') {
            row_puts(r, " by ");
            row_text(r, parent);
        }
    }
    if ((linear_is(r, "what", "spawn") || linear_is(r, "what", "fork")) && !row_varies(r, "pid"))
        linear_put_number(r, ", pid ", linear_number(r, "pid"), "");
    linear_stop(r);
    say_notes(r);
}

static void
say_signal(struct row *r)
{
    row_puts(r, "Signal: ");
    row_text(r, linear_text_of(r, "actor"));
    row_puts(r, " gets ");
    row_text(r, linear_text_of(r, "sig"));
    if (linear_text_of(r, "from")[0] != '\0') {
        row_puts(r, " from ");
        row_text(r, linear_text_of(r, "from"));
    }
    row_puts(r, linear_is(r, "action", "handler")   ? ", its handler runs"
                : linear_is(r, "action", "default") ? ", with its default action"
                                                    : ", and ignores it");
    if (linear_text_of(r, "interrupted")[0] != '\0') {
        row_puts(r, " in the middle of ");
        row_text(r, linear_text_of(r, "interrupted"));
    }
    linear_stop(r);
}

static void
say_output(struct row *r)
{
    struct buf word = {0};

    r->important = true;
    buf_printf(&word, "%s of ", linear_number(r, "fd") == 2 ? "Error output" : "Output");
    text_escape(&word, linear_text_of(r, "actor"), strlen(linear_text_of(r, "actor")), r->l->ascii);
    buf_puts(&word, ": ");
    linear_lines(r, buf_text(&word), linear_text_of(r, "text"));
    buf_release(&word);
}

static void
say_verdict(struct row *r)
{
    r->important = true;
    row_puts(r, "Verdict: ");
    row_text(r, linear_text_of(r, "kind"));
    linear_stop(r);
    linear_lines(r, "", linear_text_of(r, "text"));
}

/* ---- The rest ------------------------------------------------------------------------------ */

static void
say_note(struct row *r)
{
    bool failed = linear_is(r, "kind", "failed");

    r->important = failed;
    linear_lines(r,
                 failed                         ? "Error: "
                 : linear_is(r, "kind", "step") ? "Step of the lab: "
                                                : "Note: ",
                 linear_text_of(r, "text"));
}

static void
say_input(struct row *r)
{
    if (!r->l->echo)
        return;
    row_puts(r, "Line: ");
    row_source(r, linear_text_of(r, "text"));
    row_puts(r, "\n");
}

static void
say_undo(struct row *r)
{
    linear_put_number(r, "Undone: ", linear_number(r, "lines"),
                      linear_number(r, "lines") == 1 ? " line" : " lines");
    linear_stop(r);
}

static void
say_reset(struct row *r)
{
    row_puts(r, "Reset: a new world, without processes and objects");
    linear_stop(r);
}

static const struct {
    const char *ev;
    void (*say)(struct row *r);
} sayings[] = {
    {"enter", say_enter},   {"exit", say_exit},       {"block", say_block},
    {"input", say_input},   {"process", say_process}, {"signal", say_signal},
    {"output", say_output}, {"verdict", say_verdict}, {"check", linear_check},
    {"task", linear_task},  {"hint", linear_hint},    {"predict", linear_predict},
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
