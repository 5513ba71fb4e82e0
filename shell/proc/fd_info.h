/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What /proc says of one descriptor, and which descriptors are one open file description. Nothing
 * is opened through /proc/PID/fd: that would change pipes. */
#ifndef PROC_FD_INFO_H
#define PROC_FD_INFO_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fd_info {
    int64_t offset;
    int flags;        /* O_RDONLY ... of open(2), O_CLOEXEC among them */
    char target[160]; /* what the link says: "/dev/null", "pipe:[123]" */
};

/* False when it is gone or may not be looked at. */
bool fd_info_read(pid_t pid, int fd, struct fd_info *info);
/* The words of flags: "O_WRONLY", "O_NONBLOCK"; names of at most max, returns how many. */
int fd_info_words(int flags, const char **names, int max);
/* Descriptors in messages that wait to be received from this socket. */
int fd_info_travelling(pid_t pid, int fd);
/* 1: they share one open file description; 0: they do not; -1: the kernel does not say. */
int fd_info_same(pid_t a, int fd_a, pid_t b, int fd_b);
#endif
