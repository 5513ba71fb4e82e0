/* SPDX-License-Identifier: GPL-3.0-or-later
 * See sweep.h. A process that forks faster than it is killed is stopped first; what is stopped
 * cannot fork, so each round leaves fewer. Orphans come to the nearest subreaper, which is us. */
#include "proc/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "base/mem.h"

struct process {
    pid_t pid, parent;
    bool ours;
};

static bool
read_process(const char *name, struct process *p)
{
    char path[64], text[512], *end;
    char state;
    int fd, parent;
    ssize_t n;

    p->pid = (pid_t)strtol(name, &end, 10);
    if (*end != '\0' || p->pid <= 0)
        return false;
    snprintf(path, sizeof path, "/proc/%d/stat", p->pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    end = strrchr(text, ')');
    if (end == NULL || sscanf(end + 1, " %c %d", &state, &parent) != 2 || state == 'Z' ||
        state == 'X')
        return false;
    p->parent = parent;
    p->ours = false;
    return true;
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
static int
mark_descendants(struct process *list, int n)
{
    pid_t self = getpid();
    int marked = 0, before;

    do {
        before = marked;
        for (int i = 0; i < n; i++) {
            bool child = list[i].parent == self;

            if (list[i].ours || list[i].pid == self)
                continue;
            for (int j = 0; j < n && !child; j++)
                child = list[j].ours && list[j].pid == list[i].parent;
            if (child) {
                list[i].ours = true;
                marked++;
            }
        }
    } while (marked != before);
    return marked;
}

static int
signal_descendants(int sig)
{
    struct process *list;
    int n = list_processes(&list), marked = mark_descendants(list, n);

    for (int i = 0; i < n; i++)
        if (list[i].ours)
            kill(list[i].pid, sig);
    free(list);
    return marked;
}

void
sweep_descendants(void)
{
    for (int round = 0; round < 1000; round++) {
        if (signal_descendants(SIGSTOP) == 0)
            break;
        signal_descendants(SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0 || errno == EINTR)
            errno = 0;
    }
}
