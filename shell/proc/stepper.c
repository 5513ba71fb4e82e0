/* SPDX-License-Identifier: GPL-3.0-or-later
 * See stepper.h. */
#include "proc/stepper.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "proc/facts.h"
#include "proc/flight.h"
#include "proc/garbage.h"
#include "proc/patience.h"
#include "proc/proc_stat.h"
#include "proc/programs.h"
#include "proc/pump.h"
#include "proc/touch.h"

enum { LIVES_ON_MS = 1000 }; /* a process that closed its control socket and is not yet dead */

/* ---- Giving -------------------------------------------------------------------------------- */

static void
begin_step(const struct world *w, struct actor *a, int64_t number, const struct plan_step *s)
{
    a->objects_known = w->nobjects;
    a->step = number;
    a->call = s->call;
    a->ref = s->ref;
    a->call_name = s->name;
    a->replied = a->awaiting = a->blocked_told = a->waits = false;
    a->await_shared = a->faulted = a->never = a->never_told = a->later = a->restless = false;
    a->timed = 0;
    a->nobjects = 0;
    a->waits_on = -1;
    a->moved = false;
    a->child = -1;
    a->ret = 0;
    a->error = 0;
    buf_clear(&a->enter);
    buf_clear(&a->reply);
    a->state = ACTOR_BUSY;
}

static void
send_step(struct world *w, struct actor *a, const int *fds, int nfds)
{
    static struct buf frame;

    a->request = ++w->request;
    if (nfds > 0) {
        wire_begin(&frame, FRAME_CHILD, a->request);
        wire_send_wait(a->control, &frame, fds, nfds);
    }
    wire_begin(&frame, FRAME_STEP, a->request);
    plan_encode(&frame, a->plan, a->pc, a->results);
    if (a->board != NULL)
        board_ask(a->board, &frame, nfds > 0);
}

int
stepper_give(struct world *w, struct actor *a, int64_t number, struct err *err)
{
    const struct plan_step *s = &a->plan->steps[a->pc];
    struct actor *child = NULL;
    int far[4];

    if (s->call != NULL && (s->call->flags & IPCLAB_FDS) != 0)
        world_first_fds(a);
    begin_step(w, a, number, s);
    if (s->call != NULL && (s->call->flags & IPCLAB_SIGNALS) != 0)
        signals_before(w);
    w->touch.n = 0;
    w->touch.all = s->call != NULL && (s->call->flags & IPCLAB_TOUCHES_ALL) != 0;
    if (s->call != NULL && (s->call->flags & IPCLAB_MAKES_PROCESS) != 0) {
        child = world_expect_child(w, s->new_actor, a->id, far, err);
        if (child == NULL) {
            a->state = ACTOR_IDLE;
            return -1;
        }
        a->child = child->id;
    }
    send_step(w, a, far, child != NULL ? 4 : 0);
    if (child != NULL) {
        /* The same step returns in the child, too, and stores its result there. */
        begin_step(w, child, number, s);
        child->request = a->request;
        child->state = ACTOR_STARTING;
        for (int i = 0; i < 4; i++)
            close(far[i]);
    }
    return 0;
}

void
stepper_look_again(struct world *w, struct actor *a)
{
    a->awaiting = false;
    a->replied = false;
    buf_clear(&a->reply);
    buf_clear(&a->enter);
    send_step(w, a, NULL, 0);
}

/* ---- Settling ------------------------------------------------------------------------------ */

enum moved { MOVED_NOT, MOVED, MOVED_UNSURE };

static void
set_stopped(struct world *w, struct actor *a, bool stopped)
{
    if (a->stopped != stopped)
        signals_child_changed(w, a);
    a->stopped = stopped;
}

/* Of one that sleeps: is this another sleep than the one that was last told of? A call that may go
 * from a wait with a time to one without may have done so before it was first seen. */
static bool
sleeps_anew(const struct actor *a, int64_t switches)
{
    return a->waits ? a->probe.switches != switches
                    : (a->timed & TIMED_BY_CALL) != 0 && a->nobjects > 1;
}

/* Asleep or done? Until one of them is sure, or patience ends (UNSURE). */
static enum moved
settle_actor(struct world *w, struct actor *a, struct patience *p)
{
    int64_t lives_on = 0, switches = a->probe.switches;

    for (;;) {
        enum sleep_state s;

        if (!pump_board(w, a) && p->spins > 0)
            pump_actor(w, a);
        if (a->replied || a->state == ACTOR_DEAD || a->state == ACTOR_FOREIGN ||
            a->state == ACTOR_IDLE)
            return MOVED;
        if (a->control < 0) { /* it closed its socket: it dies, or became a program, or cheats */
            if (pump_ended(w, a))
                return MOVED;
            if (lives_on == 0)
                lives_on = now_ms() + LIVES_ON_MS;
            else if (now_ms() > lives_on)
                pump_violation(w, a, "it closed its control socket and lives on");
        } else if (a->host != 0) {
            s = probe_look(&a->probe);
            if (s == PROBE_GONE && pump_ended(w, a))
                return MOVED;
            if (s == PROBE_ASLEEP || s == PROBE_STOPPED) {
                bool printed = pump_output(w, a); /* it may wait for us to read what it prints */

                board_stop_looking(a->board);
                printed |= pump_actor(w, a); /* or for room to tell of its signals */
                if (a->replied || a->state == ACTOR_IDLE)
                    return MOVED;
                if (!printed && a->control >= 0) {
                    pump_entered(w, a);
                    set_stopped(w, a, s == PROBE_STOPPED);
                    a->moved = sleeps_anew(a, switches);
                    a->waits = true;
                    return MOVED_NOT;
                }
            }
        }
        if (!relax(w, p)) {
            if (a->board != NULL) {
                board_stop_looking(a->board);
                pump_entered(w, a);
            }
            a->restless = true;
            return MOVED_UNSURE;
        }
    }
}

/* One that is in no call runs a handler, stops or dies when it was sent a signal. */
static enum moved
settle_idle(struct world *w, struct actor *a, struct patience *p)
{
    for (;;) {
        enum sleep_state s = probe_look(&a->probe);

        if (s == PROBE_GONE && pump_ended(w, a))
            return MOVED;
        if (s == PROBE_ASLEEP || s == PROBE_STOPPED) {
            set_stopped(w, a, s == PROBE_STOPPED);
            return MOVED_NOT;
        }
        if (!relax(w, p))
            return MOVED_UNSURE;
    }
}

/* One that gave no rest before: has it come to one meanwhile? Then it counts again. */
static bool
still_restless(struct world *w, struct actor *a)
{
    if (a->restless)
        a->restless = !pump_actor(w, a) && probe_look(&a->probe) == PROBE_RUNS;
    return a->restless;
}

/* Which actors a pass asks. */
enum reach {
    REACH_TOUCHED, /* those whose wait the step could have ended */
    REACH_ALL, /* everybody, the idle, too: programs are about, which may do anything to anybody */
};

/* In no call: idle, or between two looks of an await. */
static bool
is_between_calls(const struct actor *a)
{
    return a->state == ACTOR_IDLE || (a->state == ACTOR_BUSY && a->awaiting);
}

static bool
in_reach(const struct world *w, const struct actor *a, enum reach reach)
{
    if (is_between_calls(a))
        return a->signals.look || (reach == REACH_ALL && !a->replied);
    if (a->state != ACTOR_BUSY && a->state != ACTOR_STARTING)
        return false;
    return !a->replied && (!a->waits || reach == REACH_ALL || touch_reaches(w, a));
}

/* True when programs moved, and so anybody may have. */
static bool
pass_programs(struct world *w, struct patience *p)
{
    enum programs now = programs_look(w);

    if (now != PROGRAMS_RUN)
        w->programs_restless = false;
    if (w->programs_restless || now == PROGRAMS_UNMOVED)
        return false;
    while (now == PROGRAMS_RUN) {
        pump_events(w);
        if (!relax(w, p)) {
            w->programs_restless = true;
            return false;
        }
        now = programs_look(w);
    }
    return true;
}

/* One pass over those in reach. True when anything moved or was not yet proven to sleep: then
 * another pass is needed. */
static bool
pass(struct world *w, struct patience *p, enum reach reach)
{
    bool again = pump_events(w);

    for (int i = 0; i < w->nactors; i++) {
        struct actor *a = w->actors[i];
        bool idle = is_between_calls(a);

        if (!in_reach(w, a, reach) || still_restless(w, a))
            continue;
        if ((a->waits || idle) && !a->stopped && probe_unmoved(&a->probe) && !pump_actor(w, a))
            continue;
        if (a->stopped && probe_state_letter(a->host) == 'T')
            continue;
        if ((idle ? settle_idle(w, a, p) : settle_actor(w, a, p)) == MOVED_UNSURE)
            return false;
        again = true;
    }
    if (reach == REACH_ALL)
        again |= pass_programs(w, p);
    return again;
}

static enum settle
passes(struct world *w, struct patience *p, enum reach reach)
{
    int deaths;
    bool again;

    do {
        deaths = w->deaths;
        do {
            if (w->exec_count > 0 || w->foreign_seen)
                reach = REACH_ALL; /* to the end, though they may end before */
            again = pass(w, p, reach);
            if (p->gave_up != SETTLE_QUIET)
                return p->gave_up;
        } while (again);
        /* A zombie shows a moment before its parent's wait is woken: this call cannot overtake
         * that, and then one more pass decides. */
        if (w->deaths != deaths)
            waitid(P_ALL, 0, &(siginfo_t){0}, WNOHANG | WNOWAIT | WEXITED);
    } while (w->deaths != deaths);
    for (int i = 0; i < w->nactors && w->looking; i++)
        w->actors[i]->signals.look = false;
    w->looking = false;
    return p->gave_up;
}

/* What a step has made unreachable is closed in the same step, and wakes whom it wakes. */
static enum settle
settle_garbage(struct world *w, struct patience *p)
{
    while (w->sockets_sent && w->touch.all && garbage_collect(w))
        if (passes(w, p, REACH_TOUCHED) != SETTLE_QUIET)
            return p->gave_up;
    return SETTLE_QUIET;
}

/* What a step has sent arrives in the same step, when nothing but time is between. */
static enum settle
settle_flight(struct world *w, struct patience *p)
{
    while (flight_under_way(w))
        if (!relax(w, p) || passes(w, p, REACH_TOUCHED) != SETTLE_QUIET)
            return p->gave_up;
    return SETTLE_QUIET;
}

/* Who is killed from outside gives up what it holds before its death shows, and whom that wakes may
 * answer first. The cause belongs before it. */
static enum settle
settle_dying(struct world *w, struct patience *p)
{
    struct proc_stat st;

    w->unexplained = false;
    for (int i = 0; i < w->nactors; i++) {
        struct actor *a = w->actors[i];

        if (!actor_alive(a) || a->state == ACTOR_FOREIGN || a->host == 0)
            continue;
        while (!pump_ended(w, a) && proc_stat_read(a->host, &st) && st.dying)
            if (!relax(w, p))
                return p->gave_up;
    }
    return passes(w, p, REACH_TOUCHED);
}

enum settle
stepper_settle(struct world *w, struct actor *trigger, int64_t limit_ms)
{
    struct patience p;

    patience_init(&p, limit_ms);
    if (trigger != NULL) {
        if (!pump_board(w, trigger))
            sched_yield(); /* the actor is awake and on this CPU: now it runs */
        if (settle_actor(w, trigger, &p) == MOVED_UNSURE)
            return p.gave_up;
    }
    if (passes(w, &p, REACH_TOUCHED) != SETTLE_QUIET ||
        (w->unexplained && settle_dying(w, &p) != SETTLE_QUIET) ||
        settle_garbage(w, &p) != SETTLE_QUIET || settle_flight(w, &p) != SETTLE_QUIET)
        return p.gave_up;
    while (trigger != NULL && trigger->timed && trigger->state == ACTOR_BUSY && !trigger->replied &&
           !trigger->moved) {
        int64_t left = p.deadline == 0 ? 0 : p.deadline - now_ms();

        if (p.deadline != 0 && left <= 0)
            return SETTLE_TIMEOUT;
        p.gave_up = stepper_wait_event(w, left);
        if (p.gave_up != SETTLE_QUIET || passes(w, &p, REACH_TOUCHED) != SETTLE_QUIET)
            return p.gave_up;
    }
    return SETTLE_QUIET;
}

bool
stepper_poll(struct world *w)
{
    bool any = pump_events(w);

    if (any)
        stepper_settle(w, NULL, 0);
    return any;
}

int
stepper_audit(struct world *w)
{
    struct patience p;
    int moved = 0;

    for (int i = 0; i < w->nactors; i++) {
        struct actor *a = w->actors[i];

        if (a->state == ACTOR_BUSY && a->waits && !a->stopped && !a->awaiting && !a->replied &&
            !a->timed && !actor_may_end_late(w, a) && !probe_unmoved(&a->probe)) {
            patience_init(&p, 1000);
            if (settle_actor(w, a, &p) == MOVED)
                moved++;
        }
    }
    return moved;
}

void
stepper_drain(struct world *w, struct actor *a)
{
    pump_output(w, a);
}

int
stepper_foreigners(struct world *w)
{
    return w->exec_count > 0 || w->foreign_seen ? programs_count(w) : 0;
}
