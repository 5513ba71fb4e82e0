/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ending the processes of a session that nobody is left to end: found by the marker that they were
 * started with, which fork and exec hand on. A pid may come to belong to another process while it
 * is looked at. The folder of /proc opened first still answers after the pidfd was opened, so the
 * pid was held by that one process all the while, and the pidfd is of no other. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "proc/ledger_parts.h"

enum { ROUNDS_MAX = 1000 };

/* Is there an entry IPCLAB_SESSION=session in this environment? Read in pieces: it may be large. */
static bool
has_marker(int process, const char *session)
{
    char want[LEDGER_ID_MAX + 32], piece[4096];
    int fd = openat(process, "environ", O_RDONLY | O_CLOEXEC);
    size_t length, at = 0;
    bool same = true, found = false;
    ssize_t n;

    if (fd < 0)
        return false;
    length = (size_t)snprintf(want, sizeof want, "IPCLAB_SESSION=%s", session) + 1;
    while (!found && (n = read(fd, piece, sizeof piece)) > 0) {
        for (ssize_t i = 0; i < n && !found; i++) {
            same = same && at < length && piece[i] == want[at];
            at++;
            found = same && at == length;
            if (piece[i] == '\0') {
                same = true;
                at = 0;
            }
        }
    }
    close(fd);
    return found;
}

/* True when the process is of the session and has not ended yet. */
static bool
signal_if_marked(int proc, pid_t pid, const char *session, int sig)
{
    char name[16];
    int process, pidfd;
    bool marked;

    snprintf(name, sizeof name, "%d", pid);
    process = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (process < 0)
        return false;
    pidfd = has_marker(process, session) ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    marked = pidfd >= 0 && has_marker(process, session);
    if (marked)
        syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    if (pidfd >= 0)
        close(pidfd);
    close(process);
    return marked;
}

static int
signal_session(const char *session, int sig, bool (*spare)(pid_t pid, void *ctx), void *ctx)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int n = 0;

    if (proc == NULL)
        return 0;
    while ((entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && pid != getpid() && (spare == NULL || !spare(pid, ctx)))
            n += signal_if_marked(dirfd(proc), pid, session, sig);
    }
    closedir(proc);
    return n;
}

/* What is stopped cannot fork, so each round leaves fewer. One that forks and ends while the list
 * is read can be missed once, hence two empty rounds in a row. */
bool
ledger_kill_session(const char *session, bool (*spare)(pid_t pid, void *ctx), void *ctx)
{
    int empty = 0;

    for (int round = 0; round < ROUNDS_MAX && empty < 2; round++) {
        if (signal_session(session, SIGSTOP, spare, ctx) == 0) {
            empty++;
            continue;
        }
        empty = 0;
        signal_session(session, SIGKILL, spare, ctx);
    }
    return empty == 2;
}
