/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call in the lines view. Entering prints nothing; a call that comes back at once is one line,
 * one that waits is two: the first says why, the second who ended it. What was typed as a number
 * and what is data is told by the call's record, since the trace has only texts and numbers. */

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
    p->blocked = p->literal = false;
    buf_clear(&p->actor);
    buf_clear(&p->call);
    buf_clear(&p->text);
    buf_clear(&p->target);
    buf_clear(&p->args);
    return p;
}

static const struct ipclab_call *
record_of(const struct lines *l, const char *call)
{
    return l->catalog != NULL && call != NULL ? catalog_call(l->catalog, call, NULL) : NULL;
}

static bool
is_data(const struct ipclab_arg *arg)
{
    return arg == NULL || arg->type == IPCLAB_BYTES || arg->type == IPCLAB_STRING ||
           arg->type == IPCLAB_PATH || arg->type == IPCLAB_ANY;
}

/* One argument by the words of its record; arg NULL: no record is known. */
static void
put_argument(struct row *r, const struct ipclab_arg *arg, const struct item *i)
{
    if (i->kind == ITEM_TEXT && !is_data(arg))
        row_source(r, item_text(r->e, i));
    else if (i->kind == ITEM_INT && arg != NULL && arg->type == IPCLAB_FLAGS)
        catalog_flags_text(r->out, arg, i->value);
    else if (i->kind == ITEM_INT && arg != NULL && arg->type == IPCLAB_MODE)
        buf_printf(r->out, i->value == 0 ? "0" : "0%llo", (unsigned long long)i->value);
    else
        row_value(r, i);
}

static void
put_arguments(struct row *r, struct pending *p, const char *call)
{
    const struct ipclab_call *record = record_of(r->l, call);
    const struct ipclab_arg *arg = record != NULL ? record->args : NULL;
    const struct item *args = event_get(r->e, NULL, "args");
    const struct item *i = args != NULL ? item_first(r->e, args) : NULL;

    row_text(r, call);
    row_puts(r, "(");
    for (bool first = true; i != NULL; i = item_next(r->e, i), first = false) {
        size_t at;

        if (arg != NULL && arg->type == IPCLAB_END)
            arg = NULL; /* more than the record has, in a trace from elsewhere */
        if (!first)
            row_puts(r, ", ");
        at = r->out->len;
        put_argument(r, arg, i);
        if (arg == NULL)
            continue;
        buf_put(&p->args, arg->name, strlen(arg->name) + 1);
        buf_put(&p->args, r->out->data + at, r->out->len - at);
        buf_put(&p->args, "", 1);
        if ((arg->flags & IPCLAB_REST) == 0)
            arg++;
    }
    row_puts(r, ")");
}

/* Steps that are no calls: as they were typed, else put together again. */
static void
put_statement(struct row *r, const char *call, const char *source)
{
    const struct item *args = event_get(r->e, NULL, "args");
    const struct item *i = args != NULL ? item_first(r->e, args) : NULL;
    bool set = strcmp(call, "=") == 0;

    if (source != NULL) {
        row_source(r, source);
        return;
    }
    if (!set)
        row_text(r, call);
    for (bool first = true; i != NULL; i = item_next(r->e, i), first = false) {
        row_puts(r, !set ? " " : first ? "" : " = ");
        if (i->kind == ITEM_TEXT)
            row_text(r, item_text(r->e, i));
        else
            row_value(r, i);
    }
}

static bool
is_statement(const char *call)
{
    return strcmp(call, "=") == 0 || strcmp(call, "print") == 0 || strcmp(call, "await") == 0;
}

/* -5, 0x1f, 'c', "text", NULL: what is shown already says the value. */
static bool
is_literal(const char *text)
{
    size_t n = strlen(text);

    if (text[0] == '\'' || text[0] == '"')
        return n > 1 && strchr(text + 1 + (text[1] == '\\'), text[0]) == text + n - 1;
    text += *text == '-';
    return strcmp(text, "NULL") == 0 ||
           (*text >= '0' && *text <= '9' &&
            text[strspn(text, "0123456789abcdefABCDEFxXuUlL")] == '\0');
}

/* The second argument of `=` is the value. */
static bool
is_literal_value(const struct event *e)
{
    const struct item *args = event_get(e, NULL, "args");
    const struct item *i = args != NULL ? item_first(e, args) : NULL;

    i = i != NULL ? item_next(e, i) : NULL;
    return i == NULL || i->kind != ITEM_TEXT || is_literal(item_text(e, i));
}

void
call_enter(struct row *r)
{
    const char *actor = event_get_text(r->e, NULL, "actor");
    const char *call = event_get_text(r->e, NULL, "call");
    const char *target = event_get_text(r->e, NULL, "to");
    struct buf *out = r->out;
    struct pending *old, *p;

    if (actor == NULL || call == NULL)
        return;
    /* An undone world's call of the same actor never comes back. */
    while ((old = find_actor(r->l, actor)) != NULL)
        forget(r->l, old);
    p = add(r->l);
    p->step = event_get_int(r->e, NULL, "step", -1);
    buf_puts(&p->actor, actor);
    buf_puts(&p->call, call);
    buf_puts(&p->target, target != NULL ? target : "");
    p->literal = strcmp(call, "=") == 0 && is_literal_value(r->e);
    r->out = &p->text;
    if (is_statement(call))
        put_statement(r, call, event_get_text(r->e, NULL, "text"));
    else
        put_arguments(r, p, call);
    r->out = out;
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
put_result(struct row *r, const struct ipclab_call *record, const struct pending *p,
           const char *errno_name)
{
    const struct item *ret = event_get(r->e, NULL, "ret");
    bool address =
        record != NULL && (record->result == IPCLAB_POINTER || record->result == IPCLAB_STREAM);

    if (record != NULL && record->result == IPCLAB_VOID)
        return;
    row_puts(r, " = ");
    if (ret == NULL || row_varies(r, "ret")) /* not even in a trace without such fields */
        row_puts(r, r->l->stable ? "..." : "?");
    else if (address || ret->kind == ITEM_TEXT)
        row_address(r, ret);
    else
        row_value(r, ret);
    if (errno_name != NULL) {
        row_puts(r, " ");
        state_error(r, p, errno_name);
    }
    if (p != NULL && p->target.len > 0) {
        row_puts(r, "  -> ");
        row_text(r, p->target.data);
    }
}

/* What the call stored: one text goes without its name. */
static void
put_outs(struct row *r)
{
    const struct item *out = event_get(r->e, NULL, "out");
    const struct item *first = out != NULL ? item_first(r->e, out) : NULL;
    bool alone = first != NULL && item_next(r->e, first) == NULL && first->kind == ITEM_TEXT;

    for (const struct item *i = first; i != NULL; i = item_next(r->e, i)) {
        row_puts(r, i == first ? "  " : ", ");
        if (!alone) {
            row_text(r, item_name(r->e, i));
            row_puts(r, "=");
        }
        row_value(r, i);
    }
}

static void
put_facts(struct row *r)
{
    const struct item *facts = event_get(r->e, NULL, "facts");
    const struct item *first = facts != NULL ? item_first(r->e, facts) : NULL;

    for (const struct item *i = first; i != NULL; i = item_next(r->e, i)) {
        row_puts(r, i == first ? "  (" : ", ");
        row_text(r, item_name(r->e, i));
        row_puts(r, " ");
        if (i->kind == ITEM_TEXT && !i->b64 && !i->cut)
            row_text(r, item_text(r->e, i));
        else
            row_value(r, i);
    }
    if (first != NULL)
        row_puts(r, ")");
}

static void
put_printed(struct row *r)
{
    const struct item *value = event_get(r->e, NULL, "value");
    const struct item *vol = event_get(r->e, NULL, "vol");

    if (value == NULL && !r->l->stable)
        return;
    row_puts(r, " = ");
    if (value == NULL || row_varies(r, "value"))
        row_puts(r, "...");
    else if (vol != NULL && event_get(r->e, vol, "value") != NULL)
        row_address(r, value);
    else
        row_value(r, value);
}

/* What an expression came to; an address says nothing. */
static void
put_assigned(struct row *r, const struct pending *p)
{
    const struct item *ret = event_get(r->e, NULL, "ret"), *vol = event_get(r->e, NULL, "vol");

    if (ret == NULL || ret->kind != ITEM_INT || (p != NULL && p->literal) ||
        (vol != NULL && event_get(r->e, vol, "ret") != NULL))
        return;
    row_puts(r, "  (= ");
    row_value(r, ret);
    row_puts(r, ")");
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
    if (call == NULL || !is_statement(call))
        put_result(r, record_of(r->l, call), p, errno_name);
    else if (strcmp(call, "print") == 0)
        put_printed(r);
    else if (strcmp(call, "=") == 0)
        put_assigned(r, p);
    else if (errno_name != NULL) /* an await that was interrupted */
        put_result(r, NULL, p, errno_name);
    put_outs(r);
    put_facts(r);
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
