/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long the shell lets others run before it stops waiting for them to rest. */
#ifndef PROC_PATIENCE_H
#define PROC_PATIENCE_H
#include "proc/stepper.h"

enum { SPINS = 200 }; /* yields before the shell waits for an event instead */

/* How long a settling may go on, looked at only when it does not end at once. */
struct patience {
    int64_t deadline; /* 0: none */
    int spins;
    enum settle gave_up; /* QUIET: not yet */
    bool deaf;           /* Ctrl-C does not end it: somebody owes an answer that will come */
};

void patience_init(struct patience *p, int64_t limit_ms);
/* Lets the others run. False when it took too long, or Ctrl-C. */
bool relax(struct world *w, struct patience *p);
#endif
