/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A loaded lab, for the files that load, run and ask it. */
#ifndef LUA_LAB_PARTS_H
#define LUA_LAB_PARTS_H
#include "lua/guided.h"
#include "lua/host.h"

#define LAB_TABLE "ipclab.the_lab" /* in the registry: what the file returned */

struct lab {
    struct host host;
    const struct frame *frame;
    struct guided guided; /* of other kinds what all have */
    bool stuck;           /* it is meant to end so */
    bool listens;         /* deeds are told of steps */
};
#endif
