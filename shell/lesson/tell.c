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
lesson_tell_lab(struct lesson *l, const char *from)
{
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "what", "opens");
    event_text(e, "title", l->g->title);
    event_int(e, "of", l->g->ntasks);
    event_int(e, "max", l->g->points);
    if (l->g->minutes > 0)
        event_int(e, "minutes", l->g->minutes);
    if (from != NULL)
        event_text(e, "from", from);
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

static void
start_check(struct lesson *l, int task)
{
    event_start(&l->s->event, "check");
    event_text(&l->s->event, "task", l->g->tasks[task].id);
    event_text(&l->s->event, "title", l->g->tasks[task].title);
}

void
lesson_tell_not_judged(struct lesson *l, int task, const char *why)
{
    start_check(l, task);
    event_null(&l->s->event, "passed");
    event_text(&l->s->event, "text", why);
    session_tell(l->s);
}

void
lesson_tell_check(struct lesson *l, int task, const struct lab_verdict *v, bool judged)
{
    const struct guided_task *g = &l->g->tasks[task];
    bool passed = judged && v->how == LAB_HOLDS;
    struct event *e = &l->s->event;
    int points = earned(l, task);

    start_check(l, task);
    if (judged)
        event_bool(e, "passed", passed);
    else
        event_null(e, "passed");
    if (passed) {
        event_int(e, "points", points);
        event_int(e, "max", g->points);
        put_events(e, v);
    }
    if (judged && l->tasks[task].began < 0)
        event_bool(e, "begun", false);
    if (!judged)
        event_text(e, "text", "Its check is broken.");
    else
        event_text(e, "text", passed ? "" : buf_text(&v->text));
    if (!judged)
        event_text(e, "fault", buf_text(&v->text));
    if (v->how == LAB_STOPPED)
        event_bool(e, "stopped", true);
    session_tell(l->s);
}

void
lesson_tell_whole(struct lesson *l, const char *what, const char *text)
{
    struct event *e = &l->s->event;
    int left = 0;

    for (int i = 0; i < l->g->ntasks; i++)
        if (l->tasks[i].state == TASK_LEFT)
            left += l->g->tasks[i].points + l->g->tasks[i].predict.points;
    buf_clear(&l->text);
    if (left > 0)
        buf_printf(&l->text,
                   "%d of them belong%s to tasks that were left out, and %s not judged.%s", left,
                   left == 1 ? "s" : "", left == 1 ? "is" : "are", text[0] != '\0' ? "\n" : "");
    buf_puts(&l->text, text);
    event_start(e, "task");
    event_text(e, "what", what);
    event_int(e, "points", lesson_points(l));
    event_int(e, "max", l->g->points);
    event_text(e, "text", buf_text(&l->text));
    session_tell(l->s);
}

void
lesson_tell_end(struct lesson *l)
{
    lesson_tell_whole(l, "ends", l->g->outro != NULL ? l->g->outro : "");
    buf_clear(&l->text);
    lesson_recap(l, &l->text);
    session_say(l->s, "%s", buf_text(&l->text));
}
