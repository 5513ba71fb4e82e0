/* SPDX-License-Identifier: GPL-3.0-or-later
 * See run.h. The order in which things are told is the order in which they must have happened as
 * far as that is certain, and beyond that a fixed one (by the number of the step that waited), so
 * that the same script gives the same bytes. */
#include "session/run.h"

#include <errno.h>

#include "base/mem.h"

enum { AUDIT_EVERY = 64 };

/* ---- After a step -------------------------------------------------------------------------- */

static int
by_step(const void *a, const void *b)
{
    const struct actor *x = *(struct actor *const *)a, *y = *(struct actor *const *)b;

    return x->step != y->step ? (x->step < y->step ? -1 : 1) : x->id - y->id;
}

/* Those whose call came back and is not yet told, trigger first, then its child, then the rest. */
static int
collect_replied(struct session *s, struct actor *trigger, struct actor ***list)
{
    static struct actor **room;
    static int cap;
    int n = 0, first;

    if (cap < s->world.nactors) {
        cap = s->world.cap_actors;
        room = mem_grow(room, sizeof *room * (size_t)cap);
    }
    if (trigger != NULL && trigger->replied)
        room[n++] = trigger;
    first = n;
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->replied && s->world.actors[i] != trigger)
            room[n++] = s->world.actors[i];
    qsort(room + first, (size_t)(n - first), sizeof *room, by_step);
    messages_order(s, room, first, n);
    *list = room;
    return n;
}

static void
finish_plan(struct actor *a)
{
    if (a->plan == NULL)
        return;
    plan_release(a->plan);
    free(a->plan);
    a->plan = NULL;
}

/* A forked child is told before the call returns in both. */
static void
tell_new_process(struct session *s, struct actor *trigger)
{
    struct actor *child;

    if (trigger == NULL || trigger->child < 0)
        return;
    child = s->world.actors[trigger->child];
    if (child->host == 0 && trigger->replied && trigger->ret > 0) {
        child->pid = (pid_t)trigger->ret; /* made, and killed before it could say hello */
        child->state = ACTOR_DEAD;
    } else if (child->host == 0) {
        trigger->child = -1;
        world_forget(&s->world, child); /* fork failed */
        return;
    }
    if (child->fresh) {
        child->fresh = false;
        narrate_process(s, child, "fork");
    }
}

static void
tell_reaped(struct session *s, struct actor *a)
{
    pid_t pid = process_waited_for(a);
    struct actor *child = pid > 0 ? world_actor_by_pid(&s->world, pid) : NULL;

    if (child != NULL && child->parent == a->id && child->state == ACTOR_DEAD && !child->reaped &&
        probe_state_letter(child->host) != 'Z') { /* WNOWAIT leaves it */
        child->reaped = true;
        narrate_process(s, child, "reaped");
    }
}

static void
tell_stop(struct session *s, struct actor *a)
{
    if (a->stopped == a->stop_told || a->state == ACTOR_DEAD)
        return;
    a->stop_told = a->stopped;
    if (!a->stopped)
        narrate_continuing(s, a);
    narrate_process(s, a, a->stopped ? "stopped" : "continued");
    a->signals.stopped_by = 0;
}

/* The exit of one actor's step. Returns true when its line goes on. */
static bool
tell_exit(struct session *s, struct actor *a, int64_t by, struct err *err)
{
    const struct plan_step *step;

    if (a->stopped) { /* one that answers goes on again */
        a->stopped = false;
        tell_stop(s, a);
    }
    if (a->plan == NULL) {
        a->replied = false;
        return false;
    }
    narrate_signals_inside(s, a, by != 0 ? by : a->step);
    a->replied = false;
    step = &a->plan->steps[a->pc];
    if (a->error == UINT16_MAX) { /* refused before the call */
        struct buf why = {0};

        buf_puts(&why, "the call was refused");
        a->error = 0;
        narrate_exit(s, a, by);
        buf_release(&why);
        finish_plan(a);
        err_set(err, STATUS_USAGE, "%s: an argument is out of bounds", a->name);
        return false;
    }
    if (step->kind == STEP_AWAIT && a->ret == 0) {
        a->awaiting = true;
        a->state = ACTOR_BUSY;
        return false;
    }
    narrate_exit(s, a, by);
    tell_reaped(s, a);
    narrate_output(s, a);
    a->results[a->pc] = a->ret;
    if (a->parent >= 0 && s->world.actors[a->parent]->child == a->id &&
        s->world.actors[a->parent]->step == a->step) {
        finish_plan(a); /* the child of a fork does not go on with its parent's line */
        return false;
    }
    if (++a->pc < a->plan->n)
        return true;
    finish_plan(a);
    return false;
}

/* What became of an actor beside its exit: its program, signals, stops, output, its end. */
static void
tell_change(struct session *s, struct actor *a, int64_t by)
{
    if (a->became_program && !a->exec_told) {
        a->exec_told = true;
        narrate_process(s, a, "exec");
        finish_plan(a);
    }
    if (a->output[0].len + a->output[1].len > 0 || a->dropped[0] + a->dropped[1] > 0)
        narrate_output(s, a);
    if (!a->stopped)
        tell_stop(s, a); /* what was pending meanwhile comes then */
    narrate_signals(s, a, by);
    tell_stop(s, a);
    if (a->state == ACTOR_DEAD && !a->end_told && !a->fresh) {
        narrate_death(s, a);
        finish_plan(a);
    }
}

void
run_tell_over(struct session *s)
{
    if (s->world.limit[0] != '\0') {
        session_note(s, "%s", s->world.limit);
        s->world.limit[0] = '\0';
    }
    if (s->world.over && !s->world.over_told) {
        s->world.over_told = true;
        session_note(s, "the world has ended: its first process was killed; `reset` makes a fresh "
                        "one");
    }
}

static void
tell_changes(struct session *s, struct actor *first, int64_t by)
{
    if (first != NULL)
        tell_change(s, first, by);
    for (int i = 0; i < s->world.nactors; i++)
        tell_change(s, s->world.actors[i], by);
    narrate_signals_of_children(s, by);
    run_tell_over(s);
}

/* Each await that waits looks again, in the order of their steps. */
static void
look_again(struct session *s, int64_t by, struct err *err)
{
    struct actor **list = NULL;
    int n = 0;

    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->awaiting && a->blocked_told && a->state == ACTOR_BUSY && !a->stopped) {
            list = mem_grow(list, sizeof *list * (size_t)(n + 1));
            list[n++] = a;
        }
    }
    if (n > 1)
        qsort(list, (size_t)n, sizeof *list, by_step);
    for (int i = 0; i < n; i++) {
        stepper_look_again(&s->world, list[i]);
        stepper_settle(&s->world, list[i], s->limit_ms);
        if (list[i]->replied)
            tell_exit(s, list[i], by, err);
        tell_change(s, list[i], by);
    }
    free(list);
}

/* What was said of `never`, or that a timer will end it, may be otherwise once somebody closed a
 * descriptor, set a timer or died. */
static void
reconsider(struct session *s)
{
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_BUSY && a->blocked_told && !a->awaiting)
            explain_refresh(s, a);
    }
}

static void
tell_moved(struct session *s)
{
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_BUSY && a->blocked_told && a->moved && a->waits)
            narrate_moved(s, a);
    }
}

/* Actors whose lines go on. */
struct queue {
    struct actor **list;
    int n, cap;
};

static void
enqueue(struct queue *q, struct actor *a)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 8;
        q->list = mem_grow(q->list, sizeof *q->list * (size_t)q->cap);
    }
    q->list[q->n++] = a;
}

/* Tells all that a settled step did. Actors whose lines go on come into queue. */
static void
tell_step(struct session *s, struct actor *trigger, int64_t by, struct queue *queue,
          struct err *err)
{
    const struct ipclab_call *call = trigger != NULL ? trigger->call : NULL;
    unsigned flags = call != NULL ? call->flags : 0;
    bool stepped = trigger != NULL && trigger->step == by;
    struct actor **replied;
    int n, deaths = s->world.deaths_told;

    world_refresh_fds(&s->world);
    tell_new_process(s, trigger);
    n = collect_replied(s, trigger, &replied);
    for (int i = 0; i < n; i++) {
        if (replied[i] == trigger) {
            objects_before_exit(s, replied, n, i);
            if (tell_exit(s, trigger, stepped ? 0 : by, err))
                enqueue(queue, trigger);
        }
    }
    tell_changes(s, trigger, by);
    for (int i = 0; i < n; i++) {
        if (replied[i] == trigger)
            continue;
        objects_before_exit(s, replied, n, i);
        if (tell_exit(s, replied[i], by, err))
            enqueue(queue, replied[i]);
    }
    tell_changes(s, NULL, by);
    /* Without a plan it is not in a step: it died when it was asked for the state of its objects.
     */
    if (trigger != NULL && trigger->plan != NULL && trigger->state == ACTOR_BUSY &&
        !trigger->blocked_told && !trigger->restless && !trigger->stopped)
        narrate_block(s, trigger);
    tell_moved(s);
    s->world.deaths_told = s->world.deaths;
    if ((flags & (IPCLAB_FDS | IPCLAB_TOUCHES_ALL)) != 0 || s->world.deaths != deaths)
        reconsider(s);
    if ((flags & IPCLAB_PURE) == 0)
        look_again(s, by, err);
}

/* Until quiet. A timed call that moves may be in a wait now that its time does not end, which only
 * its plugin knows. */
static enum settle
settle(struct session *s, struct actor *a)
{
    enum settle how;

    do {
        if (a != NULL && a->moved) {
            a->moved = false;
            explain_refresh(s, a);
        }
        how = stepper_settle(&s->world, a, s->limit_ms);
    } while (how == SETTLE_QUIET && a != NULL && a->timed && a->moved && !a->replied);
    return how;
}

/* ---- Steps --------------------------------------------------------------------------------- */

static int
settle_failed(struct session *s, struct actor *a, enum settle how, struct err *err)
{
    /* Only of one that was seen asleep: a slow one is late, it does not wait. */
    if (a->state == ACTOR_BUSY && a->waits && !a->replied && !a->blocked_told && a->plan != NULL)
        narrate_block(s, a);
    if (how == SETTLE_INTERRUPTED && s->interactive) {
        session_say(s, "%s goes on by itself; `wait %s` waits for it\n", a->name, a->name);
        return 0;
    }
    if (how == SETTLE_INTERRUPTED)
        return err_set(err, STATUS_INTERRUPTED, "interrupted while %s was in %s", a->name,
                       a->call_name != NULL ? a->call_name : "a step");
    return err_set(err, STATUS_STUCK,
                   "%s did not come to rest in %lld s (%s); --timeout gives it longer", a->name,
                   (long long)(s->limit_ms / 1000), a->call_name != NULL ? a->call_name : "a step");
}

int
run_aftermath(struct session *s, struct actor *trigger, int64_t by, struct err *err)
{
    struct queue queue = {0};
    enum settle how = settle(s, trigger);
    int result = 0;

    s->stuck = false;
    tell_step(s, trigger, by, &queue, err);
    if (how != SETTLE_QUIET && trigger != NULL)
        result = settle_failed(s, trigger, how, err);
    for (int i = 0; i < queue.n && result == 0; i++)
        result = run_plan(s, queue.list[i], err);
    free(queue.list);
    return result;
}

int
run_plan(struct session *s, struct actor *first, struct err *err)
{
    static struct queue spare; /* kept from line to line; a nested run gets its own */
    struct queue queue = spare;
    int result = 0;

    spare = (struct queue){0};
    queue.n = 0;
    enqueue(&queue, first);
    for (int at = 0; at < queue.n && result == 0; at++) {
        struct actor *a = queue.list[at];

        while (a->plan != NULL && a->state == ACTOR_IDLE && result == 0) {
            const struct plan_step *step = &a->plan->steps[a->pc];
            int before = queue.n, pc = a->pc;
            struct plan *plan = a->plan;
            enum settle how;

            if (stepper_give(&s->world, a, ++s->steps, err) < 0) {
                s->steps--;
                finish_plan(a);
                result = -1;
                break;
            }
            s->stuck = false;
            s->current = a;
            how = settle(s, a);
            s->current = NULL;
            narrate_enter(s, a, step);
            err_clear(err);
            tell_step(s, a, a->step, &queue, err);
            if (err->status != STATUS_OK)
                result = -1;
            if (how != SETTLE_QUIET && result == 0)
                result = settle_failed(s, a, how, err);
            if (s->steps % AUDIT_EVERY == 0)
                s->disagreements += stepper_audit(&s->world);
            /* The actor itself goes on at once, others of the queue after it. */
            if (queue.n > before && queue.list[before] == a) {
                memmove(&queue.list[before], &queue.list[before + 1],
                        sizeof(struct actor *) * (size_t)(queue.n - before - 1));
                queue.n--;
            }
            if (a->plan == plan && a->pc == pc)
                break; /* it waits */
        }
    }
    free(spare.list);
    spare = queue;
    return result;
}

/* Asked for at once: their answers must fit into the world's socket while nobody reads it. */
enum { SPAWN_AHEAD = 64 };

int
run_spawn(struct session *s, const char *const *names, int n, int network, struct err *err)
{
    int made = 0, result = 0;

    while (made < n && result == 0) {
        int from = made;

        while (made < n && made < from + SPAWN_AHEAD && result == 0) {
            if (world_spawn(&s->world, names[made], network, err) != NULL)
                made++;
            else
                result = -1;
        }
        for (int i = from; i < made; i++) { /* those that were made are told whatever came after */
            struct actor *a = world_actor(&s->world, names[i]);
            struct err late;

            if (stepper_await_hello(&s->world, a, result == 0 ? err : &late) < 0) {
                world_forget(&s->world, a);
                result = -1;
                continue;
            }
            a->fresh = false;
            narrate_process(s, a, "spawn");
        }
    }
    s->stuck = false;
    return result;
}
