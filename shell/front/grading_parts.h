/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the pieces of grading share. */
#ifndef FRONT_GRADING_PARTS_H
#define FRONT_GRADING_PARTS_H
#include <jansson.h>

#include "front/authors.h"
#include "front/grading.h"
#include "grade/store.h"
#include "grade/submission.h"

/* Loads the lab. -1 and *err: it is broken, or nobody can be graded by it. */
int grading_load(const struct options *o, const struct places *places, struct opened *l,
                 struct err *err);
/* A line of JSON on standard output. 0, or -1 and *err. */
int grading_tell(const json_t *json, struct err *err);
/* Flags those that are nearly the same in their reports, and says so. 0, or -1 and *err. */
int grading_compare(const struct submissions *s, struct store *store, struct err *err);
#endif
