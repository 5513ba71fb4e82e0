/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a call: its arguments as its record has them, its result and what it stored. What
 * was typed as a number and what is data is told by the call's record, since the trace has only
 * texts and numbers. */

#include <string.h>

#include "view/row.h"

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
put_arguments(struct row *r, struct pending *p, const char *call, bool brief)
{
    const struct ipclab_call *record = record_of(r->l, call);
    const struct ipclab_arg *arg = record != NULL ? record->args : NULL;
    const struct item *args = event_get(r->e, NULL, "args");
    const struct item *i = args != NULL ? item_first(r->e, args) : NULL;
    bool first = true;

    row_text(r, call);
    row_puts(r, "(");
    for (; i != NULL; i = item_next(r->e, i)) {
        size_t before = r->out->len, at;

        if (arg != NULL && arg->type == IPCLAB_END)
            arg = NULL; /* more than the record has, in a trace from elsewhere */
        if (!first)
            row_puts(r, ", ");
        at = r->out->len;
        put_argument(r, arg, i);
        if (arg == NULL) {
            first = false;
            continue;
        }
        buf_put(&p->args, arg->name, strlen(arg->name) + 1);
        buf_put(&p->args, r->out->data + at, r->out->len - at);
        buf_put(&p->args, "", 1);
        if (brief && arg->type == IPCLAB_BUFFER)
            row_cut(r, before);
        else
            first = false;
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

bool
call_is_statement(const char *call)
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
pending_read(struct row *r, struct pending *p, bool brief)
{
    const char *call = event_get_text(r->e, NULL, "call");
    const char *target = event_get_text(r->e, NULL, "to");
    struct buf *out = r->out;

    p->step = event_get_int(r->e, NULL, "step", -1);
    p->blocked = false;
    p->literal = strcmp(call, "=") == 0 && is_literal_value(r->e);
    buf_clear(&p->call);
    buf_clear(&p->text);
    buf_clear(&p->target);
    buf_clear(&p->args);
    buf_puts(&p->call, call);
    buf_puts(&p->target, target != NULL ? target : "");
    r->out = &p->text;
    if (call_is_statement(call))
        put_statement(r, call, event_get_text(r->e, NULL, "text"));
    else
        put_arguments(r, p, call, brief);
    r->out = out;
}

void
pending_release(struct pending *p)
{
    buf_release(&p->actor);
    buf_release(&p->call);
    buf_release(&p->text);
    buf_release(&p->target);
    buf_release(&p->args);
}

/* Does this field differ from run to run? */
static bool
is_volatile(const struct row *r, const char *name)
{
    const struct item *vol = event_get(r->e, NULL, "vol");

    return vol != NULL && event_get(r->e, vol, name) != NULL;
}

static void
put_returned(struct row *r, const struct pending *p, const char *call, bool in_words)
{
    const struct ipclab_call *record = record_of(r->l, call);
    const struct item *ret = event_get(r->e, NULL, "ret");
    const char *name = event_get_text(r->e, NULL, "errno");
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
    if (name != NULL) {
        row_puts(r, " ");
        state_error(r, p, name, in_words);
    }
    if (p != NULL && p->target.len > 0) {
        row_puts(r, "  -> ");
        row_text(r, p->target.data);
    }
}

static void
put_printed(struct row *r)
{
    const struct item *value = event_get(r->e, NULL, "value");

    if (value == NULL && !r->l->stable)
        return;
    row_puts(r, " = ");
    if (value == NULL || row_varies(r, "value"))
        row_puts(r, "...");
    else if (is_volatile(r, "value"))
        row_address(r, value);
    else
        row_value(r, value);
}

/* What an expression came to; an address says nothing. */
static void
put_assigned(struct row *r, const struct pending *p)
{
    const struct item *ret = event_get(r->e, NULL, "ret");

    if (ret == NULL || ret->kind != ITEM_INT || (p != NULL && p->literal) || is_volatile(r, "ret"))
        return;
    row_puts(r, "  (= ");
    row_value(r, ret);
    row_puts(r, ")");
}

void
call_result(struct row *r, const struct pending *p, bool in_words)
{
    const char *call = event_get_text(r->e, NULL, "call");

    if (call == NULL || !call_is_statement(call))
        put_returned(r, p, call, in_words);
    else if (strcmp(call, "print") == 0)
        put_printed(r);
    else if (strcmp(call, "=") == 0)
        put_assigned(r, p);
    else if (event_get_text(r->e, NULL, "errno") != NULL) /* an await that was interrupted */
        put_returned(r, p, NULL, in_words);
}

void
call_outs(struct row *r)
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
put_fact(struct row *r, const struct item *i, bool first)
{
    row_puts(r, first ? "  (" : ", ");
    row_text(r, item_name(r->e, i));
    row_puts(r, " ");
    if (i->kind == ITEM_TEXT && !i->b64 && !i->cut)
        row_text(r, item_text(r->e, i));
    else
        row_value(r, i);
}

/* Those that differ from run to run last; what of these has a place of its own on the line, as the
 * result, is there already. */
void
call_facts(struct row *r)
{
    const struct item *facts = event_get(r->e, NULL, "facts");
    const struct item *vol = r->l->stable ? NULL : event_get(r->e, NULL, "vol");
    bool first = true;

    for (const struct item *i = facts != NULL ? item_first(r->e, facts) : NULL; i != NULL;
         i = item_next(r->e, i)) {
        put_fact(r, i, first);
        first = false;
    }
    for (const struct item *i = vol != NULL ? item_first(r->e, vol) : NULL; i != NULL;
         i = item_next(r->e, i)) {
        if (i->kind != ITEM_INT || event_get(r->e, NULL, item_name(r->e, i)) != NULL)
            continue;
        put_fact(r, i, first);
        first = false;
    }
    if (!first)
        row_puts(r, ")");
}
