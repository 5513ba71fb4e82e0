/* SPDX-License-Identifier: GPL-3.0-or-later
 * See signals.h. */
#include "front/signals.h"

#include <errno.h>
#include <sys/signalfd.h>

static volatile sig_atomic_t ctrl_c, ending;
static void (*on_suspend)(bool resumed);
static int descriptor = -1;
static sigset_t taken; /* those that the prompt takes from the descriptor */

static void
on_sigint(int sig)
{
    (void)sig;
    ctrl_c = 1;
}

static void
on_ending(int sig)
{
    ending = sig;
    ctrl_c = 1; /* whoever waits stops waiting */
}

/* Ctrl-Z: the terminal is put right, and then the signal does what it always does. Where no shell
 * would ever continue us (an orphaned process group) the kernel leaves it without effect. */
static void
stop_now(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL}, before;
    sigset_t one, mask;
    int saved = errno;

    if (on_suspend != NULL)
        on_suspend(false);
    sigaction(SIGTSTP, &normal, &before);
    sigemptyset(&one);
    sigaddset(&one, SIGTSTP);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &one, &mask); /* stops here */
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &before, NULL);
    if (on_suspend != NULL)
        on_suspend(true);
    errno = saved;
}

static void
on_sigtstp(int sig)
{
    (void)sig;
    stop_now();
}

static void
handle(int sig, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigaction(sig, &action, NULL);
}

void
front_signals_start(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    handle(SIGCHLD, SIG_DFL);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
    handle(SIGINT, on_sigint);
}

bool
front_signals_interrupted(void)
{
    return ctrl_c != 0;
}

void
front_signals_clear_interrupt(void)
{
    ctrl_c = ending != 0;
}

int
front_signals_ending(void)
{
    return ending;
}

int
front_signals_open(void (*suspend)(bool resumed))
{
    static const int all[] = {SIGINT, SIGTSTP, SIGWINCH, SIGHUP, SIGTERM};

    on_suspend = suspend;
    sigemptyset(&taken);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sigaddset(&taken, all[i]);
    handle(SIGTSTP, on_sigtstp);
    handle(SIGHUP, on_ending);
    handle(SIGTERM, on_ending);
    handle(SIGQUIT, SIG_IGN); /* a slip of the finger must not cost the session */
    descriptor = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    return descriptor;
}

void
front_signals_at_prompt(bool yes)
{
    sigprocmask(yes ? SIG_BLOCK : SIG_UNBLOCK, &taken, NULL);
}

struct signals_taken
front_signals_take(void)
{
    struct signals_taken t = {.interrupt = ctrl_c != 0 && ending == 0, .ends = ending};
    struct signalfd_siginfo info;

    ctrl_c = ending != 0;
    while (read(descriptor, &info, sizeof info) == (ssize_t)sizeof info) {
        switch ((int)info.ssi_signo) {
        case SIGINT:
            t.interrupt = true;
            break;
        case SIGWINCH:
            t.resized = true;
            break;
        case SIGTSTP:
            stop_now();
            t.resized = t.resumed = true;
            break;
        default:
            t.ends = (int)info.ssi_signo;
            break;
        }
    }
    return t;
}
