/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls of the strace view from their beginning to their end. Calls that came back are kept:
 * undo lets old ones go on. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/strace.h"

enum { RESULT_COLUMN = 40 }; /* as strace has it, where the call is not longer */

static struct strace_call *
find(struct strace *s, int64_t step)
{
    int from = 0, to = s->ncalls;

    while (from < to) {
        int middle = (from + to) / 2;

        if (s->calls[middle].step < step)
            from = middle + 1;
        else
            to = middle;
    }
    return from < s->ncalls && s->calls[from].step == step ? &s->calls[from] : NULL;
}

/* The call in which an actor is. */
static struct strace_call *
find_open(struct strace *s, const char *actor)
{
    for (int i = s->ncalls - 1; i >= 0; i--)
        if (strcmp(s->calls[i].actor, actor) == 0)
            return s->calls[i].left < 0 ? &s->calls[i] : NULL;
    return NULL;
}

static void
forget_from(struct strace *s, int n)
{
    for (int i = n; i < s->ncalls; i++)
        strace_call_release(&s->calls[i]);
    s->ncalls = n;
}

void
strace_enter(struct telling *t)
{
    struct strace *s = t->s;
    int64_t step = event_get_int(t->e, NULL, "step", -1);

    if (s->ncalls > 0 && step <= s->calls[s->ncalls - 1].step)
        return; /* steps go on in every trace of ours */
    if (s->ncalls == s->cap_calls) {
        s->cap_calls = s->cap_calls > 0 ? s->cap_calls * 2 : 64;
        s->calls = mem_grow(s->calls, sizeof *s->calls * (size_t)s->cap_calls);
    }
    strace_call_enter(&s->calls[s->ncalls], t->e, s->options.catalog, &s->names);
    s->calls[s->ncalls++].entered = s->seq;
}

/* read(3,  <unfinished ...> */
void
strace_block(struct telling *t)
{
    struct strace_call *c = find(t->s, event_get_int(t->e, NULL, "step", -1));
    const char *waits = strace_text_of(t, "waits");

    if (c == NULL || c->unfinished)
        return;
    if (!c->is_call) {
        strace_comment(t, c->actor, "waits: ", waits, strlen(waits));
        c->unfinished = true;
        return;
    }
    strace_begin(t, c->actor);
    c->half = t->out->len;
    strace_call_text(t->out, c, NULL, &t->s->names);
    c->half = t->out->len - c->half;
    c->unfinished = true;
    buf_puts(t->out, " <unfinished ...>");
    buf_putc(t->out, '\n');
}

/* The call up to its closing bracket: in full, or what was not said before. */
static void
put_call(struct telling *t, struct strace_call *c)
{
    struct buf full = {0};

    strace_begin(t, c->actor);
    strace_call_text(&full, c, t->e, &t->s->names);
    if (c->unfinished) {
        buf_puts(t->out, "<... ");
        strace_outside(t, strace_call_name(c));
        buf_puts(t->out, " resumed>");
        buf_put(t->out, full.data + c->half, full.len - c->half);
    } else {
        buf_put(t->out, full.data, full.len);
    }
    buf_release(&full);
    while (t->out->len - t->start < RESULT_COLUMN)
        buf_putc(t->out, ' ');
    if (t->out->data[t->out->len - 1] != ' ')
        buf_putc(t->out, ' ');
    buf_puts(t->out, "= ");
}

/* print, = and await, and functions that only the library knows. */
static void
put_beside(struct telling *t, struct strace_call *c)
{
    const struct item *value = event_get(t->e, NULL, "value"), *vol = event_get(t->e, NULL, "vol");
    bool statement = c->record == NULL;
    size_t from;

    strace_begin(t, c->actor);
    buf_puts(t->out, "/* ");
    from = t->out->len;
    if (statement)
        buf_puts(t->out, buf_text(&c->args));
    else
        strace_call_text(t->out, c, t->e, &t->s->names);
    if (value != NULL && value->kind == ITEM_TEXT) {
        buf_puts(t->out, " = ");
        strace_quote(t->out, t->e, value);
    } else if (value != NULL && value->kind == ITEM_INT &&
               (vol == NULL || event_get(t->e, vol, "value") == NULL)) {
        buf_printf(t->out, " = %" PRId64, value->value);
    } else if (!statement && c->record->result != IPCLAB_VOID) {
        buf_puts(t->out, " = ");
        strace_call_result(t->out, c, t->e, &t->s->names);
    }
    strace_end_comment(t, from);
}

void
strace_exit(struct telling *t)
{
    struct strace_call *c = find(t->s, event_get_int(t->e, NULL, "step", -1));

    if (c == NULL)
        return;
    if (c->is_call) {
        put_call(t, c);
        strace_call_result(t->out, c, t->e, &t->s->names);
        buf_putc(t->out, '\n');
    } else {
        put_beside(t, c);
    }
    c->left = t->s->seq;
}

static void
cut_short(struct telling *t, struct strace_call *c)
{
    if (c == NULL)
        return;
    if (c->is_call) {
        put_call(t, c);
        buf_putc(t->out, '?');
        buf_putc(t->out, '\n');
    } else if (!c->unfinished) {
        put_beside(t, c);
    }
    c->left = t->s->seq;
}

void
strace_cut_short(struct telling *t, const char *actor)
{
    cut_short(t, find_open(t->s, actor));
}

void
strace_cut_all_short(struct telling *t)
{
    for (int i = 0; i < t->s->ncalls; i++)
        if (t->s->calls[i].left < 0 && t->s->calls[i].is_call)
            cut_short(t, &t->s->calls[i]);
}

void
strace_became(struct telling *t, const char *actor)
{
    struct strace_call *c = find_open(t->s, actor);

    if (c == NULL)
        return;
    put_call(t, c);
    buf_puts(t->out, "0\n");
    c->left = t->s->seq;
}

bool
strace_last_is(const struct strace *s, const char *actor, const char *name)
{
    for (int i = s->ncalls - 1; i >= 0; i--)
        if (strcmp(s->calls[i].actor, actor) == 0)
            return strcmp(s->calls[i].name, name) == 0;
    return false;
}

void
strace_back_to(struct strace *s, int64_t to)
{
    int keep = s->ncalls;

    while (keep > 0 && s->calls[keep - 1].entered > to)
        keep--;
    forget_from(s, keep);
    for (int i = 0; i < keep; i++)
        if (s->calls[i].left > to)
            s->calls[i].left = -1;
}

void
strace_forget_calls(struct strace *s)
{
    forget_from(s, 0);
    free(s->calls);
    s->calls = NULL;
    s->cap_calls = 0;
}
