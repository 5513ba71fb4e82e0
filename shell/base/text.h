/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that came from outside on its way to a terminal or a report, and near misses. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The one function that all outside text passes: C0, DEL, C1, bidi controls and invalid UTF-8
 * become \n \t \xNN or \uNNNN; everything else stays. With ascii, all non-ASCII is escaped too. */
void text_escape(struct buf *out, const char *s, size_t n, bool ascii);
/* The same in double quotes, quotes and backslashes escaped as C does. */
void text_quote(struct buf *out, const char *s, size_t n, bool ascii);
/* A line of the grammar, so that it can be typed again and means the same: what text_escape would
 * change is octal, and a tab that is not in quotes is a blank. */
void text_source(struct buf *out, const char *s, size_t n, bool ascii);
/* Length of the valid UTF-8 sequence at s (1..4), or 0. No overlongs, no surrogates. */
size_t text_utf8(const char *s, size_t n);
/* Is the whole of s valid UTF-8? */
bool text_is_utf8(const char *s, size_t n);
/* The code point of the valid sequence of len bytes at s. */
uint32_t text_code_point(const char *s, size_t len);
/* Could it reorder or fake what a person reads (C1, bidi, zero-width), or is it no character? */
bool text_deceives(uint32_t c);

/* Near misses: offer each candidate, then ask. best is "" when nothing is near enough. */
struct near {
    const char *word;
    char best[64];
    int distance;
};
void near_init(struct near *n, const char *word);
void near_offer(struct near *n, const char *candidate);
#endif
