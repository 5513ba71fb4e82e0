/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits inside a Lua state do not hold: a C loop of its library (string.rep of nothing, 10^18
 * times) runs no hook and takes no memory. What holds is a parent that owns nothing of the lab and
 * kills its process. Before that it asks once, by SIGALRM: the handler writes down where the lab
 * stands, into memory that both share, and a lab that still runs Lua code ends itself with an
 * error at that line. The world needs no help: it ends with the process that drives it. */
#include "lua/guardian.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>

#include "base/clock.h"
#include "base/err.h"

enum { PLACE_MAX = 160, SECONDS_MAX = 86400 };
#define FOREVER INT64_MAX

struct shared {
    volatile sig_atomic_t heeds; /* Ctrl-C is for the lab */
    char place[PLACE_MAX];       /* where it stood when it was asked */
    /* Between guardian_begin and guardian_end: */
    volatile sig_atomic_t about; /* + 1; 0: nothing is asked */
    volatile sig_atomic_t stops; /* it ends itself, as that does not come back */
    volatile sig_atomic_t keeps; /* and may be begun again */
    int stopped;                 /* about, when it was last; 0: it is the first one */
    char stopped_place[PLACE_MAX];
    bool clock; /* one runs over all of it */
};

/* Of the watched process; a signal handler finds nothing else. */
static struct {
    volatile sig_atomic_t up; /* the clock has run out */
    struct shared *shared;    /* with the parent; NULL: nobody watches */
    void (*where)(void *ctx, char *room, size_t n);
    void *ctx;
} watched;

static void
set_timer(int64_t ms)
{
    struct itimerval t = {.it_value = {ms / 1000, ms % 1000 * 1000}};

    setitimer(ITIMER_REAL, &t, NULL);
}

/* The second time nothing has come of the first: it is a loop in C. */
static void
on_time_is_up(int sig)
{
    (void)sig;
    if (watched.up && watched.shared->about != 0) {
        watched.shared->stops = 1;
        _exit(STATUS_LAB);
    }
    watched.up = 1;
    if (watched.where != NULL)
        watched.where(watched.ctx, watched.shared->place, PLACE_MAX);
    if (watched.shared->about != 0)
        set_timer(GUARDIAN_GRACE_MS);
}

bool
guardian_time_is_up(void)
{
    return watched.up != 0;
}

void
guardian_heed_interrupts(void)
{
    if (watched.shared != NULL)
        watched.shared->heeds = 1;
}

void
guardian_ask(void (*where)(void *ctx, char *room, size_t n), void *ctx)
{
    watched.where = where;
    watched.ctx = ctx;
}

static int64_t
seconds_wanted(void)
{
    const char *text = getenv("IPCLAB_LAB_SECONDS");
    char *end;
    long n = text != NULL ? strtol(text, &end, 10) : 0;

    return text != NULL && *end == '\0' && n > 0 && n <= SECONDS_MAX ? n : GUARDIAN_SECONDS;
}

void
guardian_begin(int about)
{
    if (watched.shared == NULL || watched.shared->clock)
        return;
    watched.up = 0;
    watched.shared->place[0] = '\0';
    watched.shared->about = about + 1;
    set_timer(getenv("IPCLAB_LAB_SECONDS") != NULL ? seconds_wanted() * 1000
                                                   : GUARDIAN_CHECK_SECONDS * 1000);
}

void
guardian_end(void)
{
    if (watched.shared == NULL || watched.shared->about == 0)
        return;
    set_timer(0);
    watched.shared->about = 0;
    watched.up = 0;
}

void
guardian_keeps(void)
{
    if (watched.shared != NULL)
        watched.shared->keeps = 1;
}

int
guardian_stopped(char *place, size_t n)
{
    if (watched.shared == NULL || watched.shared->stopped == 0)
        return -1;
    snprintf(place, n, "%s", watched.shared->stopped_place);
    return watched.shared->stopped - 1;
}

static void
say(const char *text)
{
    size_t n = strlen(text);

    while (n > 0) {
        ssize_t did = write(2, text, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            return;
        text += did;
        n -= (size_t)did;
    }
}

/* Ends as the child did. */
static void __attribute__((noreturn)) end_as(int status)
{
    char text[160];
    int sig;

    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    sig = WTERMSIG(status);
    if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP || sig == SIGQUIT || sig == SIGKILL) {
        sigset_t set;

        signal(sig, SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, sig);
        raise(sig);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
    snprintf(text, sizeof text, "ipclab: ended by SIG%s, which is a fault of ipclab (status %d)\n",
             sigabbrev_np(sig) != NULL ? sigabbrev_np(sig) : "nal", STATUS_MACHINE);
    say(text);
    _exit(STATUS_MACHINE);
}

struct watch {
    pid_t child;
    sigset_t signals;
    int64_t deadline; /* FOREVER: there is no clock */
    bool interrupted; /* by Ctrl-C, of which it should take notice soon */
    int status;       /* of the child, when it has ended */
};

/* Until the child has ended (true) or the time is over. Signals go on to the child. */
static bool
wait_for(struct watch *w)
{
    for (;;) {
        int64_t now = now_ms(), left = w->deadline - now;
        struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        pid_t ended = waitpid(w->child, &w->status, WNOHANG);
        siginfo_t info;
        int sig;

        if (ended == w->child)
            return true;
        if (left <= 0)
            return false;
        sig = sigtimedwait(&w->signals, &info, w->deadline != FOREVER ? &t : NULL);
        if (sig > 0 && sig != SIGCHLD &&
            info.si_code != SI_KERNEL) /* the terminal's come to both */
            kill(w->child, sig);
        if (sig == SIGINT && watched.shared->about != 0)
            kill(w->child, SIGALRM);
        if (sig == SIGINT && watched.shared->heeds && !w->interrupted) {
            w->interrupted = true;
            if (w->deadline > now + GUARDIAN_INTERRUPT_MS)
                w->deadline = now + GUARDIAN_INTERRUPT_MS;
        }
    }
}

static void
say_killed(const struct watch *w, const char *lab, int64_t seconds)
{
    char text[PLACE_MAX + 512];

    watched.shared->place[PLACE_MAX - 1] = '\0';
    if (watched.shared->place[0] != '\0')
        snprintf(text, sizeof text, "ipclab: %s: ", watched.shared->place);
    else
        snprintf(text, sizeof text, "ipclab: %.300s: line unknown: ", lab);
    say(text);
    if (w->interrupted)
        snprintf(text, sizeof text, "interrupted, and killed as it took no notice (status %d)\n",
                 STATUS_INTERRUPTED);
    else
        snprintf(text, sizeof text, "out of time: not at its end after %lld s (status %d)\n",
                 (long long)seconds, STATUS_STUCK);
    say(text);
}

/* It was stopped in a function of the lab that does not come back. Returns where it may be begun
 * again: not twice for the same one. */
static void
begin_again(const char *lab)
{
    struct shared *sh = watched.shared;
    bool again = sh->keeps && sh->about != sh->stopped;
    char text[PLACE_MAX + 512];

    sh->place[PLACE_MAX - 1] = '\0';
    snprintf(
        text, sizeof text, "\nipclab: %.300s: a loop in the lab that does not end was stopped%s\n",
        sh->place[0] != '\0' ? sh->place : lab, again ? "; the session goes on" : " (status 3)");
    say(text);
    if (!again)
        _exit(STATUS_LAB);
    memcpy(sh->stopped_place, sh->place, PLACE_MAX);
    sh->stopped = sh->about;
    sh->about = sh->stops = sh->keeps = sh->heeds = 0;
}

/* Returns when the child is to be begun again. */
static void
stand_over(struct watch *w, const char *lab)
{
    int64_t seconds = seconds_wanted();

    w->deadline = watched.shared->clock ? now_ms() + seconds * 1000 : FOREVER;
    if (wait_for(w)) {
        if (!watched.shared->stops)
            end_as(w->status);
        begin_again(lab);
        return;
    }
    kill(w->child, SIGALRM);
    w->deadline = now_ms() + GUARDIAN_GRACE_MS;
    if (wait_for(w) && WIFEXITED(w->status))
        end_as(w->status);
    kill(w->child, SIGKILL);
    waitpid(w->child, &w->status, 0);
    say_killed(w, lab, seconds);
    _exit(w->interrupted ? STATUS_INTERRUPTED : STATUS_STUCK);
}

void
guardian_watch(const char *lab, bool clock)
{
    static const int forwarded[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction alarm = {.sa_handler = on_time_is_up, .sa_flags = SA_RESTART};
    struct watch w = {0};
    struct termios terminal;
    bool has_terminal = tcgetattr(0, &terminal) == 0;
    sigset_t before;
    pid_t self = getpid();
    void *shared = mmap(NULL, sizeof *watched.shared, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        say("ipclab: no memory for the guardian of the lab (status 5)\n");
        _exit(STATUS_MACHINE);
    }
    watched.shared = shared;
    watched.shared->clock = clock;
    sigemptyset(&w.signals);
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++)
        sigaddset(&w.signals, forwarded[i]);
    sigprocmask(SIG_BLOCK, &w.signals, &before);
    sigaction(SIGALRM, &alarm, NULL);
    while ((w.child = fork()) > 0) {
        stand_over(&w, lab);
        if (has_terminal)
            tcsetattr(0, TCSADRAIN, &terminal);
    }
    if (w.child < 0) {
        say("ipclab: no process for the guardian of the lab (status 5)\n");
        _exit(STATUS_MACHINE);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self)
        _exit(STATUS_MACHINE); /* the guardian was gone before it could be watched */
    sigprocmask(SIG_SETMASK, &before, NULL);
}
