/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counting a class (adapt.h). The tasks are those of the lab, and behind them what else reports
 * have: they may be of more than one version of it. */
#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"
#include "grade/adapt.h"

const struct tally_task *
tally_find(const struct tally *t, const char *id)
{
    for (int i = 0; i < t->ntasks; i++)
        if (strcmp(t->tasks[i].id, id) == 0)
            return &t->tasks[i];
    return NULL;
}

static struct tally_task *
task_for(struct tally *t, const struct graded_task *of)
{
    const struct tally_task *known = tally_find(t, of->id);

    if (known != NULL)
        return &t->tasks[known - t->tasks];
    t->tasks = mem_grow(t->tasks, sizeof *t->tasks * (size_t)(t->ntasks + 1));
    t->tasks[t->ntasks] =
        (struct tally_task){.id = mem_copy(of->id), .title = mem_copy(of->title), .max = of->max};
    return &t->tasks[t->ntasks++];
}

static void
count_task(struct tally *t, const struct graded_task *of)
{
    struct tally_task *task = task_for(t, of);

    task->points += of->points;
    task->passed += of->outcome == OUTCOME_PASSED;
    task->failed += of->outcome == OUTCOME_FAILED;
    task->not_reached += of->outcome == OUTCOME_NOT_REACHED;
}

static int
width_of(const char *student, bool ascii)
{
    struct buf shown = {0};
    int width;

    text_escape(&shown, student, strlen(student), ascii);
    width = (int)columns_of(buf_text(&shown), shown.len);
    buf_release(&shown);
    return width;
}

static void
count(struct tally *t, const struct graded *g, bool ascii)
{
    int width = width_of(g->student, ascii);

    t->widest = width > t->widest ? width : t->widest;
    snprintf(t->lab, sizeof t->lab, "%s", g->lab[0] != '\0' ? g->lab : t->lab);
    t->n++;
    t->judged += g->judged;
    t->trouble += !g->judged;
    t->wrong += g->judged && g->status == STUDENT_ERROR;
    t->late += g->judged && g->status == TIMEOUT;
    t->score += g->judged ? g->score : 0;
    t->max = g->max > t->max ? g->max : t->max;
    t->cases += (g->judged ? g->ntasks : 0) + (g->status != GRADED);
    for (int i = 0; i < g->ntasks; i++)
        count_task(t, &g->tasks[i]);
}

void
tally_make(struct tally *t, const struct reports *r, bool ascii)
{
    struct graded g;

    *t = (struct tally){.widest = (int)strlen("student")};
    graded_read(&g, NULL, r->lab);
    for (int i = 0; i < g.ntasks; i++)
        task_for(t, &g.tasks[i]);
    graded_release(&g);
    for (int i = 0; i < r->n; i++) {
        json_t *report = r->get(r->ctx, i);

        if (report == NULL)
            continue;
        graded_read(&g, report, r->lab);
        count(t, &g, ascii);
        graded_release(&g);
        json_decref(report);
    }
}

json_t *
tally_lab(const struct tally *t)
{
    json_t *tasks = json_array();

    for (int i = 0; i < t->ntasks; i++)
        json_array_append_new(tasks,
                              json_pack("{s:s, s:s, s:I}", "id", t->tasks[i].id, "title",
                                        t->tasks[i].title, "max", (json_int_t)t->tasks[i].max));
    return json_pack("{s:{s:s}, s:s, s:I, s:o}", "lab", "id", t->lab, "title", t->lab, "max_score",
                     (json_int_t)t->max, "tasks", tasks);
}

void
tally_release(struct tally *t)
{
    for (int i = 0; i < t->ntasks; i++) {
        free(t->tasks[i].id);
        free(t->tasks[i].title);
    }
    free(t->tasks);
    *t = (struct tally){0};
}
