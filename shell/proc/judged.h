/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Judged worlds: sealed worlds for lines that nobody here vouches for, as `grade` runs them. Beside
 * what every sealed world is cut off from, there is no file of the machine in them but the programs
 * that the lab allows and their libraries, and everything that can be used up has a limit: what
 * such lines do costs who handed them in, and nobody else.
 *
 * What each part keeps out, and what none of them can, is in docs/grading.md. */
#ifndef PROC_JUDGED_H
#define PROC_JUDGED_H
#include <stdbool.h>
#include <sys/types.h>

struct runtime;

enum {
    JUDGED_PROCESSES = 96,          /* of a world, its first one included */
    JUDGED_ACTORS = 64,             /* that live at once */
    JUDGED_FILES = 256,             /* descriptors of a process, which it may raise to ... */
    JUDGED_FILES_MAX = 1024,        /* ... this */
    JUDGED_CPU_SECONDS = 10,        /* of a process */
    JUDGED_FILE_BYTES = 64 << 20,   /* of one file, and of each folder that can be written to */
    JUDGED_ACTOR_BYTES = 512 << 20, /* addresses of a process */
    JUDGED_WORLD_BYTES = 512 << 20, /* memory of all processes of a world together */
    JUDGED_STEPS = 20000,           /* of a session */
};

/* Asked for with launcher_options. */
struct judged {
    uid_t uid; /* whom the launcher becomes before it makes a world, where it is root */
    gid_t gid;
};

/* The user as whom to run: this one; for root the owner of the folder, and where that is root or
 * there is none (NULL), nobody. */
void judged_choose(struct judged *j, const char *folder);
/* How a process is tied to its parent by PR_SET_PDEATHSIG, which the kernel forgets whenever the
 * user changes: ask before, and tie it anew after it. */
struct tie {
    int sig;
    pid_t parent;
};

struct tie judged_tie(void);
void judged_retie(const struct tie *tie);
/* Becomes that user for good, where this process is root. 0, or -1 and errno. */
int judged_become(uid_t uid, gid_t gid);
/* Was this built with libseccomp? */
bool judged_has_filter(void);

/* Inside the launcher's binary. All: 0, or -1 with errno and *step, what did not work. */

/* The launcher leaves the file system of the machine for one that has nothing in it but these
 * programs (absolute paths, NULL ends; list NULL: all of /usr) and what they are linked with. The
 * worlds that it makes from then on have copies of it. */
int judged_leave(struct runtime *rt, const char *const *programs, const char **step);
/* The first process of a world, before its files become read-only: limits of System V objects. */
void judged_limit_objects(void);
/* ... and once it is sealed: limits of all processes, which they inherit. */
int judged_limit(const char **step);
/* An actor, when it has given up its rights: no system call that no lab needs. */
int judged_filter(void);
/* The first process, every JUDGED_TICK_MS: how much memory the world's processes have. When it is
 * too much the one that has most is killed, or all are, and *bytes is what there was. */
enum { JUDGED_TICK_MS = 20 };
bool judged_memory_over(long long *bytes);
#endif
