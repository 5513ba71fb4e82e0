/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See memory.h. This runs in actors, too: it allocates nothing, for their heap is the student's. */
#include "proc/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proc/maps.h"

/* Keys of both kinds are told apart, and from numbers that people see, by their highest bits. */
#define KEY_SHARED (1ULL << 63)
#define KEY_PRIVATE (1ULL << 62)

/* Calls take with every region of the process, in order, until it says that it is done. */
static bool
each_region(pid_t proc_pid, bool (*take)(void *ctx, const struct region *r), void *ctx)
{
    static char text[32768 + 1];
    struct region r;
    char name[64];
    size_t have = 0;
    bool done = false;
    ssize_t n;
    int fd;

    if (proc_pid == 0)
        snprintf(name, sizeof name, "/proc/self/maps");
    else
        snprintf(name, sizeof name, "/proc/%d/maps", proc_pid);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (!done && (n = read(fd, text + have, sizeof text - 1 - have)) > 0) {
        char *line = text, *end;

        have += (size_t)n;
        text[have] = '\0';
        for (; !done && (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = '\0';
            done = maps_region(line, &r) && take(ctx, &r);
        }
        have -= (size_t)(line - text);
        memmove(text, line, have);
    }
    close(fd);
    return true;
}

/* A System V segment is a file whose inode number is its id, beside files of shared anonymous
 * memory, which count for themselves. */
static uint64_t
shared_key(const struct region *r)
{
    uint64_t kind = strncmp(r->path, "/SYSV", 5) == 0;

    return KEY_SHARED | ((r->inode ^ r->dev << 40 ^ kind << 39) & ~(KEY_SHARED | KEY_PRIVATE));
}

/* ---- From address to object ---------------------------------------------------------------- */

struct place {
    pid_t pid;
    uint64_t address, key, key2;
    enum memory is;
    uint64_t inode; /* of the file behind it */
    bool nameless;
};

static bool
take_address(void *ctx, const struct region *r)
{
    struct place *p = ctx;

    if (p->address < r->from)
        return true;
    if (p->address >= r->to)
        return false;
    p->is = r->perms[3] == 's' ? MEMORY_SHARED : MEMORY_PRIVATE;
    p->key = p->is == MEMORY_SHARED ? shared_key(r) : (KEY_PRIVATE | (uint64_t)p->pid);
    p->key2 = p->is == MEMORY_SHARED ? r->offset + (p->address - r->from) : p->address;
    return true;
}

enum memory
memory_identify(pid_t pid, uint64_t address, uint64_t *key, uint64_t *key2)
{
    struct place p = {.pid = pid, .address = address, .is = MEMORY_NONE};

    if (!each_region(0, take_address, &p))
        return MEMORY_UNKNOWN;
    *key = p.key;
    *key2 = p.key2;
    return p.is;
}

/* ---- From object to address ---------------------------------------------------------------- */

static bool
take_object(void *ctx, const struct region *r)
{
    struct place *p = ctx;

    if (r->perms[3] != 's' || shared_key(r) != p->key || p->key2 < r->offset ||
        p->key2 - r->offset >= r->to - r->from)
        return false;
    p->is = MEMORY_SHARED;
    p->address = r->from + (p->key2 - r->offset);
    p->inode = r->inode;
    /* Other files that look deleted may have a second name, as the C library gives a semaphore. */
    p->nameless =
        strcmp(r->path, "/dev/zero (deleted)") == 0 || strncmp(r->path, "/memfd:", 7) == 0;
    return true;
}

/* Of shared memory, where a process has it. */
static bool
find_shared(pid_t proc_pid, pid_t pid, struct place *p)
{
    /* The observer is not in the numbering of a world whose /proc it sees. */
    return each_region(proc_pid == 0 || access("/proc/self", F_OK) == 0 ? proc_pid : pid,
                       take_object, p);
}

enum memory
memory_find(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, uint64_t *address)
{
    struct place p = {.key = key, .key2 = key2, .is = MEMORY_NONE};

    if ((key & KEY_PRIVATE) != 0) {
        *address = key2;
        return key == (KEY_PRIVATE | (uint64_t)pid) ? MEMORY_PRIVATE : MEMORY_NONE;
    }
    if (!find_shared(proc_pid, pid, &p))
        return MEMORY_UNKNOWN;
    *address = p.address;
    return p.is;
}

bool
memory_is_nameless(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, uint64_t *inode)
{
    struct place p = {.key = key, .key2 = key2, .is = MEMORY_NONE};

    if ((key & KEY_PRIVATE) != 0 || !find_shared(proc_pid, pid, &p))
        return false;
    *inode = p.inode;
    return p.is == MEMORY_SHARED && p.nameless;
}

enum memory
memory_read(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, void *to, size_t n)
{
    uint64_t address;
    enum memory is = memory_find(proc_pid, pid, key, key2, &address);
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)address, n};

    if (is < 0 || process_vm_readv(proc_pid != 0 ? proc_pid : getpid(), &local, 1, &remote, 1, 0) !=
                      (ssize_t)n)
        return MEMORY_NONE;
    return is;
}

size_t
memory_bytes(pid_t pid, uint64_t address, void *to, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)address, n};
    char name[32] = "/proc/self/mem";
    ssize_t got = -1;
    int fd;

    if (pid != 0)
        snprintf(name, sizeof name, "/proc/%d/mem", pid);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = pread(fd, to, n, (off_t)address);
        close(fd);
    } else { /* no descriptor is free, or no /proc there */
        got = process_vm_readv(pid != 0 ? pid : getpid(), &local, 1, &remote, 1, 0);
    }
    return got > 0 ? (size_t)got : 0;
}
