/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was done in a guided lab before: its trace, which the next session goes on with. */
#ifndef FRONT_SAVED_H
#define FRONT_SAVED_H
#include "trace/writer.h"

struct saved {
    struct event *events; /* that hold */
    int n, cap;
    char *again; /* the last line, when it may not have come to its end; it has to be run again */
};

/* Opens this file (place_progress) for writing and reads what is in it. fresh: it begins anew, and
 * the old one is kept beside it. 0, or -1 and *err. */
int saved_open(struct saved *v, struct writer *w, const char *path, bool fresh, bool stable,
               struct err *err);
void saved_release(struct saved *v);
#endif
