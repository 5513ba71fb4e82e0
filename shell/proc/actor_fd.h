/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROC_ACTOR_FD_H
#define PROC_ACTOR_FD_H
enum {
    ACTOR_FD_BASE = 1000
}; /* an actor's descriptors from here up are ipclab's, below the student's */
#endif
