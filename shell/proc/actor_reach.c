/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a signal may reach. In a sealed world kill(2) sees nobody else. In a shared one it sees
 * every process of the user (or, for root, of the machine), and a lab must not: there the targets
 * have to be descendants of the world's first process, which collects its orphans, and groups have
 * to be of the session that it began. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "proc/actor.h"

enum { GENERATIONS = 64 }; /* a family that goes deeper is not followed */

/* The numbers of /proc/PID/stat behind the name: parent, process group, session. */
static bool
read_family(pid_t pid, int *parent, int *group, int *session)
{
    char path[64], text[512], *after;
    int fd;
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    after = strrchr(text, ')');
    return after != NULL && sscanf(after + 1, " %*c %d %d %d", parent, group, session) == 3;
}

static bool
is_descendant(pid_t pid)
{
    int parent = pid, group, session;

    for (int i = 0; i < GENERATIONS && parent > 1; i++) {
        if (!read_family(parent, &parent, &group, &session))
            return false;
        if (parent == self_process.init)
            return true;
    }
    return false;
}

/* Is everybody in this group of the world's session? */
static bool
is_own_group(pid_t wanted)
{
    pid_t own = getsid(0);
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool fine = proc != NULL;

    while (fine && (entry = readdir(proc)) != NULL) {
        int parent, group, session;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && read_family(pid, &parent, &group, &session) && group == wanted)
            fine = session == own && pid != self_process.init;
    }
    if (proc != NULL)
        closedir(proc);
    return fine;
}

int
host_reaches(struct ipclab_frame *f, pid_t pid)
{
    bool fine;

    if (f->rt->kind != WORLD_SHARED)
        return 1;
    if (pid > 0)
        fine = kill(pid, 0) < 0 && errno == ESRCH ? true : is_descendant(pid);
    else
        fine = pid != -1 && is_own_group(pid == 0 ? getpgrp() : -pid);
    if (fine)
        return 1;
    actor_host.note(f,
                    pid == -1 ? "refused: in a shared world -1 would be every process of this user"
                    : pid > 0
                        ? "refused: process %d is not of this world, and a shared world keeps "
                          "to itself"
                        : "refused: group %d is not of this world, and a shared world keeps its "
                          "signals to itself",
                    pid > 0 ? pid : -pid);
    errno = EPERM;
    return 0;
}
