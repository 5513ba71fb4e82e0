/* SPDX-License-Identifier: GPL-3.0-or-later
 * See fill.h. */
#include "grade/fill.h"

#include <stdarg.h>

#include "base/mem.h"
#include "base/text.h"

/* What becomes of a row. */
struct filling {
    const struct fill *f;
    const struct csv *c;
    const struct reports *r;
    int column;
    struct fill_counts *counts;
    struct fill_row {
        bool done; /* it is somebody's */
        bool changed;
        char text[24]; /* of its cell, then */
    } * rows;
};

__attribute__((format(printf, 3, 4))) static void
tell(struct filling *w, const char *student, const char *fmt, ...)
{
    struct buf text = {0}, shown = {0};
    char *what = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&what, fmt, ap) < 0)
        what = NULL;
    va_end(ap);
    text_escape(&shown, student, strlen(student), true);
    buf_printf(&text, "%s: %s", buf_text(&shown), what != NULL ? what : "");
    w->f->tell(w->f->ctx, text.data);
    free(what);
    buf_release(&shown);
    buf_release(&text);
}

/* Excused, or not given this work: that is the teacher's decision, and points would undo it. */
static bool
is_decided(const char *value)
{
    return strcasecmp(value, "EX") == 0 || strcasecmp(value, "N/A") == 0;
}

static void
fill_row(struct filling *w, const struct graded *g, int row)
{
    struct fill_row *to = &w->rows[row];
    int line = w->c->rows[row].line;
    struct buf room = {0};

    if (to->done) {
        w->counts->unknown++;
        tell(w, g->student, "line %d has the points of another submission already", line);
    } else if (csv_at(w->c, row, w->column) == NULL) {
        w->counts->unknown++;
        tell(w, g->student, "line %d has no cell in that column", line);
    } else if (is_decided(csv_value(w->c, row, w->column, &room))) {
        w->counts->kept++;
        tell(w, g->student, "line %d says %s, which stays", line, room.data);
    } else {
        to->changed = true;
        w->counts->filled += g->judged;
        w->counts->emptied += !g->judged;
        if (g->judged)
            snprintf(to->text, sizeof to->text, "%lld", (long long)g->score);
        else
            tell(w, g->student, "left empty, because the grader had trouble");
    }
    to->done = true;
    buf_release(&room);
}

static void
fill_report(struct filling *w, const struct fill_keys *keys, const struct graded *g)
{
    int row = fill_keys_find(keys, g->student);

    if (row >= 0) {
        fill_row(w, g, row);
        return;
    }
    w->counts->unknown++;
    if (row == FILL_SEVERAL)
        tell(w, g->student, "several rows could be meant, none is filled");
    else if (g->judged)
        tell(w, g->student, "has no row; %lld of %lld points", (long long)g->score,
             (long long)g->max);
    else
        tell(w, g->student, "has no row");
}

/* A row that says who it is, and whom nobody was. */
static int
count_without(const struct filling *w, const struct fill_keys *keys)
{
    int n = 0;

    for (int i = 0; i < keys->n; i++) {
        struct fill_row *row = &w->rows[keys->list[i].row];

        n += !row->done;
        row->done = true;
    }
    return n;
}

static void
put_file(const struct filling *w, struct buf *out)
{
    size_t at = 0;

    for (int row = 1; row < w->c->nrows; row++) {
        const struct csv_cell *cell = csv_at(w->c, row, w->column);

        if (!w->rows[row].changed)
            continue;
        buf_put(out, w->c->text + at, cell->at - at);
        buf_puts(out, w->rows[row].text);
        at = cell->at + cell->n;
    }
    buf_put(out, w->c->text + at, w->c->size - at);
}

int
fill_put(const struct fill *f, const struct csv *c, const struct reports *r, struct buf *out,
         struct fill_counts *counts, struct err *err)
{
    struct filling w = {.f = f, .c = c, .r = r, .counts = counts};
    struct fill_keys keys = {0};
    int result = -1;

    *counts = (struct fill_counts){0};
    w.column = fill_column(f, c, r, err);
    if (w.column < 0 || fill_keys_make(&keys, f, c, err) < 0)
        goto out;
    w.rows = mem_alloc(sizeof *w.rows * (size_t)c->nrows);
    fill_compare_max(f, c, w.column, r);
    for (int i = 0; i < r->n; i++) {
        json_t *report = r->get(r->ctx, i);
        struct graded g;

        if (report == NULL)
            continue;
        graded_read(&g, report, r->lab);
        fill_report(&w, &keys, &g);
        graded_release(&g);
        json_decref(report);
    }
    counts->without = count_without(&w, &keys);
    put_file(&w, out);
    result = 0;
out:
    fill_keys_release(&keys);
    free(w.rows);
    return result;
}
