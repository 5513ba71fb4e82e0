/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking whether a task is done. That happens after each line, whoever it was typed for: nobody
 * has to say that he is ready. */
#include "lesson/lesson.h"
#include "lua/guardian.h"

static struct lab_past
past_of(const struct lesson *l, int task)
{
    return (struct lab_past){&l->history, l->tasks[task].began};
}

static void
say_broken(const struct lesson *l)
{
    session_say(l->s,
                "      This is a fault of the lab, not yours. `skip` goes on, and gives all points "
                "of this task.\n");
}

/* A fault of the lab costs nobody anything: at a prompt it is said, and skipping is free; where
 * nobody is there to skip, all ends. */
static void
on_broken(struct lesson *l, int task, const struct lab_verdict *v)
{
    bool known = l->tasks[task].broken;

    if (!known)
        lesson_tell_check(l, task, v, false);
    if (l->s->interactive) {
        if (!known)
            say_broken(l);
        return;
    }
    if (l->status == STATUS_OK)
        snprintf(l->fault, sizeof l->fault, "%s", buf_text(&v->text));
    l->status = STATUS_LAB;
    l->s->quit = true;
}

void
lesson_take_stopped(struct lesson *l)
{
    struct lab_verdict v = {.how = LAB_STOPPED};
    char place[200];
    int about = guardian_stopped(place, sizeof place), task = about / 2;

    if (about < 0 || task >= l->g->ntasks || l->tasks[task].stopped)
        return;
    buf_printf(&v.text, "%s%sout of time: it does not come back", place,
               place[0] != '\0' ? ": " : "");
    lesson_tell_check(l, task, &v, false);
    say_broken(l);
    lab_verdict_release(&v);
}

static void
judge_question(struct lesson *l, int task)
{
    struct lab_past past = past_of(l, task);

    l->truth.ninterests = 0;
    l->truth.all = false;
    if (l->g->tasks[task].predict.kind == QUESTION_NONE || l->tasks[task].judged)
        return;
    lab_truth(l->lab, task, &past, &l->truth);
    if (l->truth.how == LAB_BROKEN)
        on_broken(l, task, &l->truth);
    else if (l->truth.how == LAB_HOLDS)
        question_judge(l, task, buf_text(&l->truth.text));
}

/* Is it done? Then that is told. */
static bool
judge(struct lesson *l, int task)
{
    struct lab_past past = past_of(l, task);

    if (l->tasks[task].stopped)
        return false;
    judge_question(l, task);
    lab_check(l->lab, task, &past, &l->verdict);
    if (l->verdict.how == LAB_BROKEN)
        on_broken(l, task, &l->verdict);
    if (l->verdict.how != LAB_HOLDS)
        return false;
    lesson_tell_check(l, task, &l->verdict, true);
    return true;
}

void
lesson_settled(struct lesson *l)
{
    bool busy = l->busy;

    l->busy = true;
    while (l->current < l->g->ntasks) {
        if (l->tasks[l->current].began < 0) {
            lesson_tell_task(l, l->current);
            if (l->g->tasks[l->current].predict.kind != QUESTION_NONE)
                question_tell(l, l->current);
        } else if (!l->moved) {
            break;
        }
        l->moved = false;
        if (!judge(l, l->current))
            break;
    }
    if (l->current == l->g->ntasks && !l->ended)
        lesson_tell_end(l);
    l->busy = busy;
}

void
lesson_ask_check(struct lesson *l)
{
    struct lab_past past = past_of(l, l->current);
    bool busy = l->busy;

    if (l->tasks[l->current].stopped) {
        say_broken(l);
        return;
    }
    l->busy = true;
    lab_check(l->lab, l->current, &past, &l->verdict);
    if (l->verdict.how == LAB_BROKEN)
        on_broken(l, l->current, &l->verdict);
    else
        lesson_tell_check(l, l->current, &l->verdict, true);
    l->busy = busy;
    lesson_settled(l);
}

/* Those that it needs and that are not done. */
static bool
is_missing(const struct lesson *l, int task)
{
    for (int i = 0; i < task; i++)
        if ((l->g->tasks[task].needs >> i & 1) != 0 && l->tasks[i].state == TASK_OPEN)
            return true;
    return false;
}

void
lesson_judge_rest(struct lesson *l)
{
    bool busy = l->busy;

    l->busy = true;
    for (int i = 0; i < l->g->ntasks && l->status == STATUS_OK; i++) {
        struct lab_past past = past_of(l, i);

        if (l->tasks[i].state == TASK_LEFT)
            lesson_tell_not_judged(l, i, "It was left out: the session began after it.");
        else if (l->tasks[i].state == TASK_OPEN && is_missing(l, i))
            lesson_tell_not_judged(l, i, "A task that it needs is not done.");
        else if (l->tasks[i].state == TASK_OPEN && l->tasks[i].stopped)
            lesson_tell_not_judged(l, i, "Its check does not come back.");
        if (l->tasks[i].state != TASK_OPEN || l->tasks[i].stopped || is_missing(l, i))
            continue;
        lab_check(l->lab, i, &past, &l->verdict);
        if (l->verdict.how == LAB_BROKEN)
            on_broken(l, i, &l->verdict);
        else
            lesson_tell_check(l, i, &l->verdict, true);
    }
    l->moved = true; /* the verdict that stands is another task's */
    l->busy = busy;
}
