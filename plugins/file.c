/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file - descriptors and what can be done with all of them.
 *
 * Handlers do the real calls in the student's own process. The object behind a descriptor argument
 * is named by the host. In order: the descriptor calls, locks, poll and select, the kinds of
 * object, the records. Streams on top of descriptors are stdio.c. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "plugin.h"

/* ---- open, close, unlink ----------------------------------------------------------------- */

static int64_t
run_open(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *path = args->v[0].s;
    int flags = (int)args->v[1].i, fresh = 0, fd;
    struct stat st;

    if (flags & O_CREAT) {
        fresh = stat(path, &st) < 0 && errno == ENOENT;
        if (fresh && host->intend(frame, "path", 0, path) < 0)
            return -1;
    }
    if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode))
        host->object(frame, "fifo", st.st_ino, st.st_dev); /* the other end may be missing */
    fd = open(path, flags, (mode_t)args->v[2].i);
    if (fd < 0)
        return -1;
    host->object(frame, NULL, (uint64_t)fd, 0);
    if (fresh)
        host->created(frame);
    return fd;
}

static int64_t
run_close(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return close((int)args->v[0].i);
}

static int64_t
run_unlink(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return unlink(args->v[0].s);
}

/* What a file of /proc/sys says, in one word. */
static const char *
read_setting(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return n > 0 ? text : "?";
}

/* ---- read, write and their like ---------------------------------------------------------- */

static const char *
why_nothing_to_read(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return "";
    if (S_ISFIFO(st.st_mode))
        return ": the pipe is empty and no write end is open anywhere";
    if (S_ISREG(st.st_mode))
        return ": the offset stands at or behind the last byte";
    if (S_ISSOCK(st.st_mode))
        return ": the peer sends no more, or the datagram was empty";
    return "";
}

#define EVENTFD_FLOW_MAX (INT64_C(1) << 40) /* more the host does not add up */

/* Is it one of those that have no file of their own, and /proc calls so? */
static int
is_link(int fd, const char *name)
{
    char path[48], link[64];
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != 0)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    n = readlink(path, link, sizeof link - 1);
    link[n > 0 ? n : 0] = '\0';
    return strcmp(link, name) == 0;
}

/* What a transfer moves, in the unit of the object: bytes, and of an eventfd the number that they
 * are. */
static int64_t
amount(const struct ipclab_host *host, struct ipclab_frame *frame, int fd, const void *data,
       ssize_t n)
{
    int64_t number = 0;

    if (n != sizeof number)
        return n;
    if (is_link(fd, "anon_inode:[eventfd]")) {
        memcpy(&number, data, sizeof number);
        if (number >= 0) {
            host->fact(frame, "value", number);
        } else { /* the trace has no larger numbers */
            char text[32];

            snprintf(text, sizeof text, "%" PRIu64, (uint64_t)number);
            host->fact_text(frame, "value", text);
        }
        return number > -EVENTFD_FLOW_MAX && number < EVENTFD_FLOW_MAX ? number : 0;
    }
    if (!is_link(fd, "anon_inode:[timerfd]"))
        return n;
    memcpy(&number, data, sizeof number);
    host->volatile_fact(frame, "expirations", number);
    return 0;
}

static int64_t
got_data(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args,
         ssize_t n)
{
    if (n > 0) {
        host->stored(frame, 1, args->v[1].p, (size_t)n);
        host->flow(frame, -amount(host, frame, (int)args->v[0].i, args->v[1].p, n));
    } else if (n == 0 && args->v[2].i > 0) {
        host->note(frame, "0 means end of file%s", why_nothing_to_read((int)args->v[0].i));
    }
    return n;
}

static int64_t
put_data(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args,
         ssize_t n)
{
    if (n > 0)
        host->flow(frame, amount(host, frame, (int)args->v[0].i, args->v[1].p, n));
    if (n >= 0 && n < args->v[2].i)
        host->note(frame,
                   "only %zd of %lld bytes were taken, which is no error: a program has to write "
                   "the rest itself",
                   n, (long long)args->v[2].i);
    return n;
}

/* A socket whose option gives receiving or sending a time: the wait ends by itself. */
static int
has_time(const struct ipclab_args *args, int option)
{
    struct timeval time = {0};
    socklen_t n = sizeof time;

    return getsockopt((int)args->v[0].i, SOL_SOCKET, option, &time, &n) == 0 &&
           (time.tv_sec != 0 || time.tv_usec != 0);
}

static int
read_timed(const struct ipclab_args *args)
{
    return has_time(args, SO_RCVTIMEO);
}

static int
write_timed(const struct ipclab_args *args)
{
    return has_time(args, SO_SNDTIMEO);
}

static int64_t
run_read(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return got_data(host, frame, args, read((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i));
}

static int64_t
run_write(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return put_data(host, frame, args,
                    write((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i));
}

static int64_t
run_pread(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return got_data(
        host, frame, args,
        pread((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i, (off_t)args->v[3].i));
}

static int64_t
run_pwrite(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return put_data(
        host, frame, args,
        pwrite((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i, (off_t)args->v[3].i));
}

static int64_t
run_lseek(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return lseek((int)args->v[0].i, (off_t)args->v[1].i, (int)args->v[2].i);
}

static int64_t
run_ftruncate(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return ftruncate((int)args->v[0].i, (off_t)args->v[1].i);
}

/* ---- dup, ioctl, fstat ------------------------------------------------------------------- */

static int64_t
run_dup(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return dup((int)args->v[0].i);
}

static void
note_closed(const struct ipclab_host *host, struct ipclab_frame *frame, int was_open, int64_t fd)
{
    if (was_open)
        host->note(frame, "descriptor %lld was open: it was closed first, without a word",
                   (long long)fd);
}

static int64_t
run_dup2(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int from = (int)args->v[0].i, to = (int)args->v[1].i;
    int was_open = from != to && fcntl(to, F_GETFD) >= 0;
    int fd = dup2(from, to);

    if (fd >= 0)
        note_closed(host, frame, was_open, to);
    return fd;
}

static int64_t
run_dup3(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int from = (int)args->v[0].i, to = (int)args->v[1].i;
    int was_open = from != to && fcntl(to, F_GETFD) >= 0;
    int fd = dup3(from, to, (int)args->v[2].i);

    if (fd >= 0)
        note_closed(host, frame, was_open, to);
    return fd;
}

static int64_t
run_ioctl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int bytes = 0;

    if (ioctl((int)args->v[0].i, (unsigned long)args->v[1].i, &bytes) < 0)
        return -1;
    host->fact(frame, "bytes", bytes);
    return 0;
}

static const char *
type_word(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "directory";
    case S_IFIFO:
        return "pipe";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "device";
    case S_IFBLK:
        return "block device";
    default:
        return "other";
    }
}

static int64_t
run_fstat(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    char mode[16];
    struct stat st;

    if (fstat((int)args->v[0].i, &st) < 0)
        return -1;
    snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777u);
    host->fact(frame, "size", st.st_size);
    host->fact_text(frame, "type", type_word(st.st_mode));
    host->fact_text(frame, "mode", mode);
    host->fact(frame, "nlink", (int64_t)st.st_nlink);
    return 0;
}

/* ---- fcntl and its locks ----------------------------------------------------------------- */

/* Puts the words of the flags that are set into out, joined by |. */
static void
flags_text(char *out, size_t room, const struct ipclab_constant *words, int64_t value)
{
    size_t n = strlen(out);

    for (; words->name != NULL; words++)
        if (words->value != 0 && (value & words->value) == words->value && n < room)
            n += (size_t)snprintf(out + n, room - n, "%s%s", n > 0 ? "|" : "", words->name);
}

static const struct ipclab_constant status_flags[] = {
    {"O_APPEND", O_APPEND, "each write goes to the end"},
    {"O_NONBLOCK", O_NONBLOCK, "calls that would wait fail with EAGAIN"},
    {"O_SYNC", O_SYNC, "a write returns when the data are on the device"},
    {0},
};

static void
report_status_flags(const struct ipclab_host *host, struct ipclab_frame *frame, int flags)
{
    char text[128] = "O_RDONLY";

    if ((flags & O_ACCMODE) != O_RDONLY)
        snprintf(text, sizeof text, "%s", (flags & O_ACCMODE) == O_RDWR ? "O_RDWR" : "O_WRONLY");
    flags_text(text, sizeof text, status_flags, flags);
    host->fact_text(frame, "flags", text);
}

static const char *
lock_word(int type)
{
    return type == F_RDLCK ? "F_RDLCK" : type == F_WRLCK ? "F_WRLCK" : "F_UNLCK";
}

/* What the call wants of the file behind fd, a descriptor here: not the bytes where the host has
 * marked one that has no file of its own. */
static struct flock
lock_of(const struct ipclab_args *args, int fd)
{
    struct flock lock = {
        .l_type = (short)args->v[2].i,
        .l_whence = SEEK_SET,
        .l_start = (off_t)args->v[3].i,
        .l_len = (off_t)args->v[4].i,
    };
    struct stat st;

    if (lock.l_start >= 0 && lock.l_start < IPCLAB_MARK_BASE &&
        (lock.l_len == 0 || lock.l_len > IPCLAB_MARK_BASE - lock.l_start) && fstat(fd, &st) == 0 &&
        (st.st_mode & S_IFMT) == 0)
        lock.l_len = IPCLAB_MARK_BASE - lock.l_start;
    return lock;
}

/* As it was asked for: to the end is 0. */
static int64_t
told_length(const struct flock *lock)
{
    return lock->l_start + lock->l_len == IPCLAB_MARK_BASE ? 0 : lock->l_len;
}

static int64_t
run_lock(const struct ipclab_host *host, struct ipclab_frame *frame, const struct ipclab_args *args)
{
    int command = (int)args->v[1].i;
    struct flock lock = lock_of(args, (int)args->v[0].i);
    int result = fcntl((int)args->v[0].i, command, &lock);

    if (result < 0 || command != F_GETLK)
        return result;
    host->fact_text(frame, "type", lock_word(lock.l_type));
    if (lock.l_type == F_UNLCK) {
        host->note(frame, "F_UNLCK: nobody else holds a lock that would be in the way");
        return result;
    }
    host->fact(frame, "from", lock.l_start);
    host->fact(frame, "length", told_length(&lock));
    if (host->sealed(frame))
        host->fact(frame, "pid", lock.l_pid);
    else
        host->volatile_fact(frame, "pid", lock.l_pid);
    return result;
}

/* More than an ordinary user may give a pipe, or all his pipes together have too much. */
static void
note_pipe_size(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    char size[32], pages[32];

    host->note(frame,
               "fs.pipe-max-size allows a pipe %s bytes, fs.pipe-user-pages-soft all pipes of this "
               "user %s pages",
               read_setting("/proc/sys/fs/pipe-max-size", size, sizeof size),
               read_setting("/proc/sys/fs/pipe-user-pages-soft", pages, sizeof pages));
    errno = EPERM;
}

static int64_t
run_fcntl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[0].i, command = (int)args->v[1].i, result;

    if (command == F_SETLK || command == F_SETLKW || command == F_GETLK)
        return run_lock(host, frame, args);
    result = fcntl(fd, command, (int)args->v[2].i);
    if (result >= 0 && command == F_GETFL)
        report_status_flags(host, frame, result);
    if (result >= 0 && command == F_SETFL)
        report_status_flags(host, frame, fcntl(fd, F_GETFL));
    if (result >= 0 && command == F_SETPIPE_SZ && result != args->v[2].i)
        host->note(frame, "the kernel made it %d bytes: a pipe is a power of two of pages", result);
    if (result < 0 && command == F_SETPIPE_SZ && errno == EPERM)
        note_pipe_size(host, frame);
    return result;
}

/* Finds a lock in [from, to] that is in the way of the waiting process, by asking with a copy of
 * its descriptor. The observer owns no locks, so it is shown those of the waiting process too:
 * where one of those is met, what lies on both sides of it is asked again. 1: found. */
static int
find_owner(int fd, const struct flock *wanted, pid_t self, struct flock *found)
{
    struct range {
        off_t from, to; /* to < 0: to the end */
    } todo[32];
    int n = 0;

    todo[n++] = (struct range){wanted->l_start,
                               wanted->l_len > 0 ? wanted->l_start + wanted->l_len - 1 : -1};
    while (n > 0) {
        struct range r = todo[--n];
        off_t last;

        *found = *wanted;
        found->l_start = r.from;
        found->l_len = r.to < 0 ? 0 : r.to - r.from + 1;
        if (fcntl(fd, F_GETLK, found) < 0 || found->l_type == F_UNLCK)
            continue;
        if (found->l_pid != self)
            return 1;
        last = found->l_len > 0 ? found->l_start + found->l_len - 1 : -1;
        if (found->l_start > r.from && n < 32)
            todo[n++] = (struct range){r.from, found->l_start - 1};
        if (last >= 0 && (r.to < 0 || last < r.to) && n < 32)
            todo[n++] = (struct range){last + 1, r.to};
    }
    return 0;
}

enum { LOCKS_MAX = 1 << 13 }; /* bytes that are looked at of what is known of a descriptor */

/* Of another process a lock in the way of what is wanted, which is the first that the kernel tells
 * of one of its descriptors. */
static int
has_in_the_way(const struct ipclab_look_host *host, struct ipclab_look *look,
               const struct ipclab_holder *h, const struct flock *wanted, struct flock *found)
{
    char info[LOCKS_MAX], mode[8], last[24];
    const char *at = info;
    long long from;

    if (host->fdinfo(look, h->process, h->fd, info, sizeof info) < 0)
        return 0;
    for (; (at = strstr(at, "POSIX ")) != NULL; at++) {
        if (sscanf(at, "POSIX ADVISORY %7s %*d %*s %lld %23s", mode, &from, last) != 3)
            continue;
        found->l_type = strcmp(mode, "READ") == 0 ? F_RDLCK : F_WRLCK;
        found->l_start = from;
        found->l_len = strcmp(last, "EOF") == 0 ? 0 : strtoll(last, NULL, 10) - from + 1;
        if ((found->l_type == F_WRLCK || wanted->l_type == F_WRLCK) &&
            (found->l_len == 0 || wanted->l_start < found->l_start + found->l_len) &&
            (wanted->l_len == 0 || found->l_start < wanted->l_start + wanted->l_len))
            return 1;
    }
    return 0;
}

static void
say_owner(const struct ipclab_look_host *host, struct ipclab_look *look,
          const struct ipclab_process *owner, int fd, const struct flock *lock)
{
    const char *kind = lock->l_type == F_RDLCK ? "read" : "write";

    if (lock->l_len > 0)
        host->say(look, "%s holds a %s lock on bytes %lld to %lld.", owner->name, kind,
                  (long long)lock->l_start, (long long)(lock->l_start + lock->l_len - 1));
    else
        host->say(look, "%s holds a %s lock from byte %lld to the end of the file.", owner->name,
                  kind, (long long)lock->l_start);
    if (owner->waits)
        host->say(look, "%s waits itself, in %s.", owner->name, owner->call);
    else
        host->next(look, "%s fcntl(%d, F_SETLK, F_UNLCK)", owner->name, fd);
}

/* Everybody who has a lock in the way, once; how many they are. */
static int
say_owners(const struct ipclab_look_host *host, struct ipclab_look *look,
           const struct ipclab_wait *wait, const struct flock *wanted)
{
    char names[400] = "";
    const char *kind = "";
    size_t at = 0;
    int n = 0, last = -1; /* the process that was told last: holders come in their order */

    for (int i = 0; i < wait->nholders; i++) {
        const struct ipclab_holder *h = &wait->holders[i];
        const struct ipclab_process *owner = &wait->processes[h->process];
        struct flock lock;

        if (h->process == wait->self || h->process == last ||
            !has_in_the_way(host, look, h, wanted, &lock))
            continue;
        last = h->process;
        kind = lock.l_type == F_RDLCK ? "read" : "write";
        host->holder(look, owner->name, 0);
        host->could_end(look, h->process);
        say_owner(host, look, owner, h->fd, &lock);
        if (at + 100 < sizeof names)
            at += (size_t)snprintf(names + at, sizeof names - at, "%s%.64s", n > 0 ? ", " : "",
                                   owner->name);
        n++;
    }
    if (n == 0)
        return 0;
    if (n == 1)
        host->waits(look, "%s holds a %s lock on it", names, kind);
    else
        host->waits(look, "%s hold locks on it", names);
    host->rule(look, "F_SETLKW waits until no other process has a lock in the way, and %s %s there",
               names, n == 1 ? "has one" : "have some");
    return n;
}

static void
explain_fcntl(const struct ipclab_look_host *host, struct ipclab_look *look,
              const struct ipclab_wait *wait)
{
    int fd = host->descriptor(look, (int)wait->args.v[0].i);
    struct flock wanted = lock_of(&wait->args, fd), found;

    if (wanted.l_len < 0) { /* the bytes before */
        wanted.l_start += wanted.l_len;
        wanted.l_len = -wanted.l_len;
    }
    host->why(look, "locked");
    host->say(look, "F_SETLKW waits while another process holds a lock on any of these bytes that "
                    "is in the way: a write lock admits no other, read locks admit each other.");
    if (say_owners(host, look, wait, &wanted) == 0) {
        if (fd >= 0 && find_owner(fd, &wanted, wait->processes[wait->self].pid, &found))
            host->waits(look, "a process outside holds a %s lock",
                        found.l_type == F_RDLCK ? "read" : "write");
        else
            host->waits(look, "a lock of another process is in the way");
    }
    host->say(look, "A lock goes away when its owner unlocks it, closes any descriptor of the "
                    "file, or ends.");
}

/* ---- poll, select ------------------------------------------------------------------------ */

static const struct ipclab_constant poll_events[] = {
    {"POLLIN", POLLIN, "there is something to read"},
    {"POLLOUT", POLLOUT, "there is room to write"},
    {"POLLPRI", POLLPRI, "there is urgent data"},
    {"POLLERR", POLLERR, "no reader is left, or an error; always reported"},
    {"POLLHUP", POLLHUP, "the other end is closed; always reported"},
    {"POLLNVAL", POLLNVAL, "the descriptor is not open; always reported"},
    {0},
};

/* select has three sets of descriptors: these say in which a descriptor is. */
enum { READFDS = 1, WRITEFDS = 2, EXCEPTFDS = 4 };

static const struct ipclab_constant select_sets[] = {
    {"READFDS", READFDS, "in the set that is watched for reading"},
    {"WRITEFDS", WRITEFDS, "in the set that is watched for writing"},
    {"EXCEPTFDS", EXCEPTFDS, "in the set that is watched for urgent data"},
    {0},
};

/* The arguments come in threes: descriptor, what to watch, milliseconds; the last time counts. */
static int
are_threes(const struct ipclab_host *host, struct ipclab_frame *frame,
           const struct ipclab_args *args)
{
    if (args->n % 3 == 0)
        return 1;
    host->note(frame, "the arguments come in threes: a descriptor, what to watch, milliseconds");
    errno = EINVAL;
    return 0;
}

static int
timeout_of(const struct ipclab_args *args)
{
    return (int)args->v[args->n - 1].i; /* as C passes it */
}

/* The first descriptor is an argument that the host sees as one; the others are named here. */
static void
name_others(const struct ipclab_host *host, struct ipclab_frame *frame,
            const struct ipclab_args *args)
{
    for (int i = 3; i < args->n; i += 3)
        host->object(frame, NULL, (uint64_t)args->v[i].i, 0);
}

/* What became of one descriptor: "revents" when only one is watched, else "revents_4". */
static void
report_ready(const struct ipclab_host *host, struct ipclab_frame *frame, const char *name,
             const struct ipclab_args *args, int fd, const struct ipclab_constant *words,
             int64_t value)
{
    char fact[48], text[128] = "";

    if (args->n == 3)
        snprintf(fact, sizeof fact, "%s", name);
    else
        snprintf(fact, sizeof fact, "%s_%d", name, fd);
    flags_text(text, sizeof text, words, value);
    host->fact_text(frame, fact, text[0] != '\0' ? text : "0");
}

/* A pidfd adds POLLHUP once its process was waited for: whether that was so when its end woke poll
 * is chance. */
static int
lasting_events(int fd, int revents)
{
    return (revents & POLLHUP) != 0 && is_link(fd, "anon_inode:[pidfd]") ? revents & ~POLLHUP
                                                                         : revents;
}

static int64_t
run_poll(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct pollfd fds[IPCLAB_MAX_ARGS / 3];
    int n = args->n / 3, ready;

    if (!are_threes(host, frame, args))
        return -1;
    for (int i = 0; i < n; i++)
        fds[i] =
            (struct pollfd){.fd = (int)args->v[3 * i].i, .events = (short)args->v[3 * i + 1].i};
    name_others(host, frame, args);
    ready = poll(fds, (nfds_t)n, timeout_of(args));
    if (ready < 0)
        return ready;
    for (int i = 0; i < n; i++)
        report_ready(host, frame, "revents", args, fds[i].fd, poll_events,
                     lasting_events(fds[i].fd, fds[i].revents));
    if (ready == 0)
        host->note(frame, "0: the time passed and none of them was ready");
    return ready;
}

static int64_t
run_select(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    fd_set sets[3]; /* READFDS, WRITEFDS, EXCEPTFDS */
    int ms, top = -1, ready;
    struct timeval time;

    if (!are_threes(host, frame, args))
        return -1;
    for (int s = 0; s < 3; s++)
        FD_ZERO(&sets[s]);
    for (int i = 0; i < args->n; i += 3) {
        int64_t fd = args->v[i].i;

        if (fd < 0 || fd >= FD_SETSIZE) {
            host->note(frame, "an fd_set holds the descriptors 0 to %d; poll has no such limit",
                       FD_SETSIZE - 1);
            errno = EINVAL;
            return -1;
        }
        for (int s = 0; s < 3; s++)
            if (args->v[i + 1].i & (1 << s))
                FD_SET((int)fd, &sets[s]);
        top = fd > top ? (int)fd : top;
    }
    name_others(host, frame, args);
    ms = timeout_of(args);
    time = (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    ready = select(top + 1, &sets[0], &sets[1], &sets[2], ms < 0 ? NULL : &time);
    if (ready < 0)
        return ready;
    for (int i = 0; i < args->n; i += 3) {
        int64_t in = 0;

        for (int s = 0; s < 3; s++)
            if (FD_ISSET((int)args->v[i].i, &sets[s]))
                in |= 1 << s;
        report_ready(host, frame, "ready", args, (int)args->v[i].i, select_sets, in);
    }
    if (ready == 0)
        host->note(frame, "0: the time passed and none of them was ready");
    return ready;
}

static int
is_timed(const struct ipclab_args *args)
{
    return timeout_of(args) >= 0;
}

/* What is watched, in the bits of poll. */
static unsigned
events_of(const struct ipclab_wait *wait, int i)
{
    int64_t what = wait->args.v[3 * i + 1].i;

    if (strcmp(wait->call, "select") != 0)
        return (unsigned)what;
    return ((what & READFDS) != 0 ? POLLIN : 0u) | ((what & WRITEFDS) != 0 ? POLLOUT : 0u) |
           ((what & EXCEPTFDS) != 0 ? POLLPRI : 0u);
}

static int
poll_reads(const struct ipclab_args *args, int fd)
{
    for (int i = 0; i + 2 < args->n; i += 3)
        if (args->v[i].i == fd && (args->v[i + 1].i & POLLIN) != 0)
            return 1;
    return 0;
}

static int
select_reads(const struct ipclab_args *args, int fd)
{
    for (int i = 0; i + 2 < args->n; i += 3)
        if (args->v[i].i == fd && (args->v[i + 1].i & READFDS) != 0)
            return 1;
    return 0;
}

/* One descriptor: the clause about it, and who could make it ready. */
static enum ipclab_chance
say_watched(const struct ipclab_look_host *host, struct ipclab_look *look,
            const struct ipclab_wait *wait, int i, char *text, size_t room)
{
    int fd = (int)wait->args.v[3 * i].i;
    enum ipclab_chance chance = IPCLAB_NOBODY;

    if (fd >= 0) { /* poll leaves out what is negative */
        chance = host->watched(look, fd, events_of(wait, i), text, room);
        host->say(look, "descriptor %d: %s", fd, text);
    }
    if (host->runs_out(look, wait->self, fd) && (events_of(wait, i) & POLLIN) != 0)
        host->ends_by_itself(look);
    return chance;
}

static void
explain_poll(const struct ipclab_look_host *host, struct ipclab_look *look,
             const struct ipclab_wait *wait)
{
    const struct ipclab_args *args = &wait->args;
    enum ipclab_chance chance = IPCLAB_NOBODY;
    char text[500] = "it is negative, and so nothing is watched";
    int n = args->n / 3;

    host->why(look, "not ready");
    for (int i = 0; i < n; i++) {
        enum ipclab_chance one = say_watched(host, look, wait, i, text, sizeof text);

        chance = one > chance ? one : chance;
    }
    if (n == 1)
        host->waits(look, "descriptor %d is not ready: %s", (int)args->v[0].i, text);
    else
        host->waits(look, "none of the %d descriptors is ready%s", n,
                    is_timed(args) ? "" : ", and there is no timeout");
    host->rule(look, "%s(2) returns as soon as one descriptor is ready, and %s", wait->call,
               n == 1 ? "that one is not" : "none of them is");
    host->say(look,
              "%s(2): readable also means end of file, and writable also means that nobody is left "
              "to read",
              wait->call);
    host->next(look, "interrupt %s", wait->processes[wait->self].name);
    if (chance == IPCLAB_NOBODY && !is_timed(args) && !wait->processes[wait->self].foreign)
        host->never(look);
}

/* ---- The kinds of object ----------------------------------------------------------------- */

static int
owns_file(mode_t mode, int anonymous)
{
    return S_ISREG(mode) && !anonymous;
}

static int
owns_directory(mode_t mode, int anonymous)
{
    (void)anonymous;
    return S_ISDIR(mode);
}

static int
owns_device(mode_t mode, int anonymous)
{
    (void)anonymous;
    return S_ISCHR(mode) || S_ISBLK(mode);
}

static void
state_file(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
           uint64_t key2)
{
    struct stat st;

    (void)key, (void)key2;
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    host->number(look, "size", st.st_size);
    host->number(look, "offset", lseek(fd, 0, SEEK_CUR));
    host->number(look, "names", (int64_t)st.st_nlink);
}

static void
state_directory(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
                uint64_t key2)
{
    char mode[16];
    struct stat st;

    (void)key, (void)key2;
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777u);
    host->text(look, "mode", mode);
}

static void
state_device(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
             uint64_t key2)
{
    char text[48], link[32];
    struct stat st;
    ssize_t n;

    (void)key, (void)key2;
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    snprintf(text, sizeof text, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    host->text(look, "number", text);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    if (text[0] == '/')
        host->text(look, "path", text);
}

/* The same for all files that have a name. */
static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    char mode[16];
    struct stat st;

    (void)key, (void)key2;
    if (fd < 0 || fstat(fd, &st) < 0)
        return;
    snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777u);
    host->text(look, "mode", mode);
    host->number(look, "owner", st.st_uid);
}

static void
explain_device(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
               uint64_t key2, const struct ipclab_wait *wait)
{
    (void)fd, (void)key, (void)key2;
    host->why(look, "device");
    host->waits(look, "the device has not answered yet");
    host->say(look, "%s waits for the device behind the descriptor, not for another process.",
              wait->call);
}

static void
explain_file(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
             uint64_t key2, const struct ipclab_wait *wait)
{
    (void)fd, (void)key, (void)key2;
    if (strcmp(wait->call, "fcntl") == 0) {
        explain_fcntl(host, look, wait);
        return;
    }
    host->why(look, "storage");
    host->waits(look, "the file system is at work");
    host->say(look, "%s of a file never waits for another process, only for the storage.",
              wait->call);
}

static const struct ipclab_kind kinds[] = {
    {.name = "file",
     .summary = "a regular file, its size, and the offset that all copies of the descriptor share",
     .line = "$size B  offset $offset",
     .owns = owns_file,
     .state = state_file,
     .explain = explain_file,
     .detail = detail},
    {.name = "directory",
     .summary = "a folder",
     .line = "mode $mode",
     .owns = owns_directory,
     .state = state_directory,
     .explain = explain_device,
     .detail = detail},
    {.name = "device",
     .summary = "a device, such as /dev/null",
     .line = "$number  $path",
     .owns = owns_device,
     .state = state_device,
     .explain = explain_device,
     .detail = detail},
    {0},
};

/* ---- The records: constants and arguments ------------------------------------------------ */

static const struct ipclab_constant open_flags[] = {
    {"O_RDONLY", O_RDONLY, "for reading"},
    {"O_WRONLY", O_WRONLY, "for writing"},
    {"O_RDWR", O_RDWR, "for both"},
    {"O_CREAT", O_CREAT, "make the file when there is none"},
    {"O_EXCL", O_EXCL, "with O_CREAT: fail when there is one"},
    {"O_TRUNC", O_TRUNC, "cut the file to 0 bytes"},
    {"O_APPEND", O_APPEND, "each write goes to the end"},
    {"O_NONBLOCK", O_NONBLOCK, "calls that would wait fail with EAGAIN"},
    {"O_CLOEXEC", O_CLOEXEC, "execve closes the descriptor"},
    {"O_DIRECTORY", O_DIRECTORY, "fail when it is no folder"},
    {"O_NOFOLLOW", O_NOFOLLOW, "fail when it is a symbolic link"},
    {"O_SYNC", O_SYNC, "a write returns when the data are on the device"},
    {0},
};

static const struct ipclab_constant dup3_flags[] = {
    {"O_CLOEXEC", O_CLOEXEC, "execve closes the new descriptor"},
    {0},
};

static const struct ipclab_constant whence_words[] = {
    {"SEEK_SET", SEEK_SET, "from the beginning"},
    {"SEEK_CUR", SEEK_CUR, "from where the offset stands"},
    {"SEEK_END", SEEK_END, "from the end"},
    {0},
};

static const struct ipclab_constant fcntl_commands[] = {
    {"F_GETFL", F_GETFL, "the status flags of the open file"},
    {"F_SETFL", F_SETFL, "set O_NONBLOCK, O_APPEND; others are ignored"},
    {"F_GETFD", F_GETFD, "the flags of this descriptor"},
    {"F_SETFD", F_SETFD, "set or clear FD_CLOEXEC"},
    {"F_DUPFD", F_DUPFD, "a copy with the lowest free number from arg on"},
    {"F_DUPFD_CLOEXEC", F_DUPFD_CLOEXEC, "the same, closed by execve"},
    {"F_GETPIPE_SZ", F_GETPIPE_SZ, "how many bytes the pipe can hold"},
    {"F_SETPIPE_SZ", F_SETPIPE_SZ, "change that"},
    {"F_SETLK", F_SETLK, "lock or unlock bytes; fail when somebody is in the way"},
    {"F_SETLKW", F_SETLKW, "the same, but wait"},
    {"F_GETLK", F_GETLK, "who would be in the way"},
    {"F_ADD_SEALS", F_ADD_SEALS, "forbid changes of a memfd, for good"},
    {"F_GET_SEALS", F_GET_SEALS, "what is forbidden"},
    {0},
};

static const struct ipclab_constant fcntl_words[] = {
    {"F_RDLCK", F_RDLCK, "a read lock: others may read-lock too"},
    {"F_WRLCK", F_WRLCK, "a write lock: nobody else may lock"},
    {"F_UNLCK", F_UNLCK, "no lock"},
    {"O_NONBLOCK", O_NONBLOCK, "calls that would wait fail with EAGAIN"},
    {"O_APPEND", O_APPEND, "each write goes to the end"},
    {"FD_CLOEXEC", FD_CLOEXEC, "execve closes the descriptor"},
    {"F_SEAL_WRITE", F_SEAL_WRITE, "nobody may write to it"},
    {"F_SEAL_SHRINK", F_SEAL_SHRINK, "it may not become shorter"},
    {"F_SEAL_GROW", F_SEAL_GROW, "it may not become longer"},
    {"F_SEAL_FUTURE_WRITE", F_SEAL_FUTURE_WRITE, "nobody may write but by mappings that exist"},
    {"F_SEAL_SEAL", F_SEAL_SEAL, "no more seals"},
    {0},
};

static const struct ipclab_constant ioctl_requests[] = {
    {"FIONREAD", FIONREAD, "how many bytes can be read now"},
    {0},
};

#define FD_ARG(what)                                                                               \
    {                                                                                              \
        .name = "fd", .type = IPCLAB_FD, .summary = what                                           \
    }

static const struct ipclab_arg open_args[] = {
    {.name = "path", .type = IPCLAB_PATH, .summary = "the file's name"},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .summary = "how to open it: one of O_RDONLY, O_WRONLY, O_RDWR, and more",
     .constants = open_flags},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "permission bits of a file that is made, less the umask",
     .def = 0666},
    {0},
};
static const struct ipclab_arg close_args[] = {FD_ARG("the descriptor to give up"), {0}};
static const struct ipclab_arg read_args[] = {
    FD_ARG("where to read"),
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "where the bytes go", .size_arg = 2},
    {.name = "count",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many at most",
     .def = 4096},
    {0},
};
static const struct ipclab_arg write_args[] = {
    FD_ARG("where to write"),
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "the bytes", .size_arg = 2},
    {.name = "count",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,
     .summary = "how many of them; left out: the length of the text"},
    {0},
};
static const struct ipclab_arg pread_args[] = {
    FD_ARG("where to read"),
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "where the bytes go", .size_arg = 2},
    {.name = "count", .type = IPCLAB_SIZE, .summary = "how many at most"},
    {.name = "offset", .type = IPCLAB_INT, .summary = "from which byte of the file on"},
    {0},
};
static const struct ipclab_arg pwrite_args[] = {
    FD_ARG("where to write"),
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "the bytes", .size_arg = 2},
    {.name = "count", .type = IPCLAB_SIZE, .summary = "how many of them"},
    {.name = "offset", .type = IPCLAB_INT, .summary = "from which byte of the file on"},
    {0},
};
static const struct ipclab_arg lseek_args[] = {
    FD_ARG("whose offset to move"),
    {.name = "offset", .type = IPCLAB_INT, .summary = "how far from whence"},
    {.name = "whence",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "from where to count",
     .def = SEEK_SET,
     .constants = whence_words},
    {0},
};
static const struct ipclab_arg dup_args[] = {
    {.name = "oldfd", .type = IPCLAB_FD, .summary = "the descriptor to copy"}, {0}};
static const struct ipclab_arg dup2_args[] = {
    {.name = "oldfd", .type = IPCLAB_FD, .summary = "the descriptor to copy"},
    {.name = "newfd", .type = IPCLAB_FD, .summary = "the number of the copy; closed first if open"},
    {0},
};
static const struct ipclab_arg dup3_args[] = {
    {.name = "oldfd", .type = IPCLAB_FD, .summary = "the descriptor to copy"},
    {.name = "newfd", .type = IPCLAB_FD, .summary = "the number of the copy; closed first if open"},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "O_CLOEXEC or 0",
     .constants = dup3_flags},
    {0},
};
static const struct ipclab_arg fcntl_args[] = {
    FD_ARG("the descriptor"),
    {.name = "cmd", .type = IPCLAB_INT, .summary = "what to do", .constants = fcntl_commands},
    {.name = "arg",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "flags, a number, or the kind of lock",
     .constants = fcntl_words},
    {.name = "start",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "first byte of a lock, from the beginning of the file"},
    {.name = "len",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many bytes; 0: to the end, however far that moves"},
    {0},
};
static const struct ipclab_arg ftruncate_args[] = {
    FD_ARG("the file, open for writing"),
    {.name = "length", .type = IPCLAB_INT, .summary = "its new size in bytes"},
    {0},
};
static const struct ipclab_arg unlink_args[] = {
    {.name = "path", .type = IPCLAB_PATH, .summary = "the name to remove"},
    {0},
};
static const struct ipclab_arg poll_args[] = {
    FD_ARG("a descriptor to watch"),
    {.name = "events",
     .type = IPCLAB_FLAGS,
     .summary = "what to watch for",
     .constants = poll_events},
    {.name = "ms",
     .type = IPCLAB_INT,
     .summary = "how long at most; -1: as long as it takes; of several the last counts",
     .min = -1,
     .max = INT_MAX},
    {.name = "more",
     .type = IPCLAB_INT,
     .flags = IPCLAB_REST,
     .summary = "fd, events, ms of further descriptors, at most four in all",
     .constants = poll_events},
    {0},
};
static const struct ipclab_arg select_args[] = {
    FD_ARG("a descriptor to watch"),
    {.name = "sets",
     .type = IPCLAB_FLAGS,
     .summary = "in which sets it is",
     .constants = select_sets},
    {.name = "ms",
     .type = IPCLAB_INT,
     .summary = "how long at most; -1: as long as it takes; of several the last counts",
     .min = -1,
     .max = INT_MAX},
    {.name = "more",
     .type = IPCLAB_INT,
     .flags = IPCLAB_REST,
     .summary = "fd, sets, ms of further descriptors, at most four in all",
     .constants = select_sets},
    {0},
};
static const struct ipclab_arg ioctl_args[] = {
    FD_ARG("the descriptor"),
    {.name = "request",
     .type = IPCLAB_INT,
     .summary = "what to ask: FIONREAD",
     .min = FIONREAD,
     .max = FIONREAD,
     .constants = ioctl_requests},
    {0},
};
static const struct ipclab_arg fstat_args[] = {FD_ARG("the descriptor"), {0}};

/* ---- The records: errors ----------------------------------------------------------------- */

#define NOT_OPEN                                                                                   \
    {                                                                                              \
        "EBADF", "$fd is not an open descriptor of this process"                                   \
    }

static const struct ipclab_error open_errors[] = {
    {"ENOENT", "there is no file $path (without O_CREAT none is made), or no such folder on the "
               "way"},
    {"EEXIST", "$path exists already, and O_CREAT|O_EXCL insists on making it"},
    {"EACCES", "the permission bits of $path or of a folder on the way do not allow it"},
    {"EISDIR", "$path is a folder, which cannot be opened for writing"},
    {"ENOTDIR", "a part of $path before the last is no folder, or O_DIRECTORY was asked for"},
    {"ENXIO", "$path is a FIFO that nobody reads, and O_NONBLOCK forbids to wait for a reader; or "
              "it is a socket"},
    {"EINTR", "a signal with a handler came while open waited for the other end of the FIFO"},
    {"EMFILE", "the process has as many descriptors as RLIMIT_NOFILE allows"},
    {"ENFILE", "the whole system has as many open files as it may"},
    {"ELOOP", "too many symbolic links on the way to $path, or one at its end and O_NOFOLLOW"},
    {"ENAMETOOLONG", "$path is longer than a path may be"},
    {"ENOSPC", "there is no room for a new file"},
    {"EDQUOT", "the quota for new files is used up"},
    {"EROFS", "$path is on a file system that cannot be written"},
    {"ETXTBSY", "$path is a program that runs, and cannot be opened for writing"},
    {"EPERM", "the system does not allow this way of opening $path"},
    {"EINVAL", "the flags do not go together, or the name is not possible there"},
    {"EFAULT", "path is no address in this process's memory"},
    {"ENODEV", "there is no device behind $path"},
    {0},
};
static const struct ipclab_error close_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process, or no longer"},
    {"EINTR", "a signal came; the descriptor is closed all the same"},
    {"EIO", "data written earlier could not be stored"},
    {"ENOSPC", "data written earlier found no room"},
    {"EDQUOT", "data written earlier exceed the quota"},
    {0},
};
static const struct ipclab_error read_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process, or not open for reading"},
    {"EAGAIN", "there is nothing to read from $fd now, and O_NONBLOCK forbids to wait"},
    {"EINTR", "a signal with a handler came before anything could be read"},
    {"EISDIR", "$fd is a folder"},
    {"EFAULT", "buf is not $count bytes of this process's memory"},
    {"EINVAL", "$fd cannot be read, or the offset is negative"},
    {"ESPIPE", "$fd is a pipe or socket, and those have no offset"},
    {"EOVERFLOW", "the offset is beyond what a file can have"},
    {"ENXIO", "$fd has no such place"},
    {"ENOTCONN", "the socket $fd is not connected"},
    {"ECONNRESET", "the peer of the socket $fd has broken the connection"},
    {"EIO", "the device behind $fd failed"},
    {0},
};
static const struct ipclab_error write_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process, or not open for writing"},
    {"EPIPE", "nobody has the read end of $fd open any more, and SIGPIPE, which would have killed "
              "the process, is ignored or handled"},
    {"EAGAIN", "$fd has no room for the bytes now, and O_NONBLOCK forbids to wait"},
    {"EINTR", "a signal with a handler came before anything was written"},
    {"EFAULT", "buf is not $count bytes of this process's memory"},
    {"EFBIG", "the file would become longer than RLIMIT_FSIZE or the file system allows"},
    {"ENOSPC", "the file system is full"},
    {"EDQUOT", "the quota is used up"},
    {"EINVAL", "$fd cannot be written, or the offset is negative"},
    {"ESPIPE", "$fd is a pipe or socket, and those have no offset"},
    {"EOVERFLOW", "the offset is beyond what a file can have"},
    {"ENXIO", "$fd has no such place"},
    {"EDESTADDRREQ", "the datagram socket $fd has no peer; use sendto"},
    {"ENOTCONN", "the socket $fd is not connected"},
    {"ECONNRESET", "the peer of the socket $fd has broken the connection"},
    {"EMSGSIZE", "the socket $fd sends messages whole, and this one is too long"},
    {"EPERM", "the file is sealed against writing"},
    {"EIO", "the device behind $fd failed"},
    {0},
};
static const struct ipclab_error lseek_errors[] = {
    NOT_OPEN,
    {"ESPIPE", "$fd is a pipe, FIFO or socket, and those have no offset"},
    {"EINVAL", "whence is none of SEEK_SET, SEEK_CUR, SEEK_END, or the offset would be negative"},
    {"EOVERFLOW", "the offset would be larger than an offset can be"},
    {"ENXIO", "there is no such place in the file"},
    {0},
};
static const struct ipclab_error dup_errors[] = {
    {"EBADF", "$oldfd is not an open descriptor"},
    {"EMFILE", "the process has as many descriptors as RLIMIT_NOFILE allows"},
    {0},
};
static const struct ipclab_error dup2_errors[] = {
    {"EBADF", "$oldfd is not an open descriptor, or $newfd is no possible number (RLIMIT_NOFILE)"},
    {"EBUSY", "$newfd is just being opened by somebody else"},
    {"EINTR", "a signal with a handler came"},
    {"EINVAL", "dup3 does not take equal numbers, nor flags but O_CLOEXEC"},
    {"EMFILE", "$newfd is beyond what RLIMIT_NOFILE allows"},
    {0},
};
static const struct ipclab_error fcntl_errors[] = {
    {"EBADF", "$fd is not an open descriptor; or it is no pipe and $cmd is for pipes; or it is not "
              "open for what the lock is about (reading for F_RDLCK, writing for F_WRLCK)"},
    {"EAGAIN", "another process holds a lock on these bytes; F_SETLKW would wait for it"},
    {"EACCES", "another process holds a lock on these bytes; F_SETLKW would wait for it"},
    {"EDEADLK", "waiting would close a circle: the owner of the lock waits, directly or not, for a "
                "lock of this process"},
    {"EINTR", "a signal with a handler came while it waited for the lock"},
    {"EINVAL", "the command or $arg is not possible for this descriptor"},
    {"EBUSY", "the pipe holds more bytes than $arg"},
    {"EPERM", "$arg is more than an ordinary user may give a pipe (/proc/sys/fs/pipe-max-size), or "
              "O_APPEND must stay"},
    {"EMFILE", "the process has as many descriptors as RLIMIT_NOFILE allows"},
    {"ENOLCK", "the system has no room for more locks"},
    {"ENOMEM", "the kernel has no memory for a pipe of that size"},
    {"EOVERFLOW", "the bytes of the lock lie beyond what a file can have"},
    {0},
};
static const struct ipclab_error ftruncate_errors[] = {
    {"EBADF", "$fd is not an open descriptor, or not open for writing"},
    {"EINVAL", "$fd is no regular file or not open for writing, or the length is negative"},
    {"EFBIG", "$length is longer than RLIMIT_FSIZE or the file system allows"},
    {"EPERM", "the file is sealed against a change of its size"},
    {"ENOSPC", "the file system has no room"},
    {"EINTR", "a signal with a handler came"},
    {"EIO", "the storage failed"},
    {0},
};
static const struct ipclab_error unlink_errors[] = {
    {"ENOENT", "there is no $path"},
    {"EISDIR", "$path is a folder: rmdir removes those"},
    {"EPERM", "$path is a folder, or the file system does not allow it"},
    {"EACCES", "the folder of $path may not be written"},
    {"EBUSY", "$path is in use by the system"},
    {"ENOTDIR", "a part of $path before the last is no folder"},
    {"ELOOP", "too many symbolic links on the way to $path"},
    {"ENAMETOOLONG", "$path is longer than a path may be"},
    {"EROFS", "$path is on a file system that cannot be written"},
    {"EFAULT", "path is no address in this process's memory"},
    {0},
};
static const struct ipclab_error poll_errors[] = {
    {"EBADF", "one of them is not an open descriptor (select; poll reports POLLNVAL)"},
    {"EINTR", "a signal with a handler came before any was ready"},
    {"EINVAL", "the arguments do not come in threes, or a number is not possible"},
    {"ENOMEM", "the kernel has no memory for its tables"},
    {0},
};
static const struct ipclab_error ioctl_errors[] = {
    NOT_OPEN,
    {"ENOTTY", "what $fd refers to does not know this request"},
    {"EINVAL", "the request is not possible for $fd, such as for a socket that listens"},
    {0},
};
static const struct ipclab_error fstat_errors[] = {
    NOT_OPEN,
    {"EOVERFLOW", "the size of the file does not fit"},
    {0},
};

/* ---- The records: examples --------------------------------------------------------------- */

#define NEW_FILE "spawn a\na fd = open(\"f\", O_CREAT|O_RDWR, 0644)\n"

static const char *const open_examples[] = {
    "spawn a\na fd = open(\"f\", O_CREAT|O_WRONLY, 0644)\na write(fd, \"hello\")",
    "spawn a\na open(\"nosuch\", O_RDONLY)\na open(\"f\", O_CREAT|O_EXCL|O_RDWR, 0600)\n"
    "a open(\"f\", O_CREAT|O_EXCL|O_RDWR, 0600)",
    NULL,
};
static const char *const close_examples[] = {
    NEW_FILE "a close(fd)\na write(fd, \"x\")",
    "spawn a\na close(77)",
    NULL,
};
static const char *const read_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na lseek(fd, 0, SEEK_SET)\na read(fd, buf, 5)\na print buf\n"
             "a read(fd, buf, 5)",
    "spawn a\na fd = open(\"/dev/null\", O_RDONLY)\na read(fd, buf)",
    NULL,
};
static const char *const write_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na write(fd, \"world\", 3)",
    "spawn a\na fd = open(\"f\", O_CREAT|O_RDONLY, 0644)\na write(fd, \"x\")",
    NULL,
};
static const char *const pread_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na pread(fd, buf, 2, 1)\na print buf",
    NEW_FILE "a pread(fd, buf, 10, 100)",
    NULL,
};
static const char *const pwrite_examples[] = {
    NEW_FILE "a pwrite(fd, \"x\", 1, 9)\na fstat(fd)",
    NEW_FILE "a write(fd, \"hello\")\na pwrite(fd, \"J\", 1, 0)\na pread(fd, buf, 5, 0)",
    NULL,
};
static const char *const lseek_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na lseek(fd, 0, SEEK_CUR)\na lseek(fd, -1, SEEK_END)",
    "spawn parent\nparent fd = open(\"f\", O_CREAT|O_RDWR, 0644)\nparent fork(child)\n"
    "child write(fd, \"child\")\nparent lseek(fd, 0, SEEK_CUR)",
    NULL,
};
static const char *const dup_examples[] = {
    NEW_FILE "a copy = dup(fd)\na write(copy, \"x\")\na lseek(fd, 0, SEEK_CUR)",
    "spawn a\na dup(77)",
    NULL,
};
static const char *const dup2_examples[] = {
    NEW_FILE "a dup2(fd, 9)\na write(9, \"x\")",
    NEW_FILE "a int saved = dup(1)\na dup2(fd, 1)\na puts(\"into the file\")\na dup2(saved, 1)\n"
             "a puts(\"to the terminal\")",
    NULL,
};
static const char *const dup3_examples[] = {
    NEW_FILE "a dup3(fd, 9, O_CLOEXEC)\na fcntl(9, F_GETFD)",
    NEW_FILE "a dup3(fd, fd, 0)",
    NULL,
};
static const char *const fcntl_examples[] = {
    NEW_FILE "a fcntl(fd, F_SETFL, O_NONBLOCK)\na fcntl(fd, F_GETFL)",
    NEW_FILE "a fcntl(fd, F_SETLK, F_WRLCK)\na fork(b)\nb fcntl(fd, F_SETLK, F_WRLCK)\n"
             "b fcntl(fd, F_SETLKW, F_RDLCK, 0, 10)\na fcntl(fd, F_SETLK, F_UNLCK)",
    "spawn a\na fd = open(\"f\", O_CREAT|O_RDWR)\na fcntl(fd, F_GETPIPE_SZ)",
    NULL,
};
static const char *const ftruncate_examples[] = {
    NEW_FILE "a ftruncate(fd, 4096)\na fstat(fd)",
    NEW_FILE "a write(fd, \"hello\")\na ftruncate(fd, 2)\na pread(fd, buf, 10, 0)",
    NULL,
};
static const char *const unlink_examples[] = {
    NEW_FILE "a unlink(\"f\")\na write(fd, \"still there\")\na open(\"f\", O_RDONLY)",
    "spawn a\na unlink(\"nosuch\")",
    NULL,
};
static const char *const poll_examples[] = {
    NEW_FILE "a poll(fd, POLLIN|POLLOUT, 0)",
    "spawn a\na one = open(\"/dev/null\", O_RDONLY)\na two = open(\"/dev/null\", O_WRONLY)\n"
    "a poll(one, POLLIN, 0, two, POLLOUT, 100)",
    NULL,
};
static const char *const select_examples[] = {
    NEW_FILE "a select(fd, READFDS|WRITEFDS, 0)",
    "spawn a\na one = open(\"/dev/null\", O_RDONLY)\na two = open(\"/dev/null\", O_WRONLY)\n"
    "a select(one, READFDS, 0, two, WRITEFDS, 100)",
    NULL,
};
static const char *const ioctl_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na lseek(fd, 1)\na ioctl(fd, FIONREAD)",
    "spawn a\na fd = open(\"/dev/null\", O_RDONLY)\na ioctl(fd, FIONREAD)",
    NULL,
};
static const char *const fstat_examples[] = {
    NEW_FILE "a write(fd, \"hello\")\na fstat(fd)",
    "spawn a\na fd = open(\"/dev/null\", O_RDONLY)\na fstat(fd)",
    NULL,
};

/* ---- The records: the calls -------------------------------------------------------------- */

static const struct ipclab_call calls[] = {
    {.name = "open",
     .prototype = "int open(const char *path, int flags, mode_t mode)",
     .summary = "open a file, or make it",
     .help = "The result is the lowest free descriptor: a number in this process's table that "
             "refers to an open file with an offset of its own. O_CREAT makes the file when there "
             "is none, with the permission bits of mode less those of the umask; with O_EXCL it "
             "fails when there is one, which makes a simple lock. Opening a FIFO waits until the "
             "other end is opened too.",
     .man = "open(2)",
     .flags = IPCLAB_WAITS | IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = open_args,
     .errors = open_errors,
     .returns = "the lowest number that is free",
     .waits = "the path is a FIFO that nobody has open at its other end; an open of the other end "
              "ends it",
     .examples = open_examples,
     .run = run_open},
    {.name = "close",
     .prototype = "int close(int fd)",
     .summary = "give up a descriptor",
     .help = "The number is free again. The open file or pipe end behind it goes away only when "
             "the last descriptor of it is closed, in whatever process: a reader of a pipe sees "
             "the end of file only then. Closing any descriptor of a file also drops all locks "
             "that this process has on that file.",
     .man = "close(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = close_args,
     .errors = close_errors,
     .returns = "0",
     .examples = close_examples,
     .run = run_close},
    {.name = "read",
     .prototype = "ssize_t read(int fd, void *buf, size_t count)",
     .summary = "read up to count bytes",
     .help = "It takes what is there, at most count bytes, and returns how many; fewer are no "
             "error, and no NUL is added. 0 means end of file: a file's offset is at its end, or a "
             "pipe is empty and nobody has its write end open. An empty pipe with a writer makes "
             "it wait, unless O_NONBLOCK is set: then it fails with EAGAIN.",
     .man = "read(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = read_args,
     .errors = read_errors,
     .returns = "how many bytes were read; 0 is end of file",
     .waits = "there is nothing in the pipe or FIFO and a process can still write to it; data, or "
              "the end of the last writer, ends it",
     .examples = read_examples,
     .run = run_read,
     .timed = read_timed},
    {.name = "write",
     .prototype = "ssize_t write(int fd, const void *buf, size_t count)",
     .summary = "write count bytes",
     .help = "It returns how many bytes were taken, which may be fewer than count. A full pipe "
             "makes it wait for a reader, unless O_NONBLOCK is set. A pipe that nobody can read "
             "any more sends SIGPIPE, which kills; where that is ignored, write fails with EPIPE. "
             "Up to PIPE_BUF (4096) bytes go into a pipe in one piece, more may be mixed with what "
             "others write. A count left out is the length of the text.",
     .man = "write(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = write_args,
     .errors = write_errors,
     .returns = "how many bytes were written",
     .waits = "the pipe or FIFO has no room; whoever reads from it ends it, and when the last "
              "reader is gone SIGPIPE comes instead",
     .examples = write_examples,
     .run = run_write,
     .timed = write_timed},
    {.name = "pread",
     .prototype = "ssize_t pread(int fd, void *buf, size_t count, off_t offset)",
     .summary = "read from a place of the file, leaving the offset alone",
     .help = "As lseek and read in one step, but the shared offset does not move, so that two "
             "processes with copies of one descriptor do not get into each other's way.",
     .man = "pread(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = pread_args,
     .errors = read_errors,
     .returns = "how many bytes were read; 0 is end of file",
     .waits = "a device is slow; a file answers at once",
     .examples = pread_examples,
     .run = run_pread},
    {.name = "pwrite",
     .prototype = "ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)",
     .summary = "write at a place of the file, leaving the offset alone",
     .help = "As lseek and write in one step, but the shared offset does not move. Writing behind "
             "the end leaves a hole, which reads as zeros. With O_APPEND Linux writes at the end "
             "whatever the offset says.",
     .man = "pwrite(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = pwrite_args,
     .errors = write_errors,
     .returns = "how many bytes were written",
     .waits = "a device is slow; a file answers at once",
     .examples = pwrite_examples,
     .run = run_pwrite},
    {.name = "lseek",
     .prototype = "off_t lseek(int fd, off_t offset, int whence)",
     .summary = "move the offset of an open file",
     .help = "The result is the new offset from the beginning. The offset belongs to the open "
             "file, not to the descriptor: copies made by dup and fork share it, a second open has "
             "its own. Pipes and sockets have none (ESPIPE).",
     .man = "lseek(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = lseek_args,
     .errors = lseek_errors,
     .returns = "the new offset, counted from the beginning of the file",
     .examples = lseek_examples,
     .run = run_lseek},
    {.name = "dup",
     .prototype = "int dup(int oldfd)",
     .summary = "copy a descriptor to the lowest free number",
     .help = "Both numbers then refer to the same open file: offset and O_NONBLOCK are shared, "
             "and it stays open until both are closed. FD_CLOEXEC is not copied.",
     .man = "dup(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = dup_args,
     .errors = dup_errors,
     .returns = "the new descriptor, the lowest number that is free",
     .examples = dup_examples,
     .run = run_dup},
    {.name = "dup2",
     .prototype = "int dup2(int oldfd, int newfd)",
     .summary = "copy a descriptor to this number",
     .help = "What newfd referred to is closed first, in one step with the copying. This is how a "
             "shell redirects: dup2(fd, 1), and what is written to standard output goes to fd. "
             "Afterwards close the old number, or a pipe keeps an end that nobody uses.",
     .man = "dup2(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = dup2_args,
     .errors = dup2_errors,
     .returns = "newfd",
     .examples = dup2_examples,
     .run = run_dup2},
    {.name = "dup3",
     .prototype = "int dup3(int oldfd, int newfd, int flags)",
     .summary = "copy a descriptor to this number, with flags",
     .help = "As dup2(2), but O_CLOEXEC can be given for the copy, and equal numbers are an error.",
     .man = "dup3(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = dup3_args,
     .errors = dup2_errors,
     .returns = "newfd",
     .examples = dup3_examples,
     .run = run_dup3},
    {.name = "fcntl",
     .prototype = "int fcntl(int fd, int cmd, ...)",
     .summary = "flags, copies, pipe sizes and locks of a descriptor",
     .help = "F_GETFL and F_SETFL read and set the flags of the open file (O_NONBLOCK, O_APPEND), "
             "F_GETFD and F_SETFD those of the descriptor (FD_CLOEXEC), F_DUPFD copies, "
             "F_GETPIPE_SZ and F_SETPIPE_SZ concern a pipe's room. Locks are given as fcntl(fd, "
             "F_SETLK, F_WRLCK [, start, len]); without a range the whole file. They belong to the "
             "process and the file, bind only those who ask for locks too, are not inherited by "
             "fork, and go away when the process closes any descriptor of the file. F_SETLK fails "
             "with EAGAIN where F_SETLKW waits.",
     .man = "fcntl(2)",
     .flags = IPCLAB_WAITS | IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fcntl_args,
     .errors = fcntl_errors,
     .returns = "depends on cmd: a descriptor for F_DUPFD, flags for F_GETFL, else mostly 0",
     .waits =
         "cmd is F_SETLKW and another process has a lock in the way; it ends when that lock goes",
     .examples = fcntl_examples,
     .run = run_fcntl,
     .explain = explain_fcntl},
    {.name = "ftruncate",
     .prototype = "int ftruncate(int fd, off_t length)",
     .summary = "set the size of a file",
     .help = "A longer file is cut, a shorter one is filled with zeros that take no space yet. The "
             "offset does not move. A new shared memory object has no size until this is called.",
     .man = "ftruncate(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = ftruncate_args,
     .errors = ftruncate_errors,
     .returns = "0",
     .examples = ftruncate_examples,
     .run = run_ftruncate},
    {.name = "unlink",
     .prototype = "int unlink(const char *path)",
     .summary = "remove a name of a file",
     .help = "The name is gone at once; the file itself lives until its last name is removed and "
             "its last descriptor closed. So a file that was opened and unlinked is private to "
             "those who have it open.",
     .man = "unlink(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = unlink_args,
     .errors = unlink_errors,
     .returns = "0",
     .examples = unlink_examples,
     .run = run_unlink},
    {.name = "poll",
     .prototype = "int poll(struct pollfd *fds, nfds_t nfds, int timeout)",
     .summary = "wait until a descriptor is ready, or a time has passed",
     .help =
         "Given as poll(fd, events, ms), and for several as further threes: poll(a, POLLIN, -1, "
         "b, POLLIN, -1), of which the last time counts. The result is how many are ready, 0 "
         "when the time passed; what became of each is shown as revents (revents_3 of several). "
         "Ready means that the call would not wait: the end of a file counts as readable. -1 "
         "waits as long as it takes, 0 only looks.",
     .man = "poll(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = poll_args,
     .errors = poll_errors,
     .returns = "how many descriptors have something to report; 0 means that time ran out",
     .waits = "none of the descriptors is ready; any of them, or the timeout, ends it",
     .examples = poll_examples,
     .run = run_poll,
     .reads = poll_reads,
     .timed = is_timed,
     .explain = explain_poll},
    {.name = "select",
     .prototype = "int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, "
                  "struct timeval *timeout)",
     .summary = "wait until a descriptor of three sets is ready, or a time has passed",
     .help = "Given as select(fd, READFDS, ms), and for several as further threes: select(a, "
             "READFDS, -1, b, READFDS|WRITEFDS, -1), of which the last time counts. READFDS, "
             "WRITEFDS and EXCEPTFDS say in which of the three sets of the C call a descriptor is; "
             "nfds is worked out. The result counts those left in the sets, shown as ready. "
             "Descriptors from 1024 on do not fit into a set: poll(2) has no such limit.",
     .man = "select(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = select_args,
     .errors = poll_errors,
     .returns = "how many descriptors are ready; 0 means that time ran out",
     .waits = "none of the descriptors is ready; any of them, or the timeout, ends it",
     .examples = select_examples,
     .run = run_select,
     .reads = select_reads,
     .timed = is_timed,
     .explain = explain_poll},
    {.name = "ioctl",
     .prototype = "int ioctl(int fd, unsigned long request, ...)",
     .summary = "how many bytes can be read now (FIONREAD)",
     .help =
         "ioctl asks a device or pipe what no other call asks. Of its many requests FIONREAD is "
         "here: the number of bytes that a read could take now is shown as bytes.",
     .man = "ioctl(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = ioctl_args,
     .errors = ioctl_errors,
     .returns = "0",
     .examples = ioctl_examples,
     .run = run_ioctl},
    {.name = "fstat",
     .prototype = "int fstat(int fd, struct stat *st)",
     .summary = "what a descriptor refers to",
     .help = "Size, type, permission bits and number of names of the file behind the descriptor "
             "are shown. A file without names (nlink 0) lives as long as somebody has it open.",
     .man = "fstat(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fstat_args,
     .errors = fstat_errors,
     .returns = "0",
     .examples = fstat_examples,
     .run = run_fstat},
    {0},
};

static const char *const man[] = {"open(2)", "fcntl(2)", "poll(2)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "fcntl, and another has the file locked",
     .before = "spawn a\n"
               "a f = open(\"f\", O_RDWR|O_CREAT)\n"
               "a fork(b)\n"
               "b fcntl(f, F_SETLK, F_WRLCK)",
     .waits = {.lines = "a fcntl(f, F_SETLKW, F_WRLCK)", .returns = "0"},
     .ends = "b fcntl(f, F_SETLK, F_UNLCK)",
     .at_once = {.lines = "a fcntl(f, F_SETLK, F_WRLCK)",
                 .returns = "-1 EAGAIN",
                 .note = "POSIX allows EACCES, too"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a fcntl(f, F_SETLKW, F_WRLCK)",
               .returns = "-1 EINTR",
               .note = "fcntl has no timed form; a timer's signal ends it, again and again in case "
                       "one is too early"}},
    {.when = "poll, and no descriptor is ready",
     .before = "spawn a\n"
               "a pipe(p)\n"
               "a fork(b)",
     .waits = {.lines = "a poll(p[0], POLLIN, -1)", .returns = "1"},
     .ends = "b write(p[1], \"x\")",
     .at_once = {.lines = "a poll(p[0], POLLIN, 0)", .returns = "0"},
     .timed = {.lines = "a poll(p[0], POLLIN, 100)", .returns = "0"}},
    {.when = "select, and no descriptor is ready",
     .before = "spawn a\n"
               "a pipe(p)\n"
               "a fork(b)",
     .waits = {.lines = "a select(p[0], READFDS, -1)", .returns = "1"},
     .ends = "b write(p[1], \"x\")",
     .at_once = {.lines = "a select(p[0], READFDS, 0)", .returns = "0"},
     .timed = {.lines = "a select(p[0], READFDS, 100)", .returns = "0"}},
    {0},
};

static const char *const fields[] = {"bytes", "expirations", "flags",  "from",   "length", "mode",
                                     "names", "nlink",       "number", "offset", "path",   "pid",
                                     "ready", "revents",     "size",   "type",   "value",  NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "file",
    .version = "1.0",
    .summary = "descriptors, files, locks, poll and select",
    .help =
        "A descriptor is a small number in a process's own table; behind it is an open file that "
        "several descriptors, in several processes, may share, with its offset and flags; behind "
        "that is the file, pipe or device. fork copies the table, dup one entry of it, and only "
        "when the last copy is closed the thing behind is closed.\n\n"
        "What goes wrong: a forgotten copy of a pipe's end keeps readers waiting for ever; a "
        "partial write is taken for a whole one; read adds no NUL; a lock is lost because the "
        "process closed another descriptor of the same file.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .fields = fields,
};
