/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sockets that nobody can reach any more: each has only descriptors left that travel in messages to
 * such sockets. The kernel finds them when it likes to, and closes what is in them from a work
 * queue, so that a pipe may get its end of file long after the step that caused it. Here the kernel
 * is made to do it now. */
#ifndef PROC_GARBAGE_H
#define PROC_GARBAGE_H
#include "proc/world.h"

/* Returns when the kernel has closed all that only such sockets held. True when there were any. */
bool garbage_collect(const struct world *w);
/* Does anybody wait to be accepted by a Unix socket of the world, perhaps with descriptors? */
bool garbage_unaccepted(const struct world *w);
#endif
