/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call in the lines view. Entering prints nothing; a call that comes back at once is one line,
 * one that waits is two: the first says why, the second who ended it. */

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/row.h"

static struct pending *
find(struct lines *l, int64_t step)
{
    for (int i = 0; i < l->npending; i++)
        if (l->pending[i].step == step)
            return &l->pending[i];
    return NULL;
}

static struct pending *
find_actor(struct lines *l, const char *actor)
{
    for (int i = 0; i < l->npending; i++)
        if (strcmp(buf_text(&l->pending[i].actor), actor) == 0)
            return &l->pending[i];
    return NULL;
}

/* The last one takes its place; the memory of both stays. */
static void
forget(struct lines *l, struct pending *p)
{
    struct pending gone = *p;

    *p = l->pending[--l->npending];
    l->pending[l->npending] = gone;
}

void
call_forget_all(struct lines *l)
{
    l->npending = 0;
}

static struct pending *
add(struct lines *l)
{
    struct pending *p;

    if (l->npending == l->pending_cap) {
        int cap = l->pending_cap == 0 ? 8 : l->pending_cap * 2;

        l->pending = mem_grow(l->pending, (size_t)cap * sizeof *l->pending);
        for (int i = l->pending_cap; i < cap; i++)
            l->pending[i] = (struct pending){0};
        l->pending_cap = cap;
    }
    p = &l->pending[l->npending++];
    buf_clear(&p->actor);
    return p;
}

void
call_enter(struct row *r)
{
    const char *actor = event_get_text(r->e, NULL, "actor");
    const char *call = event_get_text(r->e, NULL, "call");
    struct pending *old, *p;

    if (actor == NULL || call == NULL)
        return;
    /* An undone world's call of the same actor never comes back. */
    while ((old = find_actor(r->l, actor)) != NULL)
        forget(r->l, old);
    p = add(r->l);
    buf_puts(&p->actor, actor);
    pending_read(r, p, false);
}

/* Step, actor and the call: in full, or as one that goes on. */
static void
begin(struct row *r, const struct pending *p, int64_t step, const char *actor, const char *call)
{
    row_begin(r, step, actor != NULL ? actor : "");
    if (p != NULL && !p->blocked) {
        row_puts(r, buf_text(&p->text));
        return;
    }
    row_puts(r, "<... ");
    row_text(r, call != NULL ? call : "call");
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
        int64_t fd = event_get_int(r->e, i, "fd", -1);

        if (actor == NULL)
            continue;
        row_puts(r, before);
        row_text(r, actor);
        if (fd >= 0)
            buf_printf(r->out, " (fd %lld)", (long long)fd);
        before = ", ";
    }
}

void
call_block(struct row *r)
{
    int64_t step = event_get_int(r->e, NULL, "step", -1);
    struct pending *p = find(r->l, step);
    const char *clause = event_get_text(r->e, NULL, "waits");
    const char *why = event_get_text(r->e, NULL, "why");

    begin(r, p, step, event_get_text(r->e, NULL, "actor"), event_get_text(r->e, NULL, "call"));
    row_puts(r, " ");
    row_tint(r, TINT_WAIT);
    row_puts(r, "<waits");
    if (clause != NULL || why != NULL) {
        row_puts(r, ": ");
        row_source(r, clause != NULL ? clause : why);
    }
    if (clause == NULL)
        put_holders(r);
    row_puts(r, ">");
    row_tint(r, TINT_NONE);
    row_end(r);
    if (p != NULL)
        p->blocked = true;
}

static void
put_note(struct row *r, const struct item *i)
{
    if (i == NULL || i->kind != ITEM_TEXT)
        return;
    row_begin(r, -1, NULL);
    row_puts(r, "note: ");
    row_text(r, item_text(r->e, i));
    row_end(r);
}

void
call_notes(struct row *r)
{
    const struct item *note = event_get(r->e, NULL, "note");

    put_note(r, note);
    if (note != NULL && note->kind == ITEM_ARRAY)
        for (const struct item *i = item_first(r->e, note); i != NULL; i = item_next(r->e, i))
            put_note(r, i);
}

void
call_exit(struct row *r)
{
    int64_t step = event_get_int(r->e, NULL, "step", -1);
    int64_t by = event_get_int(r->e, NULL, "by", -1);
    const char *call = event_get_text(r->e, NULL, "call");
    const char *errno_name = event_get_text(r->e, NULL, "errno");
    struct pending *p = find(r->l, step);

    begin(r, p, step, event_get_text(r->e, NULL, "actor"), call);
    call_result(r, p, true);
    call_outs(r);
    call_facts(r);
    if (by >= 0)
        buf_printf(r->out, "   [by step %lld]", (long long)by);
    state_column(r);
    row_end(r);
    call_notes(r);
    r->important = errno_name != NULL || (call != NULL && strcmp(call, "print") == 0);
    if (p != NULL)
        forget(r->l, p);
}

void
call_cut_short(struct row *r, const char *actor)
{
    struct pending *p = find_actor(r->l, actor);

    if (p == NULL) {
        row_begin(r, -1, actor);
        return;
    }
    begin(r, p, p->step, actor, buf_text(&p->call));
    row_puts(r, "  ");
    forget(r->l, p);
}
