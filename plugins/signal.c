/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signal - numbers that interrupt: sent, blocked, pending, handled, waited for.
 *
 * Everything is the kernel's own. Handlers of students are one function here, which tells the host
 * what it saw each time it runs and returns; the names that students give it are kept beside it.
 * What is pending or blocked in another process is read from /proc, as a student could. In order:
 * sets and handlers, sending, blocking and waiting, timers, groups, the state of a process's
 * signals, why a call waits for one, the records. */
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    LAST = 64,          /* the highest signal of Linux */
    FIRST_RT = 34,      /* SIGRTMIN: libc keeps 32 and 33 for itself */
    HANDLERS = 64,      /* names that a process may give */
    FIRST_HANDLER = 16, /* what signal(2) returns for the first of them; 0 is SIG_DFL, 1 SIG_IGN */
    NAME_MAX_BYTES = 31,
    FIRST_ADDRESS = 65536, /* what is below is no name */
    ONLY_ASK = -2,         /* sigaction without a handler */
    MS_PER_S = 1000,
    US_PER_MS = 1000,
};
enum { DEFAULT = -1, IGNORE = -2, NO_HANDLER = -3 };
#define NS_PER_S INT64_C(1000000000)

/* ---- Sets -------------------------------------------------------------------------------- */

static uint64_t
bit(int sig)
{
    return UINT64_C(1) << (sig - 1);
}

static bool
has(uint64_t set, int sig)
{
    return (set & bit(sig)) != 0;
}

static void
signal_name(char *out, size_t room, int sig)
{
    const char *name = sigabbrev_np(sig);

    if (name != NULL)
        snprintf(out, room, "SIG%s", name);
    else if (sig >= FIRST_RT && sig <= LAST)
        snprintf(out, room, sig == FIRST_RT ? "SIGRTMIN" : "SIGRTMIN+%d", sig - FIRST_RT);
    else
        snprintf(out, room, "signal %d", sig);
}

static void
add_names(char *out, size_t room, uint64_t set)
{
    size_t n = strlen(out);

    for (int sig = 1; sig <= LAST && n + 16 < room; sig++) {
        char name[32];

        if (!has(set, sig))
            continue;
        signal_name(name, sizeof name, sig);
        n += (size_t)snprintf(out + n, room - n, "%s%s", n > 0 ? " " : "", name);
    }
}

/* "SIGUSR1 SIGTERM", or "all but SIGUSR1" of a set that has most. */
static void
set_text(char *out, size_t room, uint64_t set)
{
    uint64_t libc = bit(32) | bit(33); /* whatever was inherited of these is no student's */
    uint64_t cannot = bit(SIGKILL) | bit(SIGSTOP) | libc | bit(LAST);
    uint64_t missing = ~set & ~cannot;

    set &= ~libc;
    out[0] = '\0';
    if (__builtin_popcountll(missing) >= __builtin_popcountll(set)) {
        add_names(out, room, set);
        return;
    }
    snprintf(out, room, missing != 0 ? "all but" : "all");
    add_names(out, room, missing);
}

static uint64_t
from_sigset(const sigset_t *set)
{
    uint64_t out = 0;

    for (int sig = 1; sig <= LAST; sig++)
        if (sigismember(set, sig) == 1)
            out |= bit(sig);
    return out;
}

static int
refuse_reserved(const struct ipclab_host *host, struct ipclab_frame *frame, int sig)
{
    if (sig != IPCLAB_RESERVED_SIGNAL)
        return 0;
    host->note(frame, "signal %d (SIGRTMAX) is reserved here: `interrupt` ends calls with it", sig);
    errno = EINVAL;
    return -1;
}

/* The signals of arguments from `first` on. -1 and errno EINVAL for a number that is none. */
static int
to_sigset(const struct ipclab_host *host, struct ipclab_frame *frame,
          const struct ipclab_args *args, int first, sigset_t *set)
{
    sigemptyset(set);
    for (int i = first; i < args->n; i++) {
        int sig = (int)args->v[i].i;

        if (refuse_reserved(host, frame, sig) < 0 || sigaddset(set, sig) < 0)
            return -1;
    }
    return 0;
}

static void
fact_set(const struct ipclab_host *host, struct ipclab_frame *frame, const char *name, uint64_t set)
{
    char text[600];

    set_text(text, sizeof text, set);
    host->fact_text(frame, name, set != 0 ? text : "none");
}

/* The object that stands for the signals of a process. */
static void
name_signals(const struct ipclab_host *host, struct ipclab_frame *frame, pid_t pid)
{
    host->object(frame, "signals", (uint64_t)pid, 0);
}

/* ---- Handlers ---------------------------------------------------------------------------- */

static bool in_actor;                            /* set as one starts; the observer is none */
static const struct ipclab_host *teller;         /* for the handler, which is given nothing */
static char names[HANDLERS][NAME_MAX_BYTES + 1]; /* of handlers, in the order of their first use */
static int nnames;
static int name_of[LAST + 1];            /* index of the name of a signal's handler */
static bool wants_info[LAST + 1];        /* SA_SIGINFO by the student; ours always has it */
static struct sigaction begun[LAST + 1]; /* dispositions as the process began */

static bool
is_fault(int sig)
{
    return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL;
}

/* Who sent it is only told of these. */
static bool
has_sender(int sig, int code)
{
    return code == SI_USER || code == SI_QUEUE || code == SI_TKILL || code == SI_MESGQ ||
           (sig == SIGCHLD && code > 0);
}

/* A handler that returns from a fault would be called again at once, for ever: the second time the
 * default action is in force. */
static void
on_signal(int sig, siginfo_t *info, void *context)
{
    struct sigaction now;
    int error = errno;

    (void)context;
    sigaction(sig, NULL, &now);
    teller->handled(names[name_of[sig]], sig,
                    info->si_code == SI_QUEUE && !wants_info[sig] ? SI_USER : info->si_code,
                    has_sender(sig, info->si_code) ? info->si_pid : 0,
                    info->si_code == SI_QUEUE ? info->si_value.sival_int : 0,
                    (now.sa_flags & SA_RESTART) != 0);
    if (is_fault(sig) && info->si_code > 0)
        sigaction(sig, &begun[sig], NULL);
    errno = error;
}

static bool
is_ours(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == on_signal;
}

/* Index of a name, kept from now on; -1: too many. */
static int
keep_name(const char *name)
{
    for (int i = 0; i < nnames; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (nnames == HANDLERS)
        return -1;
    snprintf(names[nnames], sizeof names[nnames], "%.*s", NAME_MAX_BYTES, name);
    return nnames++;
}

/* What a handler argument stands for: its index, DEFAULT or IGNORE; NO_HANDLER and errno. */
static int
handler_index(const union ipclab_value *value)
{
    int index;

    if (value->i == 0 || value->i == 1)
        return value->i == 0 ? DEFAULT : IGNORE;
    if (value->i >= FIRST_HANDLER && value->i < FIRST_HANDLER + nnames)
        return (int)value->i - FIRST_HANDLER;
    if (value->i < FIRST_ADDRESS) {
        errno = EINVAL;
        return NO_HANDLER;
    }
    index = keep_name(value->s);
    if (index < 0)
        errno = ENOMEM;
    return index < 0 ? NO_HANDLER : index;
}

/* As signal(2) returns it. A number takes the place of the address, so that it repeats. */
static int64_t
handler_value(int sig, const struct sigaction *action)
{
    if (is_ours(action))
        return FIRST_HANDLER + name_of[sig];
    return action->sa_handler == SIG_IGN ? 1 : 0;
}

static const char *
handler_text(int64_t value)
{
    return value == 0 ? "SIG_DFL" : value == 1 ? "SIG_IGN" : names[value - FIRST_HANDLER];
}

static const struct ipclab_constant action_flags[] = {
    {"SA_RESTART", SA_RESTART, "calls that it interrupts start again by themselves"},
    {"SA_SIGINFO", SA_SIGINFO, "the handler sees who sent it, and the value of sigqueue"},
    {"SA_RESETHAND", (int64_t)SA_RESETHAND, "once: then the default action is back"},
    {"SA_NODEFER", SA_NODEFER, "the same signal is not blocked while the handler runs"},
    {"SA_NOCLDSTOP", SA_NOCLDSTOP, "no SIGCHLD when children stop or go on"},
    {"SA_NOCLDWAIT", SA_NOCLDWAIT, "children that end leave no zombie"},
    {"SA_ONSTACK", SA_ONSTACK, "it runs on the alternative stack"},
    {0},
};

static void
flags_text(char *out, size_t room, int64_t flags)
{
    size_t n = 0;

    out[0] = '\0';
    for (const struct ipclab_constant *k = action_flags; k->name != NULL; k++)
        if ((flags & k->value) == k->value && n < room)
            n += (size_t)snprintf(out + n, room - n, "%s%s", n > 0 ? "|" : "", k->name);
    if (n == 0)
        snprintf(out, room, "0");
}

static int
install(const struct ipclab_host *host, int sig, int index, int flags)
{
    struct sigaction action = {0};

    teller = host;
    sigemptyset(&action.sa_mask);
    action.sa_flags = flags;
    if (index == IGNORE) {
        action.sa_handler = SIG_IGN;
    } else if (index == DEFAULT && begun[sig].sa_handler != SIG_DFL) {
        action = begun[sig]; /* the host's own, which says where a fault was */
    } else if (index == DEFAULT) {
        action.sa_handler = SIG_DFL;
    } else {
        action.sa_sigaction = on_signal;
        action.sa_flags |= SA_SIGINFO;
    }
    if (sigaction(sig, &action, NULL) < 0)
        return -1;
    if (index >= 0)
        name_of[sig] = index;
    wants_info[sig] = (flags & SA_SIGINFO) != 0;
    return 0;
}

/* The name must be in place before the handler can run, and the old one is asked for before. */
static int
set_handler(const struct ipclab_host *host, struct ipclab_frame *frame, int sig,
            const union ipclab_value *value, int flags, int64_t *previous)
{
    struct sigaction old;
    sigset_t one, before;
    int index = handler_index(value), result;

    if (index == NO_HANDLER || refuse_reserved(host, frame, sig) < 0)
        return -1;
    if (sigaction(sig, NULL, &old) < 0)
        return -1;
    *previous = handler_value(sig, &old);
    sigemptyset(&one);
    sigaddset(&one, sig);
    sigprocmask(SIG_BLOCK, &one, &before);
    result = install(host, sig, index, flags);
    if (result < 0 && errno == EINVAL && (sig == SIGKILL || sig == SIGSTOP))
        host->note(frame,
                   "%s always has its default action: otherwise a process could make "
                   "itself impossible to %s",
                   sig == SIGKILL ? "SIGKILL" : "SIGSTOP", sig == SIGKILL ? "end" : "stop");
    sigprocmask(SIG_SETMASK, &before, NULL);
    return result;
}

static int64_t
run_signal(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int64_t previous;

    /* As signal(3) of glibc does it, which asks for SA_RESTART. */
    if (set_handler(host, frame, (int)args->v[0].i, &args->v[1], SA_RESTART, &previous) < 0)
        return -1;
    host->fact_text(frame, "previous", handler_text(previous));
    return previous;
}

static int64_t
run_sigaction(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int sig = (int)args->v[0].i, flags;
    struct sigaction old;
    int64_t previous;
    char text[128];

    if (refuse_reserved(host, frame, sig) < 0 || sigaction(sig, NULL, &old) < 0)
        return -1;
    flags = old.sa_flags;
    if (is_ours(&old) && !wants_info[sig])
        flags &= ~SA_SIGINFO;
    previous = handler_value(sig, &old);
    if (previous == 0 && begun[sig].sa_handler != SIG_DFL && !is_ours(&old))
        flags = 0; /* those of the host */
    if (args->v[1].i != ONLY_ASK &&
        set_handler(host, frame, sig, &args->v[1], (int)args->v[2].i, &previous) < 0)
        return -1;
    host->fact_text(frame, args->v[1].i == ONLY_ASK ? "handler" : "previous",
                    handler_text(previous));
    flags_text(text, sizeof text, flags);
    host->fact_text(frame, args->v[1].i == ONLY_ASK ? "flags" : "previous_flags", text);
    return 0;
}

/* Once in each actor. */
static void
start(void)
{
    in_actor = true;
    for (int sig = 1; sig <= LAST; sig++)
        if (sigaction(sig, NULL, &begun[sig]) < 0)
            begun[sig].sa_handler = SIG_DFL;
}

/* ---- Sets of a process, as the kernel tells them ------------------------------------------ */

struct sets {
    uint64_t own, shared, pending; /* pending for its thread (raise), for the process, both */
    uint64_t blocked, ignored, caught;
    char state; /* R, S, T, Z ... */
};

static uint64_t
field(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/* dir is a name in /proc. What ipclab keeps for itself is left out. */
static bool
read_sets(const char *dir, struct sets *s)
{
    char path[64], text[4096];
    const char *state;
    ssize_t n;
    int fd;

    *s = (struct sets){0};
    snprintf(path, sizeof path, "/proc/%s/status", dir);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    state = strstr(text, "\nState:\t");
    s->state = state != NULL ? state[8] : '?';
    s->own = field(text, "\nSigPnd:\t");
    s->shared = field(text, "\nShdPnd:\t");
    s->pending = s->own | s->shared;
    s->blocked = field(text, "\nSigBlk:\t");
    s->ignored = field(text, "\nSigIgn:\t");
    s->caught = field(text, "\nSigCgt:\t") & ~(bit(SIGSEGV) | bit(SIGBUS) | bit(LAST));
    s->pending &= ~(bit(SIGKILL) | bit(LAST));
    return s->state != 'Z' && s->state != 'X';
}

/* In an actor: is /proc the one of its own world? */
static bool
proc_is_ours(void)
{
    char link[32];
    ssize_t n = readlink("/proc/self", link, sizeof link - 1);

    if (n <= 0)
        return false;
    link[n] = '\0';
    return strtol(link, NULL, 10) == getpid();
}

/* By its pid in the world; false: not known here. */
static bool
sets_of(pid_t pid, struct sets *s)
{
    char dir[32];

    if (pid == getpid())
        return read_sets("self", s);
    if (!proc_is_ours())
        return false;
    snprintf(dir, sizeof dir, "%d", pid);
    return read_sets(dir, s);
}

/* ---- Sending ----------------------------------------------------------------------------- */

/* What is worth knowing before the signal is sent. */
static void
note_target(const struct ipclab_host *host, struct ipclab_frame *frame, pid_t pid, int sig,
            bool raised)
{
    char name[32];
    struct sets s;

    signal_name(name, sizeof name, sig);
    if (pid == 1 && sig > 0 && host->sealed(frame))
        host->note(frame, "process 1 gets only signals that it has a handler for, even SIGKILL: "
                          "without it the world would end");
    if (pid <= 0 && sig == SIGINT)
        host->note(frame, "this is what Ctrl+C does: the terminal sends SIGINT to each process of "
                          "the group in the foreground");
    if (pid <= 1 || sig <= 0 || sig >= FIRST_RT || !sets_of(pid, &s))
        return;
    if (has(raised ? s.own : s.shared, sig) && (has(s.blocked, sig) || s.state == 'T'))
        host->note(frame,
                   "%s was pending there already: a standard signal is a mark and no queue, "
                   "so the two are one",
                   name);
}

/* Is it a child of ours that is dead and not waited for? */
static bool
is_own_zombie(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* May it be sent at all? Names whom it concerns, and tells the host. */
static bool
about_to_send(const struct ipclab_host *host, struct ipclab_frame *frame, pid_t pid, int sig,
              bool raised)
{
    if (refuse_reserved(host, frame, sig) < 0 || !host->reaches(frame, pid))
        return false;
    if (pid > 1 && kill(pid, 0) == 0) {
        name_signals(host, frame, pid);
        if (is_own_zombie(pid))
            host->note(frame, "that child is a zombie: it exists, so this succeeds, and it can "
                              "feel nothing any more");
    }
    note_target(host, frame, pid, sig, raised);
    if (sig > 0 && sig <= LAST)
        host->sends(frame, pid, sig);
    return true;
}

static int64_t
run_kill(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pid_t pid = (pid_t)args->v[0].i;
    int sig = (int)args->v[1].i;

    return about_to_send(host, frame, pid, sig, false) ? kill(pid, sig) : -1;
}

static int64_t
run_killpg(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pid_t group = (pid_t)args->v[0].i;
    int sig = (int)args->v[1].i;

    if (group < 0) {
        errno = EINVAL;
        return -1;
    }
    return about_to_send(host, frame, -group, sig, false) ? killpg(group, sig) : -1;
}

static int64_t
run_raise(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int sig = (int)args->v[0].i;

    return about_to_send(host, frame, getpid(), sig, true) ? raise(sig) : -1;
}

static int64_t
run_sigqueue(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    pid_t pid = (pid_t)args->v[0].i;
    int sig = (int)args->v[1].i;
    union sigval value = {.sival_ptr = NULL};
    struct rlimit limit;
    int result;

    value.sival_int = (int)args->v[2].i;
    if (!about_to_send(host, frame, pid, sig, false))
        return -1;
    result = sigqueue(pid, sig, value);
    if (result < 0 && errno == EAGAIN && getrlimit(RLIMIT_SIGPENDING, &limit) == 0) {
        host->note(frame, "RLIMIT_SIGPENDING allows this user %llu signals that wait",
                   (unsigned long long)limit.rlim_cur);
        errno = EAGAIN;
    }
    return result;
}

/* ---- Blocking and waiting ---------------------------------------------------------------- */

static int64_t
run_sigprocmask(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    sigset_t set, now;

    if (to_sigset(host, frame, args, 1, &set) < 0)
        return -1;
    name_signals(host, frame, getpid());
    if (sigismember(&set, SIGKILL) == 1 || sigismember(&set, SIGSTOP) == 1)
        host->note(frame, "SIGKILL and SIGSTOP cannot be blocked: they are passed over without an "
                          "error");
    if (sigprocmask((int)args->v[0].i, args->n > 1 || args->v[0].i == SIG_SETMASK ? &set : NULL,
                    NULL) < 0)
        return -1;
    if (sigprocmask(SIG_BLOCK, NULL, &now) == 0)
        fact_set(host, frame, "blocked", from_sigset(&now));
    return 0;
}

static int64_t
run_sigpending(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sigset_t set;

    (void)args;
    if (sigpending(&set) < 0)
        return -1;
    name_signals(host, frame, getpid());
    fact_set(host, frame, "pending", from_sigset(&set));
    return 0;
}

static int64_t
run_pause(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)args;
    name_signals(host, frame, getpid());
    return pause();
}

static int64_t
run_sigsuspend(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sigset_t set;

    if (to_sigset(host, frame, args, 0, &set) < 0)
        return -1;
    name_signals(host, frame, getpid());
    return sigsuspend(&set);
}

/* What a signal that was taken says. */
static void
report_info(const struct ipclab_host *host, struct ipclab_frame *frame, int sig, int code,
            pid_t pid, int value)
{
    char text[32];

    signal_name(text, sizeof text, sig);
    host->fact_text(frame, "signal", text);
    if (has_sender(sig, code) && pid > 0)
        host->fact_process(frame, "from", pid);
    if (code == SI_QUEUE)
        host->fact(frame, "value", value);
}

static void
report_timer(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct itimerval now;

    if (getitimer(ITIMER_REAL, &now) == 0)
        host->timer(frame, SIGALRM, now.it_value.tv_sec * NS_PER_S + now.it_value.tv_usec * 1000LL,
                    now.it_interval.tv_sec * NS_PER_S + now.it_interval.tv_usec * 1000LL);
}

static int64_t
wait_for(const struct ipclab_host *host, struct ipclab_frame *frame, const struct ipclab_args *args,
         int first, const struct timespec *time)
{
    sigset_t set, blocked;
    siginfo_t info;
    uint64_t open;
    int sig;

    if (to_sigset(host, frame, args, first, &set) < 0)
        return -1;
    name_signals(host, frame, getpid());
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    open = from_sigset(&set) & ~from_sigset(&blocked) & ~(bit(SIGKILL) | bit(SIGSTOP));
    if (open != 0) {
        char text[600];

        set_text(text, sizeof text, open);
        host->note(frame,
                   "%s should be blocked: what comes outside of this call takes its usual "
                   "action and is not kept for it",
                   text);
    }
    sig = time != NULL ? sigtimedwait(&set, &info, time) : sigwaitinfo(&set, &info);
    if (sig < 0)
        return -1;
    report_info(host, frame, sig, info.si_code, info.si_pid, info.si_value.sival_int);
    if (sig == SIGALRM)
        report_timer(host, frame);
    return sig;
}

static int64_t
run_sigwaitinfo(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    return wait_for(host, frame, args, 0, NULL);
}

static int64_t
run_sigtimedwait(const struct ipclab_host *host, struct ipclab_frame *frame,
                 struct ipclab_args *args)
{
    struct timespec time = {.tv_sec = args->v[0].i / MS_PER_S,
                            .tv_nsec = args->v[0].i % MS_PER_S * 1000000};

    return wait_for(host, frame, args, 1, args->v[0].i < 0 ? NULL : &time);
}

static int64_t
run_signalfd(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    sigset_t set, blocked;
    int fd;

    if (to_sigset(host, frame, args, 2, &set) < 0)
        return -1;
    fd = signalfd((int)args->v[0].i, &set, (int)args->v[1].i);
    if (fd < 0)
        return -1;
    name_signals(host, frame, getpid());
    fact_set(host, frame, "mask", from_sigset(&set));
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    if ((from_sigset(&set) & ~from_sigset(&blocked) & ~(bit(SIGKILL) | bit(SIGSTOP))) != 0)
        host->note(frame, "block these signals too (sigprocmask): one that is not blocked takes "
                          "its usual action and never comes to the descriptor");
    return fd;
}

/* Not a system call: what C does by looking into the struct that read(2) filled. */
static int64_t
run_siginfo(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct signalfd_siginfo info;

    memcpy(&info, args->v[0].p, sizeof info);
    report_info(host, frame, (int)info.ssi_signo, info.ssi_code, (pid_t)info.ssi_pid, info.ssi_int);
    return info.ssi_signo;
}

/* ---- Timers ------------------------------------------------------------------------------ */

/* Does SIGALRM come, and is it let in? */
static bool
alarm_comes(uint64_t blocked)
{
    struct itimerval now;
    struct sigaction action;

    return getitimer(ITIMER_REAL, &now) == 0 &&
           (now.it_value.tv_sec > 0 || now.it_value.tv_usec > 0) && !has(blocked, SIGALRM) &&
           sigaction(SIGALRM, NULL, &action) == 0 && action.sa_handler != SIG_IGN;
}

static uint64_t
set_from(const struct ipclab_args *args, int first)
{
    uint64_t set = 0;

    for (int i = first; i < args->n; i++)
        if (args->v[i].i > 0 && args->v[i].i <= LAST)
            set |= bit((int)args->v[i].i);
    return set;
}

static int
timed_pause(const struct ipclab_args *args)
{
    sigset_t blocked;

    (void)args;
    return sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && alarm_comes(from_sigset(&blocked));
}

static int
timed_sigsuspend(const struct ipclab_args *args)
{
    return alarm_comes(set_from(args, 0));
}

static int
timed_sigwaitinfo(const struct ipclab_args *args)
{
    return has(set_from(args, 0), SIGALRM) && alarm_comes(0);
}

static int
timed_sigtimedwait(const struct ipclab_args *args)
{
    return args->v[0].i >= 0 || (has(set_from(args, 1), SIGALRM) && alarm_comes(0));
}

static void
note_alarm(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    struct sigaction action;

    if (sigaction(SIGALRM, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        host->note(frame, "SIGALRM has its default action, which ends the process: set a handler "
                          "before the time is over");
}

static int64_t
run_alarm(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    unsigned left = alarm((unsigned)args->v[0].i);

    report_timer(host, frame);
    if (args->v[0].i > 0)
        note_alarm(host, frame);
    return left;
}

static int64_t
milliseconds(struct timeval t)
{
    return t.tv_sec * MS_PER_S + (t.tv_usec + US_PER_MS / 2) / US_PER_MS;
}

static struct timeval
of_milliseconds(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / MS_PER_S, .tv_usec = ms % MS_PER_S * US_PER_MS};
}

static int64_t
run_setitimer(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct itimerval timer = {.it_value = of_milliseconds(args->v[1].i),
                              .it_interval = of_milliseconds(args->v[2].i)};
    struct itimerval old;

    if (setitimer((__itimer_which_t)args->v[0].i, &timer, &old) < 0)
        return -1;
    host->volatile_fact(frame, "left_ms", milliseconds(old.it_value));
    if (args->v[0].i != ITIMER_REAL) {
        host->note(frame, "this timer counts only time in which the process computes: while it "
                          "waits, as here between its calls, it stands still");
        return 0;
    }
    report_timer(host, frame);
    if (args->v[1].i > 0)
        note_alarm(host, frame);
    return 0;
}

static int64_t
run_getitimer(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct itimerval now;

    if (getitimer((__itimer_which_t)args->v[0].i, &now) < 0)
        return -1;
    host->volatile_fact(frame, "left_ms", milliseconds(now.it_value));
    host->fact(frame, "interval_ms", milliseconds(now.it_interval));
    return 0;
}

/* ---- Process groups ---------------------------------------------------------------------- */

static int64_t
run_setpgid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return setpgid((pid_t)args->v[0].i, (pid_t)args->v[1].i);
}

static int64_t
run_getpgid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return getpgid((pid_t)args->v[0].i);
}

/* ---- State ------------------------------------------------------------------------------- */

static void
put_state(const struct ipclab_look_host *host, struct ipclab_look *look, const char *of,
          const struct sets *s)
{
    char text[600];
    /* What is pending and neither blocked nor of a stopped process is on its way in. */
    uint64_t pending = s->state == 'T' || s->state == 't' ? s->pending : s->pending & s->blocked;

    host->text(look, "of", of);
    set_text(text, sizeof text, pending);
    host->text(look, "pending", text);
    set_text(text, sizeof text, s->blocked);
    host->text(look, "blocked", text);
    set_text(text, sizeof text, s->ignored);
    host->text(look, "ignored", text);
    set_text(text, sizeof text, s->caught);
    host->text(look, "caught", text);
}

/* In an actor. The observer does not know by the key alone which process is meant: explain says
 * the state there. */
static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    struct sets s;

    (void)fd;
    (void)key2;
    if (in_actor && (sets_of((pid_t)key, &s) || proc_is_ours()))
        put_state(host, look, host->process_name(look, (pid_t)key), &s);
}

/* A signalfd gives signals of whoever reads it: its object is that process's. */
static int
identify(int fd, uint64_t *key, uint64_t *key2)
{
    (void)fd;
    *key = (uint64_t)getpid();
    *key2 = 0;
    return 0;
}

/* ---- Why a call waits for a signal ------------------------------------------------------- */

struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    const struct ipclab_process *self;
    struct sets sets;
    uint64_t wanted; /* what would end the call */
    bool takes; /* it takes one of these (sigwaitinfo, a signalfd); else a handler has to run */
};

/* The number under which /proc lists this process: where the observer sees the /proc of a world,
 * it is not listed there itself, and the numbers are the world's. */
static pid_t
number_in_proc(const struct ipclab_process *p)
{
    char link[32];

    return readlink("/proc/self", link, sizeof link) > 0 ? p->pid : p->world_pid;
}

static bool
is_word(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

/* The mask of the signalfd among the arguments; 0: there is none. */
static uint64_t
mask_of_signalfd(const struct scene *s)
{
    for (int i = 0; i < s->wait->args.n; i++) {
        char path[64], text[512];
        ssize_t n;
        int fd;

        snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", number_in_proc(s->self),
                 (int)s->wait->args.v[i].i);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        n = read(fd, text, sizeof text - 1);
        close(fd);
        text[n > 0 ? n : 0] = '\0';
        if (strstr(text, "\nsigmask:\t") != NULL)
            return field(text, "\nsigmask:\t");
    }
    return 0;
}

/* By default these do nothing, or stop the process, which ends no call. */
static const int harmless[] = {SIGCHLD, SIGURG,  SIGWINCH, SIGCONT,
                               SIGTSTP, SIGTTIN, SIGTTOU,  SIGSTOP};

static void
find_wanted(struct scene *s)
{
    static const char *const takers[] = {"sigwaitinfo", "sigtimedwait", NULL};
    static const char *const handlers[] = {"pause", "sigsuspend", NULL};
    const char *call = s->wait->call;

    s->takes = !is_word(call, handlers);
    if (is_word(call, takers)) {
        s->wanted = set_from(&s->wait->args, call[3] == 't' ? 1 : 0);
        s->wanted &= ~(bit(SIGKILL) | bit(SIGSTOP));
        return;
    }
    if (s->takes) {
        s->wanted = mask_of_signalfd(s);
        return;
    }
    s->wanted =
        ~s->sets.blocked & ~s->sets.ignored & ~(bit(SIGKILL) | bit(32) | bit(33) | bit(LAST));
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (!has(s->sets.caught, harmless[i]))
            s->wanted &= ~bit(harmless[i]);
}

/* One that would do, to be proposed: with a handler, if there is any. 0: none. */
static int
good_signal(const struct scene *s)
{
    uint64_t set = s->takes ? s->wanted : s->wanted & s->sets.caught;

    if (has(set, SIGUSR1))
        return SIGUSR1;
    for (int sig = 1; sig <= LAST; sig++)
        if (has(set, sig))
            return sig;
    return has(s->wanted, SIGUSR1) ? SIGUSR1 : 0;
}

static void
say_clause(struct scene *s)
{
    char text[600], blocked[600];
    const struct ipclab_early *early = &s->wait->early;
    uint64_t caught = s->wanted & s->sets.caught, held = s->sets.pending & s->sets.blocked;

    set_text(text, sizeof text, s->takes ? s->wanted : caught);
    set_text(blocked, sizeof blocked, held);
    s->host->why(s->look, "signal");
    if (s->wanted == 0 && s->takes)
        s->host->waits(s->look, "for no signal that could come");
    else if (s->takes)
        s->host->waits(s->look,
                       strchr(text, ' ') != NULL ? "for one of %s, and none is pending"
                                                 : "for %s, which is not pending",
                       text);
    else if (s->wanted == 0)
        s->host->waits(s->look, "for a signal, and none is let in");
    else if (early->sig != 0) {
        signal_name(text, sizeof text, early->sig);
        s->host->waits(s->look, "for a signal; %s came before it and is gone", text);
    } else if (held != 0)
        s->host->waits(s->look, "for a signal; %s is pending, but blocked", blocked);
    else if (caught == 0)
        s->host->waits(s->look, "for a signal; no handler is set, so the next one ends %s",
                       s->self->name);
    else
        s->host->waits(s->look, "for a signal with a handler: %s", text);
}

static void
say_rule(struct scene *s)
{
    char text[600];
    const char *call = s->wait->call;

    if (s->wanted == 0 && s->takes) {
        s->host->rule(s->look, "%s waits for signals of its list, and no signal on it can come",
                      call);
    } else if (s->takes) {
        set_text(text, sizeof text, s->wanted);
        s->host->rule(s->look,
                      strchr(text, ' ') != NULL ? "%s waits until one of %s is pending, and none is"
                                                : "%s waits until %s is pending, and it is not",
                      call, text);
    } else if (s->wanted == 0) {
        s->host->rule(s->look,
                      "%s(2) returns when a handler has run, and every signal is blocked "
                      "or ignored",
                      call);
    } else {
        s->host->rule(s->look,
                      "%s(2) returns only when a handler has run after it began, and "
                      "nobody has sent a signal since",
                      call);
    }
}

/* The lost wake-up: what was handled before is no reason to return. */
static void
say_early(struct scene *s)
{
    const struct ipclab_early *early = &s->wait->early;
    char name[32], step[48] = "by itself";

    if (early->sig == 0 || s->takes)
        return;
    signal_name(name, sizeof name, early->sig);
    if (early->step > 0)
        snprintf(step, sizeof step, "in step %lld", (long long)early->step);
    s->host->say(s->look,
                 "%s%s%s came %s, before %s began: its handler ran then, and a signal that was "
                 "handled leaves nothing behind. This is the lost wake-up.",
                 name, early->from[0] != '\0' ? " from " : "", early->from, step, s->wait->call);
    s->host->say(s->look,
                 "To lose none: sigprocmask(SIG_BLOCK, %s) first, so that it stays pending, and "
                 "wait with sigsuspend(), which lets it in and waits in one step, or with "
                 "sigwaitinfo(%s), which takes it.",
                 name, name);
}

static void
say_sets(struct scene *s)
{
    uint64_t held = s->sets.pending & s->sets.blocked & ~s->wanted;
    char text[600];

    if (held != 0) {
        set_text(text, sizeof text, held);
        s->host->say(s->look, "%s %s pending and blocked: not let in while this call waits.", text,
                     strchr(text, ' ') != NULL ? "are" : "is");
    }
    if (strcmp(s->wait->call, "sigwaitinfo") == 0 || strcmp(s->wait->call, "sigtimedwait") == 0)
        s->host->say(s->look, "What it waits for should be blocked: a signal that is not, and has "
                              "no handler, takes its default action even now.");
    if (!s->takes && s->wanted != 0 && (s->wanted & s->sets.caught) == 0)
        s->host->say(s->look, "No handler is set: the next signal does not end the call but the "
                              "process.");
    if (s->sets.ignored != 0 && !s->takes) {
        set_text(text, sizeof text, s->sets.ignored);
        s->host->say(s->look, "Ignored, and so no help: %s.", text);
    }
}

static void
say_who(struct scene *s)
{
    const struct ipclab_process *idle = NULL;
    int sig = good_signal(s), n = 0;
    char name[32];

    for (int i = 0; i < s->wait->nprocesses; i++) {
        const struct ipclab_process *p = &s->wait->processes[i];

        if (i == s->wait->self || p->waits || p->zombie || p->foreign)
            continue;
        if (idle == NULL || p->world_pid == s->self->parent)
            idle = p;
        n++;
    }
    if (sig != 0)
        signal_name(name, sizeof name, sig);
    if (idle == NULL)
        s->host->say(s->look, "Nobody else is idle who could send one.");
    else if (sig != 0)
        s->host->say(s->look, "%s can go on and could send %s%s.", idle->name, name,
                     n > 1 ? ", as others could" : "");
    if (idle != NULL && sig != 0)
        s->host->next(s->look, "%s kill(%s, %s)", idle->name, s->self->name, name);
    else
        s->host->next(s->look, "interrupt %s", s->self->name);
}

/* What should have come before. */
static void
say_before(struct scene *s)
{
    uint64_t held = s->sets.pending & s->sets.blocked & ~s->wanted;
    char name[32];

    if (s->takes)
        return;
    for (int sig = 1; sig <= LAST; sig++)
        if (has(held, sig)) {
            signal_name(name, sizeof name, sig);
            s->host->before(s->look, "%s sigprocmask(SIG_UNBLOCK, %s)", s->self->name, name);
            return;
        }
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait};
    char dir[32];

    (void)fd;
    (void)key;
    (void)key2;
    s.self = &wait->processes[wait->self];
    snprintf(dir, sizeof dir, "%d", number_in_proc(s.self));
    if (!read_sets(dir, &s.sets))
        return;
    put_state(host, look, s.self->name, &s.sets);
    find_wanted(&s);
    say_clause(&s);
    say_rule(&s);
    say_early(&s);
    say_sets(&s);
    say_who(&s);
    say_before(&s);
    if (s.wanted == 0 && !s.self->foreign && strcmp(wait->call, "poll") != 0 &&
        strcmp(wait->call, "select") != 0)
        host->never(look);
}

/* Of a signalfd, for poll and its like: it is ready when one of its signals is pending for the
 * process that asks. */
static enum ipclab_chance
watched(const struct ipclab_look_host *host, struct ipclab_look *look,
        const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text, size_t room)
{
    struct scene s = {.host = host, .look = look, .wait = wait, .takes = true};
    char info[512], list[600], others[300];

    s.self = &wait->processes[wait->self];
    if ((events & POLLIN) != 0 && host->fdinfo(look, wait->self, fd, info, sizeof info) > 0 &&
        strstr(info, "\nsigmask:\t") != NULL)
        s.wanted = field(info, "\nsigmask:\t");
    if (s.wanted != 0) {
        set_text(list, sizeof list, s.wanted);
        snprintf(text, room,
                 strchr(list, ' ') != NULL ? "none of %s is pending" : "%s is not pending", list);
        say_who(&s);
        return IPCLAB_UNKNOWN;
    }
    if ((events & POLLIN) == 0)
        snprintf(text, room, "a signalfd is never ready but for reading");
    else
        snprintf(text, room, "no signal on its list can come");
    if ((events & POLLIN) == 0 ||
        host->others(look, copy, 'u', "signalfd($0, 0, SIGUSR1)", others, sizeof others) == 0)
        return IPCLAB_NOBODY;
    snprintf(text + strlen(text), room - strlen(text), "; %s could change the list", others);
    return IPCLAB_SOMEBODY;
}

/* ---- Records ----------------------------------------------------------------------------- */

/* Those meant most often first: so they are offered. */
static const struct ipclab_constant signals[] = {
    {"SIGUSR1", SIGUSR1, "ends the process; free for programs to use"},
    {"SIGUSR2", SIGUSR2, "ends the process; free for programs to use"},
    {"SIGTERM", SIGTERM, "ends the process; the polite request"},
    {"SIGINT", SIGINT, "ends the process; Ctrl+C"},
    {"SIGKILL", SIGKILL, "ends the process; cannot be caught, blocked or ignored"},
    {"SIGSTOP", SIGSTOP, "stops the process; cannot be caught, blocked or ignored"},
    {"SIGCONT", SIGCONT, "lets a stopped process go on"},
    {"SIGCHLD", SIGCHLD, "nothing; a child ended, stopped or went on"},
    {"SIGALRM", SIGALRM, "ends the process; alarm() ran out"},
    {"SIGPIPE", SIGPIPE, "ends the process; it wrote where nobody reads"},
    {"SIGRTMIN", FIRST_RT, "ends the process; the first of the real-time signals, which queue"},
    {"SIGHUP", SIGHUP, "ends the process; its terminal is gone"},
    {"SIGQUIT", SIGQUIT, "ends the process with a core dump; Ctrl+\\"},
    {"SIGTSTP", SIGTSTP, "stops the process; Ctrl+Z"},
    {"SIGTTIN", SIGTTIN, "stops the process; it read from a terminal in the background"},
    {"SIGTTOU", SIGTTOU, "stops the process; it wrote to a terminal in the background"},
    {"SIGABRT", SIGABRT, "ends the process with a core dump; abort()"},
    {"SIGSEGV", SIGSEGV, "ends the process with a core dump; no memory at an address"},
    {"SIGBUS", SIGBUS, "ends the process with a core dump; memory without anything behind it"},
    {"SIGFPE", SIGFPE, "ends the process with a core dump; arithmetic that cannot be done"},
    {"SIGILL", SIGILL, "ends the process with a core dump; no instruction"},
    {"SIGTRAP", SIGTRAP, "ends the process with a core dump; a breakpoint"},
    {"SIGSYS", SIGSYS, "ends the process with a core dump; no such system call"},
    {"SIGXCPU", SIGXCPU, "ends the process with a core dump; its CPU time is used up"},
    {"SIGXFSZ", SIGXFSZ, "ends the process with a core dump; a file grew too large"},
    {"SIGVTALRM", SIGVTALRM, "ends the process; a timer of its CPU time ran out"},
    {"SIGPROF", SIGPROF, "ends the process; a timer of its CPU time ran out"},
    {"SIGIO", SIGIO, "ends the process; a descriptor is ready"},
    {"SIGPWR", SIGPWR, "ends the process; the power fails"},
    {"SIGSTKFLT", SIGSTKFLT, "ends the process; not used"},
    {"SIGURG", SIGURG, "nothing; urgent data at a socket"},
    {"SIGWINCH", SIGWINCH, "nothing; the terminal has another size"},
    {"SIGRTMAX", LAST, "the last of them; reserved here for `interrupt`"},
    {0},
};

static const struct ipclab_constant dispositions[] = {
    {"SIG_DFL", 0, "the default action"},
    {"SIG_IGN", 1, "the signal is ignored"},
    {0},
};

static const struct ipclab_constant how_words[] = {
    {"SIG_BLOCK", SIG_BLOCK, "these are blocked too"},
    {"SIG_UNBLOCK", SIG_UNBLOCK, "these are not blocked any more"},
    {"SIG_SETMASK", SIG_SETMASK, "these and no others are blocked"},
    {0},
};

static const struct ipclab_constant timers[] = {
    {"ITIMER_REAL", ITIMER_REAL, "time that passes; SIGALRM, the one that alarm uses"},
    {"ITIMER_VIRTUAL", ITIMER_VIRTUAL, "time that the process computes; SIGVTALRM"},
    {"ITIMER_PROF", ITIMER_PROF, "the same and time that the kernel works for it; SIGPROF"},
    {0},
};

static const struct ipclab_constant signalfd_flags[] = {
    {"SFD_CLOEXEC", SFD_CLOEXEC, "closed by execve"},
    {"SFD_NONBLOCK", SFD_NONBLOCK, "reading fails with EAGAIN where it would wait"},
    {0},
};

#define SIG_ARG(what)                                                                              \
    {                                                                                              \
        .name = "sig", .type = IPCLAB_SIGNAL, .summary = what, .constants = signals                \
    }
#define SIG_LIST(what)                                                                             \
    {                                                                                              \
        .name = "sig", .type = IPCLAB_SIGNAL, .flags = IPCLAB_REST, .summary = what,               \
        .constants = signals                                                                       \
    }

static const struct ipclab_arg no_args[] = {{0}};

static const struct ipclab_arg signal_args[] = {
    SIG_ARG("which signal"),
    {.name = "handler",
     .type = IPCLAB_HANDLER,
     .flags = IPCLAB_NULLABLE,
     .summary = "SIG_DFL, SIG_IGN, or a name: a handler that tells what it sees",
     .constants = dispositions},
    {0},
};
static const struct ipclab_error signal_errors[] = {
    {"EINVAL", "$sig is no signal, or one that nobody may handle: SIGKILL, SIGSTOP and the "
               "reserved one keep their default action"},
    {"ENOMEM", "this process has as many names of handlers as are kept (64)"},
    {0},
};
static const char *const signal_examples[] = {
    "spawn parent\nparent fork(child)\nchild signal(SIGUSR1, handler)\n"
    "parent kill(child, SIGUSR1)",
    "spawn parent\nparent fork(child)\nchild signal(SIGTERM, SIG_IGN)\nparent kill(child, "
    "SIGTERM)\n"
    "parent kill(child, SIGKILL)",
    "spawn a\na signal(SIGKILL, handler)",
    NULL,
};

static const struct ipclab_arg sigaction_args[] = {
    SIG_ARG("which signal"),
    {.name = "handler",
     .type = IPCLAB_HANDLER,
     .flags = IPCLAB_OPTIONAL,
     .summary = "SIG_DFL, SIG_IGN or a name; left out: only ask",
     .def = ONLY_ASK,
     .constants = dispositions},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how it is handled",
     .max = UINT32_MAX, /* SA_RESETHAND is the highest bit of an int */
     .constants = action_flags},
    {0},
};
static const char *const sigaction_examples[] = {
    "spawn parent\nparent pipe(p)\nparent fork(child)\nchild sigaction(SIGUSR1, handler, 0)\n"
    "child read(p[0], buf, 1)\nparent kill(child, SIGUSR1)",
    "spawn parent\nparent pipe(p)\nparent fork(child)\n"
    "child sigaction(SIGUSR1, handler, SA_RESTART)\nchild read(p[0], buf, 1)\n"
    "parent kill(child, SIGUSR1)\nparent write(p[1], \"x\")",
    "spawn a\na sigaction(SIGUSR1, once, SA_RESETHAND)\na raise(SIGUSR1)\na sigaction(SIGUSR1)",
    NULL,
};

static const struct ipclab_arg kill_args[] = {
    {.name = "pid",
     .type = IPCLAB_PROCESS,
     .summary = "to whom; 0: to its own group; -N: to group N; -1: to all that it may"},
    SIG_ARG("which; 0: only ask whether it could be sent"),
    {0},
};
static const struct ipclab_error kill_errors[] = {
    {"EINVAL", "$sig is no signal, or the reserved one"},
    {"ESRCH", "there is no process or group $pid; one that is dead and not yet waited for would "
              "count"},
    {"EPERM", "$pid belongs to somebody else, or is not of this world where worlds are shared"},
    {0},
};
static const char *const kill_examples[] = {
    "spawn parent\nparent fork(child)\nparent kill(child, SIGTERM)\nparent wait(status)",
    "spawn parent\nparent fork(child)\nparent kill(child, SIGSTOP)\nparent kill(child, SIGCONT)",
    "spawn parent\nparent fork(child)\nparent kill(child, 0)",
    "spawn parent\nparent signal(SIGINT, handler)\nparent fork(child)\nparent kill(0, SIGINT)",
    NULL,
};

static const struct ipclab_arg killpg_args[] = {
    {.name = "pgrp", .type = IPCLAB_PROCESS, .summary = "the group, by its leader; 0: its own"},
    SIG_ARG("which signal"),
    {0},
};
static const struct ipclab_error killpg_errors[] = {
    {"EINVAL", "$sig is no signal, or the reserved one, or $pgrp is negative"},
    {"ESRCH", "nobody is in group $pgrp"},
    {"EPERM", "nobody in group $pgrp may be sent a signal by this process"},
    {0},
};
static const char *const killpg_examples[] = {
    "spawn parent\nparent fork(child)\nparent sigaction(SIGINT, SIG_IGN)\n"
    "parent killpg(0, SIGINT)",
    "spawn parent\nparent fork(child)\nparent setpgid(child, child)\nparent killpg(child, SIGINT)",
    NULL,
};

static const struct ipclab_arg raise_args[] = {SIG_ARG("which signal"), {0}};
static const struct ipclab_error raise_errors[] = {
    {"EINVAL", "$sig is no signal, or the reserved one"},
    {0},
};
static const char *const raise_examples[] = {
    "spawn a\na signal(SIGUSR1, handler)\na raise(SIGUSR1)",
    "spawn a\na raise(SIGTERM)",
    NULL,
};

static const struct ipclab_arg sigqueue_args[] = {
    {.name = "pid", .type = IPCLAB_PROCESS, .summary = "to whom"},
    SIG_ARG("which signal"),
    {.name = "value",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "a number that goes with it",
     .min = INT_MIN,
     .max = INT_MAX},
    {0},
};
static const struct ipclab_error sigqueue_errors[] = {
    {"EAGAIN", "the user has as many signals queued as RLIMIT_SIGPENDING allows"},
    {"EINVAL", "$sig is no signal, or the reserved one"},
    {"ESRCH", "there is no process $pid"},
    {"EPERM", "$pid belongs to somebody else, or is not of this world where worlds are shared"},
    {0},
};
static const char *const sigqueue_examples[] = {
    "spawn parent\nparent fork(child)\nchild sigaction(SIGRTMIN, handler, SA_SIGINFO)\n"
    "parent sigqueue(child, SIGRTMIN, 7)",
    "spawn parent\nparent fork(child)\nchild sigprocmask(SIG_BLOCK, SIGRTMIN)\n"
    "parent sigqueue(child, SIGRTMIN, 1)\nparent sigqueue(child, SIGRTMIN, 2)\n"
    "child sigwaitinfo(SIGRTMIN)\nchild sigwaitinfo(SIGRTMIN)",
    NULL,
};

static const struct ipclab_arg sigprocmask_args[] = {
    {.name = "how", .type = IPCLAB_INT, .summary = "what to do with them", .constants = how_words},
    SIG_LIST("the signals"),
    {0},
};
static const struct ipclab_error sigprocmask_errors[] = {
    {"EINVAL", "$how is not SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK, or one of the list is no "
               "signal, or the reserved one"},
    {0},
};
static const char *const sigprocmask_examples[] = {
    "spawn parent\nparent fork(child)\nchild signal(SIGUSR1, handler)\n"
    "child sigprocmask(SIG_BLOCK, SIGUSR1)\nparent kill(child, SIGUSR1)\n"
    "parent kill(child, SIGUSR1)\nchild sigprocmask(SIG_UNBLOCK, SIGUSR1)",
    "spawn a\na sigprocmask(SIG_SETMASK, SIGINT, SIGTERM)\na sigprocmask(SIG_BLOCK)",
    NULL,
};

static const char *const sigpending_examples[] = {
    "spawn a\na sigprocmask(SIG_BLOCK, SIGUSR1)\na raise(SIGUSR1)\na sigpending()",
    "spawn a\na sigpending()",
    NULL,
};

static const struct ipclab_error pause_errors[] = {
    {"EINTR", "a signal came and its handler has run: pause ends in no other way"},
    {0},
};
static const char *const pause_examples[] = {
    "spawn parent\nparent fork(child)\nchild signal(SIGUSR1, handler)\nchild pause()\n"
    "parent kill(child, SIGUSR1)",
    "spawn a\na signal(SIGALRM, handler)\na setitimer(ITIMER_REAL, 20)\na pause()",
    NULL,
};

static const struct ipclab_arg sigsuspend_args[] = {
    SIG_LIST("what is blocked while it waits; left out: nothing"), {0}};
static const struct ipclab_error sigsuspend_errors[] = {
    {"EINTR", "a signal came and its handler has run: sigsuspend ends in no other way"},
    {"EINVAL", "one of the list is no signal, or the reserved one"},
    {0},
};
static const char *const sigsuspend_examples[] = {
    "spawn parent\nparent fork(child)\nchild signal(SIGUSR1, handler)\n"
    "child sigprocmask(SIG_BLOCK, SIGUSR1)\nparent kill(child, SIGUSR1)\nchild sigsuspend()",
    "spawn parent\nparent fork(child)\nchild signal(SIGUSR1, handler)\nchild sigsuspend(SIGINT)\n"
    "parent kill(child, SIGUSR1)",
    NULL,
};

static const struct ipclab_arg sigwaitinfo_args[] = {SIG_LIST("those to take; blocked before"),
                                                     {0}};
static const struct ipclab_error sigwaitinfo_errors[] = {
    {"EINTR", "a handler ran for a signal that is not of the list"},
    {"EINVAL", "one of the list is no signal, or the reserved one"},
    {0},
};
static const char *const sigwaitinfo_examples[] = {
    "spawn parent\nparent fork(child)\nchild sigprocmask(SIG_BLOCK, SIGUSR1)\n"
    "child sigwaitinfo(SIGUSR1)\nparent kill(child, SIGUSR1)",
    "spawn a\na sigprocmask(SIG_BLOCK, SIGRTMIN+1, SIGRTMIN)\na raise(SIGRTMIN+1)\n"
    "a raise(SIGRTMIN)\na sigwaitinfo(SIGRTMIN, SIGRTMIN+1)",
    NULL,
};

static const struct ipclab_arg sigtimedwait_args[] = {
    {.name = "ms", .type = IPCLAB_INT, .summary = "how long at most; -1: for ever"},
    SIG_LIST("those to take; blocked before"),
    {0},
};
static const struct ipclab_error sigtimedwait_errors[] = {
    {"EAGAIN", "none of them came in that time"},
    {"EINTR", "a handler ran for a signal that is not of the list"},
    {"EINVAL", "one of the list is no signal, or the reserved one"},
    {0},
};
static const char *const sigtimedwait_examples[] = {
    "spawn a\na sigprocmask(SIG_BLOCK, SIGUSR1)\na sigtimedwait(10, SIGUSR1)",
    "spawn a\na sigprocmask(SIG_BLOCK, SIGUSR1)\na raise(SIGUSR1)\na sigtimedwait(0, SIGUSR1)",
    NULL,
};

static const struct ipclab_arg signalfd_args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "-1: a new one; else it gets another list"},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .summary = "how it behaves",
     .constants = signalfd_flags},
    SIG_LIST("what it gives; block these before"),
    {0},
};
static const struct ipclab_error signalfd_errors[] = {
    {"EBADF", "$fd is no open descriptor, and not -1"},
    {"EINVAL", "$fd is no signalfd, or $flags has a bit that is not known, or one of the list is "
               "no signal, or the reserved one"},
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},
    {"ENFILE", "the system has as many files open as it allows"},
    {"ENOMEM", "the kernel has no memory for another"},
    {0},
};
static const char *const signalfd_examples[] = {
    "spawn parent\nparent fork(child)\nchild sigprocmask(SIG_BLOCK, SIGUSR1)\n"
    "child sfd = signalfd(-1, 0, SIGUSR1)\nchild read(sfd, info, 128)\n"
    "parent kill(child, SIGUSR1)\nchild siginfo(info)",
    "spawn a\na sigprocmask(SIG_BLOCK, SIGUSR1)\na sfd = signalfd(-1, SFD_NONBLOCK, SIGUSR1)\n"
    "a read(sfd, info, 128)",
    NULL,
};

static const struct ipclab_arg siginfo_args[] = {
    {.name = "info",
     .type = IPCLAB_BYTES,
     .summary = "what read(2) of a signalfd filled",
     .size_arg = 1},
    {.name = "size",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "its size",
     .def = sizeof(struct signalfd_siginfo),
     .min = sizeof(struct signalfd_siginfo),
     .max = sizeof(struct signalfd_siginfo)},
    {0},
};
static const char *const siginfo_examples[] = {
    "spawn a\na sigprocmask(SIG_BLOCK, SIGUSR1)\na sfd = signalfd(-1, 0, SIGUSR1)\n"
    "a raise(SIGUSR1)\na read(sfd, info, 128)\na siginfo(info)",
    "spawn a\na sigprocmask(SIG_BLOCK, SIGRTMIN)\na sfd = signalfd(-1, 0, SIGRTMIN)\n"
    "a int me = getpid()\na sigqueue(me, SIGRTMIN, 42)\na read(sfd, info, 128)\na siginfo(info)",
    NULL,
};

static const struct ipclab_arg alarm_args[] = {
    {.name = "seconds",
     .type = IPCLAB_INT,
     .summary = "after how many; 0: not at all any more",
     .min = 0,
     .max = INT_MAX},
    {0},
};
static const char *const alarm_examples[] = {
    "spawn a\na signal(SIGALRM, handler)\na alarm(1)\na pause()",
    "spawn a\na alarm(10)\na alarm(0)",
    NULL,
};

static const struct ipclab_error itimer_errors[] = {
    {"EINVAL", "$which is not ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF"},
    {0},
};
static const struct ipclab_arg setitimer_args[] = {
    {.name = "which", .type = IPCLAB_INT, .summary = "of what time", .constants = timers},
    {.name = "ms",
     .type = IPCLAB_INT,
     .summary = "first after so many milliseconds; 0: not at all any more",
     .min = 0,
     .max = INT_MAX},
    {.name = "interval_ms",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "then again each time; left out: once",
     .min = 0,
     .max = INT_MAX},
    {0},
};
static const char *const setitimer_examples[] = {
    "spawn a\na signal(SIGALRM, handler)\na setitimer(ITIMER_REAL, 20)\na pause()",
    "spawn a\na signal(SIGALRM, handler)\na setitimer(ITIMER_REAL, 5, 5)\na pause()\na pause()\n"
    "a setitimer(ITIMER_REAL, 0)",
    NULL,
};
static const struct ipclab_arg getitimer_args[] = {
    {.name = "which", .type = IPCLAB_INT, .summary = "of what time", .constants = timers},
    {0},
};
static const char *const getitimer_examples[] = {
    "spawn a\na setitimer(ITIMER_REAL, 60000)\na getitimer(ITIMER_REAL)",
    "spawn a\na getitimer(ITIMER_VIRTUAL)",
    NULL,
};

static const struct ipclab_arg setpgid_args[] = {
    {.name = "pid", .type = IPCLAB_PROCESS, .summary = "whom: itself (0) or a child"},
    {.name = "pgid",
     .type = IPCLAB_PROCESS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "the group, by its leader; 0: one of its own"},
    {0},
};
static const struct ipclab_error setpgid_errors[] = {
    {"EACCES", "$pid is a child that runs another program since its execve"},
    {"EINVAL", "$pgid is negative"},
    {"EPERM", "$pid leads a session, or there is no group $pgid in its session"},
    {"ESRCH", "$pid is neither this process nor a child of it"},
    {0},
};
static const char *const setpgid_examples[] = {
    "spawn parent\nparent fork(child)\nparent setpgid(child, child)\nchild getpgid(0)",
    "spawn parent\nparent fork(child)\nchild setpgid(0, 0)\nparent killpg(child, SIGTERM)",
    NULL,
};
static const struct ipclab_arg getpgid_args[] = {
    {.name = "pid",
     .type = IPCLAB_PROCESS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "of whom; 0 or left out: its own"},
    {0},
};
static const struct ipclab_error getpgid_errors[] = {
    {"ESRCH", "there is no process $pid"},
    {0},
};
static const char *const getpgid_examples[] = {
    "spawn a\na getpgid()",
    "spawn parent\nparent fork(child)\nchild getpgid()\nparent getpgid(0)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "signal",
     .prototype = "sighandler_t signal(int signum, sighandler_t handler)",
     .summary = "say what a signal does to this process",
     .help = "Each signal has one of three dispositions: its default action (SIG_DFL), nothing "
             "(SIG_IGN), or a handler, a function that the kernel calls when the signal comes, in "
             "the middle of whatever the process does. Here any name that is no variable is such "
             "a handler: it tells what it saw and which call it interrupted. The result is what "
             "was there before; a number stands for a handler. As in glibc, calls that are "
             "interrupted start again (SA_RESTART); sigaction gives the choice. A child of fork "
             "has the same handlers; execve puts handlers back to the default.",
     .man = "signal(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "what was there before: 0 for SIG_DFL, 1 for SIG_IGN, else the number of a handler",
     .args = signal_args,
     .errors = signal_errors,
     .examples = signal_examples,
     .run = run_signal},
    {.name = "sigaction",
     .prototype =
         "int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact)",
     .summary = "say what a signal does to this process, and how",
     .help = "Given as sigaction(sig, handler, flags); without a handler it only asks. With "
             "SA_RESTART a call that the handler interrupted starts again, without it the call "
             "fails with EINTR; pause, sigsuspend, sleep, poll, semop and msgrcv end in either "
             "case. With SA_SIGINFO the handler sees who sent the signal and the value of "
             "sigqueue. With SA_RESETHAND the default action is back as soon as the handler is "
             "called. While a handler runs its own signal is blocked, but for SA_NODEFER.",
     .man = "sigaction(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = sigaction_args,
     .errors = signal_errors,
     .examples = sigaction_examples,
     .run = run_sigaction},
    {.name = "kill",
     .prototype = "int kill(pid_t pid, int sig)",
     .summary = "send a signal to a process or a group",
     .help = "kill does not kill, it sends; what happens is up to the receiver: default action, "
             "handler, nothing, or later when it is blocked. Success says only that it was sent. "
             "Signal 0 is not sent: the call tells whether it could be. With pid 0 the signal goes "
             "to each process of the sender's group, with -N to each of group N, with -1 to all "
             "that the sender may reach. Ctrl+C at a terminal is nothing but SIGINT from the "
             "kernel to the group in the foreground: kill(0, SIGINT) does the same here, where "
             "there is no terminal. A process that sends a signal to itself has it before kill "
             "returns.",
     .man = "kill(2)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0: it was sent",
     .args = kill_args,
     .errors = kill_errors,
     .examples = kill_examples,
     .run = run_kill},
    {.name = "killpg",
     .prototype = "int killpg(int pgrp, int sig)",
     .summary = "send a signal to a process group",
     .help = "As kill(-pgrp, sig). A group is named by the pid of its leader, so an actor's name "
             "stands for the group that it leads; a spawned actor leads one, and its children are "
             "in it until setpgid moves them. This is how a shell stops a whole pipeline, and how "
             "Ctrl+C reaches all of it.",
     .man = "killpg(3)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0: it was sent to at least one",
     .args = killpg_args,
     .errors = killpg_errors,
     .examples = killpg_examples,
     .run = run_killpg},
    {.name = "raise",
     .prototype = "int raise(int sig)",
     .summary = "send a signal to this process",
     .help = "The handler has run, or the process is dead or stopped, before raise returns, unless "
             "the signal is blocked.",
     .man = "raise(3)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = raise_args,
     .errors = raise_errors,
     .examples = raise_examples,
     .run = run_raise},
    {.name = "sigqueue",
     .prototype = "int sigqueue(pid_t pid, int sig, const union sigval value)",
     .summary = "send a signal with a number",
     .help = "As kill, with a number that a handler with SA_SIGINFO, sigwaitinfo and a signalfd "
             "get to see. Real-time signals (SIGRTMIN+n) queue: each that was sent is delivered, "
             "those of one number in order, lower numbers first. A standard signal that is "
             "pending already is not queued again, value or not.",
     .man = "sigqueue(3)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0: it was sent",
     .args = sigqueue_args,
     .errors = sigqueue_errors,
     .examples = sigqueue_examples,
     .run = run_sigqueue},
    {.name = "sigprocmask",
     .prototype = "int sigprocmask(int how, const sigset_t *set, sigset_t *oldset)",
     .summary = "block signals, or let them in again",
     .help = "Given as sigprocmask(how, sig...). A blocked signal is not lost: it stays pending, "
             "and takes effect as soon as it is let in, before sigprocmask returns. A standard "
             "signal is pending or not, there is no count: two that come while it is blocked are "
             "one. SIGKILL and SIGSTOP cannot be blocked. Without signals SIG_BLOCK only tells "
             "what is blocked, and SIG_SETMASK lets in everything.",
     .man = "sigprocmask(2)",
     .flags = IPCLAB_SIGNALS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = sigprocmask_args,
     .errors = sigprocmask_errors,
     .examples = sigprocmask_examples,
     .run = run_sigprocmask},
    {.name = "sigpending",
     .prototype = "int sigpending(sigset_t *set)",
     .summary = "which blocked signals have come",
     .help = "They are shown as pending. Nothing is taken by asking.",
     .man = "sigpending(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = no_args,
     .examples = sigpending_examples,
     .run = run_sigpending},
    {.name = "pause",
     .prototype = "int pause(void)",
     .summary = "wait until a handler has run",
     .help = "It returns only with -1 and EINTR, after a handler that began while it waited. That "
             "is its trap: a signal that comes a moment before pause begins is handled then, and "
             "pause waits for another one, which may never come. sigsuspend and sigwaitinfo have "
             "no such gap.",
     .man = "pause(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "never anything but -1",
     .waits = "no handler has run since it began; a signal with a handler ends it, and one without "
              "ends the process",
     .args = no_args,
     .errors = pause_errors,
     .examples = pause_examples,
     .run = run_pause,
     .timed = timed_pause},
    {.name = "sigsuspend",
     .prototype = "int sigsuspend(const sigset_t *mask)",
     .summary = "let signals in and wait until a handler has run, in one step",
     .help = "Given as sigsuspend(sig...): these are blocked while it waits, and no others; then "
             "the mask is as before. Block a signal first, look whether there is work to do, then "
             "sigsuspend: one that came in between is pending, and ends the call at once. It "
             "returns only with -1 and EINTR.",
     .man = "sigsuspend(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "never anything but -1",
     .waits = "no signal has come that it lets in and that has a handler; one that is pending ends "
              "it at once",
     .args = sigsuspend_args,
     .errors = sigsuspend_errors,
     .examples = sigsuspend_examples,
     .run = run_sigsuspend,
     .timed = timed_sigsuspend},
    {.name = "sigwaitinfo",
     .prototype = "int sigwaitinfo(const sigset_t *set, siginfo_t *info)",
     .summary = "wait for one of these signals and take it, without a handler",
     .help = "Given as sigwaitinfo(sig...). It takes one that is pending, or waits for the first "
             "to come; the result is its number, and signal, from and value show what it says. No "
             "handler runs. The signals have to be blocked, before: else one that comes a moment "
             "too early takes its usual action.",
     .man = "sigwaitinfo(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "the number of the signal that was taken",
     .waits = "none of these signals is pending; the first that comes ends it",
     .args = sigwaitinfo_args,
     .errors = sigwaitinfo_errors,
     .examples = sigwaitinfo_examples,
     .run = run_sigwaitinfo,
     .timed = timed_sigwaitinfo},
    {.name = "sigtimedwait",
     .prototype = "int sigtimedwait(const sigset_t *set, siginfo_t *info, "
                  "const struct timespec *timeout)",
     .summary = "as sigwaitinfo, for a time at most",
     .help = "Given as sigtimedwait(ms, sig...): the non-blocking form with 0, the timed form with "
             "more, the blocking one with -1. When the time is over it fails with EAGAIN.",
     .man = "sigtimedwait(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "the number of the signal that was taken",
     .waits = "none of these signals is pending; the first that comes ends it, or the time",
     .args = sigtimedwait_args,
     .errors = sigtimedwait_errors,
     .examples = sigtimedwait_examples,
     .run = run_sigtimedwait,
     .timed = timed_sigtimedwait},
    {.name = "signalfd",
     .prototype = "int signalfd(int fd, const sigset_t *mask, int flags)",
     .summary = "a descriptor from which signals are read",
     .help = "Given as signalfd(fd, flags, sig...). read(2) on it takes a pending signal of the "
             "list, as 128 bytes that siginfo() explains, and waits when there is none; poll and "
             "select work, so that one loop serves signals and descriptors. The signals have to "
             "be blocked. After fork the child has the descriptor too, and reads its own signals "
             "from it, not its parent's.",
     .man = "signalfd(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_FD,
     .failure = -1,
     .returns = "the descriptor",
     .args = signalfd_args,
     .errors = signalfd_errors,
     .examples = signalfd_examples,
     .run = run_signalfd},
    {.name = "siginfo",
     .prototype = "int siginfo(const struct signalfd_siginfo *info)",
     .summary = "what the bytes say that were read from a signalfd",
     .help = "No system call: the words for what a C program sees in struct signalfd_siginfo. The "
             "result is the signal's number.",
     .man = "signalfd(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "the number of the signal",
     .args = siginfo_args,
     .examples = siginfo_examples,
     .run = run_siginfo},
    {.name = "alarm",
     .prototype = "unsigned int alarm(unsigned int seconds)",
     .summary = "get SIGALRM after so many seconds",
     .help = "It returns at once. There is one such timer in a process, and setitimer(ITIMER_REAL) "
             "sets the same; the result is how many seconds were left of it, 0 when none ran. With "
             "a handler that does not restart calls, alarm is the old way to limit how long a call "
             "may wait: it then fails with EINTR. When the time is over before the call begins, "
             "nothing limits it any more: poll and the timed forms of calls have no such gap. A "
             "child of fork has no timer, a program of execve keeps it.",
     .man = "alarm(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "how many seconds were left of the timer before, 0 when none ran",
     .args = alarm_args,
     .examples = alarm_examples,
     .run = run_alarm},
    {.name = "setitimer",
     .prototype = "int setitimer(int which, const struct itimerval *new, struct itimerval *old)",
     .summary = "get a signal after some milliseconds, once or again and again",
     .help = "Given as setitimer(which, ms [, interval_ms]). ITIMER_REAL sends SIGALRM, "
             "ITIMER_VIRTUAL SIGVTALRM and ITIMER_PROF SIGPROF. What was left of the timer before "
             "is shown as left_ms.",
     .man = "setitimer(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = setitimer_args,
     .errors = itimer_errors,
     .examples = setitimer_examples,
     .run = run_setitimer},
    {.name = "getitimer",
     .prototype = "int getitimer(int which, struct itimerval *curr_value)",
     .summary = "how much is left of a timer",
     .help = "It is shown as left_ms, 0 when the timer does not run, and interval_ms.",
     .man = "getitimer(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = getitimer_args,
     .errors = itimer_errors,
     .examples = getitimer_examples,
     .run = run_getitimer},
    {.name = "setpgid",
     .prototype = "int setpgid(pid_t pid, pid_t pgid)",
     .summary = "put a process into a process group",
     .help = "A group is a number that processes share, the pid of its first member, its leader. A "
             "signal to the group reaches all of them. A shell gives each pipeline a group of its "
             "own, so that Ctrl+C reaches the one in the foreground and no other. A process may "
             "move itself and its children, into a new group that it leads or one that exists.",
     .man = "setpgid(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .returns = "0",
     .args = setpgid_args,
     .errors = setpgid_errors,
     .examples = setpgid_examples,
     .run = run_setpgid},
    {.name = "getpgid",
     .prototype = "pid_t getpgid(pid_t pid)",
     .summary = "the process group of a process",
     .help = "The group is named by the pid of its leader, which may be dead by now.",
     .man = "getpgid(2)",
     .flags = IPCLAB_PIDS | IPCLAB_PURE,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .returns = "the group, by the pid of its leader",
     .args = getpgid_args,
     .errors = getpgid_errors,
     .examples = getpgid_examples,
     .run = run_getpgid},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "signals",
     .summary = "the signals of one process: which are pending, blocked, ignored and handled",
     .line = "$of: pending $pending, blocked $blocked",
     .state = state,
     .explain = explain,
     .watched = watched,
     .link = "anon_inode:[signalfd]",
     .identify = identify},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* A signal with a value: one byte of it is the message. */
static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    sigset_t set;

    (void)host;
    (void)run;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    (void)n;
    return sigqueue(run->peer, SIGRTMIN, (union sigval){.sival_int = *(const unsigned char *)data});
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    siginfo_t info;
    sigset_t set;

    (void)run;
    (void)n;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    if (sigwaitinfo(&set, &info) < 0)
        return -1;
    *(unsigned char *)data = (unsigned char)info.si_value.sival_int;
    return 0;
}

static const struct ipclab_bench benches[] = {
    {.name = "signal",
     .summary = "a real-time signal with a value: sigqueue and sigwaitinfo",
     .most = 1,
     .limit = "a signal carries a number and no bytes",
     .answered = "signals are for telling that something happened, and how many may be pending is "
                 "limited",
     .setup = bench_setup,
     .send = bench_send,
     .receive = bench_receive},
    {0},
};

static const char *const man[] = {"signal(7)",   "kill(2)",      "sigaction(2)",   "sigprocmask(2)",
                                  "signalfd(2)", "setitimer(2)", "credentials(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "sigwaitinfo, and none of the signals is pending",
     .before = "spawn a b\n"
               "a sigprocmask(SIG_BLOCK, SIGUSR1)",
     .waits = {.lines = "a sigwaitinfo(SIGUSR1)", .returns = "10"},
     .ends = "b kill(a, SIGUSR1)",
     .at_once = {.lines = "a sigtimedwait(0, SIGUSR1)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a sigtimedwait(100, SIGUSR1)", .returns = "-1 EAGAIN"}},
    {.when = "pause or sigsuspend, and no signal comes",
     .before = "spawn a b\n"
               "a sigaction(SIGUSR1, handler, 0)",
     .waits = {.lines = "a pause()", .returns = "-1 EINTR"},
     .ends = "b kill(a, SIGUSR1)",
     .at_once = {.lines = "a sigpending()",
                 .returns = "0",
                 .note = "only signals that are blocked stay pending"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a pause()",
               .returns = "-1 EINTR"}},
    {.when = "read of a signalfd, and none of its signals is pending",
     .before = "spawn a b\n"
               "a sigprocmask(SIG_BLOCK, SIGUSR1)\n"
               "a sfd = signalfd(-1, 0, SIGUSR1)",
     .waits = {.lines = "a read(sfd, info, 128)", .returns = "128"},
     .ends = "b kill(a, SIGUSR1)",
     .at_once = {.lines = "a fcntl(sfd, F_SETFL, O_NONBLOCK)\n"
                          "a read(sfd, info, 128)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(sfd, POLLIN, 100)", .returns = "0"}},
    {0},
};

static const char *const fields[] = {"blocked",        "caught",  "flags",       "from",
                                     "handler",        "ignored", "interval_ms", "left_ms",
                                     "mask",           "of",      "pending",     "previous",
                                     "previous_flags", "signal",  "value",       NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "signal",
    .version = "1.0",
    .summary = "signals: numbers that interrupt a process",
    .help =
        "A signal is a small number that the kernel or another process sends to a process, which "
        "notices it in the middle of whatever it does. It carries no data (but sigqueue's number) "
        "and arrives at no particular moment: it says that something happened, not what. Some have "
        "a fixed meaning: 9, SIGKILL, ends a process whether it likes it or not; 11, SIGSEGV, is "
        "what a bad address does; SIGINT is Ctrl+C, which the terminal sends to every process of "
        "the group in the foreground. SIGUSR1, SIGUSR2 and the real-time signals are free.\n\n"
        "What becomes of a signal: while it is blocked (sigprocmask) it stays pending. When it is "
        "let in, its disposition decides: the default action, which for most signals ends the "
        "process, nothing (SIG_IGN), or a handler (signal, sigaction), which runs at once and then "
        "lets the process go on. Nobody can catch, block or ignore SIGKILL and SIGSTOP. A call "
        "that "
        "waits is interrupted by the handler: it starts again if the handler was set with "
        "SA_RESTART, else it fails with EINTR.\n\n"
        "What goes wrong: a signal that comes just before pause() is gone when pause begins, and "
        "nobody wakes it (block it, then sigsuspend). Two of one kind that come while it is "
        "blocked are one: a signal is no counter (real-time signals queue). A program that does "
        "not expect EINTR takes it for an error. A handler may only call what is safe in the "
        "middle of anything, which printf is not (signal-safety(7)).",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .start = start,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
