/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wait: for what ends by itself. */
#include "builtin/builtins.h"
#include "session/run.h"

/* Does a timer of the kernel do something for it (TCP sends again)? It is asked anew each time, for
 * what was lost was perhaps lost after the call had begun to wait. */
static bool
may_end_late(struct session *s, struct actor *a)
{
    if (a->state == ACTOR_BUSY && a->blocked_told && actor_may_end_late(&s->world, a))
        explain_refresh(s, a);
    return a->later;
}

static bool
ends_by_itself(struct session *s, struct actor *a)
{
    return (a->state == ACTOR_BUSY && (a->timed || !a->waits || may_end_late(s, a)) &&
            !a->awaiting) ||
           a->state == ACTOR_FOREIGN;
}

/* A timer that runs again and again is waited for once. */
static bool
has_timer(struct actor *a, bool came)
{
    return (!came || a->signals.timer.interval_ms == 0) && signals_timer_runs(a);
}

/* Until something comes by itself. A timer whose signal nobody lets in wakes nobody: when its time
 * is over the actors are asked again (*due). */
static enum settle
wait_event(struct session *s, bool *due)
{
    int64_t timer = signals_due(&s->world);
    enum settle how;

    *due = timer > 0 && (s->limit_ms == 0 || timer < s->limit_ms);
    how = stepper_wait_event(&s->world, *due ? timer : s->limit_ms);
    *due = *due && how == SETTLE_TIMEOUT;
    return how;
}

/* What is not on its way any more has arrived, perhaps between two questions: all are asked once
 * more. True when that told anything. */
static bool
has_arrived(struct session *s, struct err *err)
{
    int64_t before = s->seq;
    bool asked = false;

    for (int i = 0; i < s->world.nactors; i++)
        asked |= s->world.actors[i]->state == ACTOR_BUSY &&
                 actor_may_end_late(&s->world, s->world.actors[i]);
    if (!asked)
        return false;
    s->world.touch.all = true;
    run_aftermath(s, NULL, 0, err);
    return s->seq != before;
}

static int
on_wait(struct session *s, const char *rest, struct err *err)
{
    struct actor *only = NULL;
    bool waited = false, came = false, ends, due;

    session_poll(s); /* a timer that was over before this line is told before the next */
    if (rest[0] != '\0') {
        only = world_actor(&s->world, rest);
        if (only == NULL)
            return session_actor(s, rest, err) == NULL ? -1 : 0;
        ends = ends_by_itself(s, only) || has_timer(only, false);
        waited = !ends && has_arrived(s, err);
        if (only->state == ACTOR_BUSY && !ends && !waited)
            return err_set(err, STATUS_USAGE,
                           "%s waits in %s, which does not end by itself; `why %s` says who could "
                           "end it",
                           only->name, only->call_name, only->name);
    }
    for (;;) {
        enum settle how;
        bool any = false;
        int result;

        for (int i = 0; i < s->world.nactors; i++)
            any |= (only == NULL || only == s->world.actors[i]) &&
                   (ends_by_itself(s, s->world.actors[i]) || has_timer(s->world.actors[i], came));
        if (!any && has_arrived(s, err)) {
            waited = true;
            continue;
        }
        if (!any && !waited && only == NULL)
            session_say(s, "      nobody is in a call that ends by itself\n");
        else if (!any && !waited)
            session_say(s, "      %s %s\n", only->name,
                        actor_alive(only) ? "is in no call" : "has ended already");
        if (!any)
            return 0;
        waited = true;
        how = wait_event(s, &due);
        came |= !due;
        if (how == SETTLE_INTERRUPTED && s->interactive)
            return 0;
        if (how == SETTLE_INTERRUPTED)
            return err_set(err, STATUS_INTERRUPTED, "interrupted while waiting");
        if (how == SETTLE_TIMEOUT && !due)
            return err_set(err, STATUS_STUCK,
                           "nothing happened in %lld s; --timeout gives it longer",
                           (long long)(s->limit_ms / 1000));
        result = run_aftermath(s, NULL, 0, err);
        if (result < 0)
            return result;
    }
}

static const char *const examples[] = {"spawn a\na nanosleep(0, 1000000)\nwait", "spawn a\nwait a",
                                       NULL};

const struct builtin builtin_wait = {
    .name = "wait",
    .usage = "[ACTOR]",
    .summary = "wait for what ends by itself: a sleep, a timeout, a program",
    .help =
        "Also for what a timer of the kernel may bring: TCP sends again what was lost while the "
        "cable of a host was unplugged (`help hosts`). Ctrl-C stops the waiting, and nothing "
        "else.",
    .flags = BUILTIN_RECORDED,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_wait,
};
