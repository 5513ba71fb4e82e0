/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An actor: a real process that waits for a step on its board, runs it in its own address
 * space, reports facts, waits again. It is the student's process: descriptors from 3 up, signal
 * dispositions, mask, limits and memory are the student's; ours are one descriptor far above, one
 * reserved signal, and memory that the student has no name for. The student's signal mask is in
 * force at all times: handlers here do nothing but send one packet from their own stack, so there
 * is no moment that they could disturb. */
#include "proc/actor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "proc/judged.h"
#include "proc/loader.h"

struct self self_process;

/* Moves a descriptor far above the student's, whatever the student's limit is now. */
static int
move_up(int fd)
{
    struct rlimit now, wide;
    int to;

    if (getrlimit(RLIMIT_NOFILE, &now) < 0)
        return -1;
    to = fcntl(fd, F_DUPFD_CLOEXEC, ACTOR_FD_BASE);
    if (to < 0 && now.rlim_max > ACTOR_FD_BASE) {
        wide = (struct rlimit){now.rlim_max, now.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &wide) == 0)
            to = fcntl(fd, F_DUPFD_CLOEXEC, ACTOR_FD_BASE);
        setrlimit(RLIMIT_NOFILE, &now);
    }
    if (to < 0 && now.rlim_cur > 16) /* a small hard limit: as high as it goes */
        to = fcntl(fd, F_DUPFD_CLOEXEC, (int)now.rlim_cur - 8);
    if (to >= 0)
        close(fd);
    return to;
}

/* Closes everything from 3 up but these two; ledger may be -1. */
static void
close_all_but(int control, int ledger)
{
    unsigned low = (unsigned)(ledger >= 0 && ledger < control ? ledger : control);
    unsigned high = (unsigned)(ledger > control ? ledger : control);

    if (low > 3)
        close_range(3, low - 1, 0);
    if (high > low + 1)
        close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0U, 0);
}

static ino_t
identity(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return 0;
    self_process.pipe_dev = st.st_dev;
    return st.st_ino;
}

void
actor_hello(const struct self *a)
{
    struct buf frame = {0};

    wire_begin(&frame, FRAME_HELLO, 0);
    wire_i64(&frame, getpid());
    wire_i64(&frame, getppid());
    if (wire_send_wait(a->control, &frame, NULL, 0) < 0)
        _exit(70); /* nobody would ever know of it */
    buf_release(&frame);
}

/* The board itself needs no descriptor once it is mapped. */
static int
take_board(struct self *a, int fd)
{
    board_unmap(a->board);
    a->board = board_map(fd);
    a->last_bell = 0;
    close(fd);
    return a->board != NULL ? 0 : -1;
}

void
actor_become_child(struct self *a, const int fds[4])
{
    close(a->control);
    a->control = fds[0];
    if (take_board(a, fds[3]) < 0)
        _exit(70);
    if (identity(1) == a->out)
        dup2(fds[1], 1);
    if (identity(2) == a->err)
        dup2(fds[2], 2);
    a->out = identity(fds[1]);
    a->err = identity(fds[2]);
    close(fds[1]);
    close(fds[2]);
    signals_forked(a->control);
    actor_hello(a);
}

/* The descriptors of a child to be, far above the student's. They arrive at the lowest free
 * numbers first, which the student's limit may not leave: then it is widened for this moment. */
static int
receive_fds(const struct self *a, int fds[4])
{
    struct rlimit now, wide;
    char frame[64];
    int n = 4;

    getrlimit(RLIMIT_NOFILE, &now);
    wide = (struct rlimit){now.rlim_max, now.rlim_max};
    setrlimit(RLIMIT_NOFILE, &wide);
    if (wire_receive(a->control, frame, sizeof frame, true, fds, &n, NULL) <= 0)
        n = 0;
    for (int i = 0; i < n; i++)
        fds[i] = move_up(fds[i]);
    setrlimit(RLIMIT_NOFILE, &now);
    return n;
}

static void
serve(struct self *a, void *data, size_t n, int *fds, int nfds)
{
    struct wire_in in;
    struct eval_step step;

    if (!wire_open(&in, data, n))
        _exit(70);
    if (in.type == FRAME_STEP) {
        if (!eval_decode(&step, in.p, in.left))
            _exit(70);
        actor_step(a, &step, in.request, fds, nfds);
    } else if (in.type == FRAME_STATE) {
        actor_tell_state(a, &in);
    }
}

void
actor_run(struct runtime *rt, int control, int board)
{
    static char frame[WIRE_MAX];
    struct self *a = &self_process;

    a->rt = rt;
    a->init = getppid();
    a->control = move_up(control);
    if (a->control < 0 || take_board(a, board) < 0)
        _exit(70);
    if (rt->ledger >= 0 && (rt->ledger = move_up(rt->ledger)) < 0)
        _exit(70);
    close_all_but(a->control, rt->ledger);
    setpgid(0, 0);
    a->out = identity(1);
    a->err = identity(2);
    signals_start(a->control);
    /* As on a terminal: what is printed appears line by line. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (setrlimit(RLIMIT_NOFILE, &rt->files) < 0 || eval_start() < 0 || world_drop_rights() < 0 ||
        (rt->judged && judged_filter() < 0))
        _exit(70);
    for (int i = 0; i < rt->plugins->n; i++)
        if (rt->plugins->sources[i].plugin->start != NULL)
            rt->plugins->sources[i].plugin->start();
    actor_hello(a);
    for (;;) {
        int fds[4], nfds = 0;
        bool with_fds;
        size_t n = board_await(a->board, &a->last_bell, frame, &with_fds);

        if (n == 0)
            continue;
        if (with_fds)
            nfds = receive_fds(a, fds);
        serve(a, frame, n, fds, nfds);
    }
}
