/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who of several programs moves next: a function of what was decided before and of who can move,
 * and of nothing else. Each decision is kept as the place that was taken among those there were, so
 * that a run can be repeated, and all others be tried one after the other. */
#ifndef LUA_SCHEDULE_H
#define LUA_SCHEDULE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choice {
    int of;    /* how many could move */
    int taken; /* which of them did, from 0 */
};

struct schedule;

struct schedule_kind {
    const char *name; /* as a lab and the trace call it */
    /* A place in ready, which has n > 0 numbers of programs in ascending order. */
    int (*next)(const struct schedule *s, const int *ready, int n);
};

extern const struct schedule_kind schedule_round_robin, schedule_random;
extern const struct schedule_kind *const schedule_kinds[]; /* by name; NULL ends */

struct schedule {
    const struct schedule_kind *kind;
    uint64_t seed;
    int last; /* the program that moved last, -1: none */
    struct choice *choices;
    int n, cap;
};

/* Decides and writes it down; the number of the program. */
int schedule_next(struct schedule *s, const int *ready, int n);
/* Writes down what was decided elsewhere: the place in ready. */
int schedule_take(struct schedule *s, const int *ready, int n, int taken);
void schedule_release(struct schedule *s);
#endif
