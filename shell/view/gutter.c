/* SPDX-License-Identifier: GPL-3.0-or-later
 * See gutter.h. A process has its column from its beginning to its end, then another one may have
 * it. Where more live than fit, those beyond share the last column. */
#include "view/gutter.h"

#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "base/mem.h"

enum {
    NAME_MOST = 14,     /* of the names' column: longer ones push their text */
    STATE_PERCENT = 22, /* of the width, where the states are not known beforehand */
    STATE_MOST = 36,
    LEAST = 2, /* columns of the gutter, while nobody is known */
};

void
gutter_init(struct gutter *g, const struct story *story, int width)
{
    *g = (struct gutter){
        .story = story,
        .signs = signs_of(story->options.ascii),
        .canvas.colour = story->options.colour,
        .number = draw_number(0),
    };
    gutter_resize(g, width);
}

void
gutter_resize(struct gutter *g, int width)
{
    g->width = width;
    g->shown = LEAST;
    g->state = width * STATE_PERCENT / 100;
}

void
gutter_release(struct gutter *g)
{
    canvas_release(&g->canvas);
    free(g->columns);
    *g = (struct gutter){0};
}

/* Columns of processes that may be shown. */
static int
most_shown(const struct gutter *g)
{
    int n = (g->width - 20) / 6;

    return n > LEAST ? n : LEAST;
}

static int
column_of(struct gutter *g, int actor)
{
    int at = -1;

    if (actor < 0)
        return -1;
    for (int i = g->ncolumns - 1; i >= 0; i--) {
        if (g->columns[i] == actor)
            return i;
        if (g->columns[i] < 0)
            at = i;
    }
    if (at < 0) {
        if (g->ncolumns == g->cap) {
            g->cap = g->cap == 0 ? 8 : g->cap * 2;
            g->columns = mem_grow(g->columns, (size_t)g->cap * sizeof *g->columns);
        }
        at = g->ncolumns++;
    }
    g->columns[at] = actor;
    return at;
}

/* Those that are no more give their columns back. */
static void
give_back(struct gutter *g, const struct standings *after)
{
    for (int i = 0; i < g->ncolumns; i++)
        if (g->columns[i] >= 0 && !standing_of(after, g->columns[i]).alive)
            g->columns[i] = -1;
    while (g->ncolumns > 0 && g->columns[g->ncolumns - 1] < 0)
        g->ncolumns--;
}

/* After an undo some live again. */
static void
take_back(struct gutter *g, const struct standings *after)
{
    for (int i = 0; i < g->story->nactors; i++)
        if (standing_of(after, i).alive && draw_wanted(g->story, i))
            column_of(g, i);
}

/* Does this moment mark its actor's column? What is told of one that is no more, does not. */
static bool
has_mark(const struct gutter *g, const struct standings *before, const struct moment *m)
{
    if (!draw_wanted(g->story, m->actor) || m->kind == MOMENT_REAPED || m->kind == MOMENT_WORDS)
        return false;
    return m->kind != MOMENT_OUTPUT || standing_of(before, m->actor).alive;
}

static void
see_names(struct gutter *g, int actor)
{
    int n;

    if (actor < 0)
        return;
    n = (int)columns_of(g->story->actors[actor].name, strlen(g->story->actors[actor].name));
    if (n > g->name_width)
        g->name_width = n < NAME_MOST ? n : NAME_MOST;
}

static void
see_columns(struct gutter *g, int64_t step)
{
    int most = most_shown(g), number = draw_number(step);

    if (number > g->number)
        g->number = number;
    if (g->ncolumns > g->shown)
        g->shown = g->ncolumns < most ? g->ncolumns : most;
}

void
gutter_measure(struct gutter *g)
{
    struct standings st = {0};
    int state = 0;

    for (int i = 0; i < g->story->n; i++) {
        const struct moment *m = &g->story->moments[i];

        if (m->undone || !draw_concerns(g->story, m))
            continue;
        if (has_mark(g, &st, m))
            column_of(g, m->actor);
        if (m->kind == MOMENT_FORK && draw_wanted(g->story, m->other))
            column_of(g, m->other);
        see_columns(g, m->step);
        see_names(g, m->actor);
        see_names(g, m->kind == MOMENT_FORK ? m->other : -1);
        standings_after(&st, g->story, m, false);
        give_back(g, &st);
        if (objects_width(m, false) > state)
            state = objects_width(m, false);
    }
    g->state = state < g->width * STATE_MOST / 100 ? state : g->width * STATE_MOST / 100;
    g->ncolumns = 0;
    standings_release(&st);
}

static int
place_of(const struct gutter *g, int column)
{
    return g->number + 1 + 2 * (column < g->shown ? column : g->shown - 1);
}

/* The columns of all, from row `from` on, as they stand. */
static void
put_columns(struct gutter *g, int from, const struct standings *st)
{
    const struct signs *s = g->signs;

    for (int row = from; row < g->canvas.rows; row++)
        for (int i = 0; i < g->ncolumns; i++) {
            struct standing now = standing_of(st, g->columns[i]);

            if (g->columns[i] < 0 || !now.alive)
                continue;
            if (i >= g->shown - 1 && g->ncolumns > g->shown)
                canvas_puts(&g->canvas, row, place_of(g, i), s->many, TINT_DIM);
            else
                canvas_puts(&g->canvas, row, place_of(g, i), now.waits ? s->wait : s->wall,
                            now.waits ? TINT_WAIT : TINT_DIM);
        }
}

/* From the parent's column to the child's, over those in between. */
static void
put_branch(struct gutter *g, int row, int parent, int child, const struct standings *st)
{
    const struct signs *s = g->signs;
    int from = place_of(g, parent), to = place_of(g, child), step = to > from ? 1 : -1;

    if (to == from)
        return;
    for (int at = from + step; at != to; at += step) {
        int column = (at - g->number - 1) / 2;
        bool crosses = (at - g->number - 1) % 2 == 0 && column < g->ncolumns &&
                       g->columns[column] >= 0 && standing_of(st, g->columns[column]).alive;

        canvas_puts(&g->canvas, row, at, crosses ? s->cross : s->rule, TINT_NONE);
    }
    canvas_puts(&g->canvas, row, from, step > 0 ? s->fork_right : s->fork_left, TINT_NONE);
    canvas_puts(&g->canvas, row, to, step > 0 ? s->child_right : s->child_left, TINT_NONE);
}

static void
put_lines_of(struct buf *text, const char *more)
{
    while (*more != '\0') {
        size_t n = strcspn(more, "\n");

        buf_puts(text, text->len > 0 ? "  " : "");
        buf_put(text, more, n);
        more += n + (more[n] == '\n');
    }
}

static void
moment_text(const struct moment *m, struct buf *text)
{
    buf_puts(text, m->head);
    if (m->kind == MOMENT_WAIT)
        buf_printf(text, " <waits%s%s>", m->why[0] != '\0' ? ": " : "", m->why);
    put_lines_of(text, m->more);
    if (m->by > 0)
        buf_printf(text, "   [by step %lld]", (long long)m->by);
}

/* Name and text in the place behind the gutter. Returns the rows; *end is the column behind. */
static int
put_text(struct gutter *g, int row, int actor, const char *text, enum tint tint, int *end)
{
    const char *name = actor >= 0 ? g->story->actors[actor].name : "";
    int at = g->number + 1 + 2 * g->shown + 1, hang = actor >= 0 ? g->name_width + 2 : 2, rows;
    int wide = (int)columns_of(name, strlen(name)), behind = at;
    struct buf all = {0}, cut = {0};

    draw_shorten(&cut, text, (size_t)g->width);
    draw_keep_together(&cut);
    buf_printf(&all, "%s%*s%s", name, actor >= 0 ? hang - wide > 2 ? hang - wide : 2 : 0, "",
               buf_text(&cut));
    rows = canvas_wrap(&g->canvas, row, at, g->width - at, hang, all.data, tint, &behind);
    if (actor >= 0) /* the name as it is, whatever its text says */
        canvas_put(&g->canvas, row, at, name, strlen(name), TINT_NONE);
    *end = behind;
    buf_release(&all);
    buf_release(&cut);
    return rows > 0 ? rows : 1;
}

/* The states stand at the end of the line if there is room, else below. */
static void
put_objects(struct gutter *g, int row, int end, const struct moment *m)
{
    int at = g->width - g->state;

    if (m->nobjects == 0 || g->state < 4)
        return;
    draw_objects(&g->canvas, end + 2 <= at ? row : row + 1, at, g->state, m, false);
}

/* What a program prints, a row each line. */
static void
draw_output(struct gutter *g, const struct moment *m)
{
    struct buf text = {0};
    const char *line = m->more;
    int row = 0, end;

    do {
        size_t n = strcspn(line, "\n");

        buf_clear(&text);
        buf_printf(&text, "%s%c%.*s", m->head, DRAW_BLANK, (int)n, line);
        row += put_text(g, row, m->actor, text.data, TINT_NONE, &end);
        line += n + (line[n] == '\n');
    } while (*line != '\0');
    buf_release(&text);
}

static const char *
mark_of(const struct gutter *g, const struct moment *m)
{
    return m->kind == MOMENT_EXIT || m->kind == MOMENT_KILLED ? g->signs->end : g->signs->step;
}

static void
say_shared(struct gutter *g, struct buf *out)
{
    struct canvas c = {.colour = g->canvas.colour};
    char text[120];

    g->shared_told = true;
    snprintf(text, sizeof text, "more than %d processes: those beyond share the last column",
             g->shown);
    canvas_clear(&c, g->width);
    canvas_wrap(&c, 0, place_of(g, 0), g->width - place_of(g, 0), 0, text, TINT_DIM, NULL);
    canvas_flush(&c, out);
    canvas_release(&c);
}

static void
draw_step(struct gutter *g, const struct standings *before, const struct standings *after,
          const struct moment *m)
{
    bool acts = has_mark(g, before, m);
    bool born = m->kind == MOMENT_FORK && draw_wanted(g->story, m->other);
    int own = acts ? column_of(g, m->actor) : -1, child = born ? column_of(g, m->other) : -1;
    int end = 0, rows = 0;
    struct buf text = {0};
    char number[24];

    see_columns(g, m->step);
    see_names(g, acts ? m->actor : -1);
    see_names(g, born ? m->other : -1);
    if (m->kind == MOMENT_OUTPUT) {
        draw_output(g, m);
    } else if (draw_wanted(g->story, m->actor) || !born) {
        moment_text(m, &text);
        rows = put_text(g, 0, m->actor, buf_text(&text), m->bad ? TINT_BAD : TINT_NONE, &end);
    }
    if (born && (m->born[0] != '\0' || rows == 0)) {
        buf_clear(&text);
        buf_puts(&text, m->born[0] != '\0' ? m->born : "new process");
        rows += put_text(g, rows, m->other, text.data, TINT_NONE, &end);
    }
    put_objects(g, rows > 0 ? rows - 1 : 0, end, m);
    put_columns(g, 0, before);
    put_columns(g, rows > 0 ? 1 : 0, after);
    if (own >= 0)
        canvas_puts(&g->canvas, 0, place_of(g, own), mark_of(g, m), m->bad ? TINT_BAD : TINT_NONE);
    if (own >= 0 && child >= 0)
        put_branch(g, 0, own, child, before);
    if (m->step >= 0) {
        snprintf(number, sizeof number, "%*lld", g->number, (long long)m->step);
        canvas_puts(&g->canvas, 0, 0, number, TINT_DIM);
    }
    buf_release(&text);
}

void
gutter_draw(struct gutter *g, const struct standings *before, const struct standings *after,
            const struct moment *m, struct buf *out)
{
    canvas_clear(&g->canvas, g->width);
    if (m->kind == MOMENT_VERDICT)
        draw_verdict(&g->canvas, g->signs, m, NULL, 0);
    else if (m->kind == MOMENT_INPUT)
        canvas_wrap(&g->canvas, 0, 0, g->width, 2, m->head, TINT_NONE, NULL);
    else
        draw_step(g, before, after, m);
    if (g->ncolumns > g->shown && !g->shared_told)
        say_shared(g, out);
    canvas_flush(&g->canvas, out);
    give_back(g, after);
    if (m->kind == MOMENT_UNDO)
        take_back(g, after);
}
