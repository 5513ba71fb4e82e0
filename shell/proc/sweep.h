/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ending what nobody else ends: all living descendants of this process, however they hide. Used
 * by the launcher and by the first process of a shared world, which are subreapers and watch each
 * other; in a sealed world the kernel does this when pid 1 ends. */
#ifndef PROC_SWEEP_H
#define PROC_SWEEP_H
/* Stops, then kills, again and again until none is left. */
void sweep_descendants(void);
#endif
