/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a step may have woken: who waits for an object that its calls named. */
#ifndef PROC_TOUCH_H
#define PROC_TOUCH_H
#include "proc/world.h"

/* Could the step under way have ended the wait of this actor? */
bool touch_reaches(const struct world *w, const struct actor *a);
#endif
