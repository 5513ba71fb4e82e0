/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See child.h. Ctrl-C goes to all processes of the terminal's foreground group. The shell holds it
 * back from before the child is there until after it is gone, so that one that comes too early for
 * the child can be handed on to it, and none is taken for one of the prompt. */
#include "front/child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "front/signals.h"

static cpu_set_t all_cpus; /* where the shell might run before it chose */
static bool pinned;
static sigset_t before; /* what was blocked before a child was started */

void
child_pin(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();

    if (cpu < 0 || sched_getaffinity(0, sizeof all_cpus, &all_cpus) < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    pinned = sched_setaffinity(0, sizeof set, &set) == 0;
}

const cpu_set_t *
child_cpus(void)
{
    return pinned ? &all_cpus : NULL;
}

static void
just_ctrl_c(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
}

/* Each of input and output is -1 where the child has ours. */
static int
spawn(const char *const *argv, int input, int output, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    cpu_set_t here;
    bool moved = pinned && sched_getaffinity(0, sizeof here, &here) == 0;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    if (input >= 0)
        posix_spawn_file_actions_adddup2(&files, input, 0);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (moved)
        sched_setaffinity(0, sizeof all_cpus, &all_cpus);
    error =
        posix_spawnp(pid, argv[0], &files, &attributes, (char *const *)(uintptr_t)argv, environ);
    if (moved)
        sched_setaffinity(0, sizeof here, &here);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int
child_start(const char *const *argv, int input, int output, pid_t *pid)
{
    sigset_t ctrl_c, pending;
    int error = EINTR;

    just_ctrl_c(&ctrl_c);
    sigprocmask(SIG_BLOCK, &ctrl_c, &before);
    if (!front_signals_interrupted())
        error = spawn(argv, input, output, pid);
    if (error != 0)
        sigprocmask(SIG_SETMASK, &before, NULL);
    else if (sigpending(&pending) == 0 && sigismember(&pending, SIGINT))
        kill(*pid, SIGINT); /* it may have come before the child did */
    return error;
}

int
child_job(const char *const *argv, int input, int output, int errors, pid_t *pid)
{
    pid_t parent = getpid();
    sigset_t none;

    *pid = fork();
    if (*pid != 0)
        return *pid < 0 ? errno : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(STATUS_MACHINE);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(errors, 2) == 2)
        execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(STATUS_MACHINE);
}

int
child_wait(pid_t pid)
{
    sigset_t ctrl_c;
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    just_ctrl_c(&ctrl_c);
    sigtimedwait(&ctrl_c, NULL, &(struct timespec){0}); /* it was the child's */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
