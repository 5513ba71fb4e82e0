/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Calls: entered, waiting, back. The words are those of the lines view, in short: a buffer that the
 * call fills is not named, because what was put into it is shown. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/story_parts.h"

static struct call *
new_call(struct story *s)
{
    struct story_memory *m = s->memory;
    struct call *c = m->idle;

    if (c != NULL) {
        m->idle = c->next_idle;
    } else {
        c = mem_alloc(sizeof *c);
        c->next = m->calls;
        m->calls = c;
    }
    c->kept = false;
    c->child = -1;
    return c;
}

void
story_leave(struct story *s, int actor)
{
    struct call *c = s->memory->inside[actor].call;

    s->memory->inside[actor].call = NULL;
    if (c == NULL || c->kept)
        return;
    c->next_idle = s->memory->idle;
    s->memory->idle = c;
}

void
story_calls_release(struct story *s)
{
    while (s->memory->calls != NULL) {
        struct call *c = s->memory->calls;

        s->memory->calls = c->next;
        pending_release(&c->words);
        free(c);
    }
}

void
story_enter(struct story *s, struct row *r)
{
    int actor = story_actor(s, story_text(r, "actor"));
    struct call *c;

    if (actor < 0 || story_text(r, "call")[0] == '\0')
        return;
    before_actor(s, actor);
    story_leave(s, actor);
    s->actors[actor].alive = true;
    s->actors[actor].waits = false;
    c = new_call(s);
    pending_read(r, &c->words, true);
    s->memory->inside[actor].call = c;
}

void
story_call_words(struct story *s, struct row *r, int actor, const char *name)
{
    const struct call *c = s->memory->inside[actor].call;

    if (c != NULL && !c->words.blocked) {
        row_puts(r, buf_text(&c->words.text));
        return;
    }
    row_puts(r, "<... ");
    row_text(r, c != NULL ? buf_text(&c->words.call) : name[0] != '\0' ? name : "call");
    row_puts(r, ">");
}

static void
put_holders(struct row *r)
{
    const struct item *holders = event_get(r->e, NULL, "holders");
    const char *before = "; held by ";

    if (holders == NULL)
        return;
    for (const struct item *i = item_first(r->e, holders); i != NULL; i = item_next(r->e, i)) {
        const char *actor = event_get_text(r->e, i, "actor");

        if (actor == NULL)
            continue;
        row_puts(r, before);
        row_text(r, actor);
        before = ", ";
    }
}

void
story_block(struct story *s, struct row *r)
{
    int actor = story_actor(s, story_text(r, "actor"));
    const char *clause = event_get_text(r->e, NULL, "waits");
    struct moment *m;
    struct call *c;

    if (actor < 0)
        return;
    before_actor(s, actor);
    s->actors[actor].alive = s->actors[actor].waits = true;
    state_told(s, r->e);
    m = story_add(s, MOMENT_WAIT, actor);
    m->step = event_get_int(r->e, NULL, "step", -1);
    story_call_words(s, r, actor, story_text(r, "call"));
    m->head = story_take(s);
    row_source(r, clause != NULL ? clause : story_text(r, "why"));
    if (clause == NULL)
        put_holders(r);
    m->why = story_take(s);
    c = s->memory->inside[actor].call;
    if (c != NULL)
        c->words.blocked = true;
}

static const struct ipclab_call *
record_of(const struct story *s, const char *call)
{
    return s->options.catalog != NULL ? catalog_call(s->options.catalog, call, NULL) : NULL;
}

/* Which way data went. A call that says how much it moved is believed; of memory that is shared
 * nobody counts, but a call that was given bytes for an object has put them there. */
static enum moment_flow
flow_of(const struct story *s, const struct row *r)
{
    int64_t flow = event_get_int(r->e, NULL, "flow", 0);
    const struct ipclab_call *call = record_of(s, story_text(r, "call"));
    bool gives = false, takes = false;

    if (flow != 0)
        return flow > 0 ? FLOW_OUT : FLOW_IN;
    if (call == NULL || event_get(r->e, NULL, "obj") == NULL ||
        event_get(r->e, NULL, "errno") != NULL || event_get(r->e, NULL, "created") != NULL)
        return FLOW_NONE;
    for (const struct ipclab_arg *arg = call->args; arg->type != IPCLAB_END; arg++) {
        gives |= arg->type == IPCLAB_BYTES || arg->type == IPCLAB_STRING;
        takes |= arg->type == IPCLAB_BUFFER;
    }
    if (gives == takes || (takes && event_get_int(r->e, NULL, "ret", 1) == 0))
        return FLOW_NONE;
    return gives ? FLOW_OUT : FLOW_IN;
}

/* Blanks before what call_outs and call_facts put are for a line. */
static void
next_line(struct row *r, size_t before)
{
    struct buf *out = r->out;

    if (out->len <= before + 2)
        return;
    memmove(out->data + before, out->data + before + 2, out->len - before - 2);
    row_cut(r, out->len - 2);
    if (before == 0)
        return;
    buf_putc(out, ' ');
    memmove(out->data + before + 1, out->data + before, out->len - before - 1);
    out->data[before] = '\n';
}

static void
put_more(struct row *r, const struct call *c)
{
    const char *error = event_get_text(r->e, NULL, "errno");
    size_t at;

    if (error != NULL)
        state_sentence(r, c != NULL ? &c->words : NULL, error);
    at = r->out->len;
    call_outs(r);
    next_line(r, at);
    at = r->out->len;
    call_facts(r);
    next_line(r, at);
}

void
story_notes(struct story *s, struct row *r, int actor)
{
    const struct item *note = event_get(r->e, NULL, "note"), *i = note;

    if (note != NULL && note->kind == ITEM_ARRAY)
        i = item_first(r->e, note);
    for (; i != NULL; i = note->kind == ITEM_ARRAY ? item_next(r->e, i) : NULL) {
        if (i->kind != ITEM_TEXT)
            continue;
        row_puts(r, "note: ");
        row_text(r, item_text(r->e, i));
        story_add(s, MOMENT_WORDS, actor)->head = story_take(s);
    }
}

void
story_exit(struct story *s, struct row *r)
{
    int actor = story_actor(s, story_text(r, "actor"));
    const char *name = story_text(r, "call");
    struct story_memory *m = s->memory;
    struct moment *new;
    struct call *c;
    bool waited;

    if (actor < 0)
        return;
    before_actor(s, actor);
    c = m->inside[actor].call;
    waited = c == NULL || c->words.blocked;
    state_told(s, r->e);
    new = story_add(s, waited ? MOMENT_BACK : MOMENT_CALL, actor);
    new->step = event_get_int(r->e, NULL, "step", -1);
    new->by = event_get_int(r->e, NULL, "by", 0);
    new->flow = flow_of(s, r);
    new->bad = event_get_text(r->e, NULL, "errno") != NULL;
    new->important = new->bad || strcmp(name, "print") == 0;
    story_call_words(s, r, actor, name);
    call_result(r, c != NULL ? &c->words : NULL, false);
    new->head = story_take(s);
    put_more(r, c);
    new->more = story_take(s);
    if (m->held == actor) {
        m->held = -1;
        if (!new->bad) {
            new->kind = MOMENT_FORK;
            new->other = c->child;
            new->born = c->born;
        }
    }
    s->actors[actor].alive = true;
    s->actors[actor].waits = false;
    story_leave(s, actor);
    story_notes(s, r, actor);
}
