/* SPDX-License-Identifier: GPL-3.0-or-later
 * See recorded.h. */
#include "front/recorded.h"

#include "base/mem.h"
#include "front/console.h"
#include "trace/read.h"

bool
recorded_is(const struct event *e, const char *kind)
{
    const char *ev = event_get_text(e, NULL, "ev");

    return ev != NULL && strcmp(ev, kind) == 0;
}

const struct event *
recorded_input(const struct recorded *r, int *at)
{
    while (*at < r->n)
        if (recorded_is(&r->events[(*at)++], "input"))
            return &r->events[*at - 1];
    return NULL;
}

/* The event is the record's from now on. */
static void
add(struct recorded *r, const struct event *e)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 256;
        r->events = mem_grow(r->events, sizeof *r->events * (size_t)r->cap);
    }
    r->events[r->n++] = *e;
}

int
recorded_read(struct recorded *r, const char *path, struct err *err)
{
    struct trace_reader *reader = trace_open(path, err);
    struct trace_end end;
    struct event e;
    int more;

    if (reader == NULL)
        return -1;
    event_init(&e);
    while ((more = trace_next(reader, &e, err)) > 0) {
        add(r, &e);
        event_init(&e);
    }
    event_release(&e);
    if (more == 0) {
        trace_ending(reader, &end);
        r->complete = end.complete;
        if (!end.complete)
            console_message("note: trace incomplete: it ends after event %lld%s",
                            (long long)end.events, end.torn ? " (torn line)" : "");
        else if (!end.digest_ok)
            console_message("note: hash mismatch: the trace was changed after it was written");
    }
    trace_free(reader);
    return more;
}

/* ---- What happens -------------------------------------------------------------------------- */

/* A trace numbers its events. */
static void
on_event(void *ctx, const struct event *e)
{
    struct recorded *r = ctx;
    struct event copy;

    event_init(&copy);
    event_copy(&copy, e);
    event_int(&copy, "seq", r->n);
    add(r, &copy);
}

static int
recall(void *ctx, void (*each)(void *each_ctx, const struct event *e), void *each_ctx,
       struct err *err)
{
    const struct recorded *r = ctx;

    (void)err;
    for (int i = 0; i < r->n; i++)
        each(each_ctx, &r->events[i]);
    return 0;
}

struct listener *
recorded_listener(struct recorded *r)
{
    r->complete = true;
    r->listener = (struct listener){.event = on_event, .ctx = r};
    return &r->listener;
}

void
recorded_listen(struct recorded *r, struct session *s)
{
    session_listen(s, recorded_listener(r));
    s->recall = recall;
    s->recall_ctx = r;
}

void
recorded_release(struct recorded *r)
{
    for (int i = 0; i < r->n; i++)
        event_release(&r->events[i]);
    free(r->events);
    *r = (struct recorded){0};
}
