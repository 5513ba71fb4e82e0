/* SPDX-License-Identifier: GPL-3.0-or-later
 * See sweep.h. A process that forks faster than it is killed is stopped first; what is stopped
 * cannot fork, so each round leaves fewer. Orphans come to the nearest subreaper, which is us: who
 * has no children has no descendants, and that the kernel knows exactly, while a list of /proc may
 * miss one that forks and ends meanwhile. */
#include "proc/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "proc/proc_stat.h"

enum { ROUNDS_MAX = 1000 };

struct process {
    pid_t pid;
    struct proc_stat stat;
    bool ours;
};

/* False where the name is no pid, and of what has ended. */
static bool
read_process(const char *name, struct process *p)
{
    char *end;

    *p = (struct process){.pid = (pid_t)strtol(name, &end, 10)};
    return *end == '\0' && p->pid > 0 && proc_stat_read(p->pid, &p->stat) && p->stat.state != 'Z' &&
           p->stat.state != 'X';
}

static int
list_processes(struct process **list)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int n = 0, cap = 0;

    *list = NULL;
    if (dir == NULL)
        return 0;
    while ((entry = readdir(dir)) != NULL) {
        struct process p;

        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !read_process(entry->d_name, &p))
            continue;
        if (n == cap) {
            cap = cap ? cap * 2 : 256;
            *list = mem_grow(*list, (size_t)cap * sizeof **list);
        }
        (*list)[n++] = p;
    }
    closedir(dir);
    return n;
}

/* Marks all descendants of this process by rounds until a round adds none. */
static void
mark_descendants(struct process *list, int n)
{
    pid_t self = getpid();
    int marked = 0, before;

    do {
        before = marked;
        for (int i = 0; i < n; i++) {
            bool child = list[i].stat.parent == self;

            if (list[i].ours || list[i].pid == self)
                continue;
            for (int j = 0; j < n && !child; j++)
                child = list[j].ours && list[j].pid == list[i].stat.parent;
            if (child) {
                list[i].ours = true;
                marked++;
            }
        }
    } while (marked != before);
}

/* The pid may be another's by now: the pidfd is opened first and then what it is of is checked. */
static void
signal_process(const struct process *p, int sig)
{
    int pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    char name[16];
    struct process now;

    if (pidfd < 0)
        return;
    snprintf(name, sizeof name, "%d", p->pid);
    if (read_process(name, &now) && now.stat.start == p->stat.start)
        syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
    close(pidfd);
}

static void
signal_descendants(int sig)
{
    struct process *list;
    int n = list_processes(&list);

    mark_descendants(list, n);
    for (int i = 0; i < n; i++)
        if (list[i].ours)
            signal_process(&list[i], sig);
    free(list);
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

void
sweep_descendants(void)
{
    for (int round = 0; round < ROUNDS_MAX && reap_children(); round++) {
        signal_descendants(SIGSTOP);
        signal_descendants(SIGKILL);
    }
}
