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
#endif
