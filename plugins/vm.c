/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vm - virtual memory: mappings of one process, and what stands behind an address.
 *
 * What a program calls an address is an index into page tables of its own. Two processes may have
 * the same address and mean different frames of memory, and after fork() they mean the same frame
 * until one of them writes. A process cannot see that mapping; the kernel tells a little of it in
 * /proc/self/pagemap, and that is what translate() reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "plugin.h"

/* ---- Mappings ---------------------------------------------------------------------------- */

/* The object behind a shared mapping: the kernel keeps anonymous ones as files without a name. */
static bool
mapping_of(const void *addr, uint64_t *ino, uint64_t *dev, bool *shared, char permissions[5])
{
    FILE *f = fopen("/proc/self/maps", "re");
    char line[512];
    bool found = false;

    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL) {
        unsigned long from, to, inode;
        unsigned maj, min;

        if (sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &from, &to, permissions, &maj, &min,
                   &inode) != 6 ||
            (unsigned long)addr < from || (unsigned long)addr >= to)
            continue;
        *ino = inode;
        *dev = makedev(maj, min);
        *shared = permissions[3] == 's';
        found = true;
    }
    if (f != NULL)
        fclose(f);
    return found;
}

static void
name_mapping(const struct ipclab_host *host, struct ipclab_frame *frame, const void *addr,
             bool created)
{
    uint64_t ino, dev;
    char permissions[5];
    bool shared;

    if (!mapping_of(addr, &ino, &dev, &shared, permissions) || !shared || ino == 0)
        return;
    host->object(frame, "mapping", ino, dev);
    if (created)
        host->created(frame);
}

/* Locked memory stays in frames, so an ordinary user may have only so much of it. */
static void
note_locked(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    int error = errno;
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        host->note(frame, "RLIMIT_MEMLOCK allows this process %llu bytes of locked memory",
                   (unsigned long long)limit.rlim_cur);
    errno = error;
}

static int64_t
run_mmap(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int flags = (int)args->v[3].i, fd = (int)args->v[4].i;
    void *p =
        mmap(args->v[0].p, (size_t)args->v[1].i, (int)args->v[2].i, flags, fd, (off_t)args->v[5].i);

    if (p == MAP_FAILED && errno == EAGAIN)
        note_locked(host, frame);
    if (p == MAP_FAILED)
        return -1;
    if ((flags & MAP_ANONYMOUS) != 0)
        name_mapping(host, frame, p, true);
    return (int64_t)(intptr_t)p;
}

static int64_t
run_munmap(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    name_mapping(host, frame, args->v[0].p, false);
    return munmap(args->v[0].p, (size_t)args->v[1].i);
}

static int64_t
run_mprotect(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return mprotect(args->v[0].p, (size_t)args->v[1].i, (int)args->v[2].i);
}

static int64_t
run_msync(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return msync(args->v[0].p, (size_t)args->v[1].i, (int)args->v[2].i);
}

static int64_t
run_mlock(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int result = mlock(args->v[0].p, (size_t)args->v[1].i);

    if (result < 0 && (errno == ENOMEM || errno == EPERM || errno == EAGAIN))
        note_locked(host, frame);
    return result;
}

static int64_t
run_munlock(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return munlock(args->v[0].p, (size_t)args->v[1].i);
}

/* ---- The heap ---------------------------------------------------------------------------- */

static int64_t
run_brk(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return brk(args->v[0].p);
}

static int64_t
run_sbrk(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return (int64_t)(intptr_t)sbrk((intptr_t)args->v[0].i);
}

static int64_t
run_malloc(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    size_t n = (size_t)args->v[0].i;
    char *volatile end = sbrk(0);
    void *p = malloc(n);

    if (p == NULL)
        return 0;
    host->fact_text(frame, "from",
                    (char *)p <= end && (char *)p + n <= (char *)sbrk(0) ? "heap"
                                                                         : "a mapping of its own");
    return (int64_t)(intptr_t)p;
}

static int64_t
run_free(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    free(args->v[0].p);
    return 0;
}

/* ---- Looking at one address -------------------------------------------------------------- */

enum { /* bits of /proc/PID/pagemap, see proc_pid_pagemap(5) */
       PAGE_SOFT_DIRTY = 55,
       PAGE_EXCLUSIVE = 56,
       PAGE_FILE = 61,
       PAGE_SWAPPED = 62,
       PAGE_PRESENT = 63,
       FRAME_BITS = 55
};

static bool
bit(uint64_t entry, int n)
{
    return (entry >> n & 1) != 0;
}

/* Of what translate() says. */
#define NOTE_UNTOUCHED                                                                             \
    "the address is mapped, but this process's table has no frame for it yet: the first access "   \
    "makes a page fault, and the kernel "
#define NOTE_COPY                                                                                  \
    "several processes read the same frame here; whoever writes first gets a copy of it "          \
    "(copy-on-write)"
/* The kernel does not say which of the two it is: the entries are alike. */
#define NOTE_ZEROS                                                                                 \
    "several processes read the same frame here; whoever writes first gets a copy of it "          \
    "(copy-on-write). Where nobody has written yet it is the one frame of zeros that all "         \
    "processes read"

/* The entry of the page of an address; false, with errno, when it cannot be read. */
static bool
page_entry(uint64_t addr, uint64_t *entry)
{
    uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), error;
    ssize_t n;

    if (fd < 0)
        return false;
    n = pread(fd, entry, sizeof *entry, (off_t)(addr / size * sizeof *entry));
    error = errno;
    close(fd);
    errno = n < 0 ? error : EIO;
    return n == (ssize_t)sizeof *entry;
}

/* Not every kernel does (CONFIG_MEM_SOFT_DIRTY): where it does, what was mapped just now is dirty.
 */
static bool
keeps_soft_dirty(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t entry = 0;
    bool keeps;

    if (p == MAP_FAILED)
        return false;
    *(volatile char *)p = 1;
    keeps = page_entry((uint64_t)(uintptr_t)p, &entry) && bit(entry, PAGE_SOFT_DIRTY);
    munmap(p, size);
    return keeps;
}

/* Has this process another mapping of the byte of a file (or shared memory) that is at addr? */
static bool
mapped_again(const void *addr)
{
    char line[512];
    unsigned long wanted_inode = 0, wanted_offset = 0;
    unsigned wanted_dev[2] = {0};
    int found = 0;

    for (int round = 0; round < 2; round++) { /* find the mapping of addr, then count its like */
        FILE *f = fopen("/proc/self/maps", "re");

        while (f != NULL && fgets(line, sizeof line, f) != NULL) {
            unsigned long from, to, offset, inode;
            unsigned dev[2];

            if (sscanf(line, "%lx-%lx %*s %lx %x:%x %lu", &from, &to, &offset, &dev[0], &dev[1],
                       &inode) != 6)
                continue;
            if (round == 0 && (unsigned long)addr >= from && (unsigned long)addr < to) {
                wanted_inode = inode;
                wanted_offset = offset + ((unsigned long)addr - from);
                memcpy(wanted_dev, dev, sizeof dev);
            } else if (round == 1 && inode == wanted_inode && inode != 0 &&
                       memcmp(wanted_dev, dev, sizeof dev) == 0 && wanted_offset >= offset &&
                       wanted_offset - offset < to - from) {
                found++;
            }
        }
        if (f != NULL)
            fclose(f);
    }
    return found > 1;
}

/* By reading it as anybody would: a system call that does (process_vm_readv) gives the process a
 * copy of its own of what it shares. */
static bool
is_zeros(const void *addr, size_t size)
{
    const char *page = (const char *)addr - (uintptr_t)addr % size;

    return page[0] == 0 && memcmp(page, page + 1, size - 1) == 0;
}

static int64_t
run_translate(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    uint64_t addr = (uint64_t)(uintptr_t)args->v[0].p, entry = 0, ino, dev, number;
    uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
    char permissions[5];
    bool shared, again;

    if (!mapping_of(args->v[0].p, &ino, &dev, &shared, permissions)) {
        errno = EFAULT;
        return -1;
    }
    if (!page_entry(addr, &entry))
        return -1;
    host->volatile_fact(frame, "page", (int64_t)(addr / size));
    host->fact(frame, "offset", (int64_t)(addr % size));
    permissions[3] = '\0';
    host->fact_text(frame, "permissions", permissions);
    if (keeps_soft_dirty())
        host->volatile_fact(frame, "soft_dirty", bit(entry, PAGE_SOFT_DIRTY));
    if (!bit(entry, PAGE_PRESENT)) {
        host->fact_text(frame, "frame", bit(entry, PAGE_SWAPPED) ? "swapped out" : "none yet");
        if (!bit(entry, PAGE_SWAPPED))
            host->note(frame, NOTE_UNTOUCHED "%s",
                       ino == 0 ? "finds one then"
                                : "enters the one that others use already, or "
                                  "finds one");
        return 0;
    }
    number = entry & ((UINT64_C(1) << FRAME_BITS) - 1);
    if (number == 0)
        host->fact_text(frame, "frame", "hidden");
    else
        host->volatile_fact(frame, "frame", (int64_t)number);
    again = !bit(entry, PAGE_EXCLUSIVE) && mapped_again(args->v[0].p);
    host->fact_text(frame, "used",
                    bit(entry, PAGE_EXCLUSIVE) ? "by this process alone"
                    : again                    ? "by several mappings"
                                               : "by several processes");
    if (!bit(entry, PAGE_EXCLUSIVE) && !shared && !bit(entry, PAGE_FILE))
        host->note(frame,
                   permissions[0] == 'r' && is_zeros(args->v[0].p, size) ? NOTE_ZEROS : NOTE_COPY);
    else if (again)
        host->note(frame, "this process has mapped these bytes more than once, and each mapping "
                          "counts: other processes may have the frame, too, or not");
    return 1;
}

static int64_t
run_peek(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int64_t value = *(const volatile unsigned char *)args->v[0].p;

    name_mapping(host, frame, args->v[0].p, false);
    return value;
}

static int64_t
run_poke(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    *(volatile unsigned char *)args->v[0].p = (unsigned char)args->v[1].i;
    name_mapping(host, frame, args->v[0].p, false);
    return (int64_t)(unsigned char)args->v[1].i;
}

/* ---- State ------------------------------------------------------------------------------- */

/* The part that this process has mapped; its size is the kernel's secret otherwise. */
static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    FILE *f = fopen("/proc/self/maps", "re");
    char line[512];
    int64_t bytes = 0;

    (void)fd;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        unsigned long from, to, inode;
        unsigned maj, min;

        if (sscanf(line, "%lx-%lx %*s %*x %x:%x %lu", &from, &to, &maj, &min, &inode) == 5 &&
            inode == key && makedev(maj, min) == key2)
            bytes += (int64_t)(to - from);
    }
    if (f != NULL)
        fclose(f);
    host->number(look, "mapped", bytes);
}

/* ---- Records: arguments ------------------------------------------------------------------- */

static const struct ipclab_constant prot_flags[] = {
    {"PROT_READ", PROT_READ, "may be read"},
    {"PROT_WRITE", PROT_WRITE, "may be written"},
    {"PROT_EXEC", PROT_EXEC, "may be run as code"},
    {"PROT_NONE", PROT_NONE, "may not be touched at all"},
    {0},
};

static const struct ipclab_constant map_flags[] = {
    {"MAP_SHARED", MAP_SHARED, "writes are seen by all who map it, and reach the file"},
    {"MAP_PRIVATE", MAP_PRIVATE, "writes stay here: the first one copies the page"},
    {"MAP_ANONYMOUS", MAP_ANONYMOUS, "zeros instead of a file; fd is -1"},
    {"MAP_FIXED", MAP_FIXED, "exactly at addr, over whatever is there"},
    {"MAP_FIXED_NOREPLACE", MAP_FIXED_NOREPLACE, "exactly at addr, EEXIST when it is taken"},
    {"MAP_NORESERVE", MAP_NORESERVE, "reserve no swap space"},
    {"MAP_POPULATE", MAP_POPULATE, "find frames for all pages now"},
    {"MAP_LOCKED", MAP_LOCKED, "keep the pages in memory"},
    {0},
};

static const struct ipclab_constant msync_flags[] = {
    {"MS_SYNC", MS_SYNC, "return when it is written"},
    {"MS_ASYNC", MS_ASYNC, "only ask for it"},
    {"MS_INVALIDATE", MS_INVALIDATE, "others see what is in the file"},
    {0},
};

#define RANGE                                                                                      \
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "where it begins, at a page"},             \
    {                                                                                              \
        .name = "length", .type = IPCLAB_SIZE, .summary = "bytes, rounded up to whole pages"       \
    }

static const struct ipclab_arg mmap_args[] = {
    {.name = "addr",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "where to put it; NULL: the kernel chooses"},
    {.name = "length", .type = IPCLAB_SIZE, .summary = "bytes, rounded up to whole pages"},
    {.name = "prot",
     .type = IPCLAB_FLAGS,
     .summary = "what may be done there",
     .constants = prot_flags},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .summary = "shared or private, of a file or anonymous",
     .constants = map_flags},
    {.name = "fd",
     .type = IPCLAB_FD,
     .flags = IPCLAB_OPTIONAL,
     .summary = "the file; -1 with MAP_ANONYMOUS",
     .def = -1},
    {.name = "offset",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "where in the file, a multiple of the page size"},
    {0},
};

static const struct ipclab_arg range_args[] = {RANGE, {0}};
static const struct ipclab_arg mprotect_args[] = {
    RANGE,
    {.name = "prot",
     .type = IPCLAB_FLAGS,
     .summary = "what may be done there from now on",
     .constants = prot_flags},
    {0},
};
static const struct ipclab_arg msync_args[] = {
    RANGE,
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how",
     .def = MS_SYNC,
     .constants = msync_flags},
    {0},
};
static const struct ipclab_arg brk_args[] = {
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "the new end of the heap"},
    {0},
};
static const struct ipclab_arg sbrk_args[] = {
    {.name = "increment",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "bytes by which the heap grows; 0: only tell its end"},
    {0},
};
static const struct ipclab_arg malloc_args[] = {
    {.name = "size", .type = IPCLAB_SIZE, .summary = "bytes"},
    {0},
};
static const struct ipclab_arg free_args[] = {
    {.name = "ptr",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "what malloc returned, once"},
    {0},
};
static const struct ipclab_arg addr_args[] = {
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "any address of this process"},
    {0},
};
static const struct ipclab_arg poke_args[] = {
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "any address of this process"},
    {.name = "value", .type = IPCLAB_INT, .summary = "the byte to write", .min = -128, .max = 255},
    {0},
};

/* ---- Records: errors ----------------------------------------------------------------------- */

static const struct ipclab_error mmap_errors[] = {
    {"EINVAL", "$length is 0, $addr or $offset is not at a page, or $flags has neither MAP_SHARED "
               "nor MAP_PRIVATE"},
    {"ENOMEM", "no room for $length bytes in this address space, or too many mappings"},
    {"EBADF", "$fd is no open descriptor, and MAP_ANONYMOUS is not among the flags"},
    {"EACCES", "$fd is not open for what $prot and $flags ask: a shared writable mapping needs "
               "O_RDWR"},
    {"ENODEV", "what $fd refers to cannot be mapped: a pipe, a socket, a folder"},
    {"EEXIST", "something is mapped at $addr already, and MAP_FIXED_NOREPLACE forbids to replace "
               "it"},
    {"EPERM", "$prot is not allowed for this file or address"},
    {"EAGAIN", "more memory would be locked than RLIMIT_MEMLOCK allows"},
    {"EOVERFLOW", "$offset and $length together are beyond what a file can have"},
    {0},
};
static const struct ipclab_error munmap_errors[] = {
    {"EINVAL", "$addr is not at a page, or $length is 0"},
    {0},
};
static const struct ipclab_error mprotect_errors[] = {
    {"EINVAL", "$addr is not at a page, or $prot has bits that do not go together"},
    {"ENOMEM", "part of these $length bytes is not mapped"},
    {"EACCES", "the mapping is of a file that is not open for what $prot asks"},
    {0},
};
static const struct ipclab_error msync_errors[] = {
    {"EINVAL", "$addr is not at a page, or MS_SYNC and MS_ASYNC are both given"},
    {"ENOMEM", "part of these $length bytes is not mapped"},
    {"EBUSY", "a page is locked, and MS_INVALIDATE was asked for"},
    {0},
};
static const struct ipclab_error mlock_errors[] = {
    {"ENOMEM", "part of it is not mapped, or more would be locked than RLIMIT_MEMLOCK allows"},
    {"EPERM", "this process may lock no memory at all"},
    {"EAGAIN", "some pages could not be locked"},
    {"EINVAL", "$addr and $length together are beyond the address space"},
    {0},
};
static const struct ipclab_error brk_errors[] = {
    {"ENOMEM", "the heap cannot end there: beyond RLIMIT_DATA, below where it begins, or into "
               "another mapping"},
    {0},
};
static const struct ipclab_error translate_errors[] = {
    {"EFAULT", "nothing is mapped at $addr in this process: an access there would be a "
               "segmentation fault"},
    {"ENOENT", "this world has no /proc/self/pagemap, where the kernel tells of page tables"},
    {"EACCES", "the kernel does not let this process read its own page tables"},
    {"EPERM", "the kernel does not let this process read its own page tables"},
    {0},
};

/* ---- Records: examples --------------------------------------------------------------------- */

static const char *const mmap_examples[] = {
    "spawn parent\n"
    "parent char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS)\n"
    "parent fork(child)\nchild strcpy(m, \"from the child\")\nparent print m",
    "spawn parent\n"
    "parent char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)\n"
    "parent strcpy(m, \"old\")\nparent fork(child)\nchild strcpy(m, \"new\")\n"
    "parent print m\nchild print m",
    "spawn a b\na fd = open(\"f\", O_CREAT|O_RDWR, 0644)\na ftruncate(fd, 4096)\n"
    "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd)\n"
    "a strcpy(m, \"in the file\")\nb fd = open(\"f\", O_RDONLY)\nb read(fd, buf, 11)",
    NULL,
};
static const char *const munmap_examples[] = {
    "spawn a\na m = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)\na munmap(m, 8192)\n"
    "a translate(m)",
    "spawn a\na munmap(NULL, 0)",
    NULL,
};
static const char *const mprotect_examples[] = {
    "spawn a\na char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)\n"
    "a strcpy(m, \"still here\")\na mprotect(m, 4096, PROT_READ)\na print m\na poke(m, 'x')",
    "spawn a\na mprotect(NULL, 4096, PROT_READ)",
    NULL,
};
static const char *const msync_examples[] = {
    "spawn a\na fd = open(\"f\", O_CREAT|O_RDWR, 0644)\na ftruncate(fd, 4096)\n"
    "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd)\na strcpy(m, \"kept\")\n"
    "a msync(m, 4096, MS_SYNC)",
    "spawn a\na msync(NULL, 4096)",
    NULL,
};
static const char *const mlock_examples[] = {
    "spawn a\na m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)\n"
    "a translate(m)\na mlock(m, 4096)\na translate(m)",
    "spawn a\na mlock(NULL, 4096)",
    NULL,
};
static const char *const munlock_examples[] = {
    "spawn a\na m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)\n"
    "a mlock(m, 4096)\na munlock(m, 4096)",
    "spawn a\na munlock(NULL, 4096)",
    NULL,
};
static const char *const brk_examples[] = {
    "spawn a\na char *end = sbrk(0)\na brk(end + 8192)\na poke(end, 1)\na sbrk(0)",
    "spawn a\na brk(140000000000000)",
    NULL,
};
static const char *const sbrk_examples[] = {
    "spawn a\na char *old = sbrk(4096)\na strcpy(old, \"on the heap\")\na print old",
    "spawn a\na sbrk()",
    NULL,
};
static const char *const malloc_examples[] = {
    "spawn a\na char *p = malloc(100)\na strcpy(p, \"small: on the heap\")\na print p\na free(p)",
    "spawn a\na char *p = malloc(1000000)\na translate(p)\na free(p)",
    NULL,
};
static const char *const free_examples[] = {
    "spawn a\na p = malloc(10)\na free(p)",
    "spawn a\na free(NULL)",
    NULL,
};
static const char *const translate_examples[] = {
    "spawn parent\nparent int n = 5\nparent fork(child)\nparent translate(&n)\n"
    "child n = 6\nchild translate(&n)\nparent print n\nchild print n",
    "spawn a\na m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)\n"
    "a translate(m)\na poke(m, 1)\na translate(m)",
    "spawn a\na translate(16)",
    NULL,
};
static const char *const peek_examples[] = {
    "spawn a\na char text[8]\na strcpy(text, \"hello\")\na peek(text)",
    "spawn a\na peek(16)",
    NULL,
};
static const char *const poke_examples[] = {
    "spawn a\na char text[8]\na strcpy(text, \"hello\")\na poke(text, 'j')\na print text",
    "spawn a\na m = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)\na poke(m, 1)",
    NULL,
};

/* ---- Records: calls ------------------------------------------------------------------------ */

static const struct ipclab_call calls[] = {
    {.name = "mmap",
     .prototype = "void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t "
                  "offset)",
     .summary = "map a file or fresh zeros into the address space",
     .help = "Makes addresses mean something: bytes of a file, or zeros (MAP_ANONYMOUS). With "
             "MAP_SHARED all who map it see each other's writes: a parent and the children that it "
             "forks later, or any processes that map the same file. With MAP_PRIVATE writes stay "
             "with the writer, who gets a copy of the page at his first write. No memory is used "
             "before a page is touched. The result is the address, or -1 (MAP_FAILED), not NULL.",
     .man = "mmap(2)",
     .flags = IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = -1,
     .args = mmap_args,
     .errors = mmap_errors,
     .returns = "the address of the new mapping",
     .examples = mmap_examples,
     .run = run_mmap},
    {.name = "munmap",
     .prototype = "int munmap(void *addr, size_t length)",
     .summary = "take a mapping away",
     .help = "The addresses mean nothing afterwards: any access is a segmentation fault. What was "
             "shared lives on while another process has it mapped; what was private is gone. The "
             "end of a process unmaps everything.",
     .man = "munmap(2)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = range_args,
     .errors = munmap_errors,
     .returns = "0",
     .examples = munmap_examples,
     .run = run_munmap},
    {.name = "mprotect",
     .prototype = "int mprotect(void *addr, size_t length, int prot)",
     .summary = "change what may be done with pages",
     .help = "Sets for whole pages whether they may be read, written or run. Doing what is not "
             "allowed is a segmentation fault, as for an address that is not mapped; only the "
             "reason differs, and the line of the death says which.",
     .man = "mprotect(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mprotect_args,
     .errors = mprotect_errors,
     .returns = "0",
     .examples = mprotect_examples,
     .run = run_mprotect},
    {.name = "msync",
     .prototype = "int msync(void *addr, size_t length, int flags)",
     .summary = "write what was changed in a shared mapping to its file",
     .help = "Other processes see a write to a shared mapping at once, with or without msync. It "
             "is about the storage: with MS_SYNC the bytes are there when it returns.",
     .man = "msync(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = msync_args,
     .errors = msync_errors,
     .returns = "0",
     .examples = msync_examples,
     .run = run_msync},
    {.name = "mlock",
     .prototype = "int mlock(const void *addr, size_t length)",
     .summary = "keep pages in memory",
     .help = "Finds a frame for each page now and keeps it: no page fault will be needed there, "
             "and nothing of it is swapped out. RLIMIT_MEMLOCK bounds how much.",
     .man = "mlock(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = range_args,
     .errors = mlock_errors,
     .returns = "0",
     .examples = mlock_examples,
     .run = run_mlock},
    {.name = "munlock",
     .prototype = "int munlock(const void *addr, size_t length)",
     .summary = "let pages be swapped out again",
     .help = "Undoes mlock. Locks do not add up: one munlock is enough, and fork passes none on.",
     .man = "munlock(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = range_args,
     .errors = mlock_errors,
     .returns = "0",
     .examples = munlock_examples,
     .run = run_munlock},
    {.name = "brk",
     .prototype = "int brk(void *addr)",
     .summary = "set the end of the heap",
     .help = "The heap is one piece of memory behind the program's data; brk says where it ends. "
             "malloc uses it, so a program that calls brk itself should know what it does.",
     .man = "brk(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = brk_args,
     .errors = brk_errors,
     .returns = "0",
     .examples = brk_examples,
     .run = run_brk},
    {.name = "sbrk",
     .prototype = "void *sbrk(intptr_t increment)",
     .summary = "let the heap grow, and tell where it ended before",
     .help = "Moves the end of the heap by so many bytes and returns the old end, which is where "
             "the new bytes begin. sbrk(0) only tells it.",
     .man = "sbrk(2)",
     .flags = IPCLAB_PURE | IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = -1,
     .args = sbrk_args,
     .errors = brk_errors,
     .returns = "where the heap ended before",
     .examples = sbrk_examples,
     .run = run_sbrk},
    {.name = "malloc",
     .prototype = "void *malloc(size_t size)",
     .summary = "get memory from the C library",
     .help = "No system call but a function of the library, which gets memory from the kernel with "
             "brk (small pieces: the heap) or mmap (from 128 KiB on: a mapping of their own) and "
             "cuts it up. The memory is this process's alone; a child gets a copy by fork.",
     .man = "malloc(3)",
     .flags = IPCLAB_PURE | IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = 0,
     .args = malloc_args,
     .errors = brk_errors,
     .returns = "the address of the new piece",
     .examples = malloc_examples,
     .run = run_malloc},
    {.name = "free",
     .prototype = "void free(void *ptr)",
     .summary = "give memory back to the C library",
     .help = "Gives back what malloc returned, once. Twice, or with any other address, the library "
             "notices at best and ends the process (SIGABRT). The variable keeps its value: it "
             "points to memory that is somebody else's from now on.",
     .man = "free(3)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_VOID,
     .failure = -1,
     .args = free_args,
     .returns = "nothing",
     .examples = free_examples,
     .run = run_free},
    {.name = "translate",
     .prototype = "int translate(const void *addr)",
     .summary = "what the kernel says of the page behind an address",
     .help = "Not a system call: reads the entry of that page in /proc/self/pagemap. Tells the "
             "page's number, the offset in it, what is allowed there, whether a frame of memory "
             "stands behind it yet, and whether this process is the only one that uses the frame. "
             "The number of the frame is shown only where the kernel shows it: an ordinary user "
             "gets 0, for programs are not meant to know. Where the kernel keeps the mark, "
             "soft_dirty tells whether the page was written since \"4\" was written to "
             "/proc/self/clear_refs. A page may be in a frame already and this process's table not "
             "know it yet, as for shared memory that only others have used. Returns 1 when there "
             "is a frame, 0 when this process has none there yet, -1 when nothing is mapped.",
     .man = "proc(5)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = addr_args,
     .errors = translate_errors,
     .returns =
         "1 when a frame of memory stands behind the page, 0 when this process has used none "
         "there yet",
     .examples = translate_examples,
     .run = run_translate},
    {.name = "peek",
     .prototype = "int peek(const void *addr)",
     .summary = "read the byte at an address",
     .help = "What `*p` does in a C program. It reads this process's own memory: the same number "
             "in another process is another place. Where nothing may be read the process dies of "
             "SIGSEGV, and the line says why.",
     .man = "",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = addr_args,
     .returns = "the byte there, as a number",
     .examples = peek_examples,
     .run = run_peek},
    {.name = "poke",
     .prototype = "int poke(void *addr, int value)",
     .summary = "write a byte to an address",
     .help = "What `*p = value` does in a C program. Where nothing may be written the process dies "
             "of SIGSEGV, and the line says why: nothing is mapped there, or it may not be "
             "written.",
     .man = "",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = poke_args,
     .returns = "the byte that was stored",
     .examples = poke_examples,
     .run = run_poke},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "mapping",
     .summary = "memory without a file that several processes may map",
     .line = "$mapped B mapped here",
     .state = state},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* How often something was given, on a cache line of its own. */
struct bench_flag {
    _Alignas(64) uint32_t given;
};

struct bench_flags {
    struct bench_flag *shared;
    uint32_t taken[IPCLAB_BENCH_WAYS]; /* by this side */
};

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    size_t flags = IPCLAB_BENCH_WAYS * sizeof(struct bench_flag);
    struct bench_flags *b = calloc(1, sizeof *b);
    char *memory = mmap(NULL, flags + run->memory_size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)host;
    if (b == NULL || memory == MAP_FAILED)
        return -1;
    b->shared = (struct bench_flag *)(void *)memory;
    run->state = b;
    run->memory = memory + flags;
    return 0;
}

static int
bench_give(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    struct bench_flag *f = &((struct bench_flags *)run->state)->shared[way];

    __atomic_store_n(&f->given, f->given + 1, __ATOMIC_RELEASE); /* nobody else writes it */
    return 0;
}

static int
bench_take(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    struct bench_flags *b = run->state;

    while (__atomic_load_n(&b->shared[way].given, __ATOMIC_ACQUIRE) == b->taken[way])
        ;
    b->taken[way]++;
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_flags *b = run->state;

    munmap(b->shared, IPCLAB_BENCH_WAYS * sizeof(struct bench_flag) + run->memory_size);
}

static const struct ipclab_bench benches[] = {
    {.name = "spin",
     .summary = "shared memory, handed over by a flag that the other side looks at all the time",
     .setup = bench_setup,
     .give = bench_give,
     .take = bench_take,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"mmap(2)", "mprotect(2)", "brk(2)", "malloc(3)", "proc(5)", NULL};

static const char *const fields[] = {"frame",       "from",       "mapped", "offset", "page",
                                     "permissions", "soft_dirty", "used",   NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "vm",
    .version = "1.0",
    .summary = "virtual memory: mappings, the heap, and what is behind an address",
    .help =
        "Every process has addresses of its own. Page tables, which only the kernel sees, say for "
        "each page of 4096 bytes which frame of memory it means, and what may be done with it. "
        "So the same address in two processes is two places, and no process can even name a byte "
        "of another.\n"
        "After fork() parent and child have the same addresses with the same contents. They still "
        "read the same frames; at the first write to a page the writer gets a copy of it "
        "(copy-on-write). translate() before and after shows it.\n"
        "To share memory on purpose: mmap() with MAP_SHARED before the fork, or of one file by "
        "several processes, or the segments of `shm`.\n"
        "An access that the tables do not allow is SIGSEGV: at an address that means nothing, or "
        "one that may not be written. `maps` shows the mappings of all processes side by side.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .benches = benches,
    .fields = fields,
};
