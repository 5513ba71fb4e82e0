/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lanes view: one column for each process, the objects' state in the last one. lanes.c decides
 * which processes have a lane and whether they fit, lanes_row.c draws a row. */
#ifndef VIEW_LANES_H
#define VIEW_LANES_H
#include "view/gutter.h"

struct table {
    int *lanes; /* the actor of each */
    int n, cap;
    int width;
    int number;        /* columns of a step's number */
    int cell;          /* of a lane, with a blank at both ends */
    int state;         /* of the objects' states, with a blank before; 0: no such column */
    const char *alone; /* the only object that there is: its name stands in the header, not in each
                          row; NULL: there are several, or it is not known */
    bool open;         /* its header stands above */
};

/* Finds the widths for n lanes whose states take up to `state` columns (0: there are none). False
 * when they do not fit. */
bool table_fit(struct table *t, int n, int state, int64_t last_step);
int table_lane(const struct table *t, int actor); /* -1: has none */
void table_head(const struct table *t, const struct story *s, struct canvas *c);
/* The rows of one moment: how it stood before and stands after it. */
void table_row(const struct table *t, const struct story *s, struct canvas *c,
               const struct standings *before, const struct standings *after,
               const struct moment *m);
void table_box(const struct table *t, const struct story *s, struct canvas *c,
               const struct moment *m);
#endif
