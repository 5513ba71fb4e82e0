/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading a plugin runs its constructors: they may loop, crash, or exit with status 0. So two
 * processes stand between them and the launcher. The keeper is a child of the launcher; it has a
 * child of its own that loads the plugin, watches it for as long as the limit allows, removes
 * whatever it left behind, and tells the launcher one line. (The launcher itself has SIGCHLD
 * ignored, so only a process of its own can learn how the child ended.) */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "call/catalog.h"
#include "proc/loader.h"
#include "proc/loader_parts.h"
#include "proc/sweep.h"

/* What the child says when the plugin is good; everything else that it says is a reason. */
#define GOOD "\x01"

static void
say(int fd, const char *text)
{
    while (write(fd, text, strlen(text)) < 0 && errno == EINTR)
        ;
}

/* The child has nothing of the launcher: no descriptor but the report, no terminal, no way to
 * leave a core file. Processes that it leaves become children of the keeper. */
static void
child_run(const char *path, int (*load)(const char *path, struct err *err), int report)
{
    struct rlimit core = {1, 1};
    struct err err;
    int null = open("/dev/null", O_RDWR);
    sigset_t nothing;

    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&nothing);
    sigprocmask(SIG_SETMASK, &nothing, NULL);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &core);
    if (null < 0 || dup2(report, 3) < 0)
        _exit(1);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    close_range(4, ~0U, 0);
    say(3, load(path, &err) < 0 ? err.text : GOOD);
    _exit(0);
}

/* Until the child has ended. false: it did not in time. */
static bool
await_end(int pidfd)
{
    int64_t end = now_ms() + LOADER_LIMIT_MS, left;
    struct pollfd p = {.fd = pidfd, .events = POLLIN};

    while ((left = end - now_ms()) > 0) {
        int n = poll(&p, 1, (int)left);

        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            break;
    }
    return false;
}

static void
describe_end(const siginfo_t *info, char *out, size_t size)
{
    if (info->si_code == CLD_EXITED)
        snprintf(out, size, "exited while loading (status %d)", info->si_status);
    else
        snprintf(out, size, "killed by SIG%s while loading", sigabbrev_np(info->si_status));
}

/* Has this process children, dead or alive? */
static bool
has_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* The verdict on one plugin, GOOD or a reason. */
static void
keeper_watch(pid_t child, int pidfd, int report, char *out, size_t size)
{
    siginfo_t info = {0};
    bool ended = await_end(pidfd);
    ssize_t n;

    if (!ended)
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    while (waitid(P_PID, (id_t)child, &info, WEXITED) < 0 && errno == EINTR)
        ;
    n = read(report, out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    if (!ended)
        snprintf(out, size, "did not finish loading in %d s", LOADER_LIMIT_MS / 1000);
    else if (n <= 0 || info.si_code != CLD_EXITED || info.si_status != 0)
        describe_end(&info, out, size);
    else if (has_children())
        snprintf(out, size, "left a process behind while loading");
}

static void
keeper_run(const char *path, int (*load)(const char *path, struct err *err), int to_launcher)
{
    char verdict[sizeof((struct err *)0)->text];
    int report[2], pidfd;
    pid_t child;

    signal(SIGCHLD, SIG_DFL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (pipe2(report, O_CLOEXEC | O_NONBLOCK) < 0 || (child = fork()) < 0) {
        say(to_launcher, "no process to try it in");
        _exit(1);
    }
    if (child == 0)
        child_run(path, load, report[1]);
    pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    keeper_watch(child, pidfd, report[0], verdict, sizeof verdict);
    sweep_descendants();
    say(to_launcher, verdict);
    _exit(0);
}

int
loader_probe(const char *path, int (*load)(const char *path, struct err *err), struct err *err)
{
    char verdict[sizeof err->text];
    size_t len = 0;
    ssize_t n;
    int ends[2];
    pid_t keeper;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set(err, STATUS_MACHINE, "cannot be tried: pipe: %s", strerror(errno));
    keeper = fork();
    if (keeper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        keeper_run(path, load, ends[1]);
    }
    close(ends[1]);
    while (keeper > 0 && len < sizeof verdict - 1 &&
           ((n = read(ends[0], verdict + len, sizeof verdict - 1 - len)) > 0 ||
            (n < 0 && errno == EINTR)))
        len += n > 0 ? (size_t)n : 0;
    verdict[len] = '\0';
    close(ends[0]);
    if (keeper < 0)
        return err_set(err, STATUS_MACHINE, "cannot be tried: fork: %s", strerror(errno));
    /* Where SIGCHLD is ignored there is nothing to wait for, and the kernel says so at once. */
    while (waitpid(keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    if (strcmp(verdict, GOOD) == 0)
        return 0;
    return err_set(err, STATUS_MACHINE, "%s", len > 0 ? verdict : "could not be tried");
}
