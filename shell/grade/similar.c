/* SPDX-License-Identifier: GPL-3.0-or-later
 * See similar.h. */
#include "grade/similar.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "grade/report.h"

enum {
    FEW = 3,         /* a line says something as long as no more than these have it ... */
    FEW_OF = 10,     /* ... or no more than that part of the class, */
    FEW_MOST = 20,   /* which is never more than these */
    LINES_LEAST = 3, /* lines of one's own that two have in common, */
    PART = 80,       /* and percent of those that the one who has less of them has */
};

/* What a print is of. */
enum sort { OF_FILE, OF_ADDRESS, OF_LINE };

void
similar_init(struct similar *s, int submissions)
{
    *s = (struct similar){.lines = mem_alloc(sizeof *s->lines * (size_t)(submissions + 1)),
                          .flagged = mem_alloc(sizeof *s->flagged * (size_t)(submissions + 1)),
                          .submissions = submissions};
}

void
similar_release(struct similar *s)
{
    free(s->prints);
    free(s->lines);
    free(s->flagged);
    *s = (struct similar){0};
}

/* FNV-1a; the sort in the last bits, so that prints tell it. */
static uint64_t
hash(enum sort sort, const char *text)
{
    uint64_t h = 14695981039346656037ULL;

    for (const char *c = text; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * 1099511628211ULL;
    return (h & ~3ULL) | sort;
}

static void
add(struct similar *s, int i, enum sort sort, const char *text)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 256;
        s->prints = mem_grow(s->prints, sizeof *s->prints * (size_t)s->cap);
    }
    s->prints[s->n++] = (struct similar_print){hash(sort, text), i};
}

static const json_t *
list_of(const json_t *report, const char *name)
{
    return json_object_get(json_object_get(report, "trace"), name);
}

void
similar_take(struct similar *s, int i, const json_t *report)
{
    const json_t *lines = list_of(report, "own"), *addresses = list_of(report, "addresses");
    const char *sha256 = json_string_value(list_of(report, "sha256"));

    if (sha256 != NULL)
        add(s, i, OF_FILE, sha256);
    for (size_t k = 0; k < json_array_size(addresses); k++)
        add(s, i, OF_ADDRESS, json_string_value(json_array_get(addresses, k)));
    for (size_t k = 0; k < json_array_size(lines); k++)
        add(s, i, OF_LINE, json_string_value(json_array_get(lines, k)));
    s->lines[i] = (int)json_array_size(lines);
    s->flagged[i] = report_has_flag(report, "similar");
}

/* ---- Pairs ---------------------------------------------------------------------------------- */

struct pair {
    int a, b;
    bool sure; /* a file, or an address */
};

struct pairs {
    struct pair *list;
    int n, cap;
};

static int
by_hash(const void *one, const void *other)
{
    const struct similar_print *a = one, *b = other;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->i - b->i;
}

static int
by_both(const void *one, const void *other)
{
    const struct pair *a = one, *b = other;

    return a->a != b->a ? a->a - b->a : a->b - b->b;
}

/* Every two of them; of very many, each with the first. */
static void
pair_all(struct pairs *p, const struct similar_print *prints, int n)
{
    for (int i = 0; i < (n <= FEW_MOST ? n : 1); i++)
        for (int k = i + 1; k < n; k++) {
            if (p->n == p->cap) {
                p->cap = p->cap ? p->cap * 2 : 256;
                p->list = mem_grow(p->list, sizeof *p->list * (size_t)p->cap);
            }
            p->list[p->n++] =
                (struct pair){prints[i].i, prints[k].i, (enum sort)(prints[i].hash & 3) != OF_LINE};
        }
}

static bool
is_near(const struct similar *s, const struct pair *p, int lines)
{
    int least = s->lines[p->a] < s->lines[p->b] ? s->lines[p->a] : s->lines[p->b];

    return lines >= LINES_LEAST && lines * 100 >= least * PART;
}

void
similar_pairs(struct similar *s, void (*each)(void *ctx, int a, int b), void *ctx)
{
    int few = s->submissions / FEW_OF;
    struct pairs p = {0};

    few = few < FEW ? FEW : few > FEW_MOST ? FEW_MOST : few;
    if (s->n > 0)
        qsort(s->prints, (size_t)s->n, sizeof *s->prints, by_hash);
    for (int i = 0, to; i < s->n; i = to) {
        for (to = i; to < s->n && s->prints[to].hash == s->prints[i].hash; to++)
            ;
        if (to - i <= few || (enum sort)(s->prints[i].hash & 3) != OF_LINE)
            pair_all(&p, &s->prints[i], to - i);
    }
    if (p.n > 0)
        qsort(p.list, (size_t)p.n, sizeof *p.list, by_both);
    for (int i = 0, to; i < p.n; i = to) {
        bool sure = false;
        int lines = 0;

        for (to = i; to < p.n && by_both(&p.list[to], &p.list[i]) == 0; to++) {
            sure |= p.list[to].sure;
            lines += !p.list[to].sure;
        }
        if (sure || is_near(s, &p.list[i], lines))
            each(ctx, p.list[i].a, p.list[i].b);
    }
    free(p.list);
}

/* ---- In words ------------------------------------------------------------------------------- */

static int
in_common(const json_t *a, const json_t *b, const char **first)
{
    int n = 0;

    for (size_t i = 0; i < json_array_size(a); i++)
        for (size_t k = 0; k < json_array_size(b); k++)
            if (json_equal(json_array_get(a, i), json_array_get(b, k)) && n++ == 0)
                *first = json_string_value(json_array_get(a, i));
    return n;
}

void
similar_why(const json_t *report, const json_t *other, struct buf *out)
{
    const json_t *lines = list_of(report, "own");
    const char *first = "";
    int n;

    if (json_equal(list_of(report, "sha256"), list_of(other, "sha256"))) {
        buf_puts(out, "the same bytes");
        return;
    }
    n = in_common(list_of(report, "addresses"), list_of(other, "addresses"), &first);
    if (n > 0) {
        buf_printf(out, "%d addresses are the same, such as %s, which every session has its own of",
                   n, first);
        return;
    }
    n = in_common(lines, list_of(other, "own"), &first);
    buf_printf(out, "%d of %d lines that are not in the model solution are the same, such as `%s`",
               n, (int)json_array_size(lines), first);
}
