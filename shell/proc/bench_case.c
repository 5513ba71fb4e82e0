/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One measurement in its own process: sets the mechanism up, forks the two sides, waits for both,
 * removes what was made and answers. It does so twice, for trips and for messages one way. What a
 * plugin does wrong costs this process and its two, and is in the answer; one that is killed is
 * told of by the world's first process. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "proc/bench_loop.h"
#include "proc/loader.h"

enum {
    TIMES = 20,      /* so many times as long as it should take */
    GRACE_MS = 5000, /* and this longer: then it hangs */
};

/* The measurement of this process. */
static struct runtime *runtime;
static struct bench_request request;
static const struct ipclab_bench *bench;
static struct bench_shared *shared;
static char *pattern;
static struct bench_fault fault; /* of this process */
static struct bench_fault *said; /* where `why` writes */

/* ---- What a plugin may ask ----------------------------------------------------------------- */

static int
host_intend(struct ipclab_bench_run *run, const char *kind, uint64_t key, const char *text)
{
    (void)run;
    return runtime_intend(runtime, kind, key, text);
}

static int
host_sealed(struct ipclab_bench_run *run)
{
    (void)run;
    return runtime->kind != WORLD_SHARED;
}

static void __attribute__((format(printf, 2, 3)))
host_why(struct ipclab_bench_run *run, const char *fmt, ...)
{
    va_list ap;

    (void)run;
    va_start(ap, fmt);
    vsnprintf(said->text, sizeof said->text, fmt, ap);
    va_end(ap);
}

static const struct ipclab_bench_host host = {
    .size = sizeof host,
    .intend = host_intend,
    .sealed = host_sealed,
    .why = host_why,
};

/* ---- The sides ----------------------------------------------------------------------------- */

/* Waits until the gate is closed: then both pids are known. */
static void
pass_gate(const int gate[2])
{
    char c;

    close(gate[1]);
    while (read(gate[0], &c, 1) < 0 && errno == EINTR)
        ;
    close(gate[0]);
}

static void __attribute__((noreturn))
become_side(const struct ipclab_bench_run *run, int number, const int gate[2])
{
    struct bench_side s = {.bench = bench,
                           .run = *run,
                           .shared = shared,
                           .pattern = pattern,
                           .time_ns = request.time_ns,
                           .fault = &shared->faults[number]};
    cpu_set_t cpu;
    int result = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CPU_ZERO(&cpu);
    CPU_SET((size_t)request.cpu[number], &cpu);
    pass_gate(gate);
    s.run.side = number;
    s.run.peer = shared->pids[1 - number];
    bench_memory(s.run.size, &s.place, &s.places);
    said = s.fault;
    if (sched_setaffinity(0, sizeof cpu, &cpu) < 0) {
        bench_say_errno(s.fault, "sched_setaffinity");
        _exit(1);
    }
    if (bench->begin != NULL)
        result = bench->begin(&host, &s.run);
    if (result < 0)
        bench_say_errno(s.fault, "beginning");
    else
        result = bench_side_run(&s);
    _exit(result < 0);
}

/* Both sides, until they have ended; whoever fails takes the other along. 0 or -1. */
static int
await_sides(struct pollfd p[2])
{
    int limit = (int)(request.time_ns / 1000000 * TIMES) + GRACE_MS, result = 0;

    for (int left = 2; left > 0;) {
        int ready = poll(p, 2, limit);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0) {
            fault.outcome = BENCH_FAILED;
            snprintf(fault.text, sizeof fault.text, "it hangs: one side waits for a message");
        }
        for (int i = 0; i < 2; i++) {
            siginfo_t info = {0};

            if (ready <= 0 && p[i].fd >= 0)
                syscall(SYS_pidfd_send_signal, p[i].fd, SIGKILL, NULL, 0);
            if (p[i].fd < 0 || (ready > 0 && p[i].revents == 0))
                continue;
            waitid(P_PIDFD, (id_t)p[i].fd, &info, WEXITED);
            close(p[i].fd);
            p[i].fd = -1;
            left--;
            if (info.si_code == CLD_EXITED && info.si_status == 0)
                continue;
            if (result == 0 && ready > 0 && info.si_code != CLD_EXITED) {
                fault.outcome = BENCH_FAILED;
                snprintf(fault.text, sizeof fault.text, "side %d was killed by SIG%s", i,
                         sigabbrev_np(info.si_status));
            } else if (result == 0 && ready > 0) {
                fault = shared->faults[i];
                if (fault.outcome == BENCH_MEASURED) { /* it was not this program that ended it */
                    fault.outcome = BENCH_FAILED;
                    snprintf(fault.text, sizeof fault.text, "side %d ended with status %d", i,
                             info.si_status);
                }
            }
            result = -1;
            if (p[1 - i].fd >= 0)
                syscall(SYS_pidfd_send_signal, p[1 - i].fd, SIGKILL, NULL, 0);
        }
    }
    return result;
}

static int
fork_sides(const struct ipclab_bench_run *run)
{
    struct pollfd p[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
    int gate[2], result = 0;

    if (pipe2(gate, O_CLOEXEC) < 0) {
        bench_say_errno(&fault, "pipe");
        return -1;
    }
    for (int i = 0; i < 2 && result == 0; i++) {
        pid_t pid = fork();

        if (pid == 0)
            become_side(run, i, gate);
        shared->pids[i] = pid;
        p[i].fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
        if (p[i].fd < 0) {
            bench_say_errno(&fault, "fork");
            result = -1;
        }
    }
    if (result < 0)
        _exit(1); /* they die with this process */
    close(gate[0]);
    close(gate[1]);
    return await_sides(p);
}

/* ---- The measurement ----------------------------------------------------------------------- */

/* Sets up, lets both run, removes what was made. 0, or -1 and `fault`. */
static int
measure(int one_way, size_t *piece)
{
    struct ipclab_bench_run run = {.size = request.size, .one_way = one_way, .side = -1};
    size_t place;
    int64_t places;
    int result;

    atomic_store(&shared->last, -1);
    atomic_store(&shared->warm, false);
    shared->trips = shared->messages = 0;
    run.memory_size = bench_memory(run.size, &place, &places);
    run.piece = bench->most != 0 && bench->most < run.size ? bench->most : run.size;
    said = &fault;
    errno = 0;
    if (bench->setup(&host, &run) < 0) {
        fault.outcome = BENCH_CANNOT;
        bench_say_errno(&fault, "setting it up");
        return -1;
    }
    if (run.piece == 0 || (run.piece < run.size && (bench->flags & IPCLAB_BENCH_CUTS) == 0)) {
        fault.outcome = BENCH_CANNOT;
        snprintf(fault.text, sizeof fault.text, "%s",
                 bench->limit != NULL ? bench->limit : "a message is longer than it takes");
        result = -1;
    } else {
        *piece = run.piece;
        result = fork_sides(&run);
        if (result == 0 && (one_way ? shared->messages : shared->trips) < 1) {
            fault.outcome = BENCH_FAILED;
            snprintf(fault.text, sizeof fault.text,
                     "both sides ended before anything was measured");
            result = -1;
        }
    }
    if (bench->teardown != NULL)
        bench->teardown(&run);
    return result;
}

static int
by_length(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* A trip of the sorted ones without what measuring it cost, in picoseconds. */
static int64_t
trip(int64_t number)
{
    int64_t ps = (int64_t)shared->trip_ns[number] * 1000 - shared->check - shared->clock;

    return ps > 0 ? ps : 0;
}

static void
measure_all(struct bench_answer *a)
{
    int64_t n;

    if (measure(0, &a->piece) == 0) {
        n = shared->trips;
        qsort(shared->trip_ns, (size_t)n, sizeof *shared->trip_ns, by_length);
        a->trips = n;
        a->p50 = trip((n - 1) / 2);
        a->p99 = trip((n * 99 + 99) / 100 - 1);
        a->check = shared->check;
        a->clock = shared->clock;
        if (bench->answered == NULL && measure(1, &a->piece) == 0) {
            a->messages = shared->messages;
            a->stream_ns = shared->stream_ns;
        }
    }
    a->outcome = fault.outcome;
    snprintf(a->text, sizeof a->text, "%s", fault.text);
}

/* Different bytes everywhere, and a different first byte in each message of a row. */
static int
make_pattern(void)
{
    size_t n = request.size + (size_t)BENCH_VARIANTS * BENCH_STRIDE;
    uint64_t x = 88172645463325252U;

    pattern = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pattern == MAP_FAILED)
        return -1;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        pattern[i] = (char)(x >> 32);
    }
    for (int i = 0; i < BENCH_VARIANTS; i++)
        pattern[i * BENCH_STRIDE] = (char)(i * 4 + 1);
    return 0;
}

/* As an actor: the user's limits, no rights of the world's first process, nothing to print on. */
static int
settle_in(struct runtime *rt, int *reply)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), ledger = rt->ledger;
    sigset_t none;

    *reply = fcntl(*reply, F_DUPFD_CLOEXEC, 100);
    if (ledger >= 0)
        rt->ledger = fcntl(ledger, F_DUPFD_CLOEXEC, *reply + 1);
    if (null < 0 || *reply < 0 || (ledger >= 0 && rt->ledger < 0))
        return -1;
    for (int fd = 0; fd < 3; fd++)
        if (dup2(null, fd) < 0)
            return -1;
    close_range(3, (unsigned)*reply - 1, 0);
    close_range((unsigned)*reply + (ledger >= 0 ? 2 : 1), ~0U, 0);
    setpgid(0, 0);
    for (int sig = 1; sig < NSIG; sig++)
        if (sig != SIGKILL && sig != SIGSTOP)
            signal(sig, sig == SIGPIPE ? SIG_IGN : SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return setrlimit(RLIMIT_NOFILE, &rt->files) < 0 ? -1 : world_drop_rights();
}

void
bench_case_run(struct runtime *rt, int reply, struct wire_in *in)
{
    struct bench_answer a = {.outcome = BENCH_FAILED};
    struct buf frame = {0};
    const struct ipclab_plugin *plugin;
    int n = 0;

    runtime = rt;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!bench_get_request(in, &request) || request.plugin < 0 ||
        request.plugin >= rt->plugins->n || settle_in(rt, &reply) < 0)
        _exit(70);
    plugin = rt->plugins->sources[request.plugin].plugin;
    while (plugin->benches != NULL && plugin->benches[n].name != NULL && n < request.bench)
        n++;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (plugin->benches == NULL || plugin->benches[n].name == NULL || shared == MAP_FAILED ||
        make_pattern() < 0)
        _exit(70);
    bench = &plugin->benches[n];
    measure_all(&a);
    wire_begin(&frame, FRAME_MEASURED, 0);
    bench_put_answer(&frame, &a);
    _exit(wire_send_wait(reply, &frame, NULL, 0) < 0);
}
