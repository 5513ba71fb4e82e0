/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the class did in each task: what was hard, or whose check is. */
#include "grade/adapters.h"

static void
put_mean(struct rows *r, int64_t sum, int n)
{
    if (n > 0)
        rows_cell(r, "%.1f", (double)sum / n);
    else
        rows_cell(r, "-");
}

static void
put_task(struct sheet *s, const struct tally_task *t)
{
    struct rows *r = &s->rows;

    rows_cell(r, "%s", t->id);
    rows_cell(r, "%lld", (long long)t->max);
    put_mean(r, t->points, s->tally->judged);
    rows_cell(r, "%d", t->passed);
    rows_cell(r, "%d", t->failed);
    rows_cell(r, "%d", t->not_reached);
    rows_cell(r, "%s", t->title);
}

static void
begin(struct sheet *s)
{
    static const char *const head[] = {"TASK",   "POINTS",      "MEAN", "PASSED",
                                       "FAILED", "NOT REACHED", "TITLE"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        rows_cell(&s->rows, "%s", head[i]);
    for (int i = 0; i < s->tally->ntasks; i++)
        put_task(s, &s->tally->tasks[i]);
}

static void
end(struct sheet *s)
{
    const struct tally *t = s->tally;

    buf_printf(s->out, "\n%d submission%s, %d judged", t->n, t->n == 1 ? "" : "s", t->judged);
    if (t->judged > 0)
        buf_printf(s->out, ": %.1f of %lld points in the mean", (double)t->score / t->judged,
                   (long long)t->max);
    if (t->wrong + t->late > 0)
        buf_printf(s->out, "; %d could not be read or run, %d ran out of time", t->wrong, t->late);
    if (t->trouble > 0)
        buf_printf(s->out, "; %d not graded, because the grader had trouble", t->trouble);
    buf_putc(s->out, '\n');
}

const struct adapter adapt_tasks = {
    .name = "tasks",
    .file = "tasks.txt",
    .summary = "how many passed and failed each task",
    .begin = begin,
    .end = end,
    .columns = "<>>>>><",
};
