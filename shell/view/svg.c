/* SPDX-License-Identifier: GPL-3.0-or-later */
/* svg: a picture for the web, a projector or paper, in one file without scripts or fonts of its
 * own. Time runs down, each process has a lane, what became of objects stands at the right. Every
 * moment says in its tooltip all that is known of it. */
#include "view/svg.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void *
start(const struct view_options *o)
{
    struct svg *v = mem_alloc(sizeof *v);

    *v = (struct svg){0};
    story_init(&v->story, o);
    return v;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct svg *v = view;
    const char *lab = event_get_text(e, NULL, "lab");

    (void)out;
    if (lab != NULL && v->title == NULL) {
        struct buf shown = {0};

        text_escape(&shown, lab, strlen(lab), v->story.options.ascii);
        v->title = mem_copy(buf_text(&shown));
        buf_release(&shown);
    }
    story_event(&v->story, e);
}

/* "2 processes, 9 steps, stuck" */
static void
put_summary(struct svg *v)
{
    const char *verdict = "";
    int steps = 0;

    for (int i = 0; i < v->story.n; i++) {
        const struct moment *m = &v->story.moments[i];

        if (m->undone)
            continue;
        steps += m->step >= 0 && m->kind != MOMENT_BACK && m->kind != MOMENT_REAPED;
        if (m->kind == MOMENT_VERDICT)
            verdict = strcmp(m->verdict->kind, "stuck") == 0 ? ", stuck" : verdict;
    }
    buf_printf(v->out, "%d process%s, %d step%s%s", v->nlanes, v->nlanes == 1 ? "" : "es", steps,
               steps == 1 ? "" : "s", verdict);
}

static void
put_title(struct svg *v)
{
    const char *title = v->title != NULL ? v->title : "ipclab session";

    svg_fitted(v->out, title, svg_columns(v->width - 2 * SVG_MARGIN) * 2 / 3,
               v->story.options.ascii);
}

static void
put_begin(struct svg *v)
{
    struct buf *out = v->out;

    buf_printf(out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" role=\"graphics-document\" xml:space=\"preserve\" "
               "aria-label=\"",
               v->width, v->height, v->width, v->height);
    put_title(v);
    buf_puts(out, "\">\n<desc>Time runs down. Each process has a lane, kernel objects and their "
                  "state stand at the right: ");
    put_summary(v);
    buf_puts(out, ".</desc>\n<style>\n");
    buf_puts(out, svg_style);
    buf_puts(out, "</style>\n<defs><pattern id=\"ipclab-wait\" width=\"6\" height=\"6\" "
                  "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
                  "<rect class=\"wa\" width=\"6\" height=\"6\"/><rect class=\"wb\" width=\"2\" "
                  "height=\"6\"/></pattern></defs>\n");
    buf_printf(out, "<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n", v->width, v->height);
    buf_printf(out, "<text class=\"t\" x=\"%d\" y=\"34\">", SVG_MARGIN);
    put_title(v);
    buf_printf(out, "</text><text class=\"s\" x=\"%d\" y=\"53\">", SVG_MARGIN);
    put_summary(v);
    buf_puts(out, "</text>\n");
}

static void
put_piece(struct svg *v, const struct svg_piece *p)
{
    int x = v->lanes[p->lane].x + SVG_LIFE, colour = p->lane % SVG_COLOURS;

    if (p->line == LINE_WAIT)
        buf_printf(v->out,
                   "<rect class=\"wait\" x=\"%d\" y=\"%d\" width=\"10\" height=\"%d\" "
                   "rx=\"3\"/>\n",
                   x - 5, p->from, p->to > p->from ? p->to - p->from : 1);
    else
        buf_printf(v->out, "<path class=\"life%s l%d\" d=\"M%d %dV%d\"/>\n",
                   p->line == LINE_ZOMBIE ? " z" : "", colour, x, p->from, p->to);
}

/* The lines of the lanes, under everything else, and the bars upon them. */
static void
put_pieces(struct svg *v)
{
    buf_puts(v->out, "<g aria-hidden=\"true\">\n");
    for (int bars = 0; bars < 2; bars++)
        for (int i = 0; i < v->npieces; i++)
            if ((v->pieces[i].line == LINE_WAIT) == (bars == 1))
                put_piece(v, &v->pieces[i]);
    buf_puts(v->out, "</g>\n");
}

/* What the marks mean, for those who have never seen one. */
static void
put_legend(struct svg *v)
{
    static const struct {
        const char *mark, *words;
    } marks[] = {
        {"<circle class=\"f0\" cx=\"5\" cy=\"-4\" r=\"4.5\"/>", "a step"},
        {"<rect class=\"wait\" x=\"0\" y=\"-11\" width=\"10\" height=\"14\" rx=\"3\"/>", "waits"},
        {"<line class=\"data\" x1=\"-8\" y1=\"-4\" x2=\"5\" y2=\"-4\"/>"
         "<path class=\"dh\" d=\"M12 -4l-7 -4v8z\"/>",
         "data"},
        {"<path class=\"x l0\" d=\"M0 -9l10 10m0 -10l-10 10\"/>", "ends"},
        {"<path class=\"life z l0\" d=\"M5 -13V5\"/>", "not yet waited for"},
    };
    int x = SVG_MARGIN + 8;

    buf_printf(v->out, "<g aria-hidden=\"true\"><path class=\"rule\" d=\"M%d %dH%d\"/>", SVG_MARGIN,
               v->bottom + 8, v->width - SVG_MARGIN);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        buf_printf(v->out,
                   "<g transform=\"translate(%d %d)\">%s<text class=\"dim\" x=\"20\" y=\"0\">%s"
                   "</text></g>",
                   x, v->bottom + 30, marks[i].mark, marks[i].words);
        x += svg_pixels((int)strlen(marks[i].words)) + 48;
    }
    buf_puts(v->out, "</g>\n");
}

static void
release(struct svg *v)
{
    free(v->title);
    free(v->lanes);
    free(v->lane_of);
    free(v->places);
    free(v->pieces);
    buf_release(&v->heads);
    buf_release(&v->room);
    story_release(&v->story);
    free(v);
}

static void
finish(void *view, struct buf *out)
{
    struct svg *v = view;

    v->out = out;
    story_end(&v->story);
    svg_layout(v);
    put_begin(v);
    put_pieces(v);
    svg_heads(v, SVG_TITLE, 0);
    buf_puts(out, "<g role=\"list\">\n");
    for (int i = 0; i < v->story.n; i++) {
        if (!v->places[i].shown)
            continue;
        if (v->places[i].header > 0)
            svg_heads(v, v->places[i].y - SVG_HEAD + SVG_GAP / 2, v->places[i].header);
        svg_moment(v, i);
    }
    buf_puts(out, "</g>\n");
    put_legend(v);
    buf_puts(out, "</svg>\n");
    release(v);
}

const struct view_kind view_svg = {
    .name = "svg",
    .summary = "a picture in one file: lanes, waits, data and objects, with tooltips",
    .extension = "svg",
    .start = start,
    .event = event,
    .finish = finish,
};
