/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parent that stands over a lab: a wall clock and SIGKILL. */
#ifndef LUA_GUARDIAN_H
#define LUA_GUARDIAN_H
#include <stdbool.h>
#include <stddef.h>

enum {
    GUARDIAN_SECONDS = 60,
    GUARDIAN_CHECK_SECONDS = 10,  /* for one function of a lab that is asked at a prompt */
    GUARDIAN_LOADS = 1 << 20,     /* about: the lab is read, and no function of it asked */
    GUARDIAN_GRACE_MS = 1000,     /* for it to end by itself when the clock has run out */
    GUARDIAN_INTERRUPT_MS = 3000, /* after Ctrl-C */
};

/* Forks. Returns in the child, which is the session; the parent waits, forwards signals, ends the
 * child when the clock has run out (GUARDIAN_SECONDS, or $IPCLAB_LAB_SECONDS; with clock), or when
 * it takes no notice of Ctrl-C, and exits as the child did. lab is how it is called in messages.
 * Before any thread or output. */
void guardian_watch(const char *lab, bool clock);
/* In the watched process, where no clock runs over it: what is called until guardian_end has
 * GUARDIAN_CHECK_SECONDS ($IPCLAB_LAB_SECONDS). When they are over, or with Ctrl-C,
 * guardian_time_is_up is so; GUARDIAN_GRACE_MS later the process ends, and where guardian_keeps was
 * called the guardian begins it again. about: a number, for guardian_stopped. */
void guardian_begin(int about);
void guardian_end(void);
/* What is done is kept on disk, so that it may be begun again. */
void guardian_keeps(void);
/* In a process that was begun again: what the one before was about when it was stopped, and where
 * it stood ("FILE:LINE", or ""). -1: it is the first one. */
int guardian_stopped(char *place, size_t n);
/* In the watched process: has the clock run out? It has GUARDIAN_GRACE_MS to end by itself. */
bool guardian_time_is_up(void);
/* In the watched process: from now on nobody is at a prompt, so that Ctrl-C is for the lab, and who
 * takes no notice of it is killed. */
void guardian_heed_interrupts(void);
/* In the watched process: who says where the lab is when the clock runs out ("FILE:LINE"). Runs
 * in a signal handler. NULL: nobody. */
void guardian_ask(void (*where)(void *ctx, char *room, size_t n), void *ctx);
#endif
