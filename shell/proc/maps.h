/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory map of a process, as /proc/PID/maps has it. */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct region {
    uint64_t from, to; /* bytes from..to-1 */
    uint64_t offset;   /* in the file */
    uint64_t dev, inode;
    char perms[5];  /* "rw-p", "r--s" */
    char path[160]; /* "[heap]", "/usr/lib/...", "" of none */
};

/* Reads one line of such a file. */
bool maps_region(const char *line, struct region *r);
/* Grows *list. Returns how many, -1 when the process is gone or may not be looked at. */
int maps_read(pid_t pid, struct region **list, int *cap);
#endif
