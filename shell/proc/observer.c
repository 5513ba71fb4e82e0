/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The observer of a world: a process in its namespaces but outside the numbering that students see
 * (it stays in the launcher's pid namespace). Explanations of plugins run here, for the actor that
 * waits cannot explain itself, and the shell loads no plugins; so do looks at all objects. A crash
 * costs one answer. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "proc/actor.h"
#include "proc/fd_mark.h"
#include "proc/loader.h"
#include "proc/look.h"

enum { MAX_PROCESSES = 8192, MAX_HOLDERS = 16384, MAX_HOLDS = 65536 };

static int init_pidfd = -1; /* of the world's first process */

struct question {
    struct ipclab_wait wait;
    struct ipclab_process *processes;
    struct ipclab_holder *holders;
    struct ipclab_birth *births;
    struct ipclab_holding *linked;
    struct ipclab_hold *holds;
    int *waiters;
    int *network_of;
    struct network_table table;
    struct ipclab_network networks[NETWORKS_MAX];
    int plugin, call;
    const char *texts[IPCLAB_MAX_ARGS]; /* of the arguments that have one, else "" */
    const struct ipclab_kind *kind;
    uint64_t key, key2;
    int fd; /* of the waiting process, -1 none */
};

static bool
read_networks(struct question *q, struct wire_in *in)
{
    size_t n;
    const void *table = wire_get_bytes(in, &n);

    if (in->bad || n != sizeof q->table)
        return false;
    memcpy(&q->table, table, n);
    for (uint32_t i = 0; i < q->table.n && i < NETWORKS_MAX; i++)
        q->networks[i] = network_told(&q->table.list[i]);
    q->wait.networks = q->networks;
    q->wait.nnetworks = (int)q->table.n;
    return q->table.n <= NETWORKS_MAX;
}

static bool
read_processes(struct question *q, struct wire_in *in)
{
    uint32_t n;

    if (!read_networks(q, in))
        return false;
    n = wire_get_u32(in);
    if (in->bad || n > MAX_PROCESSES)
        return false;
    q->processes = mem_alloc(n * sizeof *q->processes);
    q->network_of = mem_alloc(n * sizeof *q->network_of);
    q->wait.network_of = q->network_of;
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        struct ipclab_process *p = &q->processes[i];

        p->name = wire_get_text(in);
        p->pid = (pid_t)wire_get_i64(in);
        p->world_pid = (pid_t)wire_get_i64(in);
        p->parent = (pid_t)wire_get_i64(in);
        p->waits = wire_get_u8(in);
        p->zombie = wire_get_u8(in);
        p->foreign = wire_get_u8(in);
        p->call = wire_get_text(in);
        q->network_of[i] = (int)wire_get_i64(in);
    }
    q->wait.processes = q->processes;
    q->wait.nprocesses = (int)n;
    return !in->bad;
}

static bool
read_holders(struct question *q, struct wire_in *in)
{
    uint32_t n = wire_get_u32(in);

    if (in->bad || n > MAX_HOLDERS)
        return false;
    q->holders = mem_alloc(n * sizeof *q->holders);
    q->births = mem_alloc(n * sizeof *q->births);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        q->holders[i].process = (int)wire_get_u32(in);
        q->holders[i].fd = (int)wire_get_u32(in);
        q->holders[i].mode = (char)wire_get_u8(in);
        q->births[i].step = wire_get_i64(in);
        q->births[i].how = wire_get_text(in);
        q->births[i].unwritten = wire_get_i64(in);
        q->births[i].stream = wire_get_text(in);
        if (q->holders[i].process < 0 || q->holders[i].process >= q->wait.nprocesses)
            return false;
    }
    q->wait.holders = q->holders;
    q->wait.births = q->births;
    q->wait.nholders = (int)n;
    return !in->bad;
}

static bool
read_linked(struct question *q, struct wire_in *in)
{
    uint32_t n = wire_get_u32(in);

    if (in->bad || n > MAX_HOLDERS)
        return false;
    q->linked = mem_alloc(n * sizeof *q->linked);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        q->linked[i].key = (uint64_t)wire_get_i64(in);
        q->linked[i].key2 = (uint64_t)wire_get_i64(in);
        q->linked[i].process = (int)wire_get_u32(in);
        q->linked[i].fd = (int)wire_get_u32(in);
        if (q->linked[i].process < 0 || q->linked[i].process >= q->wait.nprocesses)
            return false;
    }
    q->wait.linked = q->linked;
    q->wait.nlinked = (int)n;
    return !in->bad;
}

static bool
read_early(struct question *q, struct wire_in *in)
{
    q->wait.early.sig = (int)wire_get_u32(in);
    q->wait.early.step = wire_get_i64(in);
    q->wait.early.from = wire_get_text(in);
    return !in->bad;
}

static bool
read_holds(struct question *q, struct wire_in *in)
{
    uint32_t n = wire_get_u32(in);

    if (in->bad || n > MAX_HOLDS)
        return false;
    q->holds = mem_alloc(n * sizeof *q->holds);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        struct ipclab_hold *h = &q->holds[i];

        h->object = (int)wire_get_u32(in);
        h->process = (int)wire_get_u32(in);
        h->who = wire_get_text(in);
        h->world_pid = (pid_t)wire_get_i64(in);
        h->dead = wire_get_u8(in);
        h->part = wire_get_i64(in);
        h->amount = wire_get_i64(in);
        h->since = wire_get_i64(in);
        h->given = wire_get_i64(in);
        h->gave = wire_get_i64(in);
        if (h->process < -1 || h->process >= q->wait.nprocesses)
            return false;
    }
    q->wait.holds = q->holds;
    q->wait.nholds = (int)n;
    return !in->bad;
}

static bool
read_waiters(struct question *q, struct wire_in *in)
{
    uint32_t n = wire_get_u32(in);

    if (in->bad || n > MAX_PROCESSES)
        return false;
    q->waiters = mem_alloc(n * sizeof *q->waiters);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        q->waiters[i] = (int)wire_get_u32(in);
        if (q->waiters[i] < 0 || q->waiters[i] >= q->wait.nprocesses)
            return false;
    }
    q->wait.waiters = q->waiters;
    q->wait.nwaiters = (int)n;
    return !in->bad;
}

static bool
read_question(struct question *q, struct wire_in *in, const struct runtime *rt)
{
    const char *kind;

    q->plugin = (int)wire_get_u32(in);
    q->call = (int)wire_get_u32(in);
    q->wait.self = (int)wire_get_u32(in);
    q->wait.args.n = wire_get_u8(in);
    if (q->wait.args.n > IPCLAB_MAX_ARGS)
        return false;
    for (int i = 0; i < q->wait.args.n; i++) {
        q->wait.args.v[i].i = wire_get_i64(in);
        q->texts[i] = wire_get_text(in);
    }
    kind = wire_get_text(in);
    q->kind = kind[0] != '\0' ? kind_by_name(rt->plugins, kind) : NULL;
    q->key = (uint64_t)wire_get_i64(in);
    q->key2 = (uint64_t)wire_get_i64(in);
    q->fd = (int)wire_get_u32(in);
    if (!read_processes(q, in) || !read_holders(q, in) || !read_early(q, in) ||
        !read_linked(q, in) || !read_holds(q, in) || !read_waiters(q, in))
        return false;
    return !in->bad && q->wait.self >= 0 && q->wait.self < q->wait.nprocesses;
}

/* What was an address in the actor is a text here. */
static void
put_texts(struct question *q, const struct ipclab_call *call)
{
    for (int i = 0; i < q->wait.args.n; i++) {
        const struct ipclab_arg *spec = frame_arg_spec(call, i);

        if (spec != NULL && (spec->type == IPCLAB_STRING || spec->type == IPCLAB_PATH))
            q->wait.args.v[i].s = q->texts[i];
    }
}

static void
explain(const struct runtime *rt, struct question *q, struct buf *facts)
{
    struct ipclab_look look = {.facts = facts,
                               .wait = &q->wait,
                               .plugins = rt->plugins,
                               .networks = &q->table,
                               .init = init_pidfd,
                               .key = q->key,
                               .key2 = q->key2};
    const struct ipclab_call *call;
    int fd = -1;

    if (q->plugin < 0 || q->plugin >= rt->plugins->n)
        return;
    call = &rt->plugins->sources[q->plugin].plugin->calls[q->call];
    q->wait.call = call->name;
    put_texts(q, call);
    look.pidfd = (int)syscall(SYS_pidfd_open, q->processes[q->wait.self].pid, 0);
    if (q->fd >= 0)
        fd = look_host.descriptor(&look, q->fd);
    look_host.enter_network(&look, q->network_of[q->wait.self]);
    if (q->kind != NULL && (fd >= 0 || q->fd < 0)) {
        if (q->kind->state != NULL)
            q->kind->state(&look_host, &look, fd, q->key, q->key2);
    }
    if (call->explain != NULL)
        call->explain(&look_host, &look, &q->wait);
    else if (q->kind != NULL && q->kind->explain != NULL)
        q->kind->explain(&look_host, &look, fd, q->key, q->key2, &q->wait);
    look_close(&look);
    if (look.pidfd >= 0)
        close(look.pidfd);
}

/* What stands behind a descriptor of a process, by a copy of it that is closed at once. */
static void
tell_behind(const struct runtime *rt, struct ipclab_look *look, pid_t pid, int network, int fd)
{
    const struct ipclab_kind *kind = NULL;
    uint64_t key = 0, key2 = 0;
    int copy;

    look->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    copy = look_host.descriptor(look, fd);
    look_host.enter_network(look, network);
    if (copy >= 0)
        kind = object_of_fd(rt->plugins, copy, &key, &key2);
    look_object(look, kind, copy, key, key2);
    look_close(look);
    if (look->pidfd >= 0)
        close(look->pidfd);
    look->pidfd = -1;
}

/* Answers with an object for each descriptor, or with those of a kind that has none, from the
 * given one on. */
static void
tell_objects(const struct runtime *rt, struct question *q, struct wire_in *in, struct buf *facts)
{
    struct ipclab_look look = {.facts = facts,
                               .wait = &q->wait,
                               .pidfd = -1,
                               .plugins = rt->plugins,
                               .networks = &q->table,
                               .init = init_pidfd};
    uint32_t n;

    if (!read_processes(q, in))
        return;
    n = wire_get_u32(in);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        uint32_t process = wire_get_u32(in);
        int fd = (int)wire_get_u32(in);

        if (!in->bad && process < (uint32_t)q->wait.nprocesses)
            tell_behind(rt, &look, q->processes[process].pid, q->network_of[process], fd);
    }
    look.kind = kind_by_name(rt->plugins, wire_get_text(in));
    look.skip = wire_get_u32(in);
    if (!in->bad && look.kind != NULL && look.kind->list != NULL)
        look.kind->list(&look_host, &look);
    if (look.full)
        wire_u8(facts, FACT_MORE);
}

/* Into the namespaces of the world, but not into its pid namespace. */
static int
enter_world(const struct runtime *rt, pid_t init)
{
    init_pidfd = (int)syscall(SYS_pidfd_open, init, 0);
    if (rt->kind == WORLD_SHARED)
        return 0;
    if (init_pidfd < 0)
        return -1;
    return setns(init_pidfd, CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET);
}

void
observer_run(struct runtime *rt, int control, pid_t init)
{
    static char frame[WIRE_MAX * 4];
    struct buf answer = {0};

    /* prctl keeps the observer from outliving the launcher; its socket, the shell. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_DFL);
    fd_mark_outside();
    if (enter_world(rt, init) < 0)
        _exit(1);
    for (;;) {
        struct question q = {0};
        struct wire_in in;
        ssize_t n = wire_receive(control, frame, sizeof frame, true, NULL, NULL, NULL);

        if (n <= 0)
            _exit(0);
        if (!wire_open(&in, frame, (size_t)n) ||
            (in.type != FRAME_EXPLAIN && in.type != FRAME_OBJECTS))
            continue;
        wire_begin(&answer, FRAME_EXPLANATION, in.request);
        if (in.type == FRAME_OBJECTS)
            tell_objects(rt, &q, &in, &answer);
        else if (read_question(&q, &in, rt))
            explain(rt, &q, &answer);
        wire_u8(&answer, FACT_END);
        wire_send_wait(control, &answer, NULL, 0);
        free(q.processes);
        free(q.holders);
        free(q.births);
        free(q.linked);
        free(q.holds);
        free(q.waiters);
        free(q.network_of);
    }
}
