/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How events change the state of a lesson. */
#include "base/mem.h"
#include "lesson/lesson.h"

static struct lesson_task *
task_of(struct lesson *l, const struct event *e, const char *field, int *index)
{
    const char *id = event_get_text(e, NULL, field);

    *index = id != NULL ? lesson_index(l, id) : -1;
    return *index >= 0 ? &l->tasks[*index] : NULL;
}

/* The first task that is still open. */
static void
move_on(struct lesson *l)
{
    while (l->current < l->g->ntasks && l->tasks[l->current].state != TASK_OPEN)
        l->current++;
}

static void
take_task(struct lesson *l, const struct event *e)
{
    const char *what = event_get_text(e, NULL, "what");
    int index;
    struct lesson_task *t = task_of(l, e, "id", &index);

    if (what == NULL)
        return;
    if (strcmp(what, "ends") == 0)
        l->ended = true;
    if (t == NULL)
        return;
    if (strcmp(what, "begins") == 0 && t->began < 0) {
        t->began = l->history.last;
    } else if (strcmp(what, "shown") == 0) {
        t->shown = true;
    } else if (strcmp(what, "left") == 0) {
        t->state = TASK_LEFT;
        move_on(l);
    } else if (strcmp(what, "skipped") == 0) {
        t->state = TASK_SKIPPED;
        t->points = (int)event_get_int(e, NULL, "points", 0);
        move_on(l);
    }
}

static void
take_events(struct lesson_task *t, const struct event *e)
{
    const struct item *list = event_get(e, NULL, "events");

    t->nseqs = 0;
    if (list == NULL || list->kind != ITEM_ARRAY)
        return;
    for (const struct item *i = item_first(e, list); i != NULL; i = item_next(e, i)) {
        t->seqs = mem_grow(t->seqs, sizeof *t->seqs * (size_t)(t->nseqs + 1));
        t->seqs[t->nseqs++] = i->value;
    }
}

static void
take_check(struct lesson *l, const struct event *e)
{
    const struct item *passed = event_get(e, NULL, "passed");
    const char *text = event_get_text(e, NULL, "text");
    int index;
    struct lesson_task *t = task_of(l, e, "task", &index);

    if (t == NULL || passed == NULL || t->state != TASK_OPEN)
        return;
    free(t->why);
    t->why = mem_copy(text != NULL ? text : "");
    t->stopped |= event_get(e, NULL, "stopped") != NULL;
    t->broken = t->stopped || event_get_text(e, NULL, "fault") != NULL;
    t->not_judged = passed->kind == ITEM_NULL && !t->broken;
    if (passed->kind == ITEM_BOOL && passed->value) {
        t->state = TASK_DONE;
        t->points = (int)event_get_int(e, NULL, "points", 0);
        take_events(t, e);
        move_on(l);
    } else if (passed->kind == ITEM_BOOL) {
        t->asked++;
    }
}

static void
take_hint(struct lesson *l, const struct event *e)
{
    int index;
    struct lesson_task *t = task_of(l, e, "id", &index);

    if (t == NULL)
        return;
    t->hints++;
    t->cost += (int)event_get_int(e, NULL, "cost", 0);
}

static void
take_predict(struct lesson *l, const struct event *e)
{
    const char *answer = event_get_text(e, NULL, "answer");
    const struct item *right = event_get(e, NULL, "right");
    int index;
    struct lesson_task *t = task_of(l, e, "task", &index);

    if (t == NULL)
        return;
    if (right != NULL && right->kind == ITEM_BOOL) {
        t->judged = true;
        t->right = right->value != 0;
        t->predict_points = (int)event_get_int(e, NULL, "points", 0);
    } else if (answer != NULL) {
        free(t->answer);
        t->answer = mem_copy(answer);
    }
}

void
lesson_take(struct lesson *l, const struct event *e)
{
    static const struct {
        const char *ev;
        void (*take)(struct lesson *l, const struct event *e);
    } kinds[] = {
        {"task", take_task}, {"check", take_check}, {"hint", take_hint}, {"predict", take_predict}};
    const char *ev = event_get_text(e, NULL, "ev");

    for (size_t i = 0; ev != NULL && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].ev, ev) == 0)
            kinds[i].take(l, e);
}
