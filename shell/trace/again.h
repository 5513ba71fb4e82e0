/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing what happens now with what was recorded, perhaps in a world of another kind and on
 * another machine. Pids and kernel ids may have other numbers, as long as that is one to one; sizes
 * and limits of another machine may be others. What differs from run to run (addresses, times) is
 * what the events that happen now call so: a recorded one is not believed.
 *
 * An event that happens has "names" beside its fields, which is never written: which of them are
 * such numbers and of what kind ("pid", "shm"; "" where it is only possible), and of arguments
 * `at`, `value` and the `text` by which a shared world tells them. Where both are traces only the
 * call's record can say so (named_by_record); then an argument has but `at`, and what either calls
 * volatile is. */
#ifndef TRACE_AGAIN_H
#define TRACE_AGAIN_H
#include "call/catalog.h"
#include "trace/event.h"

struct rename {
    char kind[16];
    int64_t here, there;
};

struct renames {
    struct rename *pairs;
    int n, cap;
    bool blurred;        /* lines were taken back: not every number was told */
    bool left_out;       /* --stable left numbers of a shared world out of a trace that was read */
    bool was_shared;     /* recorded in a shared world */
    bool both_sealed;    /* recorded in a sealed world, and so is this: process 1 is 1 in both */
    bool both_read;      /* "here" was read from a trace, too: named_by_record gave it its names */
    bool other_machine;  /* recorded by another kernel, or on another architecture */
    char machine[64];    /* the last size or limit that was another there; "": none was */
    int64_t mine, other; /* it */
};

void renames_release(struct renames *r);
/* Is it the same again? *path gets the name of the first field that differs. */
bool event_again(struct renames *r, const struct event *here, const struct event *there,
                 char path[64]);
/* Adds "names" to an event that was read, as far as the records of the calls know them. */
void named_by_record(struct event *e, const struct catalog *c);
#endif
