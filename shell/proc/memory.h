/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Objects that lie in memory: a semaphore, a mutex. Shared memory is the same in every process,
 * though each may have it at another address, so such an object is known by the file or segment
 * that is mapped there and the place in it; in memory of a process alone, by the process and the
 * address. */
#ifndef PROC_MEMORY_H
#define PROC_MEMORY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum memory {
    MEMORY_UNKNOWN = -2, /* the map of the process cannot be read */
    MEMORY_NONE = -1,    /* nothing is mapped there */
    MEMORY_PRIVATE = 0,
    MEMORY_SHARED = 1,
};

/* What lies at an address of this process; pid is its own in its world. */
enum memory memory_identify(pid_t pid, uint64_t address, uint64_t *key, uint64_t *key2);
/* Where a process has the object: the one that is called proc_pid here and pid in its world. */
enum memory memory_find(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, uint64_t *address);
/* Can nobody come to the object but by being forked from a process that has it? So it is of memory
 * that never had a name: anonymous, or of a memfd; *inode is the file's, of which somebody may have
 * a descriptor. Asked of a process that has it. */
bool memory_is_nameless(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, uint64_t *inode);
/* Bytes of such an object: MEMORY_NONE when they cannot be read. */
enum memory memory_read(pid_t proc_pid, pid_t pid, uint64_t key, uint64_t key2, void *to, size_t n);
/* Bytes of a process's own (0: this one's) as far as they can be read, how many. Looking changes
 * nothing: process_vm_readv would give the process a copy of the frames that it shares since a
 * fork. */
size_t memory_bytes(pid_t pid, uint64_t address, void *to, size_t n);
#endif
