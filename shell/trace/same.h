/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files share that compare events. */
#ifndef TRACE_SAME_H
#define TRACE_SAME_H
#include "trace/event.h"

/* A place inside an event, outermost first; printed only when something differs there. */
struct place {
    const struct place *outer;
    const char *name; /* NULL: element number index */
    int64_t index;
};

/* False, and path gets the place. */
bool same_differs(const struct place *at, char path[64]);
bool same_items(const struct event *a, const struct item *x, const struct event *b,
                const struct item *y, const struct place *at, char path[64]);
#endif
