/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * s.trace: what happened so far, and in which order.
 *
 *   s.trace:before(a, b)         a came back before b began
 *   s.trace:never(a)
 *   s.trace:exactly(n, a)        a happened n times
 *   s.trace:blocked_until(a, b)  a waited, and it was b that ended the waiting
 *
 * where a and b are tables as match.c reads them, and a text may follow that says it better. Each
 * is a check as s:expect makes one; where it does not hold, it is said what happened instead, with
 * the lanes of that part of the session. */
#include "base/mem.h"
#include "lua/host.h"
#include "view/view.h"

#define TRACE "ipclab.trace"

enum {
    AROUND = 2,      /* steps that are shown before and after the places */
    SHOWN_MAX = 40,  /* steps that are shown */
    NAMED_STEPS = 6, /* that a sentence names */
};

/* ---- What happened ------------------------------------------------------------------------- */

static void
take_event(void *ctx, const struct event *e)
{
    struct history *past = ctx;
    int64_t seq = event_get_int(e, NULL, "seq", -1);

    if (seq > past->last)
        history_event(past, e, seq);
}

/* All events so far, from the trace in the making: nothing is kept for labs that never ask. */
static const struct history *
past_of(lua_State *L)
{
    struct host *h = host_of(L);
    struct err err;

    if (h->past == NULL) {
        h->past = mem_alloc(sizeof *h->past);
        history_init(h->past, &h->s->launcher.catalog);
    }
    if (h->s->recall == NULL)
        fault_raise(L, STATUS_MACHINE,
                    "this session is not recorded, so that nothing knows what "
                    "was before");
    if (h->s->recall(h->s->recall_ctx, take_event, h->past, &err) < 0)
        fault_raise(L, STATUS_MACHINE, "%s", err.text);
    return h->past;
}

void
order_release(struct host *h)
{
    if (h->past == NULL)
        return;
    history_release(h->past);
    free(h->past);
    h->past = NULL;
}

/* The next that matches from *at on; NULL when there is none. */
static const struct record *
next_match(lua_State *L, int index, const struct history *past, int *at)
{
    while (*at < past->n)
        if (match_record(L, index, past->list[(*at)++]))
            return past->list[*at - 1];
    return NULL;
}

static const struct record *
first_match(lua_State *L, int index, const struct history *past)
{
    int at = past->from;

    return next_match(L, index, past, &at);
}

/* The one that was over first. */
static const struct record *
first_done(lua_State *L, int index, const struct history *past)
{
    const struct record *first = NULL, *r;
    int at = past->from;

    while ((r = next_match(L, index, past, &at)) != NULL)
        if (r->done >= 0 && (first == NULL || r->done < first->done))
            first = r;
    return first;
}

/* ---- In words ------------------------------------------------------------------------------ */

static void
put_place(struct buf *out, const struct record *r)
{
    if (r->step)
        buf_printf(out, "step %lld", (long long)event_get_int(&r->enter, NULL, "step", 0));
    else
        buf_printf(out, "event %lld", (long long)r->seq);
}

static int
index_of(const struct history *past, const struct record *r)
{
    int i = 0;

    while (i < past->n && past->list[i] != r)
        i++;
    return i;
}

/* The events that show from one record to another, with some steps around. */
struct window {
    int64_t from, to; /* seq */
    void *view;
    struct buf out;
};

static void
show_event(void *ctx, const struct event *e)
{
    struct window *w = ctx;
    int64_t seq = event_get_int(e, NULL, "seq", 0);

    if (seq >= w->from && seq <= w->to)
        view_lanes.event(w->view, e, &w->out);
}

static void
show_lanes(struct host *h, const struct record *first, const struct record *last)
{
    const struct history *past = h->past;
    struct view_options options = {
        .catalog = &h->s->launcher.catalog,
        .width = h->s->settings.width > 0 ? h->s->settings.width : h->s->columns,
        .ascii = h->s->ascii,
    };
    struct window w = {.view = view_lanes.start(&options)};
    int from = index_of(past, first) - AROUND, to = index_of(past, last) + AROUND + 1;
    struct err err;

    from = from < past->from ? past->from : from;
    to = to > from + SHOWN_MAX ? from + SHOWN_MAX : to;
    w.from = past->list[from]->seq;
    w.to = to < past->n ? past->list[to]->seq - 1 : past->last;
    if (w.to < last->done && last->done < w.from + SHOWN_MAX * 8)
        w.to = last->done;
    h->s->recall(h->s->recall_ctx, show_event, &w, &err);
    view_lanes.finish(w.view, &w.out);
    if (w.out.len > 0)
        session_say(h->s, "%s", buf_text(&w.out));
    buf_release(&w.out);
}

/* ---- Checks -------------------------------------------------------------------------------- */

/* What is asked, with host.text for what is checked and host.line for what happened instead. */
struct claim {
    const struct history *past;
    const struct record *first, *last; /* where it was violated; NULL: at the end of all */
    int text;                          /* index of a text that says it better */
};

static struct claim
begin(lua_State *L, int tables, int first)
{
    struct claim c = {.text = first + tables};

    object_self(L, TRACE, "s.trace:before");
    c.past = past_of(L);
    for (int i = first; i < first + tables; i++)
        match_check(L, i);
    if (!lua_isnoneornil(L, c.text) && lua_type(L, c.text) != LUA_TSTRING)
        fault_raise(L, STATUS_LAB, "a text that says what is checked comes last, this is a %s",
                    luaL_typename(L, c.text));
    buf_clear(&host_of(L)->text);
    buf_clear(&host_of(L)->line);
    return c;
}

static int
end(lua_State *L, const struct claim *c)
{
    struct host *h = host_of(L);
    bool holds = h->line.len == 0;

    object_check(h, lua_isnoneornil(L, c->text) ? buf_text(&h->text) : lua_tostring(L, c->text),
                 holds);
    if (!holds) {
        session_say(h->s, "      %s\n", buf_text(&h->line));
        if (c->past->n > c->past->from)
            show_lanes(h, c->first != NULL ? c->first : c->past->list[c->past->n - 1],
                       c->last != NULL ? c->last : c->past->list[c->past->n - 1]);
    }
    lua_pushboolean(L, holds);
    return 1;
}

static int
before(lua_State *L)
{
    struct claim c = begin(L, 2, 2);
    struct host *h = host_of(L);
    const struct record *a = first_done(L, 2, c.past), *b = first_match(L, 3, c.past);

    match_words(L, 2, &h->text);
    buf_puts(&h->text, " before ");
    match_words(L, 3, &h->text);
    if (b == NULL || a == NULL) {
        match_words(L, b == NULL ? 3 : 2, &h->line);
        buf_puts(&h->line, b == NULL ? " never happened" : " never came to an end");
        c.first = c.last = a != NULL ? a : b;
    } else if (a->done > b->seq) {
        put_place(&h->line, b);
        buf_puts(&h->line, " began before ");
        put_place(&h->line, a);
        buf_puts(&h->line, " was over");
        c.first = a->seq < b->seq ? a : b;
        c.last = a->seq < b->seq ? b : a;
    }
    return end(L, &c);
}

static int
never(lua_State *L)
{
    struct claim c = begin(L, 1, 2);
    struct host *h = host_of(L);

    buf_puts(&h->text, "never ");
    match_words(L, 2, &h->text);
    c.first = c.last = first_match(L, 2, c.past);
    if (c.first != NULL) {
        buf_puts(&h->line, "it happened in ");
        put_place(&h->line, c.first);
    }
    return end(L, &c);
}

static int
exactly(lua_State *L)
{
    lua_Integer wanted = luaL_checkinteger(L, 2);
    struct claim c = begin(L, 1, 3);
    struct host *h = host_of(L);
    const struct record *r;
    int at = c.past->from, n = 0;

    buf_printf(&h->text, "exactly %lld times ", (long long)wanted);
    match_words(L, 3, &h->text);
    buf_puts(&h->line, ": ");
    while ((r = next_match(L, 3, c.past, &at)) != NULL) {
        c.first = n == 0 ? r : c.first;
        c.last = r;
        if (n++ >= NAMED_STEPS)
            continue;
        buf_puts(&h->line, n > 1 ? ", " : "");
        put_place(&h->line, r);
    }
    if (n == wanted) {
        buf_clear(&h->line);
        return end(L, &c);
    }
    buf_clear(&h->scratch);
    buf_printf(&h->scratch, "it happened %d time%s%s%s", n, n == 1 ? "" : "s",
               n > 0 ? buf_text(&h->line) : "", n > NAMED_STEPS ? " ..." : "");
    buf_clear(&h->line);
    buf_puts(&h->line, buf_text(&h->scratch));
    return end(L, &c);
}

/* The step that ended the waiting; NULL: none that anybody made. */
static const struct record *
ender(const struct history *past, const struct record *r)
{
    int64_t by = event_get_int(&r->exit, NULL, "by", -1);

    for (int i = past->from; i < past->n && by >= 0; i++)
        if (past->list[i]->step && event_get_int(&past->list[i]->enter, NULL, "step", -2) == by)
            return past->list[i];
    return NULL;
}

static int
blocked_until(lua_State *L)
{
    struct claim c = begin(L, 2, 2);
    struct host *h = host_of(L);
    const struct record *a = NULL, *r, *by;
    int at = c.past->from;

    match_words(L, 2, &h->text);
    buf_puts(&h->text, " waits until ");
    match_words(L, 3, &h->text);
    while ((r = next_match(L, 2, c.past, &at)) != NULL && (a == NULL || !a->blocked))
        a = r;
    if (a == NULL || !a->blocked) {
        match_words(L, 2, &h->line);
        buf_puts(&h->line, a == NULL ? " never happened" : " did not wait in ");
        if (a != NULL)
            put_place(&h->line, a);
        c.first = c.last = a;
        return end(L, &c);
    }
    by = a->done >= 0 ? ender(c.past, a) : NULL;
    c.first = a;
    c.last = by != NULL ? by : a;
    if (by == NULL || !match_record(L, 3, by)) {
        put_place(&h->line, a);
        buf_puts(&h->line, a->done < 0 ? " still waits" : " was ended by ");
        if (a->done >= 0 && by == NULL)
            buf_puts(&h->line, "no step");
        else if (by != NULL)
            put_place(&h->line, by);
    }
    return end(L, &c);
}

void
order_push(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, TRACE);
}

static const struct api_entry entries[] = {
    {"before", before, "a: ipclab.Match; b: ipclab.Match; text?: string", "boolean",
     "a check: the first a came back before the first b began"},
    {"never", never, "a: ipclab.Match; text?: string", "boolean", "a check: a did not happen"},
    {"exactly", exactly, "n: integer; a: ipclab.Match; text?: string", "boolean",
     "a check: a happened n times"},
    {"blocked_until", blocked_until, "a: ipclab.Match; b: ipclab.Match; text?: string", "boolean",
     "a check: a waited, and it was b that ended the waiting"},
    {0}};

const struct api_class api_trace = {.name = "ipclab.Trace",
                                    .summary = "what happened so far; where a check does not hold, "
                                               "its lanes are shown",
                                    .entries = entries};

void
order_open(lua_State *L)
{
    luaL_newmetatable(L, TRACE);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    object_methods(L, &api_trace, "s.trace");
    lua_pop(L, 1);
}
