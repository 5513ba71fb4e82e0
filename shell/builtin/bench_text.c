/* SPDX-License-Identifier: GPL-3.0-or-later
 * See bench.h: the figures as a table, and in sentences what the table cannot say. */
#include "base/columns.h"
#include "builtin/bench.h"

enum { /* columns */
       NAME = 14,
       SIZE = 7,
       P50 = 6,
       SPREAD = 5,
       P99 = 6,
       RATE = 7,
       PLACE = P50 + SPREAD + P99 + RATE + SPREAD,
};

/* Three digits that matter. */
static void
put_number(struct buf *out, int width, double v)
{
    if (v >= 99999.5)
        buf_printf(out, "%*.0fk", width > 0 ? width - 1 : 0, v / 1000);
    else
        buf_printf(out, "%*.*f", width, v < 0.0995 ? 3 : v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
}

/* Half the range of the middle half of the rounds, as a part of their median. */
static void
put_spread(struct buf *out, const struct bench_figure *f)
{
    double part = f->median > 0 ? (f->high - f->low) / 2 / f->median * 100 : 0;

    buf_printf(out, "%*.0f%%", SPREAD - 1, part > 999 ? 999 : part);
}

static void
put_case(struct buf *out, const struct bench_case *c)
{
    if (!c->measured) {
        buf_printf(out, "%*s%*s%*s", P50, "-", SPREAD + P99, "-", RATE, "-");
    } else {
        put_number(out, P50, c->p50.median);
        put_spread(out, &c->p50);
        put_number(out, P99, c->p99.median);
        if (c->rate.median > 0) {
            put_number(out, RATE, c->rate.median * (double)c->size / 1e6);
            put_spread(out, &c->rate);
            return;
        }
        buf_printf(out, "%*s", RATE, "-");
    }
    buf_printf(out, "%*s", SPREAD, "");
}

static void
trim(struct buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

static void
put_head(const struct bench *b, bool ascii, struct buf *out)
{
    const char *spread = ascii ? "+-" : "±";
    int before = SPREAD - (ascii ? 2 : 1);

    buf_printf(out, "%*s%-*s%s", NAME + SIZE + 3, "", PLACE, "one core",
               b->places == 1 ? ""
               : b->siblings  ? "two threads of one core"
                              : "two cores");
    trim(out);
    buf_printf(out, "\n%-*s%*s", NAME, "MECHANISM", SIZE, "SIZE");
    for (int i = 0; i < b->places; i++)
        buf_printf(out, "%*s%*s%s%*s%*s%*s%s", P50, "p50", before, "", spread, P99, "p99", RATE,
                   "MB/s", before, "", spread);
    buf_putc(out, '\n');
}

static void
put_table(const struct bench *b, bool ascii, struct buf *out)
{
    put_head(b, ascii, out);
    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];

        if (c->cores == 1) {
            char size[24];

            bench_size_text(c->size, size);
            buf_printf(out, "%-*s%*s", NAME,
                       c->size == b->sizes[0] ? b->chosen[c->chosen].record->name : "", SIZE, size);
        }
        put_case(out, c);
        if (c->cores == b->places) {
            trim(out);
            buf_putc(out, '\n');
        }
    }
}

/* ---- Sentences ----------------------------------------------------------------------------- */

/* A paragraph of its own, whose further lines are set in. */
static void
put_sentence(struct buf *out, int width, struct buf *text)
{
    columns_wrap(out, buf_text(text), 0, 2, width);
    buf_clear(text);
}

/* Is this the first case of its mechanism that could not be measured for this reason? */
static bool
is_first(const struct bench *b, const struct bench_case *c)
{
    for (const struct bench_case *k = b->cases; k < c; k++)
        if (k->chosen == c->chosen && !k->measured && strcmp(k->why, c->why) == 0)
            return false;
    return true;
}

/* "signal 64 B, 4 KiB cannot be: it carries no bytes" */
static void
put_unmeasured(const struct bench *b, int width, struct buf *out)
{
    struct buf text = {0};

    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];
        size_t last = 0;

        if (c->measured || !is_first(b, c))
            continue;
        buf_puts(&text, b->chosen[c->chosen].record->name);
        for (const struct bench_case *k = c; k < b->cases + b->ncases; k++) {
            char size[24];

            if (k->chosen != c->chosen || k->measured || strcmp(k->why, c->why) != 0 ||
                k->size == last)
                continue;
            bench_size_text(k->size, size);
            buf_printf(&text, "%s %s", last != 0 ? "," : "", size);
            last = k->size;
        }
        buf_printf(&text, " %s: %s", c->failed ? "FAILED" : "cannot be", c->why);
        put_sentence(out, width, &text);
    }
    buf_release(&text);
}

static void
put_pieces(const struct bench *b, int width, struct buf *out)
{
    struct buf text = {0};

    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];
        const struct ipclab_bench *m = b->chosen[c->chosen].record;
        char size[24];

        if (!c->measured || c->cores != 1 || c->piece == 0 || c->piece >= c->size)
            continue;
        bench_size_text(c->size, size);
        buf_printf(&text, "%s %s goes in %zu pieces of up to %zu B: %s", m->name, size,
                   (c->size + c->piece - 1) / c->piece, c->piece,
                   m->limit != NULL ? m->limit : "it takes no more at once");
        put_sentence(out, width, &text);
    }
    buf_release(&text);
}

static void
put_costs(const struct bench *b, int width, struct buf *out)
{
    struct buf text = {0};
    bool any = false;

    for (int i = 0; i < b->nchosen; i++)
        if (b->chosen[i].record->answered != NULL) {
            buf_printf(&text, "%s one way is not measured: %s", b->chosen[i].record->name,
                       b->chosen[i].record->answered);
            put_sentence(out, width, &text);
        }
    buf_puts(&text, "Every byte was compared, which takes");
    for (int i = 0; i < b->nsizes; i++) {
        char size[24];

        if (b->check_us[i] <= 0) /* nothing of this size was */
            continue;
        bench_size_text(b->sizes[i], size);
        buf_puts(&text, any ? ", " : " ");
        any = true;
        put_number(&text, 0, b->check_us[i]);
        buf_printf(&text, " us for %s", size);
    }
    buf_puts(&text, ": not part of there and back, part of one way");
    put_sentence(out, width, &text);
    buf_release(&text);
}

/* The fastest with shared memory or with messages, of this size at this place. */
static const struct bench_case *
fastest(const struct bench *b, bool memory, size_t size, int cores)
{
    const struct bench_case *best = NULL;

    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];

        if (c->measured && c->size == size && c->cores == cores &&
            b->chosen[c->chosen].memory == memory &&
            (best == NULL || c->p50.median < best->p50.median))
            best = c;
    }
    return best;
}

/* What the lecture says of both, as it came out here. */
static void
put_comparison(const struct bench *b, struct buf *out)
{
    bool any = false;

    for (int cores = b->places; cores >= 1; cores--)
        for (int i = 0; i < b->nsizes; i++) {
            const struct bench_case *memory = fastest(b, true, b->sizes[i], cores);
            const struct bench_case *message = fastest(b, false, b->sizes[i], cores);
            char size[24];

            if (memory == NULL || message == NULL)
                continue;
            if (!any)
                buf_puts(out, "\nFastest there and back, by shared memory and by messages:\n");
            any = true;
            bench_size_text(b->sizes[i], size);
            buf_printf(out, "  %-9s %7s  ", cores == 2 ? "two cores" : "one core", size);
            put_number(out, 6, memory->p50.median);
            buf_printf(out, " us %-8s", b->chosen[memory->chosen].record->name);
            put_number(out, 6, message->p50.median);
            buf_printf(out, " us %-15s", b->chosen[message->chosen].record->name);
            put_number(out, 6, message->p50.median / memory->p50.median);
            buf_puts(out, " times\n");
        }
}

void
bench_text(const struct bench *b, bool ascii, int width, struct buf *out)
{
    bool any = false;

    buf_printf(out,
               "There and back in microseconds, one way in MB (10^6 bytes) a second; medians of\n"
               "%d round%s, beside each the part within which the middle half of them is.\n\n",
               b->rounds, b->rounds == 1 ? "" : "s");
    put_table(b, ascii, out);
    buf_putc(out, '\n');
    put_pieces(b, width, out);
    put_unmeasured(b, width, out);
    for (int i = 0; i < b->ncases; i++)
        any |= b->cases[i].measured;
    if (any)
        put_costs(b, width, out);
    put_comparison(b, out);
}
