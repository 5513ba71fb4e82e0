/* SPDX-License-Identifier: GPL-3.0-or-later
 * See shell_out.h. The program finds signals, CPUs and the terminal as a shell would give them to
 * it, whatever the session has made of them for itself. */
#include "front/shell_out.h"

#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>

#include "front/editor.h"
#include "front/signals.h"

/* Where the shell might run before it chose. */
static cpu_set_t all_cpus;
static bool pinned;

void
shell_out_pin(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();

    if (cpu < 0 || sched_getaffinity(0, sizeof all_cpus, &all_cpus) < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    pinned = sched_setaffinity(0, sizeof set, &set) == 0;
}

static int
start(const struct console *c, const char *const *argv, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    if (!c->shows) /* stdout is the trace and nothing else */
        posix_spawn_file_actions_adddup2(&files, 2, 1);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error =
        posix_spawnp(pid, argv[0], &files, &attributes, (char *const *)(uintptr_t)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int
shell_out(void *ctx, const char *const *argv, struct err *err)
{
    cpu_set_t here;
    const struct console *c = ctx;
    struct termios terminal;
    bool is_terminal;
    int status = 0, error;
    pid_t pid;

    fflush(NULL);
    if (c->session->interactive)
        editor_lend();
    is_terminal = tcgetattr(0, &terminal) == 0;
    if (pinned && sched_getaffinity(0, sizeof here, &here) == 0)
        sched_setaffinity(0, sizeof all_cpus, &all_cpus);
    error = start(c, argv, &pid);
    if (pinned)
        sched_setaffinity(0, sizeof here, &here);
    while (error == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ; /* a Ctrl-C was for the program */
    if (is_terminal)
        tcsetattr(0, TCSADRAIN, &terminal);
    if (c->session->interactive)
        editor_take_back();
    front_signals_clear_interrupt();
    if (error != 0)
        return err_set(err, STATUS_MACHINE, "%.200s cannot be run: %s (%s)", argv[0],
                       strerrorname_np(error), strerror(error));
    return status;
}
