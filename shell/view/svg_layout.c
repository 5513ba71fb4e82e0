/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything of the picture stands. Each moment has rows of its own, so that texts of two
 * moments can never meet; a lane is as wide as its longest text needs, within limits that shrink as
 * lanes grow more, and what is longer is cut. */
#include "view/svg.h"

#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "base/mem.h"

enum {
    LANE_MIN = 14,    /* columns of text */
    OBJECTS_MAX = 40, /* columns of the objects */
    SECOND_ROWS = 3,  /* rows of what stands below a call */
    OBJECTS_ROWS = 4, /* objects of one moment that are shown */
    HEAD_EVERY = 30,  /* rows, after which names stand once more */
    BOX_MIN = 60,     /* columns of a verdict's box */
};

static int
lane_max(int lanes)
{
    return lanes <= 2 ? 48 : lanes == 3 ? 42 : lanes <= 5 ? 36 : lanes <= 10 ? 28 : 20;
}

bool
svg_is_wide(const struct svg *v, const struct moment *m)
{
    switch (m->kind) {
    case MOMENT_VERDICT:
    case MOMENT_CHECK:
    case MOMENT_INPUT:
    case MOMENT_UNDO:
    case MOMENT_RESET:
        return true;
    default:
        return m->kind == MOMENT_WORDS || m->actor < 0 || v->lane_of[m->actor] < 0;
    }
}

/* Only so many rows: what is beyond them is joined to the last, which is then cut. */
static void
end_rows(struct buf *out)
{
    int rows = 1;

    while (out->len > 0 && out->data[out->len - 1] == '\n')
        out->data[--out->len] = '\0';
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] == '\n' && ++rows > SECOND_ROWS)
            out->data[i] = ' ';
}

/* What a program printed, from its second line on. */
static void
put_printed(const struct moment *m, struct buf *out)
{
    const char *s = m->more + strcspn(m->more, "\n");

    while (*s == '\n' && s[1] != '\0') {
        size_t n = strcspn(++s, "\n");

        buf_printf(out, "%s %.*s\n", m->head, (int)n, s);
        s += n;
    }
}

/* On paper there are no tooltips: why something waits or failed stands there in full, if it is not
 * too long. */
void
svg_second(const struct moment *m, int columns, struct buf *out)
{
    struct buf text = {0};

    buf_clear(out);
    if (m->kind == MOMENT_WAIT && m->why[0] != '\0')
        buf_printf(&text, "waits: %s", m->why);
    else if (m->kind == MOMENT_OUTPUT)
        put_printed(m, out);
    else
        buf_puts(&text, m->more);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n')
            text.data[i] = ' ';
    if (m->by > 0)
        buf_printf(&text, "%sby step %lld", text.len > 0 ? "  " : "", (long long)m->by);
    if (text.len > 0)
        columns_wrap(out, text.data, 0, 0, columns);
    end_rows(out);
    buf_release(&text);
}

static void
put_holder(const struct svg *v, const struct moment_holder *h, struct buf *out)
{
    buf_printf(out, "    %s", h->actor);
    if (h->fd >= 0)
        buf_printf(out, "  fd %lld", (long long)h->fd);
    if (h->since > 0)
        buf_printf(out, "  %s in step %lld, %s", story_birth(h->how), (long long)h->since,
                   h->fd >= 0 ? "never closed" : "not given back");
    if (h->waits)
        buf_puts(out, v->story.options.ascii ? "  < itself" : "  \u25c0 itself");
    buf_putc(out, '\n');
}

void
svg_verdict_text(const struct svg *v, const struct moment *m, struct buf *out)
{
    const struct moment_verdict *d = m->verdict;
    int columns = svg_columns(v->width - 2 * SVG_MARGIN - 2 * SVG_INDENT);

    buf_clear(out);
    for (int i = 0; d->says[i] != NULL; i++)
        columns_wrap(out, d->says[i], 0, 2, columns);
    for (int i = 0; i < d->nholders; i++)
        put_holder(v, &d->holders[i], out);
    for (int i = 0; d->next[i] != NULL; i++) {
        buf_puts(out, i == 0 ? "next: " : "      ");
        buf_puts(out, d->next[i]);
        buf_putc(out, '\n');
    }
    if (out->len > 0)
        out->data[--out->len] = '\0';
}

/* ---- Columns ------------------------------------------------------------------------------- */

static bool
is_shown(const struct svg *v, const struct moment *m)
{
    if (m->undone || (v->story.options.quiet && !m->important))
        return false;
    return m->actor < 0 || v->lane_of[m->actor] >= 0;
}

static bool
is_wanted(const struct svg *v, int actor)
{
    const char *const *only = v->story.options.only;

    for (; only != NULL && *only != NULL; only++)
        if (strcmp(*only, v->story.actors[actor].name) == 0)
            return true;
    return only == NULL;
}

static void
need_lane(struct svg *v, int actor)
{
    if (actor < 0 || v->lane_of[actor] != -1 || !is_wanted(v, actor))
        return;
    v->lane_of[actor] = 0; /* numbered in the order of the story */
}

static void
make_lanes(struct svg *v)
{
    int n = v->story.nactors;

    v->lane_of = mem_alloc(sizeof *v->lane_of * (size_t)(n + 1));
    v->lanes = mem_alloc(sizeof *v->lanes * (size_t)(n + 1));
    for (int i = 0; i < n; i++)
        v->lane_of[i] = -1;
    for (int i = 0; i < v->story.n; i++)
        if (!v->story.moments[i].undone) {
            need_lane(v, v->story.moments[i].actor);
            if (v->story.moments[i].kind == MOMENT_FORK)
                need_lane(v, v->story.moments[i].other);
        }
    for (int i = 0; i < n; i++)
        if (v->lane_of[i] == 0) {
            v->lanes[v->nlanes] = (struct svg_lane){
                .actor = i, .columns = LANE_MIN, .life = -1, .zombie = -1, .wait = -1};
            v->lane_of[i] = v->nlanes++;
        }
}

static int
longest(const char *s)
{
    int most = 0;

    while (*s != '\0') {
        size_t n = strcspn(s, "\n");
        int wide = (int)columns_of(s, n);

        most = wide > most ? wide : most;
        s += n + (s[n] == '\n');
    }
    return most;
}

static void
widen(struct svg_lane *lane, int columns, int max)
{
    columns = columns > max ? max : columns;
    if (columns > lane->columns)
        lane->columns = columns;
}

static void
measure(struct svg *v, const struct moment *m, int max)
{
    struct svg_lane *lane;

    if (!is_shown(v, m))
        return;
    for (int i = 0; i < m->nobjects; i++) {
        int wide = (int)(strlen(m->objects[i].name) + 2 + strlen(m->objects[i].state));

        if (wide > v->objects_columns)
            v->objects_columns = wide > OBJECTS_MAX ? OBJECTS_MAX : wide;
    }
    if (svg_is_wide(v, m))
        return;
    lane = &v->lanes[v->lane_of[m->actor]];
    widen(lane, longest(m->head) + (m->kind == MOMENT_OUTPUT ? 1 + longest(m->more) : 0), max);
    svg_second(m, max, &v->room);
    widen(lane, longest(buf_text(&v->room)), max);
    if (m->kind == MOMENT_FORK && m->other >= 0 && v->lane_of[m->other] >= 0)
        widen(&v->lanes[v->lane_of[m->other]], longest(m->born), max);
}

static void
place_columns(struct svg *v)
{
    int x = SVG_MARGIN + SVG_STEPS, least;

    for (int i = 0; i < v->nlanes; i++)
        widen(&v->lanes[i], longest(v->story.actors[v->lanes[i].actor].name) + 2, OBJECTS_MAX);
    for (int i = 0; i < v->story.n; i++)
        measure(v, &v->story.moments[i], lane_max(v->nlanes));
    for (int i = 0; i < v->nlanes; i++) {
        v->lanes[i].x = x;
        x += SVG_LIFE + SVG_INDENT + svg_pixels(v->lanes[i].columns) + SVG_BETWEEN;
    }
    if (v->objects_columns > 0) {
        v->objects_x = x + SVG_ARROW - SVG_BETWEEN;
        x = v->objects_x + svg_pixels(v->objects_columns);
    }
    least = 2 * SVG_MARGIN + svg_pixels(BOX_MIN);
    v->width = x + SVG_MARGIN < least ? least : x + SVG_MARGIN;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static void
add_piece(struct svg *v, enum svg_line line, int lane, int *from, int to)
{
    if (*from < 0)
        return;
    if (v->npieces == v->cap_pieces) {
        v->cap_pieces = v->cap_pieces > 0 ? v->cap_pieces * 2 : 64;
        v->pieces = mem_grow(v->pieces, sizeof *v->pieces * (size_t)v->cap_pieces);
    }
    v->pieces[v->npieces++] = (struct svg_piece){line, lane, *from, to};
    *from = -1;
}

static void
end_lane(struct svg *v, int lane, int y)
{
    struct svg_lane *l = &v->lanes[lane];

    add_piece(v, LINE_LIFE, lane, &l->life, y);
    add_piece(v, LINE_ZOMBIE, lane, &l->zombie, y);
    add_piece(v, LINE_WAIT, lane, &l->wait, y);
}

static void
begin_lane(struct svg *v, int actor, int y)
{
    int lane = actor >= 0 ? v->lane_of[actor] : -1;

    if (lane < 0)
        return;
    end_lane(v, lane, y);
    v->lanes[lane].life = y;
}

/* What becomes of the lines of lanes at this moment. */
static void
draw_on(struct svg *v, const struct moment *m, int y)
{
    int lane = m->actor >= 0 ? v->lane_of[m->actor] : -1;
    struct svg_lane *l = lane >= 0 ? &v->lanes[lane] : NULL;

    if (m->kind == MOMENT_RESET)
        for (int i = 0; i < v->nlanes; i++)
            end_lane(v, i, y - SVG_ROW / 2);
    if (m->kind == MOMENT_SPAWN)
        begin_lane(v, m->actor, y);
    if (l == NULL || m->kind == MOMENT_SPAWN)
        return;
    if (m->kind == MOMENT_REAPED) {
        add_piece(v, LINE_ZOMBIE, lane, &l->zombie, y);
        return;
    }
    if (l->life < 0 && m->kind != MOMENT_OUTPUT && m->kind != MOMENT_WORDS)
        begin_lane(v, m->actor, y); /* where it began the trace does not say */
    if (m->kind == MOMENT_FORK)
        begin_lane(v, m->other, y + SVG_ROW);
    else if (m->kind == MOMENT_WAIT && l->wait < 0)
        l->wait = y;
    else if (m->kind == MOMENT_BACK)
        add_piece(v, LINE_WAIT, lane, &l->wait, y);
    else if (m->kind == MOMENT_EXIT || m->kind == MOMENT_KILLED) {
        end_lane(v, lane, y);
        l->zombie = v->story.actors[m->actor].parent >= 0 ? y : -1;
    }
}

static int
lines_in(const char *s)
{
    int n = s[0] != '\0';

    for (; *s != '\0'; s++)
        n += *s == '\n';
    return n;
}

static int
rows_of(struct svg *v, const struct moment *m)
{
    int rows = 1, objects = m->nobjects < OBJECTS_ROWS ? m->nobjects : OBJECTS_ROWS;

    if (m->kind == MOMENT_VERDICT) {
        svg_verdict_text(v, m, &v->room);
        return lines_in(buf_text(&v->room)) + 2; /* its head, and half a row above and below */
    }
    if (svg_is_wide(v, m))
        return 1;
    svg_second(m, v->lanes[v->lane_of[m->actor]].columns, &v->room);
    rows += lines_in(buf_text(&v->room));
    if (m->kind == MOMENT_FORK && rows < 2)
        rows = 2;
    return objects > rows ? objects : rows;
}

/* The lanes that live where a header stands. */
static size_t
note_header(struct svg *v)
{
    size_t at = v->heads.len + 1;
    int end = -1;

    for (int i = 0; i < v->nlanes; i++)
        if (v->lanes[i].life >= 0)
            buf_put(&v->heads, &i, sizeof i);
    buf_put(&v->heads, &end, sizeof end);
    return at;
}

static void
place_rows(struct svg *v)
{
    int y = SVG_TITLE + SVG_HEAD + SVG_GAP, since = 0;
    int every = v->nlanes > HEAD_EVERY ? v->nlanes : HEAD_EVERY; /* so that it stays linear */

    v->places = mem_alloc(sizeof *v->places * (size_t)(v->story.n + 1));
    for (int i = 0; i < v->story.n; i++) {
        const struct moment *m = &v->story.moments[i];
        struct svg_place *p = &v->places[i];

        p->shown = is_shown(v, m);
        if (!p->shown)
            continue;
        if (since >= every) {
            p->header = note_header(v);
            y += SVG_HEAD;
            since = 0;
        }
        p->y = y;
        p->rows = rows_of(v, m);
        draw_on(v, m, y + SVG_ROW / 2);
        y += p->rows * SVG_ROW + SVG_GAP;
        since += p->rows;
    }
    v->bottom = y;
    for (int i = 0; i < v->nlanes; i++)
        end_lane(v, i, y);
    v->height = y + SVG_LEGEND;
}

void
svg_layout(struct svg *v)
{
    make_lanes(v);
    place_columns(v);
    place_rows(v);
}
