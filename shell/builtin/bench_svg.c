/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The picture of bench: a row for each mechanism and size; how long there and back takes, and how
 * much goes one way, each on one core and on two, on scales where each step is ten times the one
 * before. Shared memory is a square, messages are a circle; colours only repeat it. What a mark
 * stands for is in its tooltip in words. */
#include <math.h>

#include "base/mem.h"
#include "base/quote.h"
#include "builtin/bench.h"
#include "view/svg_text.h"

enum {
    MARGIN = 24,
    TITLE = 84,  /* title, what is shown, the names of the columns */
    NAMES = 196, /* mechanism and size */
    PANEL = 220,
    BETWEEN = 36,
    ROW = 17,
    GAP = 12,  /* between mechanisms */
    AXIS = 22, /* numbers above and below */
    LEGEND = 40,
};

/* A scale of powers of ten over all marks of its kind. */
struct scale {
    int from, to; /* exponents */
};

struct picture {
    const struct bench *b;
    struct buf *out;
    int order[BENCH_NAMES]; /* of mechanisms */
    struct scale time, rate;
    int bottom; /* of the rows */
};

static double
bytes_of(const struct bench_case *c)
{
    return c->rate.median * (double)c->size / 1e6;
}

/* ---- Layout -------------------------------------------------------------------------------- */

static const struct bench_case *
case_of(const struct bench *b, int chosen, size_t size, int cores)
{
    for (int i = 0; i < b->ncases; i++)
        if (b->cases[i].chosen == chosen && b->cases[i].size == size && b->cases[i].cores == cores)
            return &b->cases[i];
    return NULL;
}

/* Where a mechanism stands: memory first, the fastest of each first. */
static double
rank(const struct bench *b, int chosen)
{
    const struct bench_case *c = case_of(b, chosen, b->sizes[0], b->places);

    return (b->chosen[chosen].memory ? 0 : 1e12) + (c != NULL && c->measured ? c->p50.median : 1e9);
}

static void
sort(struct picture *p)
{
    for (int i = 0; i < p->b->nchosen; i++) {
        int k = i;

        for (; k > 0 && rank(p->b, p->order[k - 1]) > rank(p->b, i); k--)
            p->order[k] = p->order[k - 1];
        p->order[k] = i;
    }
}

static void
widen(struct scale *s, double v)
{
    int below = (int)floor(log10(v)), above = (int)ceil(log10(v));

    if (v <= 0)
        return;
    if (s->from == s->to) {
        *s = (struct scale){below, above > below ? above : below + 1};
        return;
    }
    s->from = below < s->from ? below : s->from;
    s->to = above > s->to ? above : s->to;
}

static void
set_scales(struct picture *p)
{
    for (int i = 0; i < p->b->ncases; i++) {
        const struct bench_case *c = &p->b->cases[i];

        if (!c->measured)
            continue;
        widen(&p->time, fmax(c->p50.median, 0.001));
        widen(&p->time, fmax(c->p99.median, 0.001));
        if (c->rate.median > 0)
            widen(&p->rate, bytes_of(c));
    }
}

static int
panels(const struct picture *p)
{
    return 2 * p->b->places;
}

static int
panel_x(int panel)
{
    return MARGIN + NAMES + panel * (PANEL + BETWEEN);
}

static double
place_on(const struct scale *s, double v)
{
    double part = s->to > s->from ? (log10(fmax(v, 0.001)) - s->from) / (s->to - s->from) : 0;

    return fmin(fmax(part, 0), 1) * PANEL;
}

/* ---- Drawing ------------------------------------------------------------------------------- */

/* 0.1, 10, 1k, 10M */
static void
put_power(struct buf *out, int exponent)
{
    int thousands = exponent < 0 ? 0 : exponent / 3;

    buf_printf(out, "%.*f%.*s", exponent < 0 ? -exponent : 0, pow(10, exponent - 3 * thousands),
               thousands > 0, &" kMGT"[thousands < 5 ? thousands : 0]);
}

static void
put_panel(struct picture *p, int panel)
{
    bool time = panel < p->b->places;
    const struct scale *s = time ? &p->time : &p->rate;
    int x = panel_x(panel), cores = panel % p->b->places + 1;

    buf_printf(p->out, "<text class=\"b\" x=\"%d\" y=\"%d\">%s, %s</text>\n", x, TITLE,
               time ? "there and back, us" : "one way, MB/s",
               cores == 1 ? "one core" : "two cores");
    for (int e = s->from; e <= s->to && s->from < s->to; e++) {
        double at = x + (double)PANEL * (e - s->from) / (s->to - s->from);

        buf_printf(p->out, "<path class=\"rule\" d=\"M%.1f %dV%d\"/>", at, TITLE + AXIS + 4,
                   p->bottom);
        for (int end = 0; end < 2; end++) {
            buf_printf(p->out, "<text class=\"dim c\" x=\"%.1f\" y=\"%d\">", at,
                       end == 0 ? TITLE + AXIS : p->bottom + 16);
            put_power(p->out, e);
            buf_puts(p->out, "</text>");
        }
    }
    buf_putc(p->out, '\n');
}

static void
put_mark(struct picture *p, bool memory, double x, int y)
{
    if (memory)
        buf_printf(p->out, "<rect class=\"f0\" x=\"%.1f\" y=\"%d\" width=\"9\" height=\"9\"/>",
                   x - 4.5, y - 5);
    else
        buf_printf(p->out, "<circle class=\"f3\" cx=\"%.1f\" cy=\"%d\" r=\"4.5\"/>", x, y);
}

static void
put_words(struct picture *p, const struct bench_case *c, bool time)
{
    const struct bench_figure *f = time ? &c->p50 : &c->rate;
    double scale = time ? 1 : (double)c->size / 1e6;
    char size[24];

    bench_size_text(c->size, size);
    buf_printf(p->out, "<title>%s, %s, %s: ", p->b->chosen[c->chosen].record->name, size,
               c->cores == 1 ? "one core" : "two cores");
    if (!c->measured)
        quote_entities(p->out, c->why, strlen(c->why));
    else if (time)
        buf_printf(p->out, "%.3g us there and back, 99 %% of them within %.3g us", f->median,
                   c->p99.median);
    else if (f->median > 0)
        buf_printf(p->out, "%.3g MB/s, %.3g messages a second", f->median * scale, f->median);
    else
        quote_entities(p->out, p->b->chosen[c->chosen].record->answered,
                       strlen(p->b->chosen[c->chosen].record->answered));
    if (c->measured && f->median > 0)
        buf_printf(p->out, " (rounds: %.3g to %.3g)", f->least * scale, f->most * scale);
    buf_puts(p->out, "</title>");
}

static void
put_case(struct picture *p, const struct bench_case *c, int panel, int y)
{
    bool time = panel < p->b->places, memory = p->b->chosen[c->chosen].memory;
    int x = panel_x(panel);

    buf_puts(p->out, "<g class=\"m\" role=\"listitem\">");
    put_words(p, c, time);
    buf_printf(p->out, "<rect class=\"hit\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x,
               y - ROW / 2, PANEL, ROW);
    if (!c->measured || (!time && c->rate.median <= 0)) {
        buf_printf(p->out, "<text class=\"dim\" x=\"%d\" y=\"%d\">-</text>", x, y + 4);
    } else if (time) {
        double from = x + place_on(&p->time, c->p50.median);
        double to = x + place_on(&p->time, c->p99.median);

        buf_printf(p->out, "<path class=\"%s\" d=\"M%.1f %dH%.1fm0 -4v8\"/>", memory ? "l0" : "l3",
                   from, y, to);
        put_mark(p, memory, from, y);
    } else {
        double at = x + place_on(&p->rate, bytes_of(c));

        buf_printf(p->out, "<path class=\"%s\" d=\"M%d %dH%.1f\"/>", memory ? "l0" : "l3", x, y,
                   at);
        put_mark(p, memory, at, y);
    }
    buf_puts(p->out, "</g>\n");
}

static void
put_mechanism(struct picture *p, int chosen, int y)
{
    const struct bench *b = p->b;

    buf_printf(p->out, "<text class=\"b\" x=\"%d\" y=\"%d\">%s</text>\n", MARGIN, y + 4,
               b->chosen[chosen].record->name);
    for (int i = 0; i < b->nsizes; i++) {
        char size[24];

        bench_size_text(b->sizes[i], size);
        buf_printf(p->out, "<text class=\"dim r\" x=\"%d\" y=\"%d\">%s</text>\n",
                   MARGIN + NAMES - 14, y + i * ROW + 4, size);
        for (int panel = 0; panel < panels(p); panel++) {
            const struct bench_case *c = case_of(b, chosen, b->sizes[i], panel % b->places + 1);

            if (c != NULL)
                put_case(p, c, panel, y + i * ROW);
        }
    }
}

static void
put_legend(struct picture *p, int y)
{
    put_mark(p, true, MARGIN + 8, y);
    buf_printf(p->out, "<text x=\"%d\" y=\"%d\">shared memory</text>", MARGIN + 20, y + 4);
    put_mark(p, false, MARGIN + 148, y);
    buf_printf(p->out, "<text x=\"%d\" y=\"%d\">messages</text>", MARGIN + 160, y + 4);
    buf_printf(p->out,
               "<path class=\"l3\" d=\"M%d %dh40m0 -4v8\"/><text x=\"%d\" y=\"%d\">from the median "
               "to what 99 of 100 stay within; each step of a scale is ten times the one before"
               "</text>\n",
               MARGIN + 248, y, MARGIN + 300, y + 4);
}

void
bench_svg(const struct bench *b, struct buf *out)
{
    struct picture p = {.b = b, .out = out};
    int block = b->nsizes * ROW + GAP, y = TITLE + AXIS + 18, width, height;

    sort(&p);
    set_scales(&p);
    p.bottom = y + b->nchosen * block - GAP;
    width = panel_x(panels(&p)) - BETWEEN + MARGIN;
    width = width < 960 ? 960 : width;
    height = p.bottom + AXIS + LEGEND;
    buf_printf(out,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" role=\"graphics-document\" aria-label=\"What a message "
               "costs\">\n<desc>A row for each of %d mechanisms and %d sizes: the time there and "
               "back in microseconds, and how much goes one way in megabytes a second, %s, each "
               "the median of %d rounds. Shared memory comes first, then messages.</desc>\n"
               "<style>\n%s</style>\n<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n",
               width, height, width, height, b->nchosen, b->nsizes,
               b->places == 2 ? "on one core and on two" : "on one core", b->rounds, svg_style,
               width, height);
    buf_printf(out,
               "<text class=\"t\" x=\"%d\" y=\"34\">What a message costs</text><text class=\"s\" "
               "x=\"%d\" y=\"54\">medians of %d rounds; every byte was compared</text>\n",
               MARGIN, MARGIN, b->rounds);
    for (int i = 0; i < panels(&p); i++)
        put_panel(&p, i);
    buf_puts(out, "<g role=\"list\">\n");
    for (int i = 0; i < b->nchosen; i++)
        put_mechanism(&p, p.order[i], y + i * block);
    buf_puts(out, "</g>\n");
    put_legend(&p, p.bottom + AXIS + LEGEND / 2);
    buf_puts(out, "</svg>\n");
}
