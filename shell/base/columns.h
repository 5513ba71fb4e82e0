/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How wide text stands on a terminal, and paragraphs that fit one. */
#ifndef BASE_COLUMNS_H
#define BASE_COLUMNS_H
#include <stddef.h>

#include "base/buf.h"

/* Columns of n bytes that passed text_escape, by wcwidth(3) in the locale of LC_CTYPE; a sequence
 * that begins with ESC and ends with a letter takes none. */
size_t columns_of(const char *s, size_t n);
/* The longest beginning of s, whole characters and colours, that takes at most `max` columns. */
size_t columns_fit(const char *s, size_t n, size_t max);
/* How many of n bytes stand in a line of `max` columns: all that fit, or up to a blank beyond the
 * first `least` columns, which is then the next byte; where there is none, as many as fit, one
 * character at least. */
size_t columns_break(const char *s, size_t n, size_t max, size_t least);
/* A paragraph that goes on at column `at`, in lines of at most `width`; all but the first begin
 * with `hang` blanks. A newline in it begins a new line, two a new paragraph. Ends with a newline.
 */
void columns_wrap(struct buf *out, const char *text, int at, int hang, int width);
#endif
