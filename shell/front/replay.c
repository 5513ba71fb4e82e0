/* SPDX-License-Identifier: GPL-3.0-or-later
 * See replay.h.
 *
 * What came by itself, a timer's end above all, was recorded between two lines or in the middle of
 * one. It is waited for where it was recorded. One that comes at another moment is no difference
 * that says anything of the trace. */
#include "front/replay.h"

#include <sys/utsname.h>

#include "base/mem.h"
#include "front/console.h"
#include "front/parting.h"
#include "front/signals.h"

/* ---- Comparing ------------------------------------------------------------------------------ */

/* Is the event about one that has to do with a timer? */
static bool
has_timer(const struct world *w, const struct event *e)
{
    const char *name = event_get_text(e, NULL, "actor");
    const struct actor *a = name != NULL ? world_actor(w, name) : NULL;

    return a != NULL &&
           (a->timed || a->signals.timer.sig != 0 || (a->blocked_told && actor_may_end_late(w, a)));
}

/* Could it be that something came earlier or later than it was recorded? Then another event stands
 * in its place, or what a timer ended differs, and not what anything else returned. */
static bool
is_about_time(const struct replay *p, const struct event *e, const char *field)
{
    static const char *const places[] = {"ev", "actor", "step", "by", NULL};
    const struct world *w = &p->session->world;
    bool moved = has_timer(w, e);

    for (int i = 0; places[i] != NULL; i++)
        moved |= strcmp(places[i], field) == 0;
    if (!moved)
        return false;
    if (recorded_is(e, "signal") && event_get_text(e, NULL, "from") == NULL)
        return true;
    for (int i = 0; i < w->nactors; i++)
        if (w->actors[i]->state == ACTOR_BUSY &&
            (w->actors[i]->timed || actor_may_end_late(w, w->actors[i])))
            return true;
    return signals_due(w) > 0;
}

static void
keep(struct replay *p, const struct event *e)
{
    if (p->nrest == REPLAY_REST)
        return;
    event_init(&p->rest[p->nrest]);
    event_copy(&p->rest[p->nrest++], e);
}

static void
differ(struct replay *p, const struct event *here, const struct event *there)
{
    p->differs = true;
    p->by_time = (here != NULL && is_about_time(p, here, p->field)) ||
                 (there != NULL && is_about_time(p, there, p->field));
    if (here != NULL)
        keep(p, here);
}

static const struct event *
next_recorded(struct replay *p)
{
    while (p->at < p->recorded->n && !recorded_counts(&p->recorded->events[p->at]))
        p->at++;
    return p->at < p->recorded->n ? &p->recorded->events[p->at] : NULL;
}

/* The machine has not got what it takes: no difference that says anything of the trace. */
static void
look_for_refusal(struct replay *p, const struct event *here)
{
    const char *name = event_get_text(here, NULL, "errno"), *call;

    if (name == NULL || (strcmp(name, "ENOSYS") != 0 && strcmp(name, "ENFILE") != 0))
        return;
    call = event_get_text(here, NULL, "call");
    err_set(&p->cannot, STATUS_MACHINE, "this machine cannot do it: %s fails with %s here",
            call != NULL ? call : "a call", name);
}

static void
on_event(void *ctx, const struct event *e)
{
    struct replay *p = ctx;
    const struct event *there;

    p->heard++;
    if (p->session->suggestion != NULL && recorded_is(e, "input"))
        p->left = true;
    if (p->differs && !p->left)
        keep(p, e);
    if (p->differs || p->left || !recorded_counts(e))
        return;
    there = next_recorded(p);
    if (there == NULL) {
        /* A trace that was cut ends where it ends; a whole one should have had this event. */
        snprintf(p->field, sizeof p->field, "ev");
        if (p->recorded->complete)
            differ(p, e, NULL);
        return;
    }
    if (!event_again(&p->renames, e, there, p->field)) {
        look_for_refusal(p, e);
        differ(p, e, there);
        return;
    }
    p->at++;
}

/* ---- Time ----------------------------------------------------------------------------------- */

static const struct session *left; /* its line was not waited for when it was recorded */

bool
replay_is_left(void)
{
    const struct actor *a = left != NULL ? left->current : NULL;

    return front_signals_interrupted() || (a != NULL && a->timed && a->waits);
}

/* Was a call of the line whose input is before `at` left to its timer (Ctrl-C), so that it ended
 * only after later lines? */
static bool
was_left(const struct recorded *r, int at)
{
    int64_t step = 0;

    for (; at < r->n && !recorded_is(&r->events[at], "input"); at++) {
        const struct event *e = &r->events[at];
        const char *why = event_get_text(e, NULL, "why");

        if (recorded_is(e, "block") && why != NULL && strcmp(why, "time") == 0)
            step = event_get_int(e, NULL, "step", 0);
        if (recorded_is(e, "exit") && event_get_int(e, NULL, "step", -1) == step)
            step = 0;
    }
    return step != 0 && at < r->n;
}

/* Before the next line: what came by itself before it was typed. */
void
replay_await(struct replay *p)
{
    struct session *s = p->session;
    int64_t limit = s->limit_ms;

    for (;;) {
        int64_t due = signals_due(&s->world);
        bool coming = due > 0 || s->world.exec_count > 0;
        const struct event *there = next_recorded(p);

        for (int i = 0; i < s->world.nactors; i++)
            coming |=
                s->world.actors[i]->state == ACTOR_BUSY &&
                (s->world.actors[i]->timed || actor_may_end_late(&s->world, s->world.actors[i]));
        if (p->differs || p->left || !coming || there == NULL || recorded_is(there, "input") ||
            p->at > p->to)
            return;
        if (due > limit && limit > 0)
            limit = due + s->limit_ms; /* it was waited for that long */
        if (stepper_wait_event(&s->world, limit) != SETTLE_QUIET)
            return;
        session_poll(s);
    }
}

/* ---- Running -------------------------------------------------------------------------------- */

void
replay_prepare(struct session *s, const struct options *o, const struct recorded *r)
{
    s->limit_ms = o->timeout_ms >= 0 ? o->timeout_ms : 10000;
    s->interrupted = replay_is_left;
    s->only_recorded = true;
    s->tells_names = true;
    s->guided = recorded_guided(r);
}

int
replay_check_world(const struct session *s, const struct options *o, struct err *err)
{
    const char *why = s->world.why_not_sealed;

    if (s->world.kind != WORLD_SHARED || o->trust)
        return 0;
    return err_set(
        err, STATUS_MACHINE, "lines of others are run in a shared world only with --trust%s%s%s",
        why[0] != '\0' ? "; no sealed one is allowed here (" : "", why, why[0] != '\0' ? ")" : "");
}

/* Does this field of the session's event name what is here? */
static bool
is_here(const struct recorded *r, const char *field, const char *here)
{
    const char *there = r->n > 0 ? event_get_text(&r->events[0], NULL, field) : NULL;

    return there != NULL && strcmp(there, here) == 0;
}

void
replay_start(struct replay *p, struct session *s, const struct recorded *r)
{
    struct utsname u;

    *p = (struct replay){
        .recorded = r, .session = s, .to = r->n, .renames = {.was_shared = recorded_shared(r)}};
    p->renames.both_sealed = !p->renames.was_shared && s->world.kind != WORLD_SHARED;
    p->renames.other_machine =
        uname(&u) < 0 || !is_here(r, "kernel", u.release) || !is_here(r, "arch", u.machine);
    p->listener = (struct listener){.event = on_event, .ctx = p};
    session_listen(s, &p->listener);
}

void
replay_release(struct replay *p)
{
    for (int i = 0; i < p->nrest; i++)
        event_release(&p->rest[i]);
    renames_release(&p->renames);
}

/* A line that was an error then is one now; its events say the rest. But what the machine refuses
 * was not its fault. */
static void
run(struct replay *p, const char *text)
{
    struct err *err = &p->failed;

    err_clear(err);
    if (session_line(p->session, text, strlen(text), err) == 0) {
        err_clear(err); /* what `-` allowed */
        return;
    }
    if (err->status == STATUS_MACHINE && p->cannot.status == STATUS_OK)
        p->cannot = *err;
    p->interrupted |= err->status == STATUS_INTERRUPTED && front_signals_interrupted();
}

void
replay_before(struct replay *p)
{
    replay_await(p);
    left = was_left(p->recorded, p->line) ? p->session : NULL;
}

const struct event *
replay_next(const struct replay *p)
{
    int at = p->line;

    return recorded_input(p->recorded, &at);
}

bool
replay_line(struct replay *p)
{
    const struct event *input = recorded_input(p->recorded, &p->line);
    struct session *s = p->session;

    if (input == NULL || p->differs || p->interrupted)
        return false;
    replay_before(p);
    s->input_from = event_get_text(input, NULL, "from");
    if (s->guided) /* what its lab said is not said again, and undo tells how far it goes */
        s->seq = p->line - 1;
    run(p, event_get_text(input, NULL, "text"));
    s->input_from = NULL;
    left = NULL;
    return true;
}

void
replay_end(struct replay *p)
{
    const struct event *there;
    struct err err;

    if (!p->differs)
        replay_await(p);
    if (!p->differs)
        session_finish(p->session, &err);
    if (p->differs || p->left || p->interrupted || (there = next_recorded(p)) == NULL)
        return;
    snprintf(p->field, sizeof p->field, "ev");
    differ(p, NULL, there);
}

/* ---- How it went ---------------------------------------------------------------------------- */

/* The call of the line is not known here, and was of a plugin that is not here. */
static void
look_for_plugin(struct replay *p)
{
    const struct recorded *r = p->recorded;
    const struct catalog *c = &p->session->launcher.catalog;
    const struct event *first = &r->events[0];
    const struct item *plugins = event_get(first, NULL, "plugins");
    const char *call = NULL;
    int at = p->at;

    while (at < r->n && !recorded_is(&r->events[at], "enter"))
        at++;
    if (at < r->n)
        call = event_get_text(&r->events[at], NULL, "call");
    if (plugins == NULL || call == NULL || catalog_call(c, call, NULL) != NULL ||
        strcmp(call, "print") == 0 || strcmp(call, "=") == 0 || strcmp(call, "await") == 0)
        return;
    for (const struct item *i = item_first(first, plugins); i != NULL; i = item_next(first, i)) {
        int k = 0;

        while (k < c->nplugins && strcmp(c->plugins[k].p.name, item_name(first, i)) != 0)
            k++;
        if (k == c->nplugins)
            err_set(&p->cannot, STATUS_MACHINE,
                    "the trace needs %.40s of plugin %.40s, which is "
                    "not here; --plugin-path names a folder",
                    call, item_name(first, i));
    }
}

/* Both sides of the first difference, and the lanes around it. */
static void
say_difference(const struct replay *p, const struct options *o, struct buf *out)
{
    const struct recorded *r = p->recorded;
    const struct event *here = p->nrest > 0 ? &p->rest[0] : NULL;
    const struct event *there = p->at < r->n ? &r->events[p->at] : NULL;
    struct view_options options = parting_options(o, &p->session->launcher.catalog);
    struct course was = {r->events, r->n, NULL, 0}, is = {r->events, p->at, p->rest, p->nrest};

    if (there == NULL)
        buf_puts(out, "differs: more happened than the trace has; the first:\n");
    else
        buf_printf(out, "differs at event %d in '%s':\n", p->at, p->field);
    parting_event("trace", there, out);
    parting_event("here", here, out);
    buf_puts(out, "around it in the trace:\n");
    parting_lanes(&was, p->at, &options, out);
    buf_puts(out, "and here:\n");
    parting_lanes(&is, p->at, &options, out);
}

/* Sizes and limits of this machine, which are not compared, are named. */
static void
say_machine(const struct replay *p)
{
    if (p->renames.machine[0] != '\0')
        console_message("note: %s is %lld here and %lld in the trace, which another machine wrote: "
                        "its sizes and limits are not compared",
                        p->renames.machine, (long long)p->renames.mine,
                        (long long)p->renames.other);
}

enum status
replay_judge(struct replay *p, const struct options *o, bool last, struct buf *out, struct err *err)
{
    const struct recorded *r = p->recorded;

    if (p->interrupted)
        return err_set(err, STATUS_INTERRUPTED, "interrupted"), err->status;
    if (!p->differs) {
        say_machine(p);
        buf_printf(out, "same: %d events%s\n", r->n,
                   r->complete ? "" : ", as far as the trace goes");
        return STATUS_OK;
    }
    if (p->by_time && !last)
        return STATUS_DIFFERS;
    say_machine(p);
    say_difference(p, o, out);
    look_for_plugin(p);
    if (p->cannot.status != STATUS_OK)
        *err = p->cannot;
    else if (p->by_time)
        err_set(err, STATUS_MACHINE,
                "the replay could not be judged: a timer ran out at another moment, each time");
    else
        err_set(err, STATUS_DIFFERS, "the replay differs from the trace");
    return err->status;
}
