/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals of an actor that are the host's business: every disposition starts as after exec; a
 * fault tells its address before the process really dies of it; one real-time signal is reserved
 * for `interrupt`; handlers of students tell that they run, and timers that they do. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <ucontext.h>

#include "proc/actor.h"
#include "proc/signals.h"

enum { NS_PER_S = 1000000000, NS_PER_US = 1000 };

static int fault_control = -1;
static bool timers_used; /* by this process or one that it was forked from */

/* 'w' or 'r' where the processor tells what the instruction did; else 0. */
static int
access_of(const void *context)
{
#if defined(__x86_64__)
    enum { PAGE_FAULT = 14, DID_WRITE = 2 };
    const ucontext_t *u = context;

    if (u->uc_mcontext.gregs[REG_TRAPNO] == PAGE_FAULT)
        return (u->uc_mcontext.gregs[REG_ERR] & DID_WRITE) != 0 ? 'w' : 'r';
#else
    (void)context;
#endif
    return 0;
}

/* Runs on its own stack, for a fault may be the end of the stack. The default action is in force
 * again when it returns (SA_RESETHAND), the instruction faults again, and the kernel kills. */
static void
on_fault(int sig, siginfo_t *info, void *context)
{
    struct {
        uint32_t type, request;
        int64_t sig, address, code, access;
    } frame = {FRAME_FAULT,       0, sig, (int64_t)(intptr_t)info->si_addr, info->si_code,
               access_of(context)};

    if (info->si_code > 0 && write(fault_control, &frame, sizeof frame) < 0)
        return;
    if (info->si_code <= 0) /* sent by somebody, not a fault: it would not come again */
        raise(sig);
}

static void
on_interrupt(int sig)
{
    (void)sig;
}

void
host_handled(const char *name, int sig, int code, pid_t pid, int64_t value, int restarts)
{
    struct {
        uint32_t type, request;
        int64_t sig, code, pid, value, restarts;
        char name[HANDLER_NAME_MAX + 1];
    } frame = {FRAME_SIGNAL, self_process.running, sig, code, pid, value, restarts, ""};
    int error = errno;

    for (size_t i = 0; i < HANDLER_NAME_MAX && name[i] != '\0'; i++)
        frame.name[i] = name[i];
    while (send(fault_control, &frame, sizeof frame, MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
    errno = error;
}

/* ---- Timers -------------------------------------------------------------------------------- */

static int64_t
nanoseconds(struct timeval t)
{
    return t.tv_sec * (int64_t)NS_PER_S + t.tv_usec * (int64_t)NS_PER_US;
}

static void
put_timer(struct buf *facts, int sig, int64_t ns, int64_t interval)
{
    wire_u8(facts, FACT_TIMER);
    wire_i64(facts, sig);
    wire_i64(facts, ns);
    wire_i64(facts, interval);
}

void
host_timer(struct ipclab_frame *f, int sig, int64_t ns, int64_t interval)
{
    timers_used = true;
    put_timer(&f->facts, sig, ns, interval);
}

/* SIGALRM ends a call by its default action or by a handler that does not restart it. What is left
 * of the timer is told anew. */
bool
signals_timer_ends(struct buf *facts)
{
    struct itimerval now;
    struct sigaction action;
    sigset_t blocked;

    if (!timers_used || getitimer(ITIMER_REAL, &now) < 0)
        return false;
    put_timer(facts, SIGALRM, nanoseconds(now.it_value), nanoseconds(now.it_interval));
    if (nanoseconds(now.it_value) == 0 || sigprocmask(SIG_BLOCK, NULL, &blocked) < 0 ||
        sigismember(&blocked, SIGALRM) || sigaction(SIGALRM, NULL, &action) < 0)
        return false;
    return action.sa_handler == SIG_DFL ||
           (action.sa_handler != SIG_IGN && (action.sa_flags & SA_RESTART) == 0);
}

/* ---- What is the host's own ---------------------------------------------------------------- */

void
signals_forked(int control)
{
    fault_control = control;
}

void
signals_start(int control)
{
    struct sigaction fault = {.sa_sigaction = on_fault,
                              .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    struct sigaction interrupt = {.sa_handler = on_interrupt};
    stack_t stack = {.ss_size = 65536};
    sigset_t none;

    fault_control = control;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP)
            signal(s, SIG_DFL);
    stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack.ss_sp != MAP_FAILED && sigaltstack(&stack, NULL) == 0) {
        sigaction(SIGSEGV, &fault, NULL);
        sigaction(SIGBUS, &fault, NULL);
    }
    sigaction(IPCLAB_RESERVED_SIGNAL, &interrupt, NULL);
}
