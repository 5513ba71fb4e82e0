/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes of a world that are no actors: programs after execve, and whatever they started. */
#ifndef PROC_PROGRAMS_H
#define PROC_PROGRAMS_H
#include "proc/world.h"

enum programs {
    PROGRAMS_RUN,     /* one of them runs, or will at once */
    PROGRAMS_MOVED,   /* all sleep, but not all since the last look: look again */
    PROGRAMS_UNMOVED, /* all have slept since the last look, or there are none */
};

/* One look at all of them. */
enum programs programs_look(struct world *w);
/* How many live. */
int programs_count(struct world *w);
#endif
