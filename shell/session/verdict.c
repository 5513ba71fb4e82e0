/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verdicts (interface 2). `stuck`: every living actor waits in a call that only another actor
 * could end. `never`: this one call cannot be ended by anything that others hold. Neither is said
 * where a timer, a program that runs on its own, or an idle actor could still make it false. The
 * whole world is asked once more before either is said. */
#include "session/run.h"

static bool
waits_for_others(const struct actor *a)
{
    return a->state == ACTOR_BUSY && a->blocked_told && !a->timed && !a->stopped &&
           (a->waits || a->awaiting);
}

/* Do all living actors wait for others? Also how many live. */
static bool
all_wait(const struct session *s, int *living)
{
    *living = 0;
    for (int i = 0; i < s->world.nactors; i++) {
        if (!actor_alive(s->world.actors[i]))
            continue;
        if (!waits_for_others(s->world.actors[i]))
            return false;
        (*living)++;
    }
    return *living > 0;
}

static void
tell_stuck(struct session *s)
{
    struct event *e = &s->event;
    const struct actor *last = NULL;
    struct buf text = {0};
    int n = 0;

    event_start(e, "verdict");
    event_text(e, "kind", "stuck");
    event_array(e, "actors");
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (!actor_alive(a))
            continue;
        event_text(e, NULL, a->name);
        if (n++ < 8)
            buf_printf(&text, "%s%s waits in %s since step %lld (%s)", n > 1 ? "; " : "", a->name,
                       a->call_name, (long long)a->step, buf_text(&a->waits_text));
        if (last == NULL || a->step > last->step)
            last = a;
        a->never_told = true;
    }
    event_close(e);
    if (n > 8)
        buf_printf(&text, "; and %d more", n - 8);
    if (last != NULL && last->nobjects > 0)
        event_text(e, "obj", s->world.objects[last->objects[last->nobjects - 1]].name);
    buf_printf(&text, ". Nobody is left who could move: %s",
               n == 1 ? "it is the only one alive" : "each waits for another");
    event_text(e, "text", buf_text(&text));
    session_tell(s);
    buf_release(&text);
}

static void
tell_never(struct session *s, struct actor *a)
{
    struct event *e = &s->event;
    struct buf text = {0};

    event_start(e, "verdict");
    event_text(e, "kind", "never");
    event_array(e, "actors");
    event_text(e, NULL, a->name);
    event_close(e);
    if (a->nobjects > 0)
        event_text(e, "obj", s->world.objects[a->objects[a->nobjects - 1]].name);
    buf_printf(&text, "%s's %s (step %lld) can never end: %s", a->name, a->call_name,
               (long long)a->step, buf_text(&a->waits_text));
    event_text(e, "text", buf_text(&text));
    session_tell(s);
    buf_release(&text);
    a->never_told = true;
}

void
run_verdicts(struct session *s)
{
    int living;
    bool never = false;

    for (int i = 0; i < s->world.nactors; i++)
        never |= s->world.actors[i]->never && !s->world.actors[i]->never_told &&
                 waits_for_others(s->world.actors[i]);
    if (s->stuck || (!never && !all_wait(s, &living)) || stepper_foreigners(&s->world) > 0)
        return;
    s->disagreements += stepper_audit(&s->world);
    if (all_wait(s, &living)) {
        s->stuck = true;
        tell_stuck(s);
        return;
    }
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->never && !a->never_told && waits_for_others(a))
            tell_never(s, a);
    }
}
