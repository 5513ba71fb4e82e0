/* SPDX-License-Identifier: GPL-3.0-or-later
 * See table.h. */
#include "builtin/table.h"

#include <stdarg.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"

enum { GAP = 2, LEAST_LAST = 20 /* columns of the last that are worth wrapping in */ };

void
table_init(struct table *t, const char *align, bool ascii)
{
    *t = (struct table){.columns = (int)strlen(align), .align = align, .ascii = ascii};
}

void
table_cell(struct table *t, const char *fmt, ...)
{
    struct buf clean = {0};
    char *text;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n >= 0) {
        text_escape(&clean, text, (size_t)n, t->ascii);
        free(text);
    }
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->cells = mem_grow(t->cells, sizeof *t->cells * (size_t)t->cap);
    }
    t->cells[t->n++] = mem_copy(buf_text(&clean));
    buf_release(&clean);
}

static int
width_of(const char *cell)
{
    return (int)columns_of(cell, strlen(cell));
}

static void
put_blanks(struct buf *out, int n)
{
    for (int i = 0; i < n; i++)
        buf_putc(out, ' ');
}

/* Where a paragraph is broken between two blanks, one of them would stay at the end of the line or
 * at the beginning of the next, behind the `hang` that belong there. */
static void
drop_blanks(struct buf *out, size_t from, int hang)
{
    size_t to = from;

    for (size_t i = from; i < out->len; i++) {
        bool breaks = out->data[i] == '\n';

        while (breaks && to > from && out->data[to - 1] == ' ')
            to--;
        out->data[to++] = out->data[i];
        for (int k = 0; breaks && k < hang && out->data[i + 1] == ' '; k++)
            out->data[to++] = out->data[++i];
        while (breaks && out->data[i + 1] == ' ')
            i++;
    }
    out->len = to;
    out->data[to] = '\0';
}

/* Blanks only when something follows: no line ends in them. */
static void
put_row(const struct table *t, char *const *cells, const int *wide, int indent, int width,
        struct buf *out)
{
    int at = indent, owed = indent, last = t->columns - 1;

    for (int i = 0; i < last; i++) {
        int pad = wide[i] - width_of(cells[i]);

        if (t->align[i] == '>')
            owed += pad;
        if (cells[i][0] != '\0') {
            put_blanks(out, owed);
            buf_puts(out, cells[i]);
            owed = 0;
        }
        owed += (t->align[i] == '>' ? 0 : pad) + GAP;
        at += wide[i] + GAP;
    }
    if (cells[last][0] == '\0') {
        buf_putc(out, '\n');
        return;
    }
    put_blanks(out, owed);
    if (t->align[last] == '<' && width - at >= LEAST_LAST) {
        size_t from = out->len;

        columns_wrap(out, cells[last], at, at, width);
        drop_blanks(out, from, at);
    } else {
        buf_puts(out, cells[last]);
        buf_putc(out, '\n');
    }
}

/* Words in capitals. */
static bool
is_head(char *const *cells, int n)
{
    for (int i = 0; i < n; i++)
        for (const char *c = cells[i]; *c != '\0'; c++)
            if (*c >= 'a' && *c <= 'z')
                return false;
    return cells[0][0] >= 'A' && cells[0][0] <= 'Z';
}

/* Gaps in a cell, which hold what belongs together, are commas. */
static void
put_tight(const char *cell, struct buf *out)
{
    for (; *cell != '\0'; cell++) {
        if (cell[0] != ' ' || cell[1] != ' ') {
            buf_putc(out, *cell);
            continue;
        }
        while (cell[1] == ' ')
            cell++;
        buf_puts(out, ", ");
    }
}

/* "a: PID 2, PPID 1, DOING idle." */
static void
put_sentence(const struct table *t, char *const *cells, char *const *head, struct buf *out)
{
    const char *before = "";

    for (int i = 0; i < t->columns; i++) {
        if (cells[i][0] == '\0')
            continue;
        buf_printf(out, "%s%s%s", before, i > 0 && head != NULL ? head[i] : "",
                   i > 0 && head != NULL ? " " : "");
        put_tight(cells[i], out);
        before = i == 0 ? ": " : ", ";
    }
    buf_puts(out, ".\n");
}

static void
put_sentences(const struct table *t, struct buf *out)
{
    char *const *head = t->n >= t->columns && is_head(t->cells, t->columns) ? t->cells : NULL;

    for (int i = head != NULL ? t->columns : 0; i + t->columns <= t->n; i += t->columns)
        put_sentence(t, &t->cells[i], head, out);
}

void
table_end(struct table *t, struct buf *out, int indent, int width)
{
    int wide[TABLE_COLUMNS] = {0};

    for (int i = 0; i < t->n; i++)
        if (width_of(t->cells[i]) > wide[i % t->columns])
            wide[i % t->columns] = width_of(t->cells[i]);
    if (t->linear)
        put_sentences(t, out);
    for (int i = 0; i + t->columns <= t->n && !t->linear; i += t->columns)
        put_row(t, &t->cells[i], wide, indent, width, out);
    for (int i = 0; i < t->n; i++)
        free(t->cells[i]);
    free(t->cells);
    *t = (struct table){0};
}
