/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The events as they stand in a trace: one JSON value a line. */
#include <stdlib.h>

#include "base/mem.h"
#include "view/view.h"

struct json {
    bool stable;
    int64_t seq; /* of the next event, where it does not say so itself */
};

static void *
start(const struct view_options *o)
{
    struct json *j = mem_alloc(sizeof *j);

    *j = (struct json){.stable = o->stable};
    return j;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct json *j = view;

    j->seq = event_get_int(e, NULL, "seq", j->seq);
    event_json(out, e, j->seq++, j->stable);
}

static void
finish(void *view, struct buf *out)
{
    (void)out;
    free(view);
}

const struct view_kind view_json = {
    .name = "json",
    .summary = "the events themselves, one JSON value a line",
    .extension = "jsonl",
    .start = start,
    .event = event,
    .finish = finish,
};
