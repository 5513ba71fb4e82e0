/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Archives, by ipclab-unpack: a process of its own. */
#ifndef FRONT_UNPACK_H
#define FRONT_UNPACK_H
#include "front/place.h"
#include "grade/submission.h"

/* Gives those who collect what they need for archives. */
void unpack_offer(struct submissions *s, const struct places *places);
#endif
