/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Submissions of a class that are nearly one another's. What most have in common says nothing: the
 * lab asks for it. What few have, and what of a session cannot come twice, does. Of each submission
 * only numbers are kept. */
#ifndef GRADE_SIMILAR_H
#define GRADE_SIMILAR_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct similar {
    struct similar_print {
        uint64_t hash;
        int i;
    } * prints;
    int n, cap;
    int *lines;    /* by submission: lines of its own */
    bool *flagged; /* by submission: it was said to be similar before */
    int submissions;
};

void similar_init(struct similar *s, int submissions);
void similar_release(struct similar *s);
/* The report of submission i. */
void similar_take(struct similar *s, int i, const json_t *report);
/* Calls each with every two that are nearly the same, a < b. */
void similar_pairs(struct similar *s, void (*each)(void *ctx, int a, int b), void *ctx);
/* Why the first is nearly the second, in words. */
void similar_why(const json_t *report, const json_t *other, struct buf *out);
#endif
