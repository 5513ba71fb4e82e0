/* SPDX-License-Identifier: GPL-3.0-or-later
 * See sweep.h. A process that forks faster than it is killed is stopped first; what is stopped
 * cannot fork, so each round leaves fewer. Orphans come to the nearest subreaper, which is us: who
 * has no children has no descendants, and that the kernel knows exactly, while what /proc lists may
 * miss one that forks and ends meanwhile.
 *
 * Nothing here asks for memory. Who has none left still has to clean up, and one that ended between
 * stopping and killing left a stopped process behind for good. */
#include "proc/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc/proc_stat.h"

enum {
    ROUNDS_MAX = 1000,
    DEPTH_MAX = 24, /* generations in one round; those below come nearer as the upper ones die */
    CHUNK = 1024,   /* bytes of a file or folder of /proc at once */
    DYING_MS = 10,  /* for one of those that were killed, before the next round */
};

/* One of our own children that was killed in this round, to be waited for; -1: none. */
static int dying = -1;

/* The pid may be another's by now: the pidfd is opened first and then what it is of is checked. */
static void
signal_child(pid_t pid, pid_t parent, int sig)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct proc_stat now;

    if (pidfd < 0)
        return;
    if (proc_stat_read(pid, &now) && now.parent == parent)
        syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    if (sig == SIGKILL && parent == getpid() && dying < 0)
        dying = pidfd;
    else
        close(pidfd);
}

static void signal_below(pid_t pid, int sig, int depth);

/* The children of one thread, as /proc/PID/task/TID/children lists them: "12 13 14 ". */
static void
signal_children(pid_t pid, const char *thread, int sig, int depth)
{
    char path[96], text[CHUNK];
    pid_t child = 0;
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", pid, thread);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (text[i] >= '0' && text[i] <= '9') {
                child = child * 10 + (text[i] - '0');
                continue;
            }
            if (child > 0) {
                signal_child(child, pid, sig);
                signal_below(child, sig, depth + 1);
            }
            child = 0;
        }
    if (fd >= 0)
        close(fd);
}

/* All descendants of a process, parents before their children. */
static void
signal_below(pid_t pid, int sig, int depth)
{
    char path[64];
    char room[CHUNK] __attribute__((aligned(8)));
    long n;
    int fd;

    if (depth >= DEPTH_MAX)
        return;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && (n = syscall(SYS_getdents64, fd, room, sizeof room)) > 0)
        for (long at = 0; at < n;) {
            const struct dirent64 *entry = (const void *)(room + at);

            if (entry->d_name[0] != '.')
                signal_children(pid, entry->d_name, sig, depth);
            at += entry->d_reclen;
        }
    if (fd >= 0)
        close(fd);
}

/* Reaps what has ended. False when no child is left. */
static bool
reap_children(void)
{
    pid_t pid;

    do
        pid = waitpid(-1, NULL, WNOHANG | __WALL);
    while (pid > 0 || (pid < 0 && errno == EINTR));
    return pid == 0;
}

static void
await_dying(void)
{
    struct pollfd p = {.fd = dying, .events = POLLIN};

    if (dying < 0)
        return;
    poll(&p, 1, DYING_MS);
    close(dying);
    dying = -1;
}

void
sweep_descendants(void)
{
    for (int round = 0; round < ROUNDS_MAX && reap_children(); round++) {
        signal_below(getpid(), SIGSTOP, 0);
        signal_below(getpid(), SIGKILL, 0);
        await_dying();
    }
}
