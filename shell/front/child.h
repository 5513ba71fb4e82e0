/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Another program that has the terminal for a while: a pager, a command of the person's own. It
 * finds signals and CPUs as a shell would give them to it, and Ctrl-C is its own. */
#ifndef FRONT_CHILD_H
#define FRONT_CHILD_H
#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

/* The whole session on one CPU from now on, but not these children. Waking an idle CPU is dear, and
 * a step is a few wake-ups. */
void child_pin(void);
/* The CPUs that the shell might use before that; NULL: it was not pinned. */
const cpu_set_t *child_cpus(void);
/* Starts it with descriptors input and output as its 0 and 1 (-1: ours). 0, or an errno; EINTR:
 * Ctrl-C came before it was there. After 0 child_wait must follow. */
int child_start(const char *const *argv, int input, int output, pid_t *pid);
/* Starts one of several that run side by side, without the terminal: Ctrl-C is ours as well, and it
 * ends when we do. 0, or an errno. Whoever starts it waits for it. */
int child_job(const char *const *argv, int input, int output, int errors, pid_t *pid);
/* Waits for its end; its wait status. */
int child_wait(pid_t pid);
#endif
