/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Autolab: the last line of standard output has the points of each problem, the line before it says
 * how they are shown. Problems are called like the ids of the tasks. Autolab makes a zero of every
 * last line that it cannot read and of one without problems, and leaves a problem open whose points
 * are null: so that is what trouble gives. */
#include "grade/adapters.h"

static const char stage[] = "Tasks", trouble[] = "Grading";

/* What is hidden is in the scores alone. */
static json_t *
shown(const struct graded *g)
{
    json_t *tasks = json_object();

    for (int i = 0; i < g->ntasks; i++) {
        const struct graded_task *t = &g->tasks[i];
        struct buf why = {0};
        json_t *task;

        if (t->hidden)
            continue;
        graded_why(t, &why);
        task = json_pack("{s:b}", "passed", t->outcome == OUTCOME_PASSED);
        if (why.len > 0)
            json_object_set_new(task, "hint", adapt_lines(buf_text(&why)));
        json_object_set_new(tasks, t->id, task);
        buf_release(&why);
    }
    return json_pack("{s:s, s:[s], s:o}", "_presentation", "semantic", "stages", stage, stage,
                     tasks);
}

static json_t *
shown_trouble(const struct graded *g)
{
    struct buf sum = {0};
    json_t *line;

    graded_sum(g, &sum);
    line = json_pack("{s:s, s:[s], s:{s:{s:b, s:o}}}", "_presentation", "semantic", "stages",
                     trouble, trouble, g->lab, "passed", 0, "hint", adapt_lines(buf_text(&sum)));
    buf_release(&sum);
    return line;
}

static void
one(struct buf *out, const struct graded *g)
{
    json_t *scores = json_object();

    for (int i = 0; i < g->ntasks; i++)
        json_object_set_new(scores, g->tasks[i].id,
                            g->judged ? json_integer(g->tasks[i].points) : json_null());
    adapt_json(g->judged ? shown(g) : shown_trouble(g), true, out);
    adapt_json(json_pack("{s:o}", "scores", scores), true, out);
}

const struct adapter adapt_autolab = {
    .name = "autolab",
    .file = "autolab.txt",
    .summary = "the last lines of standard output that Autolab reads",
    .one = one,
};
