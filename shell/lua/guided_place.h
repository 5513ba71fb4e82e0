/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where something stands in a lab file, for messages. A table of Lua does not know from which lines
 * it came; the text is searched instead, which a comment may lead astray by some lines. */
#ifndef LUA_GUIDED_PLACE_H
#define LUA_GUIDED_PLACE_H
#include "lua/lab.h"

/* The part of the file that is being read; {0}: all of it. */
struct guided_place {
    size_t from, to; /* of the text; to 0: up to its end */
};

/* Enters the table whose field `key` has this value ("": unknown, nothing is entered). */
void guided_place_enter(struct guided_place *p, const struct lab_file *f, const char *key,
                        const char *value);
void guided_place_leave(struct guided_place *p);
/* "FILE:LINE" of the field of this name there; NULL or not found: where the part begins. A whole
 * file of which nothing is known leaves room as it is. */
void guided_place_line(const struct guided_place *p, const struct lab_file *f, const char *field,
                       char *room, size_t n);
#endif
