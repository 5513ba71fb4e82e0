/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the builtins share that show what was before: the events told so far, in a view. */
#ifndef BUILTIN_PAST_H
#define BUILTIN_PAST_H
#include "session/session.h"
#include "view/view.h"

enum { PAST_NAMES = 64 }; /* actors in `only` */

struct past {
    const struct view_kind *kind;
    const char *const *only; /* actors; NULL ends; NULL: all */
    int64_t steps;           /* only the last ones; 0: all */
};

/* Shows it. 0, or -1 and *err: nothing is recorded, or an actor was never there. */
int past_show(struct session *s, const struct past *p, struct err *err);
#endif
