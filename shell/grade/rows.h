/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table that is put row by row and never is in memory: it is gone through twice, and the first
 * time only measured. */
#ifndef GRADE_ROWS_H
#define GRADE_ROWS_H
#include <stdbool.h>

#include "base/buf.h"

enum { ROWS_COLUMNS = 8 };

struct rows {
    const char *align; /* a character a column: '<' or '>' */
    int columns, at;   /* at: the column that comes next */
    int wide[ROWS_COLUMNS];
    bool measuring;
    int blanks; /* owed before the next cell: no line ends in them */
    int left;   /* columns of the row so far */
    int width;  /* the last column is a paragraph within it; 0: one line */
    bool ascii;
    struct buf *out;
};

/* Measures from now on. */
void rows_init(struct rows *r, const char *align, int width, bool ascii, struct buf *out);
/* Puts from now on. */
void rows_measured(struct rows *r);
/* The next cell; the last one of a row ends it. What is in it is escaped here. */
void rows_cell(struct rows *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#endif
