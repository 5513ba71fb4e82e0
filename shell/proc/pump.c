/* SPDX-License-Identifier: GPL-3.0-or-later
 * See pump.h. */
#include "proc/pump.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proc/facts.h"
#include "proc/touch.h"

enum { STATUS_TRIES = 100 };

static char frame[WIRE_MAX];

/* Returns the object. Whatever travels in a message goes with it when nobody takes it, and may be
 * anything. */
static int
touch_object(struct world *w, int object)
{
    struct touch *t = &w->touch;

    if (object < 0)
        return object;
    if (w->descriptors_sent && w->objects[object].kind->linked)
        t->all = true;
    if (t->n == (int)(sizeof t->objects / sizeof t->objects[0]))
        t->all = true;
    else
        t->objects[t->n++] = object;
    return object;
}

void
pump_violation(struct world *w, struct actor *a, const char *what)
{
    (void)w;
    if (a->violated)
        return;
    a->violated = true;
    snprintf(a->violation, sizeof a->violation, "%s", what);
    if (a->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, a->pidfd, SIGKILL, NULL, 0);
    if (a->control >= 0)
        close(a->control);
    a->control = -1;
}

/* ---- Frames -------------------------------------------------------------------------------- */

/* Objects named by a call: what it touches and, when entering, what it would wait on. */
static bool
take_objects(struct world *w, struct actor *a, const void *facts, size_t n, bool entering)
{
    struct wire_in in = {.p = facts, .left = n};
    struct fact_item f, object = {.name = ""};
    int last = -1;

    while (facts_next(&in, &f)) {
        switch (f.kind) {
        case FACT_SHARED:
            a->await_shared = true;
            break;
        case FACT_TIMED:
            a->timed |= entering ? TIMED_BY_CALL : 0;
            break;
        case FACT_RUNS_OUT:
            a->timed |= entering ? TIMED_BY_OBJECT : 0;
            w->timers = true;
            break;
        case FACT_SENDS:
            signals_sent(w, a, (pid_t)f.value, f.arg);
            break;
        case FACT_TIMER:
            signals_take_timer(w, a, f.arg, f.value, (int64_t)f.key);
            break;
        case FACT_FD:
            if (entering && last >= 0 && a->nobjects > 0)
                a->object_fds[a->nobjects - 1] = (int)f.value;
            break;
        case FACT_CREATED: /* a known object of this identity is another, which is gone */
            if (last >= 0 && last < a->objects_known)
                last = touch_object(w, world_object(w, object.name, object.key, object.key2, true));
            break;
        case FACT_ALONG:
            w->descriptors_sent = true;
            w->sockets_sent |= f.arg != 0;
            break;
        case FACT_TOUCHES:
            w->touch.all = true;
            break;
        case FACT_OBJECT:
            object = f;
            last = world_object(w, f.name, f.key, f.key2, false);
            touch_object(w, last);
            if (last >= 0 && entering && a->nobjects < ACTOR_MAX_OBJECTS) {
                a->object_fds[a->nobjects] = -1;
                a->objects[a->nobjects++] = last;
            }
            break;
        default:
            break;
        }
    }
    return !in.bad;
}

static bool
take_hello(struct world *w, struct actor *a, struct wire_in *in, pid_t host)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = (uint64_t)a->id << 8 | WATCH_PIDFD};
    int off = 0;

    if (a->state != ACTOR_STARTING || host <= 0)
        return false;
    a->pid = (pid_t)wire_get_i64(in);
    a->parent_pid = (pid_t)wire_get_i64(in);
    a->host = host;
    a->pidfd = (int)syscall(SYS_pidfd_open, host, 0);
    probe_init(&a->probe, host);
    setsockopt(a->control, SOL_SOCKET, SO_PASSCRED, &off, sizeof off);
    if (a->pidfd >= 0)
        epoll_ctl(w->epoll, EPOLL_CTL_ADD, a->pidfd, &e);
    a->state = a->parent >= 0 ? ACTOR_BUSY : ACTOR_IDLE; /* a forked child is still in its step */
    return !in->bad;
}

static bool
take_entered(struct world *w, struct actor *a)
{
    size_t before = a->enter.len;

    if (!board_take_entered(a->board, &a->enter))
        return false;
    return a->enter.len == before ||
           take_objects(w, a, a->enter.data + before, a->enter.len - before, true);
}

void
pump_entered(struct world *w, struct actor *a)
{
    if (a->board != NULL && !take_entered(w, a))
        pump_violation(w, a, "what it put on its board does not fit");
}

/* The answer on the board, if it is there. False: it does not fit. */
static bool
take_answer(struct world *w, struct actor *a)
{
    static struct buf answer;
    struct wire_in in;

    w->unexplained |= a->waits && !touch_reaches(w, a);
    if (!take_entered(w, a) || !board_take_answer(a->board, &answer) ||
        !wire_open(&in, buf_text(&answer), answer.len) || in.type != FRAME_EXIT ||
        in.request != a->request)
        return false;
    a->ret = wire_get_i64(&in);
    a->error = (int)wire_get_u32(&in);
    world_note_answer(w, a);
    buf_clear(&a->reply);
    buf_put(&a->reply, in.p, in.left);
    if (in.bad || !take_objects(w, a, in.p, in.left, false))
        return false;
    if (a->error != 0 && a->call != NULL && (a->call->flags & IPCLAB_SIGNALS) != 0)
        signals_not_sent(w, a);
    a->replied = true;
    a->waits = false;
    a->state = ACTOR_IDLE;
    if (a->call != NULL && (a->call->flags & (IPCLAB_FDS | IPCLAB_MAKES_PROCESS)) != 0)
        a->fds_stale = true;
    return true;
}

bool
pump_board(struct world *w, struct actor *a)
{
    if (a->state != ACTOR_BUSY || a->replied || a->board == NULL ||
        !board_has_answer(a->board, a->request))
        return false;
    if (!take_answer(w, a))
        pump_violation(w, a, "what it put on its board does not fit");
    return true;
}

static bool
take_frame(struct world *w, struct actor *a, const void *data, size_t n, pid_t host)
{
    struct wire_in in;

    if (!wire_open(&in, data, n))
        return false;
    switch (in.type) {
    case FRAME_HELLO:
        return take_hello(w, a, &in, host);
    case FRAME_BELL:
        return n == 2 * sizeof(uint32_t);
    case FRAME_FAULT:
        a->faulted = true;
        a->fault_signal = (int)wire_get_i64(&in);
        a->fault_address = wire_get_i64(&in);
        a->fault_code = (int)wire_get_i64(&in);
        a->fault_access = (char)wire_get_i64(&in);
        return !in.bad;
    case FRAME_SIGNAL:
        return signals_take(w, a, &in);
    default:
        return false;
    }
}

bool
pump_actor(struct world *w, struct actor *a)
{
    bool any = false;

    while (a->control >= 0) {
        pid_t host = 0;
        ssize_t n = wire_receive(a->control, frame, sizeof frame, false, NULL, NULL,
                                 a->state == ACTOR_STARTING ? &host : NULL);

        if (n < 0 && errno == EAGAIN)
            break;
        any = true;
        if (n == 0 || (n < 0 && errno != EBADMSG)) {
            close(a->control);
            a->control = -1;
        } else if (n < 0) {
            pump_violation(w, a, "it sent descriptors over its control socket");
        } else if (!take_frame(w, a, frame, (size_t)n, host)) {
            pump_violation(w, a, "it sent a frame that does not fit");
        }
    }
    return pump_board(w, a) || any;
}

/* ---- Output -------------------------------------------------------------------------------- */

static bool
drain(struct actor *a, int i)
{
    int *fd = i == 0 ? &a->out : &a->err;
    bool any = false;

    while (*fd >= 0) {
        char data[65536];
        ssize_t n = read(*fd, data, sizeof data);
        size_t keep;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            close(*fd);
            *fd = -1;
            break;
        }
        keep = a->output[i].len < OUTPUT_MAX ? OUTPUT_MAX - a->output[i].len : 0;
        keep = keep < (size_t)n ? keep : (size_t)n;
        buf_put(&a->output[i], data, keep);
        a->dropped[i] += n - (ssize_t)keep;
        any = true;
    }
    return any;
}

bool
pump_output(struct world *w, struct actor *a)
{
    bool out = drain(a, 0), err = drain(a, 1);

    (void)w;
    return out || err;
}

/* ---- Ends ---------------------------------------------------------------------------------- */

static bool
may_have_become_program(const struct actor *a)
{
    return a->call != NULL && (a->call->flags & IPCLAB_EXECS) != 0 && !a->replied &&
           a->state == ACTOR_BUSY;
}

/* The program by the name that was given: the first text that the call got. */
static void
note_program(struct actor *a)
{
    struct wire_in in;
    struct fact_item f;

    a->became_program = true;
    facts_open(&in, &a->enter);
    while (facts_next(&in, &f))
        if (f.kind == FACT_ARG_BYTES) {
            snprintf(a->exe, sizeof a->exe, "%.*s", (int)f.n, (const char *)f.data);
            return;
        }
}

static void
take_init(struct world *w)
{
    struct wire_in in;

    for (;;) {
        ssize_t n = wire_receive(w->init_sock, frame, sizeof frame, false, NULL, NULL, NULL);
        struct actor *a;

        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close(w->init_sock);
            w->init_sock = -1;
            w->over = true;
            return;
        }
        if (!wire_open(&in, frame, (size_t)n))
            continue;
        if (in.type == FRAME_NETWORK_IS)
            world_take_network(w, &in);
        if (in.type == FRAME_LIMIT)
            world_take_limit(w, &in);
        if (in.type == FRAME_FAILED) {
            int error = (int)wire_get_u32(&in);

            snprintf(w->spawn_failed, sizeof w->spawn_failed, "%s: %s (%s)", wire_get_text(&in),
                     strerrorname_np(error), strerror(error));
        }
        if (in.type != FRAME_EXITED)
            continue;
        a = world_actor_by_pid(w, (pid_t)wire_get_i64(&in));
        if (a != NULL && !a->reaped) {
            a->reaped = true;
            a->wait_status = (int)wire_get_i64(&in);
            a->status_known = true;
        }
    }
}

static void
died(struct world *w, struct actor *a)
{
    if (a->state == ACTOR_FOREIGN)
        w->exec_count--;
    /* execve does not return: whoever dies in it without an answer died as the program, however
     * quickly that was done. */
    if (may_have_become_program(a) && a->board != NULL && take_entered(w, a)) {
        note_program(a);
        w->foreign_seen = true;
    }
    if (a->board != NULL && a->state == ACTOR_BUSY && !a->replied && !take_entered(w, a))
        buf_clear(&a->enter);
    a->state = ACTOR_DEAD;
    a->waits = a->stopped = false;
    a->nfds = 0;
    w->deaths++;
    signals_child_changed(w, a);
    w->touch.all = true;
    for (int i = 0; i < w->nobjects; i++)
        holds_died(&w->objects[i].holds, a->id);
    /* Where the kernel does not keep the status of the reaped, init tells it. */
    for (int i = 0; i < STATUS_TRIES && !a->status_known && a->host != 0; i++) {
        if (i > 0)
            sched_yield();
        a->status_known = probe_wait_status(a->pidfd, a->host, &a->wait_status);
        if (!a->status_known && w->init_sock >= 0)
            take_init(w);
    }
    world_note_death(w, a);
    pump_output(w, a);
    if (a->control >= 0)
        close(a->control);
    if (a->pidfd >= 0)
        close(a->pidfd);
    a->control = a->pidfd = -1;
    board_unmap(a->board);
    a->board = NULL;
    probe_release(&a->probe);
}

static bool
pidfd_says_dead(const struct actor *a)
{
    struct pollfd p = {.fd = a->pidfd, .events = POLLIN};

    return a->pidfd < 0 ? a->state != ACTOR_STARTING : poll(&p, 1, 0) > 0;
}

bool
pump_ended(struct world *w, struct actor *a)
{
    if (a->state == ACTOR_DEAD)
        return true;
    if (pidfd_says_dead(a)) {
        pump_actor(w, a); /* its last words */
        died(w, a);
        return true;
    }
    if (a->state == ACTOR_STARTING && a->control < 0) {
        died(w, a); /* it ended before its hello */
        return true;
    }
    if (may_have_become_program(a) && a->control < 0 &&
        probe_became_program(a->host, w->launcher->exe)) {
        take_entered(w, a);
        note_program(a);
        a->state = ACTOR_FOREIGN;
        a->fds_stale = true;
        w->exec_count++;
        w->foreign_seen = true;
        w->touch.all = true; /* descriptors marked close-on-exec are gone */
        probe_release(&a->probe);
        return true;
    }
    return false;
}

bool
pump_events(struct world *w)
{
    struct epoll_event events[64];
    bool changed = false;
    int n = epoll_wait(w->epoll, events, 64, 0);

    for (int i = 0; i < n; i++) {
        int id = (int)(events[i].data.u64 >> 8);
        enum watch what = (enum watch)(events[i].data.u64 & 0xff);
        struct actor *a = id < w->nactors ? w->actors[id] : NULL;

        if (what == WATCH_INIT) {
            take_init(w);
            changed = changed || w->over;
        } else if (a == NULL) {
            continue;
        } else if (what == WATCH_OUT || what == WATCH_ERR) {
            pump_output(w, a);
        } else if (what == WATCH_CONTROL) {
            changed |= pump_actor(w, a);
        } else if (a->state != ACTOR_DEAD) {
            changed |= pump_ended(w, a);
        }
    }
    return changed;
}
