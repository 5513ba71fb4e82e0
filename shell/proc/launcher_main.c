/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The launcher: exec'd once by the shell, small, single-threaded, with the plugins loaded and
 * neither readline nor Lua in it, so that forking from it is cheap and clean. It makes worlds and
 * observers on request and ends when the shell does.
 *
 *   ipclab-launcher [--trusted DIR] [--dir DIR]... [--file FILE]... --files SOFT,HARD
 *                   [--judged UID,GID]
 *
 * The control socket is descriptor 3. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "proc/judged.h"
#include "proc/ledger.h"
#include "proc/loader.h"
#include "proc/runtime.h"
#include "proc/sweep.h"
#include "proc/wire.h"

static struct loader loader;
static struct runtime runtime = {.plugins = &loader, .ledger = -1};
static int shared_init = -1;   /* pidfd of the first process of a shared world; -1: none */
static int shared_ledger = -1; /* its ledger */

enum { SWEEP_MS = 10000 /* for the first process of a shared world to clean up and end */ };

/* The shell waits for it: when it cannot be sent, the end of this process tells the shell. */
static void
answer(const struct buf *frame)
{
    if (wire_send_wait(WIRE_CONTROL_FD, frame, NULL, 0) < 0)
        _exit(5);
}

static void
send_failed(uint32_t request, int error, const char *step)
{
    struct buf b = {0};

    wire_begin(&b, FRAME_FAILED, request);
    wire_u32(&b, (uint32_t)error);
    wire_text(&b, step);
    answer(&b);
    buf_release(&b);
}

/* Appends what is in the buffer, and empties it. */
static bool
write_part(int fd, struct buf *part)
{
    bool whole = fd >= 0 && write(fd, part->data, part->len) == (ssize_t)part->len;

    buf_clear(part);
    return whole;
}

static int
send_catalog(uint32_t request)
{
    struct buf part = {0}, b = {0};
    int fd = memfd_create("ipclab-catalog", MFD_CLOEXEC), result = -1;
    bool written;

    /* Part by part through one small buffer, whose pages are there after the first. */
    catalog_encode_head(&part, loader.n);
    written = write_part(fd, &part);
    for (int i = 0; i < loader.n && written; i++) {
        catalog_encode_plugin(&part, &loader.sources[i]);
        written = write_part(fd, &part);
    }
    catalog_encode_end(&part, loader.refused, loader.nrefused);
    if (written && write_part(fd, &part)) {
        wire_begin(&b, FRAME_CATALOG, request);
        result = wire_send_wait(WIRE_CONTROL_FD, &b, &fd, 1);
    }
    if (fd >= 0)
        close(fd);
    buf_release(&part);
    buf_release(&b);
    return result;
}

static void
send_pid(uint32_t request, enum frame_type type, pid_t pid)
{
    struct buf b = {0};

    wire_begin(&b, type, request);
    wire_i64(&b, pid);
    answer(&b);
    buf_release(&b);
}

static pid_t
clone_process(int flags)
{
    return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0);
}

/* A child process of the launcher owns its control socket and nothing else of the launcher. */
static int
keep_only(int control, int ledger)
{
    int to = WIRE_CONTROL_FD;

    if (dup3(control, to, O_CLOEXEC) < 0)
        return -1;
    runtime.ledger = -1;
    if (ledger >= 0) {
        if (dup3(ledger, to + 1, O_CLOEXEC) < 0)
            return -1;
        runtime.ledger = to + 1;
    }
    close_range((unsigned)to + (ledger >= 0 ? 2 : 1), ~0U, 0);
    return to;
}

static void
forget_shared(void)
{
    if (shared_init >= 0)
        close(shared_init);
    if (shared_ledger >= 0)
        close(shared_ledger);
    shared_init = shared_ledger = -1;
}

/* The first process of the shared world is gone: what it may not have got to do is done here. */
static void
sweep_shared(void)
{
    sweep_descendants();
    if (shared_ledger >= 0)
        ledger_sweep(shared_ledger);
    forget_shared();
}

/* The programs of the first judged world are those of all: the launcher can leave the machine's
 * files only once. */
static int
leave(struct wire_in *in, const char **step)
{
    static bool left;
    static int failure;
    static const char *where;
    uint32_t n = wire_get_u32(in);

    *step = left ? where : "asking for a judged world";
    errno = left ? failure : EBADMSG;
    if (left)
        return failure == 0 ? 0 : -1;
    if (in->bad || (n != UINT32_MAX && n > in->left))
        return -1;
    if (n != UINT32_MAX)
        runtime.programs = mem_alloc(sizeof *runtime.programs * (n + 1));
    for (uint32_t i = 0; runtime.programs != NULL && i < n; i++)
        runtime.programs[i] = mem_copy(wire_get_text(in));
    if (in->bad)
        return -1;
    left = true;
    failure = judged_leave(&runtime, (const char *const *)runtime.programs, &where) < 0 ? errno : 0;
    *step = where;
    return failure == 0 ? 0 : -1;
}

static void
make_world(struct wire_in *in, const int *fds, int nfds)
{
    enum world_kind kind = (enum world_kind)wire_get_u8(in);
    const char *cwd = wire_get_text(in), *step;
    pid_t pid;

    if (runtime.judged && kind != WORLD_SHARED && leave(in, &step) < 0) {
        send_failed(in->request, errno, step);
        return;
    }
    if (in->bad || nfds < 1 || kind > WORLD_SHARED || (runtime.judged && kind == WORLD_SHARED)) {
        send_failed(in->request, EBADMSG, "asking for a world");
        return;
    }
    runtime.kind = kind;
    snprintf(runtime.cwd, sizeof runtime.cwd, "%s", cwd);
    pid = clone_process(world_clone_flags(kind));
    if (pid == 0) {
        int control = keep_only(fds[0], nfds > 1 ? fds[1] : -1);

        if (control < 0)
            _exit(1);
        init_run(&runtime, control);
    }
    if (pid < 0) {
        send_failed(in->request, errno, "clone");
        return;
    }
    if (kind == WORLD_SHARED) {
        forget_shared();
        shared_init = (int)syscall(SYS_pidfd_open, pid, 0);
        shared_ledger = nfds > 1 ? fcntl(fds[1], F_DUPFD_CLOEXEC, 3) : -1;
    }
    send_pid(in->request, FRAME_WORLD_PID, pid);
}

static void
make_observer(struct wire_in *in, const int *fds, int nfds)
{
    pid_t init = (pid_t)wire_get_i64(in), pid;

    runtime.kind = (enum world_kind)wire_get_u8(in);
    if (in->bad || nfds != 1) {
        send_failed(in->request, EBADMSG, "asking for an observer");
        return;
    }
    pid = clone_process(0);
    if (pid == 0) {
        int control = keep_only(fds[0], -1);

        if (control < 0)
            _exit(1);
        observer_run(&runtime, control, init);
    }
    if (pid < 0)
        send_failed(in->request, errno, "fork");
    else
        send_pid(in->request, FRAME_OBSERVER_PID, pid);
}

static void
load_plugin(struct wire_in *in)
{
    const char *path = wire_get_text(in);
    int before = loader.n;

    if (in->bad)
        send_failed(in->request, EBADMSG, "asking for a plugin");
    else if (loader_add_file(&loader, path, false), loader.n == before)
        send_failed(in->request, 0,
                    loader.nrefused > 0 ? loader.refused[loader.nrefused - 1] : path);
    else
        send_catalog(in->request);
}

/* Waits until the shell asks for something. The first process of a shared world is watched
 * meanwhile: when it dies, its descendants become ours, and end. */
static void
await_request(void)
{
    while (shared_init >= 0) {
        struct pollfd p[] = {{WIRE_CONTROL_FD, POLLIN, 0}, {shared_init, POLLIN, 0}};

        if (poll(p, 2, -1) > 0 && p[1].revents == 0)
            return;
        if (p[1].revents != 0)
            sweep_shared();
    }
}

static void
serve(void)
{
    static char frame[WIRE_MAX];
    int fds[WIRE_MAX_FDS], nfds;
    struct wire_in in;

    for (;;) {
        ssize_t n;

        await_request();
        nfds = WIRE_MAX_FDS;
        n = wire_receive(WIRE_CONTROL_FD, frame, sizeof frame, true, fds, &nfds, NULL);
        if (n <= 0)
            return;
        if (wire_open(&in, frame, (size_t)n)) {
            if (in.type == FRAME_WORLD)
                make_world(&in, fds, nfds);
            else if (in.type == FRAME_OBSERVER)
                make_observer(&in, fds, nfds);
            else if (in.type == FRAME_LOAD)
                load_plugin(&in);
        }
        for (int i = 0; i < nfds; i++)
            close(fds[i]);
    }
}

static void
limit_files(void)
{
    struct rlimit *files = &runtime.files;

    files->rlim_max = files->rlim_max < JUDGED_FILES_MAX ? files->rlim_max : JUDGED_FILES_MAX;
    files->rlim_cur = files->rlim_cur < JUDGED_FILES ? files->rlim_cur : JUDGED_FILES;
}

static bool
read_options(int argc, char **argv)
{
    unsigned uid = 0, gid = 0;

    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        unsigned long long soft, hard;

        if (strcmp(argv[i], "--trusted") == 0)
            loader_add_dir(&loader, value, true);
        else if (strcmp(argv[i], "--dir") == 0)
            loader_add_dir(&loader, value, false);
        else if (strcmp(argv[i], "--file") == 0)
            loader_add_file(&loader, value, false);
        else if (strcmp(argv[i], "--judged") == 0 && sscanf(value, "%u,%u", &uid, &gid) == 2)
            runtime.judged = true;
        else if (strcmp(argv[i], "--files") == 0 && sscanf(value, "%llu,%llu", &soft, &hard) == 2)
            runtime.files = (struct rlimit){soft, hard};
        else
            return false;
    }
    if (runtime.judged && judged_become(uid, gid) < 0)
        return false;
    if (runtime.judged)
        limit_files();
    runtime.uid = getuid();
    runtime.gid = getgid();
    return argc % 2 == 1;
}

int
main(int argc, char **argv)
{
    static const char usage[] = "ipclab-launcher: a part of ipclab, started by it\n";

    if (argc < 3 || fcntl(WIRE_CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0) {
        if (write(2, usage, sizeof usage - 1) < 0)
            return 2;
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &runtime.files);
    /* The shell's Ctrl-C is the shell's; children that end leave no zombies here. */
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!read_options(argc, argv))
        return 2;
    if (send_catalog(0) < 0)
        return 5;
    serve();
    if (shared_init >= 0) {
        /* It has seen the end of the shell too, and knows the world better: it goes first. */
        struct pollfd p = {.fd = shared_init, .events = POLLIN};

        poll(&p, 1, SWEEP_MS);
        sweep_shared();
    }
    _exit(0); /* without the destructors of plugins, one of which might never return */
}
