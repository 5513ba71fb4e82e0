/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verdicts (interface 2). `stuck`: every living actor waits in a call that only another actor
 * could end, or is stopped. `never`: this one call cannot be ended by anything that others hold.
 * Neither is said where a timer, a program that runs on its own, or an idle actor could still make
 * it false. The whole world is asked once more before either is said. */
#include <sys/stat.h>

#include "base/mem.h"
#include "proc/fd_info.h"
#include "proc/garbage.h"
#include "session/explain.h"

static bool
waits_for_others(const struct actor *a)
{
    return a->state == ACTOR_BUSY && a->blocked_told && !a->timed && !a->stopped &&
           (a->waits || a->awaiting);
}

/* Could a timer of its own still end its call, or the process? */
static bool
has_timer(const struct session *s, const struct actor *a)
{
    return signals_timer_runs(s->world.actors[a->id]);
}

/* Only another can make it go on, by SIGCONT. */
static bool
is_stopped(const struct actor *a)
{
    return a->stopped && a->state != ACTOR_FOREIGN;
}

/* Do all living actors wait for others, or are stopped? Also how many wait. */
static bool
all_wait(const struct session *s, int *waiting)
{
    *waiting = 0;
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        if (!actor_alive(a) || is_stopped(a))
            continue;
        if (!waits_for_others(a) || has_timer(s, a))
            return false;
        (*waiting)++;
    }
    return *waiting > 0;
}

/* Is something on its way that a timer of the kernel will bring? What was true when the call began
 * to wait may not be true any more. What is not on its way has arrived, and whoever it woke is seen
 * when all are asked after that. */
static bool
comes_later(struct session *s)
{
    bool asked = false;
    struct err err;
    int waiting;

    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (waits_for_others(a) && actor_may_end_late(&s->world, a)) {
            asked = true;
            explain_refresh(s, a);
            if (a->later)
                return true;
        }
    }
    if (!asked)
        return false;
    s->world.touch.all = true;
    run_aftermath(s, NULL, 0, &err);
    return !all_wait(s, &waiting);
}

static void
tell_stuck(struct session *s, int living)
{
    struct actor **waiting = mem_alloc(sizeof(struct actor *) * (size_t)living);
    int n = 0;

    for (int i = 0; i < s->world.nactors && n < living; i++)
        if (actor_alive(s->world.actors[i]) && !is_stopped(s->world.actors[i])) {
            waiting[n++] = s->world.actors[i];
            s->world.actors[i]->never_told = true;
        }
    verdict_tell(s, "stuck", waiting, n);
    free(waiting);
}

/* Somebody may still receive a descriptor of whatever is waited for: nobody holds it meanwhile. */
static bool
descriptors_travel(const struct world *w)
{
    for (int i = 0; i < w->nactors; i++)
        for (int k = 0; k < w->actors[i]->nfds && actor_alive(w->actors[i]); k++)
            if (S_ISSOCK(w->actors[i]->fds[k].mode) &&
                fd_info_travelling(w->actors[i]->host, w->actors[i]->fds[k].fd) > 0)
                return true;
    return w->descriptors_sent && garbage_unaccepted(w);
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
        if (comes_later(s))
            return;
        s->stuck = true;
        tell_stuck(s, living);
        return;
    }
    for (int i = 0; i < s->world.nactors && !descriptors_travel(&s->world); i++) {
        struct actor *a = s->world.actors[i];

        if (a->never && !a->never_told && waits_for_others(a) && !has_timer(s, a)) {
            a->never_told = true;
            verdict_tell(s, "never", &a, 1);
        }
    }
}
