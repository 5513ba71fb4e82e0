/* SPDX-License-Identifier: GPL-3.0-or-later
 * See patience.h. At first it yields: on one CPU whoever is runnable runs then. Later it sleeps
 * until an event, for a millisecond at most, so that one who computes for long is not disturbed. */
#include "proc/patience.h"

#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>

#include "base/clock.h"

enum { LOOK_MS = 5 }; /* between two looks at who may move without an event */

void
patience_init(struct patience *p, int64_t limit_ms)
{
    *p = (struct patience){.deadline = limit_ms > 0 ? now_ms() + limit_ms : 0};
}

bool
relax(struct world *w, struct patience *p)
{
    struct epoll_event e;

    if (p->spins++ < SPINS) {
        sched_yield();
        return true;
    }
    if (w->pause != NULL && p->spins == SPINS + 1)
        w->pause(w->pause_ctx);
    if (!p->deaf && w->interrupted != NULL && w->interrupted())
        p->gave_up = SETTLE_INTERRUPTED;
    else if (p->deadline != 0 && now_ms() > p->deadline)
        p->gave_up = SETTLE_TIMEOUT;
    else
        epoll_wait(w->epoll, &e, 1, 1); /* an event, or the next look */
    return p->gave_up == SETTLE_QUIET;
}

/* A timed call may go from one wait to the next without a word to anybody. True: one did, or its
 * time is over. */
static bool
moved_silently(struct world *w, bool *any)
{
    bool moved = false;

    *any = false;
    for (int i = 0; i < w->nactors; i++) {
        struct actor *a = w->actors[i];

        if (a->state != ACTOR_BUSY || (a->timed & TIMED_BY_CALL) == 0 || !a->waits ||
            a->nobjects < 2 || a->stopped)
            continue;
        *any = true;
        moved |= !probe_unmoved(&a->probe);
    }
    return moved;
}

enum settle
stepper_wait_event(struct world *w, int64_t limit_ms)
{
    int64_t deadline = limit_ms > 0 ? now_ms() + limit_ms : 0;
    enum settle end = SETTLE_QUIET;
    sigset_t ctrl_c, before;

    if (w->pause != NULL)
        w->pause(w->pause_ctx);
    /* Ctrl-C is held back but for the moment of the wait itself, so that none comes between the
     * question and the sleep and is slept through. */
    sigemptyset(&ctrl_c);
    sigaddset(&ctrl_c, SIGINT);
    sigprocmask(SIG_BLOCK, &ctrl_c, &before);
    for (;;) {
        struct pollfd p = {.fd = w->epoll, .events = POLLIN};
        int64_t left = deadline == 0 ? -1 : deadline - now_ms();
        bool silent, moved = moved_silently(w, &silent);
        int64_t look = silent && (deadline == 0 || left > LOOK_MS) ? LOOK_MS : left;
        struct timespec time = {look / 1000, look % 1000 * 1000000};

        if (moved)
            break;
        if (w->interrupted != NULL && w->interrupted())
            end = SETTLE_INTERRUPTED;
        else if (deadline != 0 && left <= 0)
            end = SETTLE_TIMEOUT;
        else if (ppoll(&p, 1, look < 0 ? NULL : &time, &before) <= 0)
            continue;
        break;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return end;
}
