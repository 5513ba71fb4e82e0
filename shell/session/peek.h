/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be seen of an actor from outside, as a debugger does: an actor that waits can be looked
 * at too, and looking is no step. */
#ifndef SESSION_PEEK_H
#define SESSION_PEEK_H
#include "session/session.h"

enum {
    PEEK_TEXT = 64,    /* bytes of a text that are shown */
    PEEK_ELEMENTS = 8, /* of an array of numbers */
};

/* Bytes at addr of the actor's memory; returns how many could be read. */
size_t peek_bytes(const struct actor *a, uint64_t addr, void *to, size_t n);
/* The number or address there; false when there is no memory or t is an array. */
bool peek_number(const struct actor *a, struct type t, uint64_t addr, int64_t *value);
/* What one object of type t, no array, is worth: `-1`, `97 'a'`, `0x10000010 "text"`, NULL. */
void peek_scalar(const struct actor *a, struct type t, uint64_t addr, struct buf *out);
/* The same of a variable, arrays included: `{3, 4}`, `"Hello"`. ASCII only. */
void peek_var(const struct actor *a, const struct var *v, struct buf *out);
/* What an actor is doing, in words: "waits in read since step 4: the pipe is empty". */
void peek_doing(const struct session *s, const struct actor *a, struct buf *out);
#endif
