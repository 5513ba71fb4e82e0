/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files share that make events of facts. */
#ifndef SESSION_NARRATE_PARTS_H
#define SESSION_NARRATE_PARTS_H
#include "proc/facts.h"
#include "session/run.h"

/* In a shared world pids and kernel ids differ from run to run. */
bool narrate_is_shared(const struct session *s);
/* Is this number a pid or a kernel id of the world, or might be? */
bool narrate_is_number_of_kernel(const struct session *s, int64_t value);
/* For who compares: this field is such a number, of the kind in n bytes. */
void narrate_named(struct session *s, const char *field, const char *kind, size_t n);
/* Starts an event of the actor's step. */
void narrate_begin(struct session *s, const char *kind, const struct actor *a);
/* "SIGINT"; in room of n bytes, which is returned. */
const char *narrate_signal(int sig, char *room, size_t n);
/* An actor does not know the others' names and leaves a mark with the pid (look.c): the name, or
 * text itself where it is no mark. */
const char *narrate_name(const struct session *s, const char *text, char *room, size_t n);
/* "facts" and "note": what else the call told, from facts that came in a reply or on its way. */
void narrate_facts(struct session *s, const struct buf *facts);
#endif
