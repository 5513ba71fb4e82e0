/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pshm - POSIX shared memory: shm_open and shm_unlink. What they open is a file that lives in
 * memory only; ftruncate of `file` gives it a size, mmap of `vm` makes it memory. */
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "plugin.h"

/* ---- Handlers ---------------------------------------------------------------------------- */

/* The C library keeps them as files: what is said of their folder is said of them. */
static void
note_folder(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    int error = errno;
    struct statvfs fs;

    if (error == ENOENT && access("/dev/shm", F_OK) < 0)
        host->note(frame, "this machine has no /dev/shm, and so no POSIX shared memory");
    if (error == ENOSPC && statvfs("/dev/shm", &fs) == 0)
        host->note(frame,
                   "/dev/shm has %llu bytes, of which %llu are free, and places for %llu files, of "
                   "which %llu are",
                   (unsigned long long)fs.f_blocks * fs.f_frsize,
                   (unsigned long long)fs.f_bavail * fs.f_frsize, (unsigned long long)fs.f_files,
                   (unsigned long long)fs.f_favail);
    errno = error;
}

static int64_t
run_shm_open(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *name = args->v[0].s;
    int flags = (int)args->v[1].i, fd;
    struct stat st;

    if ((flags & O_CREAT) != 0 && host->intend(frame, "posix_shm", 0, name) < 0)
        return -1;
    fd = shm_open(name, flags, (mode_t)args->v[2].i);
    if (fd < 0) {
        note_folder(host, frame);
        return -1;
    }
    host->object(frame, NULL, (uint64_t)fd, 0);
    if ((flags & O_CREAT) != 0 && fstat(fd, &st) == 0 && st.st_size == 0)
        host->note(frame, "it has no bytes yet: ftruncate(fd, size) gives it some");
    return fd;
}

static int64_t
run_shm_unlink(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return shm_unlink(args->v[0].s);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant open_flags[] = {
    {"O_RDONLY", O_RDONLY, "to read only; a mapping of it cannot be written"},
    {"O_RDWR", O_RDWR, "to read and write"},
    {"O_CREAT", O_CREAT, "make it when there is none"},
    {"O_EXCL", O_EXCL, "with O_CREAT: fail when there is one"},
    {"O_TRUNC", O_TRUNC, "cut what is there to no bytes"},
    {0},
};

static const struct ipclab_arg open_args[] = {
    {.name = "name", .type = IPCLAB_STRING, .summary = "its name: a slash, then no other"},
    {.name = "oflag", .type = IPCLAB_FLAGS, .summary = "how to open it", .constants = open_flags},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "permission bits of a new one, less those of the umask",
     .def = 0600,
     .max = 07777},
    {0},
};

static const struct ipclab_arg unlink_args[] = {
    {.name = "name", .type = IPCLAB_STRING, .summary = "as it was opened"},
    {0},
};

static const struct ipclab_error open_errors[] = {
    {"ENOENT", "there is no shared memory $name, and O_CREAT is not among the flags"},
    {"EEXIST", "$name exists already, and O_CREAT|O_EXCL insists on making it"},
    {"EACCES", "the permission bits of $name do not allow $oflag"},
    {"EINVAL", "$name is no name: a slash, and then no other"},
    {"ENAMETOOLONG", "$name is longer than 255 bytes"},
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},
    {"ENFILE", "the system has as many open files as it allows"},
    {"ENOSPC", "/dev/shm is full"},
    {"ENOSYS", "POSIX shared memory is not available: this machine has no /dev/shm"},
    {"EROFS", "POSIX shared memory is not available: /dev/shm is read-only"},
    {0},
};

static const struct ipclab_error unlink_errors[] = {
    {"ENOENT", "there is no shared memory $name"},
    {"EACCES", "this process may not remove $name"},
    {"EINVAL", "$name is no name: a slash, and then no other"},
    {"ENAMETOOLONG", "$name is longer than 255 bytes"},
    {0},
};

#define MEMORY                                                                                     \
    "spawn server client\nserver fd = shm_open(\"/lab\", O_CREAT|O_RDWR, 0600)\n"                  \
    "server ftruncate(fd, 4096)\n"                                                                 \
    "server char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd)\n"

static const char *const open_examples[] = {
    MEMORY "server strcpy(m, \"hello\")\nclient fd = shm_open(\"/lab\", O_RDONLY)\n"
           "client char *m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd)\nclient print m",
    "spawn a\na shm_open(\"/nobody\", O_RDWR)\na shm_open(\"/lab\", O_CREAT|O_EXCL|O_RDWR)\n"
    "a shm_open(\"/lab\", O_CREAT|O_EXCL|O_RDWR)",
    NULL,
};

static const char *const unlink_examples[] = {
    MEMORY "server strcpy(m, \"still here\")\nserver shm_unlink(\"/lab\")\n"
           "client shm_open(\"/lab\", O_RDONLY)\nserver print m",
    "spawn a\na shm_unlink(\"/nobody\")",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "shm_open",
     .prototype = "int shm_open(const char *name, int oflag, mode_t mode)",
     .summary = "open shared memory by its name, or make it",
     .help = "The result is a descriptor of a file that is kept in memory. A new one has no bytes: "
             "ftruncate() gives it a size, and mmap() with MAP_SHARED makes it memory of this "
             "process. Another process that knows the name does the same and sees the same bytes, "
             "as a rule at another address. After mmap the descriptor may be closed.",
     .man = "shm_open(3)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = open_args,
     .errors = open_errors,
     .examples = open_examples,
     .run = run_shm_open,
     .returns = "a descriptor, the lowest that is free"},
    {.name = "shm_unlink",
     .prototype = "int shm_unlink(const char *name)",
     .summary = "take the name of shared memory away",
     .help = "Nobody can open it any more, but those who have it open or mapped keep it: the "
             "memory goes with the last of them. A name that nobody takes away stays, with its "
             "memory, until the machine stops.",
     .man = "shm_unlink(3)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = unlink_args,
     .errors = unlink_errors,
     .returns = "0",
     .examples = unlink_examples,
     .run = run_shm_unlink},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* An object with room for the messages, and semaphores behind them that hand them over. */
static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    size_t size = (run->memory_size + 63) / 64 * 64, all = size + IPCLAB_BENCH_WAYS * sizeof(sem_t);
    sem_t *sems;
    char name[64];
    int fd;

    snprintf(name, sizeof name, "/bench.%d", getpid());
    if (host->intend(run, "posix_shm", 0, name) < 0)
        return -1;
    fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return -1;
    shm_unlink(name);
    run->memory = ftruncate(fd, (off_t)all) == 0
                      ? mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                      : MAP_FAILED;
    close(fd);
    if (run->memory == MAP_FAILED)
        return -1;
    sems = (sem_t *)(void *)((char *)run->memory + size);
    run->state = sems;
    for (int i = 0; i < IPCLAB_BENCH_WAYS; i++)
        if (sem_init(&sems[i], 1, 0) < 0)
            return -1;
    return 0;
}

static int
bench_give(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    return sem_post((sem_t *)run->state + way);
}

static int
bench_take(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    return sem_wait((sem_t *)run->state + way);
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    munmap(run->memory,
           (size_t)((char *)run->state - (char *)run->memory) + IPCLAB_BENCH_WAYS * sizeof(sem_t));
}

static const struct ipclab_bench benches[] = {
    {.name = "pshm",
     .summary = "POSIX shared memory, handed over by sem_post and sem_wait",
     .setup = bench_setup,
     .give = bench_give,
     .take = bench_take,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"shm_open(3)", "shm_overview(7)", "mmap(2)", NULL};

static const char *const fields[] = {NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "pshm",
    .version = "1.0",
    .summary = "POSIX shared memory: memory with a name, by shm_open and mmap",
    .help =
        "What `shm` does by keys and ids, POSIX does by names and descriptors: shm_open(), "
        "ftruncate(), mmap(), and at the end munmap(), close(), shm_unlink(). The name begins with "
        "a slash; on Linux it is a file of /dev/shm.\n"
        "Nothing keeps two processes from writing at the same time: one overwrites what the other "
        "wrote, and neither notices. Semaphores or mutexes say who may.\n"
        "What goes wrong: no ftruncate(), so that the first access is SIGBUS; MAP_PRIVATE instead "
        "of MAP_SHARED, so that nobody else sees the writes; the name is left behind.",
    .man = man,
    .calls = calls,
    .benches = benches,
    .fields = fields,
};
