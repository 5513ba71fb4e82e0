/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Descriptors without a file of their own (eventfd, timerfd, epoll) share one inode, and the kernel
 * has no number for the open file behind one that all processes could read. It keeps locks with the
 * open file, though, and shows those in fdinfo: a read lock of the open file description on one
 * byte far behind the end of that inode, which has no bytes, is in nobody's way and goes with the
 * file. The place of the byte is the mark. */
#ifndef PROC_FD_MARK_H
#define PROC_FD_MARK_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* From now on /proc is the one that is mounted here now, in which this process is listed: before it
 * enters the namespaces of a world without being a process of it. */
void fd_mark_outside(void);
bool fd_mark_is_outside(void);
/* A file or folder of that /proc, by its name below it. */
int fd_mark_open(const char *name, int flags);

/* Is this the inode that they share? */
bool fd_mark_needed(uint64_t ino, uint64_t dev);
bool fd_mark_is(uint64_t ino); /* is this a mark, which no inode is? */
/* Of a descriptor of this process; made if there is none yet. 0: it cannot be marked. */
uint64_t fd_mark(int fd);
/* Of a descriptor of another one; 0: it has none. */
uint64_t fd_mark_of(pid_t pid, int fd);
/* What the kernel says of a descriptor; pid 0: of this process. Returns how many bytes, -1:
 * nothing.
 */
ssize_t fd_mark_info(pid_t pid, int fd, char *text, size_t room);
/* What /proc/self/fd says it is ("anon_inode:[eventfd]"). */
bool fd_mark_link(int fd, char *link, size_t room);
#endif
