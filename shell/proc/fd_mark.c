/* SPDX-License-Identifier: GPL-3.0-or-later
 * See fd_mark.h. */
#include "proc/fd_mark.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../plugins/plugin.h"

/* No lock of a student is there. */
#define MARK_BASE ((uint64_t)IPCLAB_MARK_BASE)
enum { INFO_MAX = 4096 };

static int proc = -1; /* kept open by fd_mark_outside */

void
fd_mark_outside(void)
{
    proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool
fd_mark_is_outside(void)
{
    return proc >= 0;
}

int
fd_mark_open(const char *name, int flags)
{
    char path[96];

    if (proc >= 0)
        return openat(proc, name, flags | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/%s", name);
    return open(path, flags | O_CLOEXEC);
}

bool
fd_mark_needed(uint64_t ino, uint64_t dev)
{
    static uint64_t shared_ino, shared_dev; /* the same as long as the kernel runs */

    if (shared_ino == 0) {
        int fd = eventfd(0, EFD_CLOEXEC);
        struct stat st;

        if (fd < 0)
            return false;
        if (fstat(fd, &st) == 0) {
            shared_ino = st.st_ino;
            shared_dev = st.st_dev;
        }
        close(fd);
    }
    return ino == shared_ino && dev == shared_dev;
}

bool
fd_mark_is(uint64_t ino)
{
    return ino >= MARK_BASE && ino < 2 * MARK_BASE;
}

ssize_t
fd_mark_info(pid_t pid, int fd, char *text, size_t room)
{
    char name[64];
    ssize_t got, n = 0;
    int info;

    if (pid == 0)
        snprintf(name, sizeof name, "self/fdinfo/%d", fd);
    else
        snprintf(name, sizeof name, "%d/fdinfo/%d", pid, fd);
    info = fd_mark_open(name, O_RDONLY);
    if (info < 0)
        return -1;
    while ((size_t)n + 1 < room && (got = read(info, text + n, room - 1 - (size_t)n)) > 0)
        n += got;
    close(info);
    text[n] = '\0';
    return n;
}

/* Of several, made at the same time by two processes, the one before all others. */
static uint64_t
find_mark(const char *text)
{
    uint64_t mark = 0;

    for (const char *at = text; (at = strstr(at, "OFDLCK")) != NULL; at += 6) {
        unsigned long long from, to;

        if (sscanf(at, "OFDLCK ADVISORY READ -1 %*s %llu %llu", &from, &to) == 2 && from == to &&
            from >= MARK_BASE && (mark == 0 || from < mark))
            mark = from;
    }
    return mark;
}

uint64_t
fd_mark_of(pid_t pid, int fd)
{
    char text[INFO_MAX];

    return fd_mark_info(pid, fd, text, sizeof text) > 0 ? find_mark(text) : 0;
}

uint64_t
fd_mark(int fd)
{
    uint64_t mark = fd_mark_of(0, fd), random;
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};

    if (mark != 0 || getrandom(&random, sizeof random, 0) != sizeof random)
        return mark;
    lock.l_start = (off_t)(MARK_BASE + random % MARK_BASE);
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
        return 0;
    return fd_mark_of(0, fd);
}

bool
fd_mark_link(int fd, char *link, size_t room)
{
    char name[64];
    ssize_t n;

    snprintf(name, sizeof name, "%sself/fd/%d", proc >= 0 ? "" : "/proc/", fd);
    n = readlinkat(proc >= 0 ? proc : AT_FDCWD, name, link, room - 1);
    link[n > 0 ? n : 0] = '\0';
    return n > 0;
}
