/* SPDX-License-Identifier: GPL-3.0-or-later
 * See table.h. What could not be judged is an empty cell. */
#include "grade/table.h"

#include "base/columns.h"
#include "base/text.h"
#include "grade/report.h"

enum { NARROWEST = 3 }; /* columns of points */

static int
width_of(const json_t *task)
{
    int n = (int)strlen(json_string_value(json_object_get(task, "id")));

    return n > NARROWEST ? n : NARROWEST;
}

static void
put_student(const struct grade_table *t, const char *student, struct buf *out)
{
    struct buf shown = {0};
    int width;

    text_escape(&shown, student, strlen(student), t->ascii);
    width = (int)columns_of(buf_text(&shown), shown.len);
    buf_printf(out, "%s%*s", buf_text(&shown), t->widest > width ? t->widest - width : 0, "");
    buf_release(&shown);
}

void
grade_table_head(const struct grade_table *t, struct buf *out)
{
    json_t *task;
    size_t i;

    put_student(t, "student", out);
    json_array_foreach((json_t *)(uintptr_t)t->tasks, i, task)
        buf_printf(out, "  %*s", width_of(task), json_string_value(json_object_get(task, "id")));
    buf_puts(out, "  score   max  status\n");
}

/* Of a task, by its place in the lab. */
static void
put_points(const json_t *task, const json_t *of, struct buf *out)
{
    const json_t *points = json_object_get(of, "points");

    if (json_is_integer(points))
        buf_printf(out, "  %*lld", width_of(task), (long long)json_integer_value(points));
    else
        buf_printf(out, "  %*s", width_of(task), "-");
}

void
grade_table_row(const struct grade_table *t, const json_t *report, struct buf *out)
{
    const json_t *score = json_object_get(report, "score"),
                 *tasks = json_object_get(report, "tasks");
    json_t *task;
    size_t i;

    put_student(t, report_text(report, "student"), out);
    json_array_foreach((json_t *)(uintptr_t)t->tasks, i, task)
        put_points(task, json_array_get(tasks, i), out);
    if (json_is_null(score))
        buf_printf(out, "  %5s", "-");
    else
        buf_printf(out, "  %5lld", (long long)json_integer_value(score));
    buf_printf(out, "  %4lld  %s\n",
               (long long)json_integer_value(json_object_get(report, "max_score")),
               report_text(report, "status"));
}
