/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a handler may ask of the host (ipclab_host): it collects facts about the call in the
 * making, and forks. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>

#include "base/limits.h"
#include "proc/actor.h"
#include "proc/facts.h"
#include "proc/ledger.h"
#include "proc/mailbox.h"
#include "proc/memory.h"

void
frame_put_object(struct buf *b, const struct named_object *o)
{
    wire_u8(b, FACT_OBJECT);
    wire_text(b, o->kind->name);
    wire_i64(b, (int64_t)o->key);
    wire_i64(b, (int64_t)o->key2);
    if (o->fd >= 0) {
        wire_u8(b, FACT_FD);
        wire_u32(b, (uint32_t)o->fd);
    }
}

void
frame_add_object(struct ipclab_frame *f, const struct named_object *o)
{
    int i = 0;

    while (i < f->nobjects && (f->objects[i].kind != o->kind || f->objects[i].key != o->key ||
                               f->objects[i].key2 != o->key2))
        i++;
    if (i == FRAME_MAX_OBJECTS)
        return;
    if (i == f->nobjects) /* else it is named again: what follows is about it */
        f->objects[f->nobjects++] = *o;
    frame_put_object(&f->facts, o);
}

/* The object behind a descriptor; what ipclab itself put there to capture output is none. */
const struct ipclab_kind *
frame_object_behind(const struct ipclab_frame *f, int fd, uint64_t *key, uint64_t *key2)
{
    const struct ipclab_kind *kind = object_of_fd(f->rt->plugins, fd, key, key2);

    if (kind != NULL && (*key == self_process.out || *key == self_process.err) &&
        *key2 == self_process.pipe_dev)
        return NULL;
    return kind;
}

static void
host_object(struct ipclab_frame *f, const char *kind, uint64_t key, uint64_t key2)
{
    struct named_object o = {.key = key, .key2 = key2, .fd = -1};

    if (kind == NULL) {
        o.fd = (int)key;
        o.kind = frame_object_behind(f, o.fd, &o.key, &o.key2);
    } else {
        o.kind = kind_by_name(f->rt->plugins, kind);
    }
    if (o.kind == NULL)
        return;
    frame_add_object(f, &o);
    if (f->running && (f->call->flags & IPCLAB_WAITS) != 0) {
        struct buf b = {0}; /* told at once, for the call may be about to wait on it */

        frame_put_object(&b, &o);
        if (frame_runs_out(f, &o))
            wire_u8(&b, FACT_RUNS_OUT);
        board_put_entered(self_process.board, &b);
        buf_release(&b);
    }
}

static int
host_object_at(struct ipclab_frame *f, const char *kind, const void *addr)
{
    uint64_t key, key2;
    enum memory is = memory_identify(getpid(), (uintptr_t)addr, &key, &key2);

    if (is == MEMORY_UNKNOWN)
        wire_u8(&f->facts, FACT_TOUCHES);
    if (is < 0)
        return -1;
    host_object(f, kind, key, key2);
    return is == MEMORY_SHARED;
}

static void
host_hold(struct ipclab_frame *f, int64_t part, int64_t amount, int until_death)
{
    wire_u8(&f->facts, FACT_HOLD);
    wire_i64(&f->facts, part);
    wire_i64(&f->facts, amount);
    wire_u8(&f->facts, until_death != 0);
}

static void
host_created(struct ipclab_frame *f)
{
    wire_u8(&f->facts, FACT_CREATED);
}

static void
host_flow(struct ipclab_frame *f, int64_t amount)
{
    wire_u8(&f->facts, FACT_FLOW);
    wire_i64(&f->facts, amount);
}

static void
host_message(struct ipclab_frame *f, enum ipclab_passing how, const char *word, int64_t number,
             const void *data, size_t n)
{
    host_flow(f, how == IPCLAB_TAKE ? -1 : 1);
    wire_u8(&f->facts, FACT_MESSAGE);
    wire_text(&f->facts, word);
    wire_u8(&f->facts, (uint8_t)how);
    wire_i64(&f->facts, number);
    wire_u32(&f->facts, (uint32_t)n);
    wire_bytes(&f->facts, data, n < MAILBOX_SHOWN ? n : MAILBOX_SHOWN);
}

static void
host_stored(struct ipclab_frame *f, int arg, const void *data, size_t n)
{
    wire_u8(&f->facts, FACT_OUT_BYTES);
    wire_u8(&f->facts, (uint8_t)arg);
    wire_u32(&f->facts, (uint32_t)n);
    wire_bytes(&f->facts, data, n < DATA_SHOWN_MAX ? n : DATA_SHOWN_MAX);
}

static void
host_stored_number(struct ipclab_frame *f, int arg, int64_t value)
{
    wire_u8(&f->facts, FACT_OUT_INT);
    wire_u8(&f->facts, (uint8_t)arg);
    wire_i64(&f->facts, value);
}

static void
host_fact(struct ipclab_frame *f, const char *name, int64_t value)
{
    wire_u8(&f->facts, FACT_INT);
    wire_text(&f->facts, name);
    wire_i64(&f->facts, value);
}

static void
host_fact_text(struct ipclab_frame *f, const char *name, const char *value)
{
    wire_u8(&f->facts, FACT_TEXT);
    wire_text(&f->facts, name);
    wire_text(&f->facts, value);
}

static void
host_volatile_fact(struct ipclab_frame *f, const char *name, int64_t value)
{
    wire_u8(&f->facts, FACT_VOLATILE);
    wire_text(&f->facts, name);
    wire_i64(&f->facts, value);
}

static void __attribute__((format(printf, 2, 3)))
host_note(struct ipclab_frame *f, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    wire_u8(&f->facts, FACT_NOTE);
    wire_text(&f->facts, text);
}

static pid_t
host_fork(struct ipclab_frame *f)
{
    sigset_t all, before;
    pid_t pid;

    if (f->child_fds[3] < 0) { /* the descriptors of the child found no room here */
        host_note(f,
                  "ipclab has no descriptor left in this process to lead the child by; fork itself "
                  "needs none");
        errno = EMFILE;
        return -1;
    }
    /* No handler runs in the child before it has a control socket of its own. */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0) {
        actor_become_child(&self_process, f->child_fds);
        for (int i = 0; i < 4; i++)
            f->child_fds[i] = -1;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

/* A path goes into the ledger as an absolute one; what lies in the world's own folder is removed
 * with it and needs no line. */
static int
intend_path(const struct runtime *rt, const char *text)
{
    char whole[PATH_MAX * 2];
    size_t n;

    if (text[0] == '/')
        return ledger_intend(rt->ledger, "path", 0, text);
    if (getcwd(whole, PATH_MAX) == NULL)
        return -1;
    if (strcmp(whole, rt->cwd) == 0 && strstr(text, "..") == NULL)
        return 0;
    n = strlen(whole);
    snprintf(whole + n, sizeof whole - n, "/%s", text);
    return ledger_intend(rt->ledger, "path", 0, whole);
}

int
runtime_intend(const struct runtime *rt, const char *kind, uint64_t key, const char *text)
{
    if (rt->ledger < 0)
        return 0;
    if (strcmp(kind, "path") == 0 && text != NULL)
        return intend_path(rt, text);
    return ledger_intend(rt->ledger, kind, key, text);
}

static int
host_intend(struct ipclab_frame *f, const char *kind, uint64_t key, const char *text)
{
    return runtime_intend(f->rt, kind, key, text);
}

static int
host_sealed(struct ipclab_frame *f)
{
    return f->rt->kind != WORLD_SHARED;
}

static void __attribute__((noreturn)) host_exit(struct ipclab_frame *f, int status)
{
    board_put_entered(self_process.board, &f->facts); /* its last words: it will not answer */
    _exit(status);
}

static void
host_before_exec(struct ipclab_frame *f)
{
    /* The control descriptor is close-on-exec, 1 and 2 are not: only its last words are left. */
    board_put_entered(self_process.board, &f->facts);
}

static void
host_fact_process(struct ipclab_frame *f, const char *name, pid_t pid)
{
    char mark[32];

    snprintf(mark, sizeof mark, "%c%d", LOOK_PID_MARK, pid);
    host_fact_text(f, name, mark);
}

/* Told at once: the process may not live to answer. */
static void
host_sends(struct ipclab_frame *f, pid_t pid, int sig)
{
    struct buf b = {0};

    (void)f;
    wire_u8(&b, FACT_SENDS);
    wire_i64(&b, pid);
    wire_i64(&b, sig);
    board_put_entered(self_process.board, &b);
    buf_release(&b);
}

const struct ipclab_host actor_host = {
    .size = sizeof actor_host,
    .object = host_object,
    .created = host_created,
    .flow = host_flow,
    .stored = host_stored,
    .stored_number = host_stored_number,
    .fact = host_fact,
    .fact_text = host_fact_text,
    .volatile_fact = host_volatile_fact,
    .note = host_note,
    .fork = host_fork,
    .intend = host_intend,
    .sealed = host_sealed,
    .exit = host_exit,
    .before_exec = host_before_exec,
    .message = host_message,
    .sends = host_sends,
    .handled = host_handled,
    .timer = host_timer,
    .fact_process = host_fact_process,
    .reaches = host_reaches,
    .object_at = host_object_at,
    .hold = host_hold,
    .resolve = host_resolve,
    .network = host_network,
    .own_network = host_own_network,
    .may_run = host_may_run,
};
