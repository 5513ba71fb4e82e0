/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shell's part in a shared world: its folder, its ledger, and cleaning up after sessions that
 * died. See ledger.h. */
#ifndef PROC_SHARED_WORLD_H
#define PROC_SHARED_WORLD_H
#include "base/err.h"
struct world;
/* Sweeps what dead sessions left, makes folder and ledger. */
int shared_world_prepare(struct world *w, struct err *err);
/* After the world's first process ended: sweeps again, for it may not have come to it. */
void shared_world_release(struct world *w);
/* Removes what dead sessions left; how many they were. Every start in a shared world does. */
int shared_world_sweep_dead(void);
/* How many dead sessions left something, in all places where ledgers may be. Removes nothing. */
int shared_world_count_dead(void);
#endif
