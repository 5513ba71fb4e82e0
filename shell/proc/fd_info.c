/* SPDX-License-Identifier: GPL-3.0-or-later
 * See fd_info.h. */
#include "proc/fd_info.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    int bits;
    const char *name;
} words[] = {
    {O_APPEND, "O_APPEND"}, {O_NONBLOCK, "O_NONBLOCK"}, {O_DIRECT, "O_DIRECT"},
    {O_SYNC, "O_SYNC"},     {O_DSYNC, "O_DSYNC"},       {O_ASYNC, "O_ASYNC"},
    {O_PATH, "O_PATH"},     {O_NOATIME, "O_NOATIME"},   {O_DIRECTORY, "O_DIRECTORY"},
};

bool
fd_info_read(pid_t pid, int fd, struct fd_info *info)
{
    char path[64], line[160];
    long long offset = 0;
    int found = 0;
    ssize_t n;
    FILE *f;

    *info = (struct fd_info){0};
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, fd);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    while (found < 2 && fgets(line, sizeof line, f) != NULL)
        found += sscanf(line, "pos: %lld", &offset) == 1 ||
                 sscanf(line, "flags: %o", (unsigned *)&info->flags) == 1;
    fclose(f);
    info->offset = offset;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    n = readlink(path, info->target, sizeof info->target - 1);
    info->target[n > 0 ? n : 0] = '\0';
    return found == 2;
}

int
fd_info_words(int flags, const char **names, int max)
{
    int n = 0;

    if (n < max)
        names[n++] = (flags & O_ACCMODE) == O_RDONLY   ? "O_RDONLY"
                     : (flags & O_ACCMODE) == O_WRONLY ? "O_WRONLY"
                                                       : "O_RDWR";
    for (size_t i = 0; i < sizeof words / sizeof *words && n < max; i++)
        if ((flags & words[i].bits) == words[i].bits) {
            names[n++] = words[i].name;
            flags &= ~words[i].bits; /* O_SYNC has the bit of O_DSYNC in it */
        }
    return n;
}

int
fd_info_travelling(pid_t pid, int fd)
{
    char path[64], line[160];
    int n = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, fd);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "scm_fds: %d", &n) == 1)
            break;
    if (f != NULL)
        fclose(f);
    return n;
}

int
fd_info_same(pid_t a, int fd_a, pid_t b, int fd_b)
{
    long order = syscall(SYS_kcmp, a, b, KCMP_FILE, fd_a, fd_b);

    return order < 0 ? -1 : order == 0;
}
