/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab replay: the lines of a trace are run again in a fresh world and every event is compared
 * with the recorded one, in its stable fields. Only what interface 8 names is ever run; a trace
 * with anything else was not written by ipclab.
 *
 * What came by itself, a timer's end above all, was recorded between two lines or in the middle of
 * one. It is waited for where it was recorded. One that comes at another moment is no difference
 * that says anything of the trace: it is tried again, and then could not be judged. */
#include "base/text.h"
#include "builtin/builtins.h"
#include "front/commands.h"
#include "front/recorded.h"
#include "trace/read.h"

enum { TRIES = 3 }; /* of a trace with timers */

struct replay {
    const struct recorded *recorded;
    struct session *session;
    const struct catalog *catalog;
    int at; /* the next recorded event */
    bool differs;
    bool by_time; /* ... where a timer may be the reason */
    char field[64];
    struct buf here, there; /* the first difference, as JSON */
    int64_t seq;
};

static bool
is_compared(const struct event *e)
{
    const char *kind = event_get_text(e, NULL, "ev");
    static const char *const beside[] = {"session", "end",      "task", "hint",  "predict",
                                         "check",   "schedule", "turn", "bench", NULL};

    if (kind == NULL)
        return false;
    for (int i = 0; beside[i] != NULL; i++)
        if (strcmp(kind, beside[i]) == 0)
            return false;
    if (strcmp(kind, "note") == 0)
        return event_get_text(e, NULL, "kind") == NULL;
    return true;
}

/* Is it of a guided lab, whose verbs are lines too? */
static bool
was_guided(const struct recorded *r)
{
    for (int i = 0; i < r->n; i++)
        if (recorded_is(&r->events[i], "task"))
            return true;
    return false;
}

static bool
may_run(const struct recorded *r, const char *text)
{
    static const char *const never[] = {"!", "lua", "source", "load", "log", "export", "set", NULL};
    const struct builtin *b;
    char word[64];
    size_t n;

    text += strspn(text, " \t-");
    n = strcspn(text, " \t");
    if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_,*") < n)
        return false; /* what is recorded begins with an actor or a builtin, no prompt before it */
    if (n >= sizeof word)
        return true;
    snprintf(word, sizeof word, "%.*s", (int)n, text);
    for (int i = 0; never[i] != NULL; i++)
        if (strcmp(word, never[i]) == 0)
            return false;
    b = builtin_find(word);
    if (b != NULL && (b->flags & BUILTIN_GUIDED) != 0 && !was_guided(r))
        b = NULL; /* an actor may be called so */
    return b == NULL || (b->flags & BUILTIN_RECORDED) != 0;
}

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
on_event(void *ctx, const struct event *e)
{
    struct replay *p = ctx;

    p->seq++;
    if (p->differs || !is_compared(e))
        return;
    while (p->at < p->recorded->n && !is_compared(&p->recorded->events[p->at]))
        p->at++;
    if (p->at == p->recorded->n) {
        /* A trace that was cut ends where it ends; a whole one should have had this event. */
        p->differs = p->recorded->complete;
        snprintf(p->field, sizeof p->field, "ev");
        p->by_time = is_about_time(p, e, p->field);
        event_json(&p->here, e, p->seq - 1, true);
        return;
    }
    if (!event_same(e, &p->recorded->events[p->at], p->field)) {
        p->differs = true;
        p->by_time = is_about_time(p, e, p->field) ||
                     is_about_time(p, &p->recorded->events[p->at], p->field);
        event_json(&p->here, e, -1, true);
        event_json(&p->there, &p->recorded->events[p->at], -1, true);
    }
    p->at++;
}

/* ---- Time ---------------------------------------------------------------------------------- */

static const struct session *left; /* its line was not waited for when it was recorded */

/* As Ctrl-C was pressed then: once the call is seen to wait. */
static bool
is_left(void)
{
    const struct actor *a = left != NULL ? left->current : NULL;

    return a != NULL && a->timed && a->waits;
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
static void
await_recorded(struct session *s, struct replay *p)
{
    int64_t limit = s->limit_ms;

    for (;;) {
        int64_t due = signals_due(&s->world);
        bool coming = due > 0 || s->world.exec_count > 0;

        while (p->at < p->recorded->n && !is_compared(&p->recorded->events[p->at]))
            p->at++;
        for (int i = 0; i < s->world.nactors; i++)
            coming |=
                s->world.actors[i]->state == ACTOR_BUSY &&
                (s->world.actors[i]->timed || actor_may_end_late(&s->world, s->world.actors[i]));
        if (p->differs || !coming || p->at == p->recorded->n ||
            recorded_is(&p->recorded->events[p->at], "input"))
            return;
        if (due > limit && limit > 0)
            limit = due + s->limit_ms; /* it was waited for that long */
        if (stepper_wait_event(&s->world, limit) != SETTLE_QUIET)
            return;
        session_poll(s);
    }
}

static void
ignore_error(struct session *s, const char *text, struct replay *p)
{
    struct err err;

    /* A line that was an error then is one now; its events say the rest. */
    if (session_line(s, text, strlen(text), &err) < 0 && err.status == STATUS_MACHINE)
        console_message("%s", err.text);
    (void)p;
}

static void
say_difference(const struct replay *p, struct buf *out)
{
    if (p->there.len == 0) {
        buf_puts(out, "differs: more happened than the trace has; the first:\n  here   ");
    } else {
        buf_printf(out, "differs at event %d in '%s':\n  trace  ", p->at - 1, p->field);
        text_escape(out, p->there.data, p->there.len - 1, false);
        buf_puts(out, "\n  here   ");
    }
    text_escape(out, buf_text(&p->here), p->here.len > 0 ? p->here.len - 1 : 0, false);
    buf_putc(out, '\n');
}

/* Was it recorded where pids and ids do not repeat? Then they do not count here either. */
static bool
was_shared(const struct recorded *r)
{
    const char *world = r->n > 0 ? event_get_text(&r->events[0], NULL, "world") : NULL;

    return world != NULL && strcmp(world, "shared") == 0;
}

static int
start(struct session *s, const struct options *o, const struct places *places, struct err *err)
{
    struct launcher_options options = {places->plugins, NULL, places->program};

    if (session_start(s, &options, err) < 0)
        return -1;
    if (s->world.kind != WORLD_SHARED || o->trust)
        return 0;
    return err_set(err, STATUS_MACHINE,
                   "lines of others are run in a shared world only with --trust%s%s%s",
                   s->world.why_not_sealed[0] != '\0' ? "; no sealed one is allowed here (" : "",
                   s->world.why_not_sealed, s->world.why_not_sealed[0] != '\0' ? ")" : "");
}

static void
run_lines(struct session *s, struct replay *p)
{
    const struct recorded *r = p->recorded;
    const struct event *input;
    struct err err;
    int at = 0;

    while (!p->differs && (input = recorded_input(r, &at)) != NULL) {
        await_recorded(s, p);
        left = was_left(r, at) ? s : NULL;
        s->input_from = event_get_text(input, NULL, "from");
        if (s->guided)
            s->seq =
                at - 1; /* what its lab said is not said again, and undo tells how far it goes */
        ignore_error(s, event_get_text(input, NULL, "text"), p);
        left = NULL;
    }
    if (!p->differs)
        await_recorded(s, p);
    if (!p->differs)
        session_finish(s, &err);
    while (!p->differs && p->at < r->n) {
        if (is_compared(&r->events[p->at])) {
            p->differs = true;
            snprintf(p->field, sizeof p->field, "ev");
            p->by_time = is_about_time(p, &r->events[p->at], p->field);
            event_json(&p->there, &r->events[p->at], -1, true);
            buf_puts(&p->here, "nothing\n");
        }
        p->at++;
    }
}

static enum status
judge(const struct replay *p, bool last, struct buf *said, struct err *err)
{
    const struct recorded *r = p->recorded;

    if (!p->differs) {
        buf_printf(said, "same: %d events%s\n", r->n,
                   r->complete ? "" : ", as far as the trace goes");
        return STATUS_OK;
    }
    if (p->by_time && !last)
        return STATUS_DIFFERS;
    say_difference(p, said);
    if (p->by_time) {
        err_set(err, STATUS_MACHINE,
                "the replay could not be judged: a timer ran out at another moment, %d times",
                TRIES);
        return STATUS_MACHINE;
    }
    err_set(err, STATUS_DIFFERS, "the replay differs from the trace");
    return STATUS_DIFFERS;
}

enum status
recorded_replay(const struct options *o, const struct places *places, const struct recorded *r,
                struct buf *said, struct err *err)
{
    enum status status = STATUS_OK;
    bool again = true;

    for (int try = 1; try <= TRIES && again; try++) {
        struct session s = {.wanted_world = o->world,
                            .builtins = builtins,
                            .limit_ms = o->timeout_ms >= 0 ? o->timeout_ms : 10000,
                            .interrupted = is_left,
                            .only_recorded = true,
                            .guided = was_guided(r),
                            .as_shared = was_shared(r)};
        struct replay p = {.recorded = r, .session = &s};
        struct listener listener = {.event = on_event, .ctx = &p};

        session_listen(&s, &listener);
        if (start(&s, o, places, err) < 0) {
            session_release(&s);
            return err->status;
        }
        err_clear(err);
        run_lines(&s, &p);
        status = judge(&p, try == TRIES, said, err);
        again = p.differs && p.by_time;
        buf_release(&p.here);
        buf_release(&p.there);
        session_release(&s);
    }
    return status;
}

enum status
command_replay(const struct options *o, const struct places *places, struct err *err)
{
    struct recorded r = {0};
    struct buf said = {0};
    enum status status;
    int at = 0;
    const struct event *input;

    if (recorded_read(&r, o->args[0], err) < 0) {
        recorded_release(&r);
        return err->status;
    }
    while ((input = recorded_input(&r, &at)) != NULL) {
        const char *text = event_get_text(input, NULL, "text");

        if (text == NULL || !may_run(&r, text)) {
            err_set(err, STATUS_TRACE, "%s event %d: '%.80s' is never recorded to be run again",
                    o->args[0], at - 1, text != NULL ? text : "");
            recorded_release(&r);
            return STATUS_TRACE;
        }
    }
    status = recorded_replay(o, places, &r, &said, err);
    printf("%s", buf_text(&said));
    buf_release(&said);
    recorded_release(&r);
    return status;
}
