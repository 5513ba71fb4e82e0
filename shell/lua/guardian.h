/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parent that stands over a lab: a wall clock and SIGKILL. */
#ifndef LUA_GUARDIAN_H
#define LUA_GUARDIAN_H
#include <stdbool.h>
#include <stddef.h>

enum {
    GUARDIAN_SECONDS = 60,
    GUARDIAN_GRACE_MS = 1000,     /* for it to end by itself when the clock has run out */
    GUARDIAN_INTERRUPT_MS = 3000, /* after Ctrl-C */
};

/* Forks. Returns in the child, which is the session; the parent waits, forwards signals, ends the
 * child when the clock has run out (GUARDIAN_SECONDS, or $IPCLAB_LAB_SECONDS; with clock), or when
 * it takes no notice of Ctrl-C, and exits as the child did. lab is how it is called in messages.
 * Before any thread or output. */
void guardian_watch(const char *lab, bool clock);
/* In the watched process: has the clock run out? It has GUARDIAN_GRACE_MS to end by itself. */
bool guardian_time_is_up(void);
/* In the watched process: from now on nobody is at a prompt, so that Ctrl-C is for the lab, and who
 * takes no notice of it is killed. */
void guardian_heed_interrupts(void);
/* In the watched process: who says where the lab is when the clock runs out ("FILE:LINE"). Runs
 * in a signal handler. NULL: nobody. */
void guardian_ask(void (*where)(void *ctx, char *room, size_t n), void *ctx);
#endif
