/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first process of a world: pid 1 of a sealed one, subreaper of a shared one. It forks the
 * actors, reaps orphans, and watches its control socket: end of file there means that the shell is
 * gone, however it went, and ends the world. In a sealed world the kernel then kills the rest. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "proc/judged.h"
#include "proc/ledger.h"
#include "proc/loader.h"
#include "proc/network.h"
#include "proc/runtime.h"
#include "proc/sweep.h"
#include "proc/wire.h"

static void
end_world(const struct runtime *rt, int status)
{
    if (rt->kind == WORLD_SHARED) {
        sweep_descendants();
        if (rt->ledger >= 0)
            ledger_sweep(rt->ledger);
    }
    _exit(status);
}

/* What the shell does not hear it would wait for: then this world ends, which it does hear. */
static void
send_or_end(int control, const struct buf *frame)
{
    if (wire_send_wait(control, frame, NULL, 0) < 0)
        shutdown(control, SHUT_RDWR);
}

static void
tell(int control, enum frame_type type, uint32_t request, int64_t a, int64_t b)
{
    struct buf frame = {0};

    wire_begin(&frame, type, request);
    wire_i64(&frame, a);
    wire_i64(&frame, b);
    send_or_end(control, &frame);
    buf_release(&frame);
}

static void
fail(int control, uint32_t request, int error, const char *step)
{
    struct buf frame = {0};

    wire_begin(&frame, FRAME_FAILED, request);
    wire_u32(&frame, (uint32_t)error);
    wire_text(&frame, step);
    send_or_end(control, &frame);
    buf_release(&frame);
}

static void
reap(int control)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        tell(control, FRAME_EXITED, 0, pid, status);
}

static void
spawn(struct runtime *rt, int control, struct wire_in *in, const int *fds, int nfds)
{
    int network = (int)wire_get_i64(in);
    pid_t pid;

    if (nfds != 4 || in->bad) {
        fail(control, in->request, EBADMSG, "asking for an actor");
        return;
    }
    pid = fork();
    if (pid == 0) {
        if (dup2(fds[1], 1) < 0 || dup2(fds[2], 2) < 0)
            _exit(1);
        if (network >= 0 && network_enter(network) < 0)
            _exit(1);
        actor_run(rt, fds[0], fds[3]);
    }
    if (pid < 0)
        fail(control, in->request, errno, "fork");
    else
        tell(control, FRAME_SPAWNED, in->request, pid, 0);
}

/* Makes a host, or moves the plug of one. */
static void
serve_network(int control, struct wire_in *in)
{
    int64_t number = wire_get_i64(in);
    struct network made = {.fd = -1};
    struct buf frame = {0};
    const char *step = "asking for a host";
    int result = -1;

    errno = EBADMSG;
    if (!in->bad && number >= 0 && number < NETWORKS_MAX)
        result = in->type == FRAME_NETWORK
                     ? network_make((int)number, &made, &step)
                     : network_cable((int)number, wire_get_u8(in) != 0, &step);
    wire_begin(&frame, FRAME_NETWORK_IS, in->request);
    wire_u32(&frame, result < 0 ? (uint32_t)errno : 0);
    wire_text(&frame, step);
    wire_bytes(&frame, &made, sizeof made);
    send_or_end(control, &frame);
    buf_release(&frame);
}

static void
start_bench(struct runtime *rt, int control, struct wire_in *in, const int *fds, int nfds)
{
    pid_t pid;

    if (nfds != 1) {
        fail(control, in->request, EBADMSG, "asking for a measurement");
        return;
    }
    pid = fork();
    if (pid == 0)
        bench_case_run(rt, fds[0], in);
    if (pid < 0)
        fail(control, in->request, errno, "fork");
    else
        tell(control, FRAME_SPAWNED, in->request, pid, 0);
}

/* What the launcher loaded since this world was made: actors made from now on have it. */
static void
load(struct runtime *rt, struct wire_in *in, const int *fds, int nfds)
{
    const char *path = wire_get_text(in);

    if (!in->bad && nfds == 1 && strchr(path, '/') != NULL)
        loader_add_checked(rt->plugins, fds[0], path);
}

static void
serve_one(struct runtime *rt, int control)
{
    static char frame[4096];
    int fds[WIRE_MAX_FDS], nfds = WIRE_MAX_FDS;
    struct wire_in in;
    ssize_t n = wire_receive(control, frame, sizeof frame, false, fds, &nfds, NULL);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EBADMSG))
        end_world(rt, 0);
    if (n < 0)
        return;
    if (!wire_open(&in, frame, (size_t)n))
        in.type = FRAME_FAILED;
    if (in.type == FRAME_SPAWN)
        spawn(rt, control, &in, fds, nfds);
    else if (in.type == FRAME_BENCH)
        start_bench(rt, control, &in, fds, nfds);
    else if (in.type == FRAME_NETWORK || in.type == FRAME_CABLE)
        serve_network(control, &in);
    else if (in.type == FRAME_LOAD)
        load(rt, &in, fds, nfds);
    for (int i = 0; i < nfds; i++)
        close(fds[i]);
}

static int
prepare(struct runtime *rt, const char **step)
{
    if (rt->kind != WORLD_SHARED) {
        if (world_seal(rt, step) < 0)
            return -1;
    } else {
        *step = "becoming a subreaper";
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
            return -1;
    }
    *step = "entering the world's folder";
    if (chdir(rt->cwd) < 0)
        return -1;
    *step = "starting a session of its own";
    return setsid() < 0 ? -1 : 0;
}

/* However often it is woken in between. */
static bool
is_time_to_look(void)
{
    static struct timespec last;
    struct timespec now;
    long long ms;

    clock_gettime(CLOCK_MONOTONIC, &now);
    ms = (now.tv_sec - last.tv_sec) * 1000LL + (now.tv_nsec - last.tv_nsec) / 1000000;
    if (ms < JUDGED_TICK_MS)
        return false;
    last = now;
    return true;
}

void
init_run(struct runtime *rt, int control)
{
    const char *step = "";
    struct pollfd p[2];
    sigset_t chld;

    umask(022);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &chld, NULL);
    if (prepare(rt, &step) < 0) {
        fail(control, 0, errno, step);
        end_world(rt, 1);
    }
    p[0] = (struct pollfd){.fd = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN};
    p[1] = (struct pollfd){.fd = control, .events = POLLIN};
    if (p[0].fd < 0) {
        fail(control, 0, errno, "signalfd");
        end_world(rt, 1);
    }
    tell(control, FRAME_READY, 0, (int64_t)rt->kind, getpid());
    for (;;) {
        struct signalfd_siginfo info;
        long long bytes;

        if (poll(p, 2, rt->judged ? JUDGED_TICK_MS : -1) < 0 && errno != EINTR)
            end_world(rt, 1);
        if (rt->judged && is_time_to_look() && judged_memory_over(&bytes))
            tell(control, FRAME_LIMIT, 0, bytes, 0);
        while (read(p[0].fd, &info, sizeof info) > 0)
            reap(control);
        if (p[1].revents != 0)
            serve_one(rt, control);
    }
}
