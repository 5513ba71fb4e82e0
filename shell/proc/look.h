/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks at kernel objects: the host side of ipclab_look_host. In an actor a look tells the state
 * after a call; in the observer it also explains a wait and can copy descriptors of others. */
#ifndef PROC_LOOK_H
#define PROC_LOOK_H
#include "../plugins/plugin.h"
#include "proc/wire.h"

struct ipclab_look {
    struct buf *facts;
    const struct ipclab_wait *wait; /* NULL: only a state */
    int pidfd;                      /* of the waiting process; -1: no copies from here */
    int copies[8];
    int ncopies;
};

extern const struct ipclab_look_host look_host;
void look_close(struct ipclab_look *look); /* closes the copies */
#endif
