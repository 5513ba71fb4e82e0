/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of comma-separated values as another program wrote it: where its cells are, so that one of
 * them can be changed and every other byte stays. */
#ifndef GRADE_CSV_H
#define GRADE_CSV_H
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct csv_cell {
    size_t at, n; /* in the text, without its quotes */
    bool quoted;
};

struct csv_row {
    int first, n; /* its cells */
    int line;     /* of the text, from 1 */
};

struct csv {
    const char *text; /* not ours */
    size_t size;
    char separator;
    struct csv_cell *cells;
    int ncells, cap_cells;
    struct csv_row *rows;
    int nrows, cap_rows;
};

/* Cells are apart by commas, semicolons or tabs, whichever the first row has most of; a byte order
 * mark at the beginning is none of them. 0, or -1 and *err. */
int csv_read(struct csv *c, const char *text, size_t size, struct err *err);
void csv_release(struct csv *c);
/* The cell, or NULL: the row is not as long. */
const struct csv_cell *csv_at(const struct csv *c, int row, int column);
/* What a cell says, without blanks around it, into *room; "" of none. */
const char *csv_value(const struct csv *c, int row, int column, struct buf *room);
#endif
