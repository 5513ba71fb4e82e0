/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * msg - System V message queues: msgget(2), msgsnd(2), msgrcv(2), msgctl(2).
 *
 * A queue is a mailbox in the kernel. A message has a type, a number above 0 that the sender chose,
 * and whoever receives may choose by it; so a call can wait although messages are there, and the
 * explanation is mostly which types those have. The kernel shows a copy of a message that stays in
 * the queue (MSG_COPY) where it was built with CONFIG_CHECKPOINT_RESTORE.
 *
 * Nobody holds a queue: there are no descriptors, and every process that may use it can still come
 * and send, receive, change its limit or remove it. So no wait here is ever called one without end.
 */
#include "plugin.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    ID_BITS = 0x7fff, /* of an id are its place in the kernel's table */
    PEEKED = 256,     /* messages that are looked at */
    TYPES = 8,        /* different types that a sentence lists */
    COPY_MAX = 65536, /* bytes of the longest message that is looked at */
};

struct message {
    long type;
    char text[];
};

/* ---- What is in a queue ------------------------------------------------------------------ */

/* The data of a queue that this user may not read is still no secret (ipcs shows it). */
static int
queue_stat(int id, struct msqid_ds *ds)
{
    if (msgctl(id, IPC_STAT, ds) == 0)
        return 0;
    return errno == EACCES && msgctl(id & ID_BITS, MSG_STAT_ANY, ds) == id ? 0 : -1;
}

/* A copy of the message at a place of the queue: its size, and its type; -1: none, or not shown. */
static ssize_t
peek(int id, int place, long *type)
{
    static struct {
        long type;
        char text[COPY_MAX];
    } copy;
    struct msginfo limits = {.msgmax = 0};
    size_t room = sizeof copy.text;
    ssize_t n;

    if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) >= 0 && (size_t)limits.msgmax < room)
        room = (size_t)limits.msgmax;
    n = msgrcv(id, &copy, room, place, MSG_COPY | IPC_NOWAIT);
    *type = copy.type;
    return n;
}

/* The type that msgrcv takes first of two, of which each fits: that of the one before the other,
 * but with a negative wanted type the lower one. */
static bool
fits(long type, long wanted, int flags)
{
    if (wanted == 0)
        return true;
    if (wanted < 0)
        return type <= -wanted;
    return (flags & MSG_EXCEPT) ? type != wanted : type == wanted;
}

/* The size of the message that msgrcv would take now; -1: there is none, or it is not shown. */
static ssize_t
size_of_next(int id, long wanted, int flags)
{
    long best = LONG_MAX, type;
    ssize_t size = -1, n;

    for (int i = 0; i < PEEKED && (n = peek(id, i, &type)) >= 0; i++) {
        if (!fits(type, wanted, flags) || (size >= 0 && type >= best))
            continue;
        size = n;
        best = type;
        if (wanted >= 0)
            break;
    }
    return size;
}

/* "2 of type 1, 1 of type 7"; "" when the queue is empty or does not show it. */
static void
list_types(int id, char *text, size_t room)
{
    long types[TYPES], type;
    int counts[TYPES], n = 0, others = 0;
    size_t at = 0;

    text[0] = '\0';
    for (int i = 0; i < PEEKED && peek(id, i, &type) >= 0; i++) {
        int k = 0;

        while (k < n && types[k] != type)
            k++;
        if (k == TYPES) {
            others++;
            continue;
        }
        if (k == n) {
            types[n] = type;
            counts[n++] = 0;
        }
        counts[k]++;
    }
    for (int k = 0; k < n && at < room; k++)
        at += (size_t)snprintf(text + at, room - at, "%s%d of type %ld", k > 0 ? ", " : "",
                               counts[k], types[k]);
    if (others > 0 && at < room)
        snprintf(text + at, room - at, ", %d of other types", others);
}

/* "messages of type 3": what a call of msgrcv wants. */
static void
describe_wanted(long wanted, int flags, char *text, size_t room)
{
    if (wanted == 0)
        snprintf(text, room, "any message");
    else if (wanted < 0)
        snprintf(text, room, "a message of type %ld or lower", -wanted);
    else if (flags & MSG_EXCEPT)
        snprintf(text, room, "a message of any type but %ld", wanted);
    else
        snprintf(text, room, "a message of type %ld", wanted);
}

/* ---- msgget ------------------------------------------------------------------------------ */

/* Outside a sealed world nothing may be left behind that could not be found again, so a private
 * queue gets a key there after all: a random one of this range. */
#define PRIVATE_KEYS 0x7d000000
#define PRIVATE_MASK 0x00ffffff

static bool
has_private_key(const struct msqid_ds *ds)
{
    return (ds->msg_perm.__key & ~PRIVATE_MASK) == PRIVATE_KEYS;
}

static void
note_queues(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct msginfo limits, used;

    if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) >= 0 &&
        msgctl(0, MSG_INFO, (struct msqid_ds *)&used) >= 0)
        host->note(frame, "kernel.msgmni allows %d queues, and %d exist", limits.msgmni,
                   used.msgpool);
}

static int64_t
make_private(const struct ipclab_host *host, struct ipclab_frame *frame, int flags)
{
    for (;;) {
        uint32_t random;
        int key, id;

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        key = (int)(PRIVATE_KEYS | (random & PRIVATE_MASK));
        if (host->intend(frame, "msg", (uint64_t)key, NULL) < 0)
            return -1;
        id = msgget(key, flags | IPC_CREAT | IPC_EXCL);
        if (id < 0 && errno == EEXIST)
            continue;
        if (id >= 0)
            host->note(frame, "in a shared world a private queue has a key of its own, so that it "
                              "can be removed in any case");
        return id;
    }
}

/* Gets or makes the queue, and knows which: IPC_EXCL says it without a gap in time. */
static int64_t
get_queue(key_t key, int flags, bool *created)
{
    *created = false;
    if (key != IPC_PRIVATE && (flags & (IPC_CREAT | IPC_EXCL)) != IPC_CREAT) {
        int id = msgget(key, flags);

        *created = id >= 0 && (flags & IPC_CREAT);
        return id;
    }
    for (;;) {
        int id = msgget(key, flags | (key != IPC_PRIVATE ? IPC_EXCL : 0));

        if (id >= 0 || errno != EEXIST) {
            *created = id >= 0;
            return id;
        }
        id = msgget(key, flags & ~IPC_CREAT);
        if (id >= 0 || errno != ENOENT) /* else it was removed in between: make it after all */
            return id;
    }
}

static int64_t
run_msgget(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    key_t key = (key_t)args->v[0].i;
    int flags = (int)args->v[1].i, error;
    bool created = true;
    int64_t id;

    if (!host->sealed(frame) && key == IPC_PRIVATE) {
        id = make_private(host, frame, flags);
    } else {
        if (!host->sealed(frame) && (flags & IPC_CREAT) &&
            host->intend(frame, "msg", (uint64_t)key, NULL) < 0)
            return -1;
        id = get_queue(key, flags, &created);
    }
    error = errno;
    if (id >= 0) {
        host->object(frame, "msg", (uint64_t)id, 0);
        if (created)
            host->created(frame);
        if (created && (flags & 0666) == 0)
            host->note(frame, "it was made without permission bits: nobody but root may send to it "
                              "or receive from it; IPC_CREAT|0666 is one argument");
    } else if (error == ENOSPC) {
        note_queues(host, frame);
    }
    errno = error;
    return id;
}

/* ---- msgsnd ------------------------------------------------------------------------------ */

/* Copies as the kernel would: a bad address is an error, not the end of the process. */
static int
copy_in(void *to, const void *from, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)from, n};

    if (n == 0 || process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n)
        return 0;
    errno = EFAULT;
    return -1;
}

static int
copy_out(void *to, const void *from, size_t n)
{
    struct iovec local = {(void *)(uintptr_t)from, n}, remote = {to, n};

    if (n == 0 || process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n)
        return 0;
    errno = EFAULT;
    return -1;
}

static void
name_queue(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct msqid_ds ds;

    if (queue_stat(id, &ds) == 0)
        host->object(frame, "msg", (uint64_t)id, 0);
}

/* Which of the things that EINVAL stands for it is. */
static void
note_invalid(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct msqid_ds ds;

    if (queue_stat(id, &ds) < 0)
        host->note(frame, "there is no queue %d: it was removed, or never made", id);
}

static void
note_not_sent(const struct ipclab_host *host, struct ipclab_frame *frame, int id, long type,
              size_t n, int error)
{
    struct msginfo limits;
    struct msqid_ds ds;

    if (error == EINVAL)
        note_invalid(host, frame, id);
    if (error == EINVAL && type < 1)
        host->note(frame, "types begin at 1: 0 and negative numbers have a meaning for msgrcv");
    if (error == EINVAL && msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) >= 0 &&
        n > (size_t)limits.msgmax)
        host->note(frame, "kernel.msgmax allows %d bytes in a message, and this one has %zu",
                   limits.msgmax, n);
    if (error == EAGAIN && queue_stat(id, &ds) == 0)
        host->note(frame, "it holds %lu messages with %lu of %lu bytes, and %zu more were to come",
                   (unsigned long)ds.msg_qnum, (unsigned long)ds.__msg_cbytes,
                   (unsigned long)ds.msg_qbytes, n);
}

static int64_t
run_msgsnd(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, result, error;
    size_t n = (size_t)args->v[4].i;
    struct message *m;

    name_queue(host, frame, id);
    m = n <= INT_MAX ? malloc(sizeof *m + n) : NULL;
    if (m == NULL) {
        errno = n <= INT_MAX ? ENOMEM : EINVAL;
        return -1;
    }
    m->type = (long)args->v[1].i;
    result = copy_in(m->text, args->v[2].p, n);
    if (result == 0)
        result = msgsnd(id, m, n, (int)args->v[3].i);
    error = errno;
    if (result == 0)
        host->message(frame, IPCLAB_PUT, "type", m->type, m->text, n);
    else
        note_not_sent(host, frame, id, m->type, n, error);
    free(m);
    errno = error;
    return result;
}

/* ---- msgrcv ------------------------------------------------------------------------------ */

static void
note_not_received(const struct ipclab_host *host, struct ipclab_frame *frame, int id, long wanted,
                  int flags, int error)
{
    char types[TYPES * 48];
    ssize_t size;

    if (error == E2BIG) {
        size = size_of_next(id, wanted, flags);
        if (size >= 0)
            host->note(frame,
                       "the message has %zd bytes and stays in the queue; MSG_NOERROR would cut it",
                       size);
    } else if (error == ENOMSG && !(flags & MSG_COPY)) {
        list_types(id, types, sizeof types);
        if (types[0] != '\0')
            host->note(frame, "the queue has %s", types);
        else
            host->note(frame, "the queue is empty, and IPC_NOWAIT forbids to wait");
    } else if (error == EINVAL) {
        note_invalid(host, frame, id);
    }
}

static int64_t
run_msgrcv(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, flags = (int)args->v[4].i, error;
    size_t room = (size_t)args->v[2].i;
    long wanted = (long)args->v[3].i;
    ssize_t n = -1, whole = -1;
    struct message *m;

    name_queue(host, frame, id);
    m = room <= INT_MAX ? malloc(sizeof *m + room) : NULL;
    if (m == NULL) {
        errno = room <= INT_MAX ? ENOMEM : EINVAL;
        return -1;
    }
    if ((flags & (MSG_NOERROR | MSG_COPY)) == MSG_NOERROR)
        whole = size_of_next(id, wanted, flags);
    n = msgrcv(id, m, room, wanted, flags);
    error = errno;
    if (n >= 0) {
        if ((flags & MSG_COPY) == 0)
            host->message(frame, IPCLAB_TAKE, "type", m->type, m->text, (size_t)n);
        host->fact(frame, "type", m->type);
        if (whole > n)
            host->note(frame, "the message had %zd bytes: what did not fit (%zd B) is lost", whole,
                       whole - n);
        if (copy_out(args->v[1].p, m->text, (size_t)n) == 0) {
            host->stored(frame, 1, m->text, (size_t)n);
        } else {
            error = errno;
            if ((flags & MSG_COPY) == 0)
                host->note(frame, "the message was taken out of the queue before the buffer proved "
                                  "to be no memory: it is lost");
            n = -1;
        }
    } else {
        note_not_received(host, frame, id, wanted, flags, error);
    }
    free(m);
    errno = error;
    return n;
}

/* ---- msgctl ------------------------------------------------------------------------------ */

static int64_t
queue_report(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct msqid_ds ds;
    char mode[16];

    if (msgctl(id, IPC_STAT, &ds) < 0)
        return -1;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.msg_perm.mode & 0777);
    host->fact(frame, "messages", (int64_t)ds.msg_qnum);
    host->fact(frame, "bytes", (int64_t)ds.__msg_cbytes);
    host->fact(frame, "limit", (int64_t)ds.msg_qbytes);
    host->fact_text(frame, "mode", mode);
    if (ds.msg_lspid != 0)
        host->fact_process(frame, "sender", ds.msg_lspid);
    if (ds.msg_lrpid != 0)
        host->fact_process(frame, "receiver", ds.msg_lrpid);
    host->volatile_fact(frame, "ctime", ds.msg_ctime);
    return 0;
}

static int64_t
queue_set(const struct ipclab_host *host, struct ipclab_frame *frame, int id, int64_t mode,
          int64_t limit)
{
    struct msqid_ds ds;
    int result;

    if (mode == 0 && limit == 0) { /* as NULL would be in C */
        host->note(frame,
                   "IPC_SET needs what to set: msgctl(%d, IPC_SET, 0640) the permission bits, "
                   "msgctl(%d, IPC_SET, 0640, 512) the limit in bytes, too",
                   id, id);
        errno = EFAULT;
        return -1;
    }
    if (queue_stat(id, &ds) < 0)
        return -1;
    if (mode != 0)
        ds.msg_perm.mode = (unsigned short)(mode & 0777);
    if (limit != 0)
        ds.msg_qbytes = (msglen_t)limit;
    result = msgctl(id, IPC_SET, &ds);
    if (result < 0 && errno == EPERM && limit != 0) {
        struct msginfo limits;

        if (msgctl(0, IPC_INFO, (struct msqid_ds *)&limits) >= 0 && limit > limits.msgmnb)
            host->note(frame, "only root may set a limit above kernel.msgmnb, which is %d",
                       limits.msgmnb);
        errno = EPERM;
    }
    return result;
}

static int64_t
queue_remove(const struct ipclab_host *host, struct ipclab_frame *frame, int id)
{
    struct msqid_ds ds = {.msg_qnum = 0};

    queue_stat(id, &ds);
    if (msgctl(id, IPC_RMID, NULL) < 0)
        return -1;
    if (ds.msg_qnum > 0)
        host->note(frame, "%lu message%s that nobody received %s gone with it",
                   (unsigned long)ds.msg_qnum, ds.msg_qnum == 1 ? "" : "s",
                   ds.msg_qnum == 1 ? "is" : "are");
    return 0;
}

static int64_t
run_msgctl(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int id = (int)args->v[0].i, cmd = (int)args->v[1].i;

    name_queue(host, frame, id);
    if (cmd == IPC_STAT)
        return queue_report(host, frame, id);
    if (cmd == IPC_SET)
        return queue_set(host, frame, id, args->v[2].i, args->v[3].i);
    if (cmd == IPC_RMID)
        return queue_remove(host, frame, id);
    errno = EINVAL;
    return -1;
}

/* ---- State ------------------------------------------------------------------------------- */

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    struct msqid_ds ds;

    (void)fd;
    (void)key2;
    if (queue_stat((int)key, &ds) < 0) {
        host->number(look, "messages", 0);
        host->number(look, "bytes", 0);
        host->number(look, "limit", 0);
        host->text(look, "removed", "removed");
        return;
    }
    if (has_private_key(&ds))
        host->volatile_number(look, "key", ds.msg_perm.__key);
    else
        host->number(look, "key", ds.msg_perm.__key);
    host->number(look, "messages", (int64_t)ds.msg_qnum);
    host->number(look, "bytes", (int64_t)ds.__msg_cbytes);
    host->number(look, "limit", (int64_t)ds.msg_qbytes);
}

/* The kernel's table has room for some that are gone: from 0 to the highest in use. */
static void
list_queues(const struct ipclab_look_host *host, struct ipclab_look *look)
{
    struct msginfo used;
    int highest = msgctl(0, MSG_INFO, (struct msqid_ds *)&used);

    for (int i = 0; i <= highest; i++) {
        struct msqid_ds ds;
        int id = msgctl(i, MSG_STAT_ANY, &ds);

        if (id >= 0)
            host->found(look, (uint64_t)id, 0);
    }
}

static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    struct msqid_ds ds;
    char mode[16];

    (void)fd;
    (void)key2;
    if (queue_stat((int)key, &ds) < 0)
        return;
    snprintf(mode, sizeof mode, "%04o", (unsigned)ds.msg_perm.mode & 0777);
    host->text(look, "mode", mode);
    host->number(look, "owner", ds.msg_perm.uid);
    host->volatile_number(look, "changed", ds.msg_ctime);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    struct msqid_ds ds;
    int id;
    bool receives;  /* else it sends */
    char queue[48]; /* how a line names the queue, for whoever types it; "": it cannot */
    char act[128];  /* what another does that ends the wait */
};

static bool
is_other(const struct scene *s, int i)
{
    return i != s->wait->self && !s->wait->processes[i].zombie;
}

static bool
is_free(const struct scene *s, int i)
{
    const struct ipclab_process *p = &s->wait->processes[i];

    return is_other(s, i) && !p->waits && !p->foreign;
}

/* A queue is named by its key, which is the same number for everybody and in every run. */
static void
name_for_line(struct scene *s)
{
    if (s->ds.msg_perm.__key == IPC_PRIVATE)
        snprintf(s->queue, sizeof s->queue, "%d", s->id);
    else if (!has_private_key(&s->ds))
        snprintf(s->queue, sizeof s->queue, "msgget(%d, 0)", s->ds.msg_perm.__key);
}

/* A type that the waiting msgrcv would take. */
static long
wanted_type(long wanted, int flags)
{
    if (wanted < 0)
        return 1;
    if (flags & MSG_EXCEPT)
        return wanted == 1 ? 2 : 1;
    return wanted == 0 ? 1 : wanted;
}

/* Those who used the queue last, when they still live, else the only other process: they are who
 * the waiting one most likely waits for. Everybody else could do it too. */
static void
say_who(struct scene *s)
{
    pid_t last = s->receives ? s->ds.msg_lspid : s->ds.msg_lrpid;
    int others = 0, only = -1, user = -1, idle = 0;

    for (int i = 0; i < s->wait->nprocesses; i++) {
        if (!is_other(s, i))
            continue;
        others++;
        only = i;
        idle += is_free(s, i);
        if (last != 0 && s->wait->processes[i].pid == last)
            user = i;
    }
    if (user >= 0)
        s->host->say(s->look, "%s was the last to %s%s", s->wait->processes[user].name,
                     s->receives ? "send to it" : "receive from it",
                     s->wait->processes[user].waits ? ", and waits itself now" : "");
    if (others == 0)
        s->host->say(s->look, "no other process is alive that could do that");
    else if (idle == 0)
        s->host->say(s->look, "no other process is free: each of them waits itself, or runs a "
                              "program of its own");
    else
        s->host->say(s->look,
                     "anybody who may use the queue could do that; nobody holds it, so nobody is "
                     "ever the last one");
    if (user < 0 && others == 1)
        user = only;
    if (user >= 0)
        s->host->could_end(s->look, user);
}

/* A line that helps now; for when nobody can type one, what should have come before the call. */
static void
say_next(struct scene *s)
{
    const char *self = s->wait->processes[s->wait->self].name;
    int who = -1, before = -1;

    for (int i = 0; i < s->wait->nprocesses; i++) {
        if (who < 0 && is_free(s, i))
            who = i;
        if (before < 0 && is_other(s, i) && !s->wait->processes[i].foreign)
            before = i;
    }
    if (s->queue[0] == '\0' || who < 0)
        s->host->next(s->look, "interrupt %s", self);
    else
        s->host->next(s->look, "%s %s", s->wait->processes[who].name, s->act);
    if (s->queue[0] != '\0' && who < 0)
        s->host->before(s->look, "%s %s", before >= 0 ? s->wait->processes[before].name : self,
                        s->act);
}

static void
explain_receive(struct scene *s)
{
    long wanted = (long)s->wait->args.v[3].i;
    int flags = (int)s->wait->args.v[4].i;
    char what[64], types[TYPES * 48];

    describe_wanted(wanted, flags, what, sizeof what);
    list_types(s->id, types, sizeof types);
    if (s->ds.msg_qnum == 0) {
        s->host->why(s->look, "empty");
        s->host->waits(s->look, "the queue is empty; it wants %s", what);
        s->host->rule(s->look, "the queue is empty, and msgrcv(2) waits until somebody sends %s",
                      what);
    } else {
        s->host->why(s->look, "no such type");
        s->host->waits(s->look, "the queue has %s%s; it wants %s",
                       types[0] != '\0' ? "" : "messages of other types", types, what);
        s->host->rule(s->look, "it wants %s, and the queue has none: only %s", what,
                      types[0] != '\0' ? types : "messages of other types");
        s->host->say(s->look, "messages of other types do not end this call, however many there "
                              "are, and fill the queue meanwhile");
    }
    s->host->say(s->look, "msgrcv(2): with IPC_NOWAIT it would fail with ENOMSG instead; when the "
                          "queue is removed it fails with EIDRM");
    if (s->queue[0] != '\0')
        snprintf(s->act, sizeof s->act, "msgsnd(%s, %ld, \"x\")", s->queue,
                 wanted_type(wanted, flags));
}

static void
explain_send(struct scene *s)
{
    unsigned long n = (unsigned long)s->wait->args.v[4].i, limit = s->ds.msg_qbytes;
    unsigned long bytes = s->ds.__msg_cbytes;
    char types[TYPES * 48];

    list_types(s->id, types, sizeof types);
    s->host->why(s->look, n > limit ? "too long" : "full");
    s->host->waits(s->look,
                   "the queue has no room: %lu of %lu bytes are in it, the message has %lu", bytes,
                   limit, n);
    if (n > limit) {
        s->host->rule(
            s->look,
            "a message of %lu bytes never fits into a queue whose limit is %lu: receiving "
            "from it does not help",
            n, limit);
        s->host->say(s->look, "only a higher limit (IPC_SET), or the end of the queue (IPC_RMID), "
                              "ends this call");
        if (s->queue[0] != '\0')
            snprintf(s->act, sizeof s->act, "msgctl(%s, IPC_SET, NULL, %lu)", s->queue, n);
        return;
    }
    s->host->rule(s->look,
                  "the queue has no room for %lu more bytes, and msgsnd(2) waits until enough has "
                  "been received from it",
                  n);
    if (types[0] != '\0')
        s->host->say(s->look, "it holds %s", types);
    s->host->say(s->look, "msgsnd(2): with IPC_NOWAIT it would fail with EAGAIN instead; when the "
                          "queue is removed it fails with EIDRM");
    if (s->queue[0] != '\0')
        snprintf(s->act, sizeof s->act, "msgrcv(%s, buf, 8192, 0)", s->queue);
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait, .id = (int)key};

    (void)fd;
    (void)key2;
    if (queue_stat(s.id, &s.ds) < 0)
        return;
    s.receives = strcmp(wait->call, "msgrcv") == 0;
    name_for_line(&s);
    if (s.receives)
        explain_receive(&s);
    else
        explain_send(&s);
    say_who(&s);
    say_next(&s);
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant keys[] = {
    {"IPC_PRIVATE", IPC_PRIVATE, "always a new queue, without a key"},
    {0},
};
static const struct ipclab_constant get_flags[] = {
    {"IPC_CREAT", IPC_CREAT, "make the queue if none has the key"},
    {"IPC_EXCL", IPC_EXCL, "with IPC_CREAT: fail if there is one already"},
    {0},
};
static const struct ipclab_constant send_flags[] = {
    {"IPC_NOWAIT", IPC_NOWAIT, "fail with EAGAIN when the queue is full"},
    {0},
};
static const struct ipclab_constant receive_flags[] = {
    {"IPC_NOWAIT", IPC_NOWAIT, "fail with ENOMSG when there is no such message"},
    {"MSG_NOERROR", MSG_NOERROR, "cut a message that is too long"},
    {"MSG_EXCEPT", MSG_EXCEPT, "any type but this one"},
    {"MSG_COPY", MSG_COPY, "with IPC_NOWAIT: a copy of the message at place msgtyp, from 0"},
    {0},
};
static const struct ipclab_constant commands[] = {
    {"IPC_STAT", IPC_STAT, "report messages, limit, permissions, last sender and receiver"},
    {"IPC_SET", IPC_SET, "set the permission bits and the limit"},
    {"IPC_RMID", IPC_RMID, "remove the queue and wake all that wait"},
    {0},
};

static const struct ipclab_arg msgget_args[] = {
    {.name = "key",
     .type = IPCLAB_INT,
     .summary = "the number that processes agree on",
     .min = INT32_MIN,
     .max = UINT32_MAX,
     .constants = keys},
    {.name = "msgflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_HAS_MODE,
     .summary = "IPC_CREAT to make it, and permission bits",
     .constants = get_flags},
    {0},
};
static const struct ipclab_arg msgsnd_args[] = {
    {.name = "msqid", .type = IPCLAB_OBJECT, .summary = "the queue, as msgget returned it"},
    {.name = "mtype", .type = IPCLAB_INT, .summary = "the type of the message, above 0"},
    {.name = "mtext", .type = IPCLAB_BYTES, .summary = "the message", .size_arg = 4},
    {.name = "msgflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "IPC_NOWAIT not to wait",
     .constants = send_flags},
    {.name = "msgsz",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,
     .summary = "how many bytes; left out: the text without its NUL"},
    {0},
};
static const struct ipclab_arg msgrcv_args[] = {
    {.name = "msqid", .type = IPCLAB_OBJECT, .summary = "the queue, as msgget returned it"},
    {.name = "mtext", .type = IPCLAB_BUFFER, .summary = "gets the message", .size_arg = 2},
    {.name = "msgsz", .type = IPCLAB_SIZE, .summary = "how many bytes it may have"},
    {.name = "msgtyp",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "which type; 0: any; -5: the lowest up to 5"},
    {.name = "msgflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "IPC_NOWAIT, MSG_NOERROR and the like",
     .constants = receive_flags},
    {0},
};
static const struct ipclab_arg msgctl_args[] = {
    {.name = "msqid", .type = IPCLAB_OBJECT, .summary = "the queue, as msgget returned it"},
    {.name = "cmd", .type = IPCLAB_INT, .summary = "what to do with it", .constants = commands},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "IPC_SET: the new permission bits; NULL leaves them"},
    {.name = "qbytes",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "IPC_SET: how many bytes all its messages may have; 0 leaves it"},
    {0},
};

static const struct ipclab_error msgget_errors[] = {
    {"ENOENT", "no queue has key $key"},
    {"EEXIST", "a queue with key $key exists already, and IPC_EXCL asks for a new one"},
    {"EACCES", "the queue with key $key exists, but its permission bits do not allow $msgflg"},
    {"ENOSPC", "all queues that kernel.msgmni allows exist already"},
    {"ENOMEM", "no memory for a queue"},
    {0},
};
static const struct ipclab_error msgsnd_errors[] = {
    {"EAGAIN", "the queue is full, and IPC_NOWAIT forbids to wait"},
    {"EINVAL",
     "no queue has id $msqid, or the type $mtype is not above 0, or the message is longer "
     "than kernel.msgmax"},
    {"EIDRM", "queue $msqid was removed while the call waited"},
    {"EINTR", "a signal came while the queue was full; msgsnd is never begun again by itself"},
    {"EACCES", "the permission bits of queue $msqid do not allow this user to send"},
    {"EFAULT", "$mtext is no address of so many bytes in this process"},
    {"ENOMEM", "no memory for a copy of the message"},
    {0},
};
static const struct ipclab_error msgrcv_errors[] = {
    {"ENOMSG", "the queue has no such message, and IPC_NOWAIT forbids to wait"},
    {"E2BIG", "the message is longer than $msgsz bytes, and MSG_NOERROR is not set"},
    {"EINVAL",
     "no queue has id $msqid, or the flags do not go together: MSG_COPY needs IPC_NOWAIT"},
    {"EIDRM", "queue $msqid was removed while the call waited"},
    {"EINTR",
     "a signal came while there was no such message; msgrcv is never begun again by itself"},
    {"EACCES", "the permission bits of queue $msqid do not allow this user to receive"},
    {"EFAULT", "$mtext is no address of a buffer in this process"},
    {"ENOSYS", "MSG_COPY is not in this kernel (CONFIG_CHECKPOINT_RESTORE)"},
    {"ENOMEM", "no memory for so long a message"},
    {0},
};
static const struct ipclab_error msgctl_errors[] = {
    {"EINVAL", "no queue has id $msqid, or $cmd cannot be done like this"},
    {"EACCES", "the permission bits of queue $msqid do not allow this user to read it"},
    {"EPERM", "only the owner or the creator of queue $msqid may do that, and only root may raise "
              "its limit above kernel.msgmnb"},
    {"EIDRM", "queue $msqid was removed"},
    {"EFAULT", "IPC_SET was not told what to set"},
    {0},
};

static const char *const msgget_examples[] = {
    "spawn server client\nserver q = msgget(5678, IPC_CREAT|0666)\nclient q = msgget(5678, 0)",
    "spawn a\na msgget(9999, 0)",
    "spawn a\na msgget(5678, IPC_CREAT|IPC_EXCL|0600)\na msgget(5678, IPC_CREAT|IPC_EXCL|0600)",
    NULL,
};
static const char *const msgsnd_examples[] = {
    "spawn a b\na q = msgget(5678, IPC_CREAT|0666)\na msgsnd(q, 1, \"hello\")\n"
    "b msgrcv(msgget(5678, 0), buf, 64, 0)\nb print buf",
    "spawn a\na q = msgget(5678, IPC_CREAT|0666)\na msgctl(q, IPC_SET, 0666, 8)\n"
    "a msgsnd(q, 1, \"12345678\")\na msgsnd(q, 1, \"9\", IPC_NOWAIT)",
    "spawn a\na q = msgget(5678, IPC_CREAT|0666)\na n = pack(rec, \"i32 u16 s8\", 7, 300, \"hi\")\n"
    "a msgsnd(q, 2, rec, 0, n)",
    NULL,
};
static const char *const msgrcv_examples[] = {
    "spawn a b\na q = msgget(5678, IPC_CREAT|0666)\nb q = msgget(5678, 0)\n"
    "b msgrcv(q, buf, 64, 3)\na msgsnd(q, 1, \"not for b\")\na msgsnd(q, 3, \"for b\")",
    "spawn a\na q = msgget(5678, IPC_CREAT|0666)\na msgsnd(q, 5, \"five\")\n"
    "a msgsnd(q, 2, \"two\")\na msgrcv(q, buf, 64, -9)\na msgrcv(q, buf, 64, 0, IPC_NOWAIT)\n"
    "a msgrcv(q, buf, 64, 0, IPC_NOWAIT)",
    "spawn a\na q = msgget(5678, IPC_CREAT|0666)\na msgsnd(q, 1, \"too long\")\n"
    "a msgrcv(q, buf, 3, 0)\na msgrcv(q, buf, 3, 0, MSG_NOERROR)",
    NULL,
};
static const char *const msgctl_examples[] = {
    "spawn a\na q = msgget(5678, IPC_CREAT|0666)\na msgsnd(q, 1, \"hello\")\n"
    "a msgctl(q, IPC_STAT)\na msgctl(q, IPC_SET, 0600, 512)\na msgctl(q, IPC_RMID)",
    "spawn a b\na q = msgget(5678, IPC_CREAT|0666)\nb msgrcv(msgget(5678, 0), buf, 64, 0)\n"
    "a msgctl(q, IPC_RMID, NULL)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "msgget",
     .prototype = "int msgget(key_t key, int msgflg)",
     .summary = "find or make a message queue by its key",
     .help = "Returns the id of the queue that has this key. With IPC_CREAT it is made when there "
             "is none, with the permission bits in the flags: IPC_CREAT|0666 is one argument. "
             "Without IPC_CREAT a missing queue is ENOENT, which usually means that the other "
             "program has not run yet. The queue and what is in it stay until IPC_RMID, even when "
             "no process is left.",
     .returns = "the id of the queue",
     .man = "msgget(2)",
     .flags = IPCLAB_PIDS,
     .result = IPCLAB_OBJECT,
     .failure = -1,
     .args = msgget_args,
     .errors = msgget_errors,
     .examples = msgget_examples,
     .run = run_msgget},
    {.name = "msgsnd",
     .prototype = "int msgsnd(int msqid, const void *msgp, size_t msgsz, int msgflg)",
     .summary = "send a message to a queue",
     .help = "Given as msgsnd(id, type, text [, flags [, size]]): what C has in a struct msgbuf "
             "stands here as type and text. The kernel copies the text; the caller may reuse its "
             "memory at once. The call waits only when the queue is full: when the bytes of all "
             "its messages and of this one would exceed its limit. With IPC_NOWAIT it fails with "
             "EAGAIN then. It does not wait for a receiver: whether anybody ever reads is not its "
             "business. A message of no bytes is a message, too. Signals end the wait with EINTR, "
             "SA_RESTART or not.",
     .returns = "0",
     .waits = "the queue has no room for the message; whoever receives from it ends it, and so "
              "does its removal (EIDRM)",
     .man = "msgsnd(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = msgsnd_args,
     .errors = msgsnd_errors,
     .examples = msgsnd_examples,
     .run = run_msgsnd},
    {.name = "msgrcv",
     .prototype = "ssize_t msgrcv(int msqid, void *msgp, size_t msgsz, long msgtyp, int msgflg)",
     .summary = "receive a message from a queue",
     .help = "Given as msgrcv(id, buf, size [, type [, flags]]). Type 0 takes the first message, 3 "
             "the first of type 3, -3 the first of the lowest type up to 3; MSG_EXCEPT with 3 the "
             "first of another type. One call takes one whole message, and returns how many bytes "
             "it had; its type is shown. A message that is longer than size stays where it is "
             "(E2BIG), unless MSG_NOERROR allows to cut it, and then the rest is lost. Without "
             "such a message the call waits, also when messages of other types are there; with "
             "IPC_NOWAIT it fails with ENOMSG. MSG_COPY|IPC_NOWAIT copies the message at a place "
             "(0 is the first) and leaves it in the queue. No NUL is added.",
     .returns = "how many bytes the message has; its type is shown",
     .waits = "the queue has no message of a type that it wants; one that is sent ends it, and so "
              "does its removal (EIDRM)",
     .man = "msgrcv(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_SIZE,
     .failure = -1,
     .args = msgrcv_args,
     .errors = msgrcv_errors,
     .examples = msgrcv_examples,
     .run = run_msgrcv},
    {.name = "msgctl",
     .prototype = "int msgctl(int msqid, int cmd, struct msqid_ds *buf)",
     .summary = "look at a queue, change its permissions or limit, or remove it",
     .help = "IPC_STAT reports the messages and bytes in it, its limit, its permission bits, and "
             "who sent and received last. IPC_SET takes new permission bits and, after them, a "
             "new limit in bytes: msgctl(q, IPC_SET, 0666, 512); whoever waits in msgrcv then "
             "looks again, and whoever waits in msgsnd goes on if there is room now. IPC_RMID "
             "removes the queue at once, with all messages in it: everybody who waits there gets "
             "EIDRM. Forgetting it leaves the queue behind; ipcs(1) lists it, ipcrm(1) removes it.",
     .returns = "0",
     .man = "msgctl(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = msgctl_args,
     .errors = msgctl_errors,
     .examples = msgctl_examples,
     .run = run_msgctl},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "msg",
     .summary = "a mailbox in the kernel: whole messages, each with a type",
     .level = "messages",
     .line = "$messages msg  $bytes/$limit B  $queue $more $removed",
     .state = state,
     .explain = explain,
     .list = list_queues,
     .detail = detail},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* One queue; the type of a message says which side it is for. */
struct bench_queue {
    int id;
    struct bench_message {
        long type;
        char data[];
    } * message;
};

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_queue *b = malloc(sizeof *b);
    struct msginfo limits;

    if (b == NULL || msgctl(0, IPC_INFO, (struct msqid_ds *)(void *)&limits) < 0)
        return -1;
    run->state = b;
    if (run->piece > (size_t)limits.msgmax)
        run->piece = (size_t)limits.msgmax;
    b->message = malloc(sizeof *b->message + run->piece);
    if (b->message == NULL)
        return -1;
    do {
        uint32_t random;
        int key;

        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return -1;
        key = (int)(PRIVATE_KEYS | (random & PRIVATE_MASK));
        if (host->intend(run, "msg", (uint64_t)key, NULL) < 0)
            return -1;
        b->id = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    } while (b->id < 0 && errno == EEXIST);
    return b->id < 0 ? -1 : 0;
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    const struct bench_queue *b = run->state;

    b->message->type = 2 - run->side;
    memcpy(b->message->data, data, n);
    return msgsnd(b->id, b->message, n, 0);
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    const struct bench_queue *b = run->state;

    if (msgrcv(b->id, b->message, n, 1 + run->side, 0) != (ssize_t)n)
        return -1;
    memcpy(data, b->message->data, n);
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_queue *b = run->state;

    msgctl(b->id, IPC_RMID, NULL);
}

static const struct ipclab_bench benches[] = {
    {.name = "msg",
     .summary = "a System V queue: msgsnd and msgrcv",
     .flags = IPCLAB_BENCH_CUTS,
     .limit = "kernel.msgmax allows no longer message",
     .setup = bench_setup,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"msgget(2)", "msgsnd(2)",  "msgrcv(2)",
                                  "msgctl(2)", "sysvipc(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "msgrcv, and there is no such message",
     .before = "spawn a b\n"
               "a q = msgget(5678, IPC_CREAT|0666)\n"
               "b q = msgget(5678, 0)",
     .waits = {.lines = "a msgrcv(q, buf, 64, 3)", .returns = "2"},
     .ends = "b msgsnd(q, 3, \"hi\")",
     .at_once = {.lines = "a msgrcv(q, buf, 64, 3, IPC_NOWAIT)", .returns = "-1 ENOMSG"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a msgrcv(q, buf, 64, 3)",
               .returns = "-1 EINTR",
               .note = "msgrcv has no timed form; a timer's signal ends it, again and again in "
                       "case one is too early; queues of mq_open have mq_timedreceive"}},
    {.when = "msgsnd, and the queue is full",
     .before = "spawn a b\n"
               "a q = msgget(5678, IPC_CREAT|0666)\n"
               "b q = msgget(5678, 0)\n"
               "a msgctl(q, IPC_SET, 0666, 8)\n"
               "a msgsnd(q, 1, \"12345678\")",
     .waits = {.lines = "a msgsnd(q, 1, \"x\")", .returns = "0"},
     .ends = "b msgrcv(q, buf, 64)",
     .at_once = {.lines = "a msgsnd(q, 1, \"x\", IPC_NOWAIT)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a msgsnd(q, 1, \"x\")",
               .returns = "-1 EINTR",
               .note = "msgsnd has no timed form; a timer's signal ends it, again and again in "
                       "case one is too early"}},
    {0},
};

static const char *const fields[] = {"bytes",    "ctime",   "key",    "limit", "messages", "mode",
                                     "receiver", "removed", "sender", "type",  NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "msg",
    .version = "1.0",
    .summary = "System V message queues: mailboxes with typed messages",
    .help =
        "A mailbox at a place that processes agree on by a key. Sending copies a message into the "
        "kernel, receiving copies it out: no shared memory, nothing to protect, and each message "
        "comes as a whole. That is what it costs, too: two copies, two system calls, and data have "
        "to be packed into bytes and unpacked again (pack, unpack).\n"
        "Each message has a type above 0. A server can take requests of type 1 and answer with the "
        "client's pid as type, and all share one queue; or types are urgencies, and msgrcv with a "
        "negative type takes the most urgent first.\n"
        "What goes wrong: a receive for a type that nobody sends waits although the queue is full "
        "of others; requests fill the queue until no answer fits, and both sides wait; a queue "
        "that nobody removed still has old messages at the next run; the text has no NUL.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
