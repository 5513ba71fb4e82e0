/* SPDX-License-Identifier: GPL-3.0-or-later
 * See probe.h. */
#include "proc/probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "proc/fd_mark.h"
#include "proc/proc_stat.h"

void
probe_init(struct probe *p, pid_t pid)
{
    *p = (struct probe){.pid = pid, .wchan = -1, .stat = -1, .schedstat = -1, .switches = -1};
}

void
probe_release(struct probe *p)
{
    if (p->wchan >= 0)
        close(p->wchan);
    if (p->stat >= 0)
        close(p->stat);
    if (p->schedstat >= 0)
        close(p->schedstat);
    probe_init(p, p->pid);
}

static int
open_file(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static bool
open_files(struct probe *p)
{
    if (p->wchan < 0)
        p->wchan = open_file(p->pid, "wchan");
    if (p->stat < 0)
        p->stat = open_file(p->pid, "stat");
    if (p->schedstat < 0)
        p->schedstat = open_file(p->pid, "schedstat");
    return p->wchan >= 0 && p->stat >= 0 && p->schedstat >= 0;
}

/* The third number: how often it was switched in. -1: gone. */
static int64_t
read_switches(int fd)
{
    char text[96], *p;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    if (n <= 0)
        return -1;
    text[n] = '\0';
    p = strchr(text, ' ');
    p = p != NULL ? strchr(p + 1, ' ') : NULL;
    return p != NULL ? strtoll(p + 1, NULL, 10) : -1;
}

static bool
read_asleep(int fd)
{
    char text[64];
    ssize_t n = pread(fd, text, sizeof text, 0);

    return n > 0 && !(n == 1 && text[0] == '0');
}

static char
read_letter(int fd)
{
    char text[128];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return proc_stat_letter(text);
}

enum sleep_state
probe_look(struct probe *p)
{
    int64_t before;
    char letter;
    bool asleep;

    if (!open_files(p))
        return errno == EMFILE || errno == ENFILE ? PROBE_RUNS : PROBE_GONE;
    before = read_switches(p->schedstat);
    asleep = read_asleep(p->wchan);
    letter = read_letter(p->stat);
    if (letter == 0 || letter == 'Z' || letter == 'X')
        return PROBE_GONE;
    if (letter == 'T' || letter == 't') {
        p->switches = -1;
        return PROBE_STOPPED;
    }
    if (!asleep || letter != 'S' || read_switches(p->schedstat) != before)
        return PROBE_RUNS;
    p->switches = before;
    return PROBE_ASLEEP;
}

bool
probe_unmoved(struct probe *p)
{
    return p->switches >= 0 && p->wchan >= 0 && read_asleep(p->wchan) &&
           read_switches(p->schedstat) == p->switches;
}

char
probe_state_letter(pid_t pid)
{
    struct proc_stat st;

    return proc_stat_read(pid, &st) ? st.state : 0;
}

enum sleep_state
probe_look_threads(pid_t pid, int64_t *switches)
{
    char path[64];
    DIR *dir;
    struct dirent *entry;
    enum sleep_state all = PROBE_GONE;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    dir = opendir(path);
    if (dir == NULL)
        return PROBE_GONE;
    while ((entry = readdir(dir)) != NULL) {
        struct probe p;
        enum sleep_state s;

        if (entry->d_name[0] == '.')
            continue;
        probe_init(&p, (pid_t)strtol(entry->d_name, NULL, 10));
        s = probe_look(&p);
        *switches += p.switches;
        probe_release(&p);
        if (s == PROBE_RUNS) {
            all = s;
            break;
        }
        if (s != PROBE_GONE)
            all = s;
    }
    closedir(dir);
    return all;
}

/* The children of one thread are added to the list. */
static void
add_children(pid_t pid, pid_t thread, pid_t **list, int *n, int *cap)
{
    char path[96];
    FILE *f;
    int child;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
    f = fopen(path, "re");
    if (f == NULL)
        return;
    while (fscanf(f, "%d", &child) == 1) {
        if (*n == *cap) {
            *cap = *cap ? *cap * 2 : 64;
            *list = mem_grow(*list, (size_t)*cap * sizeof **list);
        }
        (*list)[(*n)++] = child;
    }
    fclose(f);
}

static void
add_children_of_all(pid_t pid, pid_t **list, int *n, int *cap)
{
    char path[64];
    struct stat st;
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    if (stat(path, &st) < 0)
        return;
    if (st.st_nlink <= 3) { /* ., .. and its only thread */
        add_children(pid, pid, list, n, cap);
        return;
    }
    dir = opendir(path);
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            add_children(pid, (pid_t)strtol(entry->d_name, NULL, 10), list, n, cap);
    if (dir != NULL)
        closedir(dir);
}

void
probe_descendants(pid_t pid, void (*fn)(void *ctx, pid_t pid), void *ctx)
{
    pid_t *list = NULL;
    int n = 0, cap = 0;

    add_children_of_all(pid, &list, &n, &cap);
    for (int i = 0; i < n; i++) {
        fn(ctx, list[i]);
        add_children_of_all(list[i], &list, &n, &cap);
    }
    free(list);
}

/* pidfd_info of Linux 6.13, with the exit code since 6.15; not in the headers of Debian 12. */
struct pidfd_info_v0 {
    uint64_t mask, cgroup;
    uint32_t pid, tgid, ppid, ids[8];
    int32_t exit_code;
};
#define PIDFD_INFO_EXIT_CODE (1UL << 3)
#define PIDFD_GET_INFO_V0 _IOWR(0xFF, 11, struct pidfd_info_v0)

/* Known once it is reaped. */
static bool
status_of_reaped(int pidfd, int *status)
{
    struct pidfd_info_v0 info = {.mask = PIDFD_INFO_EXIT_CODE};

    if (ioctl(pidfd, PIDFD_GET_INFO_V0, &info) < 0 || (info.mask & PIDFD_INFO_EXIT_CODE) == 0)
        return false;
    *status = info.exit_code;
    return true;
}

/* Known as long as it is not. */
static bool
status_of_zombie(pid_t pid, int *status)
{
    struct proc_stat st;

    if (!proc_stat_read(pid, &st) || st.state != 'Z')
        return false;
    *status = st.exit_code;
    return true;
}

bool
probe_wait_status(int pidfd, pid_t pid, int *status)
{
    /* Reaped between the two questions, it answers the first when that is asked again. */
    return status_of_reaped(pidfd, status) || status_of_zombie(pid, status) ||
           status_of_reaped(pidfd, status);
}

bool
probe_became_program(pid_t pid, const char *own_exe)
{
    char path[64], exe[512];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    n = readlink(path, exe, sizeof exe - 1);
    if (n <= 0)
        return false;
    exe[n] = '\0';
    return strcmp(exe, own_exe) != 0;
}

static int
compare_fds(const void *a, const void *b)
{
    return ((const struct fd_entry *)a)->fd - ((const struct fd_entry *)b)->fd;
}

int
probe_fds(pid_t pid, int limit, struct fd_entry **list, int *cap)
{
    char name[32];
    DIR *dir;
    struct dirent *entry;
    int n = 0, folder;

    snprintf(name, sizeof name, "%d/fd", pid);
    folder = fd_mark_open(name, O_RDONLY | O_DIRECTORY);
    dir = folder >= 0 ? fdopendir(folder) : NULL;
    if (dir == NULL) {
        if (folder >= 0)
            close(folder);
        return -1;
    }
    while ((entry = readdir(dir)) != NULL) {
        struct stat file, link;
        struct fd_entry e;

        if (entry->d_name[0] == '.')
            continue;
        e.fd = (int)strtol(entry->d_name, NULL, 10);
        if (e.fd >= limit || fstatat(dirfd(dir), entry->d_name, &file, 0) < 0 ||
            fstatat(dirfd(dir), entry->d_name, &link, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        e.ino = file.st_ino;
        e.dev = file.st_dev;
        if (fd_mark_needed(e.ino, e.dev)) {
            uint64_t mark = fd_mark_of(pid, e.fd);

            e.ino = mark != 0 ? mark : e.ino;
        }
        e.mode = file.st_mode;
        e.access = (link.st_mode & 0600) == 0600 ? 'u' : (link.st_mode & 0200) != 0 ? 'w' : 'r';
        if (n == *cap) {
            *cap = *cap ? *cap * 2 : 16;
            *list = mem_grow(*list, (size_t)*cap * sizeof **list);
        }
        (*list)[n++] = e;
    }
    closedir(dir);
    if (n > 1)
        qsort(*list, (size_t)n, sizeof **list, compare_fds);
    return n;
}
