/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A recorded session is judged by its own events. The tasks begin, and are looked at, where that
 * was so when it was recorded: after each line that was typed. */
#include "base/mem.h"
#include "lesson/lesson.h"

static int
index_of(const struct lesson *l, const struct event *e, const char *field)
{
    const char *id = event_get_text(e, NULL, field);

    return id != NULL ? lesson_index(l, id) : -1;
}

/* It was left out, skipped, or its solution shown: that is the student's to say, but not what it
 * gives. */
static void
take_task(struct lesson *l, const struct event *e)
{
    const char *what = event_get_text(e, NULL, "what");
    int task = index_of(l, e, "id"), skip;
    int64_t points = event_get_int(e, NULL, "points", 0);

    if (task < 0 || what == NULL)
        return;
    if (strcmp(what, "shown") == 0)
        l->tasks[task].shown = true;
    if (l->tasks[task].state != TASK_OPEN ||
        (strcmp(what, "skipped") != 0 && strcmp(what, "left") != 0))
        return;
    skip = l->g->tasks[task].skip;
    l->tasks[task].state = strcmp(what, "left") == 0 ? TASK_LEFT : TASK_SKIPPED;
    if (l->tasks[task].state == TASK_SKIPPED)
        l->tasks[task].points = points <= 0 || skip <= 0 ? 0 : points < skip ? (int)points : skip;
    while (l->current < l->g->ntasks && l->tasks[l->current].state != TASK_OPEN)
        l->current++;
    l->moved = true;
}

static void
take_hint(struct lesson *l, const struct event *e)
{
    int task = index_of(l, e, "id");

    if (task < 0)
        return;
    l->tasks[task].cost += lesson_hint_cost(l, task);
    l->tasks[task].hints++;
}

/* An answer; what was asked and whether it was right is found anew. */
static bool
is_answer(const struct event *e)
{
    return event_get_text(e, NULL, "answer") != NULL && event_get(e, NULL, "right") == NULL;
}

void
lesson_believe(struct lesson *l, const struct event *e, int64_t seq)
{
    const char *ev = event_get_text(e, NULL, "ev");

    if (ev == NULL || strcmp(ev, "check") == 0)
        return;
    if (strcmp(ev, "input") == 0 && event_get_text(e, NULL, "from") == NULL)
        lesson_settled(l);
    if (strcmp(ev, "task") == 0)
        take_task(l, e);
    else if (strcmp(ev, "hint") == 0)
        take_hint(l, e);
    if (strcmp(ev, "task") == 0 || strcmp(ev, "hint") == 0 ||
        (strcmp(ev, "predict") == 0 && !is_answer(e)))
        return;
    l->s->seq = seq + 1;
    lesson_event(l, e);
}
