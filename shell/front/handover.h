/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A replay that stops in the middle (--to), or after each line (--step): from there on the session
 * belongs to who sits before it. */
#ifndef FRONT_HANDOVER_H
#define FRONT_HANDOVER_H
#include "front/recorded.h"

/* The status of the session, or 128 and the signal that ended it; *err and its status where the
 * replay went wrong. */
int handover_run(const struct options *o, const struct places *places, const struct recorded *r,
                 struct err *err);
#endif
