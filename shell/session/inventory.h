/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All kernel objects of the world, also those that no call has named: what programs made after
 * execve, what stands behind descriptors that were there from the beginning. Taken by asking the
 * observer. Looking names nothing in the books of the world, or later names would depend on it:
 * what is found gets the numbers that come next in this inventory alone, in the kernel's order. */
#ifndef SESSION_INVENTORY_H
#define SESSION_INVENTORY_H
#include <jansson.h>

#include "session/session.h"

struct thing {
    char name[48];                  /* "shm#1"; "" when no plugin knows what it is */
    const struct ipclab_kind *kind; /* or NULL */
    bool named;                     /* by a call; else found just now */
    bool has_fds;                   /* its keys are inode and device */
    uint64_t key, key2;
    struct buf state, detail; /* facts */
};

struct inventory {
    struct thing *things; /* named ones first, in the order of their names' age */
    int n, cap;
    uint64_t *captured; /* inodes of the pipes in which ipclab catches what actors print */
    int ncaptured;
};

void inventory_take(struct session *s, struct inventory *inv);
void inventory_release(struct inventory *inv);
/* What a descriptor stands for; NULL when it could not be looked at. */
const struct thing *inventory_behind(const struct inventory *inv, const struct fd_entry *fd);
/* Is it one of ipclab's own, which takes what the actor prints? */
bool inventory_is_captured(const struct inventory *inv, const struct fd_entry *fd);
/* The thing that is mapped under this name of /proc/PID/maps, or NULL. */
const struct thing *inventory_mapped(const struct inventory *inv, const char *path, uint64_t dev,
                                     uint64_t inode);
/* Facts as fields of a JSON object: numbers, and texts with the names of actors in them. */
void inventory_fields(const struct session *s, const struct buf *facts, json_t *object);
#endif
