/* SPDX-License-Identifier: GPL-3.0-or-later
 * See launcher.h. */
#include "proc/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "proc/launcher_parts.h"
#include "proc/wire.h"

enum { FILES_MIN = 24 };    /* what the shell, the launcher and a world with two actors have open */
enum { ANSWER_MS = 20000 }; /* probing many foreign plugins takes 2 s each at the most */

static char **
make_argv(const struct launcher *l)
{
    char **argv;
    int n = 0, ndirs = 0;

    while (l->options.dirs != NULL && l->options.dirs[ndirs] != NULL)
        ndirs++;
    argv = mem_alloc(sizeof *argv * (size_t)(10 + 2 * ndirs + 2 * l->nfiles));
    argv[n++] = "ipclab-launcher";
    argv[n++] = "--files";
    argv[n] = mem_alloc(64);
    snprintf(argv[n++], 64, "%llu,%llu", (unsigned long long)l->limit.rlim_cur,
             (unsigned long long)l->limit.rlim_max);
    if (l->options.judged != NULL) {
        argv[n++] = "--judged";
        argv[n++] = (char *)(uintptr_t)l->judged;
    }
    argv[n++] = "--trusted";
    argv[n++] = (char *)(uintptr_t)l->options.trusted;
    for (int i = 0; i < ndirs; i++) {
        argv[n++] = "--dir";
        argv[n++] = (char *)(uintptr_t)l->options.dirs[i];
    }
    for (int i = 0; i < l->nfiles; i++) {
        argv[n++] = "--file";
        argv[n++] = l->files[i];
    }
    return argv;
}

/* In the child: nothing of the terminal, default signals, only the socket. Until it is another
 * program it runs in the memory of the shell, and changes nothing there. */
static void __attribute__((noreturn))
become_launcher(const struct launcher *l, int sock, char *const *argv, char *const *env)
{
    sigset_t none;
    int null = open("/dev/null", O_RDWR);

    if (sock == WIRE_CONTROL_FD)
        fcntl(sock, F_SETFD, 0);
    else if (dup2(sock, WIRE_CONTROL_FD) < 0)
        _exit(127);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        _exit(127);
    if (getenv("IPCLAB_DEBUG") == NULL && dup2(null, 2) < 0)
        _exit(127);
    close_range(WIRE_CONTROL_FD + 1, ~0U, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(l->options.program, argv, env);
    _exit(127);
}

static int
readable(int sock, int ms)
{
    struct pollfd p = {.fd = sock, .events = POLLIN};
    int n;

    do
        n = poll(&p, 1, ms);
    while (n < 0 && errno == EINTR);
    return n;
}

/* The answer to a request, for which *in and the descriptors are good until the next. */
static int
answer(struct launcher *l, uint32_t request, struct wire_in *in, int *fds, int *nfds,
       struct err *err)
{
    static char frame[WIRE_MAX];
    int room = *nfds;

    for (;;) {
        ssize_t n = -1;

        *nfds = room;
        if (readable(l->sock, ANSWER_MS) > 0)
            n = wire_receive(l->sock, frame, sizeof frame, false, fds, nfds, NULL);
        if (n <= 0) {
            *nfds = 0;
            close(l->sock);
            l->sock = -1;
            return err_set(err, STATUS_MACHINE, "the launcher (%s) does not answer: it %s",
                           l->options.program, n == 0 ? "ended" : "is stuck or was killed");
        }
        if (!wire_open(in, frame, (size_t)n) || in->request != request) {
            for (int i = 0; i < *nfds; i++)
                close(fds[i]);
            continue;
        }
        if (in->type == FRAME_FAILED) {
            int error = (int)wire_get_u32(in);
            const char *step = wire_get_text(in);

            if (error == 0)
                return err_set(err, STATUS_USAGE, "%s", step);
            err_set(err, STATUS_MACHINE, "%s: %s (%s)", step, strerrorname_np(error),
                    strerror(error));
            errno = error;
            return -1;
        }
        return 0;
    }
}

/* The launcher could still write to the file, so this is a copy. */
static void *
read_whole(int fd, size_t n)
{
    char *copy = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t done = 0;

    while (copy != MAP_FAILED && done < n) {
        ssize_t got = pread(fd, copy + done, n - done, (off_t)done);

        if (got <= 0 && errno != EINTR) {
            munmap(copy, n);
            return MAP_FAILED;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return copy;
}

static int
read_catalog(struct launcher *l, uint32_t request, struct err *err)
{
    struct wire_in in;
    struct catalog fresh;
    int fd = -1, nfds = 1;
    struct stat st;
    void *blob;

    if (answer(l, request, &in, &fd, &nfds, err) < 0)
        return -1;
    if (in.type != FRAME_CATALOG || nfds != 1 || fstat(fd, &st) < 0) {
        if (nfds == 1)
            close(fd);
        return err_set(err, STATUS_MACHINE, "the launcher did not send its plugins");
    }
    blob = read_whole(fd, (size_t)st.st_size);
    close(fd);
    if (blob == MAP_FAILED)
        return err_set(err, STATUS_MACHINE, "reading the plugins: %s", strerror(errno));
    if (catalog_adopt(&fresh, blob, (size_t)st.st_size, err) < 0)
        return -1;
    l->retired = mem_grow(l->retired, sizeof *l->retired * (size_t)(l->nretired + 1));
    l->retired[l->nretired++] = l->catalog;
    l->catalog = fresh;
    return 0;
}

/* Nothing is copied that exec would throw away at once. */
static pid_t
start_program(const struct launcher *l, int sock, char *const *argv, char *const *env)
{
    pid_t pid = vfork();

    if (pid == 0)
        become_launcher(l, sock, argv, env);
    return pid;
}

static int
run(struct launcher *l, struct err *err)
{
    char mark[sizeof l->session + 16];
    char **argv = make_argv(l), **env = launcher_environment(l, mark, sizeof mark);
    int pair[2];

    if (wire_pair(pair) < 0) {
        free(argv[2]);
        free(argv);
        free(env);
        return err_set(err, STATUS_MACHINE, "socketpair: %s", strerror(errno));
    }
    fflush(NULL);
    l->pid = start_program(l, pair[1], argv, env);
    free(argv[2]);
    free(argv);
    free(env);
    close(pair[1]);
    if (l->pid < 0) {
        close(pair[0]);
        return err_errno(err, STATUS_MACHINE, "fork");
    }
    l->sock = pair[0];
    return read_catalog(l, 0, err);
}

int
launcher_start(struct launcher *l, const struct launcher_options *options, struct err *err)
{
    static int started; /* by this process */
    char *real = realpath(options->program, NULL);

    *l = (struct launcher){.options = *options, .sock = -1};
    catalog_init(&l->catalog);
    if (real == NULL)
        return err_set(err, STATUS_MACHINE, "%s: %s; is the installation whole?", options->program,
                       strerror(errno));
    snprintf(l->exe, sizeof l->exe, "%s", real);
    free(real);
    snprintf(l->session, sizeof l->session, "%d-%lld-%d", getpid(), (long long)time(NULL),
             ++started);
    if (options->judged != NULL)
        snprintf(l->judged, sizeof l->judged, "%u,%u", options->judged->uid, options->judged->gid);
    getrlimit(RLIMIT_NOFILE, &l->limit);
    if (l->limit.rlim_max < FILES_MIN)
        return err_set(err, STATUS_MACHINE,
                       "ipclab needs %d file descriptors, the limit is %llu (ulimit -n)", FILES_MIN,
                       (unsigned long long)l->limit.rlim_max);
    if (l->limit.rlim_cur < l->limit.rlim_max) {
        /* A thousand actors need a few thousand descriptors here; they keep the user's limit. */
        struct rlimit wide = {l->limit.rlim_max, l->limit.rlim_max};

        setrlimit(RLIMIT_NOFILE, &wide);
    }
    return run(l, err);
}

/* Its socket is closed, so it ends; one that cannot (stopped from outside) is made to. */
static void
reap(pid_t pid)
{
    struct pollfd p = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};

    if (p.fd >= 0) {
        if (poll(&p, 1, ANSWER_MS) == 0)
            syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0);
        close(p.fd);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void
launcher_release(struct launcher *l)
{
    if (l->sock >= 0)
        close(l->sock);
    if (l->pid > 0)
        reap(l->pid);
    for (int i = 0; i < l->nfiles; i++)
        free(l->files[i]);
    free(l->files);
    for (int i = 0; i < l->nprograms; i++)
        free(l->programs[i]);
    free(l->programs);
    l->programs = NULL;
    l->nprograms = 0;
    for (int i = 0; i < l->nretired; i++)
        catalog_release(&l->retired[i]);
    free(l->retired);
    catalog_release(&l->catalog);
    l->sock = -1;
    l->pid = 0;
}

/* A launcher that was killed is replaced; its catalogue is the same unless files changed. */
static int
alive(struct launcher *l, struct err *err)
{
    struct pollfd p = {.fd = l->sock, .events = POLLIN};

    if (l->sock >= 0 && poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0) {
        close(l->sock);
        l->sock = -1;
    }
    if (l->sock >= 0)
        return 0;
    if (l->pid > 0)
        reap(l->pid);
    return run(l, err);
}

static int
ask(struct launcher *l, struct buf *frame, const int *fds, int nfds, struct wire_in *in,
    struct err *err)
{
    int none[1], zero = 0, result;

    if (wire_send_wait(l->sock, frame, fds, nfds) < 0)
        result = err_set(err, STATUS_MACHINE, "the launcher does not listen: %s", strerror(errno));
    else
        result = answer(l, l->request, in, none, &zero, err);
    return result;
}

/* Asks with the far end of a new socket, and with extra where it is a descriptor. The near end is
 * in *sock; the frame is released. */
static int
ask_with_socket(struct launcher *l, struct buf *frame, int extra, int *sock, struct wire_in *in,
                struct err *err)
{
    int pair[2], fds[2], result;

    if (wire_pair(pair) < 0) {
        buf_release(frame);
        return err_set(err, STATUS_MACHINE, "socketpair: %s", strerror(errno));
    }
    fds[0] = pair[1];
    fds[1] = extra;
    result = ask(l, frame, fds, extra >= 0 ? 2 : 1, in, err);
    close(pair[1]);
    buf_release(frame);
    if (result < 0)
        close(pair[0]);
    else
        *sock = pair[0];
    return result;
}

int
launcher_world(struct launcher *l, enum world_kind kind, const char *cwd, int ledger, int *sock,
               pid_t *pid, struct err *err)
{
    struct buf frame = {0};
    struct wire_in in;

    if (alive(l, err) < 0)
        return -1;
    wire_begin(&frame, FRAME_WORLD, ++l->request);
    wire_u8(&frame, (uint8_t)kind);
    wire_text(&frame, cwd);
    if (l->options.judged != NULL) {
        wire_u32(&frame, l->programs != NULL ? (uint32_t)l->nprograms : UINT32_MAX);
        for (int i = 0; i < l->nprograms; i++)
            wire_text(&frame, l->programs[i]);
    }
    if (ask_with_socket(l, &frame, ledger, sock, &in, err) < 0)
        return -1;
    *pid = (pid_t)wire_get_i64(&in);
    return 0;
}

int
launcher_observer(struct launcher *l, enum world_kind kind, pid_t init, int *sock, struct err *err)
{
    struct buf frame = {0};
    struct wire_in in;

    if (alive(l, err) < 0)
        return -1;
    wire_begin(&frame, FRAME_OBSERVER, ++l->request);
    wire_i64(&frame, init);
    wire_u8(&frame, (uint8_t)kind);
    return ask_with_socket(l, &frame, -1, sock, &in, err);
}

int
launcher_load(struct launcher *l, const char *path, struct err *err)
{
    struct buf frame = {0};
    int result;

    if (alive(l, err) < 0)
        return -1;
    wire_begin(&frame, FRAME_LOAD, ++l->request);
    wire_text(&frame, path);
    if (wire_send_wait(l->sock, &frame, NULL, 0) < 0)
        result = err_set(err, STATUS_MACHINE, "the launcher does not listen: %s", strerror(errno));
    else
        result = read_catalog(l, l->request, err);
    buf_release(&frame);
    if (result < 0)
        return -1;
    l->files = mem_grow(l->files, sizeof *l->files * (size_t)(l->nfiles + 1));
    l->files[l->nfiles++] = mem_copy(path);
    return 0;
}
