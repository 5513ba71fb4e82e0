/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lesson says, as events. */
#include "base/columns.h"
#include "base/text.h"
#include "lesson/lesson.h"

void
lesson_tell_input(struct session *s, const char *text)
{
    event_start(&s->event, "input");
    event_text(&s->event, "text", text);
    session_tell(s);
}

void
lesson_tell_lab(struct lesson *l)
{
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "what", "opens");
    event_text(e, "title", l->g->title);
    event_int(e, "of", l->g->ntasks);
    event_int(e, "max", l->g->points);
    if (l->g->minutes > 0)
        event_int(e, "minutes", l->g->minutes);
    event_text(e, "text", l->g->intro != NULL ? l->g->intro : "");
    session_tell(l->s);
}

void
lesson_tell_task(struct lesson *l, int task)
{
    const struct guided_task *g = &l->g->tasks[task];
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "id", g->id);
    event_text(e, "what", "begins");
    event_int(e, "n", task + 1);
    event_int(e, "of", l->g->ntasks);
    event_text(e, "title", g->title);
    event_int(e, "max", g->points);
    event_int(e, "hints", g->nhints);
    event_text(e, "text", g->say);
    session_tell(l->s);
}

/* What the points of a task are, done as it was done. */
static int
earned(const struct lesson *l, int task)
{
    const struct lesson_task *t = &l->tasks[task];
    int points = l->g->tasks[task].points;

    return t->shown ? 0 : points - t->cost;
}

static void
put_events(struct event *e, const struct lab_verdict *v)
{
    event_array(e, "events");
    for (int i = 0; i < v->nseqs; i++)
        event_int(e, NULL, v->seqs[i]);
    event_close(e);
}

void
lesson_tell_check(struct lesson *l, int task, const struct lab_verdict *v, bool judged)
{
    const struct guided_task *g = &l->g->tasks[task];
    bool passed = judged && v->how == LAB_HOLDS;
    struct event *e = &l->s->event;
    int points = earned(l, task);

    event_start(e, "check");
    event_text(e, "task", g->id);
    if (judged)
        event_bool(e, "passed", passed);
    else
        event_null(e, "passed");
    if (passed) {
        event_int(e, "points", points);
        event_int(e, "max", g->points);
        put_events(e, v);
    }
    if (v == NULL)
        event_text(e, "text", "a task that it needs is not done");
    else if (!judged)
        event_text(e, "text", "the check of this task is broken");
    else
        event_text(e, "text", passed ? "" : buf_text(&v->text));
    if (v != NULL && !judged)
        event_text(e, "fault", buf_text(&v->text));
    session_tell(l->s);
}

void
lesson_tell_end(struct lesson *l)
{
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "what", "ends");
    event_int(e, "points", lesson_points(l));
    event_int(e, "max", l->g->points);
    event_text(e, "text", l->g->outro != NULL ? l->g->outro : "");
    session_tell(l->s);
    buf_clear(&l->text);
    lesson_recap(l, &l->text);
    session_say(l->s, "%s", buf_text(&l->text));
}
