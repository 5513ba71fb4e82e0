/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the kernel says about a process, read from outside through files of /proc that stay open:
 * is it asleep, for how long has it not run, which descriptors has it. See design 2 for why these
 * three files and in this order decide, and no other does. */
#ifndef PROC_PROBE_H
#define PROC_PROBE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct probe {
    pid_t pid;                  /* in this process's view */
    int wchan, stat, schedstat; /* -1: not open */
    int64_t switches; /* times it was switched in, when it was last proven asleep; -1: never was */
};

enum sleep_state {
    PROBE_RUNS,    /* or will run at once */
    PROBE_ASLEEP,  /* in the kernel, switches unchanged over the look */
    PROBE_STOPPED, /* the same by SIGSTOP and its kin */
    PROBE_GONE,    /* zombie or reaped */
};

void probe_init(struct probe *p, pid_t pid);
void probe_release(struct probe *p);
/* One look. ASLEEP and STOPPED remember the count of switches. */
enum sleep_state probe_look(struct probe *p);
/* Has it been proven asleep and not run since? False where in doubt. */
bool probe_unmoved(struct probe *p);
/* Is every thread of the process asleep? For programs of students. Adds to *switches how often its
 * threads were switched in. */
enum sleep_state probe_look_threads(pid_t pid, int64_t *switches);

/* The wait status of a dead process that may be reaped already; false when the kernel cannot say.
 */
bool probe_wait_status(int pidfd, pid_t pid, int *status);
/* Has the process become another program than the one this file belongs to (execve)? */
bool probe_became_program(pid_t pid, const char *own_exe);
char probe_state_letter(pid_t pid); /* 0 when it is gone */

/* How a process came to a descriptor. */
enum fd_birth {
    FD_SPAWNED, /* there from the beginning */
    FD_CALLED,  /* by a call of its own */
    FD_FORKED,  /* inherited from the process that forked it */
    FD_OPENED,  /* by the program that it became by execve */
};

struct fd_entry {
    int fd;
    uint64_t ino, dev; /* where many share an inode, ino is the mark of the open file (fd_mark.h) */
    uint32_t mode;     /* st_mode */
    char access;       /* 'r', 'w' or 'u' */
    enum fd_birth birth; /* kept by world_fds.c, as is since */
    int64_t since;       /* the step that it has been open from; 0: from the beginning */
};
/* The descriptors of a process below limit, in order, by readlink and stat only. Grows *list.
 * Returns how many, -1 when it is gone. */
int probe_fds(pid_t pid, int limit, struct fd_entry **list, int *cap);
/* Calls fn for each process below pid, parents before their children. */
void probe_descendants(pid_t pid, void (*fn)(void *ctx, pid_t pid), void *ctx);
#endif
