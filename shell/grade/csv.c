/* SPDX-License-Identifier: GPL-3.0-or-later
 * See csv.h. */
#include "grade/csv.h"

#include "base/mem.h"

struct reading {
    struct csv *c;
    size_t at;
    int line;
    bool cr; /* rows end with a carriage return alone */
};

static bool
ends_row(const struct reading *r, char ch)
{
    return ch == '\n' || (ch == '\r' && r->cr);
}

/* ---- What kind of file it is --------------------------------------------------------------- */

static int
refuse(struct err *err, int line, const char *what)
{
    if (line > 0)
        return err_set(err, STATUS_USAGE, "line %d: %s", line, what);
    return err_set(err, STATUS_USAGE, "%s", what);
}

static int
look_at_bytes(struct reading *r, struct err *err)
{
    const char *text = r->c->text;
    size_t n = r->c->size;

    if (n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return refuse(err, 0, "the file is UTF-16; save it as CSV in UTF-8");
    if (n >= 2 && memcmp(text, "PK", 2) == 0)
        return refuse(err, 0, "the file is a workbook or an archive, not CSV");
    if (memchr(text, '\0', n) != NULL)
        return refuse(err, 0, "the file has NUL bytes, so it is no CSV");
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r->at = 3;
    r->cr = memchr(text, '\n', n) == NULL && memchr(text, '\r', n) != NULL;
    return 0;
}

static char
separator_of(const struct reading *r)
{
    int commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;

    for (size_t i = r->at; i < r->c->size && (quoted || !ends_row(r, r->c->text[i])); i++) {
        char ch = r->c->text[i];

        quoted ^= ch == '"';
        commas += !quoted && ch == ',';
        semicolons += !quoted && ch == ';';
        tabs += !quoted && ch == '\t';
    }
    if (semicolons > commas && semicolons >= tabs)
        return ';';
    return tabs > commas ? '\t' : ',';
}

/* ---- Cells --------------------------------------------------------------------------------- */

static struct csv_cell *
add_cell(struct csv *c)
{
    if (c->ncells == c->cap_cells) {
        c->cap_cells = c->cap_cells ? c->cap_cells * 2 : 256;
        c->cells = mem_grow(c->cells, sizeof *c->cells * (size_t)c->cap_cells);
    }
    c->cells[c->ncells] = (struct csv_cell){0};
    return &c->cells[c->ncells++];
}

static struct csv_row *
add_row(struct csv *c, int line)
{
    if (c->nrows == c->cap_rows) {
        c->cap_rows = c->cap_rows ? c->cap_rows * 2 : 64;
        c->rows = mem_grow(c->rows, sizeof *c->rows * (size_t)c->cap_rows);
    }
    c->rows[c->nrows] = (struct csv_row){.first = c->ncells, .line = line};
    return &c->rows[c->nrows++];
}

/* From behind the quote up to the one that ends it. */
static int
read_quoted(struct reading *r, struct csv_cell *cell, struct err *err)
{
    const char *text = r->c->text;
    int line = r->line;

    cell->quoted = true;
    cell->at = ++r->at;
    for (; r->at < r->c->size; r->at++) {
        r->line += ends_row(r, text[r->at]);
        if (text[r->at] != '"')
            continue;
        if (r->at + 1 < r->c->size && text[r->at + 1] == '"') {
            r->at++;
            continue;
        }
        cell->n = r->at++ - cell->at;
        return 0;
    }
    return refuse(err, line, "a quote begins there that does not end");
}

static int
read_cell(struct reading *r, struct err *err)
{
    struct csv_cell *cell = add_cell(r->c);
    const char *text = r->c->text;
    size_t from = r->at;

    if (r->at < r->c->size && text[r->at] == '"') {
        if (read_quoted(r, cell, err) < 0)
            return -1;
        from = r->at;
    }
    while (r->at < r->c->size && text[r->at] != r->c->separator && !ends_row(r, text[r->at]))
        r->at++;
    if (!cell->quoted) {
        cell->at = from;
        cell->n = r->at - from;
        if (cell->n > 0 && r->at < r->c->size && text[r->at] == '\n' && text[r->at - 1] == '\r')
            cell->n--;
    } else if (r->at > from && !(r->at == from + 1 && text[from] == '\r')) {
        return refuse(err, r->line, "there is something between a quote and the end of the cell");
    }
    return 0;
}

int
csv_read(struct csv *c, const char *text, size_t size, struct err *err)
{
    struct reading r = {.c = c, .line = 1};

    *c = (struct csv){.text = text, .size = size};
    if (look_at_bytes(&r, err) < 0)
        return -1;
    c->separator = separator_of(&r);
    while (r.at < size) {
        int row = c->nrows;

        add_row(c, r.line);
        do {
            c->rows[row].n++;
            if (read_cell(&r, err) < 0)
                return -1;
        } while (r.at < size && text[r.at++] == c->separator);
        r.line++;
    }
    return c->nrows > 0 ? 0 : refuse(err, 0, "the file is empty");
}

void
csv_release(struct csv *c)
{
    free(c->cells);
    free(c->rows);
    *c = (struct csv){0};
}

const struct csv_cell *
csv_at(const struct csv *c, int row, int column)
{
    return column < c->rows[row].n ? &c->cells[c->rows[row].first + column] : NULL;
}

const char *
csv_value(const struct csv *c, int row, int column, struct buf *room)
{
    const struct csv_cell *cell = csv_at(c, row, column);

    buf_clear(room);
    if (cell == NULL)
        return "";
    for (size_t i = 0; i < cell->n; i++) {
        char ch = c->text[cell->at + i];

        if (room->len > 0 || strchr(" \t\r\n", ch) == NULL)
            buf_putc(room, ch);
        i += ch == '"' && cell->quoted; /* the second of two */
    }
    while (room->len > 0 && strchr(" \t\r\n", room->data[room->len - 1]) != NULL)
        room->data[--room->len] = '\0';
    return buf_text(room);
}
