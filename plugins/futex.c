/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Locks in shared memory: futex(2), and what the C library builds on it, the mutex and the
 * condition variable that processes share. The kernel only lets a process sleep as long as a word
 * of memory has a value, and wakes it; everything else is in the memory. So who owns a mutex stands
 * there, and an explanation reads it. The layout is that of the GNU C library. */
#include "plugin.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    TYPE_MASK = 3,        /* of __kind: PTHREAD_MUTEX_NORMAL, ... */
    ROBUST = 16,          /* of __kind */
    MUTEX_SHARED = 128,   /* of __kind */
    COND_SHARED = 1,      /* of __wrefs */
    COND_WAITERS = 3,     /* shift of __wrefs: how many wait */
    OWNER_DIED = INT_MAX, /* as __owner: locked after a death, not yet consistent */
    LOST = INT_MAX - 1,   /* as __owner: cannot be recovered any more */
};

/* ---- What is common to all --------------------------------------------------------------- */

/* Names the object of this kind. False: there cannot be one. Where no memory is the call itself
 * gets the SIGSEGV, as in C. */
static bool
name_it(const struct ipclab_host *host, struct ipclab_frame *frame, const char *kind,
        const void *at, size_t alignment)
{
    if ((uintptr_t)at % alignment != 0) {
        host->note(frame, "it begins at a multiple of %zu, this does not", alignment);
        return false;
    }
    host->object_at(frame, kind, at);
    return true;
}

static bool
name_mutex(const struct ipclab_host *host, struct ipclab_frame *frame, const void *at)
{
    return name_it(host, frame, "mutex", at, _Alignof(pthread_mutex_t));
}

static bool
name_cond(const struct ipclab_host *host, struct ipclab_frame *frame, const void *at)
{
    return name_it(host, frame, "cond", at, _Alignof(pthread_cond_t));
}

/* In so many milliseconds, as the calls want it: an absolute time. */
static struct timespec
in_ms(int64_t ms)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += ms / 1000;
    end.tv_nsec += ms % 1000 * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return end;
}

static int
always_timed(const struct ipclab_args *args)
{
    (void)args;
    return 1;
}

/* How many sleep on this word: all are moved from its queue to its queue, and counted. */
static long
count_sleepers(const void *word, bool shared)
{
    long n = syscall(SYS_futex, word, FUTEX_REQUEUE | (shared ? 0 : FUTEX_PRIVATE_FLAG), 0, INT_MAX,
                     word, 0);

    return n > 0 ? n : 0;
}

/* ---- futex ------------------------------------------------------------------------------- */

static int64_t
wait_on(const struct ipclab_host *host, struct ipclab_frame *frame, void *word, int64_t value,
        int64_t ms)
{
    struct timespec timeout = {ms / 1000, ms % 1000 * 1000000};

    if ((uintptr_t)word % sizeof(int) == 0)
        host->object_at(frame, "futex", word);
    return syscall(SYS_futex, word, FUTEX_WAIT, (int)value, ms < 0 ? NULL : &timeout);
}

static int64_t
wake(const struct ipclab_host *host, struct ipclab_frame *frame, void *word, int64_t n)
{
    int64_t woken;

    if ((uintptr_t)word % sizeof(int) == 0)
        host->object_at(frame, "futex", word);
    woken = syscall(SYS_futex, word, FUTEX_WAKE, (int)n);
    if (woken >= 0)
        host->hold(frame, 0, -1, 0); /* who has woken before is worth knowing later */
    return woken;
}

static int64_t
run_futex_wait(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return wait_on(host, frame, args->v[0].p, args->v[1].i, args->v[2].i);
}

static int
futex_wait_timed(const struct ipclab_args *args)
{
    return args->v[2].i >= 0;
}

static int64_t
run_futex_wake(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return wake(host, frame, args->v[0].p, args->v[1].i);
}

static int64_t
run_futex(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    if (args->v[1].i == FUTEX_WAIT)
        return wait_on(host, frame, args->v[0].p, args->v[2].i, args->v[3].i);
    if (args->v[1].i == FUTEX_WAKE)
        return wake(host, frame, args->v[0].p, args->v[2].i);
    errno = ENOSYS;
    return -1;
}

static int
futex_timed(const struct ipclab_args *args)
{
    return args->v[1].i == FUTEX_WAIT && args->v[3].i >= 0;
}

/* ---- Mutex ------------------------------------------------------------------------------- */

/* The tid of the owner, 0: none. Of a robust one the kernel reads it, too, from the lock word. */
static pid_t
owner_of(const pthread_mutex_t *m)
{
    if (m->__data.__lock == 0)
        return 0;
    if ((m->__data.__kind & ROBUST) != 0)
        return (pid_t)(m->__data.__lock & FUTEX_TID_MASK);
    return m->__data.__owner;
}

static bool
is_robust(const pthread_mutex_t *m)
{
    return (m->__data.__kind & ROBUST) != 0;
}

static int64_t
run_mutex_init(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pthread_mutex_t *m = args->v[0].p;
    pthread_mutexattr_t attr;
    int error = 0, shared;

    if ((uintptr_t)m % _Alignof(pthread_mutex_t) != 0)
        return name_mutex(host, frame, m) ? 0 : EINVAL;
    pthread_mutexattr_init(&attr);
    error = pthread_mutexattr_setpshared(&attr, (int)args->v[1].i);
    if (error == 0)
        error = pthread_mutexattr_setrobust(&attr, (int)args->v[2].i);
    if (error == 0)
        error = pthread_mutexattr_settype(&attr, (int)args->v[3].i);
    if (error == 0)
        error = pthread_mutex_init(m, &attr);
    pthread_mutexattr_destroy(&attr);
    if (error != 0)
        return error;
    shared = host->object_at(frame, "mutex", m);
    if (shared >= 0)
        host->created(frame);
    if (shared == 1 && args->v[1].i == PTHREAD_PROCESS_PRIVATE)
        host->note(frame, "this memory is shared, but the mutex is not (PTHREAD_PROCESS_SHARED): "
                          "an unlock by another process will wake nobody here");
    if (shared == 0 && args->v[1].i == PTHREAD_PROCESS_SHARED)
        host->note(frame, "this memory is not shared: after a fork each process has a mutex of its "
                          "own");
    return 0;
}

/* What the result of locking means for who holds it. */
static int64_t
locked(const struct ipclab_host *host, struct ipclab_frame *frame, const pthread_mutex_t *m,
       int error)
{
    if (error == 0 || error == EOWNERDEAD)
        host->hold(frame, 0, 1, is_robust(m));
    if (error == EOWNERDEAD)
        host->note(frame, "it is locked now: repair the data, then pthread_mutex_consistent, or "
                          "after the unlock nobody can lock it any more");
    return error;
}

static int64_t
run_mutex_lock(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pthread_mutex_t *m = args->v[0].p;

    if (!name_mutex(host, frame, m))
        return EINVAL;
    return locked(host, frame, m, pthread_mutex_lock(m));
}

static int64_t
run_mutex_trylock(const struct ipclab_host *host, struct ipclab_frame *frame,
                  struct ipclab_args *args)
{
    pthread_mutex_t *m = args->v[0].p;

    if (!name_mutex(host, frame, m))
        return EINVAL;
    return locked(host, frame, m, pthread_mutex_trylock(m));
}

static int64_t
run_mutex_timedlock(const struct ipclab_host *host, struct ipclab_frame *frame,
                    struct ipclab_args *args)
{
    pthread_mutex_t *m = args->v[0].p;
    struct timespec end = in_ms(args->v[1].i);

    if (!name_mutex(host, frame, m))
        return EINVAL;
    return locked(host, frame, m, pthread_mutex_timedlock(m, &end));
}

static int64_t
run_mutex_unlock(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    pthread_mutex_t *m = args->v[0].p;
    pid_t owner;
    int error;

    if (!name_mutex(host, frame, m))
        return EINVAL;
    owner = owner_of(m);
    error = pthread_mutex_unlock(m);
    if (error == 0)
        host->hold(frame, 0, -1, 0);
    if (error == 0 && owner != gettid())
        host->note(frame, "this process had not locked it: POSIX leaves open what happens then, "
                          "and here it is unlocked all the same (PTHREAD_MUTEX_ERRORCHECK: EPERM)");
    return error;
}

static int64_t
run_mutex_consistent(const struct ipclab_host *host, struct ipclab_frame *frame,
                     struct ipclab_args *args)
{
    if (!name_mutex(host, frame, args->v[0].p))
        return EINVAL;
    return pthread_mutex_consistent(args->v[0].p);
}

static int64_t
run_mutex_destroy(const struct ipclab_host *host, struct ipclab_frame *frame,
                  struct ipclab_args *args)
{
    if (!name_mutex(host, frame, args->v[0].p))
        return EINVAL;
    return pthread_mutex_destroy(args->v[0].p);
}

/* ---- Condition variable ------------------------------------------------------------------ */

static int64_t
run_cond_init(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pthread_cond_t *c = args->v[0].p;
    pthread_condattr_t attr;
    int error, shared;

    if ((uintptr_t)c % _Alignof(pthread_cond_t) != 0)
        return name_cond(host, frame, c) ? 0 : EINVAL;
    pthread_condattr_init(&attr);
    error = pthread_condattr_setpshared(&attr, (int)args->v[1].i);
    if (error == 0)
        error = pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
    if (error != 0)
        return error;
    shared = host->object_at(frame, "cond", c);
    if (shared >= 0)
        host->created(frame);
    if (shared == 1 && args->v[1].i == PTHREAD_PROCESS_PRIVATE)
        host->note(frame, "this memory is shared, but the condition is not "
                          "(PTHREAD_PROCESS_SHARED): a signal by another process will wake nobody "
                          "here");
    return 0;
}

/* The mutex is named first: while the call waits for a signal it is about the condition. */
static int64_t
wait_for_signal(const struct ipclab_host *host, struct ipclab_frame *frame, pthread_cond_t *c,
                pthread_mutex_t *m, const struct timespec *end)
{
    int error;

    if (!name_mutex(host, frame, m) || !name_cond(host, frame, c))
        return EINVAL;
    if (owner_of(m) != gettid())
        host->note(frame, "the mutex has to be locked by who calls this, and is not");
    error = end == NULL ? pthread_cond_wait(c, m) : pthread_cond_timedwait(c, m, end);
    if (error == 0 || error == ETIMEDOUT || error == EOWNERDEAD) {
        host->object_at(frame, "mutex", m);
        host->hold(frame, 0, -1, 0);
        locked(host, frame, m, error == EOWNERDEAD ? error : 0);
    }
    return error;
}

static int64_t
run_cond_wait(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return wait_for_signal(host, frame, args->v[0].p, args->v[1].p, NULL);
}

static int64_t
run_cond_timedwait(const struct ipclab_host *host, struct ipclab_frame *frame,
                   struct ipclab_args *args)
{
    struct timespec end = in_ms(args->v[2].i);

    return wait_for_signal(host, frame, args->v[0].p, args->v[1].p, &end);
}

static int64_t
signal_it(const struct ipclab_host *host, struct ipclab_frame *frame, pthread_cond_t *c,
          int (*call)(pthread_cond_t *))
{
    unsigned waiting;
    int error;

    if (!name_cond(host, frame, c))
        return EINVAL;
    waiting = c->__data.__wrefs >> COND_WAITERS;
    error = call(c);
    if (waiting == 0)
        host->note(frame, "nobody waited: the signal is lost, a condition variable remembers "
                          "none");
    if (error == 0)
        host->hold(frame, 0, -1, 0); /* who has signalled before is worth knowing later */
    return error;
}

static int64_t
run_cond_signal(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    return signal_it(host, frame, args->v[0].p, pthread_cond_signal);
}

static int64_t
run_cond_broadcast(const struct ipclab_host *host, struct ipclab_frame *frame,
                   struct ipclab_args *args)
{
    return signal_it(host, frame, args->v[0].p, pthread_cond_broadcast);
}

/* ---- States ------------------------------------------------------------------------------ */

/* In an actor the sleepers can be counted; the observer is told who they are (explain). */
static void
count_field(const struct ipclab_look_host *host, struct ipclab_look *look, uint64_t key,
            uint64_t key2, bool shared)
{
    const void *word = host->address(look, key, key2);

    if (word != NULL)
        host->number(look, "waiting", count_sleepers(word, shared));
}

static void
futex_state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
            uint64_t key2)
{
    int value;

    (void)fd;
    if (host->memory(look, key, key2, &value, sizeof value) < 0)
        return;
    host->number(look, "value", value);
    count_field(host, look, key, key2, true);
}

static void
mutex_fields(const struct ipclab_look_host *host, struct ipclab_look *look,
             const pthread_mutex_t *m)
{
    pid_t owner = owner_of(m);

    host->text(look, "owner", owner > 0 ? host->pid_name(look, owner) : "-");
    /* What the kernel wrote into the word is newer than what the one who died had written. */
    if (is_robust(m) && ((unsigned)m->__data.__lock & FUTEX_OWNER_DIED) != 0)
        host->text(look, "state", "owner died");
    else if (is_robust(m) && m->__data.__owner == LOST)
        host->text(look, "state", "not recoverable");
    else if (is_robust(m) && m->__data.__owner == OWNER_DIED)
        host->text(look, "state", "inconsistent");
    if (m->__data.__count > 1)
        host->number(look, "count", m->__data.__count);
}

static void
mutex_state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
            uint64_t key2)
{
    pthread_mutex_t m;

    (void)fd;
    if (host->memory(look, key, key2, &m, sizeof m) < 0)
        return;
    mutex_fields(host, look, &m);
    count_field(host, look, key, key2, (m.__data.__kind & MUTEX_SHARED) != 0);
}

static void
cond_state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
           uint64_t key2)
{
    pthread_cond_t c;

    (void)fd;
    if (host->memory(look, key, key2, &c, sizeof c) >= 0)
        host->number(look, "waiting", c.__data.__wrefs >> COND_WAITERS);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    const char *self;
    uint64_t key, key2;
    bool own;     /* in memory of the waiting process alone */
    bool left;    /* ... which is shared, but nobody else has it or can come to it */
    bool foreign; /* it runs a program of its own */
};

static struct scene
begin(const struct ipclab_look_host *host, struct ipclab_look *look, uint64_t key, uint64_t key2,
      const struct ipclab_wait *wait)
{
    const struct ipclab_process *self = &wait->processes[wait->self];

    return (struct scene){.host = host,
                          .look = look,
                          .wait = wait,
                          .self = self->name,
                          .key = key,
                          .key2 = key2,
                          .foreign = self->foreign != 0};
}

/* Reads the object, and finds out who could come to it. */
static void
look_at_memory(struct scene *s, void *to, size_t n)
{
    s->left = s->host->left_alone(s->look, s->key, s->key2) == 1;
    s->own = s->host->memory(s->look, s->key, s->key2, to, n) == 0 || s->left;
}

/* Reads an argument's memory in the waiting process. */
static bool
read_arg(const struct scene *s, int arg, void *to, size_t n)
{
    struct iovec local = {to, n}, remote = {s->wait->args.v[arg].p, n};

    return process_vm_readv(s->wait->processes[s->wait->self].pid, &local, 1, &remote, 1, 0) ==
           (ssize_t)n;
}

static bool
can_act(const struct scene *s, int process)
{
    const struct ipclab_process *p = process >= 0 ? &s->wait->processes[process] : NULL;

    return p != NULL && process != s->wait->self && !p->waits && !p->zombie && !p->foreign;
}

/* A line for each who can act and has the memory: the first that can be typed will be said. */
static void
say_line(const struct scene *s, const char *line)
{
    for (int i = 0; i < s->wait->nprocesses; i++)
        if (can_act(s, i) && s->host->shares(s->look, i, s->key, s->key2))
            s->host->next(s->look, "%s %s", s->wait->processes[i].name, line);
}

/* Those who have the memory could do it, whatever they call the place. */
static void
say_sharers(const struct scene *s, const char *what)
{
    char names[300] = "";
    size_t n = 0;
    int more = 0;

    for (int i = 0; i < s->wait->nprocesses; i++) {
        if (!can_act(s, i) || !s->host->shares(s->look, i, s->key, s->key2))
            continue;
        s->host->could_end(s->look, i);
        if (n < sizeof names - 70)
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%.64s", n > 0 ? ", " : "",
                                  s->wait->processes[i].name);
        else
            more++;
    }
    if (more > 0)
        s->host->say(s->look, "%s and %d more have this memory, too, can go on and could %s", names,
                     more, what);
    else if (n > 0)
        s->host->say(s->look, "%s %s this memory, too, can go on and could %s", names,
                     strchr(names, ',') != NULL ? "have" : "has", what);
}

/* Nobody else has the memory, be it shared or not. */
static void
say_alone(const struct scene *s, const char *what)
{
    if (s->left)
        s->host->say(s->look,
                     "The memory is shared, but only %s has it (any more), and it has no name by "
                     "which another could get it: nobody can %s",
                     s->self, what);
    else
        s->host->say(s->look, "It lies in memory of %s alone: nobody else can %s", s->self, what);
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

/* Who has signalled before: that was too early, or for another. */
static void
say_signals(const struct scene *s, int object, const char *what)
{
    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (h->object != object || h->given == 0)
            continue;
        s->host->say(s->look,
                     "%s did %s, last in step %lld; that reaches only who waits then, and "
                     "is not remembered",
                     h->who, what, (long long)h->gave);
        if (h->process >= 0 && !h->dead)
            s->host->could_end(s->look, h->process);
    }
}

/* Of the objects that the call named the last that it is about. */
static int
last_object(const struct scene *s)
{
    int last = 0;

    for (int i = 0; i < s->wait->nholds; i++)
        if (s->wait->holds[i].object > last)
            last = s->wait->holds[i].object;
    return last;
}

static void
explain_futex(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = begin(host, look, key, key2, wait);
    int expected = (int)wait->args.v[strcmp(wait->call, "futex") == 0 ? 2 : 1].i, value = expected;

    (void)fd;
    look_at_memory(&s, &value, sizeof value);
    host->number(look, "waiting", wait->nwaiters + 1);
    host->why(look, "no wake");
    if (value == expected)
        host->waits(look, "the word is %d; nobody has woken it", value);
    else
        host->waits(look, "the word is %d by now, but nobody has woken it", value);
    host->rule(look, "it sleeps until somebody calls futex_wake on this word%s",
               value == expected ? "" : "; that the word has changed wakes nobody");
    host->say(look, "futex(2): the value is compared only before the sleep begins. Who changes the "
                    "word has to wake those who sleep on it");
    say_signals(&s, last_object(&s), "wake it");
    say_waiters(&s);
    if (s.own) {
        say_alone(&s, "wake it");
    } else {
        say_sharers(&s, "wake it");
        say_line(&s, "futex_wake($0, 1)");
    }
    host->next(look, "interrupt %s", s.self);
    if (s.own && !s.foreign)
        host->never(look);
}

/* ---- Why it waits: mutex ----------------------------------------------------------------- */

/* A mutex that somebody waits for. */
struct lock {
    pthread_mutex_t m;
    int arg;          /* of the call, which it is */
    pid_t owner;      /* 0: none */
    int process;      /* the owner's index; -1: it is gone or no actor */
    const char *name; /* of the owner */
    bool known;       /* that one is an actor */
    int64_t since;    /* step; 0: not known */
    bool dead;        /* the owner is, for sure */
    bool deaf;        /* in shared memory, but made for one process */
};

/* Who owns it stands in it; since when is known of those that locked it by a call. */
static void
find_owner(const struct scene *s, struct lock *l, int object)
{
    l->owner = owner_of(&l->m);
    l->process = -1;
    l->name = l->owner > 0 ? s->host->pid_name(s->look, l->owner) : "";
    for (int i = 0; i < s->wait->nprocesses; i++)
        if (s->wait->processes[i].world_pid == l->owner) {
            l->process = i;
            l->known = true;
            l->dead = s->wait->processes[i].zombie;
        }
    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (h->object != object || h->world_pid != l->owner || h->amount == 0)
            continue;
        l->since = h->since;
        l->name = h->who;
        l->known = true;
        l->dead |= h->dead;
    }
}

static bool
owns_itself(const struct scene *s, const struct lock *l)
{
    return l->process == s->wait->self;
}

/* Was it unlocked by who had it after a death, and had not made it consistent? The C library wakes
 * one of those who wait then, and that one wakes nobody (glibc 2.36). */
static bool
is_lost(const struct lock *l)
{
    return is_robust(&l->m) && l->m.__data.__owner == LOST;
}

static void
say_locked(const struct scene *s, const struct lock *l)
{
    char since[40] = "";

    if (l->since > 0)
        snprintf(since, sizeof since, " since step %lld", (long long)l->since);
    if (l->deaf && l->owner == 0) {
        s->host->why(s->look, "not woken");
        s->host->waits(s->look, "the mutex is free, but its unlock woke nobody: it is not "
                                "PTHREAD_PROCESS_SHARED");
    } else if (owns_itself(s, l)) {
        s->host->why(s->look, "locked-self");
        s->host->waits(s->look, "the mutex is locked; owner is %s itself%s", l->name, since);
    } else if (l->dead) {
        s->host->why(s->look, "owner dead");
        s->host->waits(s->look, "the mutex is locked; its owner %s is dead (locked%s)", l->name,
                       since);
    } else if (l->owner > 0) {
        s->host->why(s->look, "locked");
        s->host->waits(s->look, "the mutex is locked; owner is %s%s",
                       l->known ? l->name : "another process", since);
    } else {
        s->host->why(s->look, "not woken");
        s->host->waits(s->look, is_lost(l) ? "nobody can lock the mutex any more, and its unlock "
                                             "woke only one of those who wait"
                                           : "nobody has the mutex, but nobody has woken it");
    }
}

static void
say_owner(const struct scene *s, const struct lock *l)
{
    const struct ipclab_process *p = l->process >= 0 ? &s->wait->processes[l->process] : NULL;

    if (l->owner > 0 && l->known)
        s->host->holder(s->look, l->name, l->since);
    if (p != NULL && !l->dead)
        s->host->could_end(s->look, l->process);
    if (l->dead)
        s->host->say(s->look,
                     "%s died with the mutex locked, and nobody else may unlock it. Of a "
                     "robust mutex (PTHREAD_MUTEX_ROBUST) the next one gets EOWNERDEAD, "
                     "and the lock with it",
                     l->name);
    else if (owns_itself(s, l))
        s->host->say(s->look,
                     "%s locked it and locks it again: of a normal mutex that never ends; "
                     "PTHREAD_MUTEX_ERRORCHECK says EDEADLK, PTHREAD_MUTEX_RECURSIVE "
                     "counts",
                     s->self);
    else if (p != NULL && p->waits)
        s->host->say(s->look, "%s owns it, but waits itself, in %s", l->name, p->call);
    else if (p != NULL && !p->foreign)
        s->host->say(s->look, "%s owns it and can go on", l->name);
}

static void
say_lock_rule(const struct scene *s, const struct lock *l)
{
    if (l->deaf && l->owner == 0)
        s->host->rule(s->look, "the mutex is not PTHREAD_PROCESS_SHARED, so an unlock by another "
                               "process wakes nobody here");
    else if (l->owner == 0)
        s->host->rule(s->look, "nobody has the mutex, but it sleeps until somebody wakes it");
    else if (owns_itself(s, l))
        s->host->rule(s->look,
                      "the mutex is locked, and only its owner may unlock it, which is %s "
                      "itself",
                      s->self);
    else
        s->host->rule(s->look, "the mutex is locked, and only its owner%s%s may unlock it",
                      l->owner > 0 && l->known ? " " : "", l->owner > 0 && l->known ? l->name : "");
    s->host->say(s->look, "A signal does not end it: pthread_mutex_lock(3) never returns EINTR. "
                          "pthread_mutex_trylock fails with EBUSY instead of waiting, "
                          "pthread_mutex_timedlock gives up in time");
}

static void
say_unlock(const struct scene *s, const struct lock *l)
{
    if (l->process >= 0 && can_act(s, l->process) && !l->deaf)
        s->host->next(s->look, "%s pthread_mutex_unlock($%d)", l->name, l->arg);
    else if (l->process >= 0 && !l->dead && !l->deaf && !s->wait->processes[l->process].foreign)
        s->host->before(s->look, "%s pthread_mutex_unlock($%d)", l->name, l->arg);
    if (l->owner == 0 && !l->deaf)
        say_line(s, l->arg == 0 ? "pthread_mutex_lock($0)" : "pthread_mutex_lock($1)");
    if (l->owner == 0)
        s->host->next(s->look, "interrupt %s", s->self); /* that ends no wait, but it looks again */
    else
        s->host->next(s->look, "undo 1");
}

/* Can only what POSIX does not allow end it? */
static bool
is_for_ever(const struct scene *s, const struct lock *l)
{
    if (s->foreign || l->owner == 0)
        return !s->foreign && l->deaf;
    return owns_itself(s, l) || s->own || l->deaf || (l->dead && !is_robust(&l->m));
}

static void
explain_lock(const struct scene *s, int arg, int object)
{
    struct lock l = {.arg = arg};

    if (!read_arg(s, arg, &l.m, sizeof l.m))
        return;
    l.deaf = !s->own && (l.m.__data.__kind & MUTEX_SHARED) == 0;
    find_owner(s, &l, object);
    say_locked(s, &l);
    say_lock_rule(s, &l);
    say_owner(s, &l);
    if (l.deaf)
        s->host->say(s->look, "It lies in shared memory, but was initialised for one process: it "
                              "has to be PTHREAD_PROCESS_SHARED");
    if (s->own && !owns_itself(s, &l))
        say_alone(s, "unlock it");
    say_waiters(s);
    say_unlock(s, &l);
    if (is_for_ever(s, &l))
        s->host->never(s->look);
}

static void
explain_mutex(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = begin(host, look, key, key2, wait);
    int word;

    (void)fd;
    look_at_memory(&s, &word, sizeof word);
    host->number(look, "waiting", wait->nwaiters + 1);
    explain_lock(&s, 0, 0);
}

/* ---- Why it waits: condition ------------------------------------------------------------- */

/* Does the call signal, and not wait for a signal? */
static bool
signals_it(const struct scene *s)
{
    return s->wait->args.n == 1;
}

/* What a call on a condition can sleep for. */
enum sleep {
    FOR_SIGNAL,
    FOR_MUTEX,  /* it was signalled, or its time is over */
    FOR_OTHERS, /* those who were signalled before it have to be awake first (glibc until 2.40) */
};

/* A file of the waiting process in /proc, or of another one. The observer is not in the numbering
 * of a world whose /proc it sees. */
static FILE *
open_proc(const struct ipclab_process *p, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s",
             access("/proc/self", F_OK) == 0 ? p->pid : p->world_pid, name);
    return fopen(path, "re");
}

/* The kernel says on which word it sleeps. */
static enum sleep
find_sleep(const struct scene *s)
{
    const pthread_cond_t *c = s->wait->args.v[0].p; /* in that process, not here */
    uint64_t signals = (uint64_t)(uintptr_t)&c->__data.__g_signals;
    unsigned long long word = 0;
    long call = -1;
    FILE *f = open_proc(&s->wait->processes[s->wait->self], "syscall");

    if (f == NULL)
        return FOR_SIGNAL;
    if (fscanf(f, "%ld %llx", &call, &word) != 2)
        call = -1;
    fclose(f);
    if (call != SYS_futex)
        return FOR_SIGNAL;
    if (!signals_it(s) && word == (uint64_t)s->wait->args.v[1].i)
        return FOR_MUTEX;
    return word >= (uint64_t)(uintptr_t)c && word < signals ? FOR_OTHERS : FOR_SIGNAL;
}

static void
explain_relock(struct scene *s)
{
    pthread_mutex_t m;

    if (s->left) /* the condition is: the mutex may lie elsewhere */
        s->own = s->left = false;
    s->host->waits_on(s->look, 0);
    if (read_arg(s, 1, &m, sizeof m))
        mutex_fields(s->host, s->look, &m);
    s->host->number(s->look, "waiting", s->wait->nwaiters + 1);
    s->host->say(s->look,
                 "%s was signalled%s. %s returns only with the mutex locked again, and for "
                 "that it waits",
                 s->self, s->wait->args.n > 2 ? ", or its time is over" : "", s->wait->call);
    explain_lock(s, 1, 0);
}

/* Everybody who lives has been woken; one that is stopped only has not come to it yet. */
static bool
is_anybody_stopped(const struct scene *s)
{
    bool stopped = false;

    for (int i = 0; i < s->wait->nprocesses && !stopped; i++) {
        FILE *f = s->wait->processes[i].zombie ? NULL : open_proc(&s->wait->processes[i], "stat");
        char letter = 'T';

        if (f == NULL)
            continue;
        if (fscanf(f, "%*d (%*[^)]) %c", &letter) != 1)
            letter = 'T';
        fclose(f);
        stopped = letter == 'T';
    }
    return stopped;
}

static void
explain_others(struct scene *s)
{
    bool stopped = is_anybody_stopped(s);

    s->host->waits_on(s->look, signals_it(s) ? 0 : 1);
    s->host->why(s->look, "waiter dead");
    s->host->waits(s->look,
                   "a process that waited on the condition is %s, and has to wake up first",
                   stopped ? "stopped or dead" : "dead");
    s->host->rule(s->look, "it has to be known that all who were signalled before are awake, and "
                           "who died while it waited never is");
    s->host->say(s->look,
                 "There is no robust condition variable: after such a death it can only be "
                 "made anew, by pthread_cond_init, when nobody uses it");
    s->host->next(s->look, "undo 1");
    if (!stopped && !s->foreign)
        s->host->never(s->look);
}

static void
explain_cond(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
             uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = begin(host, look, key, key2, wait);
    enum sleep sleep = find_sleep(&s);
    pthread_cond_t c;
    bool deaf;

    (void)fd;
    look_at_memory(&s, &c, sizeof c);
    if (sleep == FOR_MUTEX || sleep == FOR_OTHERS) {
        (sleep == FOR_MUTEX ? explain_relock : explain_others)(&s);
        return;
    }
    deaf = !s.own && (c.__data.__wrefs & COND_SHARED) == 0;
    host->why(look, "no signal");
    host->waits(look, deaf    ? "nobody has signalled the condition, and no other process can: it "
                                "is not PTHREAD_PROCESS_SHARED"
                      : s.own ? "nobody has signalled the condition, and no other process can"
                              : "nobody has signalled the condition since");
    host->rule(look, "pthread_cond_wait(3) waits until another signals the condition after it has "
                     "begun to wait");
    host->say(look, "The mutex is unlocked meanwhile. Who changes what is waited for locks it, "
                    "changes, signals and unlocks; who waits looks again in a loop: while (!ready) "
                    "pthread_cond_wait(...)");
    host->say(look, "A signal of kill(2) does not end it: it never returns EINTR");
    say_signals(&s, 1, "signal it");
    say_waiters(&s);
    if (!s.own && !deaf) {
        say_sharers(&s, "signal it");
        say_line(&s, "pthread_cond_signal($0)");
    }
    if (s.own)
        say_alone(&s, "signal it");
    host->next(look, "undo 1");
    if ((s.own || deaf) && !s.foreign)
        host->never(look);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant futex_ops[] = {
    {"FUTEX_WAIT", FUTEX_WAIT, "sleep while the word has this value"},
    {"FUTEX_WAKE", FUTEX_WAKE, "wake so many who sleep on it"},
    {0},
};
static const struct ipclab_constant pshared_words[] = {
    {"PTHREAD_PROCESS_PRIVATE", PTHREAD_PROCESS_PRIVATE, "for one process (the default)"},
    {"PTHREAD_PROCESS_SHARED", PTHREAD_PROCESS_SHARED, "for all that have the memory"},
    {0},
};
static const struct ipclab_constant robust_words[] = {
    {"PTHREAD_MUTEX_STALLED", PTHREAD_MUTEX_STALLED, "a dead owner keeps it (the default)"},
    {"PTHREAD_MUTEX_ROBUST", PTHREAD_MUTEX_ROBUST, "a dead owner's lock goes on, with EOWNERDEAD"},
    {0},
};
static const struct ipclab_constant type_words[] = {
    {"PTHREAD_MUTEX_NORMAL", PTHREAD_MUTEX_NORMAL, "locking it twice never ends (the default)"},
    {"PTHREAD_MUTEX_ERRORCHECK", PTHREAD_MUTEX_ERRORCHECK, "misuse is an error"},
    {"PTHREAD_MUTEX_RECURSIVE", PTHREAD_MUTEX_RECURSIVE, "its owner may lock it several times"},
    {0},
};

#define WORD                                                                                       \
    {                                                                                              \
        .name = "uaddr", .type = IPCLAB_POINTER,                                                   \
        .summary = "an int in memory, in shared memory to be of use"                               \
    }
#define MUTEX                                                                                      \
    {                                                                                              \
        .name = "mutex", .type = IPCLAB_POINTER, .summary = "the mutex"                            \
    }
#define COND                                                                                       \
    {                                                                                              \
        .name = "cond", .type = IPCLAB_POINTER, .summary = "the condition variable"                \
    }
#define MS                                                                                         \
    {                                                                                              \
        .name = "ms", .type = IPCLAB_INT, .summary = "how long at most", .min = 0,                 \
        .max = INT32_MAX                                                                           \
    }
#define MAYBE_MS                                                                                   \
    {                                                                                              \
        .name = "ms", .type = IPCLAB_INT, .flags = IPCLAB_OPTIONAL,                                \
        .summary = "how long at most; -1 or left out: as long as it takes", .def = -1, .min = -1,  \
        .max = INT32_MAX                                                                           \
    }
#define PSHARED                                                                                    \
    {                                                                                              \
        .name = "pshared", .type = IPCLAB_INT, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,         \
        .summary = "PTHREAD_PROCESS_SHARED for use by several processes",                          \
        .constants = pshared_words                                                                 \
    }

static const struct ipclab_arg futex_args[] = {
    WORD,
    {.name = "futex_op", .type = IPCLAB_INT, .summary = "what to do", .constants = futex_ops},
    {.name = "val",
     .type = IPCLAB_INT,
     .summary = "FUTEX_WAIT: the value that it has; FUTEX_WAKE: how many to wake"},
    MAYBE_MS,
    {0},
};
static const struct ipclab_arg futex_wait_args[] = {
    WORD,
    {.name = "val", .type = IPCLAB_INT, .summary = "sleep only while the word has this value"},
    MAYBE_MS,
    {0},
};
static const struct ipclab_arg futex_wake_args[] = {
    WORD,
    {.name = "n",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many to wake at most",
     .def = 1,
     .min = 0,
     .max = INT32_MAX},
    {0},
};
static const struct ipclab_arg mutex_args[] = {MUTEX, {0}};
static const struct ipclab_arg timedlock_args[] = {MUTEX, MS, {0}};
static const struct ipclab_arg mutex_init_args[] = {
    {.name = "mutex", .type = IPCLAB_POINTER, .summary = "40 bytes of memory for it"},
    PSHARED,
    {.name = "robust",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what becomes of it when its owner dies",
     .constants = robust_words},
    {.name = "type",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what happens when it is misused",
     .constants = type_words},
    {0},
};
static const struct ipclab_arg cond_init_args[] = {
    {.name = "cond", .type = IPCLAB_POINTER, .summary = "48 bytes of memory for it"},
    PSHARED,
    {0},
};
static const struct ipclab_arg cond_args[] = {COND, {0}};
static const struct ipclab_arg cond_wait_args[] = {
    COND,
    {.name = "mutex", .type = IPCLAB_POINTER, .summary = "the mutex, which the caller has locked"},
    {0},
};
static const struct ipclab_arg cond_timedwait_args[] = {
    COND,
    {.name = "mutex", .type = IPCLAB_POINTER, .summary = "the mutex, which the caller has locked"},
    MS,
    {0},
};

#define FUTEX_ERRORS                                                                               \
    {"EINVAL", "$uaddr is no address of an int: those are multiples of 4"},                        \
    {                                                                                              \
        "EFAULT", "no memory is mapped at $uaddr"                                                  \
    }
#define SLEEP_ERRORS                                                                               \
    {"EAGAIN", "the word does not have the value $val: it did not go to sleep"},                   \
        {"ETIMEDOUT", "nobody woke it within $ms ms"},                                             \
        {"EINTR", "a signal with a handler came while it slept"}, FUTEX_ERRORS

static const struct ipclab_error futex_errors[] = {
    SLEEP_ERRORS,
    {"ENOSYS", "FUTEX_WAIT and FUTEX_WAKE can be tried here, $futex_op cannot"},
    {0},
};
static const struct ipclab_error futex_wait_errors[] = {SLEEP_ERRORS, {0}};
static const struct ipclab_error futex_wake_errors[] = {FUTEX_ERRORS, {0}};

#define LOCK_ERRORS                                                                                \
    {"EOWNERDEAD", "its owner died with it locked; it is locked by this process now"},             \
        {"ENOTRECOVERABLE", "its owner died, and it was unlocked without being made consistent: "  \
                            "nobody can lock it any more"},                                        \
    {                                                                                              \
        "EINVAL", "no mutex is at $mutex: one begins at a multiple of 8 and was initialised"       \
    }

static const struct ipclab_error lock_errors[] = {
    {"EDEADLK", "this process has it locked already (PTHREAD_MUTEX_ERRORCHECK)"},
    LOCK_ERRORS,
    {0},
};
static const struct ipclab_error trylock_errors[] = {
    {"EBUSY", "it is locked; pthread_mutex_lock would wait"},
    LOCK_ERRORS,
    {0},
};
static const struct ipclab_error timedlock_errors[] = {
    {"ETIMEDOUT", "its owner did not unlock it within $ms ms"},
    {"EDEADLK", "this process has it locked already (PTHREAD_MUTEX_ERRORCHECK)"},
    LOCK_ERRORS,
    {0},
};
static const struct ipclab_error unlock_errors[] = {
    {"EPERM", "this process has not locked it (PTHREAD_MUTEX_ERRORCHECK, RECURSIVE, or a robust "
              "one)"},
    {"EINVAL", "no mutex is at $mutex: one begins at a multiple of 8 and was initialised"},
    {0},
};
static const struct ipclab_error consistent_errors[] = {
    {"EINVAL", "it is no robust mutex that was locked with EOWNERDEAD"},
    {0},
};
static const struct ipclab_error destroy_errors[] = {
    {"EBUSY", "it is locked, or somebody waits for it"},
    {"EINVAL", "no mutex is at $mutex: one begins at a multiple of 8 and was initialised"},
    {0},
};
static const struct ipclab_error mutex_init_errors[] = {
    {"EINVAL", "$mutex is no multiple of 8, or one of the words is none of those there are"},
    {0},
};
static const struct ipclab_error cond_init_errors[] = {
    {"EINVAL", "$cond is no multiple of 8, or $pshared is none of the words there are"},
    {0},
};
static const struct ipclab_error cond_errors[] = {
    {"EINVAL", "$cond is no condition variable: one begins at a multiple of 8"},
    {0},
};

#define COND_ERRORS                                                                                \
    {"EPERM", "this process has not locked the mutex (PTHREAD_MUTEX_ERRORCHECK, or a robust "      \
              "one)"},                                                                             \
        {"EOWNERDEAD", "it was signalled, and the mutex's owner died; the mutex is locked by "     \
                       "this process now"},                                                        \
        {"ENOTRECOVERABLE", "the mutex cannot be locked any more"},                                \
    {                                                                                              \
        "EINVAL", "no condition variable is at $cond, or no mutex at $mutex"                       \
    }

static const struct ipclab_error cond_wait_errors[] = {COND_ERRORS, {0}};
static const struct ipclab_error cond_timedwait_errors[] = {
    {"ETIMEDOUT", "nobody signalled it within $ms ms; the mutex is locked again"},
    COND_ERRORS,
    {0},
};

#define MEM "spawn a\na m = shmat(shmget(5678, 128, IPC_CREAT|0666))\n"
#define WORDS "spawn a\na int *w = shmat(shmget(5678, 128, IPC_CREAT|0666))\na fork(b)\n"
#define LOCK MEM "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)\na fork(b)\n"
#define SAFE                                                                                       \
    MEM "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)\na fork(b)\n"
#define WAITING                                                                                    \
    MEM "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)\n"                                        \
        "a c = m + 64\na pthread_cond_init(c, PTHREAD_PROCESS_SHARED)\na fork(b)\n"

static const char *const futex_examples[] = {
    WORDS "a futex(w, FUTEX_WAIT, 0)\nb *w = 1\nb futex(w, FUTEX_WAKE, 1)",
    WORDS "a *w = 1\nb futex(w, FUTEX_WAIT, 0)",
    NULL,
};
static const char *const futex_wait_examples[] = {
    WORDS "a futex_wait(w, 0)\nb *w = 1\nb futex_wake(w, 1)",
    WORDS "a futex_wait(w, 0, 20)\na futex_wait(w, 7)",
    NULL,
};
static const char *const futex_wake_examples[] = {
    WORDS "a futex_wait(w, 0)\nb futex_wake(w, 10)\nb futex_wake(w)",
    WORDS "a futex_wake(w, 1)",
    NULL,
};
static const char *const mutex_init_examples[] = {
    LOCK "a pthread_mutex_lock(m)\nb pthread_mutex_trylock(m)",
    MEM "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_STALLED, "
        "PTHREAD_MUTEX_RECURSIVE)\na pthread_mutex_lock(m)\na pthread_mutex_lock(m)",
    NULL,
};
static const char *const lock_examples[] = {
    LOCK "a pthread_mutex_lock(m)\nb pthread_mutex_lock(m)\na pthread_mutex_unlock(m)",
    SAFE "a pthread_mutex_lock(m)\nb pthread_mutex_lock(m)\na exit(0)\n"
         "b pthread_mutex_consistent(m)\nb pthread_mutex_unlock(m)",
    NULL,
};
static const char *const trylock_examples[] = {
    LOCK "a pthread_mutex_trylock(m)\nb pthread_mutex_trylock(m)",
    SAFE "a pthread_mutex_lock(m)\na exit(0)\nb pthread_mutex_trylock(m)",
    NULL,
};
static const char *const timedlock_examples[] = {
    LOCK "a pthread_mutex_lock(m)\nb pthread_mutex_timedlock(m, 20)",
    LOCK "a pthread_mutex_timedlock(m, 1000)\na pthread_mutex_unlock(m)",
    NULL,
};
static const char *const unlock_examples[] = {
    LOCK "a pthread_mutex_lock(m)\na pthread_mutex_unlock(m)\nb pthread_mutex_lock(m)",
    SAFE "a pthread_mutex_lock(m)\nb pthread_mutex_unlock(m)",
    NULL,
};
static const char *const consistent_examples[] = {
    SAFE "a pthread_mutex_lock(m)\na exit(0)\nb pthread_mutex_lock(m)\n"
         "b pthread_mutex_consistent(m)\nb pthread_mutex_unlock(m)\nb pthread_mutex_lock(m)",
    SAFE "a pthread_mutex_lock(m)\na pthread_mutex_consistent(m)",
    NULL,
};
static const char *const destroy_examples[] = {
    LOCK "a pthread_mutex_destroy(m)",
    LOCK "b pthread_mutex_lock(m)\na pthread_mutex_destroy(m)",
    NULL,
};
static const char *const cond_init_examples[] = {
    WAITING "b pthread_mutex_lock(m)\nb pthread_cond_wait(c, m)\na pthread_cond_signal(c)",
    MEM "a pthread_cond_init(m, NULL)",
    NULL,
};
static const char *const cond_wait_examples[] = {
    WAITING "b pthread_mutex_lock(m)\nb pthread_cond_wait(c, m)\na pthread_mutex_lock(m)\n"
            "a pthread_cond_signal(c)\na pthread_mutex_unlock(m)",
    WAITING "a pthread_mutex_lock(m)\na pthread_cond_wait(c, m)\nb pthread_cond_signal(c)",
    NULL,
};
static const char *const cond_timedwait_examples[] = {
    WAITING "b pthread_mutex_lock(m)\nb pthread_cond_timedwait(c, m, 20)",
    WAITING "b pthread_mutex_lock(m)\nb pthread_cond_timedwait(c, m, 20)\n"
            "b pthread_mutex_unlock(m)",
    NULL,
};
static const char *const cond_signal_examples[] = {
    WAITING "b pthread_mutex_lock(m)\nb pthread_cond_wait(c, m)\na pthread_cond_signal(c)",
    WAITING "a pthread_cond_signal(c)",
    NULL,
};
static const char *const cond_broadcast_examples[] = {
    WAITING "a fork(d)\nb pthread_mutex_lock(m)\nb pthread_cond_wait(c, m)\n"
            "d pthread_mutex_lock(m)\nd pthread_cond_wait(c, m)\na pthread_cond_broadcast(c)",
    WAITING "a pthread_cond_broadcast(c)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "futex",
     .prototype = "long futex(uint32_t *uaddr, int futex_op, uint32_t val, "
                  "const struct timespec *timeout)",
     .summary = "sleep while a word of memory has a value, or wake who sleeps on it",
     .help = "FUTEX_WAIT compares the word with val and goes to sleep if they are equal, in one "
             "step that nobody can get between; FUTEX_WAKE wakes at most val of those who sleep "
             "on the word. Nothing else is in the kernel: whether the word means locked or free "
             "is up to the program. futex_wait and futex_wake are the same, shorter. In C there "
             "is no function of this name: syscall(SYS_futex, ...).",
     .returns = "FUTEX_WAIT: 0; FUTEX_WAKE: how many were woken",
     .waits = "FUTEX_WAIT sleeps; a FUTEX_WAKE on the same word ends it, a change of the word does "
              "not",
     .man = "futex(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = futex_args,
     .errors = futex_errors,
     .examples = futex_examples,
     .run = run_futex,
     .timed = futex_timed},
    {.name = "futex_wait",
     .prototype = "long futex_wait(uint32_t *uaddr, uint32_t val, const struct timespec *timeout)",
     .summary = "sleep while a word of memory has this value",
     .help = "futex(uaddr, FUTEX_WAIT, val, timeout). When the word has another value it fails "
             "with EAGAIN at once: between looking at the word and going to sleep somebody may "
             "have changed it, and his wake would be lost otherwise.",
     .returns = "0: it was woken, which does not say that the word has changed",
     .waits = "nobody wakes it; a futex_wake on the same word ends it",
     .man = "futex(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = futex_wait_args,
     .errors = futex_wait_errors,
     .examples = futex_wait_examples,
     .run = run_futex_wait,
     .timed = futex_wait_timed},
    {.name = "futex_wake",
     .prototype = "long futex_wake(uint32_t *uaddr, int n)",
     .summary = "wake who sleeps on a word of memory",
     .help = "futex(uaddr, FUTEX_WAKE, n). Change the word first, then wake: who wakes looks at "
             "it. Where nobody sleeps nothing happens, and nothing is remembered.",
     .returns = "how many were woken",
     .man = "futex(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = futex_wake_args,
     .errors = futex_wake_errors,
     .examples = futex_wake_examples,
     .run = run_futex_wake},
    {.name = "pthread_mutex_init",
     .prototype = "int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)",
     .summary = "make a mutex in memory",
     .help = "A pthread_mutex_t has 40 bytes and begins at a multiple of 8. The attributes are "
             "given one after the other, where C sets them in a pthread_mutexattr_t: "
             "PTHREAD_PROCESS_SHARED for several processes, PTHREAD_MUTEX_ROBUST so that a dead "
             "owner does not lock it for ever, PTHREAD_MUTEX_ERRORCHECK or RECURSIVE. Left out or "
             "NULL: for the threads of one process, which in shared memory is a bug.",
     .returns = "0, else the number of the error",
     .man = "pthread_mutex_init(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_init_args,
     .errors = mutex_init_errors,
     .examples = mutex_init_examples,
     .run = run_mutex_init},
    {.name = "pthread_mutex_lock",
     .prototype = "int pthread_mutex_lock(pthread_mutex_t *mutex)",
     .summary = "lock a mutex; wait while another has it locked",
     .help = "Exactly one process has it locked at a time, and only that one may unlock it: this "
             "is what a mutex has that a semaphore has not. As long as nobody competes it is one "
             "instruction without a system call. A signal does not end the wait. When the owner "
             "dies the mutex stays locked; a robust one goes on to the next, who gets EOWNERDEAD "
             "and finds the data as the dead one left them.",
     .returns = "0, else the number of the error; errno is not set",
     .waits = "another process has locked it; the unlock by that one ends it, or its death if the "
              "mutex is robust",
     .man = "pthread_mutex_lock(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_args,
     .errors = lock_errors,
     .examples = lock_examples,
     .run = run_mutex_lock},
    {.name = "pthread_mutex_trylock",
     .prototype = "int pthread_mutex_trylock(pthread_mutex_t *mutex)",
     .summary = "lock a mutex if it is free",
     .help = "Never waits: EBUSY when it is locked, also by the caller.",
     .returns = "0, else the number of the error; errno is not set",
     .man = "pthread_mutex_lock(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_args,
     .errors = trylock_errors,
     .examples = trylock_examples,
     .run = run_mutex_trylock},
    {.name = "pthread_mutex_timedlock",
     .prototype = "int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec "
                  "*abs_timeout)",
     .summary = "lock a mutex, but wait at most so long",
     .help = "Given as pthread_mutex_timedlock(mutex, ms). In C the time is an absolute one: "
             "clock_gettime(CLOCK_REALTIME, &t) plus how long to wait.",
     .returns = "0, else the number of the error; errno is not set",
     .waits = "another process has locked it, until that one unlocks it or the time is over",
     .man = "pthread_mutex_timedlock(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = timedlock_args,
     .errors = timedlock_errors,
     .examples = timedlock_examples,
     .run = run_mutex_timedlock,
     .timed = always_timed},
    {.name = "pthread_mutex_unlock",
     .prototype = "int pthread_mutex_unlock(pthread_mutex_t *mutex)",
     .summary = "unlock a mutex; somebody who waits for it goes on",
     .help = "Only by who has locked it. By another it is EPERM for an error-checking, recursive "
             "or robust one, and undefined for a normal one.",
     .returns = "0, else the number of the error; errno is not set",
     .man = "pthread_mutex_lock(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_args,
     .errors = unlock_errors,
     .examples = unlock_examples,
     .run = run_mutex_unlock},
    {.name = "pthread_mutex_consistent",
     .prototype = "int pthread_mutex_consistent(pthread_mutex_t *mutex)",
     .summary = "say that the data of a dead owner are in order again",
     .help = "After pthread_mutex_lock has returned EOWNERDEAD: first repair the data that the "
             "mutex protects, then call this, then unlock. Without it the unlock makes the mutex "
             "useless for everybody: ENOTRECOVERABLE.",
     .returns = "0, else the number of the error; errno is not set",
     .man = "pthread_mutex_consistent(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_args,
     .errors = consistent_errors,
     .examples = consistent_examples,
     .run = run_mutex_consistent},
    {.name = "pthread_mutex_destroy",
     .prototype = "int pthread_mutex_destroy(pthread_mutex_t *mutex)",
     .summary = "a mutex is not used any more",
     .help = "Before its memory is used for something else.",
     .returns = "0, else the number of the error; errno is not set",
     .man = "pthread_mutex_init(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mutex_args,
     .errors = destroy_errors,
     .examples = destroy_examples,
     .run = run_mutex_destroy},
    {.name = "pthread_cond_init",
     .prototype = "int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)",
     .summary = "make a condition variable in memory",
     .help = "A pthread_cond_t has 48 bytes and begins at a multiple of 8. The attribute is given "
             "as it is, where C sets it in a pthread_condattr_t: PTHREAD_PROCESS_SHARED for "
             "several processes.",
     .returns = "0, else the number of the error",
     .man = "pthread_cond_init(3)",
     .flags = IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = cond_init_args,
     .errors = cond_init_errors,
     .examples = cond_init_examples,
     .run = run_cond_init},
    {.name = "pthread_cond_wait",
     .prototype = "int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)",
     .summary = "unlock a mutex, wait for a signal, lock the mutex again",
     .help = "Unlocking and beginning to wait are one step, so that no signal gets lost between "
             "them. It has two waits: first for the signal, then for the mutex, which the one who "
             "signals may still have locked. It may also return without a signal, so what is "
             "waited for is looked at again: while (!ready) pthread_cond_wait(c, m).",
     .returns = "0, else the number of the error; errno is not set",
     .waits = "nobody has signalled the condition since, or the mutex is locked by another; a "
              "signal and then an unlock end it",
     .man = "pthread_cond_wait(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = cond_wait_args,
     .errors = cond_wait_errors,
     .examples = cond_wait_examples,
     .run = run_cond_wait},
    {.name = "pthread_cond_timedwait",
     .prototype = "int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, "
                  "const struct timespec *abstime)",
     .summary = "as pthread_cond_wait, but wait for the signal at most so long",
     .help = "Given as pthread_cond_timedwait(cond, mutex, ms). When the time is over the mutex is "
             "locked all the same, and that may take longer. In C the time is an absolute one.",
     .returns = "0, else the number of the error; errno is not set",
     .waits = "nobody has signalled the condition and the time is not over, or the mutex is locked "
              "by another",
     .man = "pthread_cond_timedwait(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = cond_timedwait_args,
     .errors = cond_timedwait_errors,
     .examples = cond_timedwait_examples,
     .run = run_cond_timedwait,
     .timed = always_timed},
    {.name = "pthread_cond_signal",
     .prototype = "int pthread_cond_signal(pthread_cond_t *cond)",
     .summary = "let one who waits for the condition go on",
     .help = "Where nobody waits nothing happens, and nothing is remembered: who begins to wait "
             "later waits for the next one. That is the lost wake-up; the state that is waited "
             "for belongs into a variable, and the mutex around both.",
     .returns = "0, else the number of the error",
     .waits = "a process died while it waited on the condition: who signals has to wait until that "
              "one is awake, which nothing can bring about",
     .man = "pthread_cond_signal(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = cond_args,
     .errors = cond_errors,
     .examples = cond_signal_examples,
     .run = run_cond_signal},
    {.name = "pthread_cond_broadcast",
     .prototype = "int pthread_cond_broadcast(pthread_cond_t *cond)",
     .summary = "let all who wait for the condition go on, one after the other",
     .help = "Each of them needs the mutex to return, so one goes on and the others wait for its "
             "unlock.",
     .returns = "0, else the number of the error",
     .waits = "a process died while it waited on the condition: who signals has to wait until that "
              "one is awake, which nothing can bring about",
     .man = "pthread_cond_broadcast(3)",
     .flags = IPCLAB_WAITS | IPCLAB_ERROR_NUMBER,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = cond_args,
     .errors = cond_errors,
     .examples = cond_broadcast_examples,
     .run = run_cond_broadcast},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "futex",
     .summary = "a word of memory on which processes sleep",
     .line = "$value  waiting: $waiting",
     .state = futex_state,
     .explain = explain_futex},
    {.name = "mutex",
     .summary = "a lock in memory that one process owns",
     .line = "owner: $owner  waiting: $waiting  $state",
     .state = mutex_state,
     .explain = explain_mutex},
    {.name = "cond",
     .summary = "where processes wait for a signal, with a mutex around it",
     .line = "waiting: $waiting",
     .state = cond_state,
     .explain = explain_cond},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* How often something was given, on a cache line of its own, and whether the other side sleeps. */
struct bench_count {
    _Alignas(64) _Atomic uint32_t given;
    _Atomic uint32_t sleeps;
};

struct bench_counts {
    struct bench_count *shared;
    uint32_t taken[IPCLAB_BENCH_WAYS]; /* by this side */
};

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    size_t counts = IPCLAB_BENCH_WAYS * sizeof(struct bench_count);
    struct bench_counts *b = calloc(1, sizeof *b);
    char *memory = mmap(NULL, counts + run->memory_size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)host;
    if (b == NULL || memory == MAP_FAILED)
        return -1;
    b->shared = (struct bench_count *)(void *)memory;
    run->state = b;
    run->memory = memory + counts;
    return 0;
}

static int
bench_give(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    struct bench_count *c = &((struct bench_counts *)run->state)->shared[way];

    c->given++;
    if (c->sleeps && syscall(SYS_futex, &c->given, FUTEX_WAKE, 1, NULL, NULL, 0) < 0)
        return -1;
    return 0;
}

static int
bench_take(struct ipclab_bench_run *run, enum ipclab_bench_way way)
{
    struct bench_counts *b = run->state;
    struct bench_count *c = &b->shared[way];

    while (c->given == b->taken[way]) {
        c->sleeps = 1; /* first said, then looked once more: the kernel does that */
        if (syscall(SYS_futex, &c->given, FUTEX_WAIT, b->taken[way], NULL, NULL, 0) < 0 &&
            errno != EAGAIN && errno != EINTR)
            return -1;
        c->sleeps = 0;
    }
    b->taken[way]++;
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_counts *b = run->state;

    munmap(b->shared, IPCLAB_BENCH_WAYS * sizeof(struct bench_count) + run->memory_size);
}

static const struct ipclab_bench benches[] = {
    {.name = "futex",
     .summary = "shared memory, handed over by a word and a futex",
     .setup = bench_setup,
     .give = bench_give,
     .take = bench_take,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"futex(2)", "futex(7)", "pthread_mutex_lock(3)",
                                  "pthread_cond_wait(3)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "pthread_mutex_lock, and another has it locked",
     .before = "spawn a\n"
               "a m = shmat(shmget(5678, 128, IPC_CREAT|0666))\n"
               "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)\n"
               "a fork(b)\n"
               "b pthread_mutex_lock(m)",
     .waits = {.lines = "a pthread_mutex_lock(m)", .returns = "0"},
     .ends = "b pthread_mutex_unlock(m)",
     .at_once = {.lines = "a pthread_mutex_trylock(m)", .returns = "16 EBUSY"},
     .timed = {.lines = "a pthread_mutex_timedlock(m, 100)", .returns = "110 ETIMEDOUT"}},
    {.when = "pthread_cond_wait, and nobody has signalled",
     .before = "spawn a\n"
               "a m = shmat(shmget(5678, 128, IPC_CREAT|0666))\n"
               "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)\n"
               "a c = m + 64\n"
               "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)\n"
               "a fork(b)\n"
               "a pthread_mutex_lock(m)",
     .waits = {.lines = "a pthread_cond_wait(c, m)", .returns = "0"},
     .ends = "b pthread_cond_signal(c)",
     .at_once = {.note = "there is no such form: with the mutex locked look at the condition "
                         "itself, and leave if it does not hold"},
     .timed = {.lines = "a pthread_cond_timedwait(c, m, 100)", .returns = "110 ETIMEDOUT"}},
    {.when = "futex_wait, and the word is as expected",
     .before = "spawn a\n"
               "a int *w = shmat(shmget(5678, 128, IPC_CREAT|0666))\n"
               "a fork(b)",
     .waits = {.lines = "a futex_wait(w, 0)", .returns = "0"},
     .ends = "b *w = 1\n"
             "b futex_wake(w, 1)",
     .at_once = {.lines = "a futex_wait(w, 7)",
                 .returns = "-1 EAGAIN",
                 .note = "it never sleeps when the word is another"},
     .timed = {.lines = "a futex_wait(w, 0, 100)", .returns = "-1 ETIMEDOUT"}},
    {0},
};

static const char *const fields[] = {"count", "owner", "state", "value", "waiting", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "futex",
    .version = "1.0",
    .summary = "locks in shared memory: futex, mutex, condition variable",
    .help =
        "A mutex is a lock with an owner: who has locked it, and nobody else, unlocks it. It lies "
        "in the memory that processes share, beside the data that it protects, and costs a system "
        "call only when somebody has to wait. A condition variable lets a process wait, with the "
        "mutex unlocked meanwhile, until another has changed something and signals it. Both are "
        "made of a futex: a word of memory, and a kernel that puts to sleep while it has a value "
        "and wakes on demand.\n"
        "Both have to lie in shared memory (shmat, mmap with MAP_SHARED), be initialised once, and "
        "with PTHREAD_PROCESS_SHARED.\n"
        "The functions of the pthread library return the number of the error and leave errno "
        "alone.\n"
        "What goes wrong: an owner dies, and the others wait for ever (a robust mutex says "
        "EOWNERDEAD instead). A process locks twice and waits for itself. Two lock two mutexes in "
        "different order. A signal comes before anybody waits, and is lost. The word is changed, "
        "but nobody calls futex_wake. PTHREAD_PROCESS_SHARED was forgotten.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
