/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why an actor waits, as facts: one JSON object, from which the text of `why` and the verdicts of
 * the trace are written. */
#ifndef SESSION_EXPLAIN_H
#define SESSION_EXPLAIN_H
#include <jansson.h>

#include "session/run.h"

/* {"actor","call","step","obj","why","waits": the clause of its block event, "rule", "says":
 * sentences, "holders": those who hold another end, "could": actors that could end it, "next":
 * lines to type, one of which helps now, "before": lines that should have come before the call,
 * "undo": how many input lines to take back for that, "timed","later","never"}. What is not known
 * is left out, but for the arrays. The caller's to release. The world is asked anew, and nothing
 * that is known of the actor changes. */
json_t *explain_facts(struct session *s, struct actor *a);
/* The text of `why` from these facts: a head and indented sentences, a line each. */
void explain_text(const json_t *facts, struct buf *out);

/* Those who hold another end of the object that the actor waits on than the one it waits with, the
 * actor itself included: one after the other, from {0} on. */
struct holder_at {
    const struct actor *actor;
    const struct fd_entry *fd;
    int id, next; /* private */
};
bool explain_next_holder(const struct session *s, const struct actor *a, struct holder_at *at);

/* explain_ask.c: asks the observer why an actor waits. Facts into *out (empty when it cannot
 * say). */
void explain_wait(struct session *s, struct actor *a, struct buf *out);
/* explain.c: reads an explanation into the actor: the clause of its wait, its word, whether
 * anything can end it. */
void explain_take(struct session *s, struct actor *a, const struct buf *facts);

/* The object that the actor waits on, as an index into its objects, -1: none. */
int explain_object(const struct actor *a);

/* explain_line.c: a line to type with what was typed as the arguments of the waiting call in the
 * places of $0, $1, ...; false when the actor whose line it is could not say that. */
bool explain_line(const struct session *s, const struct actor *waiting, const char *line,
                  struct buf *out);

/* verdict_tell.c: the event, of the actors that wait (all of them for "stuck", one for "never");
 * the list is sorted anew. */
void verdict_tell(struct session *s, const char *kind, struct actor **waiting, int n);

/* unwritten.c: bytes that a stream of the actor holds back from its descriptor; name gets what the
 * actor calls the stream. */
int64_t object_unwritten(const struct session *s, const struct actor *a, int fd,
                         char name[SYMTAB_NAME_MAX + 1]);
#endif
