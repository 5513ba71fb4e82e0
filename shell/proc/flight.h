/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that TCP holds back until what it sent before is acknowledged, which the other side puts
 * off for some milliseconds: they arrive by a timer, long after the send that gave them. A step is
 * not over before they have. */
#ifndef PROC_FLIGHT_H
#define PROC_FLIGHT_H
#include "proc/world.h"

/* Will something arrive at a socket that the step has touched, with nobody doing anything more?
 * Not what was lost, as on a cable that is unplugged: that may take minutes. */
bool flight_under_way(struct world *w);
#endif
