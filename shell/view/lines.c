/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines view: which event shows what. Calls are lines_call.c; here is all else that happens:
 * processes come and go, signals arrive, programs print, verdicts fall. */
#include "view/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/row.h"
#include "view/view.h"

void
lines_init(struct lines *l, const struct catalog *catalog)
{
    *l = (struct lines){.catalog = catalog};
}

void
lines_release(struct lines *l)
{
    for (int i = 0; i < l->pending_cap; i++)
        pending_release(&l->pending[i]);
    free(l->pending);
    lines_init(l, NULL);
}

static const char *
text_of(const struct row *r, const char *name)
{
    const char *s = event_get_text(r->e, NULL, name);

    return s != NULL ? s : "";
}

/* Lines of a longer text, each begun by first or, from the second on, by rest. */
static void
put_lines(struct row *r, const char *s, size_t n, const char *rest,
          void (*put)(struct buf *out, const char *s, size_t n, bool ascii))
{
    while (n > 0) {
        const char *end = memchr(s, '\n', n);
        size_t k = end != NULL ? (size_t)(end - s) : n;

        put(r->out, s, k, r->l->ascii);
        k += end != NULL;
        s += k;
        n -= k;
        if (n > 0) {
            row_end(r);
            r->start = r->out->len;
            row_puts(r, rest);
        }
    }
}

static void
show_input(struct row *r)
{
    const struct item *text = event_get(r->e, NULL, "text");

    if (!r->l->echo || text == NULL || text->kind != ITEM_TEXT)
        return;
    row_puts(r, "ipclab> ");
    text_source(r->out, item_text(r->e, text), text->len, r->l->ascii);
    row_end(r);
}

static void
show_new_process(struct row *r, const char *what)
{
    const char *parent = text_of(r, "parent");
    int64_t pid = row_varies(r, "pid") ? -1 : event_get_int(r->e, NULL, "pid", -1);

    row_begin(r, -1, text_of(r, "actor"));
    if (strcmp(what, "fork") == 0 && parent[0] != '\0') {
        row_puts(r, "(fork of ");
        row_text(r, parent);
    } else {
        row_puts(r, "(new process");
    }
    if (strcmp(what, "spawn") == 0 && text_of(r, "host")[0] != '\0') {
        row_puts(r, " on ");
        row_text(r, text_of(r, "host"));
    }
    if (pid >= 0)
        buf_printf(r->out, ", pid %lld", (long long)pid);
    row_puts(r, ")");
}

/* The end of a process is the end of its call: exit(0)  <exited 0>. */
static void
show_end(struct row *r, const char *what)
{
    const struct item *vol = event_get(r->e, NULL, "vol");
    const struct item *addr = vol != NULL && !r->l->stable ? event_get(r->e, vol, "addr") : NULL;

    call_cut_short(r, text_of(r, "actor"));
    if (strcmp(what, "exit") == 0) {
        buf_printf(r->out, "<exited %lld>", (long long)event_get_int(r->e, NULL, "status", 0));
        return;
    }
    r->important = true;
    if (addr == NULL)
        addr = event_get(r->e, NULL, "addr");
    row_tint(r, TINT_BAD);
    row_puts(r, "<killed by ");
    row_text(r, event_get_text(r->e, NULL, "sig") != NULL ? text_of(r, "sig") : "a signal");
    if (addr != NULL) {
        row_puts(r, " at address ");
        if (addr->kind == ITEM_INT)
            buf_printf(r->out, "0x%llx", (unsigned long long)addr->value);
        else
            row_address(r, addr);
    }
    row_puts(r, ">");
    row_tint(r, TINT_NONE);
}

static void
show_process(struct row *r)
{
    const char *what = text_of(r, "what");
    const char *parent = text_of(r, "parent");
    const char *program = event_get_text(r->e, NULL, "path");

    if (strcmp(what, "spawn") == 0 || strcmp(what, "fork") == 0) {
        show_new_process(r, what);
    } else if (strcmp(what, "exit") == 0 || strcmp(what, "killed") == 0) {
        show_end(r, what);
    } else if (strcmp(what, "exec") == 0) {
        call_cut_short(r, text_of(r, "actor"));
        row_puts(r, "<is another program now");
        if (program != NULL) {
            row_puts(r, ": ");
            row_text(r, program);
        }
        row_puts(r, ">");
    } else {
        row_begin(r, -1, text_of(r, "actor"));
        row_puts(r, "(");
        row_text(r, what);
        if (strcmp(what, "reaped") != 0)
            parent = text_of(r, "sig");
        if (parent[0] != '\0') {
            row_puts(r, " by ");
            row_text(r, parent);
        }
        row_puts(r, ")");
    }
    row_end(r);
    call_notes(r);
}

/* What the handler saw and interrupted. */
static void
show_handler(struct row *r)
{
    const char *name = text_of(r, "handler"), *call = text_of(r, "interrupted");
    const struct item *restarted = event_get(r->e, NULL, "restarted");
    const struct item *value = event_get(r->e, NULL, "value");

    if (name[0] != '\0') {
        row_text(r, name);
        row_puts(r, "() runs");
    } else {
        row_puts(r, "the handler runs");
    }
    if (value != NULL) {
        row_puts(r, ", sees value ");
        row_value(r, value);
    }
    if (call[0] == '\0')
        return;
    row_puts(r, ", interrupts ");
    row_text(r, call);
    if (restarted != NULL && restarted->kind == ITEM_BOOL && restarted->value)
        row_puts(r, ", which starts again");
}

static void
show_signal(struct row *r)
{
    const char *action = text_of(r, "action");

    row_begin(r, -1, text_of(r, "actor"));
    row_text(r, text_of(r, "sig"));
    if (text_of(r, "from")[0] != '\0') {
        row_puts(r, " from ");
        row_text(r, text_of(r, "from"));
    }
    row_puts(r, ": ");
    if (strcmp(action, "handler") == 0)
        show_handler(r);
    else if (strcmp(action, "default") == 0)
        row_puts(r, "default action");
    else
        row_text(r, action);
    row_end(r);
}

/* What a program prints is told from words of ours by its bar; standard error has a 2 before it. */
static void
show_output(struct row *r)
{
    const struct item *text = event_get(r->e, NULL, "text");
    const char *bar = event_get_int(r->e, NULL, "fd", 1) == 2 ? "2| " : "| ";
    const char *s;
    size_t n;

    r->important = true;
    if (text == NULL || text->kind != ITEM_TEXT)
        return;
    s = item_text(r->e, text);
    for (n = text->len; n > 0;) {
        const char *end = memchr(s, '\n', n);
        size_t k = end != NULL ? (size_t)(end - s) : n;

        row_begin(r, -1, text_of(r, "actor"));
        row_puts(r, bar);
        text_escape(r->out, s, k, r->l->ascii);
        if (text->cut && k + (end != NULL) == n)
            buf_printf(r->out, "... (%lld bytes)", (long long)text->value);
        row_end_whole(r);
        k += end != NULL;
        s += k;
        n -= k;
    }
}

static void
show_verdict(struct row *r)
{
    const struct item *text = event_get(r->e, NULL, "text");

    r->important = true;
    row_tint(r, TINT_BAD);
    row_puts(r, "*** ");
    row_text(r, text_of(r, "kind"));
    row_puts(r, ": ");
    if (text != NULL && text->kind == ITEM_TEXT)
        put_lines(r, item_text(r->e, text), text->len, "    ", text_source);
    row_tint(r, TINT_NONE);
    row_end(r);
}

static void
show_expectation(struct row *r)
{
    const struct item *passed = event_get(r->e, NULL, "passed");
    bool good = passed != NULL && passed->kind == ITEM_BOOL && passed->value;

    r->important = !good;
    row_begin(r, -1, NULL);
    row_tint(r, good ? TINT_NONE : TINT_BAD);
    row_puts(r, good                                          ? "ok: "
                : passed == NULL || passed->kind == ITEM_NULL ? "not judged: "
                                                              : "FAILED: ");
    row_tint(r, TINT_NONE);
    row_text(r, text_of(r, "text"));
    row_end(r);
}

/* An expectation of a lab, or the verdict on a task of a guided one. */
static void
show_check(struct row *r)
{
    if (text_of(r, "task")[0] != '\0')
        guided_check(r);
    else
        show_expectation(r);
}

/* note: ...: the kind of event and its text. */
static void
show_words(struct row *r)
{
    const struct item *text = event_get(r->e, NULL, "text");
    bool failed = strcmp(text_of(r, "kind"), "failed") == 0;

    r->important = failed;
    row_begin(r, -1, NULL);
    row_tint(r, failed ? TINT_BAD : TINT_NONE);
    row_text(r, failed ? "error" : text_of(r, "ev"));
    row_tint(r, TINT_NONE);
    if (text != NULL && text->kind == ITEM_TEXT && text->len > 0) {
        row_puts(r, ": ");
        put_lines(r, item_text(r->e, text), text->len, "        ", text_escape);
    }
    row_end(r);
}

/* host1: a new host, 10.0.0.1, fd00::1 */
static void
show_host(struct row *r)
{
    row_begin(r, -1, NULL);
    row_host(r);
    row_end(r);
}

static void
show_predict(struct row *r)
{
    if (text_of(r, "task")[0] != '\0')
        guided_predict(r);
    else
        show_words(r);
}

static void
show_undo(struct row *r)
{
    int64_t lines = event_get_int(r->e, NULL, "lines", 1);
    const char *first = text_of(r, "first");

    first += strspn(first, "- "); /* that it was allowed to fail was no part of it */
    row_begin(r, -1, NULL);
    if (lines == 1)
        row_puts(r, "undone: the last line");
    else
        buf_printf(r->out, "undone: the last %lld lines", (long long)lines);
    if (first[0] != '\0') {
        row_puts(r, lines == 1 ? ", `" : ", from `");
        row_source(r, first);
        row_puts(r, "`");
    }
    row_end(r);
}

static void
show_reset(struct row *r)
{
    call_forget_all(r->l);
    row_begin(r, -1, NULL);
    row_puts(r, "a new world: no processes, no objects");
    row_end(r);
}

static const struct shown {
    const char *ev;
    void (*show)(struct row *r);
} shown[] = {
    {"enter", call_enter},     {"exit", call_exit},       {"block", call_block},
    {"input", show_input},     {"process", show_process}, {"signal", show_signal},
    {"output", show_output},   {"verdict", show_verdict}, {"check", show_check},
    {"task", guided_task},     {"hint", guided_hint},     {"note", show_words},
    {"predict", show_predict}, {"undo", show_undo},       {"reset", show_reset},
    {"host", show_host},
};

/* The name's column is as wide as the widest name so far. */
static void
measure(struct lines *l, const struct event *e)
{
    const char *actor = event_get_text(e, NULL, "actor");
    size_t n = actor != NULL ? strlen(actor) : 0;

    if (n > (size_t)l->name_width && n <= CATALOG_MAX_NAME)
        l->name_width = (int)n;
}

void
lines_event(struct lines *l, const struct event *e, struct buf *out)
{
    struct row r = {.l = l, .out = out, .e = e, .start = out->len};
    const char *ev = event_get_text(e, NULL, "ev");
    size_t before = out->len;

    if (ev == NULL)
        return;
    measure(l, e);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (strcmp(shown[i].ev, ev) == 0)
            shown[i].show(&r);
    if (l->quiet && !r.important && out->len > before) {
        out->len = before;
        out->data[before] = '\0';
    }
}

static void *
start(const struct view_options *o)
{
    struct lines *l = mem_alloc(sizeof *l);

    lines_init(l, o->catalog);
    l->ascii = o->ascii;
    l->colour = o->colour;
    l->echo = o->echo;
    l->quiet = o->quiet;
    l->stable = o->stable;
    l->width = o->width;
    return l;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    lines_event(view, e, out);
}

static void
finish(void *view, struct buf *out)
{
    (void)out;
    lines_release(view);
    free(view);
}

static void
resize(void *view, int width)
{
    struct lines *l = view;

    l->width = width;
}

const struct view_kind view_lines = {
    .name = "lines",
    .summary = "a line for each event, in full",
    .extension = "txt",
    .is_live = true,
    .start = start,
    .event = event,
    .finish = finish,
    .resize = resize,
};
