/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * System V shared memory: shmget(2), shmat(2), shmdt(2), shmctl(2), and the few ways to touch the
 * memory that the lecture's programs use. The memory calls are real accesses of the process: an
 * address that is not mapped ends it with SIGSEGV, and they go byte by byte so that the address
 * of the fault is the first one that was wrong. */
#include "plugin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

/* ---- What this process has attached ------------------------------------------------------ */

enum { MAX_ATTACHED = 256 }; /* more are attached just as well, but no longer named in the trace */

/* Which segment lies where; fork(2) copies it together with the attachments themselves. */
static struct {
    const char *addr; /* NULL: free */
    size_t size;
    int id;
} attached[MAX_ATTACHED];

static void
remember(const char *addr, size_t size, int id)
{
    for (int i = 0; i < MAX_ATTACHED; i++)
        if (attached[i].addr == NULL || attached[i].addr == addr) {
            attached[i].addr = addr;
            attached[i].size = size;
            attached[i].id = id;
            return;
        }
}

/* Tells the host in which segment this address lies, if in one. */
static void
name_segment_at(const struct ipclab_host *host, struct ipclab_frame *frame, const char *addr)
{
    for (int i = 0; i < MAX_ATTACHED; i++)
        if (attached[i].addr != NULL && addr >= attached[i].addr &&
            addr < attached[i].addr + attached[i].size)
            host->object(frame, "shm", (uint64_t)attached[i].id, 0);
}

static void
forget(const char *addr)
{
    for (int i = 0; i < MAX_ATTACHED; i++)
        if (attached[i].addr == addr)
            attached[i].addr = NULL;
}

/* ---- shmget ------------------------------------------------------------------------------ */

/* Outside a sealed world nothing may be left behind that could not be found again, so a private
 * segment gets a key there after all: a random one of this range. */
#define PRIVATE_KEYS 0x7e000000
#define PRIVATE_MASK 0x00ffffff

/* The data of a segment that this user may not read is still no secret (ipcs shows it). */
static int
segment_stat(int id, struct shmid_ds *ds)
{
    if (shmctl(id, IPC_STAT, ds) == 0)
        return 0;
    return errno == EACCES && shmctl(id, SHM_STAT_ANY, ds) == id ? 0 : -1;
}

static void
note_size(const struct ipclab_host *host, struct ipclab_frame *frame, int key, size_t size)
{
    struct shmid_ds ds;
    struct shminfo limits;
    int id = key != IPC_PRIVATE ? shmget(key, 0, 0) : -1;

    if (id >= 0 && segment_stat(id, &ds) == 0)
        host->note(frame, "the segment with key %d has %zu bytes, %zu were asked for", key,
                   ds.shm_segsz, size);
    else if (size == 0)
        host->note(frame, "a new segment needs a size: 0 is below SHMMIN, which is 1");
    else if (shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) >= 0)
        host->note(frame, "kernel.shmmax is %lu bytes here", limits.shmmax);
}

static void
note_limits(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct shminfo limits;
    struct shm_info used;

    if (shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) < 0 ||
        shmctl(0, SHM_INFO, (struct shmid_ds *)&used) < 0)
        return;
    if ((unsigned long)used.used_ids >= limits.shmmni)
        host->note(frame, "kernel.shmmni allows %lu segments, and %d exist", limits.shmmni,
                   used.used_ids);
    else
        host->note(frame, "kernel.shmall allows %lu pages in all segments, and %lu are in use",
                   limits.shmall, used.shm_tot);
}

static int64_t
make_private(const struct ipclab_host *host, struct ipclab_frame *frame, size_t size, int flags)
{
    for (;;) {
        uint32_t random;
        int key, id;

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        key = (int)(PRIVATE_KEYS | (random & PRIVATE_MASK));
        if (host->intend(frame, "shm", (uint64_t)key, NULL) < 0)
            return -1;
        id = shmget(key, size, flags | IPC_CREAT | IPC_EXCL);
        if (id < 0 && errno == EEXIST)
            continue;
        if (id >= 0)
            host->note(frame, "in a shared world a private segment has a key of its own, so that "
                              "it can be removed in any case");
        return id;
    }
}

/* Gets or makes the segment, and knows which: IPC_EXCL says it without a gap in time. */
static int64_t
get_segment(key_t key, size_t size, int flags, bool *created)
{
    *created = false;
    if (key != IPC_PRIVATE && (flags & (IPC_CREAT | IPC_EXCL)) != IPC_CREAT) {
        int id = shmget(key, size, flags);

        *created = id >= 0 && (flags & IPC_CREAT);
        return id;
    }
    for (;;) {
        int id = shmget(key, size, flags | (key != IPC_PRIVATE ? IPC_EXCL : 0));

        if (id >= 0 || errno != EEXIST) {
            *created = id >= 0;
            return id;
        }
        id = shmget(key, size, flags & ~IPC_CREAT);
        if (id >= 0 || errno != ENOENT) /* else it was removed in between: make it after all */
            return id;
    }
}

static int64_t
run_shmget(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    key_t key = (key_t)args->v[0].i;
    size_t size = (size_t)args->v[1].i;
    int flags = (int)args->v[2].i, error;
    bool created = true;
    int64_t id;

    if (!host->sealed(frame) && key == IPC_PRIVATE) {
        id = make_private(host, frame, size, flags);
    } else {
        if (!host->sealed(frame) && (flags & IPC_CREAT) &&
            host->intend(frame, "shm", (uint64_t)key, NULL) < 0)
            return -1;
        id = get_segment(key, size, flags, &created);
    }
    error = errno;
    if (id >= 0) {
        host->object(frame, "shm", (uint64_t)id, 0);
        if (created)
            host->created(frame);
    } else if (error == EINVAL) {
        note_size(host, frame, key, size);
    } else if (error == ENOSPC) {
        note_limits(host, frame);
    }
    errno = error;
    return id;
}

/* ---- shmat, shmdt ------------------------------------------------------------------------ */

static int64_t
run_shmat(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, error;
    char *addr = shmat(id, args->v[1].p, (int)args->v[2].i);
    struct shmid_ds ds;

    error = errno;
    if (segment_stat(id, &ds) == 0) {
        host->object(frame, "shm", (uint64_t)id, 0);
        if (addr != (char *)-1)
            remember(addr, ds.shm_segsz, id);
    }
    errno = error;
    return (int64_t)(intptr_t)addr;
}

static int64_t
run_shmdt(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    name_segment_at(host, frame, args->v[0].p);
    if (shmdt(args->v[0].p) < 0)
        return -1;
    forget(args->v[0].p);
    return 0;
}

/* ---- shmctl ------------------------------------------------------------------------------ */

/* A pid repeats where the world has numbers of its own. */
static void
pid_fact(const struct ipclab_host *host, struct ipclab_frame *frame, const char *name, pid_t pid)
{
    if (host->sealed(frame))
        host->fact(frame, name, pid);
    else
        host->volatile_fact(frame, name, pid);
}

static int64_t
segment_report(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct shmid_ds ds;
    char mode[16];

    if (shmctl(id, IPC_STAT, &ds) < 0)
        return -1;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.shm_perm.mode & 0777);
    host->fact(frame, "size", (int64_t)ds.shm_segsz);
    host->fact(frame, "nattch", (int64_t)ds.shm_nattch);
    host->fact_text(frame, "mode", mode);
    pid_fact(host, frame, "cpid", ds.shm_cpid);
    pid_fact(host, frame, "lpid", ds.shm_lpid);
    host->volatile_fact(frame, "ctime", ds.shm_ctime);
    return 0;
}

static int64_t
segment_set(const struct ipclab_host *host, struct ipclab_frame *frame, int id, int64_t mode)
{
    struct shmid_ds ds;

    if (mode == 0) { /* as NULL would be in C */
        host->note(frame, "IPC_SET needs the new permission bits, as in shmctl(%d, IPC_SET, 0640)",
                   id);
        errno = EFAULT;
        return -1;
    }
    if (segment_stat(id, &ds) < 0)
        return -1;
    ds.shm_perm.mode = (unsigned short)(mode & 0777);
    return shmctl(id, IPC_SET, &ds);
}

static int64_t
segment_remove(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct shmid_ds ds;

    if (shmctl(id, IPC_RMID, NULL) < 0)
        return -1;
    if (segment_stat(id, &ds) == 0 && ds.shm_nattch > 0)
        host->note(frame,
                   "it goes away when the last of %lu attachments is detached; until then "
                   "it has no key any more",
                   (unsigned long)ds.shm_nattch);
    return 0;
}

static int64_t
run_shmctl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, cmd = (int)args->v[1].i;
    struct shmid_ds ds;

    if (segment_stat(id, &ds) == 0)
        host->object(frame, "shm", (uint64_t)id, 0);
    if (cmd == IPC_STAT)
        return segment_report(host, frame, id);
    if (cmd == IPC_SET)
        return segment_set(host, frame, id, args->v[2].i);
    if (cmd == IPC_RMID)
        return segment_remove(host, frame, id);
    errno = EINVAL;
    return -1;
}

static int64_t
run_ftok(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host;
    (void)frame;
    return ftok(args->v[0].s, (int)args->v[1].i);
}

/* ---- The memory itself ------------------------------------------------------------------- */

static int64_t
run_strcpy(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    volatile char *to = args->v[0].p;
    const volatile char *from = args->v[1].p;

    while ((*to++ = *from++) != '\0')
        ;
    name_segment_at(host, frame, args->v[0].p);
    return args->v[0].i;
}

static void
copy_bytes(volatile char *to, const volatile char *from, size_t n)
{
    while (n-- > 0)
        *to++ = *from++;
}

static int64_t
run_memcpy(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    copy_bytes(args->v[0].p, args->v[1].p, (size_t)args->v[2].i);
    host->stored(frame, 0, args->v[0].p, (size_t)args->v[2].i);
    name_segment_at(host, frame, args->v[0].p);
    return args->v[0].i;
}

static int64_t
run_load(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const volatile unsigned char *from = args->v[0].p;
    size_t n = (size_t)args->v[1].i;
    unsigned char first = n > 0 ? from[0] : 0;

    for (size_t i = 1; i < n; i++)
        (void)from[i]; /* an address that is not mapped shows here, not inside the host */
    host->stored(frame, 0, args->v[0].p, n);
    name_segment_at(host, frame, args->v[0].p);
    return first;
}

static int64_t
run_store(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    copy_bytes(args->v[0].p, args->v[1].p, (size_t)args->v[2].i);
    name_segment_at(host, frame, args->v[0].p);
    return args->v[2].i;
}

/* ---- State ------------------------------------------------------------------------------- */

static void
name_field(const struct ipclab_look_host *host, struct ipclab_look *look, const char *field,
           pid_t pid)
{
    const char *name = pid != 0 ? host->process_name(look, pid) : "";

    if (name[0] != '\0')
        host->text(look, field, name);
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    long page = sysconf(_SC_PAGESIZE);
    struct shmid_ds ds;

    (void)fd;
    (void)key2;
    if (segment_stat((int)key, &ds) < 0)
        return;
    if ((ds.shm_perm.__key & ~PRIVATE_MASK) == PRIVATE_KEYS)
        host->volatile_number(look, "key", ds.shm_perm.__key);
    else
        host->number(look, "key", ds.shm_perm.__key);
    host->number(look, "size", (int64_t)ds.shm_segsz);
    host->number(look, "pages", (int64_t)((ds.shm_segsz + (size_t)page - 1) / (size_t)page));
    host->number(look, "nattch", (int64_t)ds.shm_nattch);
    name_field(host, look, "creator", ds.shm_cpid);
    name_field(host, look, "last", ds.shm_lpid);
    if (ds.shm_perm.mode & SHM_DEST)
        host->text(look, "marked", "marked for removal");
}

/* The kernel's table has room for some that are gone: from 0 to the highest in use. */
static void
list_segments(const struct ipclab_look_host *host, struct ipclab_look *look)
{
    struct shm_info used;
    int highest = shmctl(0, SHM_INFO, (struct shmid_ds *)&used);

    for (int i = 0; i <= highest; i++) {
        struct shmid_ds ds;
        int id = shmctl(i, SHM_STAT_ANY, &ds);

        if (id >= 0)
            host->found(look, (uint64_t)id, 0);
    }
}

static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    struct shmid_ds ds;
    char mode[16];

    (void)fd;
    (void)key2;
    if (segment_stat((int)key, &ds) < 0)
        return;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.shm_perm.mode & 0777);
    host->text(look, "mode", mode);
    host->number(look, "owner", ds.shm_perm.uid);
    host->volatile_number(look, "changed", ds.shm_ctime);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant keys[] = {
    {"IPC_PRIVATE", IPC_PRIVATE, "always a new segment, without a key"},
    {0},
};
static const struct ipclab_constant get_flags[] = {
    {"IPC_CREAT", IPC_CREAT, "make the segment if none has the key"},
    {"IPC_EXCL", IPC_EXCL, "with IPC_CREAT: fail if there is one already"},
    {"SHM_HUGETLB", SHM_HUGETLB, "use huge pages"},
    {"SHM_NORESERVE", SHM_NORESERVE, "reserve no swap space"},
    {0},
};
static const struct ipclab_constant at_flags[] = {
    {"SHM_RDONLY", SHM_RDONLY, "for reading only"},
    {"SHM_RND", SHM_RND, "round the address down to a page"},
    {"SHM_REMAP", SHM_REMAP, "replace what is mapped there"},
    {"SHM_EXEC", SHM_EXEC, "allow execution"},
    {0},
};
static const struct ipclab_constant commands[] = {
    {"IPC_STAT", IPC_STAT, "report size, attachments, permissions"},
    {"IPC_SET", IPC_SET, "set the permission bits"},
    {"IPC_RMID", IPC_RMID, "mark for removal"},
    {0},
};

static const struct ipclab_arg shmget_args[] = {
    {.name = "key",
     .type = IPCLAB_INT,
     .summary = "the number that processes agree on",
     .min = INT32_MIN,
     .max = UINT32_MAX,
     .constants = keys},
    {.name = "size", .type = IPCLAB_SIZE, .summary = "bytes, rounded up to whole pages"},
    {.name = "shmflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_HAS_MODE,
     .summary = "IPC_CREAT to make it, and permission bits",
     .constants = get_flags},
    {0},
};
static const struct ipclab_arg shmat_args[] = {
    {.name = "shmid", .type = IPCLAB_OBJECT, .summary = "the segment, as shmget returned it"},
    {.name = "shmaddr",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "where to attach it; NULL: the kernel chooses"},
    {.name = "shmflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "SHM_RDONLY and the like",
     .constants = at_flags},
    {0},
};
static const struct ipclab_arg shmdt_args[] = {
    {.name = "shmaddr",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "the address that shmat returned"},
    {0},
};
static const struct ipclab_arg shmctl_args[] = {
    {.name = "shmid", .type = IPCLAB_OBJECT, .summary = "the segment, as shmget returned it"},
    {.name = "cmd", .type = IPCLAB_INT, .summary = "what to do with it", .constants = commands},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "IPC_SET: the new permission bits"},
    {0},
};
static const struct ipclab_arg ftok_args[] = {
    {.name = "pathname", .type = IPCLAB_PATH, .summary = "a file that exists"},
    {.name = "proj_id", .type = IPCLAB_INT, .summary = "any number or letter; 8 bits of it count"},
    {0},
};
static const struct ipclab_arg strcpy_args[] = {
    {.name = "dest", .type = IPCLAB_POINTER, .summary = "where the text goes"},
    {.name = "src", .type = IPCLAB_STRING, .summary = "the text"},
    {0},
};
static const struct ipclab_arg memcpy_args[] = {
    {.name = "dest", .type = IPCLAB_POINTER, .summary = "where the bytes go"},
    {.name = "src", .type = IPCLAB_BYTES, .summary = "the bytes", .size_arg = 2},
    {.name = "n",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,
     .summary = "how many"},
    {0},
};
static const struct ipclab_arg load_args[] = {
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "where to read"},
    {.name = "n",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many bytes",
     .def = 1,
     .min = 0,
     .max = 1 << 20},
    {0},
};
static const struct ipclab_arg store_args[] = {
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "where to write"},
    {.name = "text", .type = IPCLAB_BYTES, .summary = "the bytes to put there", .size_arg = 2},
    {.name = "n",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,
     .summary = "how many; left out: the text without its NUL"},
    {0},
};

static const struct ipclab_error shmget_errors[] = {
    {"ENOENT", "no segment has key $key"},
    {"EEXIST", "a segment with key $key exists already, and IPC_EXCL asks for a new one"},
    {"EINVAL",
     "$size bytes do not fit: a new segment has 1 to kernel.shmmax bytes, an existing one "
     "at least as many as are asked for"},
    {"EACCES", "the segment with key $key exists, but its permission bits do not allow $shmflg"},
    {"ENOSPC", "all segments (kernel.shmmni) or all their pages (kernel.shmall) are in use"},
    {"ENOMEM", "no memory for $size bytes"},
    {"ENFILE", "the system has as many open files as it allows"},
    {"EPERM", "this user may not use huge pages (SHM_HUGETLB)"},
    {0},
};
static const struct ipclab_error shmat_errors[] = {
    {"EINVAL", "no segment has id $shmid, or $shmaddr is no address that it can be attached at"},
    {"EACCES", "the permission bits of segment $shmid do not allow it; SHM_RDONLY needs only r"},
    {"EIDRM", "segment $shmid was removed"},
    {"ENOMEM", "no room for it in the address space"},
    {0},
};
static const struct ipclab_error shmdt_errors[] = {
    {"EINVAL", "no segment is attached at $shmaddr in this process"},
    {0},
};
static const struct ipclab_error shmctl_errors[] = {
    {"EINVAL", "no segment has id $shmid, or $cmd cannot be done like this"},
    {"EACCES", "the permission bits of segment $shmid do not allow this user to read it"},
    {"EPERM", "only the owner or the creator of segment $shmid may change or remove it"},
    {"EIDRM", "segment $shmid was removed"},
    {"EFAULT", "IPC_SET was not told which permission bits to set"},
    {0},
};
static const struct ipclab_error ftok_errors[] = {
    {"ENOENT", "no file $pathname"},
    {"EACCES", "a folder on the way to $pathname may not be searched"},
    {"ENOTDIR", "something on the way to $pathname is no folder"},
    {0},
};

static const char *const shmget_examples[] = {
    "spawn server client\nserver shmid = shmget(5678, 27, IPC_CREAT|0666)\n"
    "client shmid = shmget(5678, 27, 0666)",
    "spawn a\na shmget(9999, 27, 0666)",
    "spawn a\na shmget(5678, 27, IPC_CREAT|0600)\na shmget(5678, 100, 0600)",
    NULL,
};
static const char *const shmat_examples[] = {
    "spawn a\na shmid = shmget(5678, 27, IPC_CREAT|0666)\na shm = shmat(shmid, NULL, 0)\n"
    "a *shm = 'x'\na print *shm",
    "spawn a\na shmid = shmget(IPC_PRIVATE, 10, 0600)\na p = shmat(shmid)\n"
    "a q = shmat(shmid, NULL, SHM_RDONLY)\na strcpy(p, \"twice\")\na print q",
    NULL,
};
static const char *const shmdt_examples[] = {
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666), NULL, 0)\na shmdt(shm)",
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666), NULL, 0)\na shmdt(shm)\na shmdt(shm)",
    NULL,
};
static const char *const shmctl_examples[] = {
    "spawn a\na shmid = shmget(5678, 27, IPC_CREAT|0666)\na shmctl(shmid, IPC_STAT)\n"
    "a shmctl(shmid, IPC_SET, 0600)\na shmctl(shmid, IPC_RMID)",
    "spawn a\na shmid = shmget(5678, 27, IPC_CREAT|0666)\na shm = shmat(shmid)\n"
    "a shmctl(shmid, IPC_RMID, NULL)\na strcpy(shm, \"still here\")\na shmdt(shm)",
    NULL,
};
static const char *const ftok_examples[] = {
    "spawn a\na key = ftok(\"/\", 'R')\na shmget(key, 27, IPC_CREAT|0666)",
    "spawn a\na ftok(\"no-such-file\", 1)",
    NULL,
};
static const char *const strcpy_examples[] = {
    "spawn a\na char buf[32]\na strcpy(buf, \"hello\")\na print buf",
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\n"
    "a strcpy(shm, \"abcdefghijklmnopqrstuvwxyz\")",
    NULL,
};
static const char *const memcpy_examples[] = {
    "spawn a\na char buf[32]\na memcpy(buf, \"hello\", 3)",
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\na memcpy(shm, \"abc\", 4)\n"
    "a print shm",
    NULL,
};
static const char *const load_examples[] = {
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\na strcpy(shm, \"abc\")\n"
    "a load(shm, 3)",
    "spawn a\na char buf[8]\na strcpy(buf, \"xyz\")\na load(buf)",
    NULL,
};
static const char *const store_examples[] = {
    "spawn server client\nserver shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\n"
    "server strcpy(shm, \"abc\")\nclient shm = shmat(shmget(5678, 27, 0666))\n"
    "client store(shm, \"*\")\nserver print shm",
    "spawn a\na char buf[8]\na store(buf, \"xyz\")\na load(buf, 3)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "shmget",
     .prototype = "int shmget(key_t key, size_t size, int shmflg)",
     .summary = "find or make a segment of shared memory by its key",
     .help = "Returns the id of the segment that has this key. With IPC_CREAT it is made when "
             "there is none, with the permission bits in the flags: IPC_CREAT|0666 is one argument "
             "(forget the bits, and nobody may use it). Without IPC_CREAT a missing segment is "
             "ENOENT, which usually means that the other program has not run yet. The size is "
             "rounded up to whole pages; it is remembered as it was given, and asking for more "
             "later is EINVAL. The segment stays until IPC_RMID, even when no process is left.",
     .man = "shmget(2)",
     .flags = IPCLAB_PIDS,
     .result = IPCLAB_OBJECT,
     .failure = -1,
     .args = shmget_args,
     .errors = shmget_errors,
     .returns = "the id of the segment",
     .examples = shmget_examples,
     .run = run_shmget},
    {.name = "shmat",
     .prototype = "void *shmat(int shmid, const void *shmaddr, int shmflg)",
     .summary = "attach a segment to the address space of the process",
     .help = "After this the segment is memory of the process: what one process writes there, all "
             "that have it attached see at once, at whatever address each has it. The kernel "
             "chooses the address when shmaddr is NULL, and it differs from process to process, so "
             "never store addresses inside the segment. A child of fork() inherits attachments.",
     .man = "shmat(2)",
     .flags = IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = -1,
     .args = shmat_args,
     .errors = shmat_errors,
     .returns = "the address at which the segment now stands in this process",
     .examples = shmat_examples,
     .run = run_shmat},
    {.name = "shmdt",
     .prototype = "int shmdt(const void *shmaddr)",
     .summary = "detach a segment from the address space of the process",
     .help = "The memory at this address is gone from the process: touching it afterwards is "
             "SIGSEGV. The segment itself stays, unless it is marked for removal and this was the "
             "last attachment. The end of a process detaches everything.",
     .man = "shmdt(2)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = shmdt_args,
     .errors = shmdt_errors,
     .returns = "0",
     .examples = shmdt_examples,
     .run = run_shmdt},
    {.name = "shmctl",
     .prototype = "int shmctl(int shmid, int cmd, mode_t mode)",
     .summary = "look at a segment, change its permissions, or remove it",
     .help =
         "IPC_STAT reports size, number of attachments, permission bits, the pid that made it "
         "and the last one that attached or detached it. IPC_SET takes new permission bits "
         "(in C a struct shmid_ds, here just the number). IPC_RMID marks the segment for "
         "removal: its key is free at once, its memory when the last process detaches. "
         "Forgetting IPC_RMID leaves the segment behind; ipcs(1) lists it, ipcrm(1) removes it.",
     .man = "shmctl(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = shmctl_args,
     .errors = shmctl_errors,
     .returns = "0",
     .examples = shmctl_examples,
     .run = run_shmctl},
    {.name = "ftok",
     .prototype = "key_t ftok(const char *pathname, int proj_id)",
     .summary = "make a key from a file name and a number",
     .help = "Two programs that agree on an existing file and a number get the same key without "
             "writing one into both. It is made of 8 bits of the number, 8 of the device and 16 of "
             "the inode: another file may give the same key, and a file that was removed and made "
             "again gives another one.",
     .man = "ftok(3)",
     .flags = IPCLAB_VOLATILE | IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = ftok_args,
     .errors = ftok_errors,
     .returns = "a key made from the file and the number",
     .examples = ftok_examples,
     .run = run_ftok},
    {.name = "strcpy",
     .prototype = "char *strcpy(char *dest, const char *src)",
     .summary = "copy a text with its final NUL",
     .help = "Copies until it has copied a NUL, whatever lies behind dest: it does not know how "
             "much room there is. 26 letters need 27 bytes. Into shared memory it is just as "
             "unprotected against other processes: they see half-copied text if they look then.",
     .man = "strcpy(3)",
     .flags = IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = 0,
     .args = strcpy_args,
     .returns = "dest",
     .examples = strcpy_examples,
     .run = run_strcpy},
    {.name = "memcpy",
     .prototype = "void *memcpy(void *dest, const void *src, size_t n)",
     .summary = "copy n bytes",
     .help = "Copies exactly n bytes, NUL or not. The two places must not overlap.",
     .man = "memcpy(3)",
     .flags = IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = 0,
     .args = memcpy_args,
     .returns = "dest",
     .examples = memcpy_examples,
     .run = run_memcpy},
    {.name = "load",
     .prototype = "int load(const void *addr, size_t n)",
     .summary = "read n bytes of memory and show them",
     .help = "What `c = *p` does in a C program: the process reads its memory at that address. "
             "Returns the first byte and shows all n of them. An address that is not mapped ends "
             "the process with SIGSEGV.",
     .man = "",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = load_args,
     .returns = "the first byte as a number; the trace has all of them",
     .examples = load_examples,
     .run = run_load},
    {.name = "store",
     .prototype = "int store(void *addr, const char *text, size_t n)",
     .summary = "write bytes to memory, without a final NUL",
     .help = "What `*p = '*'` does in a C program, for any number of bytes. Returns how many were "
             "written. An address that is not mapped, or attached with SHM_RDONLY, ends the "
             "process with SIGSEGV.",
     .man = "",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = store_args,
     .returns = "how many bytes were written",
     .examples = store_examples,
     .run = run_store},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "shm",
     .summary = "a segment of memory that several processes can attach",
     .line = "$size B  $nattch attached  $marked",
     .state = state,
     .list = list_segments,
     .detail = detail,
     .maps = "/SYSV"},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* A segment, and a set of semaphores that hands over what is in it. */
static int
bench_make(const struct ipclab_bench_host *host, struct ipclab_bench_run *run, const char *kind,
           size_t size)
{
    int id;

    do {
        uint32_t random;
        int key;

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        key = (int)(PRIVATE_KEYS | (random & PRIVATE_MASK));
        if (host->intend(run, kind, (uint64_t)key, NULL) < 0)
            return -1;
        id = strcmp(kind, "sem") == 0 ? semget(key, IPCLAB_BENCH_WAYS, IPC_CREAT | IPC_EXCL | 0600)
                                      : shmget(key, size, IPC_CREAT | IPC_EXCL | 0600);
    } while (id < 0 && errno == EEXIST);
    return id;
}

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    int id = bench_make(host, run, "shm", run->memory_size), *set = malloc(sizeof *set);

    if (id < 0 || set == NULL)
        return -1;
    run->memory = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL); /* it lasts as long as somebody has it attached */
    if (run->memory == (void *)-1)
        return -1;
    run->state = set;
    *set = bench_make(host, run, "sem", 0);
    return *set < 0 ? -1 : 0;
}

static int
bench_add(const struct ipclab_bench_run *run, enum ipclab_bench_way way, short n)
{
    const int *set = run->state;
    struct sembuf op = {.sem_num = (unsigned short)way, .sem_op = n};

    return semop(*set, &op, 1);
}

static int
bench_give(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    return bench_add(run, way, 1);
}

static int
bench_take(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    return bench_add(run, way, -1);
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const int *set = run->state;

    semctl(*set, 0, IPC_RMID);
    shmdt(run->memory);
}

static const struct ipclab_bench benches[] = {
    {.name = "shm",
     .summary = "System V shared memory, handed over by semop",
     .setup = bench_setup,
     .give = bench_give,
     .take = bench_take,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"shmget(2)",  "shmat(2)",        "shmctl(2)",
                                  "sysvipc(7)", "shm_overview(7)", NULL};

static const char *const fields[] = {"cpid",   "creator", "ctime",  "key",   "last", "lpid",
                                     "marked", "mode",    "nattch", "pages", "size", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "shm",
    .version = "1.0",
    .summary = "System V shared memory: the same memory in several processes",
    .help = "Processes share no memory unless they ask for it. With shmget() they agree on a "
            "segment by a key, with shmat() each puts it into its own address space, and from then "
            "on writing there is ordinary writing and reading is ordinary reading: no system call, "
            "no copy, the fastest way there is.\n"
            "What goes wrong: nothing says when the other side has written, and nothing keeps two "
            "from writing at once; that takes semaphores or a protocol, like the '*' of the "
            "lecture's client. A segment outlives its processes until IPC_RMID.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .benches = benches,
    .fields = fields,
};
