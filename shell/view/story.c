/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Events become moments. What belongs together is told once: a call that came back at once is one
 * moment, a fork and its child likewise, the end of a process and the exit that it called. */
#include "view/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/story_parts.h"

void
story_init(struct story *s, const struct view_options *options)
{
    *s = (struct story){.options = *options, .memory = mem_alloc(sizeof *s->memory)};
    s->memory->words = (struct lines){
        .catalog = options->catalog, .ascii = options->ascii, .stable = options->stable};
    s->memory->held = -1;
    s->memory->seq = -1;
}

void
story_release(struct story *s)
{
    struct story_memory *m = s->memory;

    for (size_t i = 0; i < m->nlog; i++)
        state_free(m->log[i].state);
    for (int i = 0; i < s->nactors; i++) {
        free((char *)s->actors[i].name);
        free(m->inside[i].name);
    }
    for (int i = 0; i < m->nobjects; i++) {
        state_free(m->objects[i].state);
        free(m->objects[i].name);
    }
    story_calls_release(s);
    story_forget_texts(s);
    buf_release(&m->text);
    free(m->inside);
    free(m->slots);
    free(m->objects);
    free(m->log);
    free(m->about);
    free(s->actors);
    free(s->moments);
    free(m);
    *s = (struct story){0};
}

struct moment *
story_add(struct story *s, enum moment_kind kind, int actor)
{
    struct story_memory *m = s->memory;
    struct moment *new;

    if (s->n == m->cap_moments) {
        m->cap_moments = m->cap_moments == 0 ? 64 : m->cap_moments * 2;
        s->moments = mem_grow(s->moments, (size_t)m->cap_moments * sizeof *s->moments);
    }
    new = &s->moments[s->n++];
    *new = (struct moment){
        .kind = kind,
        .seq = m->seq,
        .step = -1,
        .actor = actor,
        .other = -1,
        .head = "",
        .more = "",
        .why = "",
        .born = "",
    };
    if (m->nabout > 0) {
        struct moment_object *about = story_room(s, (size_t)m->nabout * sizeof *about);

        memcpy(about, m->about, (size_t)m->nabout * sizeof *about);
        new->objects = about;
        new->nobjects = m->nabout;
        m->nabout = 0;
    }
    return new;
}

const char *
story_text(const struct row *r, const char *name)
{
    const char *s = event_get_text(r->e, NULL, name);

    return s != NULL ? s : "";
}

/* A text with newlines: each of its lines escaped. */
static void
put_lines(struct row *r, const char *s, size_t n)
{
    while (n > 0) {
        const char *end = memchr(s, '\n', n);
        size_t k = end != NULL ? (size_t)(end - s) : n;

        text_escape(r->out, s, k, r->l->ascii);
        k += end != NULL;
        s += k;
        n -= k;
        if (n > 0)
            buf_putc(r->out, '\n');
    }
}

static void
put_item(struct row *r, const struct item *text)
{
    if (text == NULL || text->kind != ITEM_TEXT)
        return;
    put_lines(r, item_text(r->e, text), text->len);
    if (text->cut)
        buf_printf(r->out, "... (%lld bytes)", (long long)text->value);
}

static void
read_signal(struct story *s, struct row *r)
{
    const char *action = story_text(r, "action"), *from = story_text(r, "from");
    struct moment *m = story_add(s, MOMENT_SIGNAL, story_actor(s, story_text(r, "actor")));

    m->other = story_find(s, from);
    row_text(r, story_text(r, "sig"));
    row_puts(r, ": ");
    if (strcmp(action, "handler") == 0)
        row_puts(r, "the handler runs");
    else if (strcmp(action, "default") == 0)
        row_puts(r, "default action");
    else
        row_text(r, action);
    m->head = story_take(s);
    if (from[0] == '\0')
        return;
    row_puts(r, "from ");
    row_text(r, from);
    m->more = story_take(s);
}

static void
read_output(struct story *s, struct row *r)
{
    struct moment *m = story_add(s, MOMENT_OUTPUT, story_actor(s, story_text(r, "actor")));

    m->important = true;
    m->head = event_get_int(r->e, NULL, "fd", 1) == 2 ? "2|" : "|";
    put_item(r, event_get(r->e, NULL, "text"));
    m->more = story_take(s);
}

static void
read_verdict(struct story *s, struct row *r)
{
    struct moment *m;

    state_told(s, r->e);
    m = story_add(s, MOMENT_VERDICT, -1);
    m->bad = m->important = true;
    m->verdict = story_verdict(s, r);
    m->head = m->verdict->kind;
}

static void
read_check(struct story *s, struct row *r)
{
    const struct item *passed = event_get(r->e, NULL, "passed");
    bool good = passed != NULL && passed->kind == ITEM_BOOL && passed->value;
    const char *task = story_text(r, "task"), *text = story_text(r, "text");
    struct moment *m = story_add(s, MOMENT_CHECK, -1);

    m->bad = m->important = !good;
    row_puts(r, good                                          ? "ok: "
                : passed == NULL || passed->kind == ITEM_NULL ? "not judged: "
                                                              : "FAILED: ");
    row_text(r, task);
    if (task[0] != '\0' && text[0] != '\0')
        row_puts(r, ": ");
    row_text(r, text);
    m->head = story_take(s);
}

/* note: ..., hint: ..., task: ...: further lines go to more. */
static void
read_words(struct story *s, struct row *r)
{
    const struct item *text = event_get(r->e, NULL, "text");
    struct moment *m = story_add(s, MOMENT_WORDS, -1);
    const char *newline;
    struct buf *out = r->out;

    m->bad = m->important = strcmp(story_text(r, "kind"), "failed") == 0;
    row_text(r, m->bad ? "error" : story_text(r, "ev"));
    row_puts(r, ": ");
    put_item(r, text);
    newline = memchr(out->data, '\n', out->len);
    if (newline != NULL) {
        m->more = story_keep(s, newline + 1, strlen(newline + 1));
        row_cut(r, (size_t)(newline - out->data));
    }
    m->head = story_take(s);
}

static void
read_host(struct story *s, struct row *r)
{
    struct moment *m = story_add(s, MOMENT_WORDS, -1);

    row_host(r);
    m->head = story_take(s);
}

static void
read_input(struct story *s, struct row *r)
{
    struct moment *m;

    s->memory->input++;
    if (!s->options.echo)
        return;
    m = story_add(s, MOMENT_INPUT, -1);
    row_puts(r, "ipclab> ");
    row_source(r, story_text(r, "text"));
    m->head = story_take(s);
}

/* An undo that is taken back itself is counted with the one that does it. */
static void
read_undo(struct story *s, struct row *r)
{
    int64_t lines = event_get_int(r->e, NULL, "lines", 1);
    int64_t to = event_get_int(r->e, NULL, "to", s->memory->seq);
    const char *first = story_text(r, "first");
    struct moment *m;

    for (int i = s->n - 1; i >= 0 && s->moments[i].seq > to; i--) {
        if (s->moments[i].kind == MOMENT_UNDO && !s->moments[i].undone)
            lines += s->moments[i].lines;
        s->moments[i].undone = true;
    }
    before_restore(s, to);
    m = story_add(s, MOMENT_UNDO, -1);
    m->lines = lines;
    if (lines == 1)
        row_puts(r, "1 line was undone");
    else
        buf_printf(r->out, "%lld lines were undone", (long long)lines);
    if (first[0] != '\0') {
        row_puts(r, lines == 1 ? ": `" : ", from `");
        row_source(r, first + strspn(first, "- "));
        row_puts(r, "`");
    }
    m->head = story_take(s);
}

static void
read_reset(struct story *s, struct row *r)
{
    (void)r;
    for (int i = 0; i < s->nactors; i++) {
        if (!s->actors[i].alive && s->memory->inside[i].call == NULL)
            continue;
        before_actor(s, i);
        s->actors[i].alive = s->actors[i].waits = false;
        story_leave(s, i);
    }
    state_forget_all(s);
    story_add(s, MOMENT_RESET, -1)->head = "a new world: no processes, no objects";
}

static const struct reader {
    const char *ev;
    void (*read)(struct story *s, struct row *r);
} readers[] = {
    {"enter", story_enter},  {"exit", story_exit},       {"block", story_block},
    {"input", read_input},   {"process", story_process}, {"signal", read_signal},
    {"output", read_output}, {"verdict", read_verdict},  {"check", read_check},
    {"task", read_words},    {"hint", read_words},       {"note", read_words},
    {"predict", read_words}, {"undo", read_undo},        {"reset", read_reset},
    {"host", read_host},
};

void
story_event(struct story *s, const struct event *e)
{
    struct story_memory *m = s->memory;
    struct row r = {.l = &m->words, .out = &m->text, .e = e};
    const char *ev = event_get_text(e, NULL, "ev");

    m->seq = event_get_int(e, NULL, "seq", m->seq + 1);
    if (ev == NULL)
        return;
    if (m->held >= 0 &&
        !(strcmp(ev, "exit") == 0 && story_find(s, story_text(&r, "actor")) == m->held))
        story_tell_held(s);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].ev, ev) == 0) {
            readers[i].read(s, &r);
            break;
        }
    buf_clear(&m->text);
    m->nabout = m->held >= 0 ? m->nabout : 0;
}

void
story_end(struct story *s)
{
    if (s->memory->held >= 0)
        story_tell_held(s);
}

void
story_drop(struct story *s)
{
    s->n = 0;
    if (s->memory->held < 0) /* what is held has texts of its own */
        story_forget_texts(s);
}

void
story_tight(struct buf *out, const char *head)
{
    char quote = '\0';

    for (const char *c = head; *c != '\0'; c++) {
        if (*c == '\\' && quote != '\0' && c[1] != '\0')
            buf_putc(out, *c++);
        else if (quote != '\0' && *c == quote)
            quote = '\0';
        else if (quote == '\0' && (*c == '"' || *c == '\''))
            quote = *c;
        buf_putc(out, *c);
        if (quote == '\0' && *c == ',' && c[1] == ' ')
            c++;
    }
}
