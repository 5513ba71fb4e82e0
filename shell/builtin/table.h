/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table in text: columns as wide as their cells, the last one in paragraphs within the width. */
#ifndef BUILTIN_TABLE_H
#define BUILTIN_TABLE_H
#include <stdbool.h>

#include "base/buf.h"

enum { TABLE_COLUMNS = 8 };

struct table {
    int columns;
    const char *align; /* a character a column: '<' or '>', or '|' for text that nothing wraps */
    char **cells;      /* row by row; already escaped */
    int n, cap;        /* cells */
    bool ascii;
    bool linear; /* each row is a sentence, with the words of the head where the first row is one */
};

void table_init(struct table *t, const char *align, bool ascii);
/* The next cell. What is in it is escaped here. */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends all and releases the table. indent: blanks before each line. */
void table_end(struct table *t, struct buf *out, int indent, int width);
#endif
