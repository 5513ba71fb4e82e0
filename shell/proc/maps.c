/* SPDX-License-Identifier: GPL-3.0-or-later
 * See maps.h. */
#include "proc/maps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/mem.h"

/* "7f0c8000-7f0c9000 rw-s 00000000 00:01 5    /SYSV0000162e (deleted)" */
bool
maps_region(const char *line, struct region *r)
{
    unsigned long long from, to, offset, inode;
    unsigned major_number, minor_number;
    int path = 0;

    if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &from, &to, r->perms, &offset,
               &major_number, &minor_number, &inode, &path) < 7)
        return false;
    r->from = from;
    r->to = to;
    r->offset = offset;
    r->dev = makedev(major_number, minor_number);
    r->inode = inode;
    snprintf(r->path, sizeof r->path, "%.*s", (int)strcspn(line + path, "\n"), line + path);
    return true;
}

int
maps_read(pid_t pid, struct region **list, int *cap)
{
    char name[64], *line = NULL;
    size_t room = 0;
    int n = 0;
    FILE *f;

    snprintf(name, sizeof name, "/proc/%d/maps", pid);
    f = fopen(name, "re");
    if (f == NULL)
        return -1;
    while (getline(&line, &room, f) > 0) {
        if (n == *cap) {
            *cap = *cap ? *cap * 2 : 64;
            *list = mem_grow(*list, sizeof **list * (size_t)*cap);
        }
        if (maps_region(line, &(*list)[n]))
            n++;
    }
    free(line);
    fclose(f);
    return n;
}
