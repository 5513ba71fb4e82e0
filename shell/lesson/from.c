/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lab that begins in its middle, for who writes it or shows it: the model solution leads to where
 * the task begins. It is recorded as what the lab does itself. The tasks before are left out:
 * nobody gets points for them, and nobody has failed them. */
#include "base/text.h"
#include "lesson/lesson.h"

static int
find(const struct lesson *l, const char *id, struct err *err)
{
    int task = lesson_index(l, id);
    struct buf shown = {0};
    struct near near;

    if (task >= 0)
        return task;
    near_init(&near, id);
    for (int i = 0; i < l->g->ntasks; i++)
        near_offer(&near, l->g->tasks[i].id);
    text_escape(&shown, id, strlen(id), true);
    err_set(err, STATUS_USAGE, "the lab has no task '%.40s'%s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean " : "; the first is ",
            near.best[0] != '\0' ? near.best : l->g->tasks[0].id, near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return -1;
}

static void
tell_left(struct lesson *l, int task)
{
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "what", "left");
    event_text(e, "id", l->g->tasks[task].id);
    event_text(e, "title", l->g->tasks[task].title);
    event_int(e, "max", l->g->tasks[task].points);
    event_text(e, "text", "");
    session_tell(l->s);
}

int
lesson_from(struct lesson *l, const char *id, struct err *err)
{
    int task = find(l, id, err), result = task < 0 ? -1 : 0;
    char text[400];

    l->s->hushed++;
    for (int i = 0; i < task && result == 0; i++) {
        result = lesson_lines(l, "from", &l->g->tasks[i].solution, err);
        if (result < 0 && err->status == STATUS_USAGE) {
            snprintf(text, sizeof text, "%s", err->text);
            err_set(err, STATUS_LAB, "the model solution of %s cannot be played: %s",
                    l->g->tasks[i].id, text);
        }
        if (result == 0)
            tell_left(l, i);
    }
    l->s->hushed--;
    if (result == 0 && task > 0)
        session_say(l->s,
                    "begins with task %d of %d: the model solution of what is before it was "
                    "played; those tasks are left out, not judged\n",
                    task + 1, l->g->ntasks);
    return result;
}
