/* SPDX-License-Identifier: GPL-3.0-or-later
 * See bench.h. The launcher is one of its own too: a shared world is the only one that its
 * launcher looks after. */
#include "proc/bench.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>

enum {
    TICK_MS = 100,
    END_MS = 10000, /* for a process that has answered to end */
};

int
bench_open(struct bench_world *b, const struct launcher *like, int wanted, struct err *err)
{
    *b = (struct bench_world){.world = {.init_sock = -1, .epoll = -1, .ledger = -1}};
    if (launcher_start(&b->launcher, &like->options, err) < 0) {
        launcher_release(&b->launcher);
        return -1;
    }
    for (int i = 0; i < like->nfiles; i++)
        if (launcher_load(&b->launcher, like->files[i], err) < 0) {
            launcher_release(&b->launcher);
            return -1;
        }
    if (world_make(&b->world, &b->launcher, wanted, err) < 0) {
        launcher_release(&b->launcher);
        return -1;
    }
    return 0;
}

void
bench_close(struct bench_world *b)
{
    world_release(&b->world);
    launcher_release(&b->launcher);
}

/* One frame of fd, or -1 and *err. What ends it beside a frame: the end of the other side, Ctrl-C,
 * and the limit where it is not negative. */
static int
await_frame(int fd, char frame[WIRE_MAX], struct wire_in *in, bool (*interrupted)(void),
            void (*tick)(void *ctx), void *ctx, int limit_ms, struct err *err)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    for (int waited = 0; poll(&p, 1, TICK_MS) <= 0; waited += TICK_MS) {
        if (interrupted != NULL && interrupted())
            return err_set(err, STATUS_INTERRUPTED, "interrupted");
        if (limit_ms >= 0 && waited >= limit_ms)
            return err_set(err, STATUS_MACHINE, "a process that was measured does not end");
        if (tick != NULL)
            tick(ctx);
    }
    n = wire_receive(fd, frame, WIRE_MAX, false, NULL, NULL, NULL);
    if (n > 0 && wire_open(in, frame, (size_t)n))
        return 0;
    return err_set(err, STATUS_MACHINE, "the process that measured ended without an answer");
}

/* The world's first process tells when the one of this measurement has ended: nothing of it is
 * left then. How it ended is said where it gave no answer. */
static int
await_end(struct bench_world *b, bool (*interrupted)(void), struct bench_answer *a, bool answered,
          struct err *err)
{
    static char frame[WIRE_MAX];
    struct wire_in in;
    int64_t pid = 0;

    for (;;) {
        int status;

        if (await_frame(b->world.init_sock, frame, &in, interrupted, NULL, NULL, END_MS, err) < 0)
            return -1;
        if (in.type == FRAME_FAILED)
            return err_set(err, STATUS_MACHINE, "fork: %s",
                           strerrorname_np((int)wire_get_u32(&in)));
        if (in.type == FRAME_SPAWNED)
            pid = wire_get_i64(&in);
        if (in.type != FRAME_EXITED || wire_get_i64(&in) != pid)
            continue;
        status = (int)wire_get_i64(&in);
        if (answered)
            return 0;
        a->outcome = BENCH_FAILED;
        if (WIFSIGNALED(status))
            snprintf(a->text, sizeof a->text, "its process was killed by SIG%s",
                     sigabbrev_np(WTERMSIG(status)));
        else
            snprintf(a->text, sizeof a->text, "its process ended with status %d",
                     WEXITSTATUS(status));
        return 0;
    }
}

int
bench_ask(struct bench_world *b, const struct bench_request *r, struct bench_answer *a,
          bool (*interrupted)(void), void (*tick)(void *ctx), void *ctx, struct err *err)
{
    static char room[WIRE_MAX];
    struct buf frame = {0};
    struct wire_in in;
    struct err ended;
    int pair[2], result;
    bool answered = false;

    if (wire_pair(pair) < 0)
        return err_set(err, STATUS_MACHINE, "socketpair: %s", strerror(errno));
    wire_begin(&frame, FRAME_BENCH, ++b->world.request);
    bench_put_request(&frame, r);
    result = wire_send_wait(b->world.init_sock, &frame, &pair[1], 1);
    if (result < 0)
        err_set(err, STATUS_MACHINE, "the world of the measurement has ended: %s", strerror(errno));
    close(pair[1]);
    buf_release(&frame);
    *a = (struct bench_answer){.outcome = BENCH_FAILED};
    if (result == 0) {
        result = await_frame(pair[0], room, &in, interrupted, tick, ctx, -1, &ended);
        answered = result == 0 && in.type == FRAME_MEASURED && bench_get_answer(&in, a);
        if (result < 0 && ended.status == STATUS_INTERRUPTED)
            *err = ended;
        else
            result = await_end(b, interrupted, a, answered, err);
    }
    close(pair[0]);
    return result;
}
