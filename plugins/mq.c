/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mq - POSIX message queues: mq_open(3) and its family.
 *
 * A queue has a name and, for each process that opened it, a descriptor; on Linux that is a file
 * descriptor like any other, so who has the queue open is known, and fork, dup and poll work. It
 * holds a fixed number of messages of a fixed greatest size, the most urgent first. The kernel
 * tells how many messages are in it and never which: those are known from what its calls told.
 *
 * All queues of one user, in all sessions, share one limit (RLIMIT_MSGQUEUE: 819200 bytes as a
 * rule), and a queue takes its whole room from it when it is made. The kernel's own default of ten
 * messages of 8192 bytes would let one user have nine; here a queue is small unless asked for. */
#include "plugin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    DEFAULT_MESSAGES = 4,
    DEFAULT_SIZE = 256,
    KERNEL_SIZE = 96,  /* bytes that the kernel counts for a message beside its room */
    SEARCHED_FDS = 64, /* descriptors among which one of a queue is looked for */
    LISTED = 4,        /* processes that a clause names */
};

#define FOLDER "/dev/mqueue" /* where queues with a name are shown, if it is mounted */

/* ---- What the kernel says ---------------------------------------------------------------- */

static long long
limit_of(const char *name)
{
    char path[64], text[32] = "";
    int fd;

    snprintf(path, sizeof path, "/proc/sys/fs/mqueue/%s", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(fd);
    return text[0] != '\0' ? strtoll(text, NULL, 10) : -1;
}

struct registration {
    int pid; /* 0: nobody */
    int sig; /* 0: without a signal */
};

/* Who is to be told of the next message: what reading the queue like a file says. A descriptor for
 * writing only is opened once more for that, which changes nothing of a queue. */
static struct registration
registered(int q)
{
    struct registration r = {0, 0};
    char path[64], text[128] = "";
    int notify = 0, own = -1;
    ssize_t n = pread(q, text, sizeof text - 1, 0);

    if (n < 0) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", q);
        own = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        n = own >= 0 ? pread(own, text, sizeof text - 1, 0) : -1;
        if (own >= 0)
            close(own);
    }
    if (n > 0 &&
        sscanf(text, "QSIZE:%*u NOTIFY:%d SIGNO:%d NOTIFY_PID:%d", &notify, &r.sig, &r.pid) == 3 &&
        notify != SIGEV_SIGNAL)
        r.sig = 0;
    return r;
}

/* ---- mq_open, mq_close, mq_unlink -------------------------------------------------------- */

static void
note_not_made(const struct ipclab_host *host, struct ipclab_frame *frame,
              const struct mq_attr *attr, int error)
{
    struct rlimit limit;
    int fd = dup(0);

    if (fd >= 0)
        close(fd);
    if (error == EMFILE && fd >= 0 && getrlimit(RLIMIT_MSGQUEUE, &limit) == 0)
        host->note(frame,
                   "RLIMIT_MSGQUEUE allows %llu bytes for all queues of this user together, in all "
                   "sessions; %ld messages of up to %ld bytes need about %lld, and that is more "
                   "than is left",
                   (unsigned long long)limit.rlim_cur, attr->mq_maxmsg, attr->mq_msgsize,
                   (long long)attr->mq_maxmsg * (attr->mq_msgsize + KERNEL_SIZE));
    else if (error == ENOSPC)
        host->note(frame, "fs.mqueue.queues_max allows %lld queues", limit_of("queues_max"));
    else if (error == EINVAL && attr->mq_maxmsg > limit_of("msg_max") && limit_of("msg_max") >= 0)
        host->note(frame,
                   "fs.mqueue.msg_max allows %lld messages in a queue, and %ld were asked "
                   "for",
                   limit_of("msg_max"), attr->mq_maxmsg);
    else if (error == EINVAL && attr->mq_msgsize > limit_of("msgsize_max") &&
             limit_of("msgsize_max") >= 0)
        host->note(frame,
                   "fs.mqueue.msgsize_max allows %lld bytes in a message, and %ld were asked "
                   "for",
                   limit_of("msgsize_max"), attr->mq_msgsize);
    else if (error == ENOSYS)
        host->note(frame, "this machine cannot do it: its kernel has no POSIX message queues "
                          "(CONFIG_POSIX_MQUEUE), so every call of this plugin fails; those of msg "
                          "are independent of that");
}

/* Opens or makes the queue, and knows which: O_EXCL says it without a gap in time. */
static mqd_t
open_queue(const char *name, int flags, mode_t mode, struct mq_attr *attr, bool *created)
{
    *created = false;
    if ((flags & (O_CREAT | O_EXCL)) != O_CREAT) {
        mqd_t q = mq_open(name, flags, mode, attr);

        *created = q >= 0 && (flags & O_CREAT);
        return q;
    }
    for (;;) {
        mqd_t q = mq_open(name, flags | O_EXCL, mode, attr);

        if (q >= 0 || errno != EEXIST) {
            *created = q >= 0;
            return q;
        }
        q = mq_open(name, flags & ~O_CREAT);
        if (q >= 0 || errno != ENOENT) /* else it was unlinked in between: make it after all */
            return q;
    }
}

static void
note_other_size(const struct ipclab_host *host, struct ipclab_frame *frame, mqd_t q,
                const struct mq_attr *asked)
{
    struct mq_attr is;

    if (mq_getattr(q, &is) == 0 &&
        (is.mq_maxmsg != asked->mq_maxmsg || is.mq_msgsize != asked->mq_msgsize))
        host->note(frame,
                   "the queue existed already and keeps its size: %ld messages of up to %ld bytes",
                   is.mq_maxmsg, is.mq_msgsize);
}

static int64_t
run_mq_open(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *name = args->v[0].s;
    int flags = (int)args->v[1].i, error;
    struct mq_attr attr = {.mq_maxmsg = args->v[3].i, .mq_msgsize = args->v[4].i};
    bool created;
    mqd_t q;

    if ((flags & O_CREAT) && name[0] == '/' && name[1] != '\0' &&
        host->intend(frame, "mq", 0, name) < 0)
        return -1;
    q = open_queue(name, flags, (mode_t)args->v[2].i, &attr, &created);
    error = errno;
    if (q < 0) {
        note_not_made(host, frame, &attr, error);
    } else {
        host->object(frame, NULL, (uint64_t)q, 0);
        if (created)
            host->created(frame);
        else if (flags & O_CREAT)
            note_other_size(host, frame, q, &attr);
    }
    errno = error;
    return q;
}

static int64_t
run_mq_close(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host;
    (void)frame;
    return mq_close((mqd_t)args->v[0].i);
}

/* Its object is named while the name still says which it is. */
static int64_t
run_mq_unlink(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *name = args->v[0].s;
    mqd_t q = mq_open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (q < 0 && errno == EACCES)
        q = mq_open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (q >= 0) {
        if (fstat(q, &st) == 0)
            host->object(frame, "mq", st.st_ino, st.st_dev);
        mq_close(q);
    }
    return mq_unlink(name);
}

/* ---- mq_send ----------------------------------------------------------------------------- */

/* So many milliseconds from now, as the timed calls want it. */
static struct timespec
deadline_in(int64_t ms)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

static void
note_not_sent(const struct ipclab_host *host, struct ipclab_frame *frame, mqd_t q, int64_t prio,
              size_t n, int error)
{
    struct mq_attr attr;

    if (error == EMSGSIZE && mq_getattr(q, &attr) == 0)
        host->note(frame, "a message of this queue has at most %ld bytes, and this one has %zu",
                   attr.mq_msgsize, n);
    if (error == EINVAL && (prio < 0 || prio >= sysconf(_SC_MQ_PRIO_MAX)))
        host->note(frame, "priorities go from 0 to %ld", sysconf(_SC_MQ_PRIO_MAX) - 1);
}

/* Whoever is registered hears of a message that comes into the empty queue, once. */
static void
note_told(const struct ipclab_host *host, struct ipclab_frame *frame, mqd_t q,
          struct registration before)
{
    const char *name = before.sig > 0 ? sigabbrev_np(before.sig) : NULL;

    if (before.pid == 0 || registered(q).pid != 0)
        return;
    if (before.sig > 0 && before.pid != getpid())
        host->sends(frame, before.pid, before.sig);
    host->fact_process(frame, "notified", before.pid);
    if (name != NULL)
        host->note(frame,
                   "the queue was empty: SIG%s goes to who is registered, once; the registration "
                   "is used up",
                   name);
    else
        host->note(frame, "the queue was empty: the registration (mq_notify) is used up");
}

static int64_t
send_message(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args,
             size_t n, const struct timespec *deadline)
{
    mqd_t q = (mqd_t)args->v[0].i;
    const char *text = args->v[1].p;
    unsigned prio = (unsigned)args->v[2].i;
    struct registration before = registered(q);
    int result, error;

    errno = 0;
    result =
        deadline != NULL ? mq_timedsend(q, text, n, prio, deadline) : mq_send(q, text, n, prio);
    error = errno;
    if (result == 0) {
        host->message(frame, IPCLAB_PUT_BY_NUMBER, "prio", prio, text, n);
        note_told(host, frame, q, before);
    } else {
        note_not_sent(host, frame, q, args->v[2].i, n, error);
    }
    errno = error;
    return result;
}

static int64_t
run_mq_send(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return send_message(host, frame, args, (size_t)args->v[3].i, NULL);
}

static int64_t
run_mq_timedsend(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    struct timespec deadline = deadline_in(args->v[3].i);

    return send_message(host, frame, args, (size_t)args->v[4].i, &deadline);
}

/* ---- mq_receive -------------------------------------------------------------------------- */

static int64_t
receive_message(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args, int size_arg, const struct timespec *deadline)
{
    mqd_t q = (mqd_t)args->v[0].i;
    size_t room = (size_t)args->v[size_arg].i;
    unsigned own = 0, *prio = args->v[size_arg + 1].p != NULL ? args->v[size_arg + 1].p : &own;
    struct mq_attr attr;
    ssize_t n;
    int error;

    errno = 0;
    n = deadline != NULL ? mq_timedreceive(q, args->v[1].p, room, prio, deadline)
                         : mq_receive(q, args->v[1].p, room, prio);
    error = errno;
    if (n >= 0) {
        host->message(frame, IPCLAB_TAKE, "prio", *prio, args->v[1].p, (size_t)n);
        host->stored(frame, 1, args->v[1].p, (size_t)n);
        host->fact(frame, "prio", *prio);
        if (prio != &own)
            host->stored_number(frame, size_arg + 1, *prio);
    } else if (error == EMSGSIZE && mq_getattr(q, &attr) == 0) {
        host->note(frame,
                   "the buffer has %zu bytes, and any message of this queue may have %ld: the room "
                   "counts, not the message that is there",
                   room, attr.mq_msgsize);
    }
    errno = error;
    return n;
}

static int64_t
run_mq_receive(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return receive_message(host, frame, args, 2, NULL);
}

static int64_t
run_mq_timedreceive(const struct ipclab_host *host, struct ipclab_frame *frame,
                    struct ipclab_args *args)
{
    struct timespec deadline = deadline_in(args->v[2].i);

    return receive_message(host, frame, args, 3, &deadline);
}

static int
is_timed(const struct ipclab_args *args)
{
    (void)args;
    return 1;
}

/* ---- mq_notify --------------------------------------------------------------------------- */

static int64_t
run_mq_notify(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    mqd_t q = (mqd_t)args->v[0].i;
    struct sigevent event = {.sigev_notify = (int)args->v[1].i, .sigev_signo = (int)args->v[2].i};
    bool none = event.sigev_notify == SIGEV_SIGNAL && event.sigev_signo == 0; /* NULL is 0, too */
    struct registration before = registered(q);
    struct mq_attr attr;
    int result, error;

    errno = 0;
    result = mq_notify(q, none ? NULL : &event);
    error = errno;
    if (result < 0 && error == EBUSY && before.pid != 0) {
        host->fact_process(frame, "registered", before.pid);
        host->note(frame, "only one process at a time is told of a queue");
    } else if (result == 0 && none) {
        host->note(frame,
                   "%s; to be told by a signal, name one: mq_notify(%d, SIGEV_SIGNAL, "
                   "SIGUSR1)",
                   before.pid == getpid() ? "the registration is removed"
                                          : "this process was not registered, and is not now",
                   q);
    } else if (result == 0 && mq_getattr(q, &attr) == 0 && attr.mq_curmsgs > 0) {
        host->note(frame,
                   "there are %ld in the queue already: it has to become empty first, and "
                   "the next message after that is told",
                   attr.mq_curmsgs);
    }
    errno = error;
    return result;
}

/* ---- mq_getattr, mq_setattr -------------------------------------------------------------- */

static int64_t
run_mq_getattr(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct mq_attr attr;

    if (mq_getattr((mqd_t)args->v[0].i, &attr) < 0)
        return -1;
    host->fact_text(frame, "flags", attr.mq_flags & O_NONBLOCK ? "O_NONBLOCK" : "0");
    host->fact(frame, "maxmsg", attr.mq_maxmsg);
    host->fact(frame, "msgsize", attr.mq_msgsize);
    host->fact(frame, "curmsgs", attr.mq_curmsgs);
    return 0;
}

static int64_t
run_mq_setattr(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct mq_attr new = {.mq_flags = args->v[1].i}, old;

    if (mq_setattr((mqd_t)args->v[0].i, &new, &old) < 0)
        return -1;
    host->fact_text(frame, "before", old.mq_flags & O_NONBLOCK ? "O_NONBLOCK" : "0");
    return 0;
}

/* ---- State ------------------------------------------------------------------------------- */

static int
owns(mode_t mode, int anonymous)
{
    return S_ISREG(mode) && anonymous == IPCLAB_ON_MQUEUE;
}

/* Any descriptor of this process for the queue; -1: it has none. */
static int
own_descriptor(uint64_t key, uint64_t key2)
{
    struct stat st;

    for (int fd = 0; fd < SEARCHED_FDS; fd++)
        if (fstat(fd, &st) == 0 && st.st_ino == key && st.st_dev == key2)
            return fd;
    return -1;
}

/* Opens the queue by the name that it has in the folder, where that is mounted; -1: not found. */
static int
open_by_folder(uint64_t key, uint64_t key2)
{
    DIR *dir = opendir(FOLDER);
    struct dirent *entry;
    struct stat st;
    int q = -1;

    while (dir != NULL && q < 0 && (entry = readdir(dir)) != NULL) {
        char name[NAME_MAX + 2];

        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_ino != key ||
            st.st_dev != key2)
            continue;
        snprintf(name, sizeof name, "/%s", entry->d_name);
        q = mq_open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        break;
    }
    if (dir != NULL)
        closedir(dir);
    return q;
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    int known = fd >= 0 ? fd : own_descriptor(key, key2);
    int q = known >= 0 ? known : open_by_folder(key, key2);
    struct mq_attr attr;
    struct stat st;

    if (q >= 0 && mq_getattr(q, &attr) == 0) {
        host->number(look, "messages", attr.mq_curmsgs);
        host->number(look, "maxmsg", attr.mq_maxmsg);
        host->number(look, "msgsize", attr.mq_msgsize);
        if (fstat(q, &st) == 0 && st.st_nlink == 0)
            host->text(look, "unlinked", "unlinked");
    }
    if (known < 0 && q >= 0)
        mq_close(q);
}

/* Those with a name, by the folder that shows them. It need not be mounted: then only those that
 * somebody has open are known. */
static void
list_queues(const struct ipclab_look_host *host, struct ipclab_look *look)
{
    DIR *dir = opendir(FOLDER);
    struct dirent *entry;
    struct stat st;

    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            host->found(look, st.st_ino, st.st_dev);
    if (dir != NULL)
        closedir(dir);
}

static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    int known = fd >= 0 ? fd : own_descriptor(key, key2);
    int q = known >= 0 ? known : open_by_folder(key, key2);
    struct stat st;
    char mode[16];

    if (q >= 0 && fstat(q, &st) == 0) {
        snprintf(mode, sizeof mode, "%04o", (unsigned)st.st_mode & 0777);
        host->text(look, "mode", mode);
        host->number(look, "owner", st.st_uid);
    }
    if (known < 0 && q >= 0)
        mq_close(q);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    struct mq_attr attr;
    bool receives; /* else it sends */
    bool unlinked; /* it has no name any more: nobody can open it */
    int others;    /* descriptors of others that could end the wait */
    char list[LISTED * 96];
};

/* A descriptor of another process through which the wait could be ended. */
static bool
is_other_end(const struct scene *s, int i)
{
    const struct ipclab_holder *h = &s->wait->holders[i];

    return h->process != s->wait->self && !s->wait->processes[h->process].zombie &&
           h->mode != (s->receives ? 'r' : 'w');
}

static void
list_others(struct scene *s)
{
    size_t n = 0;

    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];

        if (is_other_end(s, i) && s->others++ < LISTED)
            n += (size_t)snprintf(s->list + n, sizeof s->list - n, "%s%.64s (fd %d)",
                                  n > 0 ? ", " : "", s->wait->processes[h->process].name, h->fd);
    }
    if (s->others > LISTED)
        snprintf(s->list + n, sizeof s->list - n, " and %d more", s->others - LISTED);
}

static void
say_state(struct scene *s)
{
    const char *way = s->receives ? "writing" : "reading";
    char what[80];

    if (s->receives)
        snprintf(what, sizeof what, "the queue is empty");
    else
        snprintf(what, sizeof what, "the queue is full (%ld of %ld messages)", s->attr.mq_curmsgs,
                 s->attr.mq_maxmsg);
    s->host->why(s->look, s->receives ? "empty" : "full");
    if (s->others > 0)
        s->host->waits(s->look, "%s; open for %s in %s", what, way, s->list);
    else
        s->host->waits(s->look, "%s; nobody else has it open for %s%s", what, way,
                       s->unlinked ? ", and it has no name any more" : "");
    if (s->receives)
        s->host->rule(s->look, "the queue is empty, and mq_receive(3) waits until somebody sends: "
                               "there is no end of file, even when no sender is left");
    else
        s->host->rule(s->look,
                      "the queue has its %ld messages, and mq_send(3) waits until one is received",
                      s->attr.mq_maxmsg);
    s->host->say(s->look,
                 "mq_overview(7): with O_NONBLOCK it would fail with EAGAIN instead; %s "
                 "waits at most a given time",
                 s->receives ? "mq_timedreceive" : "mq_timedsend");
}

/* A sentence for each process that could end it, and a line for the first that is free. */
static void
say_others(struct scene *s)
{
    const char *self = s->wait->processes[s->wait->self].name;
    int free_one = -1;

    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (!is_other_end(s, i))
            continue;
        s->host->could_end(s->look, h->process);
        if (p->foreign)
            s->host->say(s->look, "%s has it open (fd %d) and runs a program of its own", p->name,
                         h->fd);
        else if (p->waits)
            s->host->say(s->look, "%s has it open (fd %d), but waits itself, in %s", p->name, h->fd,
                         p->call);
        else
            s->host->say(s->look, "%s has it open (fd %d) and can go on", p->name, h->fd);
        if (!p->waits && !p->foreign && free_one < 0)
            free_one = i;
    }
    if (!s->unlinked)
        s->host->say(s->look, "anybody else can still open it by its name");
    if (free_one < 0) {
        s->host->next(s->look, "interrupt %s", self);
        return;
    }
    s->host->next(s->look, s->receives ? "%s mq_send(%d, \"x\", 0)" : "%s mq_receive(%d, buf, %ld)",
                  s->wait->processes[s->wait->holders[free_one].process].name,
                  s->wait->holders[free_one].fd, s->attr.mq_msgsize);
}

/* What should have come before the call, when nobody can end it by now: a message or a receive, by
 * another who has the queue open, else by the process itself. */
static void
say_before(struct scene *s)
{
    int best = -1;

    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];

        if (is_other_end(s, i) && !s->wait->processes[h->process].foreign) {
            if (!s->wait->processes[h->process].waits)
                return;
            if (best < 0 || s->wait->holders[best].process == s->wait->self)
                best = i;
        } else if (h->process == s->wait->self && h->mode == 'u' && best < 0) {
            best = i;
        }
    }
    if (best >= 0)
        s->host->before(s->look,
                        s->receives ? "%s mq_send(%d, \"x\", 0)" : "%s mq_receive(%d, buf, %ld)",
                        s->wait->processes[s->wait->holders[best].process].name,
                        s->wait->holders[best].fd, s->attr.mq_msgsize);
}

static bool
sends_or_receives(const char *call)
{
    return strcmp(call, "mq_receive") == 0 || strcmp(call, "mq_timedreceive") == 0 ||
           strcmp(call, "mq_send") == 0 || strcmp(call, "mq_timedsend") == 0;
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait};
    struct stat st;

    (void)key;
    (void)key2;
    if (fd < 0 || mq_getattr(fd, &s.attr) < 0 || !sends_or_receives(wait->call))
        return;
    s.receives = strstr(wait->call, "receive") != NULL;
    s.unlinked = fstat(fd, &st) == 0 && st.st_nlink == 0;
    list_others(&s);
    say_state(&s);
    say_others(&s);
    say_before(&s);
    /* Without a name nobody can open it, and nobody else has it open in the way that is needed. */
    if (s.unlinked && s.others == 0)
        host->never(look);
}

/* For poll and its like. */
static enum ipclab_chance
watched(const struct ipclab_look_host *host, struct ipclab_look *look,
        const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text, size_t room)
{
    bool receives = (events & POLLIN) != 0;
    char others[LISTED * 96], does[64];
    struct mq_attr attr = {0};
    struct stat st;
    bool unlinked = fstat(copy, &st) == 0 && st.st_nlink == 0;
    int n;

    (void)wait, (void)fd;
    if ((events & (POLLIN | POLLOUT)) == 0) {
        snprintf(text, room, "a message queue is never ready but for reading or writing");
        return IPCLAB_NOBODY;
    }
    mq_getattr(copy, &attr);
    if (receives)
        snprintf(does, sizeof does, "mq_send($0, \"x\", 0)");
    else
        snprintf(does, sizeof does, "mq_receive($0, buf, %ld)", attr.mq_msgsize);
    n = host->others(look, copy, receives ? 'w' : 'r', does, others, sizeof others);
    snprintf(text, room, "the queue is %s; ", receives ? "empty" : "full");
    if (n > 0)
        snprintf(text + strlen(text), room - strlen(text), "%s could %s", others,
                 receives ? "send" : "receive");
    else
        snprintf(text + strlen(text), room - strlen(text), "nobody else has it open for %s%s",
                 receives ? "sending" : "receiving",
                 unlinked ? ", and it has no name any more" : "");
    return !unlinked ? IPCLAB_UNKNOWN : n > 0 ? IPCLAB_SOMEBODY : IPCLAB_NOBODY;
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant open_flags[] = {
    {"O_RDONLY", O_RDONLY, "to receive only"},
    {"O_WRONLY", O_WRONLY, "to send only"},
    {"O_RDWR", O_RDWR, "to send and to receive"},
    {"O_CREAT", O_CREAT, "make the queue if there is none of that name"},
    {"O_EXCL", O_EXCL, "with O_CREAT: fail if there is one already"},
    {"O_NONBLOCK", O_NONBLOCK, "fail with EAGAIN instead of waiting"},
    {"O_CLOEXEC", O_CLOEXEC, "closed by execve; it always is"},
    {0},
};
static const struct ipclab_constant attr_flags[] = {
    {"O_NONBLOCK", O_NONBLOCK, "fail with EAGAIN instead of waiting"},
    {0},
};
static const struct ipclab_constant notify_ways[] = {
    {"SIGEV_SIGNAL", SIGEV_SIGNAL, "by the signal that follows"},
    {"SIGEV_NONE", SIGEV_NONE, "not at all, but nobody else either"},
    {0},
};

#define QUEUE_ARG                                                                                  \
    {                                                                                              \
        .name = "mqdes", .type = IPCLAB_FD, .summary = "the queue, as mq_open returned it"         \
    }
#define TEXT_ARG(size)                                                                             \
    {                                                                                              \
        .name = "msg", .type = IPCLAB_BYTES, .summary = "the message", .size_arg = size            \
    }
#define PRIO_ARG                                                                                   \
    {                                                                                              \
        .name = "prio", .type = IPCLAB_INT, .flags = IPCLAB_OPTIONAL,                              \
        .summary = "its priority; higher is received first"                                        \
    }
#define LENGTH_ARG                                                                                 \
    {                                                                                              \
        .name = "len", .type = IPCLAB_SIZE, .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,             \
        .summary = "how many bytes; left out: the text without its NUL"                            \
    }
#define TIME_ARG                                                                                   \
    {                                                                                              \
        .name = "ms", .type = IPCLAB_INT, .summary = "milliseconds to wait at most"                \
    }
#define BUFFER_ARG(size)                                                                           \
    {                                                                                              \
        .name = "buf", .type = IPCLAB_BUFFER, .summary = "gets the message", .size_arg = size      \
    }
#define ROOM_ARG                                                                                   \
    {                                                                                              \
        .name = "len", .type = IPCLAB_SIZE, .flags = IPCLAB_OPTIONAL,                              \
        .summary = "its room, at least the message size of the queue", .def = 4096                 \
    }
#define PRIO_PLACE_ARG                                                                             \
    {                                                                                              \
        .name = "prio", .type = IPCLAB_INTS, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,           \
        .summary = "gets the priority", .count = 1                                                 \
    }

static const struct ipclab_arg open_args[] = {
    {.name = "name", .type = IPCLAB_STRING, .summary = "a name that begins with /"},
    {.name = "oflag",
     .type = IPCLAB_FLAGS,
     .summary = "what for, and O_CREAT to make it",
     .constants = open_flags},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "permission bits of a new one, less those of the umask",
     .def = 0600},
    {.name = "maxmsg",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many messages a new one holds",
     .def = DEFAULT_MESSAGES},
    {.name = "msgsize",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many bytes each may have",
     .def = DEFAULT_SIZE},
    {0},
};
static const struct ipclab_arg unlink_args[] = {
    {.name = "name", .type = IPCLAB_STRING, .summary = "the name, as it was opened"},
    {0},
};
static const struct ipclab_arg queue_args[] = {QUEUE_ARG, {0}};
static const struct ipclab_arg send_args[] = {QUEUE_ARG, TEXT_ARG(3), PRIO_ARG, LENGTH_ARG, {0}};
static const struct ipclab_arg timedsend_args[] = {
    QUEUE_ARG,
    TEXT_ARG(4),
    {.name = "prio", .type = IPCLAB_INT, .summary = "its priority; higher is received first"},
    TIME_ARG,
    LENGTH_ARG,
    {0},
};
static const struct ipclab_arg receive_args[] = {
    QUEUE_ARG, BUFFER_ARG(2), ROOM_ARG, PRIO_PLACE_ARG, {0}};
static const struct ipclab_arg timedreceive_args[] = {QUEUE_ARG, BUFFER_ARG(3),  TIME_ARG,
                                                      ROOM_ARG,  PRIO_PLACE_ARG, {0}};
static const struct ipclab_arg notify_args[] = {
    QUEUE_ARG,
    {.name = "sevp",
     .type = IPCLAB_INT,
     .flags = IPCLAB_NULLABLE,
     .summary = "how to be told; NULL: not any more",
     .constants = notify_ways},
    {.name = "sig",
     .type = IPCLAB_SIGNAL,
     .flags = IPCLAB_OPTIONAL,
     .summary = "SIGEV_SIGNAL: the signal"},
    {0},
};
static const struct ipclab_arg setattr_args[] = {
    QUEUE_ARG,
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .summary = "O_NONBLOCK or 0; nothing else can be changed",
     .constants = attr_flags},
    {0},
};

static const struct ipclab_error open_errors[] = {
    {"ENOENT", "no queue is called $name, and O_CREAT is not given"},
    {"EEXIST", "a queue is called $name already, and O_EXCL asks for a new one"},
    {"EACCES", "the queue $name exists, but its permission bits do not allow $oflag; or the name "
               "has a second / in it"},
    {"EINVAL", "$name does not begin with /, or $maxmsg messages of $msgsize bytes are beyond what "
               "a queue may have"},
    {"ENAMETOOLONG", "the name is longer than 255 bytes"},
    {"EMFILE", "no room is left for it: RLIMIT_MSGQUEUE limits the bytes of all queues of this "
               "user, RLIMIT_NOFILE the descriptors of the process"},
    {"ENFILE", "the system has as many open files as it allows"},
    {"ENOSPC", "all queues that fs.mqueue.queues_max allows exist already"},
    {"ENOMEM", "no memory for the queue"},
    {"ENOSYS", "this kernel has no POSIX message queues"},
    {0},
};
static const struct ipclab_error unlink_errors[] = {
    {"ENOENT", "no queue is called $name"},
    {"EACCES", "this user may not remove the queue $name"},
    {"EINVAL", "$name does not begin with /"},
    {"ENAMETOOLONG", "the name is longer than 255 bytes"},
    {"ENOSYS", "this kernel has no POSIX message queues"},
    {0},
};
static const struct ipclab_error close_errors[] = {
    {"EBADF", "descriptor $mqdes is not open"},
    {0},
};
#define SEND_ERRORS                                                                                \
    {"EAGAIN", "the queue is full, and O_NONBLOCK is set"},                                        \
        {"EBADF", "descriptor $mqdes is no queue, or not open for sending"},                       \
        {"EMSGSIZE", "the message is longer than a message of this queue may be"},                 \
        {"EINVAL", "there is no priority $prio"},                                                  \
        {"EINTR", "a signal came while the queue was full"},                                       \
        {"EFAULT", "$msg is no address of so many bytes in this process"},                         \
    {                                                                                              \
        "ENOMEM", "no memory for a copy of the message"                                            \
    }
#define RECEIVE_ERRORS                                                                             \
    {"EAGAIN", "the queue is empty, and O_NONBLOCK is set"},                                       \
        {"EBADF", "descriptor $mqdes is no queue, or not open for receiving"},                     \
        {"EMSGSIZE", "$len bytes are less than a message of this queue may have"},                 \
        {"EINTR", "a signal came while the queue was empty"},                                      \
    {                                                                                              \
        "EFAULT", "$buf is no address of a buffer in this process; the message is lost"            \
    }
static const struct ipclab_error send_errors[] = {SEND_ERRORS, {0}};
static const struct ipclab_error timedsend_errors[] = {
    SEND_ERRORS,
    {"ETIMEDOUT", "the queue was still full after $ms milliseconds"},
    {0},
};
static const struct ipclab_error receive_errors[] = {RECEIVE_ERRORS, {0}};
static const struct ipclab_error timedreceive_errors[] = {
    RECEIVE_ERRORS,
    {"ETIMEDOUT", "the queue was still empty after $ms milliseconds"},
    {0},
};
static const struct ipclab_error notify_errors[] = {
    {"EBUSY", "somebody is registered already, and only one process at a time is told"},
    {"EBADF", "descriptor $mqdes is no queue"},
    {"EINVAL", "there is no signal $sig, or no way $sevp to be told"},
    {"ENOMEM", "no memory for it"},
    {0},
};
static const struct ipclab_error attr_errors[] = {
    {"EBADF", "descriptor $mqdes is no queue"},
    {"EINVAL", "only O_NONBLOCK can be set"},
    {0},
};
static const struct ipclab_error getattr_errors[] = {
    {"EBADF", "descriptor $mqdes is no queue"},
    {0},
};

static const char *const open_examples[] = {
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\nb q = mq_open(\"/box\", O_WRONLY)\n"
    "b mq_send(q, \"hello\", 0)\na mq_receive(q, buf)",
    "spawn a\na mq_open(\"/none\", O_RDONLY)\na mq_open(\"box\", O_RDONLY)",
    "spawn a\na mq_open(\"/big\", O_CREAT|O_RDWR, 0600, 2, 32)\n"
    "a mq_open(\"/big\", O_CREAT|O_RDWR, 0600, 8, 64)",
    NULL,
};
static const char *const unlink_examples[] = {
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_unlink(\"/box\")\n"
    "b mq_open(\"/box\", O_RDONLY)\na mq_send(q, \"still here\", 0)",
    "spawn a\na mq_unlink(\"/none\")",
    NULL,
};
static const char *const close_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_close(q)\na mq_send(q, \"x\", 0)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_send(q, \"kept\", 0)\na mq_close(q)\n"
    "a q = mq_open(\"/box\", O_RDONLY)\na mq_receive(q, buf)",
    NULL,
};
static const char *const send_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_send(q, \"later\", 1)\n"
    "a mq_send(q, \"urgent\", 9)\na mq_send(q, \"later too\", 1)\na mq_receive(q, buf)",
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 1, 16)\n"
    "b q = mq_open(\"/box\", O_RDONLY)\na mq_send(q, \"first\", 0)\na mq_send(q, \"second\", 0)\n"
    "b mq_receive(q, buf, 16)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 2, 8)\n"
    "a mq_send(q, \"more than 8 bytes\", 0)",
    NULL,
};
static const char *const timedsend_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 1, 16)\n"
    "a mq_timedsend(q, \"there is room\", 0, 50)\na mq_timedsend(q, \"there is none\", 0, 50)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na n = pack(rec, \"u16 u16\", 1, 2)\n"
    "a mq_timedsend(q, rec, 0, 50, n)",
    NULL,
};
static const char *const receive_examples[] = {
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_receive(q, buf)\n"
    "b q = mq_open(\"/box\", O_WRONLY)\nb mq_send(q, \"hello\", 3)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_send(q, \"hello\", 7)\n"
    "a mq_receive(q, buf, 256, prio)\na print prio",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR|O_NONBLOCK)\na mq_receive(q, buf)\n"
    "a mq_receive(q, buf, 8)",
    NULL,
};
static const char *const timedreceive_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_timedreceive(q, buf, 50)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_send(q, \"hello\", 0)\n"
    "a mq_timedreceive(q, buf, 50)",
    NULL,
};
static const char *const notify_examples[] = {
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_notify(q, SIGEV_SIGNAL, SIGCHLD)\n"
    "b q = mq_open(\"/box\", O_WRONLY)\nb mq_send(q, \"a is told\", 0)\n"
    "b mq_send(q, \"a is not\", 0)",
    "spawn a b\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_notify(q, SIGEV_NONE)\n"
    "b q = mq_open(\"/box\", O_RDWR)\nb mq_notify(q, SIGEV_SIGNAL, SIGUSR1)\na mq_notify(q, NULL)",
    NULL,
};
static const char *const getattr_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 2, 64)\na mq_send(q, \"x\", 0)\n"
    "a mq_getattr(q)",
    "spawn a\na mq_getattr(0)",
    NULL,
};
static const char *const setattr_examples[] = {
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR)\na mq_setattr(q, O_NONBLOCK)\n"
    "a mq_receive(q, buf)\na mq_setattr(q, 0)",
    "spawn a\na q = mq_open(\"/box\", O_CREAT|O_RDWR|O_NONBLOCK)\na mq_setattr(q, 0)\n"
    "a mq_getattr(q)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "mq_open",
     .prototype = "mqd_t mq_open(const char *name, int oflag, mode_t mode, struct mq_attr *attr)",
     .summary = "open or make a message queue by its name",
     .help = "Given as mq_open(name, oflag [, mode [, maxmsg, msgsize]]). The name begins with / "
             "and has no other. A new queue here holds 4 messages of 256 bytes unless more are "
             "asked for (in C a NULL attr gives 10 of 8192): the kernel sets the whole room aside "
             "at once, from a limit that all queues of the user share. A queue that exists keeps "
             "its size. The result is a file descriptor: fork() copies it, close() closes it, "
             "poll() waits for it. Queue and messages stay until mq_unlink(), also when nobody has "
             "it open.",
     .returns = "a descriptor, the lowest number that is free",
     .man = "mq_open(3)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .args = open_args,
     .errors = open_errors,
     .examples = open_examples,
     .run = run_mq_open},
    {.name = "mq_send",
     .prototype = "int mq_send(mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned "
                  "msg_prio)",
     .summary = "send a message to a queue",
     .help = "Given as mq_send(q, text [, prio [, len]]). The message is copied behind all that "
             "have at least its priority, so that the highest priority is received first, and "
             "among equals the oldest. A full queue makes it wait until somebody receives; with "
             "O_NONBLOCK it fails with EAGAIN. When somebody waits in mq_receive, that one gets "
             "it at once; else, when the queue was empty, whoever asked by mq_notify is told.",
     .returns = "0",
     .waits = "the queue has as many messages as it may; whoever receives one ends it",
     .man = "mq_send(3)",
     .flags = IPCLAB_WAITS | IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = send_args,
     .errors = send_errors,
     .examples = send_examples,
     .run = run_mq_send},
    {.name = "mq_timedsend",
     .prototype = "int mq_timedsend(mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned "
                  "msg_prio, const struct timespec *abs_timeout)",
     .summary = "send a message, and wait for room only so long",
     .help =
         "Given as mq_timedsend(q, text, prio, ms [, len]): as mq_send, but at a full queue it "
         "waits at most ms milliseconds and then fails with ETIMEDOUT. In C the time is a point "
         "of the calendar (CLOCK_REALTIME), here it is how long from now. When there is room "
         "the time does not matter, 0 and less included.",
     .returns = "0",
     .waits = "the queue has as many messages as it may; whoever receives one ends it, or the time",
     .man = "mq_timedsend(3)",
     .flags = IPCLAB_WAITS | IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = timedsend_args,
     .errors = timedsend_errors,
     .examples = timedsend_examples,
     .run = run_mq_timedsend,
     .timed = is_timed},
    {.name = "mq_receive",
     .prototype = "ssize_t mq_receive(mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned "
                  "*msg_prio)",
     .summary = "receive the oldest message of the highest priority",
     .help = "Given as mq_receive(q, buf [, len [, prio]]). One call takes one whole message and "
             "returns how many bytes it had; its priority is shown, and stored in prio if that is "
             "given. The buffer must have room for the longest message that the queue allows "
             "(EMSGSIZE), however short the one is that is there. An empty queue makes it wait, "
             "with O_NONBLOCK it fails with EAGAIN. There is no end of file. No NUL is added.",
     .returns = "how many bytes the message has; its priority is shown",
     .waits = "the queue is empty; whoever sends ends it, and nothing else does",
     .man = "mq_receive(3)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = receive_args,
     .errors = receive_errors,
     .examples = receive_examples,
     .run = run_mq_receive},
    {.name = "mq_timedreceive",
     .prototype = "ssize_t mq_timedreceive(mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned "
                  "*msg_prio, const struct timespec *abs_timeout)",
     .summary = "receive a message, and wait for one only so long",
     .help =
         "Given as mq_timedreceive(q, buf, ms [, len [, prio]]): as mq_receive, but at an empty "
         "queue it waits at most ms milliseconds and then fails with ETIMEDOUT. In C the time "
         "is a point of the calendar (CLOCK_REALTIME), here it is how long from now.",
     .returns = "how many bytes the message has; its priority is shown",
     .waits = "the queue is empty; whoever sends ends it, or the time",
     .man = "mq_timedreceive(3)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = timedreceive_args,
     .errors = timedreceive_errors,
     .examples = timedreceive_examples,
     .run = run_mq_timedreceive,
     .timed = is_timed},
    {.name = "mq_notify",
     .prototype = "int mq_notify(mqd_t mqdes, const struct sigevent *sevp)",
     .summary = "be told by a signal when a message comes into the empty queue",
     .help =
         "Given as mq_notify(q, SIGEV_SIGNAL, SIGUSR1), mq_notify(q, SIGEV_NONE) or "
         "mq_notify(q, NULL). Only a message that comes into the empty queue while nobody waits "
         "in mq_receive is told, and only once: then the registration is used up, and has to "
         "be made again, before the queue is emptied. One process at a time can be registered "
         "(EBUSY). NULL removes the registration of this process, as closing its descriptor "
         "does. The signal does what it always does: without a handler SIGUSR1 ends the "
         "process.",
     .returns = "0",
     .man = "mq_notify(3)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = notify_args,
     .errors = notify_errors,
     .examples = notify_examples,
     .run = run_mq_notify},
    {.name = "mq_getattr",
     .prototype = "int mq_getattr(mqd_t mqdes, struct mq_attr *attr)",
     .summary = "how large a queue is, and how many messages are in it",
     .help = "Shows the flags of the open queue (O_NONBLOCK), how many messages it holds at most, "
             "how many bytes each may have, and how many are in it now. Nobody but the receiver "
             "can see which those are.",
     .returns = "0",
     .man = "mq_getattr(3)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = queue_args,
     .errors = getattr_errors,
     .examples = getattr_examples,
     .run = run_mq_getattr},
    {.name = "mq_setattr",
     .prototype = "int mq_setattr(mqd_t mqdes, const struct mq_attr *newattr, struct mq_attr "
                  "*oldattr)",
     .summary = "set or clear O_NONBLOCK of an open queue",
     .help = "Given as mq_setattr(q, O_NONBLOCK) or mq_setattr(q, 0). Nothing else can be changed: "
             "the size of a queue is fixed when it is made. The flag belongs to the open queue, "
             "which copies made by fork share; who opened it by name has another. Who waits "
             "already goes on waiting.",
     .returns = "0",
     .man = "mq_setattr(3)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = setattr_args,
     .errors = attr_errors,
     .examples = setattr_examples,
     .run = run_mq_setattr},
    {.name = "mq_close",
     .prototype = "int mq_close(mqd_t mqdes)",
     .summary = "give up the descriptor of a queue",
     .help = "The queue and its messages stay, under its name. A registration of mq_notify is "
             "removed. exit does it for all queues.",
     .returns = "0",
     .man = "mq_close(3)",
     .flags = IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = queue_args,
     .errors = close_errors,
     .examples = close_examples,
     .run = run_mq_close},
    {.name = "mq_unlink",
     .prototype = "int mq_unlink(const char *name)",
     .summary = "remove the name of a queue",
     .help =
         "The name is gone at once: nobody can open the queue any more, and a new one may "
         "have the name. The queue itself, with its messages, lives until the last descriptor "
         "is closed. Whoever waits in it goes on waiting: unlike System V's IPC_RMID this wakes "
         "nobody.",
     .returns = "0",
     .man = "mq_unlink(3)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = unlink_args,
     .errors = unlink_errors,
     .examples = unlink_examples,
     .run = run_mq_unlink},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "mq",
     .summary = "a queue with a name: whole messages, the most urgent first",
     .level = "messages",
     .line = "$messages/$maxmsg msg  $queue $more $unlinked",
     .owns = owns,
     .state = state,
     .explain = explain,
     .watched = watched,
     .list = list_queues,
     .detail = detail},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* A queue for each direction, nameless once it is open. */
struct bench_queues {
    mqd_t q[2];
    char *whole; /* room for a piece of full length */
};

/* What the machine allows to anybody; 8192 where it does not say. */
static size_t
bench_longest(void)
{
    char text[32] = "";
    int fd = open("/proc/sys/fs/mqueue/msgsize_max", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    long most = n > 0 ? strtol(text, NULL, 10) : 0;

    if (fd >= 0)
        close(fd);
    return most > 0 ? (size_t)most : 8192;
}

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    static const char *const names[] = {"/bench.there", "/bench.back"};
    struct bench_queues *b = malloc(sizeof *b);
    struct mq_attr attr = {.mq_maxmsg = 10};
    size_t most = bench_longest();

    if (b == NULL)
        return -1;
    run->state = b;
    run->piece = run->piece < most ? run->piece : most;
    b->whole = malloc(run->piece);
    if (b->whole == NULL)
        return -1;
    attr.mq_msgsize = (long)run->piece;
    for (int i = 0; i < 2; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s.%d", names[i], getpid());
        if (host->intend(run, "mq", 0, name) < 0)
            return -1;
        b->q[i] = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
        if (b->q[i] < 0)
            return -1;
        mq_unlink(name);
    }
    return 0;
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    const struct bench_queues *b = run->state;

    return mq_send(b->q[run->side], data, n, 0);
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    const struct bench_queues *b = run->state;

    /* Even a short last piece is received only where a long one has room. */
    if (mq_receive(b->q[1 - run->side], n < run->piece ? b->whole : data, run->piece, NULL) !=
        (ssize_t)n)
        return -1;
    if (n < run->piece)
        memcpy(data, b->whole, n);
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_queues *b = run->state;

    mq_close(b->q[0]);
    mq_close(b->q[1]);
}

static const struct ipclab_bench benches[] = {
    {.name = "mq",
     .summary = "two POSIX queues: mq_send and mq_receive",
     .flags = IPCLAB_BENCH_CUTS,
     .limit = "fs.mqueue.msgsize_max allows no longer message",
     .setup = bench_setup,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"mq_overview(7)", "mq_open(3)",   "mq_send(3)",
                                  "mq_receive(3)",  "mq_notify(3)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "mq_receive, and the queue is empty",
     .before = "spawn a b\n"
               "a q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 1, 16)\n"
               "b q = mq_open(\"/box\", O_RDWR)",
     .waits = {.lines = "a mq_receive(q, buf)", .returns = "2"},
     .ends = "b mq_send(q, \"hi\", 0)",
     .at_once = {.lines = "a mq_setattr(q, O_NONBLOCK)\n"
                          "a mq_receive(q, buf)",
                 .returns = "-1 EAGAIN",
                 .note = "or O_NONBLOCK in mq_open"},
     .timed = {.lines = "a mq_timedreceive(q, buf, 100)", .returns = "-1 ETIMEDOUT"}},
    {.when = "mq_send, and the queue is full",
     .before = "spawn a b\n"
               "a q = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 1, 16)\n"
               "b q = mq_open(\"/box\", O_RDWR)\n"
               "a mq_send(q, \"first\", 0)",
     .waits = {.lines = "a mq_send(q, \"x\", 0)", .returns = "0"},
     .ends = "b mq_receive(q, buf)",
     .at_once = {.lines = "a mq_setattr(q, O_NONBLOCK)\n"
                          "a mq_send(q, \"x\", 0)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a mq_timedsend(q, \"x\", 0, 100)", .returns = "-1 ETIMEDOUT"}},
    {0},
};

static const char *const fields[] = {"before",     "curmsgs",  "flags",    "maxmsg",
                                     "messages",   "msgsize",  "notified", "prio",
                                     "registered", "unlinked", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "mq",
    .version = "1.0",
    .summary = "POSIX message queues: named mailboxes with priorities",
    .help =
        "A mailbox with a name like /box. It is made for a fixed number of messages, each of up to "
        "a fixed size; every message has a priority, and the oldest of the highest priority is "
        "received first. Its descriptors are file descriptors: a process can wait for a queue and "
        "a socket in one poll(), and fork() passes them on.\n"
        "With mq_notify() a process does something else until a signal says that a message has "
        "come.\n"
        "Against System V (msg): names in place of keys, priorities in place of types (nobody can "
        "pick a message), a limit in messages in place of bytes, times, poll() and notification.\n"
        "What goes wrong: a buffer that is smaller than the message size (EMSGSIZE); low "
        "priorities that never get their turn; a sender that died, which no end of file tells; "
        "10 messages of 8192 bytes as size, which fills the user's limit with nine queues; a queue "
        "that nobody unlinked still has old messages at the next run.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
