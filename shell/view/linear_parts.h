/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the linear view share. */
#ifndef VIEW_LINEAR_PARTS_H
#define VIEW_LINEAR_PARTS_H
#include "view/lines.h"
#include "view/row.h"

const char *linear_text_of(const struct row *r, const char *name); /* "" when it is not there */
bool linear_is(const struct row *r, const char *name, const char *value);
int linear_number(const struct row *r, const char *name);
void linear_put_number(struct row *r, const char *before, int64_t n, const char *after);
/* Ends a sentence and its line; what ends with a mark of its own gets no other. */
void linear_stop(struct row *r);
/* A text of several lines, each a sentence of its own with this word before it. */
void linear_lines(struct row *r, const char *word, const char *text);

/* linear_guided.c: what labs say. */
void linear_check(struct row *r);
void linear_task(struct row *r);
void linear_hint(struct row *r);
void linear_predict(struct row *r);
#endif
