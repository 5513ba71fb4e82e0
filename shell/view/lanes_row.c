/* SPDX-License-Identifier: GPL-3.0-or-later
 * See lanes.h. A cell holds the call, the data below it, and at its right edge an arrow for the way
 * that data went, or the bar of a wait, which then runs down the lane until the call comes back. */
#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "view/lanes.h"

enum {
    CELL_LEAST = 16, /* columns in which something can still be read */
    CELL_MOST = 56,  /* more is no help to the eye */
    STATE_LEAST = 10,
    STATE_PERCENT = 22, /* of the width for the states, where they need it */
    STATE_MOST = 36,
    BAR = 7, /* columns of the bar with its word */
    WHY_LEAST =
        24, /* columns of a cell in which the reason of a wait is said too, while it is new */
};

static int
wall(const struct table *t, int lane)
{
    return t->number + 1 + lane * (t->cell + 1);
}

bool
table_fit(struct table *t, int n, int state, int64_t last_step)
{
    int least = t->width * STATE_PERCENT / 100, most = t->width * STATE_MOST / 100;

    t->number = draw_number(last_step);
    t->state = state == 0 ? 0 : state + 1 > most ? most : state + 1 < least ? least : state + 1;
    if (state > 0 && t->state < STATE_LEAST)
        t->state = STATE_LEAST;
    if (n < 1)
        return true;
    t->cell = (t->width - t->number - 1 - (t->state > 0 ? 1 + t->state : 0)) / n - 1;
    if (t->cell < CELL_LEAST && state > 0) { /* states may take another row */
        t->state = least > STATE_LEAST ? least : STATE_LEAST;
        t->cell = (t->width - t->number - 2 - t->state) / n - 1;
    }
    if (t->cell < CELL_LEAST)
        return false;
    t->cell = t->cell > CELL_MOST ? CELL_MOST : t->cell;
    return true;
}

int
table_lane(const struct table *t, int actor)
{
    for (int i = 0; i < t->n; i++)
        if (t->lanes[i] == actor)
            return i;
    return -1;
}

/* Where the last wall is: that of the states, or none. */
static int
walls(const struct table *t)
{
    return t->state > 0 ? t->n + 1 : t->n;
}

void
table_head(const struct table *t, const struct story *s, struct canvas *c)
{
    const struct signs *g = signs_of(s->options.ascii);
    int rows = 1, width = wall(t, t->n) + t->state + (t->state > 0);

    canvas_clear(c, t->width);
    canvas_puts(c, 0, t->number - 1, "#", TINT_DIM);
    for (int i = 0; i < t->n; i++) {
        int n = canvas_wrap(c, 0, wall(t, i) + 2, t->cell - 2, 0, s->actors[t->lanes[i]].name,
                            TINT_NONE, NULL);

        rows = n > rows ? n : rows;
    }
    if (t->state > 0)
        canvas_wrap(c, 0, wall(t, t->n) + 2, t->state - 1, 0,
                    t->alone != NULL ? t->alone : "objects", TINT_NONE, NULL);
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < walls(t); i++)
            canvas_puts(c, row, wall(t, i), g->wall, TINT_DIM);
    for (int i = 0; i < width; i++)
        canvas_puts(c, rows, i, g->rule, TINT_DIM);
    for (int i = 0; i < walls(t); i++)
        canvas_puts(c, rows, wall(t, i), g->cross, TINT_DIM);
}

/* ---- Cells --------------------------------------------------------------------------------- */

/* Where in a lane the bar of a wait runs. */
static int
bar_of(const struct table *t, int lane)
{
    return wall(t, lane) + t->cell - BAR;
}

/* What stands at the right edge of the row with the call. */
static const char *
right_of(const struct moment *m, const struct signs *g, char room[16])
{
    if (m->kind == MOMENT_WAIT) {
        snprintf(room, 16, "%s waits", g->wait);
        return room;
    }
    return m->flow == FLOW_OUT ? g->out : m->flow == FLOW_IN ? g->in : "";
}

/* The call in full where it fits in one row, or closer together, else in several. */
static void
head_text(const struct moment *m, size_t room, struct buf *text)
{
    buf_puts(text, m->head);
    if (columns_of(buf_text(text), text->len) <= room)
        return;
    if (strchr(m->head, '(') != NULL) {
        buf_clear(text);
        story_tight(text, m->head);
        if (columns_of(buf_text(text), text->len) <= room)
            return;
    }
    buf_clear(text);
    if (columns_of(m->head, strlen(m->head)) > 3 * room)
        draw_shorten(text, m->head, room > 24 ? room : 24);
    else
        buf_puts(text, m->head);
    draw_keep_together(text);
}

static int
put_head(const struct table *t, const struct signs *g, struct canvas *c, int lane, int width,
         const struct moment *m)
{
    bool ends = m->kind == MOMENT_EXIT || m->kind == MOMENT_KILLED;
    char room[16];
    const char *right = right_of(m, g, room);
    int at = wall(t, lane) + 2, wide = (int)columns_of(right, strlen(right)), rows, end;
    struct buf text = {0};

    head_text(m, (size_t)(wide > 0 ? width - wide - 1 : width), &text);
    if (ends)
        buf_printf(&text, "  %s", g->end);
    rows = canvas_wrap(c, 0, at, width, 2, buf_text(&text), m->bad ? TINT_BAD : TINT_NONE, &end);
    if (wide > 0) {
        if (end + 1 > at + t->cell - 2 - wide)
            rows++;
        canvas_puts(c, rows > 0 ? rows - 1 : 0, at + t->cell - 2 - wide, right,
                    m->kind == MOMENT_WAIT ? TINT_WAIT : TINT_NONE);
    }
    buf_release(&text);
    return rows;
}

static int
put_below(struct canvas *c, int row, int at, int width, const char *text, enum tint tint)
{
    struct buf cut = {0};
    int rows;

    draw_shorten(&cut, text, (size_t)(3 * width));
    draw_keep_together(&cut);
    rows = canvas_wrap(c, row, at, width, 0, buf_text(&cut), tint, NULL);
    buf_release(&cut);
    return rows;
}

static int
put_output(struct canvas *c, int at, int width, const struct moment *m)
{
    struct buf text = {0};
    const char *line = m->more;
    int rows = 0;

    do {
        int n = (int)strcspn(line, "\n");

        buf_clear(&text);
        buf_printf(&text, "%s%c%.*s", m->head, DRAW_BLANK, n, line);
        rows += canvas_wrap(c, rows, at, width, 2, text.data, TINT_NONE, NULL);
        line += n + (line[n] == '\n');
    } while (*line != '\0');
    buf_release(&text);
    return rows;
}

/* What happened in its own lane; waits: a bar runs there meanwhile. */
static void
put_cell(const struct table *t, const struct story *s, struct canvas *c, int lane, bool waits,
         const struct moment *m)
{
    const struct signs *g = signs_of(s->options.ascii);
    int at = wall(t, lane) + 2, width = t->cell - 2, rows;
    char by[40];

    if (waits && width > BAR + 4)
        width -= BAR + 1;
    if (m->kind == MOMENT_OUTPUT) {
        put_output(c, at, width, m);
        return;
    }
    rows = put_head(t, g, c, lane, width, m);
    if (m->kind == MOMENT_WAIT) {
        width -= width > BAR + 4 ? BAR + 1 : 0;
        if (s->options.live && t->cell - 2 >= WHY_LEAST)
            put_below(c, rows, at + 2, width - 2, m->why, TINT_DIM);
        return;
    }
    rows += put_below(c, rows, at + 2, width - 2, m->more, TINT_NONE);
    if (m->by > 0) {
        snprintf(by, sizeof by, "[by step %lld]", (long long)m->by);
        put_below(c, rows, at + 2, width - 2, by, TINT_DIM);
    }
}

/* ---- Rows ---------------------------------------------------------------------------------- */

/* Walls, and bars where somebody waits, from column `from` on. */
static void
put_frame(const struct table *t, const struct signs *g, struct canvas *c, int row, int from,
          const struct standings *st)
{
    for (int i = 0; i < walls(t); i++) {
        if (wall(t, i) >= from)
            canvas_puts(c, row, wall(t, i), g->wall, TINT_DIM);
        if (i < t->n && bar_of(t, i) >= from && standing_of(st, t->lanes[i]).waits)
            canvas_puts(c, row, bar_of(t, i), g->wait, TINT_WAIT);
    }
}

/* Words about nobody in particular: over the lanes, which go on behind them. */
static void
put_words(const struct table *t, const struct signs *g, struct canvas *c,
          const struct standings *st, const struct moment *m)
{
    int at = m->kind == MOMENT_INPUT ? 0 : t->number + 3;
    enum tint tint = m->bad ? TINT_BAD : TINT_NONE;
    struct buf text = {0};

    buf_puts(&text, m->head);
    if (m->more[0] != '\0')
        buf_printf(&text, "\n%s", m->more);
    canvas_wrap(c, 0, at, t->width - at, 2, buf_text(&text), tint, NULL);
    for (int row = 0; row < c->rows; row++) {
        int from = c->width;

        while (from > 0 && c->spots[row * c->width + from - 1].n == 0)
            from--;
        if (at > 0)
            canvas_puts(c, row, t->number + 1, g->wall, TINT_DIM);
        put_frame(t, g, c, row, from + 1, st);
    }
    buf_release(&text);
}

void
table_row(const struct table *t, const struct story *s, struct canvas *c,
          const struct standings *before, const struct standings *after, const struct moment *m)
{
    const struct signs *g = signs_of(s->options.ascii);
    int lane = table_lane(t, m->actor), other = -1;
    char number[24];

    if (m->kind == MOMENT_FORK)
        other = table_lane(t, m->other);
    canvas_clear(c, t->width);
    if (lane < 0 && other < 0) {
        put_words(t, g, c, after, m);
        return;
    }
    if (m->step >= 0) {
        snprintf(number, sizeof number, "%*lld", t->number, (long long)m->step);
        canvas_puts(c, 0, 0, number, TINT_DIM);
    }
    if (lane >= 0)
        put_cell(t, s, c, lane, standing_of(before, m->actor).waits && m->kind != MOMENT_BACK, m);
    if (other >= 0)
        canvas_wrap(c, 0, wall(t, other) + 2, t->cell - 2, 2,
                    m->born[0] != '\0' ? m->born : "begins", TINT_NONE, NULL);
    if (t->state > 0)
        draw_objects(c, 0, wall(t, t->n) + 2, t->state - 1, m, t->alone != NULL);
    for (int row = 0; row < c->rows; row++) {
        bool first = row == 0 && m->kind == MOMENT_WAIT;

        put_frame(t, g, c, row, 0, first ? before : after);
    }
}

void
table_box(const struct table *t, const struct story *s, struct canvas *c, const struct moment *m)
{
    int crosses[64], n = walls(t) < 64 ? walls(t) : 64;

    for (int i = 0; i < n; i++)
        crosses[i] = wall(t, i);
    canvas_clear(c, t->width);
    draw_verdict(c, signs_of(s->options.ascii), m, t->open ? crosses : NULL, t->open ? n : 0);
}
