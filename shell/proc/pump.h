/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking what came from the processes of a world: frames, output, deaths. Nothing here waits, and
 * nothing that an actor sends is believed beyond its form: a frame that does not fit kills it. */
#ifndef PROC_PUMP_H
#define PROC_PUMP_H
#include "proc/world.h"

/* Its answer, from its board: no system call. True when it was there. */
bool pump_board(struct world *w, struct actor *a);
/* What it entered so far, for one that waits. */
void pump_entered(struct world *w, struct actor *a);
/* The same and packets of its socket. True when any came. */
bool pump_actor(struct world *w, struct actor *a);
/* Everything that epoll reports: other actors, output, deaths, the world's init. True when a
 * process changed (output alone does not count). */
bool pump_events(struct world *w);
/* Output of this actor so far; true when there was any. */
bool pump_output(struct world *w, struct actor *a);
/* Its socket is closed or /proc says it is gone: has it died, or become a program? Then its state
 * says so and this is true. */
bool pump_ended(struct world *w, struct actor *a);
/* It broke the protocol: killed, and the reason kept for its event. */
void pump_violation(struct world *w, struct actor *a, const char *what);
#endif
