/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of an actor in segments as the lecture draws them: /proc/PID/maps with the regions of
 * program, libraries and the like put together, and objects under our names. */
#ifndef SESSION_SEGMENTS_H
#define SESSION_SEGMENTS_H
#include "proc/maps.h"
#include "session/inventory.h"

enum segment_kind {
    SEGMENT_VARIABLES, /* where lines of the session put them */
    SEGMENT_LITERALS,
    SEGMENT_PROGRAM, /* one of all regions, as the next three and ANONYMOUS */
    SEGMENT_LIBRARIES,
    SEGMENT_KERNEL, /* vdso and its kin */
    SEGMENT_IPCLAB, /* what ipclab tells the process by */
    SEGMENT_HEAP,
    SEGMENT_STACK,
    SEGMENT_OBJECT, /* of the inventory */
    SEGMENT_FILE,   /* a mapping of one */
    SEGMENT_ANONYMOUS,
};

struct segment {
    enum segment_kind kind;
    char name[48];     /* of OBJECT */
    uint64_t from, to; /* of one of several regions: from the first to the end of the last */
    uint64_t size;     /* bytes of all its regions */
    uint64_t dev, inode;
    char perms[40]; /* of several: each kind once, with blanks between */
    char path[160];
    int regions;
};

/* Grows *list; returns how many, -1 when it may not be looked at. */
int segments_read(const struct inventory *inv, const struct actor *a, struct segment **list);
const char *segment_word(enum segment_kind kind); /* "variables" */
bool segment_is_one_of_many(enum segment_kind kind);
#endif
