/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * POSIX semaphores, with a name (sem_open(3)) and in memory that processes share (sem_init(3)). A
 * semaphore is a few bytes of memory, and the kernel is asked only to sleep and to wake: so it is
 * known by the place of that memory, and its state is read from there. The bytes are those of the
 * GNU C library on 64-bit machines: the value, and how many wait. */
#include "plugin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/* What is in a sem_t. */
struct inside {
    uint32_t value, waiting;
    int32_t shared; /* 0: only processes with the same memory map, which is this one, are woken */
    int32_t pad;
};

/* ---- Calls ------------------------------------------------------------------------------- */

/* Names the semaphore. False, and errno: there cannot be one. An address where no memory is gets
 * its SIGSEGV from the call itself, as in C. */
static bool
name_it(const struct ipclab_host *host, struct ipclab_frame *frame, const void *sem)
{
    if ((uintptr_t)sem % _Alignof(sem_t) != 0) {
        host->note(frame, "a sem_t begins at a multiple of %zu", _Alignof(sem_t));
        errno = EINVAL;
        return false;
    }
    host->object_at(frame, "psem", sem);
    return true;
}

/* A unit was taken (1) or given (-1). */
static int64_t
passed(const struct ipclab_host *host, struct ipclab_frame *frame, int taken)
{
    host->flow(frame, -taken);
    host->hold(frame, 0, taken, 0);
    return 0;
}

static int64_t
run_sem_wait(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sem_t *sem = args->v[0].p;

    if (!name_it(host, frame, sem) || sem_wait(sem) < 0)
        return -1;
    return passed(host, frame, 1);
}

static int64_t
run_sem_trywait(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    sem_t *sem = args->v[0].p;

    if (!name_it(host, frame, sem) || sem_trywait(sem) < 0)
        return -1;
    return passed(host, frame, 1);
}

static int64_t
run_sem_timedwait(const struct ipclab_host *host, struct ipclab_frame *frame,
                  struct ipclab_args *args)
{
    int64_t ms = args->v[1].i;
    sem_t *sem = args->v[0].p;
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += ms / 1000;
    end.tv_nsec += ms % 1000 * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    if (!name_it(host, frame, sem) || sem_timedwait(sem, &end) < 0)
        return -1;
    return passed(host, frame, 1);
}

static int
always_timed(const struct ipclab_args *args)
{
    (void)args;
    return 1;
}

static int64_t
run_sem_post(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sem_t *sem = args->v[0].p;

    if (!name_it(host, frame, sem) || sem_post(sem) < 0)
        return -1;
    return passed(host, frame, -1);
}

static int64_t
run_sem_getvalue(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    int *value = args->v[1].p;

    if (!name_it(host, frame, args->v[0].p) || sem_getvalue(args->v[0].p, value) < 0)
        return -1;
    host->stored(frame, 1, value, sizeof *value);
    return 0;
}

static int64_t
run_sem_init(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sem_t *sem = args->v[0].p;
    int shared;

    if ((uintptr_t)sem % _Alignof(sem_t) != 0)
        return name_it(host, frame, sem) ? 0 : -1;
    if (sem_init(sem, (int)args->v[1].i, (unsigned)args->v[2].i) < 0)
        return -1;
    shared = host->object_at(frame, "psem", sem);
    if (shared >= 0)
        host->created(frame);
    if (shared == 1 && args->v[1].i == 0)
        host->note(frame, "pshared is 0: this memory is shared, but a post by another process will "
                          "wake nobody here");
    if (shared == 0 && args->v[1].i != 0)
        host->note(frame, "this memory is not shared: after a fork each process has a semaphore of "
                          "its own");
    return 0;
}

static int64_t
run_sem_destroy(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    const struct inside *in = args->v[0].p;

    if (!name_it(host, frame, in))
        return -1;
    if (in->waiting > 0)
        host->note(frame, "%u still wait on it: what becomes of them nobody promises", in->waiting);
    return sem_destroy(args->v[0].p);
}

/* ---- Named ones -------------------------------------------------------------------------- */

/* Opens or makes it, and knows which: O_EXCL says it without a gap in time. */
static sem_t *
open_it(const char *name, int flags, mode_t mode, unsigned value, bool *created)
{
    *created = false;
    while ((flags & O_CREAT) != 0) {
        sem_t *sem = sem_open(name, flags | O_EXCL, mode, value);

        *created = sem != SEM_FAILED;
        if (sem != SEM_FAILED || errno != EEXIST || (flags & O_EXCL) != 0)
            return sem;
        sem = sem_open(name, 0);
        if (sem != SEM_FAILED || errno != ENOENT) /* else its name was taken away in between */
            return sem;
    }
    return sem_open(name, flags);
}

/* The C library keeps them as files, and without their folder nothing can be made. */
static void
note_home(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    int error = errno;
    struct statvfs fs;

    if (error == ENOENT && access("/dev/shm", F_OK) < 0)
        host->note(frame, "this machine has no /dev/shm, and so no semaphores with a name");
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
run_sem_open(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *name = args->v[0].s;
    int flags = (int)args->v[1].i;
    bool created;
    sem_t *sem;

    if (!host->sealed(frame) && (flags & O_CREAT) != 0 &&
        host->intend(frame, "posix_sem", 0, name) < 0)
        return 0;
    sem = open_it(name, flags, (mode_t)args->v[2].i, (unsigned)args->v[3].i, &created);
    if (sem == SEM_FAILED) {
        note_home(host, frame);
        return 0;
    }
    host->object_at(frame, "psem", sem);
    if (created)
        host->created(frame);
    return (int64_t)(intptr_t)sem;
}

static int64_t
run_sem_close(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    host->object_at(frame, "psem", args->v[0].p);
    return sem_close(args->v[0].p);
}

static int64_t
run_sem_unlink(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sem_t *sem = sem_open(args->v[0].s, 0);
    int result, error;

    if (sem != SEM_FAILED)
        host->object_at(frame, "psem", sem);
    result = sem_unlink(args->v[0].s);
    error = errno;
    if (sem != SEM_FAILED)
        sem_close(sem);
    errno = error;
    return result;
}

/* ---- State ------------------------------------------------------------------------------- */

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    struct inside in;

    (void)fd;
    if (host->memory(look, key, key2, &in, sizeof in) < 0)
        return;
    host->number(look, "value", in.value);
    host->number(look, "waiting", in.waiting);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    uint64_t key, key2;
    struct inside in;
    bool own;       /* in memory of the waiting process alone */
    bool left;      /* ... which is shared, but nobody else has it or can come to it */
    bool deaf;      /* in shared memory, but made for one process */
    char name[300]; /* "/lock"; "" when it has none */
};

/* The file that is mapped where the waiting process has the semaphore. */
static bool
find_file(const struct scene *s, dev_t *dev, ino_t *ino)
{
    const struct ipclab_process *self = &s->wait->processes[s->wait->self];
    uint64_t address = (uint64_t)s->wait->args.v[0].i;
    unsigned long long from, to, inode;
    unsigned major_number, minor_number;
    char line[600], path[64];
    bool found = false;
    FILE *f;

    /* The observer is not in the numbering of a world whose /proc it sees. */
    snprintf(path, sizeof path, "/proc/%d/maps",
             access("/proc/self", F_OK) == 0 ? self->pid : self->world_pid);
    f = fopen(path, "re");
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = sscanf(line, "%llx-%llx %*s %*s %x:%x %llu", &from, &to, &major_number,
                       &minor_number, &inode) == 5 &&
                address >= from && address < to;
    if (f != NULL)
        fclose(f);
    *dev = found ? makedev(major_number, minor_number) : 0;
    *ino = found ? inode : 0;
    return found;
}

/* The name under which the semaphore can be opened. What is mapped was made under another one and
 * linked, so the names that there are have to be looked through. */
static void
find_name(struct scene *s)
{
    const struct dirent *entry;
    struct stat st;
    dev_t dev;
    ino_t ino;
    bool known = find_file(s, &dev, &ino);
    DIR *dir = known ? opendir("/dev/shm") : NULL;

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL)
        if (strncmp(entry->d_name, "sem.", 4) == 0 &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == ino &&
            st.st_dev == dev && strpbrk(entry->d_name, "\"\\\n") == NULL) {
            snprintf(s->name, sizeof s->name, "/%s", entry->d_name + 4);
            break;
        }
    closedir(dir);
}

/* Is this what an entry says: taken and not given back, or given without having taken? */
static bool
takes_part(const struct ipclab_hold *h, bool gives)
{
    return gives ? h->given > 0 : h->amount > 0;
}

/* "b in step 5, c in step 6" */
static int
list_those(const struct scene *s, bool gives, char *list, size_t size)
{
    size_t n = 0;
    int total = 0;

    list[0] = '\0';
    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (!takes_part(h, gives))
            continue;
        total++;
        if (n < size - 150)
            n +=
                (size_t)snprintf(list + n, size - n, "%s%.64s%s in step %lld%s", n > 0 ? ", " : "",
                                 h->who, h->process == s->wait->self ? " itself" : "",
                                 (long long)(gives ? h->gave : h->since), h->dead ? " (dead)" : "");
    }
    return total;
}

static void
say_state(const struct scene *s)
{
    char list[400];

    if (s->in.value > 0) {
        s->host->why(s->look, "not woken");
        s->host->waits(s->look, "the semaphore is %u, but the post woke nobody: pshared is 0",
                       s->in.value);
        s->host->rule(s->look, "the semaphore was initialised with pshared 0, so a post by another "
                               "process raises it and wakes nobody");
        return;
    }
    s->host->why(s->look, "zero");
    if (list_those(s, false, list, sizeof list) > 0)
        s->host->waits(s->look, "the semaphore is 0; taken by %s", list);
    else if (list_those(s, true, list, sizeof list) > 0)
        s->host->waits(s->look, "the semaphore is 0; posted by %s", list);
    else
        s->host->waits(s->look, "the semaphore is 0; nobody has posted it");
    s->host->rule(
        s->look, s->own    ? "the semaphore is 0 and lies in memory that no other process has, so "
                             "nobody can post it"
                 : s->deaf ? "the semaphore is 0, and a post by another process would wake nobody: "
                             "pshared is 0"
                           : "the semaphore is 0, and sem_wait(3) waits until somebody posts it");
}

static const char *
plight(const struct scene *s, const struct ipclab_hold *h, char *room, size_t size)
{
    const struct ipclab_process *p = h->process >= 0 ? &s->wait->processes[h->process] : NULL;

    if (h->dead || p == NULL || p->zombie)
        return ", and is dead: nobody posts for it, there is no SEM_UNDO here";
    if (h->process == s->wait->self)
        return ", itself: while it waits it cannot post";
    if (p->foreign)
        return ", and runs a program of its own";
    if (!p->waits)
        return ", and can go on";
    snprintf(room, size, ", but waits itself, in %.40s", p->call);
    return room;
}

static void
say_those(const struct scene *s)
{
    char room[80];

    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (takes_part(h, false)) {
            s->host->holder(s->look, h->who, h->since);
            s->host->say(s->look, "%s took it (last in step %lld) and has not posted it since%s",
                         h->who, (long long)h->since, plight(s, h, room, sizeof room));
        }
        if (takes_part(h, true))
            s->host->say(s->look, "%s posted it, last in step %lld, without having taken it",
                         h->who, (long long)h->gave);
        if (h->process >= 0 && !h->dead && !s->own && !s->deaf &&
            (takes_part(h, false) || takes_part(h, true)))
            s->host->could_end(s->look, h->process);
    }
}

static void
say_waiters(const struct scene *s)
{
    char names[300] = "";
    size_t n = 0;

    for (int i = 0; i < s->wait->nwaiters && n < sizeof names - 70; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%.64s", i > 0 ? ", " : "",
                              s->wait->processes[s->wait->waiters[i]].name);
    if (n > 0)
        s->host->say(s->look, "Waiting on it too, who waits longest first: %s", names);
}

static void
say_rules(const struct scene *s)
{
    if (s->left)
        s->host->say(s->look,
                     "The memory of the semaphore is shared, but only this process has it "
                     "(any more), and it has no name by which another could get it: nobody "
                     "can post");
    else if (s->own)
        s->host->say(s->look, "The semaphore lies in memory of this process alone: nobody else "
                              "can post it. It belongs into shared memory (mmap with MAP_SHARED, "
                              "shmat), initialised with pshared 1");
    else if (s->deaf)
        s->host->say(s->look, "It lies in shared memory, but was initialised for one process: "
                              "sem_init(sem, 1, value) makes one for several");
    else
        s->host->say(s->look, "No process owns a semaphore: whoever has it open, or its memory, "
                              "can post it. sem_trywait fails with EAGAIN instead of waiting, "
                              "sem_timedwait gives up in time");
}

/* ---- What helps -------------------------------------------------------------------------- */

static bool
can_act(const struct scene *s, int process)
{
    const struct ipclab_process *p = process >= 0 ? &s->wait->processes[process] : NULL;

    return p != NULL && process != s->wait->self && !p->waits && !p->zombie && !p->foreign;
}

/* A line in which this process posts; with a name anybody can. False: it could not. */
static bool
say_post(const struct scene *s, int process)
{
    const char *who = s->wait->processes[process].name;

    if (!can_act(s, process))
        return false;
    if (s->name[0] != '\0')
        s->host->next(s->look, "%s sem_post(sem_open(\"%s\", 0))", who, s->name);
    else if (s->host->shares(s->look, process, s->key, s->key2))
        s->host->next(s->look, "%s sem_post($0)", who);
    else
        return false;
    if (s->name[0] == '\0') {
        s->host->say(s->look, "%s has its memory, too, can go on and could post it", who);
        s->host->could_end(s->look, process);
    }
    return true;
}

/* Who took it is the likeliest to post, then who has posted, then anybody. */
static void
say_next(const struct scene *s)
{
    bool said = false, able = !s->own && !s->deaf;

    for (int gives = 0; gives <= 1 && able; gives++)
        for (int i = 0; i < s->wait->nholds; i++)
            if (takes_part(&s->wait->holds[i], gives) && s->wait->holds[i].process >= 0 &&
                !(said && s->name[0] != '\0'))
                said |= say_post(s, s->wait->holds[i].process);
    for (int i = 0; i < s->wait->nprocesses && able && !(said && s->name[0] != '\0'); i++)
        said |= say_post(s, i);
    if (!said)
        s->host->next(s->look, "interrupt %s", s->wait->processes[s->wait->self].name);
}

static bool
anybody_can_act(const struct scene *s)
{
    for (int i = 0; i < s->wait->nprocesses; i++)
        if (can_act(s, i) || s->wait->processes[i].foreign)
            return true;
    return false;
}

/* Who took it should have posted before; nobody did: then one more post was needed. */
static void
say_before(const struct scene *s)
{
    int said = 0;

    if (s->deaf) {
        s->host->before(s->look, "%s sem_init($0, 1, 1)", s->wait->processes[s->wait->self].name);
        return;
    }
    for (int i = 0; i < s->wait->nholds && said < 4; i++)
        if (takes_part(&s->wait->holds[i], false) && s->wait->holds[i].process >= 0 &&
            !s->wait->holds[i].dead) {
            s->host->before(s->look, "%s sem_post($0)", s->wait->holds[i].who);
            said++;
        }
    if (said == 0)
        s->host->before(s->look, "%s sem_post($0)", s->wait->processes[s->wait->self].name);
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait, .key = key, .key2 = key2};
    int shared = host->memory(look, key, key2, &s.in, sizeof s.in);

    (void)fd;
    if (shared < 0)
        return;
    s.left = host->left_alone(look, key, key2) == 1;
    s.own = shared == 0 || s.left;
    s.deaf = shared == 1 && s.in.shared == 0;
    find_name(&s);
    say_state(&s);
    say_those(&s);
    say_waiters(&s);
    say_rules(&s);
    say_next(&s);
    if (s.own || s.deaf || !anybody_can_act(&s))
        say_before(&s);
    if ((s.own || s.deaf) && !wait->processes[wait->self].foreign)
        host->never(look);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant open_flags[] = {
    {"O_CREAT", O_CREAT, "make it when there is none"},
    {"O_EXCL", O_EXCL, "with O_CREAT: fail when there is one"},
    {0},
};

#define SEM                                                                                        \
    {                                                                                              \
        .name = "sem", .type = IPCLAB_POINTER, .summary = "as sem_open returned it, or its memory" \
    }
#define VALUE                                                                                      \
    .name = "value", .type = IPCLAB_INT, .summary = "the value that a new one begins with",        \
    .min = 0, .max = UINT32_MAX
#define NAME                                                                                       \
    {                                                                                              \
        .name = "name", .type = IPCLAB_STRING, .summary = "its name: a slash, then no other"       \
    }

static const struct ipclab_arg sem_args[] = {SEM, {0}};
static const struct ipclab_arg timed_args[] = {
    SEM,
    {.name = "ms", .type = IPCLAB_INT, .summary = "how long at most", .min = 0, .max = INT32_MAX},
    {0},
};
static const struct ipclab_arg value_args[] = {
    SEM,
    {.name = "sval", .type = IPCLAB_INTS, .summary = "gets the value", .count = 1},
    {0},
};
static const struct ipclab_arg init_args[] = {
    {.name = "sem", .type = IPCLAB_POINTER, .summary = "32 bytes of memory for it"},
    {.name = "pshared",
     .type = IPCLAB_INT,
     .summary = "0: for one process; else for all that have the memory",
     .min = INT32_MIN,
     .max = INT32_MAX},
    {VALUE},
    {0},
};
static const struct ipclab_arg open_args[] = {
    NAME,
    {.name = "oflag",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "O_CREAT, O_EXCL, or 0",
     .constants = open_flags},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "permission bits of a new one, less those of the umask",
     .def = 0600},
    {VALUE, .flags = IPCLAB_OPTIONAL},
    {0},
};
static const struct ipclab_arg name_args[] = {NAME, {0}};

#define ALIGNED                                                                                    \
    {                                                                                              \
        "EINVAL", "$sem is no address of a semaphore: one begins at a multiple of 8"               \
    }

static const struct ipclab_error wait_errors[] = {
    {"EINTR", "a signal with a handler came while it waited"},
    ALIGNED,
    {0},
};
static const struct ipclab_error trywait_errors[] = {
    {"EAGAIN", "the semaphore is 0; sem_wait would wait"},
    ALIGNED,
    {0},
};
static const struct ipclab_error timed_errors[] = {
    {"ETIMEDOUT", "nobody posted it within $ms ms"},
    {"EINTR", "a signal with a handler came while it waited"},
    ALIGNED,
    {0},
};
static const struct ipclab_error post_errors[] = {
    {"EOVERFLOW", "the value would be above 2147483647 (SEM_VALUE_MAX)"},
    ALIGNED,
    {0},
};
static const struct ipclab_error aligned_errors[] = {ALIGNED, {0}};
static const struct ipclab_error init_errors[] = {
    {"EINVAL", "$value is above 2147483647 (SEM_VALUE_MAX), or $sem is no multiple of 8"},
    {0},
};
static const struct ipclab_error open_errors[] = {
    {"ENOENT", "there is no semaphore $name to open; O_CREAT would make it"},
    {"EEXIST", "$name exists already, and O_CREAT|O_EXCL insists on making it"},
    {"EACCES", "the permission bits of $name do not allow this user to open it"},
    {"EINVAL", "$name is no name (a slash, and then no other), or $value is above 2147483647"},
    {"ENAMETOOLONG", "$name has more than 251 bytes after its slash"},
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},
    {"ENFILE", "the system has as many open files as it allows"},
    {"ENOSPC", "/dev/shm is full"},
    {"EROFS", "POSIX semaphores are not available: /dev/shm is read-only"},
    {"ENOMEM", "no memory for it"},
    {0},
};
static const struct ipclab_error close_errors[] = {
    {"EINVAL", "no semaphore was opened at $sem; one of sem_init is not closed"},
    {0},
};
static const struct ipclab_error unlink_errors[] = {
    {"ENOENT", "there is no semaphore $name"},
    {"EACCES", "this process may not remove $name"},
    {"EROFS", "/dev/shm is read-only"},
    {"ENAMETOOLONG", "$name has more than 251 bytes after its slash"},
    {0},
};

#define NAMED "spawn a b\na sem = sem_open(\"/lock\", O_CREAT, 0600, 1)\n"
#define SHARED                                                                                     \
    "spawn a\na shm = shmat(shmget(5678, 64, IPC_CREAT|0666))\na sem_init(shm, 1, 0)\na fork(b)\n"

static const char *const wait_examples[] = {
    NAMED "b sem = sem_open(\"/lock\")\na sem_wait(sem)\nb sem_wait(sem)\na sem_post(sem)",
    SHARED "b sem_wait(shm)\na sem_post(shm)",
    NULL,
};
static const char *const trywait_examples[] = {
    NAMED "a sem_trywait(sem)\na sem_trywait(sem)",
    SHARED "b sem_trywait(shm)\na sem_post(shm)\nb sem_trywait(shm)",
    NULL,
};
static const char *const timed_examples[] = {
    NAMED "a sem_timedwait(sem, 1000)\na sem_timedwait(sem, 20)",
    SHARED "b sem_timedwait(shm, 20)",
    NULL,
};
static const char *const post_examples[] = {
    SHARED "a sem_post(shm)\na sem_post(shm)\nb sem_wait(shm)",
    NAMED "a sem_wait(sem)\na sem_post(sem)",
    NULL,
};
static const char *const value_examples[] = {
    NAMED "a sem_getvalue(sem, n)\na print n",
    SHARED "a sem_post(shm)\nb sem_getvalue(shm, n)",
    NULL,
};
static const char *const init_examples[] = {
    SHARED "b sem_wait(shm)\na sem_post(shm)",
    "spawn a\na shm = shmat(shmget(5678, 64, IPC_CREAT|0666))\na sem_init(shm, 1, 1)\n"
    "a sem_init(shm + 32, 1, 0)\na sem_wait(shm)\na sem_post(shm + 32)",
    NULL,
};
static const char *const destroy_examples[] = {
    SHARED "a sem_destroy(shm)",
    "spawn a\na char s[32]\na sem_init(s, 0, 1)\na sem_wait(s)\na sem_destroy(s)",
    NULL,
};
static const char *const open_examples[] = {
    NAMED "b sem = sem_open(\"/lock\", 0)\nb sem_wait(sem)",
    "spawn a\na sem_open(\"/nobody\", 0)\na sem_open(\"/lock\", O_CREAT|O_EXCL, 0600, 1)\n"
    "a sem_open(\"/lock\", O_CREAT|O_EXCL, 0600, 1)",
    NULL,
};
static const char *const close_examples[] = {
    NAMED "a sem_close(sem)",
    SHARED "a sem_close(shm)",
    NULL,
};
static const char *const unlink_examples[] = {
    NAMED "a sem_unlink(\"/lock\")\nb sem_open(\"/lock\", 0)\na sem_wait(sem)",
    "spawn a\na sem_unlink(\"/nobody\")",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "sem_open",
     .prototype = "sem_t *sem_open(const char *name, int oflag, mode_t mode, unsigned value)",
     .summary = "open a semaphore by its name, or make it",
     .help = "With O_CREAT it is made when there is none, with these permission bits and this "
             "value; of one that exists already both are left as they are, which is why a second "
             "program cannot initialise it again by accident. The result is an address in this "
             "process. It stays, even when no process is left, until sem_unlink.",
     .returns = "the address of the semaphore",
     .man = "sem_open(3)",
     .flags = IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = 0,
     .args = open_args,
     .errors = open_errors,
     .examples = open_examples,
     .run = run_sem_open},
    {.name = "sem_wait",
     .prototype = "int sem_wait(sem_t *sem)",
     .summary = "take one from a semaphore (P); wait while it is 0",
     .help = "As long as the value is above 0 this is one instruction on shared memory, without a "
             "system call. At 0 the process sleeps until somebody posts. Who waits longest is not "
             "promised to go on first. A signal with a handler ends it with EINTR, which a careful "
             "program answers by calling it again. Nothing is given back when the process dies.",
     .returns = "0",
     .waits = "the semaphore is 0; a sem_post by anybody ends it",
     .man = "sem_wait(3)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sem_args,
     .errors = wait_errors,
     .examples = wait_examples,
     .run = run_sem_wait},
    {.name = "sem_trywait",
     .prototype = "int sem_trywait(sem_t *sem)",
     .summary = "take one from a semaphore if it is not 0",
     .help = "Never waits: at 0 it fails with EAGAIN.",
     .returns = "0",
     .man = "sem_wait(3)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sem_args,
     .errors = trywait_errors,
     .examples = trywait_examples,
     .run = run_sem_trywait},
    {.name = "sem_timedwait",
     .prototype = "int sem_timedwait(sem_t *sem, const struct timespec *abs_timeout)",
     .summary = "as sem_wait, but at most so long",
     .help = "Given as sem_timedwait(sem, ms). In C the time is an absolute one: "
             "clock_gettime(CLOCK_REALTIME, &t) plus how long to wait.",
     .returns = "0",
     .waits = "the semaphore is 0, until somebody posts it or the time is over",
     .man = "sem_wait(3)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = timed_args,
     .errors = timed_errors,
     .examples = timed_examples,
     .run = run_sem_timedwait,
     .timed = always_timed},
    {.name = "sem_post",
     .prototype = "int sem_post(sem_t *sem)",
     .summary = "give one to a semaphore (V); somebody who waits goes on",
     .help = "Never waits, and may be called in a signal handler. Any process may post, also one "
             "that has taken nothing: that makes it a signal between processes, and a bug where "
             "it was meant as a lock.",
     .returns = "0",
     .man = "sem_post(3)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sem_args,
     .errors = post_errors,
     .examples = post_examples,
     .run = run_sem_post},
    {.name = "sem_getvalue",
     .prototype = "int sem_getvalue(sem_t *sem, int *sval)",
     .summary = "look at the value of a semaphore",
     .help = "What it says may be over by the time it is printed: never decide by it what "
             "sem_trywait can decide. While others wait it is 0 here; POSIX allows a negative "
             "number there.",
     .returns = "0",
     .man = "sem_getvalue(3)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = value_args,
     .errors = aligned_errors,
     .examples = value_examples,
     .run = run_sem_getvalue},
    {.name = "sem_init",
     .prototype = "int sem_init(sem_t *sem, int pshared, unsigned value)",
     .summary = "make a semaphore in memory",
     .help = "A sem_t has 32 bytes, and begins at a multiple of 8. To be used by several "
             "processes it has to lie in memory that they share (shmat, or mmap with MAP_SHARED), "
             "and pshared must not be 0; both are forgotten easily, and both end in somebody "
             "waiting for ever. Only one process initialises, before the others use it.",
     .returns = "0",
     .man = "sem_init(3)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = init_args,
     .errors = init_errors,
     .examples = init_examples,
     .run = run_sem_init},
    {.name = "sem_destroy",
     .prototype = "int sem_destroy(sem_t *sem)",
     .summary = "a semaphore in memory is not used any more",
     .help = "Before its memory is used for something else. Nobody may wait on it then.",
     .returns = "0",
     .man = "sem_destroy(3)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sem_args,
     .errors = aligned_errors,
     .examples = destroy_examples,
     .run = run_sem_destroy},
    {.name = "sem_close",
     .prototype = "int sem_close(sem_t *sem)",
     .summary = "this process is done with a named semaphore",
     .help = "The address is no semaphore any more: using it is SIGSEGV, as a rule. The value does "
             "not change: what the process has taken stays taken. The semaphore itself stays.",
     .returns = "0",
     .man = "sem_close(3)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sem_args,
     .errors = close_errors,
     .examples = close_examples,
     .run = run_sem_close},
    {.name = "sem_unlink",
     .prototype = "int sem_unlink(const char *name)",
     .summary = "take the name of a semaphore away",
     .help = "Nobody can open it any more; who has it open can go on with it, and it goes with the "
             "last of them. A name that nobody takes away stays until the machine stops, with the "
             "value that it had: the next run begins with that.",
     .returns = "0",
     .man = "sem_unlink(3)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = name_args,
     .errors = unlink_errors,
     .examples = unlink_examples,
     .run = run_sem_unlink},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "psem",
     .summary = "a number in memory that processes take from and wait for",
     .level = "value",
     .line = "$value  waiting: $waiting",
     .state = state,
     .explain = explain},
    {0},
};

static const char *const man[] = {"sem_overview(7)", "sem_open(3)", "sem_wait(3)", "sem_init(3)",
                                  NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "sem_wait, and the semaphore is 0",
     .before = "spawn a b\n"
               "a sem = sem_open(\"/lock\", O_CREAT, 0600, 0)\n"
               "b sem = sem_open(\"/lock\")",
     .waits = {.lines = "a sem_wait(sem)", .returns = "0"},
     .ends = "b sem_post(sem)",
     .at_once = {.lines = "a sem_trywait(sem)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a sem_timedwait(sem, 100)", .returns = "-1 ETIMEDOUT"}},
    {0},
};

static const char *const fields[] = {"value", "waiting", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "psem",
    .version = "1.0",
    .summary = "POSIX semaphores, by name or in shared memory",
    .help =
        "The semaphore of sem(7) without its sets: one number, taken by sem_wait (P) and given by "
        "sem_post (V). With a name (sem_open) unrelated programs find it; without one (sem_init) "
        "it lies beside the data that it protects, in memory that they share. As long as nobody "
        "has to wait no system call is made, which makes it the fastest lock there is.\n"
        "What goes wrong: a process takes it and dies, and nobody gives it back (the kernel does "
        "not know that it was taken; sem of System V has SEM_UNDO, a robust mutex has an owner). "
        "It lies in memory that is not shared, or pshared is 0, and a post reaches nobody. The "
        "name was not taken away, and the next run begins with the old value. A lock is posted by "
        "who has not taken it, and two are in the critical section.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .fields = fields,
};
