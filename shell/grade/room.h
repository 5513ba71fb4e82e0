/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder for what is unpacked. Its process holds a lock on it (flock(2)); what a process that was
 * killed has left is taken away by the next that makes one. */
#ifndef GRADE_ROOM_H
#define GRADE_ROOM_H

struct room {
    char *path; /* NULL: there is none */
    int fd;     /* with the lock */
};

/* In TMPDIR, or else /tmp. Others can go through it and not list it. 0, or -1 and errno. */
int room_make(struct room *r);
void room_remove(struct room *r); /* with all in it */
#endif
