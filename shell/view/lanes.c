/* SPDX-License-Identifier: GPL-3.0-or-later
 * See lanes.h. Where all is known beforehand, every process has its lane from the first row on, and
 * what was undone is left out. Live, a new header begins as soon as somebody has no lane. Where the
 * lanes do not fit, the gutter is drawn instead, which says so. */
#include "view/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "base/mem.h"

enum { LIVE_STATE = 20 }; /* columns of the states where they are not known beforehand */

struct lanes {
    struct story story;
    struct canvas canvas;
    struct table table;
    struct gutter gutter;
    bool use_gutter;  /* the lanes do not fit */
    bool gutter_only; /* is the view that was asked for */
    struct standings before, after;
    int narrow_told; /* processes for which it was said that they do not fit */
};

static void *
start(const struct view_options *o)
{
    struct lanes *l = mem_alloc(sizeof *l);

    story_init(&l->story, o);
    l->canvas.colour = o->colour;
    l->table.width = o->width > 0 ? o->width : VIEW_WIDTH;
    gutter_init(&l->gutter, &l->story, l->table.width);
    return l;
}

static void
add_lane(struct table *t, int actor)
{
    if (table_lane(t, actor) >= 0)
        return;
    if (t->n == t->cap) {
        t->cap = t->cap == 0 ? 8 : t->cap * 2;
        t->lanes = mem_grow(t->lanes, (size_t)t->cap * sizeof *t->lanes);
    }
    t->lanes[t->n++] = actor;
}

static void
say_narrow(struct lanes *l, struct buf *out)
{
    char text[120];

    if (l->gutter_only || l->narrow_told == l->table.n)
        return;
    l->narrow_told = l->table.n;
    snprintf(text, sizeof text, "%d processes do not fit beside each other in %d columns: gutter",
             l->table.n, l->table.width);
    canvas_clear(&l->canvas, l->table.width);
    canvas_wrap(&l->canvas, 0, 0, l->table.width, 2, text, TINT_DIM, NULL);
    canvas_flush(&l->canvas, out);
}

static void
draw_row(struct lanes *l, const struct moment *m, struct buf *out)
{
    struct table *t = &l->table;

    if (m->kind == MOMENT_VERDICT) {
        table_box(t, &l->story, &l->canvas, m);
        canvas_flush(&l->canvas, out);
        t->open = false;
        return;
    }
    if (!t->open && t->n > 0 && m->kind != MOMENT_RESET) {
        table_head(t, &l->story, &l->canvas);
        canvas_flush(&l->canvas, out);
        t->open = true;
    }
    table_row(t, &l->story, &l->canvas, &l->before, &l->after, m);
    canvas_flush(&l->canvas, out);
    if (m->kind == MOMENT_RESET)
        t->open = false;
}

static bool
is_shown(const struct lanes *l, const struct moment *m)
{
    return !m->undone && draw_concerns(&l->story, m) && (!l->story.options.quiet || m->important);
}

static void
draw(struct lanes *l, const struct moment *m, bool live, struct buf *out)
{
    if (m->undone)
        return;
    standings_after(&l->after, &l->story, m, live);
    if (is_shown(l, m) && l->use_gutter)
        gutter_draw(&l->gutter, &l->before, &l->after, m, out);
    else if (is_shown(l, m))
        draw_row(l, m, out);
    standings_copy(&l->before, &l->after);
}

/* ---- Live ---------------------------------------------------------------------------------- */

/* The lanes of all that live, in the order in which they came, and of those that m is about. */
static void
choose_lanes(struct lanes *l, const struct moment *m)
{
    struct table *t = &l->table;
    int64_t step = m->step > 0 ? m->step : 0;

    t->n = 0;
    for (int i = 0; i < l->story.nactors; i++)
        if (draw_wanted(&l->story, i) && (standing_of(&l->before, i).alive || i == m->actor ||
                                          (m->kind == MOMENT_FORK && i == m->other)))
            add_lane(t, i);
    t->open = false;
    l->use_gutter = l->gutter_only | !table_fit(t, t->n, LIVE_STATE, step);
    if (!l->use_gutter)
        l->narrow_told = 0;
}

static bool
has_lanes(const struct lanes *l, const struct moment *m)
{
    const struct table *t = &l->table;

    return (!draw_wanted(&l->story, m->actor) || table_lane(t, m->actor) >= 0) &&
           (m->kind != MOMENT_FORK || !draw_wanted(&l->story, m->other) ||
            table_lane(t, m->other) >= 0) &&
           draw_number(m->step) <= t->number;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct lanes *l = view;

    story_event(&l->story, e);
    if (!l->story.options.live)
        return;
    for (int i = 0; i < l->story.n; i++) {
        const struct moment *m = &l->story.moments[i];

        if (is_shown(l, m) && !has_lanes(l, m)) {
            choose_lanes(l, m);
            if (l->use_gutter)
                say_narrow(l, out);
        }
        draw(l, m, true, out);
    }
    story_drop(&l->story);
}

static void
resize(void *view, int width)
{
    struct lanes *l = view;

    l->table.width = width > 0 ? width : VIEW_WIDTH;
    gutter_resize(&l->gutter, l->table.width);
    l->table.n = l->table.number = 0;
    l->table.open = false;
    l->narrow_told = 0;
}

/* ---- Whole --------------------------------------------------------------------------------- */

/* The lanes and widths of one world: the moments from `from` up to a reset. Returns where the next
 * one begins. */
static int
measure(struct lanes *l, int from)
{
    const struct story *s = &l->story;
    struct table *t = &l->table;
    int64_t step = 0;
    int wide = 0, bare = 0, i;
    bool several = false;

    t->n = 0;
    t->alone = NULL;
    t->open = false;
    for (i = from; i < s->n; i++) {
        const struct moment *m = &s->moments[i];

        if (!is_shown(l, m))
            continue;
        if (draw_wanted(s, m->actor))
            add_lane(t, m->actor);
        if (m->kind == MOMENT_FORK && draw_wanted(s, m->other))
            add_lane(t, m->other);
        step = m->step > step ? m->step : step;
        for (int k = 0; k < m->nobjects && m->kind != MOMENT_VERDICT; k++) {
            several |= t->alone != NULL && strcmp(t->alone, m->objects[k].name) != 0;
            t->alone = m->objects[k].name;
        }
        wide = objects_width(m, false) > wide ? objects_width(m, false) : wide;
        bare = objects_width(m, true) > bare ? objects_width(m, true) : bare;
        if (m->kind == MOMENT_RESET) {
            i++;
            break;
        }
    }
    if (several)
        t->alone = NULL;
    else if (t->alone != NULL)
        wide = bare > (int)strlen(t->alone) ? bare : (int)strlen(t->alone);
    l->use_gutter = l->gutter_only | !table_fit(t, t->n, wide, step);
    return i;
}

static void
finish(void *view, struct buf *out)
{
    struct lanes *l = view;

    if (!l->story.options.live) {
        story_end(&l->story);
        gutter_measure(&l->gutter);
        for (int i = 0; i < l->story.n;) {
            int next = measure(l, i);

            if (l->use_gutter)
                say_narrow(l, out);
            for (; i < next; i++)
                draw(l, &l->story.moments[i], false, out);
        }
    }
    standings_release(&l->before);
    standings_release(&l->after);
    free(l->table.lanes);
    gutter_release(&l->gutter);
    canvas_release(&l->canvas);
    story_release(&l->story);
    free(l);
}

const struct view_kind view_lanes = {
    .name = "lanes",
    .summary = "one column for each process, the state of objects in the last",
    .extension = "txt",
    .is_live = true,
    .start = start,
    .event = event,
    .finish = finish,
    .resize = resize,
};

static void *
start_gutter(const struct view_options *o)
{
    struct lanes *l = start(o);

    l->gutter_only = true;
    return l;
}

const struct view_kind view_gutter = {
    .name = "gutter",
    .summary = "a narrow column for each process, then the line, as git log --graph",
    .extension = "txt",
    .is_live = true,
    .start = start_gutter,
    .event = event,
    .finish = finish,
    .resize = resize,
};
