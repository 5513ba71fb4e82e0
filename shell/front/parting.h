/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where two courses of events part: shown as lanes, a few steps before it and the rest of its line.
 */
#ifndef FRONT_PARTING_H
#define FRONT_PARTING_H
#include "front/options.h"
#include "trace/event.h"
#include "view/view.h"

/* What led to event number `at` and what follows it: of `n` events, the rest are `more`. */
struct course {
    const struct event *events;
    int n;
    const struct event *more; /* follow events[n - 1] */
    int nmore;
};

/* The lanes of a course around event `at`, from a few steps before it to the end of its line. */
void parting_lanes(const struct course *c, int at, const struct view_options *options,
                   struct buf *out);
/* How lanes are shown on standard output. */
struct view_options parting_options(const struct options *o, const struct catalog *catalog);
/* "  trace  {...}" without what differs from run to run; NULL: nothing. */
void parting_event(const char *name, const struct event *e, struct buf *out);
#endif
