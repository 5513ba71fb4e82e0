/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals of an actor that are the host's business: every disposition starts as after exec; a
 * fault tells its address before the process really dies of it; one real-time signal is reserved
 * for `interrupt`. */
#include <errno.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "proc/actor.h"

static int fault_control = -1;

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

int
signals_interrupt(void)
{
    return SIGRTMAX;
}

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
    sigaction(signals_interrupt(), &interrupt, NULL);
}
