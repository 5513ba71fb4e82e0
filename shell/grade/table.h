/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of a class: one row a submission, in the order in which they were handed in. */
#ifndef GRADE_TABLE_H
#define GRADE_TABLE_H
#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

struct grade_table {
    const json_t *tasks; /* of the lab, as report_lab tells them */
    int widest;          /* columns of the longest student */
    bool ascii;
};

void grade_table_head(const struct grade_table *t, struct buf *out);
void grade_table_row(const struct grade_table *t, const json_t *report, struct buf *out);
#endif
