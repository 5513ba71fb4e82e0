/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the builtins that look at processes share. */
#ifndef BUILTIN_LOOK_H
#define BUILTIN_LOOK_H
#include "session/session.h"

/* What an actor is doing, in words: "waits in read since step 4: the pipe is empty". */
void look_doing(const struct session *s, const struct actor *a, struct buf *out);
#endif
