/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One moment as elements: its mark on the lane's line, its words, its arrow, its tooltip. */
#include <string.h>

#include "base/columns.h"
#include "base/quote.h"
#include "view/svg.h"

enum { BASE = 14 }; /* from the top of a row to the baseline of its text */

static int
life_x(const struct svg *v, int lane)
{
    return v->lanes[lane].x + SVG_LIFE;
}

static int
text_x(const struct svg *v, int lane)
{
    return life_x(v, lane) + SVG_INDENT;
}

/* Where a text ends for which there is so much room; cut as need be. */
static int
put_text(struct svg *v, int x, int y, const char *class, const char *s, int columns)
{
    int wide;

    buf_printf(v->out, "<text x=\"%d\" y=\"%d\"%s%s%s>", x, y + BASE,
               class[0] != '\0' ? " class=\"" : "", class, class[0] != '\0' ? "\"" : "");
    wide = svg_fitted(v->out, s, columns, v->story.options.ascii);
    buf_puts(v->out, "</text>");
    return x + svg_pixels(wide);
}

/* A line with a head at its end. */
static void
put_arrow(struct svg *v, const char *class, const char *head, int from, int to, int y)
{
    int back = to > from ? -7 : 7;

    buf_printf(v->out,
               "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
               "<path class=\"%s\" d=\"M%d %dl%d -4v8z\"/>",
               class, from, y, to + back, y, head, to, y, back);
}

static void
put_cross(struct svg *v, int colour, int x, int y)
{
    buf_printf(v->out, "<path class=\"x l%d\" d=\"M%d %dl10 10m0 -10l-10 10\"/>", colour, x - 5,
               y - 5);
}

/* ---- Tooltips ------------------------------------------------------------------------------ */

static void
put_line(struct svg *v, const char *before, const char *s)
{
    if (s[0] == '\0')
        return;
    buf_putc(v->out, '\n');
    buf_puts(v->out, before);
    quote_entities(v->out, s, strlen(s));
}

/* Everything that is known of it, whatever the picture had room for. */
static void
put_tooltip(struct svg *v, const struct moment *m)
{
    struct buf *out = v->out;

    buf_puts(out, "<title>");
    if (m->actor >= 0) {
        const char *name = v->story.actors[m->actor].name;

        quote_entities(out, name, strlen(name));
    } else {
        buf_puts(out, "the session");
    }
    if (m->step >= 0)
        buf_printf(out, ", step %lld", (long long)m->step);
    if (m->kind == MOMENT_OUTPUT)
        put_line(v, m->head[0] == '2' ? "prints on 2: " : "prints: ", m->more);
    else
        put_line(v, "", m->head);
    if (m->kind == MOMENT_VERDICT) {
        svg_verdict_text(v, m, &v->room);
        put_line(v, "", buf_text(&v->room));
    } else if (m->kind != MOMENT_OUTPUT) {
        put_line(v, "", m->more);
    }
    put_line(v, "waits: ", m->why);
    put_line(v, "", m->born);
    if (m->by > 0)
        buf_printf(out, "\nended by step %lld", (long long)m->by);
    for (int i = 0; i < m->nobjects; i++) {
        const char *state = m->objects[i].state;

        put_line(v, "", m->objects[i].name);
        buf_puts(out, state[0] != '\0' ? ": " : "");
        state += strspn(state, " ");
        quote_entities(out, state, strlen(state));
    }
    buf_puts(out, "</title>");
}

/* ---- Moments ------------------------------------------------------------------------------- */

static void
put_objects(struct svg *v, const struct moment *m, const struct svg_place *p)
{
    for (int i = 0; i < m->nobjects && i < p->rows; i++) {
        buf_clear(&v->room);
        buf_puts(&v->room, m->objects[i].name);
        if (m->objects[i].state[0] != '\0')
            buf_printf(&v->room, "  %s", m->objects[i].state + (m->objects[i].state[0] == ' '));
        put_text(v, v->objects_x, p->y + i * SVG_ROW, "", buf_text(&v->room), v->objects_columns);
    }
}

/* The mark on the lane's line. */
static void
put_mark(struct svg *v, const struct moment *m, int lane, int y)
{
    int x = life_x(v, lane), colour = lane % SVG_COLOURS;

    switch (m->kind) {
    case MOMENT_EXIT:
    case MOMENT_KILLED:
        put_cross(v, colour, x, y);
        break;
    case MOMENT_SPAWN:
        buf_printf(v->out, "<circle class=\"open l%d\" cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", colour, x,
                   y);
        break;
    case MOMENT_OUTPUT:
    case MOMENT_REAPED:
        break;
    default:
        buf_printf(v->out, "<circle class=\"f%d\" cx=\"%d\" cy=\"%d\" r=\"4.5\"/>", colour, x, y);
    }
}

/* From the parent's line to where the child's begins, in the row below the call. */
static void
put_fork(struct svg *v, const struct moment *m, int lane, const struct svg_place *p)
{
    int child = m->other >= 0 ? v->lane_of[m->other] : -1;
    int y = p->y + SVG_ROW + SVG_ROW / 2, from = life_x(v, lane), to, turn;

    if (child < 0 || child == lane)
        return;
    to = life_x(v, child);
    turn = to > from ? 8 : -8;
    buf_printf(v->out, "<path class=\"l%d\" d=\"M%d %dq0 %d %d %dH%d\"/>", child % SVG_COLOURS,
               from, p->y + SVG_ROW / 2, SVG_ROW, turn, SVG_ROW, to);
    buf_printf(v->out, "<circle class=\"open l%d\" cx=\"%d\" cy=\"%d\" r=\"4.5\"/>",
               child % SVG_COLOURS, to, y);
    if (to > from) /* else the line runs where it would stand */
        put_text(v, text_x(v, child), p->y + SVG_ROW, "dim", m->born, v->lanes[child].columns);
}

/* Which way data went, or who sent a signal: in the row, behind the text where need be. */
static void
put_direction(struct svg *v, const struct moment *m, int lane, int end, int y)
{
    int sender = m->kind == MOMENT_SIGNAL && m->other >= 0 ? v->lane_of[m->other] : -1;

    if (m->flow != FLOW_NONE && m->nobjects > 0) {
        int left = end + 8, right = v->objects_x - 10;

        put_arrow(v, "data", "dh", m->flow == FLOW_OUT ? left : right,
                  m->flow == FLOW_OUT ? right : left, y);
    }
    if (sender >= 0 && sender != lane) {
        char class[8], head[8];

        snprintf(class, sizeof class, "l%d", sender % SVG_COLOURS);
        snprintf(head, sizeof head, "f%d", sender % SVG_COLOURS);
        put_arrow(v, class, head, life_x(v, sender), sender < lane ? life_x(v, lane) - 5 : end + 6,
                  y);
    }
}

/* Lines below each other; what does not fit into the last row goes on behind it and is cut. */
static void
put_rows(struct svg *v, int x, int y, const char *class, const char *s, int columns)
{
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");
        struct buf line = {0};

        buf_put(&line, s, n);
        put_text(v, x, y, class, line.data, columns);
        buf_release(&line);
        y += SVG_ROW;
        s += n + (s[n] == '\n');
    }
}

static void
put_second(struct svg *v, const struct moment *m, int x, int y, int columns)
{
    struct buf text = {0};

    svg_second(m, columns, &text);
    put_rows(v, x, y + SVG_ROW,
             m->kind == MOMENT_WAIT     ? "wt"
             : m->kind == MOMENT_OUTPUT ? "b"
                                        : "dim",
             buf_text(&text), columns);
    buf_release(&text);
}

static void
put_in_lane(struct svg *v, const struct moment *m, const struct svg_place *p)
{
    int lane = v->lane_of[m->actor], columns = v->lanes[lane].columns, x = text_x(v, lane), end;
    int y = p->y + SVG_ROW / 2;

    if (m->step >= 0 && m->kind != MOMENT_REAPED)
        buf_printf(v->out, "<text class=\"dim r\" x=\"%d\" y=\"%d\">%lld</text>",
                   SVG_MARGIN + SVG_STEPS - 16, p->y + BASE, (long long)m->step);
    if (m->kind == MOMENT_OUTPUT) {
        buf_clear(&v->room);
        buf_printf(&v->room, "%s %.*s", m->head, (int)strcspn(m->more, "\n"), m->more);
        end = put_text(v, x, p->y, "b", buf_text(&v->room), columns);
    } else {
        const char *class = m->kind == MOMENT_WAIT                                ? "wt"
                            : m->kind == MOMENT_SPAWN || m->kind == MOMENT_REAPED ? "dim"
                                                                                  : "h";

        end = put_text(v, x, p->y, class, m->head, columns);
    }
    put_second(v, m, x, p->y, columns);
    put_objects(v, m, p);
    put_direction(v, m, lane, end, y);
    if (m->kind == MOMENT_FORK)
        put_fork(v, m, lane, p);
    put_mark(v, m, lane, y);
}

/* Words that are nobody's, over the lines of all lanes. */
static void
put_wide(struct svg *v, const struct moment *m, const struct svg_place *p)
{
    int x = SVG_MARGIN + SVG_STEPS, room = v->width - SVG_MARGIN - x - 16;
    int columns = svg_columns(room);

    buf_clear(&v->room);
    buf_puts(&v->room, m->head);
    if (m->more[0] != '\0')
        buf_printf(&v->room, "\n%s", m->more);
    if (m->kind == MOMENT_RESET || m->kind == MOMENT_UNDO)
        buf_printf(v->out, "<path class=\"rule\" d=\"M%d %dH%d\"/>", SVG_MARGIN, p->y + SVG_ROW / 2,
                   v->width - SVG_MARGIN);
    {
        struct buf shown = {0};
        int wide = svg_fitted(&shown, buf_text(&v->room), columns, v->story.options.ascii);

        buf_printf(v->out,
                   "<rect class=\"cap\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
                   "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>",
                   x, p->y, svg_pixels(wide) + 16, SVG_ROW, m->kind == MOMENT_INPUT ? "b" : "dim h",
                   x + 8, p->y + BASE, buf_text(&shown));
        buf_release(&shown);
    }
}

static void
put_verdict(struct svg *v, const struct moment *m, const struct svg_place *p)
{
    bool stuck = strcmp(m->verdict->kind, "stuck") == 0;
    int height = p->rows * SVG_ROW, y = p->y + SVG_ROW / 2;
    int x = SVG_MARGIN + SVG_INDENT, columns = svg_columns(v->width - x - SVG_MARGIN - SVG_INDENT);
    struct buf text = {0};

    buf_printf(v->out,
               "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
               "<rect class=\"edge\" x=\"%d\" y=\"%d\" width=\"5\" height=\"%d\" rx=\"2\"/>",
               SVG_MARGIN, p->y, v->width - 2 * SVG_MARGIN, height, SVG_MARGIN, p->y, height);
    put_text(v, x, y, "b h", stuck ? "STUCK: nobody can move" : "NEVER: this wait cannot end",
             columns);
    svg_verdict_text(v, m, &text);
    put_rows(v, x, y + SVG_ROW, "", buf_text(&text), columns);
    buf_release(&text);
}

static const char *
kind_name(enum moment_kind kind)
{
    static const char *const names[] = {
        [MOMENT_CALL] = "call",       [MOMENT_WAIT] = "wait",     [MOMENT_BACK] = "back",
        [MOMENT_SPAWN] = "spawn",     [MOMENT_FORK] = "fork",     [MOMENT_EXEC] = "exec",
        [MOMENT_EXIT] = "exit",       [MOMENT_KILLED] = "killed", [MOMENT_STOPPED] = "stopped",
        [MOMENT_REAPED] = "reaped",   [MOMENT_SIGNAL] = "signal", [MOMENT_OUTPUT] = "output",
        [MOMENT_VERDICT] = "verdict", [MOMENT_CHECK] = "check",   [MOMENT_WORDS] = "words",
        [MOMENT_INPUT] = "input",     [MOMENT_UNDO] = "undo",     [MOMENT_RESET] = "reset",
    };

    return names[kind];
}

void
svg_moment(struct svg *v, int number)
{
    const struct moment *m = &v->story.moments[number];
    const struct svg_place *p = &v->places[number];

    buf_printf(v->out, "<g class=\"m%s\" role=\"listitem\" data-kind=\"%s\" data-seq=\"%lld\"",
               m->bad ? " bad" : "", kind_name(m->kind), (long long)m->seq);
    if (m->step >= 0)
        buf_printf(v->out, " data-step=\"%lld\"", (long long)m->step);
    buf_puts(v->out, ">");
    put_tooltip(v, m);
    buf_printf(v->out, "<rect class=\"hit\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
               SVG_MARGIN, p->y, v->width - 2 * SVG_MARGIN, p->rows * SVG_ROW);
    if (m->kind == MOMENT_VERDICT)
        put_verdict(v, m, p);
    else if (svg_is_wide(v, m))
        put_wide(v, m, p);
    else
        put_in_lane(v, m, p);
    buf_puts(v->out, "</g>\n");
}

static void
put_name(struct svg *v, int lane, int y, bool first)
{
    const char *name = v->story.actors[v->lanes[lane].actor].name;
    int x = v->lanes[lane].x, colour = lane % SVG_COLOURS;
    int room = SVG_LIFE + SVG_INDENT + svg_pixels(v->lanes[lane].columns);
    int wide = svg_pixels((int)columns_of(name, strlen(name))) + 20;

    wide = wide > room ? room : wide;
    buf_printf(v->out,
               "<rect class=\"bg\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"22\" rx=\"%d\"/>"
               "<rect class=\"head l%d f%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"22\" "
               "rx=\"%d\"/>",
               x, y, wide, first ? 4 : 11, colour, colour, x, y, wide, first ? 4 : 11);
    buf_printf(v->out, "<text class=\"b f%d\" x=\"%d\" y=\"%d\">", colour, x + 10, y + 15);
    svg_fitted(v->out, name, svg_columns(wide - 20), v->story.options.ascii);
    buf_puts(v->out, "</text>");
}

void
svg_heads(struct svg *v, int y, size_t header)
{
    const char *at = buf_text(&v->heads) + header - (header > 0);
    int lane;

    if (header == 0) {
        buf_puts(v->out, "<g class=\"heads\">");
        for (int i = 0; i < v->nlanes; i++)
            put_name(v, i, y, true);
        if (v->objects_columns > 0)
            buf_printf(v->out, "<text class=\"b dim\" x=\"%d\" y=\"%d\">objects</text>",
                       v->objects_x, y + 15);
    } else {
        buf_puts(v->out, "<g class=\"heads\" aria-hidden=\"true\">");
        for (memcpy(&lane, at, sizeof lane); lane >= 0; memcpy(&lane, at, sizeof lane)) {
            put_name(v, lane, y, false);
            at += sizeof lane;
        }
    }
    buf_puts(v->out, "</g>\n");
}
