/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * process - how processes begin, become other programs, end, and are waited for.
 *
 * Every handler does the real call in the student's own process, so parents, zombies, orphans,
 * exit statuses and the buffers of stdio are the kernel's and libc's own, not a model of them.
 * Only fork and the end go through the host, which has to know of each process. What a waiting
 * wait(2) waits for is told by the observer from the list of the world's processes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugin.h"

/* ---- What was printed and not written ---------------------------------------------------- */

/* All streams of the process hang on this list of libc's, which it exports and no header declares.
 * Those that the stdio plugin made are on it too. */
extern FILE *_IO_list_all;

static size_t
unwritten(void)
{
    size_t n = 0;

    for (FILE *stream = _IO_list_all; stream != NULL; stream = stream->_chain)
        n += __fpending(stream);
    return n;
}

/* ---- fork, execve, exit ------------------------------------------------------------------ */

static int64_t
run_fork(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    size_t pending = unwritten();
    pid_t pid = host->fork(frame);

    (void)args; /* the new name is the host's business */
    if (pid > 0 && pending > 0) {
        host->fact(frame, "unwritten", (int64_t)pending);
        host->note(frame,
                   "%zu B were printed but not written: parent and child each have a copy of "
                   "them now, and each writes its own unless it leaves by _exit",
                   pending);
    }
    return pid;
}

/* Says that it loses what is unwritten; before the call, for after it nobody is left to say so. */
static void
note_lost(const struct ipclab_host *host, struct ipclab_frame *frame, const char *how)
{
    size_t pending = unwritten();

    if (pending == 0)
        return;
    host->fact(frame, "lost", (int64_t)pending);
    host->note(frame, "%s, and with it %zu B that were printed but not written", how, pending);
}

static int64_t
run_execve(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    char *argv[IPCLAB_MAX_ARGS + 1];
    int n = 0;

    for (int i = 1; i < args->n; i++)
        argv[n++] = args->v[i].p;
    if (n == 0)
        argv[n++] = args->v[0].p;
    argv[n] = NULL;
    if (!host->may_run(frame, args->v[0].s))
        return -1;
    if (access(args->v[0].s, X_OK) == 0)
        note_lost(host, frame, "a program that starts replaces the memory");
    host->before_exec(frame);
    return execve(args->v[0].s, argv, environ);
}

/* exit(3) writes what stdio still holds, _exit(2) does not: that is the difference to be seen. */
static int64_t
run_exit(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    size_t pending = unwritten(), left;

    fflush(NULL);
    left = unwritten();
    if (pending > left) {
        host->fact(frame, "written", (int64_t)(pending - left));
        host->note(frame, "exit wrote %zu B that were printed but not written before",
                   pending - left);
    }
    if (left > 0) {
        host->fact(frame, "lost", (int64_t)left);
        host->note(frame, "%zu B that were printed could not be written, and are lost", left);
    }
    host->exit(frame, (int)args->v[0].i);
    return 0; /* not reached */
}

static int64_t
run__exit(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    note_lost(host, frame, "the memory of the process goes away");
    host->exit(frame, (int)args->v[0].i);
    return 0; /* not reached */
}

/* The number under which /proc lists this process. Where the observer sees the /proc of a world,
 * it is not listed there itself, and the numbers are the world's. */
static pid_t
number_in_proc(const struct ipclab_process *p)
{
    char link[32];

    return readlink("/proc/self", link, sizeof link) > 0 ? p->pid : p->world_pid;
}

/* The descriptor to which the process is writing right now, or -1: exit can only wait while it
 * flushes a stream, and its arguments do not say which. */
static int
written_descriptor(const struct ipclab_process *p)
{
    char path[64], text[256];
    long number;
    unsigned long fd;
    FILE *f;
    int got = -1;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)number_in_proc(p));
    f = fopen(path, "re");
    if (f == NULL)
        return -1;
    if (fgets(text, sizeof text, f) != NULL && sscanf(text, "%ld %lx", &number, &fd) == 2 &&
        number == SYS_write)
        got = (int)fd;
    fclose(f);
    return got;
}

static void
explain_exit(const struct ipclab_look_host *host, struct ipclab_look *look,
             const struct ipclab_wait *wait)
{
    int fd = written_descriptor(&wait->processes[wait->self]);

    host->why(look, "flush");
    if (fd >= 0)
        host->waits(look, "what stdio still holds does not fit into descriptor %d", fd);
    else
        host->waits(look, "what stdio still holds cannot be written now");
    host->say(look, "exit(3) first writes what the streams of the process still hold, and that "
                    "write(2) waits for room.");
    host->say(look, "It goes on when somebody reads what is in the way, or when the last reader "
                    "closes its end (then SIGPIPE ends the process).");
}

/* ---- wait, waitpid ----------------------------------------------------------------------- */

static void
signal_text(char *out, size_t room, int sig)
{
    const char *name = sigabbrev_np(sig);

    if (name != NULL)
        snprintf(out, room, "SIG%s", name);
    else
        snprintf(out, room, "SIGRTMIN+%d", sig - SIGRTMIN);
}

static void
report_status(const struct ipclab_host *host, struct ipclab_frame *frame, int status)
{
    char name[32];

    if (WIFEXITED(status)) {
        host->fact(frame, "exited", WEXITSTATUS(status));
        if (WEXITSTATUS(status) != 0)
            host->note(frame,
                       "the child exited with %d; the status is %d because exit codes "
                       "stand in its upper byte: WEXITSTATUS(status) is status >> 8",
                       WEXITSTATUS(status), status);
    } else if (WIFSIGNALED(status)) {
        signal_text(name, sizeof name, WTERMSIG(status));
        host->fact_text(frame, "signal", name);
        host->note(frame, "%s killed the child: WTERMSIG(status) is the low 7 bits", name);
    } else if (WIFSTOPPED(status)) {
        signal_text(name, sizeof name, WSTOPSIG(status));
        host->fact_text(frame, "stopped", name);
        host->note(frame, "the child is stopped by %s, and still alive", name);
    } else if (WIFCONTINUED(status)) {
        host->fact(frame, "continued", 1);
        host->note(frame, "SIGCONT made the child go on");
    }
}

static int64_t
wait_for(const struct ipclab_host *host, struct ipclab_frame *frame, pid_t pid, int *status,
         int status_arg, int options)
{
    int own = 0;
    /* The kernel writes through the student's pointer, so that a bad one is EFAULT as in C. */
    int *place = status != NULL ? status : &own;
    pid_t got = waitpid(pid, place, options);

    if (got > 0) {
        if (status != NULL)
            host->stored_number(frame, status_arg, *place);
        report_status(host, frame, *place);
    } else if (got == 0) {
        host->note(frame, "0: such a child lives, but none has changed its state, and WNOHANG "
                          "forbids to wait");
    }
    return got;
}

static int64_t
run_wait(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return wait_for(host, frame, -1, args->v[0].p, 0, 0);
}

static int64_t
run_waitpid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return wait_for(host, frame, (pid_t)args->v[0].i, args->v[1].p, 1, (int)args->v[2].i);
}

/* What became of a child, as the words of siginfo_t; to the rest as report_status. */
static void
report_change(const struct ipclab_host *host, struct ipclab_frame *frame, const siginfo_t *info)
{
    static const char *const words[] = {
        [CLD_EXITED] = "CLD_EXITED",   [CLD_KILLED] = "CLD_KILLED",
        [CLD_DUMPED] = "CLD_DUMPED",   [CLD_TRAPPED] = "CLD_TRAPPED",
        [CLD_STOPPED] = "CLD_STOPPED", [CLD_CONTINUED] = "CLD_CONTINUED",
    };
    int code = info->si_code, known = code >= CLD_EXITED && code <= CLD_CONTINUED;
    char name[32];

    host->fact_process(frame, "child", info->si_pid);
    host->fact_text(frame, "code", known ? words[code] : "?");
    if (code == CLD_EXITED) {
        host->fact(frame, "exited", info->si_status);
        return;
    }
    signal_text(name, sizeof name, info->si_status);
    host->fact_text(frame,
                    code == CLD_STOPPED     ? "stopped"
                    : code == CLD_CONTINUED ? "continued"
                                            : "signal",
                    name);
}

static int64_t
run_waitid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    siginfo_t own = {0}, *info = args->v[2].p;
    int options = (int)args->v[3].i, result;

    /* The kernel writes through the student's pointer, so that a bad one is EFAULT as in C. */
    result =
        waitid((idtype_t)args->v[0].i, (id_t)args->v[1].i, info != NULL ? info : &own, options);
    if (result < 0)
        return -1;
    if (info == NULL)
        info = &own;
    if (info->si_pid == 0) {
        host->note(frame, "0, and si_pid is 0: such a child lives, but none has changed its state, "
                          "and WNOHANG forbids to wait");
        return result;
    }
    report_change(host, frame, info);
    if ((options & WNOWAIT) != 0)
        host->note(frame, "WNOWAIT: the child can be waited for again");
    return result;
}

/* Does waitpid(wanted) of the waiting process look at this process? */
static int
is_waited_for(const struct ipclab_wait *wait, int64_t wanted, const struct ipclab_process *p)
{
    const struct ipclab_process *self = &wait->processes[wait->self];

    if (p->parent != self->world_pid || p == self)
        return 0;
    if (wanted > 0)
        return p->world_pid == wanted;
    if (wanted == -1)
        return 1;
    if (wanted == 0)
        return getpgid(p->pid) == getpgid(self->pid);
    for (int i = 0; i < wait->nprocesses; i++)
        if (wait->processes[i].world_pid == -wanted)
            return getpgid(p->pid) == wait->processes[i].pid;
    return 1; /* the leader of the group is gone: any child may be of it */
}

static int
is_stopped(const struct ipclab_process *p)
{
    char path[64], text[512];
    const char *after;
    FILE *f;
    int stopped = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)number_in_proc(p));
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    if (fgets(text, sizeof text, f) != NULL && (after = strrchr(text, ')')) != NULL)
        stopped = strlen(after) > 2 && (after[2] == 'T' || after[2] == 't');
    fclose(f);
    return stopped;
}

static void
say_what_child_does(const struct ipclab_look_host *host, struct ipclab_look *look,
                    const struct ipclab_process *child)
{
    if (is_stopped(child))
        host->say(look, "%s is stopped: it can neither go on nor exit before SIGCONT.",
                  child->name);
    else if (child->waits)
        host->say(look, "%s waits itself, in %s: `why %s` says what for.", child->name, child->call,
                  child->name);
    else if (child->foreign)
        host->say(look, "%s runs another program, and ends when that ends.", child->name);
    else
        host->say(look, "%s is alive and idle: it exits when it is told to.", child->name);
}

static void
explain_children(const struct ipclab_look_host *host, struct ipclab_look *look,
                 const struct ipclab_wait *wait, int64_t wanted, int options)
{
    const struct ipclab_process *first = NULL, *idle = NULL;
    int alive = 0;

    for (int i = 0; i < wait->nprocesses; i++) {
        const struct ipclab_process *p = &wait->processes[i];

        if (!is_waited_for(wait, wanted, p))
            continue;
        if (p->zombie) {
            host->why(look, "zombie");
            host->waits(look, "%s is dead and about to be reaped", p->name);
            host->say(look,
                      "%s has ended and is a zombie until somebody waits for it: this call "
                      "ends at once.",
                      p->name);
            return;
        }
        alive++;
        if (first == NULL)
            first = p;
        if (idle == NULL && !p->waits && !p->foreign && !is_stopped(p))
            idle = p;
    }
    if (first == NULL) {
        host->why(look, "no child");
        host->waits(look, "no such child is seen any more");
        host->say(look, "Without any such child the call ends with ECHILD.");
        return;
    }
    host->why(look, "alive");
    if (alive == 1)
        host->waits(look, "%s is alive", first->name);
    else
        host->waits(look, "%d children are alive, none has ended: %s is one", alive, first->name);
    if (alive == 1)
        host->rule(look, "%s(2) returns when a child ends, and %s, the only one, is alive",
                   wait->call, first->name);
    else
        host->rule(look, "%s(2) returns when a child ends, and all %d of them are alive",
                   wait->call, alive);
    if (options & WUNTRACED)
        host->say(look, "WUNTRACED: it returns when such a child is stopped, too.");
    for (int i = 0; i < wait->nprocesses; i++)
        if (is_waited_for(wait, wanted, &wait->processes[i])) {
            say_what_child_does(host, look, &wait->processes[i]);
            host->could_end(look, i);
        }
    if (idle != NULL)
        host->next(look, "%s exit(0)", idle->name);
    else if (first->waits)
        host->next(look, "why %s", first->name);
}

static void
explain_wait(const struct ipclab_look_host *host, struct ipclab_look *look,
             const struct ipclab_wait *wait)
{
    explain_children(host, look, wait, -1, 0);
}

static void
explain_waitpid(const struct ipclab_look_host *host, struct ipclab_look *look,
                const struct ipclab_wait *wait)
{
    explain_children(host, look, wait, wait->args.v[0].i, (int)wait->args.v[2].i);
}

/* The pid behind a pidfd as students see it; 0: it is none, or its process is gone. */
static pid_t
pid_behind(const struct ipclab_look_host *host, struct ipclab_look *look, int process, int fd)
{
    char info[1024];
    const char *at;
    long pid = 0;

    if (host->fdinfo(look, process, fd, info, sizeof info) < 0 ||
        (at = strstr(info, "\nNSpid:")) == NULL)
        return 0;
    /* One number for each namespace, the innermost last. */
    for (at += strlen("\nNSpid:"); *at != '\n' && *at != '\0';) {
        char *next;
        long value = strtol(at, &next, 10);

        if (next == at)
            break;
        pid = value;
        at = next;
    }
    return (pid_t)pid;
}

/* Without WEXITED it waits for stopping or going on only, which others bring about. */
static void
explain_no_exit(const struct ipclab_look_host *host, struct ipclab_look *look,
                const struct ipclab_wait *wait, int64_t wanted, int options)
{
    const char *what = (options & WCONTINUED) == 0 ? "stopped"
                       : (options & WSTOPPED) == 0 ? "made to go on"
                                                   : "stopped, or made to go on";

    host->why(look, "alive");
    host->waits(look, "no such child has been %s", what);
    host->rule(look,
               "waitid(2) without WEXITED returns only when such a child is %s: its end is "
               "not reported",
               what);
    for (int i = 0; i < wait->nprocesses; i++) {
        const struct ipclab_process *child = &wait->processes[i];

        if (child->zombie || !is_waited_for(wait, wanted, child))
            continue;
        say_what_child_does(host, look, child);
        for (int k = 0; k < wait->nprocesses; k++) {
            const struct ipclab_process *p = &wait->processes[k];

            if (k != wait->self && !p->waits && !p->zombie && !p->foreign && !is_stopped(p))
                host->next(look, "%s kill(%s, %s)", p->name, child->name,
                           (options & WSTOPPED) != 0 ? "SIGSTOP" : "SIGCONT");
        }
    }
    host->next(look, "interrupt %s", wait->processes[wait->self].name);
}

static void
explain_waitid(const struct ipclab_look_host *host, struct ipclab_look *look,
               const struct ipclab_wait *wait)
{
    int64_t id = wait->args.v[1].i, wanted = -1;
    int options = (int)wait->args.v[3].i;

    if (wait->args.v[0].i == P_PID)
        wanted = id;
    else if (wait->args.v[0].i == P_PGID)
        wanted = -id; /* 0: the own group */
    else if (wait->args.v[0].i == P_PIDFD)
        wanted = pid_behind(host, look, wait->self, (int)id);
    if ((options & WEXITED) == 0)
        explain_no_exit(host, look, wait, wanted, options);
    else
        explain_children(host, look, wait, wanted, (options & WSTOPPED) != 0 ? WUNTRACED : 0);
}

/* ---- getpid, getppid, sleep, nanosleep --------------------------------------------------- */

static int64_t
run_getpid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame, (void)args;
    return getpid();
}

static int64_t
run_getppid(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame, (void)args;
    return getppid();
}

static int64_t
run_sleep(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    unsigned wanted = (unsigned)args->v[0].i, left;

    errno = 0;
    left = sleep(wanted);
    if (errno == EINTR)
        host->note(frame, "a signal ended the sleep early: %u of %u whole seconds are left", left,
                   wanted);
    return left;
}

static int64_t
run_nanosleep(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct timespec time = {.tv_sec = args->v[0].i, .tv_nsec = args->v[1].i}, left = {0};
    int result = nanosleep(&time, &left);

    if (result < 0 && errno == EINTR) {
        host->volatile_fact(frame, "left_sec", left.tv_sec);
        host->volatile_fact(frame, "left_nsec", left.tv_nsec);
    }
    return result;
}

static int
always_timed(const struct ipclab_args *args)
{
    (void)args;
    return 1;
}

static void
explain_sleep(const struct ipclab_look_host *host, struct ipclab_look *look,
              const struct ipclab_wait *wait)
{
    host->why(look, "timer");
    if (wait->args.n > 1)
        host->waits(look, "it sleeps; a timer of %lld s and %lld ns wakes it",
                    (long long)wait->args.v[0].i, (long long)wait->args.v[1].i);
    else
        host->waits(look, "it sleeps; a timer of %lld s wakes it", (long long)wait->args.v[0].i);
    host->say(look,
              "%s ends by itself when the time has passed, or early when a signal with a "
              "handler comes.",
              wait->call);
    host->next(look, "interrupt %s", wait->processes[wait->self].name);
}

/* ---- getrlimit, setrlimit ---------------------------------------------------------------- */

#define KEEP_HARD (-2) /* a hard limit that was left out; no limit is as large as this would be */

static int
limit_report(const struct ipclab_host *host, struct ipclab_frame *frame, int resource)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return -1;
    host->fact(frame, "soft", (int64_t)limit.rlim_cur);
    host->fact(frame, "hard", (int64_t)limit.rlim_max);
    return 0;
}

static int64_t
run_getrlimit(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return limit_report(host, frame, (int)args->v[0].i);
}

static int64_t
run_setrlimit(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    __rlimit_resource_t resource = (__rlimit_resource_t)args->v[0].i;
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return -1;
    limit.rlim_cur = (rlim_t)args->v[1].i;
    if (args->v[2].i != KEEP_HARD)
        limit.rlim_max = (rlim_t)args->v[2].i;
    if (setrlimit(resource, &limit) < 0)
        return -1;
    return limit_report(host, frame, (int)args->v[0].i);
}

/* ---- The records ------------------------------------------------------------------------- */

static const struct ipclab_constant wait_options[] = {
    {"WNOHANG", WNOHANG, "do not wait: return 0 when no child has changed"},
    {"WUNTRACED", WUNTRACED, "report children that are stopped too"},
    {"WCONTINUED", WCONTINUED, "report children that SIGCONT made go on too"},
    {0},
};

static const struct ipclab_constant resources[] = {
    {"RLIMIT_AS", RLIMIT_AS, "bytes of address space"},
    {"RLIMIT_CORE", RLIMIT_CORE, "bytes of a core file"},
    {"RLIMIT_CPU", RLIMIT_CPU, "seconds of CPU time"},
    {"RLIMIT_DATA", RLIMIT_DATA, "bytes of data and heap"},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE, "bytes of a file that the process writes"},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK, "bytes locked in memory"},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE, "bytes in POSIX message queues of the user"},
    {"RLIMIT_NICE", RLIMIT_NICE, "how far nice may be lowered"},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE, "one more than the highest descriptor"},
    {"RLIMIT_NPROC", RLIMIT_NPROC, "processes of the user"},
    {"RLIMIT_RSS", RLIMIT_RSS, "pages in memory; Linux ignores it"},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING, "signals queued for the user"},
    {"RLIMIT_STACK", RLIMIT_STACK, "bytes of the stack"},
    {0},
};

static const struct ipclab_constant limit_values[] = {
    {"RLIM_INFINITY", (int64_t)RLIM_INFINITY, "no limit"},
    {0},
};

static const struct ipclab_arg no_args[] = {{0}};

static const struct ipclab_arg fork_args[] = {
    {.name = "child",
     .type = IPCLAB_NEWNAME,
     .flags = IPCLAB_OPTIONAL,
     .summary = "name that the new process gets here"},
    {0},
};
static const struct ipclab_error fork_errors[] = {
    {"EAGAIN", "a limit on the number of processes is reached (RLIMIT_NPROC, or the world's own)"},
    {"ENOMEM", "the kernel has no memory for another process"},
    {"ENOSYS", "this machine does not allow fork"},
    {0},
};
static const char *const fork_examples[] = {
    "spawn parent\nparent fork(child)\nchild getppid()\nparent getpid()",
    "spawn parent\nparent int n = 1\nparent fork(child)\nparent n = 2\nchild print n",
    "spawn parent\nparent printf(\"twice \")\nparent fork(child)\nparent exit(0)\nchild exit(0)",
    NULL,
};

static const struct ipclab_arg execve_args[] = {
    {.name = "path", .type = IPCLAB_PATH, .summary = "the program's file"},
    {.name = "arg",
     .type = IPCLAB_STRING,
     .flags = IPCLAB_REST,
     .summary = "its argv, from argv[0] on; left out: argv[0] is the path"},
    {0},
};
static const struct ipclab_error execve_errors[] = {
    {"ENOENT",
     "there is no file $path, or its interpreter is missing; execve does not search PATH, "
     "so give the whole path, such as /bin/echo"},
    {"EACCES", "$path is not a regular file with execute permission, or a folder on the way is "
               "closed"},
    {"ENOEXEC", "$path is executable but in no format that the kernel knows; a script begins with "
                "#! and its interpreter"},
    {"ENOTDIR", "a part of $path before the last is not a folder"},
    {"EISDIR", "the interpreter of $path is a folder"},
    {"ELOOP", "too many symbolic links or interpreters on the way to $path"},
    {"ENAMETOOLONG", "$path is longer than a path may be"},
    {"E2BIG", "the arguments and the environment together are too long"},
    {"EFAULT", "an address among the arguments is not in this process's memory"},
    {"ETXTBSY", "somebody has $path open for writing"},
    {"ENOMEM", "the kernel has no memory for the new program"},
    {"EPERM", "the file system or a security rule forbids to run $path"},
    {0},
};
static const char *const execve_examples[] = {
    "spawn a\na execve(\"/bin/echo\", \"echo\", \"hello\")",
    "spawn parent\nparent fork(child)\nchild execve(\"/bin/true\")\nparent waitpid(child, status)",
    "spawn a\na execve(\"echo\", \"echo\", \"not searched in PATH\")",
    NULL,
};

static const struct ipclab_arg exit_args[] = {
    {.name = "status",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what the parent gets to see: the low 8 bits"},
    {0},
};
static const char *const exit_examples[] = {
    "spawn parent\nparent fork(child)\nchild exit(3)\nparent wait(status)\nparent print status",
    "spawn a\na printf(\"written by exit\")\na exit(0)",
    NULL,
};
static const char *const _exit_examples[] = {
    "spawn a\na printf(\"lost\")\na _exit(0)",
    "spawn parent\nparent fork(child)\nchild _exit(1)\nparent waitpid(child, status)",
    NULL,
};

static const struct ipclab_arg wait_args[] = {
    {.name = "status",
     .type = IPCLAB_INTS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "where the status goes; NULL: nowhere",
     .count = 1},
    {0},
};
static const struct ipclab_error wait_errors[] = {
    {"ECHILD", "this process has no child that nobody has waited for"},
    {"EINTR", "a signal with a handler came before a child changed its state"},
    {"EFAULT", "status is no address in this process's memory; the child is reaped all the same"},
    {0},
};
static const char *const wait_examples[] = {
    "spawn parent\nparent fork(child)\nparent wait(status)\nchild exit(7)\nparent print status",
    "spawn a\na wait(status)",
    NULL,
};

static const struct ipclab_arg waitpid_args[] = {
    {.name = "pid",
     .type = IPCLAB_PROCESS,
     .summary = "the child; -1: any; 0: any of the same process group; -N: any of group N"},
    {.name = "status",
     .type = IPCLAB_INTS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "where the status goes; NULL: nowhere",
     .count = 1},
    {.name = "options",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "what else to report, and whether to wait",
     .constants = wait_options},
    {0},
};
static const struct ipclab_error waitpid_errors[] = {
    {"ECHILD", "$pid is no child of this process, or it was waited for before"},
    {"EINTR", "a signal with a handler came before the child changed its state"},
    {"EINVAL", "options is not made of WNOHANG, WUNTRACED and WCONTINUED"},
    {"ESRCH", "$pid is no possible process"},
    {"EFAULT", "status is no address in this process's memory; the child is reaped all the same"},
    {0},
};
static const char *const waitpid_examples[] = {
    "spawn parent\nparent fork(child)\nchild exit(3)\nparent waitpid(child, status)",
    "spawn parent\nparent fork(child)\nparent waitpid(child, status, WNOHANG)",
    "spawn parent\nparent fork(child)\nparent waitpid(child)\nchild exit(0)",
    NULL,
};

static const struct ipclab_constant id_types[] = {
    {"P_ALL", P_ALL, "any child; the id does not matter"},
    {"P_PID", P_PID, "the child with this pid"},
    {"P_PGID", P_PGID, "any of this process group; 0: of the own one"},
    {"P_PIDFD", P_PIDFD, "the child behind this pidfd"},
    {0},
};
static const struct ipclab_constant waitid_options[] = {
    {"WEXITED", WEXITED, "report children that ended"},
    {"WSTOPPED", WSTOPPED, "report children that were stopped"},
    {"WCONTINUED", WCONTINUED, "report children that SIGCONT made go on"},
    {"WNOHANG", WNOHANG, "do not wait: 0, and si_pid 0, when nothing has happened"},
    {"WNOWAIT", WNOWAIT, "leave it to be waited for again"},
    {0},
};
static const struct ipclab_arg waitid_args[] = {
    {.name = "idtype", .type = IPCLAB_INT, .summary = "what id is", .constants = id_types},
    {.name = "id", .type = IPCLAB_PROCESS, .summary = "a pid, a process group or a pidfd"},
    {.name = "infop",
     .type = IPCLAB_BUFFER,
     .flags = IPCLAB_NULLABLE,
     .summary = "where the siginfo_t goes; NULL: nowhere",
     .size_arg = -1,
     .count = sizeof(siginfo_t)},
    {.name = "options",
     .type = IPCLAB_FLAGS,
     .summary = "what to report, and whether to wait",
     .constants = waitid_options},
    {0},
};
static const struct ipclab_error waitid_errors[] = {
    {"ECHILD", "no child of this process is meant by $idtype and $id, or it was waited for before"},
    {"EINTR", "a signal with a handler came before a child changed its state"},
    {"EINVAL",
     "$options has none of WEXITED, WSTOPPED and WCONTINUED, or $idtype or $id is not valid"},
    {"EBADF", "$id is no open descriptor, or none of a process"},
    {"EAGAIN", "the pidfd has PIDFD_NONBLOCK, and the child has not ended"},
    {"EFAULT", "infop is no address in this process's memory; the child is reaped all the same"},
    {0},
};
static const char *const waitid_examples[] = {
    "spawn parent\nparent fork(child)\nchild exit(3)\nparent waitid(P_PID, child, info, WEXITED)",
    "spawn parent\nparent fork(child)\nparent waitid(P_ALL, 0, NULL, WEXITED|WNOHANG)",
    "spawn parent\nparent fork(child)\nchild exit(0)\nparent waitid(P_ALL, 0, info, "
    "WEXITED|WNOWAIT)\n"
    "parent wait(status)",
    "spawn parent\nparent fork(child)\nparent p = pidfd_open(child)\n"
    "parent waitid(P_PIDFD, p, info, WEXITED)\nchild exit(0)",
    NULL,
};

static const char *const getpid_examples[] = {
    "spawn a\na getpid()",
    "spawn parent\nparent fork(child)\nparent getpid()\nchild getpid()",
    NULL,
};
static const char *const getppid_examples[] = {
    "spawn parent\nparent fork(child)\nchild getppid()",
    "spawn parent\nparent fork(child)\nparent exit(0)\nchild getppid()",
    NULL,
};

static const struct ipclab_arg sleep_args[] = {
    {.name = "seconds", .type = IPCLAB_INT, .summary = "how long", .min = 0, .max = UINT_MAX},
    {0},
};
static const char *const sleep_examples[] = {
    "spawn a\na sleep(0)",
    "spawn a b\na sleep(1)\nb getpid()",
    NULL,
};
static const struct ipclab_arg nanosleep_args[] = {
    {.name = "sec", .type = IPCLAB_INT, .summary = "whole seconds"},
    {.name = "nsec",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "nanoseconds beyond them, below 1000000000"},
    {0},
};
static const struct ipclab_error nanosleep_errors[] = {
    {"EINTR", "a signal with a handler ended the sleep early"},
    {"EINVAL", "sec is negative, or nsec is not between 0 and 999999999"},
    {0},
};
static const char *const nanosleep_examples[] = {
    "spawn a\na nanosleep(0, 1000000)",
    "spawn a\na nanosleep(0, 1000000000)",
    NULL,
};

static const struct ipclab_error rlimit_errors[] = {
    {"EINVAL", "there is no such resource, or the soft limit would be above the hard one"},
    {"EPERM", "only a privileged process may raise a hard limit, and no process above what the "
              "system has for all"},
    {0},
};
static const struct ipclab_arg getrlimit_args[] = {
    {.name = "resource", .type = IPCLAB_INT, .summary = "what is limited", .constants = resources},
    {0},
};
static const char *const getrlimit_examples[] = {
    "spawn a\na getrlimit(RLIMIT_NOFILE)",
    "spawn parent\nparent setrlimit(RLIMIT_FSIZE, 100)\nparent fork(child)\n"
    "child getrlimit(RLIMIT_FSIZE)",
    NULL,
};
static const struct ipclab_arg setrlimit_args[] = {
    {.name = "resource", .type = IPCLAB_INT, .summary = "what is limited", .constants = resources},
    {.name = "soft",
     .type = IPCLAB_INT,
     .summary = "the limit that counts",
     .constants = limit_values},
    {.name = "hard",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how far soft may be raised; left out or -2: as it is",
     .def = KEEP_HARD,
     .constants = limit_values},
    {0},
};
static const char *const setrlimit_examples[] = {
    "spawn a\na setrlimit(RLIMIT_FSIZE, 100)",
    "spawn a\na setrlimit(RLIMIT_CORE, 2, 1)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "fork",
     .prototype = "pid_t fork(void)",
     .summary = "make a child process that is a copy of this one",
     .help = "After fork two processes go on from the same place: the parent gets the child's pid, "
             "the child gets 0. The child has a copy of the memory, at the same addresses; from "
             "then on neither sees what the other writes. Descriptors are copied too, but the open "
             "files, pipes and offsets behind them are shared. What stdio had printed but not "
             "written is memory and is copied like the rest. fork(NAME) says what the child is "
             "called here.",
     .man = "fork(2)",
     .flags = IPCLAB_MAKES_PROCESS | IPCLAB_FDS | IPCLAB_PIDS,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .args = fork_args,
     .errors = fork_errors,
     .returns = "in the parent the pid of the child; the child goes on with 0",
     .examples = fork_examples,
     .run = run_fork},
    {.name = "execve",
     .prototype = "int execve(const char *path, char *const argv[], char *const envp[])",
     .summary = "run another program in this process",
     .help = "The program in the process is replaced: memory, variables and handlers are gone, the "
             "pid, the parent, the working folder and the descriptors without O_CLOEXEC stay. It "
             "returns only when it fails. The words after the path are argv, beginning with "
             "argv[0], which by custom is the program's name; without any, argv[0] is the path. "
             "The environment is this process's own. The path is not searched for in PATH: that "
             "is what execvp(3) adds.",
     .man = "execve(2)",
     .flags = IPCLAB_ENDS | IPCLAB_EXECS | IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = execve_args,
     .errors = execve_errors,
     .returns = "nothing: the program is another one then",
     .examples = execve_examples,
     .run = run_execve},
    {.name = "exit",
     .prototype = "void exit(int status)",
     .summary = "write what stdio holds, then end the process",
     .help = "exit(3) first writes what the process's streams hold, then ends it as _exit(2) does. "
             "The kernel closes its descriptors, so that readers of its pipes may now see the end "
             "of file; its children are given a new parent; it stays as a zombie until its own "
             "parent waits for it. Of the status the parent sees the low 8 bits.",
     .man = "exit(3)",
     .flags = IPCLAB_ENDS | IPCLAB_WAITS | IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_VOID,
     .failure = -1,
     .args = exit_args,
     .returns = "nothing",
     .waits = "a stream still holds bytes and their pipe is full; whoever reads from it ends it",
     .examples = exit_examples,
     .run = run_exit,
     .explain = explain_exit},
    {.name = "_exit",
     .prototype = "void _exit(int status)",
     .summary = "end the process at once, without writing what stdio holds",
     .help = "The system call below exit(3). What was printed but still lies in a buffer of the "
             "process is lost. A child that shares its parent's unwritten buffers after fork "
             "leaves this way, so that the text is not written twice.",
     .man = "_exit(2)",
     .flags = IPCLAB_ENDS | IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_VOID,
     .failure = -1,
     .args = exit_args,
     .returns = "nothing",
     .examples = _exit_examples,
     .run = run__exit},
    {.name = "wait",
     .prototype = "pid_t wait(int *status)",
     .summary = "wait until any child ends, and reap it",
     .help = "A process that has ended stays as a zombie, a pid with a status, until its parent "
             "waits for it. wait takes the status of one such child and returns its pid; when all "
             "children live it waits; without children it fails with ECHILD. The status is taken "
             "apart with WIFEXITED, WEXITSTATUS, WIFSIGNALED, WTERMSIG: exited and signal "
             "show what they would say.",
     .man = "wait(2)",
     .flags = IPCLAB_WAITS | IPCLAB_PIDS,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .args = wait_args,
     .errors = wait_errors,
     .returns = "the pid of the child that ended",
     .waits = "no child has ended yet; the end of any child ends it",
     .examples = wait_examples,
     .run = run_wait,
     .explain = explain_wait},
    {.name = "waitpid",
     .prototype = "pid_t waitpid(pid_t pid, int *status, int options)",
     .summary = "wait until this child ends, stops or goes on",
     .help = "As wait(2), but for one child, or for those of a process group, and with options: "
             "WNOHANG looks and returns 0 at once when nothing has happened, WUNTRACED reports "
             "children that were stopped, WCONTINUED those that SIGCONT made go on. An actor's "
             "name stands for its pid.",
     .man = "waitpid(2)",
     .flags = IPCLAB_WAITS | IPCLAB_PIDS,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .args = waitpid_args,
     .errors = waitpid_errors,
     .returns = "the pid of the child; 0 with WNOHANG when none has ended",
     .waits = "the child has not ended yet; its end ends it, and with WUNTRACED or WCONTINUED also "
              "its stopping or going on",
     .examples = waitpid_examples,
     .run = run_waitpid,
     .explain = explain_waitpid},
    {.name = "waitid",
     .prototype = "int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options)",
     .summary = "wait until a child ends, stops or goes on, and say which of these is meant",
     .help = "As waitpid(2), with two differences. What counts is said: WEXITED, WSTOPPED, "
             "WCONTINUED, at least one of them. And the answer is a siginfo_t: which child "
             "(si_pid), what became of it (si_code: CLD_EXITED, CLD_KILLED, CLD_STOPPED ...) and "
             "its exit code or signal (si_status), so that nothing has to be taken apart with "
             "WEXITSTATUS. WNOWAIT looks and leaves the zombie for a later wait. With P_PIDFD the "
             "child is the one behind a pidfd, which cannot be another one by now.",
     .man = "waitid(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = waitid_args,
     .errors = waitid_errors,
     .returns = "0; with WNOHANG also when nothing has happened (then si_pid is 0)",
     .waits = "no such child has ended (WEXITED), stopped (WSTOPPED) or gone on (WCONTINUED) yet; "
              "when one does it goes on",
     .examples = waitid_examples,
     .run = run_waitid,
     .explain = explain_waitid},
    {.name = "getpid",
     .prototype = "pid_t getpid(void)",
     .summary = "this process's own number",
     .help = "The pid stays the same across execve and differs in a child after fork.",
     .man = "getpid(2)",
     .flags = IPCLAB_PIDS | IPCLAB_PURE,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .args = no_args,
     .returns = "the pid of the process in its world",
     .examples = getpid_examples,
     .run = run_getpid},
    {.name = "getppid",
     .prototype = "pid_t getppid(void)",
     .summary = "the number of this process's parent",
     .help = "The parent is who called fork. When it ends first, the child is an orphan and is "
             "given to the first process of its world (or to a process that asked to adopt "
             "orphans), and getppid changes.",
     .man = "getppid(2)",
     .flags = IPCLAB_PIDS | IPCLAB_PURE,
     .result = IPCLAB_PROCESS,
     .failure = -1,
     .args = no_args,
     .returns = "the pid of the parent; 1 once the parent is gone",
     .examples = getppid_examples,
     .run = run_getppid},
    {.name = "sleep",
     .prototype = "unsigned int sleep(unsigned int seconds)",
     .summary = "wait that many seconds, or until a signal comes",
     .help = "It ends by itself. A signal with a handler ends it early, and then the result is "
             "the number of whole seconds that were left; otherwise it is 0. Two processes that "
             "wait for each other with sleep have a race, not a protocol: use it to see, not to "
             "synchronise.",
     .man = "sleep(3)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = sleep_args,
     .returns = "0, or how many seconds were left when a signal came",
     .waits = "the time has not passed; time, or a signal, ends it",
     .examples = sleep_examples,
     .run = run_sleep,
     .timed = always_timed,
     .explain = explain_sleep},
    {.name = "nanosleep",
     .prototype = "int nanosleep(const struct timespec *duration, struct timespec *rem)",
     .summary = "wait that many seconds and nanoseconds, or until a signal comes",
     .help = "Given as two numbers, nanosleep(sec, nsec). It ends by itself with 0. A signal with "
             "a handler ends it early with EINTR; what was left is shown as left_sec and "
             "left_nsec.",
     .man = "nanosleep(2)",
     .flags = IPCLAB_WAITS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = nanosleep_args,
     .errors = nanosleep_errors,
     .returns = "0",
     .waits = "the time has not passed; time, or a signal, ends it",
     .examples = nanosleep_examples,
     .run = run_nanosleep,
     .timed = always_timed,
     .explain = explain_sleep},
    {.name = "getrlimit",
     .prototype = "int getrlimit(int resource, struct rlimit *rlim)",
     .summary = "how much of a resource this process may use",
     .help = "The soft limit counts, the hard one says how far the process itself may raise it; "
             "-1 is RLIM_INFINITY, no limit. Limits are inherited by fork and kept by execve. They "
             "are shown as soft and hard.",
     .man = "getrlimit(2)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = getrlimit_args,
     .errors = rlimit_errors,
     .returns = "0",
     .examples = getrlimit_examples,
     .run = run_getrlimit},
    {.name = "setrlimit",
     .prototype = "int setrlimit(int resource, const struct rlimit *rlim)",
     .summary = "limit how much of a resource this process may use",
     .help = "Given as numbers, setrlimit(resource, soft [, hard]). A process may lower its limits "
             "and raise the soft one up to the hard one; a hard limit once lowered stays so. "
             "Children that are forked later inherit them.",
     .man = "setrlimit(2)",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = setrlimit_args,
     .errors = rlimit_errors,
     .returns = "0",
     .examples = setrlimit_examples,
     .run = run_setrlimit},
    {0},
};

static const char *const man[] = {"fork(2)",  "execve(2)",      "wait(2)",
                                  "_exit(2)", "credentials(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "waitpid, and the child lives",
     .before = "spawn a\n"
               "a fork(b)",
     .waits = {.lines = "a waitpid(b, status)", .returns = "pid of b"},
     .ends = "b exit(0)",
     .at_once = {.lines = "a waitpid(b, status, WNOHANG)", .returns = "0"},
     .timed = {.lines = "a sigprocmask(SIG_BLOCK, SIGCHLD)\n"
                        "a sigtimedwait(100, SIGCHLD)",
               .returns = "-1 EAGAIN",
               .note = "waitpid has no timed form: its signal has one"}},
    {.when = "waitid, and the child lives",
     .before = "spawn a\n"
               "a fork(b)",
     .waits = {.lines = "a waitid(P_PID, b, info, WEXITED)", .returns = "0"},
     .ends = "b exit(0)",
     .at_once = {.lines = "a waitid(P_PID, b, info, WEXITED|WNOHANG)",
                 .returns = "0",
                 .note = "si_pid tells whether one has ended"},
     .timed = {.lines = "a poll(pidfd_open(b), POLLIN, 100)",
               .returns = "0",
               .note = "a pidfd can be waited for with a time"}},
    {.when = "wait, and no child has ended",
     .before = "spawn a\n"
               "a fork(b)",
     .waits = {.lines = "a wait(status)", .returns = "pid of b"},
     .ends = "b exit(0)",
     .at_once = {.lines = "a waitpid(-1, status, WNOHANG)", .returns = "0"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a wait(status)",
               .returns = "-1 EINTR",
               .note = "wait has no timed form; a timer's signal ends it, again and again in case "
                       "one is too early"}},
    {0},
};

static const char *const fields[] = {"child",     "code",      "continued", "exited", "hard",
                                     "left_nsec", "left_sec",  "lost",      "signal", "soft",
                                     "stopped",   "unwritten", "written",   NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "process",
    .version = "1.0",
    .summary = "processes: how they begin, run programs, end, and are waited for",
    .help =
        "A process is a program in the course of running: its memory, its descriptors, its place "
        "in the family. fork copies it, execve puts another program into it, exit ends it, and "
        "the parent learns how it ended by wait, waitpid or waitid. Between the end and the wait "
        "it is a "
        "zombie: a pid and a status, nothing else. A child whose parent ends first is an orphan "
        "and gets a new parent.\n\n"
        "What goes wrong: a parent that never waits collects zombies; one that waits for a child "
        "which in turn waits for the parent is stuck; text printed before fork comes out twice, "
        "because the buffer of stdout is memory and is copied; text printed before _exit or "
        "execve is lost with the memory.",
    .man = man,
    .calls = calls,
    .constants = limit_values,
    .blocking = blocking,
    .fields = fields,
};
