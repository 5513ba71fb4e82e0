/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of students and tasks that grading shows by itself, as a file, and of reports that are
 * there already. */
#include "grade/adapters.h"
#include "grade/table.h"

static struct grade_table
table_of(const struct sheet *s)
{
    return (struct grade_table){json_object_get(s->reports->lab, "tasks"), s->tally->widest,
                                s->rows.ascii};
}

static void
begin(struct sheet *s)
{
    struct grade_table t = table_of(s);

    grade_table_head(&t, s->out);
}

static void
each(struct sheet *s, const struct graded *g)
{
    struct grade_table t = table_of(s);

    grade_table_row(&t, g->report, s->out);
}

const struct adapter adapt_summary = {
    .name = "summary",
    .file = "summary.txt",
    .summary = "students and their points in each task",
    .begin = begin,
    .each = each,
};
