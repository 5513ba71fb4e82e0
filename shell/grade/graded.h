/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A report.json as the formats and tables read it: every field is there, whatever the file has. */
#ifndef GRADE_GRADED_H
#define GRADE_GRADED_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "grade/report.h"

/* How a task went. UNKNOWN: the grader had trouble, which says nothing about the student. */
enum outcome { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_NOT_REACHED, OUTCOME_UNKNOWN };

struct graded_task {
    const char *id, *title;
    enum outcome outcome;
    int64_t points, max; /* points are 0 where they are not known */
    const char *rationale, *help, *expected, *actual;
    const json_t *events; /* NULL: none */
    int hints;
    bool hidden, skipped;
};

struct graded {
    const json_t *report;
    const char *student, *lab, *title; /* title of the lab, or its id */
    enum grade_status status;
    const char *reason; /* why it is not GRADED; "" */
    bool judged;        /* score means something; a task without points has none, then */
    int64_t score, max;
    double seconds;
    struct graded_task *tasks; /* those of the lab where the report has none */
    int ntasks;
    const json_t *flags, *replay;
};

/* lab is what report_lab tells, or NULL. All texts are those of the report and the lab. */
void graded_read(struct graded *g, const json_t *report, const json_t *lab);
void graded_release(struct graded *g);
/* The task with this id, or NULL. */
const struct graded_task *graded_find(const struct graded *g, const char *id);
/* Appends why a task was not passed, in lines: what was missing, what is to be looked at next;
 * nothing of one that was passed. */
void graded_why(const struct graded_task *t, struct buf *out);
/* "7 of 8 points", or the reason why there are none. */
void graded_sum(const struct graded *g, struct buf *out);
#endif
