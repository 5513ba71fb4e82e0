/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * System V semaphores: semget(2), semop(2), semtimedop(2), semctl(2). A set has one number or
 * several, and an array of operations is done all at once or not yet. The kernel counts and knows
 * who acted last; who took and has not given back is known from the calls (ipclab_host.hold), and
 * that is what an explanation rests on: no process owns a semaphore, but somebody took it. */
#include "plugin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/random.h>
#include <sys/sem.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    MAX_OPS = 3,         /* of one call: three arguments each */
    MAX_SEMS = 32000,    /* SEMMSL of every Linux there is */
    SHOWN_SEMS = 16,     /* values in the state */
    NAMED_LAST = 8,      /* semaphores of a set whose last process is told */
    COUNTED_SEMS = 256,  /* semaphores whose waiting processes are counted */
    ADDRESS_MIN = 65536, /* what is not below this is an address, not the value of a semaphore */
};

union semun { /* semctl(2): the program has to define it */
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

static unsigned short values[MAX_SEMS];

/* ---- semget ------------------------------------------------------------------------------ */

/* Outside a sealed world nothing may be left behind that could not be found again, so a private
 * set gets a key there after all: a random one of this range. */
#define PRIVATE_KEYS 0x7e000000
#define PRIVATE_MASK 0x00ffffff

/* The data of a set that this user may not read is still no secret (ipcs shows it). */
static int
set_stat(int id, struct semid_ds *ds)
{
    union semun arg = {.buf = ds};
    struct seminfo info;
    int most;

    if (semctl(id, 0, IPC_STAT, arg) == 0)
        return 0;
    if (errno != EACCES)
        return -1;
    most = semctl(0, 0, SEM_INFO, (union semun){.info = &info});
    for (int i = 0; i <= most; i++)
        if (semctl(i, 0, SEM_STAT_ANY, arg) == id)
            return 0;
    errno = EACCES;
    return -1;
}

static void
note_size(const struct ipclab_host *host, struct ipclab_frame *frame, int key, int64_t nsems)
{
    struct semid_ds ds;
    struct seminfo limits;
    int id = key != IPC_PRIVATE ? semget(key, 0, 0) : -1;

    if (id >= 0 && set_stat(id, &ds) == 0)
        host->note(frame, "the set with key %d has %lu semaphores, %lld were asked for", key,
                   ds.sem_nsems, (long long)nsems);
    else if (nsems < 1)
        host->note(frame, "a new set has at least one semaphore");
    else if (semctl(0, 0, IPC_INFO, (union semun){.info = &limits}) >= 0)
        host->note(frame, "kernel.sem allows %d semaphores in a set here", limits.semmsl);
}

static void
note_limits(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct seminfo limits, used;

    if (semctl(0, 0, IPC_INFO, (union semun){.info = &limits}) < 0 ||
        semctl(0, 0, SEM_INFO, (union semun){.info = &used}) < 0)
        return;
    if (used.semusz >= limits.semmni)
        host->note(frame, "kernel.sem allows %d sets (its fourth number), and %d exist",
                   limits.semmni, used.semusz);
    else
        host->note(frame,
                   "kernel.sem allows %d semaphores in all sets (its second number), and %d exist",
                   limits.semmns, used.semaem);
}

static int64_t
make_private(const struct ipclab_host *host, struct ipclab_frame *frame, int nsems, int flags)
{
    for (;;) {
        uint32_t random;
        int key, id;

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        key = (int)(PRIVATE_KEYS | (random & PRIVATE_MASK));
        if (host->intend(frame, "sem", (uint64_t)key, NULL) < 0)
            return -1;
        id = semget(key, nsems, flags | IPC_CREAT | IPC_EXCL);
        if (id < 0 && errno == EEXIST)
            continue;
        if (id >= 0)
            host->note(frame, "in a shared world a private set has a key of its own, so that it "
                              "can be removed in any case");
        return id;
    }
}

/* Gets or makes the set, and knows which: IPC_EXCL says it without a gap in time. */
static int64_t
get_set(key_t key, int nsems, int flags, bool *created)
{
    *created = false;
    if (key != IPC_PRIVATE && (flags & (IPC_CREAT | IPC_EXCL)) != IPC_CREAT) {
        int id = semget(key, nsems, flags);

        *created = id >= 0 && (flags & IPC_CREAT);
        return id;
    }
    for (;;) {
        int id = semget(key, nsems, flags | (key != IPC_PRIVATE ? IPC_EXCL : 0));

        if (id >= 0 || errno != EEXIST) {
            *created = id >= 0;
            return id;
        }
        id = semget(key, nsems, flags & ~IPC_CREAT);
        if (id >= 0 || errno != ENOENT) /* else it was removed in between: make it after all */
            return id;
    }
}

static int64_t
run_semget(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    key_t key = (key_t)args->v[0].i;
    int nsems = (int)args->v[1].i, flags = (int)args->v[2].i, error;
    bool created = true;
    int64_t id;

    if (!host->sealed(frame) && key == IPC_PRIVATE) {
        id = make_private(host, frame, nsems, flags);
    } else {
        if (!host->sealed(frame) && (flags & IPC_CREAT) &&
            host->intend(frame, "sem", (uint64_t)key, NULL) < 0)
            return -1;
        id = get_set(key, nsems, flags, &created);
    }
    error = errno;
    if (id >= 0) {
        host->object(frame, "sem", (uint64_t)id, 0);
        if (created)
            host->created(frame);
    } else if (error == EINVAL) {
        note_size(host, frame, key, nsems);
    } else if (error == ENOSPC) {
        note_limits(host, frame);
    }
    errno = error;
    return id;
}

/* ---- semop, semtimedop ------------------------------------------------------------------- */

/* The operations of a call: num, op and flags from argument 1 on, further threes from `more` on.
 * How many; 0: a three is not complete. */
static int
read_ops(const struct ipclab_args *args, int more, struct sembuf *ops)
{
    int n = 1;

    if ((args->n - more) % 3 != 0)
        return 0;
    ops[0] =
        (struct sembuf){(unsigned short)args->v[1].i, (short)args->v[2].i, (short)args->v[3].i};
    for (int i = more; i < args->n && n < MAX_OPS; i += 3)
        ops[n++] = (struct sembuf){(unsigned short)args->v[i].i, (short)args->v[i + 1].i,
                                   (short)args->v[i + 2].i};
    return n;
}

static void
note_most_ops(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct seminfo limits;

    if (semctl(0, 0, IPC_INFO, (union semun){.info = &limits}) >= 0)
        host->note(frame, "kernel.sem allows %d operations in one call (its third number)",
                   limits.semopm);
}

static int64_t
run_ops(const struct ipclab_host *host, struct ipclab_frame *frame, const struct ipclab_args *args,
        int more, const struct timespec *timeout)
{
    int id = (int)args->v[0].i, n, result, error;
    struct sembuf ops[MAX_OPS];
    struct semid_ds ds;

    n = read_ops(args, more, ops);
    if (n == 0) {
        host->note(frame, "further operations are given as three numbers each: num, op, flags");
        errno = EINVAL;
        return -1;
    }
    if (set_stat(id, &ds) == 0)
        host->object(frame, "sem", (uint64_t)id, 0);
    result = semtimedop(id, ops, (size_t)n, timeout);
    error = errno;
    if (result < 0 && error == E2BIG)
        note_most_ops(host, frame);
    for (int i = 0; i < n && result == 0; i++)
        if (ops[i].sem_op != 0)
            host->hold(frame, ops[i].sem_num, -ops[i].sem_op, (ops[i].sem_flg & SEM_UNDO) != 0);
    errno = error;
    return result;
}

static int64_t
run_semop(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return run_ops(host, frame, args, 4, NULL);
}

static int64_t
run_semtimedop(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int64_t ms = args->v[4].i;
    struct timespec timeout = {ms / 1000, ms % 1000 * 1000000};

    return run_ops(host, frame, args, 5, ms < 0 ? NULL : &timeout);
}

static int
semtimedop_timed(const struct ipclab_args *args)
{
    return args->v[4].i >= 0;
}

/* ---- semctl ------------------------------------------------------------------------------ */

static int64_t
report_set(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct semid_ds ds;
    char mode[16];

    if (semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}) < 0)
        return -1;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.sem_perm.mode & 0777);
    host->fact(frame, "nsems", (int64_t)ds.sem_nsems);
    host->fact_text(frame, "mode", mode);
    host->volatile_fact(frame, "otime", ds.sem_otime);
    host->volatile_fact(frame, "ctime", ds.sem_ctime);
    return 0;
}

static int64_t
change_mode(const struct ipclab_host *host, struct ipclab_frame *frame, int id,
            const struct ipclab_args *args)
{
    struct semid_ds ds;

    if (args->n < 4 || args->v[3].i == 0) { /* as NULL would be in C */
        host->note(frame, "IPC_SET needs the new permission bits: semctl(%d, 0, IPC_SET, 0640)",
                   id);
        errno = EFAULT;
        return -1;
    }
    if (set_stat(id, &ds) < 0)
        return -1;
    ds.sem_perm.mode = (unsigned short)(args->v[3].i & 0777);
    return semctl(id, 0, IPC_SET, (union semun){.buf = &ds});
}

/* "1 0 3" */
static void
list_values(char *out, size_t size, const unsigned short *list, size_t n)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < n && i < SHOWN_SEMS && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%d", i > 0 ? " " : "", list[i]);
    if (n > SHOWN_SEMS && at < size)
        snprintf(out + at, size - at, " ...");
}

/* Copies memory of this process at an address that may not be mapped, to or from it. */
static int
copy_ints(uint64_t address, int *ints, size_t n, bool store)
{
    struct iovec local = {ints, n * sizeof *ints};
    struct iovec remote = {(void *)(uintptr_t)address, n * sizeof *ints};
    ssize_t done = store ? process_vm_writev(getpid(), &local, 1, &remote, 1, 0)
                         : process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    if (done == (ssize_t)local.iov_len)
        return 0;
    errno = EFAULT;
    return -1;
}

static int64_t
get_all(const struct ipclab_host *host, struct ipclab_frame *frame, int id, size_t n,
        const struct ipclab_args *args)
{
    static int ints[MAX_SEMS];
    char text[SHOWN_SEMS * 6 + 8];

    if (semctl(id, 0, GETALL, (union semun){.array = values}) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        ints[i] = values[i];
    if (args->n > 3 && args->v[3].i != 0 && copy_ints((uint64_t)args->v[3].i, ints, n, true) < 0)
        return -1;
    list_values(text, sizeof text, values, n);
    host->fact_text(frame, "values", text);
    return 0;
}

/* From an array of ints, or from as many numbers. */
static int64_t
set_all(const struct ipclab_host *host, struct ipclab_frame *frame, int id, size_t n,
        const struct ipclab_args *args)
{
    static int ints[MAX_SEMS];
    bool array = args->n == 4 && args->v[3].i >= ADDRESS_MIN;

    if (!array && args->n - 3 != (int)n) {
        host->note(frame, "SETALL needs %zu values, one for each semaphore of the set, or an array",
                   n);
        errno = EINVAL;
        return -1;
    }
    if (array && copy_ints((uint64_t)args->v[3].i, ints, n, false) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int64_t value = array ? ints[i] : args->v[3 + i].i;

        if (value < 0 || value > UINT16_MAX) {
            errno = ERANGE;
            return -1;
        }
        values[i] = (unsigned short)value;
    }
    if (semctl(id, 0, SETALL, (union semun){.array = values}) < 0)
        return -1;
    host->hold(frame, -1, 0, 0);
    return 0;
}

static int64_t
set_value(const struct ipclab_host *host, struct ipclab_frame *frame, int id, int num,
          const struct ipclab_args *args)
{
    if (args->n < 4) {
        host->note(frame, "SETVAL needs the value: semctl(%d, %d, SETVAL, 1)", id, num);
        errno = EINVAL;
        return -1;
    }
    if (semctl(id, num, SETVAL, (union semun){.val = (int)args->v[3].i}) < 0)
        return -1;
    host->hold(frame, num, 0, 0);
    return 0;
}

static int64_t
get_pid(const struct ipclab_host *host, struct ipclab_frame *frame, int id, int num)
{
    int pid = semctl(id, num, GETPID);

    if (pid > 0 && !host->sealed(frame))
        host->volatile_fact(frame, "ret", pid);
    return pid;
}

static int64_t
run_semctl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, num = (int)args->v[1].i;
    struct semid_ds ds = {0};

    if (set_stat(id, &ds) == 0)
        host->object(frame, "sem", (uint64_t)id, 0);
    switch (args->v[2].i) {
    case IPC_STAT:
        return report_set(host, frame, id);
    case IPC_SET:
        return change_mode(host, frame, id, args);
    case GETALL:
        return get_all(host, frame, id, ds.sem_nsems, args);
    case SETALL:
        return set_all(host, frame, id, ds.sem_nsems, args);
    case SETVAL:
        return set_value(host, frame, id, num, args);
    case GETPID:
        return get_pid(host, frame, id, num);
    case IPC_RMID:
    case GETVAL:
    case GETNCNT:
    case GETZCNT:
        return semctl(id, num, (int)args->v[2].i);
    default:
        errno = EINVAL;
        return -1;
    }
}

/* ---- State ------------------------------------------------------------------------------- */

static void
last_field(const struct ipclab_look_host *host, struct ipclab_look *look, const char *field, int id,
           int num)
{
    int pid = semctl(id, num, GETPID);
    const char *name = pid > 0 ? host->process_name(look, pid) : "-";

    if (pid >= 0 && name[0] != '\0')
        host->text(look, field, name);
}

static void
values_fields(const struct ipclab_look_host *host, struct ipclab_look *look, int id, size_t n)
{
    char text[SHOWN_SEMS * 6 + 8], name[16];
    int64_t ncnt = 0, zcnt = 0;

    if (n > MAX_SEMS || semctl(id, 0, GETALL, (union semun){.array = values}) < 0) {
        host->text(look, "values", "?"); /* this user may not read it */
        host->text(look, "ncnt", "?");
        host->text(look, "zcnt", "?");
        return;
    }
    list_values(text, sizeof text, values, n);
    if (n == 1)
        host->number(look, "value", values[0]);
    else
        host->text(look, "values", text);
    for (size_t i = 0; i < n && i < COUNTED_SEMS; i++) {
        ncnt += semctl(id, (int)i, GETNCNT);
        zcnt += semctl(id, (int)i, GETZCNT);
    }
    host->number(look, "ncnt", ncnt);
    host->number(look, "zcnt", zcnt);
    for (size_t i = 0; i < n && i < NAMED_LAST; i++) {
        snprintf(name, sizeof name, n == 1 ? "last" : "last%zu", i);
        last_field(host, look, name, id, (int)i);
    }
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    struct semid_ds ds;

    (void)fd;
    (void)key2;
    if (set_stat((int)key, &ds) < 0) {
        host->number(look, "ncnt", 0);
        host->number(look, "zcnt", 0);
        host->text(look, "removed", "removed");
        return;
    }
    if ((ds.sem_perm.__key & ~PRIVATE_MASK) == PRIVATE_KEYS)
        host->volatile_number(look, "key", ds.sem_perm.__key);
    else
        host->number(look, "key", ds.sem_perm.__key);
    host->number(look, "nsems", (int64_t)ds.sem_nsems);
    values_fields(host, look, (int)key, ds.sem_nsems);
}

static void
list_sets(const struct ipclab_look_host *host, struct ipclab_look *look)
{
    struct seminfo info;
    struct semid_ds ds;
    int most = semctl(0, 0, SEM_INFO, (union semun){.info = &info});

    for (int i = 0; i <= most; i++) {
        int id = semctl(i, 0, SEM_STAT_ANY, (union semun){.buf = &ds});

        if (id >= 0)
            host->found(look, (uint64_t)id, 0);
    }
}

static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    struct semid_ds ds;
    char mode[16];

    (void)fd;
    (void)key2;
    if (set_stat((int)key, &ds) < 0)
        return;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.sem_perm.mode & 0777);
    host->text(look, "mode", mode);
    host->number(look, "owner", ds.sem_perm.uid);
    host->volatile_number(look, "changed", ds.sem_ctime);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    int id, key, nops;
    struct sembuf op; /* the operation that cannot be done */
    int value;        /* of its semaphore, after the operations before it; -1: not known */
    char which[40];   /* "the semaphore", "semaphore 2" */
    char set[48];     /* how a line names the set: "semget(5678, 0)"; "" when it cannot */
    char list[400];   /* "b in step 5, c in step 6" */
};

/* Finds the operation that has to wait, as the kernel does: one after the other. */
static void
find_blocker(struct scene *s, const struct sembuf *ops, size_t nsems)
{
    bool known = nsems <= MAX_SEMS && semctl(s->id, 0, GETALL, (union semun){.array = values}) == 0;

    s->op = ops[0];
    s->value = -1;
    for (int i = 0; i < s->nops && known; i++) {
        int value = ops[i].sem_num < nsems ? values[ops[i].sem_num] : 0;

        if (ops[i].sem_op == 0 ? value != 0 : value + ops[i].sem_op < 0) {
            s->op = ops[i];
            s->value = value;
            return;
        }
        if (ops[i].sem_num < nsems)
            values[ops[i].sem_num] = (unsigned short)(value + ops[i].sem_op);
    }
}

static bool
begin(struct scene *s, int more)
{
    struct sembuf ops[MAX_OPS];
    struct semid_ds ds;

    s->id = (int)s->wait->args.v[0].i;
    s->nops = read_ops(&s->wait->args, more, ops);
    if (s->nops == 0 || set_stat(s->id, &ds) < 0)
        return false;
    s->key = ds.sem_perm.__key;
    find_blocker(s, ops, ds.sem_nsems);
    snprintf(s->which, sizeof s->which, ds.sem_nsems == 1 ? "the semaphore" : "semaphore %d",
             s->op.sem_num);
    if (s->key == IPC_PRIVATE)
        snprintf(s->set, sizeof s->set, "%d", s->id);
    else if ((s->key & ~PRIVATE_MASK) != PRIVATE_KEYS)
        snprintf(s->set, sizeof s->set, "semget(%d, 0)", s->key);
    return true;
}

/* Has this entry taken from the semaphore, or given to it without having taken? */
static bool
takes_part(const struct scene *s, const struct ipclab_hold *h, bool gives)
{
    return h->part == s->op.sem_num && (gives ? h->given > 0 : h->amount > 0);
}

/* Who took, or who gave, with steps. How many there are. */
static int
list_those(struct scene *s, bool gives)
{
    size_t n = 0;
    int total = 0;

    s->list[0] = '\0';
    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (!takes_part(s, h, gives))
            continue;
        total++;
        if (n < sizeof s->list - 150)
            n += (size_t)snprintf(
                s->list + n, sizeof s->list - n, "%s%.64s%s in step %lld%s", n > 0 ? ", " : "",
                h->who, h->process == s->wait->self ? " itself" : "",
                (long long)(gives ? h->gave : h->since), h->dead ? " (dead)" : "");
    }
    return total;
}

static void
say_state(struct scene *s)
{
    const char *word = s->op.sem_op < 0 ? "too low" : "not zero";
    char what[160];

    if (s->value < 0)
        snprintf(what, sizeof what, s->op.sem_op < 0 ? "%s is too low" : "%s is not 0", s->which);
    else if (s->op.sem_op == 0)
        snprintf(what, sizeof what, "%s is %d, not 0", s->which, s->value);
    else if (s->op.sem_op == -1)
        snprintf(what, sizeof what, "%s is %d", s->which, s->value);
    else
        snprintf(what, sizeof what, "%s is %d, %d are needed", s->which, s->value, -s->op.sem_op);
    s->host->why(s->look, word);
    if (s->op.sem_op < 0 && list_those(s, false) > 0)
        s->host->waits(s->look, "%s; taken by %s", what, s->list);
    else if (list_those(s, true) > 0)
        s->host->waits(s->look, "%s; raised by %s", what, s->list);
    else
        s->host->waits(s->look, s->op.sem_op < 0 ? "%s; nobody has raised it" : "%s", what);
    s->host->rule(s->look,
                  s->op.sem_op < 0 ? "%s is too low, and semop(2) waits until all that it takes is "
                                     "there"
                                   : "%s is not 0, and an operation of 0 waits until it is",
                  s->which);
}

static const char *
plight(const struct scene *s, const struct ipclab_hold *h, char *room, size_t size)
{
    const struct ipclab_process *p = h->process >= 0 ? &s->wait->processes[h->process] : NULL;

    if (h->dead || p == NULL || p->zombie)
        return ", and is dead: without SEM_UNDO nobody gives that back for it";
    if (h->process == s->wait->self)
        return ", itself: while it waits it cannot give it back";
    if (p->foreign)
        return ", and runs a program of its own";
    if (!p->waits)
        return ", and can go on";
    snprintf(room, size, ", but waits itself, in %.40s", p->call);
    return room;
}

static void
say_those(struct scene *s)
{
    char room[80];

    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (s->op.sem_op < 0 && takes_part(s, h, false)) {
            s->host->holder(s->look, h->who, h->since);
            s->host->say(s->look,
                         "%s took %lld of it (last in step %lld) and has not given it "
                         "back%s",
                         h->who, (long long)h->amount, (long long)h->since,
                         plight(s, h, room, sizeof room));
        }
        if (takes_part(s, h, true))
            s->host->say(s->look, "%s raised it, last in step %lld, without having taken it",
                         h->who, (long long)h->gave);
        if (s->op.sem_op < 0 && h->process >= 0 && !h->dead &&
            (takes_part(s, h, false) || takes_part(s, h, true)))
            s->host->could_end(s->look, h->process);
    }
}

static void
say_waiters(struct scene *s)
{
    char names[300] = "";
    size_t n = 0;

    for (int i = 0; i < s->wait->nwaiters && n < sizeof names - 70; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%.64s", i > 0 ? ", " : "",
                              s->wait->processes[s->wait->waiters[i]].name);
    if (n > 0)
        s->host->say(s->look, "Waiting on the same set, who waits longest first: %s", names);
}

static void
say_rules(struct scene *s)
{
    if (s->nops > 1)
        s->host->say(s->look,
                     "The %d operations of the call are done all at once or not yet: what "
                     "%s lacks holds up the others",
                     s->nops, s->which);
    if (s->op.sem_op < 0)
        s->host->say(s->look, "No process owns a semaphore: whoever may alter the set can raise "
                              "it, and the wait also ends with EIDRM when the set is removed");
    else
        s->host->say(s->look, "It goes on when others have taken what is left, or with EIDRM when "
                              "the set is removed");
}

/* ---- What helps -------------------------------------------------------------------------- */

static bool
can_act(const struct scene *s, int process)
{
    const struct ipclab_process *p = process >= 0 ? &s->wait->processes[process] : NULL;

    return p != NULL && process != s->wait->self && !p->waits && !p->zombie && !p->foreign;
}

/* Who is the likeliest to end it: one that holds, then one that has raised it, then anybody. */
static int
find_helper(const struct scene *s)
{
    for (int gives = 0; gives <= 1; gives++)
        for (int i = 0; i < s->wait->nholds; i++)
            if (takes_part(s, &s->wait->holds[i], gives) && can_act(s, s->wait->holds[i].process))
                return s->wait->holds[i].process;
    for (int i = 0; i < s->wait->nprocesses; i++)
        if (can_act(s, i))
            return i;
    return -1;
}

/* What a helper has to do to the value. */
static int
needed(const struct scene *s)
{
    int value = s->value < 0 ? 0 : s->value;

    return s->op.sem_op < 0 ? -s->op.sem_op - value : -(value > 0 ? value : 1);
}

static void
say_before(struct scene *s)
{
    int said = 0;

    for (int i = 0; i < s->wait->nholds && s->op.sem_op < 0; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (takes_part(s, h, false) && h->process >= 0 && !h->dead && ++said <= 4)
            s->host->before(s->look, "%s semop(%s, %d, %lld)", h->who, s->set, s->op.sem_num,
                            (long long)h->amount);
    }
    if (said == 0)
        s->host->before(s->look, "%s semop(%s, %d, %d)", s->wait->processes[s->wait->self].name,
                        s->set, s->op.sem_num, needed(s));
}

static void
say_next(struct scene *s)
{
    int helper = find_helper(s);

    if (helper >= 0 && s->set[0] != '\0')
        s->host->next(s->look, "%s semop(%s, %d, %d)", s->wait->processes[helper].name, s->set,
                      s->op.sem_num, needed(s));
    else
        s->host->next(s->look, "interrupt %s", s->wait->processes[s->wait->self].name);
    if (helper < 0 && s->set[0] != '\0')
        say_before(s);
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait};

    (void)fd;
    (void)key;
    (void)key2;
    if (!begin(&s, strcmp(wait->call, "semtimedop") == 0 ? 5 : 4))
        return;
    say_state(&s);
    say_those(&s);
    say_waiters(&s);
    say_rules(&s);
    say_next(&s);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant keys[] = {
    {"IPC_PRIVATE", IPC_PRIVATE, "always a new set, without a key"},
    {0},
};
static const struct ipclab_constant get_flags[] = {
    {"IPC_CREAT", IPC_CREAT, "make the set if none has the key"},
    {"IPC_EXCL", IPC_EXCL, "with IPC_CREAT: fail if there is one already"},
    {0},
};
static const struct ipclab_constant op_flags[] = {
    {"IPC_NOWAIT", IPC_NOWAIT, "fail with EAGAIN instead of waiting"},
    {"SEM_UNDO", SEM_UNDO, "the kernel takes it back when this process dies"},
    {0},
};
static const struct ipclab_constant commands[] = {
    {"SETVAL", SETVAL, "set one semaphore to a value"},
    {"GETVAL", GETVAL, "the value of one semaphore"},
    {"SETALL", SETALL, "set all semaphores: a value each, or an array of ints"},
    {"GETALL", GETALL, "the values of all, also into an array of ints"},
    {"GETPID", GETPID, "who did the last operation on it"},
    {"GETNCNT", GETNCNT, "how many wait for it to rise"},
    {"GETZCNT", GETZCNT, "how many wait for it to become 0"},
    {"IPC_STAT", IPC_STAT, "report number, permissions, times"},
    {"IPC_SET", IPC_SET, "set the permission bits"},
    {"IPC_RMID", IPC_RMID, "remove the set; who waits gets EIDRM"},
    {0},
};

#define SEMID                                                                                      \
    {                                                                                              \
        .name = "semid", .type = IPCLAB_OBJECT, .summary = "the set, as semget returned it"        \
    }
#define OP_ARGS                                                                                    \
    SEMID,                                                                                         \
        {.name = "sem_num",                                                                        \
         .type = IPCLAB_INT,                                                                       \
         .summary = "which semaphore of the set, from 0",                                          \
         .min = 0,                                                                                 \
         .max = UINT16_MAX},                                                                       \
    {                                                                                              \
        .name = "sem_op", .type = IPCLAB_INT,                                                      \
        .summary = "above 0: add; below: take, waiting until it is there; 0: wait until it is 0",  \
        .min = INT16_MIN, .max = INT16_MAX                                                         \
    }

static const struct ipclab_arg semget_args[] = {
    {.name = "key",
     .type = IPCLAB_INT,
     .summary = "the number that processes agree on",
     .min = INT32_MIN,
     .max = UINT32_MAX,
     .constants = keys},
    {.name = "nsems",
     .type = IPCLAB_INT,
     .summary = "how many semaphores; 0: as many as an existing set has",
     .min = INT32_MIN,
     .max = INT32_MAX},
    {.name = "semflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_HAS_MODE,
     .summary = "IPC_CREAT to make it, and permission bits",
     .constants = get_flags},
    {0},
};
static const struct ipclab_arg semop_args[] = {
    OP_ARGS,
    {.name = "sem_flg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "IPC_NOWAIT, SEM_UNDO",
     .constants = op_flags},
    {.name = "more",
     .type = IPCLAB_INT,
     .flags = IPCLAB_REST,
     .summary = "num, op, flags of further operations, at most three in all",
     .constants = op_flags},
    {0},
};
static const struct ipclab_arg semtimedop_args[] = {
    OP_ARGS,
    {.name = "sem_flg",
     .type = IPCLAB_FLAGS,
     .summary = "IPC_NOWAIT, SEM_UNDO, or 0",
     .constants = op_flags},
    {.name = "ms",
     .type = IPCLAB_INT,
     .summary = "how long at most; -1: as long as it takes",
     .min = -1,
     .max = INT32_MAX},
    {.name = "more",
     .type = IPCLAB_INT,
     .flags = IPCLAB_REST,
     .summary = "num, op, flags of further operations, at most three in all",
     .constants = op_flags},
    {0},
};
static const struct ipclab_arg semctl_args[] = {
    SEMID,
    {.name = "semnum",
     .type = IPCLAB_INT,
     .summary = "which semaphore, from 0; any number where all are meant",
     .min = INT32_MIN,
     .max = INT32_MAX},
    {.name = "cmd", .type = IPCLAB_INT, .summary = "what to do", .constants = commands},
    {.name = "arg",
     .type = IPCLAB_ANY,
     .flags = IPCLAB_REST,
     .summary = "SETVAL: the value; SETALL: a value each, or an array of ints; GETALL: an array of "
                "ints to fill, or nothing; IPC_SET: permission bits"},
    {0},
};

static const struct ipclab_error semget_errors[] = {
    {"ENOENT", "no set has key $key"},
    {"EEXIST", "a set with key $key exists already, and IPC_EXCL asks for a new one"},
    {"EINVAL", "$nsems semaphores do not fit: a new set has 1 to as many as kernel.sem allows, an "
               "existing one at least as many as are asked for"},
    {"EACCES", "the set with key $key exists, but its permission bits do not allow $semflg"},
    {"ENOSPC", "the system has as many sets, or semaphores in all sets, as kernel.sem allows"},
    {"ENOMEM", "no memory for $nsems semaphores"},
    {0},
};

#define OP_ERRORS                                                                                  \
    {"EINVAL", "no set has id $semid, or a further operation is not complete"},                    \
        {"EIDRM", "the set was removed while it waited"},                                          \
        {"EFBIG", "the set has no semaphore $sem_num; they are counted from 0"},                   \
        {"ERANGE", "the value would be above 32767 (SEMVMX)"},                                     \
        {"EACCES", "the permission bits of set $semid do not allow this user to alter it, or to "  \
                   "read it where the call only waits for 0"},                                     \
        {"EINTR",                                                                                  \
         "a signal with a handler came while it waited, or it was stopped and continued; "         \
         "semop is never restarted"},                                                              \
        {"E2BIG", "more operations than kernel.sem allows in one call (its third number)"},        \
    {                                                                                              \
        "ENOMEM", "no memory to remember what SEM_UNDO has to take back"                           \
    }

static const struct ipclab_error semop_errors[] = {
    {"EAGAIN", "it would have to wait, and IPC_NOWAIT forbids it"},
    OP_ERRORS,
    {0},
};
static const struct ipclab_error semtimedop_errors[] = {
    {"EAGAIN", "it could not be done within $ms ms, or IPC_NOWAIT forbids waiting"},
    OP_ERRORS,
    {0},
};
static const struct ipclab_error semctl_errors[] = {
    {"EINVAL", "no set has id $semid, it has no semaphore $semnum, or $cmd needs other arguments"},
    {"EIDRM", "the set was removed at the same moment"},
    {"EACCES", "the permission bits of set $semid do not allow this user $cmd"},
    {"EPERM", "only the owner or the creator of set $semid may change or remove it"},
    {"ERANGE", "a semaphore has a value from 0 to 32767 (SEMVMX)"},
    {"EFAULT", "the address is no array of as many ints, or IPC_SET was not told the bits"},
    {0},
};

#define NEW_SEM "spawn a b\na id = semget(5678, 1, IPC_CREAT|0666)\n"

static const char *const semget_examples[] = {
    "spawn a b\na id = semget(5678, 1, IPC_CREAT|0666)\na semctl(id, 0, SETVAL, 1)\n"
    "b id = semget(5678, 1)",
    "spawn a\na semget(9999, 1)",
    "spawn a\na semget(5678, 2, IPC_CREAT|0600)\na semget(5678, 3, 0600)",
    NULL,
};
static const char *const semop_examples[] = {
    NEW_SEM "a semctl(id, 0, SETVAL, 1)\na semop(id, 0, -1)\nb semop(semget(5678, 1), 0, -1)\n"
            "a semop(id, 0, 1)",
    NEW_SEM "a semop(id, 0, -1, IPC_NOWAIT)",
    NEW_SEM "a semop(id, 0, 1)\nb semop(semget(5678, 1), 0, 0)\na semop(id, 0, -1)",
    "spawn a\na id = semget(IPC_PRIVATE, 2, 0600)\na semop(id, 0, 1, 0, 1, 2, 0)\n"
    "a semop(id, 0, -1, IPC_NOWAIT, 1, -1, IPC_NOWAIT)",
    NULL,
};
static const char *const semtimedop_examples[] = {
    NEW_SEM "a semtimedop(id, 0, -1, 0, 20)",
    NEW_SEM "a semop(id, 0, 1)\na semtimedop(id, 0, -1, SEM_UNDO, 1000)",
    NULL,
};
static const char *const semctl_examples[] = {
    NEW_SEM "a semctl(id, 0, SETVAL, 3)\na semctl(id, 0, GETVAL)\na semctl(id, 0, GETPID)",
    "spawn a\na id = semget(IPC_PRIVATE, 3, 0600)\na semctl(id, 0, SETALL, 1, 0, 5)\n"
    "a int v[3]\na semctl(id, 0, GETALL, v)\na print v",
    NEW_SEM "b semop(semget(5678, 1), 0, -1)\na semctl(id, 0, GETNCNT)\na semctl(id, 0, IPC_RMID)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "semget",
     .prototype = "int semget(key_t key, int nsems, int semflg)",
     .summary = "find or make a set of semaphores by its key",
     .help = "Returns the id of the set that has this key. With IPC_CREAT it is made when there is "
             "none, with the permission bits in the flags. A new set has the values 0 (POSIX does "
             "not promise even that): set them with semctl before anybody else uses them. Two "
             "programs that both make and initialise it race: who comes second may find a set that "
             "is not initialised yet. The set stays until IPC_RMID, even when no process is left.",
     .returns = "the id of the set",
     .man = "semget(2)",
     .flags = IPCLAB_PIDS,
     .result = IPCLAB_OBJECT,
     .failure = -1,
     .args = semget_args,
     .errors = semget_errors,
     .examples = semget_examples,
     .run = run_semget},
    {.name = "semop",
     .prototype = "int semop(int semid, struct sembuf *sops, size_t nsops)",
     .summary = "take from semaphores (P, wait), add to them (V, signal), or wait for 0",
     .help = "Given as semop(semid, num, op, flags), and for several as further threes: "
             "semop(id, 0, -1, 0, 1, -1, 0) takes two semaphores at once. -1 takes one and waits "
             "while there is none; 1 gives one and never waits; 0 waits until the value is 0. "
             "Several operations are done together or not yet, which is how to take two "
             "semaphores without a deadlock. With IPC_NOWAIT the call fails with EAGAIN instead of "
             "waiting. With SEM_UNDO the kernel gives back what the process took when it dies; "
             "without it a semaphore stays taken for ever.",
     .returns = "0",
     .waits = "a semaphore is lower than what is taken, or not 0 where 0 is waited for; whoever "
              "changes it so that all operations can be done ends it",
     .man = "semop(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = semop_args,
     .errors = semop_errors,
     .examples = semop_examples,
     .run = run_semop},
    {.name = "semtimedop",
     .prototype = "int semtimedop(int semid, struct sembuf *sops, size_t nsops, "
                  "const struct timespec *timeout)",
     .summary = "as semop, but waits at most so long",
     .help = "Given as semtimedop(semid, num, op, flags, ms), and for several with further threes "
             "of num, op, flags behind. When the time is over it fails with EAGAIN, and nothing "
             "was done. In C the time is a struct timespec, and relative.",
     .returns = "0",
     .waits = "as semop does, until the time is over",
     .man = "semop(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = semtimedop_args,
     .errors = semtimedop_errors,
     .examples = semtimedop_examples,
     .run = run_semtimedop,
     .timed = semtimedop_timed},
    {.name = "semctl",
     .prototype = "int semctl(int semid, int semnum, int cmd, ...)",
     .summary = "set or look at semaphores, or remove the set",
     .help =
         "SETVAL and SETALL set values, and forget what SEM_UNDO would have taken back. GETVAL, "
         "GETALL, GETPID (who acted last), GETNCNT (how many wait for it to rise) and GETZCNT "
         "(for 0) look; what they say may be over by the time it is printed. IPC_RMID removes "
         "the set at once: everybody who waits on it gets EIDRM. Forgetting it leaves the set "
         "behind; ipcs(1) lists it, ipcrm(1) removes it. In C the fourth argument is a union "
         "semun that the program has to define itself.",
     .returns = "what was asked for, else 0",
     .man = "semctl(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = semctl_args,
     .errors = semctl_errors,
     .examples = semctl_examples,
     .run = run_semctl},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "sem",
     .summary = "numbers in the kernel that processes take from and wait for",
     .line = "$value$values  n:$ncnt z:$zcnt  $last$removed",
     .state = state,
     .explain = explain,
     .list = list_sets,
     .detail = detail},
    {0},
};

static const char *const man[] = {"semget(2)", "semop(2)", "semctl(2)", "sysvipc(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "semop takes, and the semaphore is 0",
     .before = "spawn a b\n"
               "a id = semget(5678, 1, IPC_CREAT|0666)\n"
               "b id = semget(5678, 1, 0)",
     .waits = {.lines = "a semop(id, 0, -1)", .returns = "0"},
     .ends = "b semop(id, 0, 1)",
     .at_once = {.lines = "a semop(id, 0, -1, IPC_NOWAIT)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a semtimedop(id, 0, -1, 0, 100)", .returns = "-1 EAGAIN"}},
    {.when = "semop waits for 0, and the semaphore is not 0",
     .before = "spawn a b\n"
               "a id = semget(5678, 1, IPC_CREAT|0666)\n"
               "b id = semget(5678, 1, 0)\n"
               "b semop(id, 0, 1)",
     .waits = {.lines = "a semop(id, 0, 0)", .returns = "0"},
     .ends = "b semop(id, 0, -1)",
     .at_once = {.lines = "a semop(id, 0, 0, IPC_NOWAIT)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a semtimedop(id, 0, 0, 0, 100)", .returns = "-1 EAGAIN"}},
    {0},
};

static const char *const fields[] = {"ctime", "key",     "last",  "mode",   "ncnt", "nsems",
                                     "otime", "removed", "value", "values", "zcnt", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "sem",
    .version = "1.0",
    .summary = "System V semaphores: who may go on, and who waits",
    .help =
        "A semaphore is a number that cannot go below 0. To take (P, wait, -1) waits while it is "
        "0; to give (V, signal, +1) never waits and lets somebody go on. Started at 1 it keeps all "
        "but one process out of a critical section: this is how one program is kept from "
        "overwriting the other's data in shared memory. Started at 0 it lets one process wait "
        "until another has done something. Started at n it counts places.\n"
        "After each step the state shows the value (of a set all values), n: how many wait for it "
        "to rise, z: how many wait for 0, and who did the last operation on it.\n"
        "What goes wrong: a process takes and dies, or forgets to give: the others wait for ever "
        "(SEM_UNDO helps against the first). Two processes take two semaphores in different "
        "order: each has what the other wants (take them in one call, or always in the same "
        "order). The consumer takes the mutex first and then waits for something to consume, while "
        "the producer needs the mutex to produce it. Nobody set the value to 1 at the beginning. "
        "The set is removed while others wait: EIDRM.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .fields = fields,
};
