/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * maps: the facts (maps.c) and the tables that are made of them (maps_draw.c). */
#ifndef BUILTIN_MAPS_H
#define BUILTIN_MAPS_H
#include "builtin/look.h"

void maps_draw(const json_t *facts, int width, bool ascii, struct buf *out);
#endif
