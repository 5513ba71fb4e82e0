/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab diff: the first step at which two traces part, and what led to it. What happened is
 * compared, not how it was typed. */
#include "base/text.h"
#include "front/commands.h"
#include "front/parting.h"
#include "front/recorded.h"
#include "trace/again.h"

enum { SIDES = 2 };

struct side {
    const char *path;
    struct recorded recorded;
    int at; /* the next event that is compared */
};

struct parting {
    struct side sides[SIDES];
    struct renames renames;
    char field[64];
};

/* ---- Comparing ------------------------------------------------------------------------------ */

/* What happened. How it was typed plays no part, nor in which order it was numbered. */
static const struct event *
next_event(struct side *side)
{
    struct recorded *r = &side->recorded;

    while (side->at < r->n &&
           (!recorded_counts(&r->events[side->at]) || recorded_is(&r->events[side->at], "input")))
        side->at++;
    return side->at < r->n ? &r->events[side->at] : NULL;
}

/* Was it written with --stable in a shared world? Then no pid and no id is in it. */
static bool
leaves_out(const struct recorded *r)
{
    for (int i = 0; i < r->n && recorded_shared(r); i++)
        if (recorded_is(&r->events[i], "process"))
            return event_get(&r->events[i], NULL, "pid") == NULL;
    return false;
}

static bool
same_field(const struct side *sides, const char *name)
{
    const char *text[SIDES];

    for (int k = 0; k < SIDES; k++)
        text[k] = event_get_text(&sides[k].recorded.events[0], NULL, name);
    return text[0] != NULL && text[1] != NULL && strcmp(text[0], text[1]) == 0;
}

/* One that was cut may be the beginning of the other. */
static bool
may_go_on(const struct parting *p, const struct event *const *events)
{
    for (int k = 0; k < SIDES; k++)
        if (events[k] == NULL && !p->sides[k].recorded.complete)
            return true;
    return false;
}

/* Up to where they are the same; true: to the end. */
static bool
compare(struct parting *p, const struct catalog *c)
{
    struct event here;
    bool same = true;

    event_init(&here);
    while (same) {
        const struct event *events[SIDES] = {next_event(&p->sides[0]), next_event(&p->sides[1])};

        if (events[0] == NULL || events[1] == NULL) {
            same = (events[0] == NULL && events[1] == NULL) || may_go_on(p, events);
            snprintf(p->field, sizeof p->field, "ev");
            break;
        }
        event_copy(&here, events[0]);
        named_by_record(&here, c);
        same = event_again(&p->renames, &here, events[1], p->field);
        p->sides[0].at += same;
        p->sides[1].at += same;
    }
    event_release(&here);
    return same;
}

/* ---- Telling -------------------------------------------------------------------------------- */

static void
put_path(const struct side *side, struct buf *out)
{
    text_escape(out, side->path, strlen(side->path), console_is_ascii());
}

/* "step 5", of what is there on either side; else behind which step. */
static void
put_step(const struct parting *p, struct buf *out)
{
    int64_t step = 0;

    for (int k = 0; k < SIDES && step == 0; k++)
        if (p->sides[k].at < p->sides[k].recorded.n)
            step = event_get_int(&p->sides[k].recorded.events[p->sides[k].at], NULL, "step", 0);
    if (step > 0) {
        buf_printf(out, "at step %lld", (long long)step);
        return;
    }
    for (int i = 0; i < p->sides[0].at && i < p->sides[0].recorded.n; i++) {
        int64_t later = event_get_int(&p->sides[0].recorded.events[i], NULL, "step", 0);

        step = later > step ? later : step;
    }
    if (step > 0)
        buf_printf(out, "after step %lld", (long long)step);
    else
        buf_puts(out, "before the first step");
}

static void
say_parting(const struct parting *p, const struct options *o, const struct catalog *c,
            struct buf *out)
{
    struct view_options options = parting_options(o, c);

    buf_puts(out, "they part ");
    put_step(p, out);
    buf_printf(out, " in '%s':\n", p->field);
    for (int k = 0; k < SIDES; k++) {
        const struct side *side = &p->sides[k];
        struct buf name = {0};

        put_path(side, &name);
        parting_event(buf_text(&name),
                      side->at < side->recorded.n ? &side->recorded.events[side->at] : NULL, out);
        buf_release(&name);
    }
    for (int k = 0; k < SIDES; k++) {
        const struct side *side = &p->sides[k];
        const struct course course = {.events = side->recorded.events, .n = side->recorded.n};

        buf_printf(out, "%s ", k == 0 ? "what led to it in" : "and in");
        put_path(side, out);
        buf_puts(out, ":\n");
        parting_lanes(&course, side->at, &options, out);
    }
}

static void
say_machine(const struct renames *r)
{
    if (r->machine[0] != '\0')
        console_message("note: %s is %lld in the one and %lld in the other, which another machine "
                        "wrote: its sizes and limits are not compared",
                        r->machine, (long long)r->mine, (long long)r->other);
}

enum status
command_diff(const struct options *o, const struct catalog *c, const struct places *places,
             struct err *err)
{
    struct parting p = {.sides = {{.path = o->args[0]}, {.path = o->args[1]}}};
    struct side *sides = p.sides;
    enum status status = STATUS_TRACE; /* whatever it is, a trace it is not */
    struct buf out = {0};

    (void)places;
    if (recorded_read(&sides[0].recorded, sides[0].path, err) == 0 &&
        recorded_read(&sides[1].recorded, sides[1].path, err) == 0) {
        bool shared[SIDES] = {recorded_shared(&sides[0].recorded),
                              recorded_shared(&sides[1].recorded)};

        p.renames.both_read = true;
        p.renames.was_shared = shared[0] || shared[1];
        p.renames.left_out = leaves_out(&sides[0].recorded) || leaves_out(&sides[1].recorded);
        p.renames.both_sealed = !p.renames.was_shared;
        p.renames.other_machine = !same_field(sides, "kernel") || !same_field(sides, "arch");
        status = compare(&p, c) ? STATUS_OK : STATUS_DIFFERS;
        say_machine(&p.renames);
        if (status == STATUS_OK)
            buf_printf(&out, "same: %d and %d events%s\n", sides[0].recorded.n, sides[1].recorded.n,
                       sides[0].recorded.complete && sides[1].recorded.complete
                           ? ""
                           : ", as far as the shorter one goes");
        else {
            say_parting(&p, o, c, &out);
            err_set(err, STATUS_DIFFERS, "the traces part");
        }
    }
    printf("%s", buf_text(&out));
    buf_release(&out);
    renames_release(&p.renames);
    recorded_release(&sides[0].recorded);
    recorded_release(&sides[1].recorded);
    return status;
}
