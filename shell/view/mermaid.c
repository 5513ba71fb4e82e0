/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mermaid: a sequence diagram for documents that draw such (Markdown on many sites). Processes and
 * the objects through which data goes are its participants; what a call does to an object is an
 * arrow to it, data that comes out of it an arrow back, a wait is a bar. Participants have names of
 * ours, since the diagram's grammar has words of its own; what people called them is a label. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/mermaid_text.h"
#include "view/story.h"

struct lane {
    int life; /* how often it began: a participant that was destroyed never comes back */
    bool shown, waits;
};

struct diagram {
    struct story story;
    struct lane *lanes; /* of story.actors */
    const char **names; /* the objects, by their number */
    bool *made;
    int nobjects, cap_objects;
    int world; /* resets so far: each begins with new participants */
    struct buf *out;
};

static void
end(struct diagram *d)
{
    buf_putc(d->out, '\n');
}

/* ---- Participants -------------------------------------------------------------------------- */

/* After a reset everything is another participant. */
static void
put_world(struct diagram *d)
{
    if (d->world > 0)
        buf_printf(d->out, "w%d", d->world);
}

static void
put_lane(struct diagram *d, int actor)
{
    buf_printf(d->out, "P%d", actor + 1);
    if (d->lanes[actor].life > 1)
        buf_printf(d->out, "_%d", d->lanes[actor].life);
    put_world(d);
}

static void
declare(struct diagram *d, int actor, const char *how)
{
    d->lanes[actor].life++;
    d->lanes[actor].shown = true;
    d->lanes[actor].waits = false;
    buf_printf(d->out, "    %sparticipant ", how);
    put_lane(d, actor);
    buf_puts(d->out, " as ");
    mermaid_label(d->out, d->story.actors[actor].name);
    end(d);
}

/* An actor of which no beginning is known, in a trace from elsewhere. */
static void
need(struct diagram *d, int actor)
{
    if (!d->lanes[actor].shown)
        declare(d, actor, "");
}

static int
find_object(const struct diagram *d, const char *name)
{
    for (int i = 0; i < d->nobjects; i++)
        if (strcmp(d->names[i], name) == 0)
            return i;
    return -1;
}

/* Those through which data goes, and memory that several share. */
static void
collect_objects(struct diagram *d)
{
    for (int i = 0; i < d->story.n; i++) {
        const struct moment *m = &d->story.moments[i];

        if (m->undone || m->nobjects == 0 || find_object(d, m->objects[0].name) >= 0 ||
            (m->flow == FLOW_NONE && strncmp(m->objects[0].name, "shm#", 4) != 0))
            continue;
        if (d->nobjects == d->cap_objects) {
            d->cap_objects = d->cap_objects > 0 ? d->cap_objects * 2 : 16;
            d->names = mem_grow(d->names, sizeof *d->names * (size_t)d->cap_objects);
            d->made = mem_grow(d->made, sizeof *d->made * (size_t)d->cap_objects);
        }
        d->made[d->nobjects] = false;
        d->names[d->nobjects++] = m->objects[0].name;
    }
}

static void
put_object(struct diagram *d, int object)
{
    buf_printf(d->out, "O%d", object + 1);
    put_world(d);
}

/* ---- Moments ------------------------------------------------------------------------------- */

/* What was called and what came of it. */
static void
put_words(struct diagram *d, const struct moment *m)
{
    buf_puts(d->out, ": ");
    if (m->step >= 0)
        buf_printf(d->out, "%lld  ", (long long)m->step);
    if (m->kind == MOMENT_OUTPUT)
        buf_puts(d->out, m->head[0] == '2' ? "prints on 2" : "prints");
    else if (m->step < 0)
        mermaid_folded(d->out, m->head);
    else
        mermaid_label(d->out, m->head);
    if (m->more[0] != '\0') {
        buf_puts(d->out, m->head[0] != '\0' ? "<br/>" : "");
        mermaid_folded(d->out, m->more);
    }
}

static void
arrow(struct diagram *d, const struct moment *m)
{
    int object = m->nobjects > 0 ? find_object(d, m->objects[0].name) : -1;
    bool back = m->flow == FLOW_IN && object >= 0;

    if (object >= 0 && !d->made[object]) {
        d->made[object] = true;
        if (!back)
            buf_puts(d->out, "    create participant ");
        else
            buf_puts(d->out, "    participant ");
        put_object(d, object);
        buf_puts(d->out, " as ");
        mermaid_label(d->out, d->names[object]);
        end(d);
    }
    buf_puts(d->out, "    ");
    if (back)
        put_object(d, object);
    else
        put_lane(d, m->actor);
    buf_puts(d->out, m->bad ? "-x" : object >= 0 && m->flow == FLOW_NONE ? "-->>" : "->>");
    if (object >= 0 && !back)
        put_object(d, object);
    else
        put_lane(d, m->actor);
    put_words(d, m);
    if (object >= 0 && m->objects[0].state[0] != '\0') {
        buf_puts(d->out, "<br/>(");
        mermaid_label(d->out, m->objects[0].state + strspn(m->objects[0].state, " "));
        buf_putc(d->out, ')');
    }
    end(d);
}

static void
bar(struct diagram *d, int actor, bool waits)
{
    if (d->lanes[actor].waits == waits)
        return;
    d->lanes[actor].waits = waits;
    buf_puts(d->out, waits ? "    activate " : "    deactivate ");
    put_lane(d, actor);
    end(d);
}

static void
note_over(struct diagram *d, int actor)
{
    buf_puts(d->out, "    Note over ");
    put_lane(d, actor);
}

/* Over all lanes that there are; false: there is none. */
static bool
note_over_all(struct diagram *d)
{
    int first = -1, last = -1;

    for (int i = 0; i < d->story.nactors; i++)
        if (d->lanes[i].shown) {
            first = first < 0 ? i : first;
            last = i;
        }
    if (first < 0)
        return false;
    note_over(d, first);
    if (last != first) {
        buf_putc(d->out, ',');
        put_lane(d, last);
    }
    return true;
}

static void
show_wait(struct diagram *d, const struct moment *m)
{
    note_over(d, m->actor);
    put_words(d, m);
    buf_puts(d->out, "<br/>");
    buf_puts(d->out, "waits: ");
    mermaid_folded(d->out, m->why);
    end(d);
    bar(d, m->actor, true);
}

static void
show_fork(struct diagram *d, const struct moment *m)
{
    int child = m->other;

    if (child < 0) {
        arrow(d, m);
        return;
    }
    bar(d, m->actor, false);
    declare(d, child, "create ");
    buf_puts(d->out, "    ");
    put_lane(d, m->actor);
    buf_puts(d->out, "->>");
    put_lane(d, child);
    put_words(d, m);
    if (m->born[0] != '\0') {
        buf_puts(d->out, "<br/>");
        mermaid_label(d->out, m->born);
    }
    end(d);
}

/* A child's lane ends with what its parent learns; one without a parent just says so. */
static void
show_end(struct diagram *d, const struct moment *m)
{
    int parent = d->story.actors[m->actor].parent;
    bool told = parent >= 0 && parent != m->actor && d->lanes[parent].shown;

    bar(d, m->actor, false);
    if (!told) {
        note_over(d, m->actor);
        put_words(d, m);
        end(d);
        return;
    }
    buf_puts(d->out, "    destroy ");
    put_lane(d, m->actor);
    buf_puts(d->out, "\n    ");
    put_lane(d, m->actor);
    buf_puts(d->out, "-x");
    put_lane(d, parent);
    put_words(d, m);
    end(d);
    d->lanes[m->actor].shown = false;
}

static void
show_signal(struct diagram *d, const struct moment *m)
{
    if (m->other < 0 || !d->lanes[m->other].shown) {
        note_over(d, m->actor);
    } else {
        buf_puts(d->out, "    ");
        put_lane(d, m->other);
        buf_puts(d->out, "-)");
        put_lane(d, m->actor);
    }
    put_words(d, m);
    end(d);
}

static void
show_verdict(struct diagram *d, const struct moment *m)
{
    const struct moment_verdict *v = m->verdict;

    if (!note_over_all(d))
        return;
    buf_puts(d->out, ": ");
    mermaid_label(d->out, strcmp(v->kind, "stuck") == 0 ? "STUCK" : v->kind);
    for (int i = 0; v->says[i] != NULL; i++) {
        buf_puts(d->out, "<br/>");
        mermaid_folded(d->out, v->says[i]);
    }
    for (int i = 0; v->next[i] != NULL; i++) {
        buf_puts(d->out, i == 0 ? "<br/>next: " : "<br/>");
        mermaid_label(d->out, v->next[i]);
    }
    end(d);
}

static void
show_reset(struct diagram *d, const struct moment *m)
{
    for (int i = 0; i < d->story.nactors; i++)
        bar(d, i, false);
    if (note_over_all(d)) {
        put_words(d, m);
        end(d);
    }
    d->world++;
    memset(d->lanes, 0, sizeof *d->lanes * (size_t)d->story.nactors);
    for (int i = 0; i < d->nobjects; i++)
        d->made[i] = false;
}

/* What a process did of which the trace does not say who it is. */
static void
show_stray(struct diagram *d, const struct moment *m)
{
    if (m->kind == MOMENT_FORK && m->other >= 0 && !d->lanes[m->other].shown)
        declare(d, m->other, "");
    if (note_over_all(d)) {
        put_words(d, m);
        end(d);
    }
}

static void
show(struct diagram *d, const struct moment *m)
{
    if (m->actor < 0 && m->kind != MOMENT_VERDICT && m->kind != MOMENT_RESET) {
        show_stray(d, m);
        return;
    }
    if (m->actor >= 0 && m->kind != MOMENT_SPAWN && m->kind != MOMENT_REAPED)
        need(d, m->actor);
    switch (m->kind) {
    case MOMENT_SPAWN:
        if (!d->lanes[m->actor].shown)
            declare(d, m->actor, "");
        note_over(d, m->actor);
        put_words(d, m);
        end(d);
        break;
    case MOMENT_CALL:
    case MOMENT_BACK:
        arrow(d, m);
        bar(d, m->actor, false);
        break;
    case MOMENT_WAIT:
        show_wait(d, m);
        break;
    case MOMENT_FORK:
        show_fork(d, m);
        break;
    case MOMENT_EXIT:
    case MOMENT_KILLED:
        show_end(d, m);
        break;
    case MOMENT_SIGNAL:
        show_signal(d, m);
        break;
    case MOMENT_VERDICT:
        show_verdict(d, m);
        break;
    case MOMENT_RESET:
        show_reset(d, m);
        break;
    case MOMENT_REAPED: /* its parent's wait says it */
        break;
    default: /* words beside a call too */
        note_over(d, m->actor);
        put_words(d, m);
        end(d);
    }
}

static void *
start(const struct view_options *o)
{
    struct diagram *d = mem_alloc(sizeof *d);

    *d = (struct diagram){0};
    story_init(&d->story, o);
    return d;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct diagram *d = view;

    (void)out;
    story_event(&d->story, e);
}

static void
finish(void *view, struct buf *out)
{
    struct diagram *d = view;

    d->out = out;
    story_end(&d->story);
    collect_objects(d);
    d->lanes = mem_alloc(sizeof *d->lanes * (size_t)(d->story.nactors + 1));
    buf_puts(out, "sequenceDiagram\n");
    for (int i = 0; i < d->story.n; i++)
        if (!d->story.moments[i].undone)
            show(d, &d->story.moments[i]);
    for (int i = 0; i < d->story.nactors; i++)
        if (d->lanes[i].shown)
            bar(d, i, false);
    free(d->lanes);
    free(d->names);
    free(d->made);
    story_release(&d->story);
    free(d);
}

const struct view_kind view_mermaid = {
    .name = "mermaid",
    .summary = "a sequence diagram for documents that draw mermaid",
    .extension = "mmd",
    .start = start,
    .event = event,
    .finish = finish,
};
