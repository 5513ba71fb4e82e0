/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the builtins share that look at processes. Each makes facts first, a tree of JSON whose
 * shape its help tells, and writes its text from them. */
#ifndef BUILTIN_LOOK_H
#define BUILTIN_LOOK_H
#include <jansson.h>

#include "session/session.h"

/* Is the first word --json? Then it is taken off. */
bool look_wants_json(const char **rest);
/* One JSON value on one line, all ASCII; released here. */
void look_tell_json(struct session *s, json_t *value);
/* Is ASCII all that may be shown? */
bool look_ascii(void);
/* A text of facts, "" when it is not there. */
const char *look_text(const json_t *facts, const char *name);
/* The state of an object in one line by the template of its kind; object has `state` and
 * `holders`, as `objects` tells them. */
void look_state(const struct ipclab_kind *kind, const json_t *object, struct buf *out);
/* look_linear.c: what `fds` and `maps` draw, as sentences. */
void look_say_fds(const json_t *facts, struct buf *out);
void look_say_maps(const json_t *facts, struct buf *out);
/* Are these words the names of living actors? All living ones when there are none. The actors, or
 * NULL and *err; *n of them; to be freed. */
struct actor **look_actors(struct session *s, const char *words, int *n, struct err *err);
#endif
