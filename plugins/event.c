/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * event - what Linux added to the pipes and signals of Unix: counters, timers and processes as
 * descriptors (eventfd, timerfd, pidfd), one wait for many of them (epoll), files without a name
 * (memfd), bytes that move between pipes without passing through the process (splice, tee), the
 * memory of another process (process_vm_readv, process_vm_writev), locks of open files (flock).
 *
 * Reading and writing such a descriptor are the calls of `file`; the objects and the explanations
 * are here. What the kernel says of one that cannot be asked without changing it is in fdinfo. In
 * order: the calls, the state of the objects, why a call waits, the records. */
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/kcmp.h>

enum {
    EPOLL_INFO = 1 << 14,     /* of an epoll, which has a line for each descriptor: at first ... */
    EPOLL_INFO_MAX = 1 << 24, /* ... and at most */
    INFO_MAX = 4096,          /* of fdinfo */
    EVENTS_MAX = 64,          /* that one epoll_wait takes */
    TOLD_MAX = 32,            /* descriptors of an epoll that are told one by one */
    FDS_MAX = 1000,           /* descriptors of a process that are looked at */
    SHARERS_MAX = 256,        /* descriptors of one object that are told */
    KEPT_PIDS = 64,           /* processes whose pid is remembered beyond their end */
    OWN_DATA = -1,            /* epoll_ctl: the data is the descriptor */
    MS_PER_S = 1000,
    NS_PER_MS = 1000000,
};

#define FLOW_MAX (INT64_C(1) << 40)

#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif

/* ---- eventfd ----------------------------------------------------------------------------- */

/* A descriptor that a call made, and the object behind it. */
static int64_t
made(const struct ipclab_host *host, struct ipclab_frame *frame, int fd)
{
    if (fd < 0)
        return -1;
    host->object(frame, NULL, (uint64_t)fd, 0);
    host->created(frame);
    return fd;
}

static int64_t
run_eventfd(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return made(host, frame, eventfd((unsigned)args->v[0].i, (int)args->v[1].i));
}

/* What the host adds up is far below what a counter can hold. */
static void
tell_flow(const struct ipclab_host *host, struct ipclab_frame *frame, int64_t value)
{
    if (value > -FLOW_MAX && value < FLOW_MAX)
        host->flow(frame, value);
}

static int64_t
run_eventfd_read(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    eventfd_t value;

    if (eventfd_read((int)args->v[0].i, &value) < 0)
        return -1;
    memcpy(args->v[1].p, &value, sizeof value);
    if (value <= INT64_MAX) {
        host->stored_number(frame, 1, (int64_t)value);
    } else { /* the trace has no larger numbers */
        char text[32];

        snprintf(text, sizeof text, "%" PRIu64, value);
        host->stored(frame, 1, &value, sizeof value);
        host->fact_text(frame, "value", text);
    }
    tell_flow(host, frame, -(int64_t)value);
    return 0;
}

static int64_t
run_eventfd_write(const struct ipclab_host *host, struct ipclab_frame *frame,
                  struct ipclab_args *args)
{
    if (eventfd_write((int)args->v[0].i, (eventfd_t)args->v[1].i) < 0)
        return -1;
    tell_flow(host, frame, args->v[1].i);
    return 0;
}

/* ---- timerfd ----------------------------------------------------------------------------- */

static int64_t
run_timerfd_create(const struct ipclab_host *host, struct ipclab_frame *frame,
                   struct ipclab_args *args)
{
    return made(host, frame, timerfd_create((int)args->v[0].i, (int)args->v[1].i));
}

static struct timespec
from_ms(int64_t ms)
{
    return (struct timespec){.tv_sec = ms / MS_PER_S, .tv_nsec = ms % MS_PER_S * NS_PER_MS};
}

/* Rounded up: what is left of a timer that runs is not 0. */
static int64_t
to_ms(struct timespec t)
{
    return t.tv_sec * MS_PER_S + (t.tv_nsec + NS_PER_MS - 1) / NS_PER_MS;
}

static bool
is_set(const struct timespec *t)
{
    return t->tv_sec != 0 || t->tv_nsec != 0;
}

static void
tell_timer(const struct ipclab_host *host, struct ipclab_frame *frame, const char *left,
           const char *interval, const struct itimerspec *timer)
{
    if (is_set(&timer->it_value))
        host->volatile_fact(frame, left, to_ms(timer->it_value));
    else
        host->fact(frame, left, 0);
    host->fact(frame, interval, to_ms(timer->it_interval));
}

static int64_t
run_timerfd_settime(const struct ipclab_host *host, struct ipclab_frame *frame,
                    struct ipclab_args *args)
{
    struct itimerspec timer = {from_ms(args->v[2].i), from_ms(args->v[1].i)}, old;

    if (timerfd_settime((int)args->v[0].i, (int)args->v[3].i, &timer, &old) < 0)
        return -1;
    tell_timer(host, frame, "old_ms", "old_interval_ms", &old);
    if (!is_set(&timer.it_value) && is_set(&timer.it_interval))
        host->note(frame, "0 ms stops the timer, whatever the interval is");
    return 0;
}

static int64_t
run_timerfd_gettime(const struct ipclab_host *host, struct ipclab_frame *frame,
                    struct ipclab_args *args)
{
    struct itimerspec timer;

    if (timerfd_gettime((int)args->v[0].i, &timer) < 0)
        return -1;
    tell_timer(host, frame, "left_ms", "interval_ms", &timer);
    return 0;
}

/* ---- epoll ------------------------------------------------------------------------------- */

static const struct ipclab_constant epoll_events[] = {
    {"EPOLLIN", EPOLLIN, "there is something to read, or its end"},
    {"EPOLLOUT", EPOLLOUT, "there is room to write"},
    {"EPOLLPRI", EPOLLPRI, "there is urgent data"},
    {"EPOLLRDHUP", EPOLLRDHUP, "the peer of a stream socket writes no more"},
    {"EPOLLERR", EPOLLERR, "an error, or no reader is left; always reported"},
    {"EPOLLHUP", EPOLLHUP, "the other end is closed; always reported"},
    {"EPOLLET", EPOLLET, "report a change once, not a state again and again"},
    {"EPOLLONESHOT", EPOLLONESHOT, "report once, then only after EPOLL_CTL_MOD"},
    {"EPOLLEXCLUSIVE", EPOLLEXCLUSIVE, "of several epolls that wait, wake not all"},
    {"EPOLLWAKEUP", EPOLLWAKEUP, "keep the machine from sleeping meanwhile"},
    {0},
};

static void
events_text(char *out, size_t room, unsigned events)
{
    size_t n = 0;

    out[0] = '\0';
    for (const struct ipclab_constant *k = epoll_events; k->name != NULL; k++)
        if ((events & (unsigned)k->value) != 0 && n < room)
            n += (size_t)snprintf(out + n, room - n, "%s%s", n > 0 ? "|" : "", k->name);
    if (n == 0)
        snprintf(out, room, "0");
}

static int64_t
run_epoll_create1(const struct ipclab_host *host, struct ipclab_frame *frame,
                  struct ipclab_args *args)
{
    return made(host, frame, epoll_create1((int)args->v[0].i));
}

static int64_t
run_epoll_ctl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[2].i;
    struct epoll_event event = {.events = (uint32_t)args->v[3].i};

    (void)host, (void)frame;
    event.data.u64 = (uint64_t)(args->v[4].i == OWN_DATA ? fd : args->v[4].i);
    return epoll_ctl((int)args->v[0].i, (int)args->v[1].i, fd, &event);
}

/* A pidfd adds EPOLLHUP once its process was waited for as well. Who waits for that end is woken by
 * the first of the two, and whether the second has come meanwhile is chance. */
static unsigned
lasting_events(uint64_t fd, unsigned events)
{
    char path[48], link[64] = "";

    if ((events & EPOLLHUP) == 0 || fd > INT_MAX)
        return events;
    snprintf(path, sizeof path, "/proc/self/fd/%d", (int)fd);
    if (readlink(path, link, sizeof link - 1) > 0 && strcmp(link, "anon_inode:[pidfd]") == 0)
        events &= ~(unsigned)EPOLLHUP;
    return events;
}

static int64_t
run_epoll_wait(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct epoll_event *events = args->v[1].p;
    int ready = epoll_wait((int)args->v[0].i, events, (int)args->v[2].i, (int)args->v[3].i);

    for (int i = 0; i < ready; i++) {
        char name[48], text[160];
        struct epoll_event event;

        memcpy(&event, &events[i], sizeof event);
        snprintf(name, sizeof name, "ready_%lld", (long long)event.data.u64);
        events_text(text, sizeof text, lasting_events(event.data.u64, event.events));
        host->fact_text(frame, name, text);
    }
    if (ready == 0)
        host->note(frame, "0: the time passed and none of them was ready");
    return ready;
}

static int
timed_epoll_wait(const struct ipclab_args *args)
{
    return args->v[3].i >= 0;
}

/* ---- memfd, splice, tee ------------------------------------------------------------------ */

static int64_t
run_memfd_create(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    return made(host, frame, memfd_create(args->v[0].s, (unsigned)args->v[1].i));
}

/* Bytes went from what is behind one descriptor into what is behind another. */
static int64_t
moved(const struct ipclab_host *host, struct ipclab_frame *frame, int from, int to, ssize_t n,
      bool taken)
{
    if (n <= 0)
        return n;
    if (taken) {
        host->object(frame, NULL, (uint64_t)from, 0);
        host->flow(frame, -(int64_t)n);
    }
    host->object(frame, NULL, (uint64_t)to, 0);
    host->flow(frame, n);
    return n;
}

static int64_t
run_splice(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int from = (int)args->v[0].i, to = (int)args->v[2].i;
    ssize_t n =
        splice(from, args->v[1].p, to, args->v[3].p, (size_t)args->v[4].i, (unsigned)args->v[5].i);

    if (n == 0 && args->v[4].i > 0)
        host->note(frame, "0 means end of file: nothing more will come from descriptor %d", from);
    host->fact(frame, "moved", n > 0 ? n : 0);
    return moved(host, frame, from, to, n, true);
}

static int64_t
run_tee(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int from = (int)args->v[0].i, to = (int)args->v[1].i;
    ssize_t n = tee(from, to, (size_t)args->v[2].i, (unsigned)args->v[3].i);

    if (n == 0 && args->v[2].i > 0)
        host->note(frame, "0 means that nothing is left to copy: nobody has the write end open, or "
                          "another took it while there was no room");
    return moved(host, frame, from, to, n, false);
}

/* ---- The memory of another process ------------------------------------------------------- */

static int64_t
part_done(const struct ipclab_host *host, struct ipclab_frame *frame, ssize_t n, int64_t wanted)
{
    if (n >= 0 && n < wanted)
        host->note(frame, "only %zd of %lld bytes: memory that is not there begins behind them", n,
                   (long long)wanted);
    return n;
}

static int64_t
run_process_vm_readv(const struct ipclab_host *host, struct ipclab_frame *frame,
                     struct ipclab_args *args)
{
    size_t size = (size_t)args->v[3].i;
    struct iovec local = {args->v[1].p, size}, remote = {args->v[2].p, size};
    ssize_t n;

    if (!host->reaches(frame, (pid_t)args->v[0].i))
        return -1;
    n = process_vm_readv((pid_t)args->v[0].i, &local, 1, &remote, 1, (unsigned long)args->v[4].i);
    if (n > 0)
        host->stored(frame, 1, args->v[1].p, (size_t)n);
    return part_done(host, frame, n, args->v[3].i);
}

static int64_t
run_process_vm_writev(const struct ipclab_host *host, struct ipclab_frame *frame,
                      struct ipclab_args *args)
{
    size_t size = (size_t)args->v[3].i;
    struct iovec local = {args->v[1].p, size}, remote = {args->v[2].p, size};

    if (!host->reaches(frame, (pid_t)args->v[0].i))
        return -1;
    return part_done(
        host, frame,
        process_vm_writev((pid_t)args->v[0].i, &local, 1, &remote, 1, (unsigned long)args->v[4].i),
        args->v[3].i);
}

/* ---- pidfd ------------------------------------------------------------------------------- */

/* Which process a pidfd was opened for. The kernel forgets it when the process is reaped. */
static struct {
    ino_t ino;
    pid_t pid;
} opened[KEPT_PIDS];
static int nopened;

/* The pid in the innermost namespace, which is what students see. -1: it is no pidfd, or the
 * process is gone. */
static pid_t
pid_in(const char *info)
{
    const char *at = strstr(info, "\nNSpid:"), *end;
    long pid = -1;

    if (at == NULL)
        return -1;
    at += strlen("\nNSpid:");
    end = at + strcspn(at, "\n");
    while (at < end) {
        char *next;
        long value = strtol(at, &next, 10);

        if (next == at)
            break;
        pid = value;
        at = next;
    }
    return pid > 0 ? (pid_t)pid : -1;
}

static pid_t
pid_of(int pidfd)
{
    char path[48], text[INFO_MAX];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return pid_in(text);
}

static void
remember_pid(int pidfd, pid_t pid)
{
    struct stat st;

    if (fstat(pidfd, &st) < 0)
        return;
    opened[nopened % KEPT_PIDS].ino = st.st_ino;
    opened[nopened++ % KEPT_PIDS].pid = pid;
}

static pid_t
remembered_pid(int pidfd)
{
    struct stat st;

    for (int i = 0; i < KEPT_PIDS && fstat(pidfd, &st) == 0; i++)
        if (opened[i].pid != 0 && opened[i].ino == st.st_ino)
            return opened[i].pid;
    return -1;
}

static int64_t
run_pidfd_open(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pid_t pid = (pid_t)args->v[0].i;
    int fd = (int)syscall(SYS_pidfd_open, pid, (unsigned)args->v[1].i);

    if (fd >= 0 && !host->reaches(frame, pid)) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    if (fd >= 0)
        remember_pid(fd, pid);
    return made(host, frame, fd);
}

static int64_t
run_pidfd_send_signal(const struct ipclab_host *host, struct ipclab_frame *frame,
                      struct ipclab_args *args)
{
    int pidfd = (int)args->v[0].i, sig = (int)args->v[1].i;
    pid_t pid = pid_of(pidfd);

    if (sig == IPCLAB_RESERVED_SIGNAL) {
        host->note(frame, "signal %d (SIGRTMAX) is reserved here: `interrupt` ends calls with it",
                   sig);
        errno = EINVAL;
        return -1;
    }
    if (pid > 0) {
        if (!host->reaches(frame, pid))
            return -1;
        if (sig > 0)
            host->sends(frame, pid, sig);
    }
    return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, (unsigned)args->v[2].i);
}

/* ---- flock ------------------------------------------------------------------------------- */

static int64_t
run_flock(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int operation = (int)args->v[1].i;
    int result = flock((int)args->v[0].i, operation);

    /* Who holds it the kernel tells: this only remembers in which step the process took one last.
     */
    if (result == 0 && (operation & ~LOCK_NB) != LOCK_UN) {
        host->hold(frame, getpid(), 0, 0);
        host->hold(frame, getpid(), 1, 1);
    }
    return result;
}

/* ---- State ------------------------------------------------------------------------------- */

/* The number behind a word at the beginning of a line of fdinfo; false: no such line. */
static bool
number_in(const char *info, const char *word, int base, uint64_t *value)
{
    const char *at = strstr(info, word);

    if (at == NULL)
        return false;
    *value = strtoull(at + strlen(word), NULL, base);
    return true;
}

static void
state_eventfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2)
{
    char info[INFO_MAX];
    uint64_t count, semaphore;

    (void)key, (void)key2;
    if (host->fdinfo(look, -1, fd, info, sizeof info) < 0 ||
        !number_in(info, "\neventfd-count:", 16, &count))
        return;
    if (count <= INT64_MAX) {
        host->number(look, "count", (int64_t)count);
    } else {
        char text[32];

        snprintf(text, sizeof text, "%" PRIu64, count);
        host->text(look, "count", text);
    }
    if (number_in(info, "\neventfd-semaphore:", 10, &semaphore) && semaphore != 0)
        host->text(look, "mode", "semaphore");
}

static void
state_timerfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2)
{
    struct itimerspec timer;
    char text[64] = "off";

    (void)key, (void)key2;
    if (timerfd_gettime(fd, &timer) < 0)
        return;
    if (is_set(&timer.it_interval))
        snprintf(text, sizeof text, "runs every %lld ms", (long long)to_ms(timer.it_interval));
    else if (is_set(&timer.it_value))
        snprintf(text, sizeof text, "runs");
    host->text(look, "timer", text);
    host->volatile_number(look, "left_ms", to_ms(timer.it_value));
}

/* One line of an epoll's fdinfo. */
struct watched {
    int fd;    /* its number in the process that added it */
    int index; /* of the lines with this number */
    unsigned events;
};

/* All that an epoll watches, by number. The caller frees the list. */
struct watched_list {
    struct watched *list;
    int n;
};

static int
by_fd(const void *a, const void *b)
{
    const struct watched *x = a, *y = b;

    return x->fd != y->fd ? x->fd - y->fd : x->index - y->index;
}

/* One line of it; false: it is no such line. */
static bool
add_watched(struct watched_list *w, const char *line)
{
    struct watched one = {0}, *list;

    if (sscanf(line, "\ntfd: %d events: %x", &one.fd, &one.events) != 2)
        return false;
    for (int i = 0; i < w->n; i++)
        one.index += w->list[i].fd == one.fd;
    list = realloc(w->list, sizeof *list * (size_t)(w->n + 1));
    if (list == NULL)
        return false;
    w->list = list;
    w->list[w->n++] = one;
    return true;
}

/* process and fd as for fdinfo. */
static struct watched_list
read_watched(const struct ipclab_look_host *host, struct ipclab_look *look, int process, int fd)
{
    struct watched_list w = {0};

    for (size_t room = EPOLL_INFO; room <= EPOLL_INFO_MAX; room *= 2) {
        char *info = malloc(room);
        ssize_t n = info != NULL ? host->fdinfo(look, process, fd, info, room) : -1;
        bool whole = n < 0 || (size_t)n < room - 1;

        for (const char *at = n > 0 && whole ? info : ""; (at = strstr(at, "\ntfd:")) != NULL; at++)
            add_watched(&w, at);
        free(info);
        if (whole)
            break;
    }
    if (w.n > 1)
        qsort(w.list, (size_t)w.n, sizeof *w.list, by_fd);
    return w;
}

/* What the student gave: without what is always there. */
static unsigned
given_events(unsigned events)
{
    return events & ~(unsigned)(EPOLLERR | EPOLLHUP);
}

static void
state_epoll(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
            uint64_t key2)
{
    struct watched_list w;
    char text[1024] = "nothing";
    size_t at = 0;
    int i;

    (void)key, (void)key2;
    w = read_watched(host, look, -1, fd);
    for (i = 0; i < w.n && at + 200 < sizeof text; i++) {
        char events[160];

        events_text(events, sizeof events, given_events(w.list[i].events));
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%d:%s", i > 0 ? " " : "",
                               w.list[i].fd, events);
    }
    if (i < w.n)
        snprintf(text + at, sizeof text - at, " and %d more", w.n - i);
    host->number(look, "watched", w.n);
    host->text(look, "watches", text);
    free(w.list);
}

static bool
has_ended(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};

    return poll(&p, 1, 0) > 0 && (p.revents & POLLIN) != 0;
}

static void
state_pidfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
            uint64_t key2)
{
    char info[INFO_MAX];
    pid_t pid = -1;

    (void)key, (void)key2;
    if (host->fdinfo(look, -1, fd, info, sizeof info) > 0)
        pid = pid_in(info);
    if (pid < 0)
        pid = remembered_pid(fd);
    host->text(look, "of", pid > 0 ? host->pid_name(look, pid) : "a process that was waited for");
    host->text(look, "process", has_ended(fd) ? "has ended" : "runs");
}

/* Is this what was added to the epoll? The number may have been closed since, and be another file
 * by now, while a copy elsewhere keeps the first one watched. fd is a number in process pid, epfd
 * one here. */
static bool
is_watched(int epfd, const struct watched *w, pid_t pid, int fd)
{
    struct kcmp_epoll_slot slot = {(__u32)epfd, (__u32)w->fd, (__u32)w->index};
    long result = syscall(SYS_kcmp, pid, getpid(), KCMP_EPOLL_TFD, fd, &slot);

    return result == 0 || (result < 0 && (errno == ENOSYS || errno == EPERM));
}

/* ---- Timers that end a wait -------------------------------------------------------------- */

static int
timed_timerfd(const struct ipclab_look_host *host, struct ipclab_look *look, int process, int fd)
{
    char info[INFO_MAX];
    const char *at;
    long long s, ns;

    return host->fdinfo(look, process, fd, info, sizeof info) > 0 &&
           (at = strstr(info, "\nit_value:")) != NULL &&
           sscanf(at, "\nit_value: (%lld, %lld)", &s, &ns) == 2 && (s != 0 || ns != 0);
}

/* Any of those that it watches for reading. */
static int
timed_epoll(const struct ipclab_look_host *host, struct ipclab_look *look, int process, int fd)
{
    struct watched_list w = read_watched(host, look, process, fd);
    int epfd = process < 0 ? fd : host->descriptor_of(look, process, fd), timed = 0;

    for (int i = 0; i < w.n && !timed; i++) {
        const struct watched *one = &w.list[i];
        int target = process < 0 ? one->fd : host->descriptor_of(look, process, one->fd);

        timed = (one->events & EPOLLIN) != 0 && is_watched(epfd, one, getpid(), target) &&
                host->runs_out(look, process, one->fd);
    }
    free(w.list);
    return timed;
}

/* ---- Why it waits ------------------------------------------------------------------------ */

struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    const struct ipclab_process *self;
};

static struct scene
scene_of(const struct ipclab_look_host *host, struct ipclab_look *look,
         const struct ipclab_wait *wait)
{
    return (struct scene){host, look, wait, &wait->processes[wait->self]};
}

/* Sentences about each of the others that have the object. */
static void
say_each(const struct scene *s)
{
    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (h->process == s->wait->self || p->zombie)
            continue;
        if (p->foreign)
            s->host->say(s->look, "%s has it as descriptor %d and runs a program of its own",
                         p->name, h->fd);
        else if (p->waits)
            s->host->say(s->look, "%s has it as descriptor %d, but waits itself, in %s", p->name,
                         h->fd, p->call);
        else
            s->host->say(s->look, "%s has it as descriptor %d and can go on", p->name, h->fd);
    }
}

/* Nobody else can do anything, if that is sure. */
static void
say_alone(const struct scene *s, const char *what)
{
    if (s->self->foreign)
        return;
    s->host->say(s->look, "only %s itself has %s, and while it waits it can do nothing with it",
                 s->self->name, what);
    s->host->never(s->look);
}

/* Why a counter does not go on; returns how many others have it. */
static int
clause_of_eventfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, bool reads,
                  char *text, size_t room)
{
    char others[400];
    int n = host->others(look, fd, 'u', reads ? "eventfd_write($0, 1)" : "eventfd_read($0, value)",
                         others, sizeof others);
    const char *what = reads ? "the counter is 0" : "the counter has no room for that";

    if (n == 0)
        snprintf(text, room, "%s; nobody else has the eventfd", what);
    else
        snprintf(text, room, "%s; %s could %s it", what, others, reads ? "write to" : "read");
    return n;
}

static void
explain_eventfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
                uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = scene_of(host, look, wait);
    bool reads = strstr(wait->call, "write") == NULL;
    char text[500];
    int n = clause_of_eventfd(host, look, fd, reads, text, sizeof text);

    (void)key, (void)key2;
    host->why(look, reads ? "zero" : "full");
    host->waits(look, "%s", text);
    host->rule(look, reads
                         ? "the counter of the eventfd is 0, and reading it waits until somebody "
                           "writes a number to it"
                         : "the counter of the eventfd may not exceed 2^64 - 2, and writing waits "
                           "until somebody has read it");
    host->say(look, reads ? "eventfd(2): a write adds its number to the counter, and a read takes "
                            "all of it (one of it with EFD_SEMAPHORE)"
                          : "eventfd(2): a read takes the whole counter (one of it with "
                            "EFD_SEMAPHORE), and makes room by that");
    say_each(&s);
    host->next(look, "interrupt %s", s.self->name);
    if (n == 0) {
        host->before(look, "%s fork(other)", s.self->name);
        say_alone(&s, "the eventfd");
    }
}

static enum ipclab_chance
watched_eventfd(const struct ipclab_look_host *host, struct ipclab_look *look,
                const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text,
                size_t room)
{
    (void)wait, (void)fd;
    return clause_of_eventfd(host, look, copy, (events & POLLIN) != 0, text, room) > 0
               ? IPCLAB_SOMEBODY
               : IPCLAB_NOBODY;
}

/* Of a timer that does not run; returns how many others have it. */
static int
clause_of_timerfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, char *text,
                  size_t room)
{
    char others[400];
    int n = host->others(look, fd, 'u', "timerfd_settime($0, 100)", others, sizeof others);

    if (n == 0)
        snprintf(text, room, "the timer is not set; nobody else has the timerfd");
    else
        snprintf(text, room, "the timer is not set; %s could set it", others);
    return n;
}

static const char timer_runs[] = "the timer has not expired yet";

static bool
timer_is_set(int fd)
{
    struct itimerspec timer;

    return timerfd_gettime(fd, &timer) == 0 && is_set(&timer.it_value);
}

static void
explain_timerfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
                uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = scene_of(host, look, wait);
    char text[500];
    int n;

    (void)key, (void)key2;
    host->next(look, "interrupt %s", s.self->name);
    if (timer_is_set(fd)) {
        host->why(look, "time");
        host->waits(look, timer_runs);
        host->say(look, "timerfd(2): read returns how often the timer has expired, and waits "
                        "while that is 0");
        host->ends_by_itself(look);
        return;
    }
    n = clause_of_timerfd(host, look, fd, text, sizeof text);
    host->why(look, "off");
    host->waits(look, "%s", text);
    host->rule(look, "the timer is not set, so it cannot expire, and read(2) waits until it has");
    host->say(look, "timerfd(2): a timer runs once timerfd_settime has given it a time; one that "
                    "ran out and was read is not set any more unless it has an interval");
    say_each(&s);
    host->before(look, "%s timerfd_settime($0, 100)", s.self->name);
    if (n == 0)
        say_alone(&s, "the timerfd");
}

static enum ipclab_chance
watched_timerfd(const struct ipclab_look_host *host, struct ipclab_look *look,
                const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text,
                size_t room)
{
    (void)wait, (void)fd;
    if ((events & POLLIN) == 0) {
        snprintf(text, room, "a timerfd is never ready but for reading");
        return IPCLAB_NOBODY;
    }
    if (timer_is_set(copy)) {
        snprintf(text, room, timer_runs);
        return IPCLAB_A_TIMER;
    }
    return clause_of_timerfd(host, look, copy, text, room) > 0 ? IPCLAB_SOMEBODY : IPCLAB_NOBODY;
}

static enum ipclab_chance
watched_pidfd(const struct ipclab_look_host *host, struct ipclab_look *look,
              const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text,
              size_t room)
{
    char info[INFO_MAX] = "";
    pid_t pid;

    (void)copy, (void)events;
    host->fdinfo(look, wait->self, fd, info, sizeof info);
    pid = pid_in(info);
    for (int i = 0; i < wait->nprocesses; i++) {
        const struct ipclab_process *p = &wait->processes[i];

        if (p->world_pid != pid || i == wait->self)
            continue;
        snprintf(text, room, "%.64s has not ended", p->name);
        host->could_end(look, i);
        if (!p->waits && !p->foreign)
            host->next(look, "%s exit(0)", p->name);
        return IPCLAB_SOMEBODY;
    }
    snprintf(text, room, "its process has not ended");
    return IPCLAB_UNKNOWN;
}

static void
explain_pidfd(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2, const struct ipclab_wait *wait)
{
    char text[200];

    (void)key, (void)key2;
    watched_pidfd(host, look, wait, (int)wait->args.v[0].i, fd, POLLIN, text, sizeof text);
    host->why(look, "alive");
    host->waits(look, "%s", text);
    host->rule(look, "a pidfd is ready when its process has ended, and %s", text);
    host->next(look, "interrupt %s", wait->processes[wait->self].name);
}

/* ---- Why it waits: epoll ----------------------------------------------------------------- */

/* What is ready and not reported again, because of how it is watched. */
static const char *
reported_before(int copy, unsigned events)
{
    struct pollfd p = {.fd = copy, .events = (short)(events & (EPOLLIN | EPOLLOUT | EPOLLPRI))};

    if (given_events(events & ~(unsigned)EPOLLONESHOT) == 0)
        return "it was reported once (EPOLLONESHOT), and is off until epoll_ctl(EPOLL_CTL_MOD)";
    if ((events & EPOLLET) != 0 && copy >= 0 && poll(&p, 1, 0) > 0)
        return "it is ready, but that was reported before, and with EPOLLET only a change is: read "
               "until EAGAIN before waiting again";
    return NULL;
}

/* It is closed here: who has it open still? */
static enum ipclab_chance
say_elsewhere(const struct scene *s, int epfd, const struct watched *w, char *text, size_t room)
{
    for (int i = 0; i < s->wait->nprocesses; i++)
        for (int fd = 0; fd < FDS_MAX && !s->wait->processes[i].zombie; fd++) {
            if (!is_watched(epfd, w, s->wait->processes[i].pid, fd))
                continue;
            snprintf(text, room,
                     "it is closed here, but %.64s has it open as descriptor %d, which keeps it "
                     "watched",
                     s->wait->processes[i].name, fd);
            s->host->could_end(s->look, i);
            if ((w->events & EPOLLIN) == 0 || !s->host->runs_out(s->look, i, fd))
                return IPCLAB_UNKNOWN;
            s->host->ends_by_itself(s->look);
            return IPCLAB_A_TIMER;
        }
    snprintf(text, room, "it is closed here, but open out of sight, which keeps it watched");
    return IPCLAB_UNKNOWN;
}

/* One of those that an epoll watches. */
static enum ipclab_chance
say_watched(const struct scene *s, int epfd, const struct watched *w, char *text, size_t room)
{
    int copy = s->host->descriptor(s->look, w->fd);
    const char *before;
    enum ipclab_chance chance;

    if (copy < 0 || !is_watched(epfd, w, getpid(), copy))
        return say_elsewhere(s, epfd, w, text, room);
    before = reported_before(copy, w->events);
    if (given_events(w->events & ~(unsigned)EPOLLONESHOT) == 0)
        chance = IPCLAB_NOBODY; /* it is off, but for who has the epoll */
    else
        chance = s->host->watched(s->look, w->fd, w->events, text, room);
    if (before != NULL)
        snprintf(text, room, "%s", before);
    return chance;
}

/* All that an epoll watches, and who else has it and could change that. The clause about the first
 * goes into text. */
static enum ipclab_chance
say_epoll(const struct scene *s, int copy, const struct watched_list *w, char *text, size_t room)
{
    enum ipclab_chance chance = IPCLAB_NOBODY;
    char others[400];

    text[0] = '\0';
    for (int i = 0; i < w->n; i++) {
        char clause[500] = "";
        enum ipclab_chance one = say_watched(s, copy, &w->list[i], clause, sizeof clause);

        if (i < TOLD_MAX)
            s->host->say(s->look, "descriptor %d: %s", w->list[i].fd, clause);
        if (text[0] == '\0')
            snprintf(text, room, "%s", clause);
        chance = one > chance ? one : chance;
    }
    if (w->n > TOLD_MAX)
        s->host->say(s->look, "and %d descriptors more, none of which is ready", w->n - TOLD_MAX);
    if (s->host->others(s->look, copy, 'u', NULL, others, sizeof others) == 0)
        return chance;
    s->host->say(s->look, "%s could change what is watched, by epoll_ctl", others);
    return chance > IPCLAB_SOMEBODY ? chance : IPCLAB_SOMEBODY;
}

static void
explain_epoll(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
              uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = scene_of(host, look, wait);
    int number = (int)wait->args.v[0].i, i, n;
    struct watched_list w = read_watched(host, look, wait->self, number);
    char text[500], all[200] = "";
    enum ipclab_chance chance = say_epoll(&s, fd, &w, text, sizeof text);
    size_t at = 0;

    (void)key, (void)key2;
    n = w.n;
    for (i = 0; i < n && at + 40 < sizeof all; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%d", i > 0 ? ", " : "", w.list[i].fd);
    if (i < n)
        snprintf(all + at, sizeof all - at, " and %d more", n - i);
    free(w.list);
    host->why(look, n == 0 ? "nothing" : "not ready");
    if (n == 0)
        host->waits(look, "nothing is watched");
    else if (n == 1)
        host->waits(look, "descriptor %s is not ready: %s", all, text);
    else
        host->waits(look, "none of the %d descriptors watched is ready (%s)", n, all);
    host->rule(look, "epoll_wait(2) returns when a watched descriptor is ready, and %s",
               n == 0 ? "nothing is watched" : "none is");
    host->next(look, "interrupt %s", s.self->name);
    if (host->runs_out(look, wait->self, number))
        host->ends_by_itself(look);
    if (chance == IPCLAB_NOBODY && !s.self->foreign && wait->args.v[3].i < 0)
        host->never(look);
}

/* An epoll may be watched itself: it is ready when it has something to report. */
static enum ipclab_chance
watched_epoll(const struct ipclab_look_host *host, struct ipclab_look *look,
              const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text,
              size_t room)
{
    struct scene s = scene_of(host, look, wait);
    struct watched_list w = read_watched(host, look, wait->self, fd);
    enum ipclab_chance chance;
    char first[500];
    int n = w.n;

    (void)events;
    chance = say_epoll(&s, copy, &w, first, sizeof first);
    free(w.list);
    if (n == 0)
        snprintf(text, room, "the epoll watches nothing");
    else
        snprintf(text, room, "nothing that the epoll watches is ready");
    return chance;
}

/* ---- Why it waits: splice, tee ----------------------------------------------------------- */

static bool
is_pipe(int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* What poll says of it now. */
static int
ready_for(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    return poll(&one, 1, 0) > 0 ? one.revents : 0;
}

/* It waits for something to take, and then, also where the last writer has gone, for room. */
static void
explain_moving(const struct ipclab_look_host *host, struct ipclab_look *look,
               const struct ipclab_wait *wait)
{
    bool tees = strcmp(wait->call, "tee") == 0;
    int from = (int)wait->args.v[0].i, to = (int)wait->args.v[tees ? 1 : 2].i, bytes = 0;
    int in = host->descriptor(look, from), out = host->descriptor(look, to);
    bool empty = is_pipe(in) && ioctl(in, FIONREAD, &bytes) == 0 && bytes == 0 &&
                 (ready_for(in, POLLIN) & POLLHUP) == 0;
    enum ipclab_chance chance = IPCLAB_UNKNOWN, room = IPCLAB_NOBODY;
    char text[500] = "it has no room", other[500];

    if (empty || is_pipe(out))
        chance =
            host->watched(look, empty ? from : to, empty ? POLLIN : POLLOUT, text, sizeof text);
    /* A tee that had something to copy may be past that, though another has taken it since. */
    if (tees && empty && is_pipe(out) && ready_for(out, POLLOUT) == 0)
        room = host->watched(look, to, POLLOUT, other, sizeof other);
    chance = room > chance ? room : chance;
    host->why(look, empty ? "empty" : "full");
    host->waits(look, "descriptor %d, %s: %s", empty ? from : to,
                empty ? "where it takes from" : "where it puts", text);
    host->rule(look,
               "%s(2) waits until there is something to take from descriptor %d and room in %d",
               wait->call, from, to);
    host->next(look, "interrupt %s", wait->processes[wait->self].name);
    if (empty) {
        host->waits_on(look, 0);
        host->number(look, "bytes", 0);
    }
    if (chance == IPCLAB_NOBODY && !wait->processes[wait->self].foreign)
        host->never(look);
}

/* ---- Why it waits: flock ----------------------------------------------------------------- */

/* The lock of an open file, as fdinfo tells it. */
struct lock {
    const char *kind; /* "LOCK_EX", "LOCK_SH" */
    int taker;        /* pid of the process that took it, as the observer sees it */
};

static bool
lock_of(const struct scene *s, const struct ipclab_holder *h, struct lock *lock)
{
    char info[INFO_MAX], mode[16];
    const char *at;

    if (s->host->fdinfo(s->look, h->process, h->fd, info, sizeof info) < 0 ||
        (at = strstr(info, "FLOCK")) == NULL ||
        sscanf(at, "FLOCK ADVISORY %15s %d", mode, &lock->taker) != 2)
        return false;
    lock->kind = strcmp(mode, "WRITE") == 0 ? "LOCK_EX" : "LOCK_SH";
    return true;
}

/* The step in which it was taken, which is the last in which its taker took one; 0: not known. */
static int64_t
since(const struct scene *s, const struct lock *lock)
{
    for (int i = 0; i < s->wait->nholds; i++) {
        const struct ipclab_hold *h = &s->wait->holds[i];

        if (h->process >= 0 && s->wait->processes[h->process].pid == lock->taker && h->amount > 0)
            return h->since;
    }
    return 0;
}

static void
say_lock(const struct scene *s, const struct ipclab_holder *h, const struct lock *lock, bool first)
{
    const struct ipclab_process *p = &s->wait->processes[h->process];
    int64_t step = since(s, lock);
    char when[48] = "";

    if (step > 0)
        snprintf(when, sizeof when, " since step %lld", (long long)step);
    if (first)
        s->host->holder(s->look, p->name, step);
    if (h->process == s->wait->self) {
        s->host->say(
            s->look,
            "%s itself holds %s%s, by its descriptor %d, which is another open file: while "
            "it waits it cannot unlock it",
            p->name, lock->kind, when, h->fd);
        s->host->before(s->look, "%s flock(%d, LOCK_UN)", p->name, h->fd);
        return;
    }
    s->host->could_end(s->look, h->process);
    if (p->waits)
        s->host->say(s->look, "%s holds %s%s (fd %d), but waits itself, in %s", p->name, lock->kind,
                     when, h->fd, p->call);
    else
        s->host->say(s->look, "%s holds %s%s (fd %d)%s", p->name, lock->kind, when, h->fd,
                     p->foreign ? " and runs a program of its own" : " and can go on");
    if (!p->waits && !p->foreign)
        s->host->next(s->look, "%s flock(%d, LOCK_UN)", p->name, h->fd);
}

static void
explain_flock(const struct ipclab_look_host *host, struct ipclab_look *look,
              const struct ipclab_wait *wait)
{
    struct scene s = scene_of(host, look, wait);
    struct ipclab_holder list[SHARERS_MAX];
    int fd = host->descriptor(look, (int)wait->args.v[0].i);
    int n = fd >= 0 ? host->sharers(look, fd, list, SHARERS_MAX) : 0, owners = 0, others = 0;
    char names[400] = "";
    const char *kind = "";
    size_t at = 0;
    int last = -1; /* the process that was told last: they come in their order */

    n = n < SHARERS_MAX ? n : SHARERS_MAX;
    host->why(look, "locked");
    host->say(look, "flock(2): a lock belongs to the open file, not to the process: descriptors "
                    "that dup or fork copied share it, a second open does not. LOCK_EX admits no "
                    "other lock, LOCK_SH admits LOCK_SH");
    for (int i = 0; i < n; i++) {
        struct lock lock;

        if (!lock_of(&s, &list[i], &lock))
            continue;
        kind = lock.kind;
        owners++;
        others += list[i].process != wait->self;
        if (at + 100 < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%.64s (fd %d)",
                                   owners > 1 ? ", " : "", wait->processes[list[i].process].name,
                                   list[i].fd);
        say_lock(&s, &list[i], &lock, list[i].process != last);
        last = list[i].process;
    }
    if (owners == 0) {
        host->waits(look, "a lock of an open file out of sight is in the way");
        host->rule(look, "flock(2) waits until no other open file has a lock in the way");
    } else {
        host->waits(look, "%s %s %s on it", names, owners == 1 ? "holds" : "hold", kind);
        host->rule(look,
                   "flock(2) waits until no other open file has a lock in the way, and %s %s %s",
                   names, owners == 1 ? "has" : "have", kind);
    }
    host->say(look, "it goes when it is unlocked, or when the last descriptor of that open file is "
                    "closed, in whatever process");
    host->next(look, "interrupt %s", s.self->name);
    if (owners > 0 && others == 0 && n < SHARERS_MAX && !s.self->foreign)
        host->never(look);
}

/* ---- The records: arguments -------------------------------------------------------------- */

#define FD_ARG(label, what)                                                                        \
    {                                                                                              \
        .name = label, .type = IPCLAB_FD, .summary = what                                          \
    }
#define FLAGS_ARG(what, words)                                                                     \
    {                                                                                              \
        .name = "flags", .type = IPCLAB_FLAGS, .flags = IPCLAB_OPTIONAL, .summary = what,          \
        .constants = words                                                                         \
    }

static const struct ipclab_constant eventfd_flags[] = {
    {"EFD_CLOEXEC", EFD_CLOEXEC, "closed by execve"},
    {"EFD_NONBLOCK", EFD_NONBLOCK, "reading and writing fail with EAGAIN instead of waiting"},
    {"EFD_SEMAPHORE", EFD_SEMAPHORE, "a read takes 1, not all"},
    {0},
};
static const struct ipclab_constant clocks[] = {
    {"CLOCK_MONOTONIC", CLOCK_MONOTONIC, "time that only goes on"},
    {"CLOCK_REALTIME", CLOCK_REALTIME, "the time of day, which somebody may set"},
    {"CLOCK_BOOTTIME", CLOCK_BOOTTIME, "as CLOCK_MONOTONIC, and goes on while the machine sleeps"},
    {"CLOCK_BOOTTIME_ALARM", CLOCK_BOOTTIME_ALARM, "the same, and wakes the machine"},
    {"CLOCK_REALTIME_ALARM", CLOCK_REALTIME_ALARM, "as CLOCK_REALTIME, and wakes the machine"},
    {0},
};
static const struct ipclab_constant timerfd_flags[] = {
    {"TFD_CLOEXEC", TFD_CLOEXEC, "closed by execve"},
    {"TFD_NONBLOCK", TFD_NONBLOCK, "reading fails with EAGAIN instead of waiting"},
    {0},
};
static const struct ipclab_constant settime_flags[] = {
    {"TFD_TIMER_ABSTIME", TFD_TIMER_ABSTIME, "ms is a time of the clock, not from now"},
    {"TFD_TIMER_CANCEL_ON_SET", TFD_TIMER_CANCEL_ON_SET,
     "read fails with ECANCELED when somebody sets the clock"},
    {0},
};
static const struct ipclab_constant epoll_flags[] = {
    {"EPOLL_CLOEXEC", EPOLL_CLOEXEC, "closed by execve"},
    {0},
};
static const struct ipclab_constant epoll_operations[] = {
    {"EPOLL_CTL_ADD", EPOLL_CTL_ADD, "watch this descriptor, too"},
    {"EPOLL_CTL_MOD", EPOLL_CTL_MOD, "watch it for something else"},
    {"EPOLL_CTL_DEL", EPOLL_CTL_DEL, "watch it no more"},
    {0},
};
static const struct ipclab_constant memfd_flags[] = {
    {"MFD_CLOEXEC", MFD_CLOEXEC, "closed by execve"},
    {"MFD_ALLOW_SEALING", MFD_ALLOW_SEALING, "fcntl(F_ADD_SEALS) may forbid changes"},
    {"MFD_HUGETLB", MFD_HUGETLB, "of huge pages"},
    {0},
};
static const struct ipclab_constant splice_flags[] = {
    {"SPLICE_F_NONBLOCK", SPLICE_F_NONBLOCK, "fail with EAGAIN where a pipe would make it wait"},
    {"SPLICE_F_MOVE", SPLICE_F_MOVE, "move pages where that is possible; a hint"},
    {"SPLICE_F_MORE", SPLICE_F_MORE, "more will follow; a hint for sockets"},
    {0},
};
static const struct ipclab_constant pidfd_flags[] = {
    {"PIDFD_NONBLOCK", PIDFD_NONBLOCK, "waitid on it fails with EAGAIN instead of waiting"},
    {0},
};
static const struct ipclab_constant signals[] = {
    {"SIGTERM", SIGTERM, "ends the process; the polite request"},
    {"SIGKILL", SIGKILL, "ends the process; cannot be caught, blocked or ignored"},
    {"SIGUSR1", SIGUSR1, "ends the process; free for programs to use"},
    {"SIGUSR2", SIGUSR2, "ends the process; free for programs to use"},
    {"SIGINT", SIGINT, "ends the process; Ctrl+C"},
    {"SIGSTOP", SIGSTOP, "stops the process; cannot be caught, blocked or ignored"},
    {"SIGCONT", SIGCONT, "lets a stopped process go on"},
    {0},
};
static const struct ipclab_constant lock_operations[] = {
    {"LOCK_SH", LOCK_SH, "a shared lock: others may have one, too"},
    {"LOCK_EX", LOCK_EX, "an exclusive lock: nobody else may have one"},
    {"LOCK_UN", LOCK_UN, "no lock any more"},
    {"LOCK_NB", LOCK_NB, "with one of these: fail with EAGAIN instead of waiting"},
    {0},
};

static const struct ipclab_arg eventfd_args[] = {
    {.name = "initval",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what the counter begins with",
     .max = UINT32_MAX},
    FLAGS_ARG("how it behaves", eventfd_flags),
    {0},
};
static const struct ipclab_arg eventfd_read_args[] = {
    FD_ARG("fd", "an eventfd"),
    {.name = "value",
     .type = IPCLAB_BUFFER,
     .summary = "gets the number that was taken, 8 bytes",
     .size_arg = -1,
     .count = sizeof(eventfd_t)},
    {0},
};
static const struct ipclab_arg eventfd_write_args[] = {
    FD_ARG("fd", "an eventfd"),
    {.name = "value", .type = IPCLAB_INT, .summary = "is added to its counter"},
    {0},
};
static const struct ipclab_arg timerfd_create_args[] = {
    {.name = "clockid",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "which clock",
     .def = CLOCK_MONOTONIC,
     .constants = clocks},
    FLAGS_ARG("how it behaves", timerfd_flags),
    {0},
};
static const struct ipclab_arg settime_args[] = {
    FD_ARG("fd", "a timerfd"),
    {.name = "ms", .type = IPCLAB_INT, .summary = "when it expires first; 0 stops it"},
    {.name = "interval_ms",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "then again and again after so long; 0: once"},
    FLAGS_ARG("how ms is meant", settime_flags),
    {0},
};
static const struct ipclab_arg gettime_args[] = {FD_ARG("fd", "a timerfd"), {0}};
static const struct ipclab_arg epoll_create1_args[] = {
    FLAGS_ARG("EPOLL_CLOEXEC or 0", epoll_flags),
    {0},
};
static const struct ipclab_arg epoll_ctl_args[] = {
    FD_ARG("epfd", "an epoll"),
    {.name = "op",
     .type = IPCLAB_INT,
     .summary = "add, change or take out",
     .constants = epoll_operations},
    FD_ARG("fd", "the descriptor to watch"),
    {.name = "events",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what to watch for",
     .max = UINT32_MAX, /* EPOLLET is the highest bit */
     .constants = epoll_events},
    {.name = "data",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "a number that comes with each event; left out: the descriptor",
     .def = OWN_DATA},
    {0},
};
static const struct ipclab_arg epoll_wait_args[] = {
    FD_ARG("epfd", "an epoll"),
    {.name = "events",
     .type = IPCLAB_BUFFER,
     .summary = "where the events go, 12 bytes each",
     .size_arg = -1,
     .count = EVENTS_MAX * (int)sizeof(struct epoll_event)},
    {.name = "maxevents",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many at most",
     .def = EVENTS_MAX,
     .min = INT_MIN,
     .max = EVENTS_MAX},
    {.name = "timeout_ms",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how long at most; -1: as long as it takes; 0: only look",
     .def = -1,
     .min = -1,
     .max = INT_MAX},
    {0},
};
static const struct ipclab_arg memfd_args[] = {
    {.name = "name",
     .type = IPCLAB_STRING,
     .summary = "for /proc alone: nobody can open it by that"},
    FLAGS_ARG("how it behaves", memfd_flags),
    {0},
};
static const struct ipclab_arg splice_args[] = {
    FD_ARG("fd_in", "where to take from"),
    {.name = "off_in",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "address of the offset to begin at, in a file; NULL: the file's own"},
    FD_ARG("fd_out", "where to put"),
    {.name = "off_out",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "the same for fd_out"},
    {.name = "len", .type = IPCLAB_SIZE, .summary = "how many bytes at most"},
    FLAGS_ARG("how to move them", splice_flags),
    {0},
};
static const struct ipclab_arg tee_args[] = {
    FD_ARG("fd_in", "the pipe whose bytes are copied"),
    FD_ARG("fd_out", "the pipe that gets them, too"),
    {.name = "len", .type = IPCLAB_SIZE, .summary = "how many bytes at most"},
    FLAGS_ARG("SPLICE_F_NONBLOCK or 0", splice_flags),
    {0},
};
#define VM_FLAGS                                                                                   \
    {                                                                                              \
        .name = "flags", .type = IPCLAB_INT, .flags = IPCLAB_OPTIONAL, .summary = "0"              \
    }
static const struct ipclab_arg vm_readv_args[] = {
    {.name = "pid", .type = IPCLAB_PROCESS, .summary = "whose memory"},
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "where the bytes go", .size_arg = 3},
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "an address in that process"},
    {.name = "n", .type = IPCLAB_SIZE, .summary = "how many bytes"},
    VM_FLAGS,
    {0},
};
static const struct ipclab_arg vm_writev_args[] = {
    {.name = "pid", .type = IPCLAB_PROCESS, .summary = "whose memory"},
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "the bytes", .size_arg = 3},
    {.name = "addr", .type = IPCLAB_POINTER, .summary = "an address in that process"},
    {.name = "n", .type = IPCLAB_SIZE, .summary = "how many bytes"},
    VM_FLAGS,
    {0},
};
static const struct ipclab_arg pidfd_open_args[] = {
    {.name = "pid", .type = IPCLAB_PROCESS, .summary = "the process"},
    FLAGS_ARG("PIDFD_NONBLOCK or 0", pidfd_flags),
    {0},
};
static const struct ipclab_arg pidfd_send_args[] = {
    FD_ARG("pidfd", "a pidfd"),
    {.name = "sig",
     .type = IPCLAB_SIGNAL,
     .summary = "which; 0: only ask whether it could be sent",
     .constants = signals},
    {.name = "flags", .type = IPCLAB_INT, .flags = IPCLAB_OPTIONAL, .summary = "0"},
    {0},
};
static const struct ipclab_arg flock_args[] = {
    FD_ARG("fd", "an open file"),
    {.name = "operation",
     .type = IPCLAB_FLAGS,
     .summary = "LOCK_SH, LOCK_EX or LOCK_UN, with |LOCK_NB not to wait",
     .constants = lock_operations},
    {0},
};

/* ---- The records: errors ----------------------------------------------------------------- */

#define LIMITS                                                                                     \
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},               \
        {"ENFILE", "the system has as many open files as it allows"},                              \
    {                                                                                              \
        "ENOMEM", "the kernel has no memory for it"                                                \
    }

static const struct ipclab_error eventfd_errors[] = {
    {"EINVAL", "flags has a bit that is none of EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE"},
    {"ENODEV", "the kernel cannot make files without a path"},
    LIMITS,
    {0},
};
static const struct ipclab_error eventfd_read_errors[] = {
    {"EAGAIN", "the counter is 0, and EFD_NONBLOCK forbids to wait"},
    {"EINTR", "a signal with a handler came while it waited"},
    {"EBADF", "$fd is not an open descriptor of this process"},
    {"EINVAL", "$fd is nothing that 8 bytes can be read from"},
    {0},
};
static const struct ipclab_error eventfd_write_errors[] = {
    {"EAGAIN", "the counter would exceed 2^64 - 2, and EFD_NONBLOCK forbids to wait"},
    {"EINTR", "a signal with a handler came while it waited"},
    {"EBADF", "$fd is not an open descriptor of this process, or not open for writing"},
    {"EINVAL", "$value is 2^64 - 1 (-1), which no counter can have, or $fd is no eventfd"},
    {"EPIPE", "$fd is a pipe that nobody reads"},
    {0},
};
static const struct ipclab_error timerfd_create_errors[] = {
    {"EINVAL", "$clockid is no clock for this, or flags has a bit that is neither TFD_CLOEXEC nor "
               "TFD_NONBLOCK"},
    {"EPERM", "only a privileged process may have a clock that wakes the machine"},
    {"ENODEV", "the kernel cannot make files without a path"},
    LIMITS,
    {0},
};
static const struct ipclab_error settime_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process"},
    {"EINVAL", "$fd is no timerfd, or a time is negative, or a flag is unknown"},
    {"ECANCELED", "the clock was set since, and TFD_TIMER_CANCEL_ON_SET asked to be told"},
    {0},
};
static const struct ipclab_error gettime_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process"},
    {"EINVAL", "$fd is no timerfd"},
    {0},
};
static const struct ipclab_error epoll_create1_errors[] = {
    {"EINVAL", "flags has a bit that is not EPOLL_CLOEXEC"},
    LIMITS,
    {0},
};
static const struct ipclab_error epoll_ctl_errors[] = {
    {"EBADF", "$epfd or $fd is not an open descriptor of this process"},
    {"EEXIST", "$fd is watched already; EPOLL_CTL_MOD changes that"},
    {"ENOENT", "$fd is not watched"},
    {"EINVAL", "$epfd is no epoll, or $fd is $epfd, or the operation or a combination of events is "
               "not possible"},
    {"ELOOP", "epolls would watch each other in a ring, or be nested too deep"},
    {"EPERM", "$fd is a file or folder, which is always ready: epoll does not watch those"},
    {"ENOMEM", "the kernel has no memory for it"},
    {"ENOSPC", "this user watches as many descriptors as /proc/sys/fs/epoll/max_user_watches "
               "allows"},
    {0},
};
static const struct ipclab_error epoll_wait_errors[] = {
    {"EBADF", "$epfd is not an open descriptor of this process"},
    {"EFAULT", "events is no memory that may be written"},
    {"EINTR", "a signal with a handler came before any was ready"},
    {"EINVAL", "$epfd is no epoll, or $maxevents is not above 0"},
    {0},
};
static const struct ipclab_error memfd_errors[] = {
    {"EINVAL", "a flag is unknown, or $name has more than 249 bytes"},
    {"EFAULT", "name is no address in this process's memory"},
    {"EPERM", "this process may not use huge pages"},
    {"ENODEV", "there are no huge pages of that size"},
    LIMITS,
    {0},
};
static const struct ipclab_error splice_errors[] = {
    {"EAGAIN",
     "$fd_in has nothing, or $fd_out no room, and SPLICE_F_NONBLOCK or O_NONBLOCK forbids "
     "to wait"},
    {"EBADF", "$fd_in is not open for reading, or $fd_out not for writing"},
    {"EINVAL", "neither is a pipe, or both are the same one, or one of them cannot do this (a file "
               "opened with O_APPEND, an eventfd)"},
    {"ESPIPE", "an offset was given for a pipe, which has none"},
    {"EFAULT", "an offset is no address in this process's memory"},
    {"EINTR", "a signal with a handler came while it waited"},
    {"EPIPE", "nobody has the read end of $fd_out open any more, and SIGPIPE, which would have "
              "killed the process, is ignored or handled"},
    {"ENOMEM", "the kernel has no memory for it"},
    {0},
};
static const struct ipclab_error tee_errors[] = {
    {"EAGAIN", "$fd_in is empty, or $fd_out full, and SPLICE_F_NONBLOCK or O_NONBLOCK forbids to "
               "wait"},
    {"EBADF", "$fd_in is not open for reading, or $fd_out not for writing"},
    {"EINVAL", "one of them is no pipe, or both are the same one"},
    {"EINTR", "a signal with a handler came while it waited"},
    {"EPIPE", "nobody has the read end of $fd_out open any more, and SIGPIPE, which would have "
              "killed the process, is ignored or handled"},
    {"ENOMEM", "the kernel has no memory for it"},
    {0},
};
#define VM_ERRORS                                                                                  \
    {"EPERM",                                                                                      \
     "this process may not look into $pid: that would take the right to trace it, or $pid "        \
     "is not of this world where worlds are shared"},                                              \
        {"ESRCH", "there is no process $pid"}, {"EINVAL", "flags is not 0, or $n is too large"},   \
    {                                                                                              \
        "ENOMEM", "the kernel has no memory for it"                                                \
    }
static const struct ipclab_error vm_readv_errors[] = {
    {"EFAULT", "process $pid has no readable memory at that address, or buf is not $n bytes here"},
    VM_ERRORS,
    {0},
};
static const struct ipclab_error vm_writev_errors[] = {
    {"EFAULT", "process $pid has no writable memory at that address, or buf is not $n bytes here"},
    VM_ERRORS,
    {0},
};
static const struct ipclab_error pidfd_open_errors[] = {
    {"ESRCH", "there is no process $pid; one that has ended and was not waited for counts"},
    {"EINVAL", "$pid is not above 0, or flags has a bit that is not PIDFD_NONBLOCK, or $pid is a "
               "thread and not a process"},
    {"EPERM", "process $pid is not of this world, where worlds are shared"},
    {"ENODEV", "the kernel cannot make files without a path"},
    LIMITS,
    {0},
};
static const struct ipclab_error pidfd_send_errors[] = {
    {"EBADF", "$pidfd is no open pidfd of this process"},
    {"ESRCH", "the process has ended and was waited for; no other can get the signal instead"},
    {"EINVAL", "$sig is no signal, or the reserved one, or flags is not 0"},
    {"EPERM", "the process belongs to somebody else, or is not of this world where worlds are "
              "shared"},
    {0},
};
static const struct ipclab_error flock_errors[] = {
    {"EAGAIN", "another open file has a lock in the way, and LOCK_NB forbids to wait (its other "
               "name is EWOULDBLOCK)"},
    {"EBADF", "$fd is not an open descriptor of this process"},
    {"EINTR", "a signal with a handler came while it waited for the lock"},
    {"EINVAL", "the operation is none of LOCK_SH, LOCK_EX, LOCK_UN"},
    {"ENOLCK", "the kernel has no memory for more locks"},
    {0},
};

/* ---- The records: examples --------------------------------------------------------------- */

#define COUNTER "spawn a\na e = eventfd(0)\na fork(b)\n"
#define TIMER "spawn a\na t = timerfd_create(CLOCK_MONOTONIC)\n"
#define WATCHED                                                                                    \
    "spawn a\na e = eventfd(0)\na ep = epoll_create1()\na epoll_ctl(ep, EPOLL_CTL_ADD, e, "        \
    "EPOLLIN)\n"
#define PIPES "spawn a\na pipe(p)\na pipe(q)\n"

static const char *const eventfd_examples[] = {
    COUNTER "b read(e, &n, 8)\na eventfd_write(e, 3)\nb print n",
    "spawn a\na e = eventfd(2, EFD_SEMAPHORE|EFD_NONBLOCK)\na eventfd_read(e, n)\n"
    "a eventfd_read(e, n)\na eventfd_read(e, n)",
    NULL,
};
static const char *const eventfd_read_examples[] = {
    COUNTER "b eventfd_read(e, &n)\na eventfd_write(e, 7)\nb print n",
    "spawn a\na e = eventfd(0, EFD_NONBLOCK)\na eventfd_read(e, &n)",
    NULL,
};
static const char *const eventfd_write_examples[] = {
    COUNTER "a eventfd_write(e, 1)\na eventfd_write(e, 1)\nb eventfd_read(e, &n)\nb print n",
    COUNTER "a eventfd_write(e, -2)\na eventfd_write(e, 1)\nb eventfd_read(e, &n)",
    NULL,
};
static const char *const timerfd_create_examples[] = {
    TIMER "a timerfd_settime(t, 20)\na read(t, &n, 8)\na print n",
    "spawn a\na t = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK)\na read(t, &n, 8)",
    NULL,
};
static const char *const settime_examples[] = {
    TIMER "a timerfd_settime(t, 20, 20)\na read(t, &n, 8)\na read(t, &n, 8)\n"
          "a timerfd_settime(t, 0)",
    TIMER "a timerfd_settime(t, 20)\na poll(t, POLLIN, -1)\na read(t, &n, 8)",
    NULL,
};
static const char *const gettime_examples[] = {
    TIMER "a timerfd_settime(t, 5000, 100)\na timerfd_gettime(t)",
    TIMER "a timerfd_gettime(t)",
    NULL,
};
static const char *const epoll_create1_examples[] = {
    WATCHED "a eventfd_write(e, 1)\na epoll_wait(ep, events)",
    "spawn a\na ep = epoll_create1(EPOLL_CLOEXEC)\na epoll_wait(ep, events, 8, 0)",
    NULL,
};
static const char *const epoll_ctl_examples[] = {
    WATCHED "a epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN|EPOLLOUT)\na epoll_wait(ep, events, 8, 0)\n"
            "a epoll_ctl(ep, EPOLL_CTL_DEL, e)",
    PIPES "a ep = epoll_create1()\na epoll_ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN|EPOLLET)\n"
          "a epoll_ctl(ep, EPOLL_CTL_ADD, q[0], EPOLLIN, 77)\na write(q[1], \"x\")\n"
          "a epoll_wait(ep, events)",
    NULL,
};
static const char *const epoll_wait_examples[] = {
    WATCHED "a fork(b)\nb epoll_wait(ep, events, 8, -1)\na eventfd_write(e, 1)",
    WATCHED "a epoll_wait(ep, events, 8, 0)\na epoll_wait(ep, events, 8, 20)",
    WATCHED "a t = timerfd_create()\na timerfd_settime(t, 20)\n"
            "a epoll_ctl(ep, EPOLL_CTL_ADD, t, EPOLLIN)\na epoll_wait(ep, events)",
    NULL,
};
static const char *const memfd_examples[] = {
    "spawn a\na m = memfd_create(\"box\", MFD_CLOEXEC)\na write(m, \"hello\")\n"
    "a pread(m, buf, 5, 0)",
    "spawn a\na m = memfd_create(\"box\", MFD_ALLOW_SEALING)\na ftruncate(m, 100)\n"
    "a fcntl(m, F_ADD_SEALS, F_SEAL_SHRINK)\na ftruncate(m, 10)",
    NULL,
};
static const char *const splice_examples[] = {
    PIPES "a write(p[1], \"hello\")\na splice(p[0], NULL, q[1], NULL, 64)\na read(q[0], buf, 64)",
    PIPES "a splice(p[0], NULL, q[1], NULL, 64, SPLICE_F_NONBLOCK)",
    "spawn a\na f = open(\"f\", O_CREAT|O_RDWR, 0644)\na write(f, \"0123456789\")\na pipe(p)\n"
    "a long off = 4\na splice(f, &off, p[1], NULL, 3)\na read(p[0], buf, 64)\na print off",
    NULL,
};
static const char *const tee_examples[] = {
    PIPES "a write(p[1], \"hello\")\na tee(p[0], q[1], 64)\na read(p[0], buf, 64)\n"
          "a read(q[0], buf, 64)",
    PIPES "a fork(b)\nb tee(p[0], q[1], 64)\na write(p[1], \"x\")",
    NULL,
};
static const char *const vm_readv_examples[] = {
    "spawn parent\nparent char x[8]\nparent fork(child)\nchild strcpy(x, \"secret\")\n"
    "parent process_vm_readv(child, buf, x, 6)\nparent print x",
    "spawn a\na process_vm_readv(a, buf, 4096, 8)",
    NULL,
};
static const char *const vm_writev_examples[] = {
    "spawn parent\nparent char x[8]\nparent fork(child)\n"
    "parent process_vm_writev(child, \"hello\", x, 5)\nchild print x",
    "spawn a\na char x[8]\na process_vm_writev(a, \"hi\", x, 2)\na print x",
    NULL,
};
static const char *const pidfd_open_examples[] = {
    "spawn parent\nparent fork(child)\nparent p = pidfd_open(child)\nparent poll(p, POLLIN, -1)\n"
    "child exit(3)\nparent wait(status)",
    "spawn a\na pidfd_open(a, PIDFD_NONBLOCK)\na pidfd_open(0)",
    NULL,
};
static const char *const pidfd_send_examples[] = {
    "spawn parent\nparent fork(child)\nparent p = pidfd_open(child)\n"
    "parent pidfd_send_signal(p, SIGTERM)\nparent wait(status)\n"
    "parent pidfd_send_signal(p, SIGTERM)",
    "spawn parent\nparent fork(child)\nparent p = pidfd_open(child)\n"
    "parent pidfd_send_signal(p, 0)",
    NULL,
};
static const char *const flock_examples[] = {
    "spawn a b\na f = open(\"f\", O_CREAT|O_RDWR, 0644)\nb f = open(\"f\", O_RDWR)\n"
    "a flock(f, LOCK_EX)\nb flock(f, LOCK_EX|LOCK_NB)\nb flock(f, LOCK_EX)\na flock(f, LOCK_UN)",
    "spawn a\na f = open(\"f\", O_CREAT|O_RDWR, 0644)\na flock(f, LOCK_SH)\na fork(b)\n"
    "b flock(f, LOCK_EX)",
    NULL,
};

/* ---- The records: the calls -------------------------------------------------------------- */

static const struct ipclab_call calls[] = {
    {.name = "eventfd",
     .prototype = "int eventfd(unsigned int initval, int flags)",
     .summary = "a counter behind a descriptor",
     .help = "A write of 8 bytes adds their number to the counter, a read takes the whole counter "
             "and leaves 0, or takes 1 with EFD_SEMAPHORE. Reading waits while the counter is 0, "
             "writing while it would exceed 2^64 - 2. Parent and child, or several threads, wake "
             "each other by it; poll and epoll take it like any other descriptor. It is what a "
             "pipe of single bytes is used for, in one descriptor and without a buffer that "
             "fills.",
     .man = "eventfd(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor, the lowest number that is free",
     .args = eventfd_args,
     .errors = eventfd_errors,
     .examples = eventfd_examples,
     .run = run_eventfd},
    {.name = "eventfd_read",
     .prototype = "int eventfd_read(int fd, eventfd_t *value)",
     .summary = "take the number of an eventfd's counter",
     .help = "The same as read(fd, &value, 8), as a function of the C library.",
     .man = "eventfd(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .waits = "the counter is 0; a write of any number but 0 ends it",
     .args = eventfd_read_args,
     .errors = eventfd_read_errors,
     .examples = eventfd_read_examples,
     .run = run_eventfd_read},
    {.name = "eventfd_write",
     .prototype = "int eventfd_write(int fd, eventfd_t value)",
     .summary = "add a number to an eventfd's counter",
     .help = "The same as write(fd, &value, 8), as a function of the C library. What several "
             "writes added one read takes at once: nobody can tell how many there were, but with "
             "EFD_SEMAPHORE.",
     .man = "eventfd(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .waits = "the counter would exceed 2^64 - 2; a read ends it",
     .args = eventfd_write_args,
     .errors = eventfd_write_errors,
     .examples = eventfd_write_examples,
     .run = run_eventfd_write},
    {.name = "timerfd_create",
     .prototype = "int timerfd_create(int clockid, int flags)",
     .summary = "a timer behind a descriptor",
     .help = "It does not run before timerfd_settime. read(fd, &n, 8) waits until it has expired "
             "and takes how often it did; poll and epoll wait for that beside other descriptors. "
             "Unlike alarm it needs no signal, and a process may have many. After fork it is one "
             "timer for both.",
     .man = "timerfd_create(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor, the lowest number that is free",
     .args = timerfd_create_args,
     .errors = timerfd_create_errors,
     .examples = timerfd_create_examples,
     .run = run_timerfd_create},
    {.name = "timerfd_settime",
     .prototype = "int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, "
                  "struct itimerspec *old_value)",
     .summary = "start a timer, or stop it",
     .help = "Given as timerfd_settime(fd, ms [, interval_ms [, flags]]). It expires after ms and "
             "then again after each interval. 0 stops it. What was not read of it before is gone. "
             "What was left of the time before is shown as old_ms.",
     .man = "timerfd_create(2)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = settime_args,
     .errors = settime_errors,
     .examples = settime_examples,
     .run = run_timerfd_settime},
    {.name = "timerfd_gettime",
     .prototype = "int timerfd_gettime(int fd, struct itimerspec *curr_value)",
     .summary = "how much is left of a timer",
     .help = "It is shown as left_ms, 0 when the timer does not run, and interval_ms.",
     .man = "timerfd_create(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = gettime_args,
     .errors = gettime_errors,
     .examples = gettime_examples,
     .run = run_timerfd_gettime},
    {.name = "epoll_create1",
     .prototype = "int epoll_create1(int flags)",
     .summary = "a set of descriptors to wait for",
     .help = "poll and select get their list anew with each call; an epoll keeps it, in the "
             "kernel, and tells only of those that are ready. A server with thousands of "
             "connections asks nothing about the idle ones.",
     .man = "epoll_create1(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor, the lowest number that is free",
     .args = epoll_create1_args,
     .errors = epoll_create1_errors,
     .examples = epoll_create1_examples,
     .run = run_epoll_create1},
    {.name = "epoll_ctl",
     .prototype = "int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)",
     .summary = "watch a descriptor, watch it for something else, or no more",
     .help = "Given as epoll_ctl(epfd, op, fd, events [, data]); data comes back with each event "
             "and is the descriptor unless another number is given. What is watched is the open "
             "file: it is taken out by itself when its last descriptor is closed, in whatever "
             "process, not before. With EPOLLET a change is reported once, so read until EAGAIN; "
             "without it what is ready is reported by each epoll_wait. EPOLLONESHOT reports once.",
     .man = "epoll_ctl(2)",
     .flags = IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = epoll_ctl_args,
     .errors = epoll_ctl_errors,
     .examples = epoll_ctl_examples,
     .run = run_epoll_ctl},
    {.name = "epoll_wait",
     .prototype =
         "int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)",
     .summary = "wait until a watched descriptor is ready",
     .help = "Each event that came is shown as ready_N, N being the data of epoll_ctl: the "
             "descriptor. Three forms: timeout -1 waits as long as it takes, 0 only looks, more is "
             "a time in milliseconds. Several processes may wait on one epoll; which of them gets "
             "an event is not promised.",
     .man = "epoll_wait(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "how many events came; 0 means that time ran out",
     .waits = "none of the watched descriptors is ready; any of them, or the timeout, ends it",
     .args = epoll_wait_args,
     .errors = epoll_wait_errors,
     .examples = epoll_wait_examples,
     .run = run_epoll_wait,
     .timed = timed_epoll_wait},
    {.name = "memfd_create",
     .prototype = "int memfd_create(const char *name, unsigned int flags)",
     .summary = "a file in memory that has no path",
     .help = "It can be written, read, given a size (ftruncate) and mapped (mmap) like a file, and "
             "is gone with its last descriptor and mapping. Who shall have it inherits it by fork "
             "or gets its descriptor through a socket. With MFD_ALLOW_SEALING, fcntl(F_ADD_SEALS) "
             "can promise the receiver that nobody changes or shrinks it any more.",
     .man = "memfd_create(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor, the lowest number that is free",
     .args = memfd_args,
     .errors = memfd_errors,
     .examples = memfd_examples,
     .run = run_memfd_create},
    {.name = "splice",
     .prototype =
         "ssize_t splice(int fd_in, off_t *off_in, int fd_out, off_t *off_out, size_t len, "
         "unsigned int flags)",
     .summary = "move bytes from or to a pipe without copying them through the process",
     .help = "One of the two has to be a pipe; the other may be a pipe, a file or a socket. The "
             "kernel moves pages instead of copying bytes into this process and out again, as read "
             "and write do. It waits as read and write would: for something in fd_in, for room in "
             "fd_out. SPLICE_F_NONBLOCK makes it fail with EAGAIN instead; a timed form is poll "
             "before it.",
     .man = "splice(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .returns = "how many bytes were moved; 0 is end of file",
     .waits = "the pipe that it takes from is empty and somebody can write to it, or the one that "
              "it puts into is full",
     .args = splice_args,
     .errors = splice_errors,
     .examples = splice_examples,
     .run = run_splice,
     .explain = explain_moving},
    {.name = "tee",
     .prototype = "ssize_t tee(int fd_in, int fd_out, size_t len, unsigned int flags)",
     .summary = "put what is in one pipe into another, too",
     .help = "Nothing is taken: the bytes stay in fd_in and can be read or spliced from there. "
             "Both are pipes. It waits while fd_in is empty or fd_out is full, unless "
             "SPLICE_F_NONBLOCK is given.",
     .man = "tee(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .returns = "how many bytes are in both; 0 when fd_in is empty and has no writer",
     .waits = "fd_in is empty and somebody can write to it, or fd_out is full",
     .args = tee_args,
     .errors = tee_errors,
     .examples = tee_examples,
     .run = run_tee,
     .explain = explain_moving},
    {.name = "process_vm_readv",
     .prototype =
         "ssize_t process_vm_readv(pid_t pid, const struct iovec *local_iov, unsigned long "
         "liovcnt, const struct iovec *remote_iov, unsigned long riovcnt, unsigned long "
         "flags)",
     .summary = "copy bytes out of the memory of another process",
     .help = "Given as process_vm_readv(pid, buf, addr, n): one piece on each side. addr is an "
             "address in the other process, where this one may have something else. It is how a "
             "debugger looks at variables, and takes the right to trace that process: the same "
             "user, and as a rule its descendant. The other process does not take part: nothing "
             "says whether it is in the middle of changing what is read.",
     .man = "process_vm_readv(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .returns = "how many bytes were copied",
     .args = vm_readv_args,
     .errors = vm_readv_errors,
     .examples = vm_readv_examples,
     .run = run_process_vm_readv},
    {.name = "process_vm_writev",
     .prototype =
         "ssize_t process_vm_writev(pid_t pid, const struct iovec *local_iov, unsigned long "
         "liovcnt, const struct iovec *remote_iov, unsigned long riovcnt, unsigned long "
         "flags)",
     .summary = "copy bytes into the memory of another process",
     .help = "Given as process_vm_writev(pid, buf, addr, n): one piece on each side. The page has "
             "to be writable there. What the other process does meanwhile is not held up.",
     .man = "process_vm_readv(2)",
     .result = IPCLAB_SIZE,
     .failure = -1,
     .returns = "how many bytes were copied",
     .args = vm_writev_args,
     .errors = vm_writev_errors,
     .examples = vm_writev_examples,
     .run = run_process_vm_writev},
    {.name = "pidfd_open",
     .prototype = "int pidfd_open(pid_t pid, unsigned int flags)",
     .summary = "a descriptor that stands for a process",
     .help = "A pid may be given to another process once its own is gone and waited for; a pidfd "
             "never means another one. It is ready for reading (poll, epoll) when the process has "
             "ended; there is nothing to read. (POLLHUP comes with that once it was waited for; it "
             "is left "
             "out here, for when that happens is chance.) Any process can wait so for any other, "
             "which wait "
             "allows only parents.",
     .man = "pidfd_open(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor, the lowest number that is free",
     .args = pidfd_open_args,
     .errors = pidfd_open_errors,
     .examples = pidfd_open_examples,
     .run = run_pidfd_open},
    {.name = "pidfd_send_signal",
     .prototype = "int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)",
     .summary = "send a signal to the process behind a descriptor",
     .help = "Given as pidfd_send_signal(pidfd, sig [, flags]). As kill, but sure to reach the "
             "process that was meant, or nobody: kill(pid) may hit a stranger who got that pid "
             "meanwhile.",
     .man = "pidfd_send_signal(2)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0: it was sent",
     .args = pidfd_send_args,
     .errors = pidfd_send_errors,
     .examples = pidfd_send_examples,
     .run = run_pidfd_send_signal},
    {.name = "flock",
     .prototype = "int flock(int fd, int operation)",
     .summary = "lock an open file, or unlock it",
     .help = "The lock is on the whole file and binds only those who ask for it. It belongs to the "
             "open file: a child of fork shares its parent's lock and may unlock it, a second "
             "open(2) of the same file is a stranger even in the same process, and it lasts until "
             "LOCK_UN or until the last descriptor is closed. Locks of fcntl are others: they "
             "belong to the process, and flock does not see them. Three forms: LOCK_EX waits, "
             "LOCK_EX|LOCK_NB fails with EWOULDBLOCK, and a time limit takes a signal (alarm).",
     .man = "flock(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .waits = "another open file has a lock in the way; it ends when that is unlocked or closed",
     .args = flock_args,
     .errors = flock_errors,
     .examples = flock_examples,
     .run = run_flock,
     .explain = explain_flock},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "eventfd",
     .summary = "a counter that is read and written through a descriptor",
     .level = "count",
     .line = "$count  $holders",
     .state = state_eventfd,
     .explain = explain_eventfd,
     .watched = watched_eventfd,
     .link = "anon_inode:[eventfd]"},
    {.name = "timerfd",
     .summary = "a timer whose expirations are read through a descriptor",
     .line = "$timer  $holders",
     .state = state_timerfd,
     .explain = explain_timerfd,
     .watched = watched_timerfd,
     .link = "anon_inode:[timerfd]",
     .timed = timed_timerfd},
    {.name = "epoll",
     .summary = "a set of descriptors that one call waits for",
     .line = "$watches",
     .state = state_epoll,
     .explain = explain_epoll,
     .watched = watched_epoll,
     .linked = IPCLAB_WATCHES,
     .link = "anon_inode:[eventpoll]",
     .timed = timed_epoll},
    {.name = "pidfd",
     .summary = "a process, as a descriptor",
     .line = "$of $process",
     .state = state_pidfd,
     .explain = explain_pidfd,
     .watched = watched_pidfd,
     .link = "anon_inode:[pidfd]"},
    {0},
};

static const struct ipclab_blocking blocking[] = {
    {.when = "read, and the counter of the eventfd is 0",
     .before = "spawn a\n"
               "a e = eventfd(0)\n"
               "a fork(b)",
     .waits = {.lines = "a eventfd_read(e, &n)", .returns = "0"},
     .ends = "b eventfd_write(e, 1)",
     .at_once = {.lines = "a fcntl(e, F_SETFL, O_NONBLOCK)\n"
                          "a eventfd_read(e, &n)",
                 .returns = "-1 EAGAIN",
                 .note = "eventfd(0, EFD_NONBLOCK) makes it so from the beginning"},
     .timed = {.lines = "a poll(e, POLLIN, 100)", .returns = "0"}},
    {.when = "write, and the counter of the eventfd is at its limit",
     .before = "spawn a\n"
               "a e = eventfd(0)\n"
               "a eventfd_write(e, -2)\n"
               "a fork(b)",
     .waits = {.lines = "a eventfd_write(e, 1)", .returns = "0"},
     .ends = "b eventfd_read(e, &n)",
     .at_once = {.lines = "a fcntl(e, F_SETFL, O_NONBLOCK)\n"
                          "a eventfd_write(e, 1)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(e, POLLOUT, 100)", .returns = "0"}},
    {.when = "read, and the timer of the timerfd is not set",
     .before = "spawn a\n"
               "a t = timerfd_create()\n"
               "a fork(b)",
     .waits = {.lines = "a poll(t, POLLIN, -1)", .returns = "1"},
     .ends = "b timerfd_settime(t, 1, 0, TFD_TIMER_ABSTIME)",
     .at_once = {.lines = "a fcntl(t, F_SETFL, O_NONBLOCK)\n"
                          "a read(t, &n, 8)",
                 .returns = "-1 EAGAIN",
                 .note = "timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) makes it so from the "
                         "beginning"},
     .timed = {.lines = "a timerfd_settime(t, 100)\n"
                        "a read(t, &n, 8)",
               .returns = "8",
               .note = "it is a time itself"}},
    {.when = "epoll_wait, and nothing watched is ready",
     .before = "spawn a\n"
               "a e = eventfd(0)\n"
               "a ep = epoll_create1()\n"
               "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)\n"
               "a fork(b)",
     .waits = {.lines = "a epoll_wait(ep, events, 8, -1)", .returns = "1"},
     .ends = "b eventfd_write(e, 1)",
     .at_once = {.lines = "a epoll_wait(ep, events, 8, 0)", .returns = "0"},
     .timed = {.lines = "a epoll_wait(ep, events, 8, 100)", .returns = "0"}},
    {.when = "splice or tee, and the pipe that it takes from is empty",
     .before = "spawn a\n"
               "a pipe(p)\n"
               "a pipe(q)\n"
               "a fork(b)",
     .waits = {.lines = "a splice(p[0], NULL, q[1], NULL, 64)", .returns = "5"},
     .ends = "b write(p[1], \"hello\")",
     .at_once = {.lines = "a splice(p[0], NULL, q[1], NULL, 64, SPLICE_F_NONBLOCK)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(p[0], POLLIN, 100)",
               .returns = "0",
               .note = "poll says 1 when splice would not wait for data"}},
    {.when = "the end of a process that is no child, by its pidfd",
     .before = "spawn a b\n"
               "a p = pidfd_open(b)",
     .waits = {.lines = "a poll(p, POLLIN, -1)", .returns = "1"},
     .ends = "b exit(0)",
     .at_once = {.lines = "a poll(p, POLLIN, 0)", .returns = "0"},
     .timed = {.lines = "a poll(p, POLLIN, 100)", .returns = "0"}},
    {.when = "flock, and another open file has a lock in the way",
     .before = "spawn a b\n"
               "b f = open(\"f\", O_CREAT|O_RDWR, 0644)\n"
               "b flock(f, LOCK_EX)\n"
               "a f = open(\"f\", O_RDWR)",
     .waits = {.lines = "a flock(f, LOCK_EX)", .returns = "0"},
     .ends = "b flock(f, LOCK_UN)",
     .at_once = {.lines = "a flock(f, LOCK_EX|LOCK_NB)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100)\n"
                        "a flock(f, LOCK_EX)",
               .returns = "-1 EINTR",
               .note = "it has no time of its own: a signal ends it"}},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* A counter for each direction. */
static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    int *fds = malloc(2 * sizeof *fds);

    (void)host;
    if (fds == NULL)
        return -1;
    run->state = fds;
    fds[0] = eventfd(0, EFD_CLOEXEC);
    fds[1] = eventfd(0, EFD_CLOEXEC);
    return fds[0] < 0 || fds[1] < 0 ? -1 : 0;
}

/* The byte is what is added; nothing could be added for a 0. */
static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    uint64_t value = *(const unsigned char *)data + UINT64_C(1);

    (void)n;
    return write(((const int *)run->state)[run->side], &value, sizeof value) == sizeof value ? 0
                                                                                             : -1;
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    uint64_t value;

    (void)n;
    if (read(((const int *)run->state)[1 - run->side], &value, sizeof value) != sizeof value)
        return -1;
    *(unsigned char *)data = (unsigned char)(value - 1);
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const int *fds = run->state;

    close(fds[0]);
    close(fds[1]);
}

static const struct ipclab_bench benches[] = {
    {.name = "eventfd",
     .summary = "two eventfds: write adds a number, read takes it",
     .most = 1,
     .limit = "an eventfd is a number and carries no bytes",
     .answered = "numbers that nobody has taken add up to one",
     .setup = bench_setup,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"eventfd(2)",      "timerfd_create(2)", "epoll(7)",
                                  "memfd_create(2)", "splice(2)",         "process_vm_readv(2)",
                                  "pidfd_open(2)",   "flock(2)",          NULL};

static const char *const fields[] = {
    "bytes",  "count",   "interval_ms", "left_ms", "mode",  "moved",   "of",      "old_interval_ms",
    "old_ms", "process", "ready",       "timer",   "value", "watched", "watches", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "event",
    .version = "1.0",
    .summary = "events as descriptors: counters, timers, processes; epoll, splice, flock",
    .help =
        "Everything that a program may wait for is a descriptor here, so that one call can wait "
        "for "
        "all of it: a counter that others add to (eventfd), a timer (timerfd), the end of a "
        "process "
        "(pidfd), pipes and sockets. epoll is that call: it keeps the list and reports what is "
        "ready. Others of Linux's own are beside it: memory with a descriptor and no name (memfd), "
        "bytes that go from pipe to pipe in the kernel (splice, tee), the memory of another "
        "process "
        "(process_vm_readv), locks of open files (flock).\n\n"
        "When to use which: an eventfd to wake somebody, where a pipe would carry bytes that "
        "nobody "
        "looks at; a timerfd where a signal (alarm) would interrupt things; epoll where poll would "
        "ask about hundreds of descriptors each time; a pidfd where a pid may be somebody else's "
        "by "
        "now; flock where whole files are locked by cooperating programs.\n\n"
        "What goes wrong: a read of an eventfd takes all that was written, so that one wake-up "
        "stands for many. With EPOLLET what was not read until EAGAIN is not reported again, and "
        "epoll_wait waits beside data that is there. A descriptor that was closed stays watched "
        "while a copy of it, in a child perhaps, is open. A lock of flock is inherited by fork and "
        "lost when any of the processes unlocks it; and a process that opens the file twice waits "
        "for itself.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
