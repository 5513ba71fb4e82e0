/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a step costs, and a fresh world, from the line to its events in the trace file: one process
 * on one CPU holds worlds of 2, 64 and 1,000 actors, and the raw round trip that they are held
 * against, and goes through all of them for each line that it reads, so that a noisy moment meets
 * everybody.
 *
 *   steps BUILD TRACE LAB GUIDED-LAB     prints "name microseconds" (idle: KiB), and "." after each
 * round */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "builtin/builtins.h"
#include "lesson/lesson.h"
#include "lua/lab.h"
#include "session/session.h"
#include "trace/writer.h"

enum {
    BATCH =
        64, /* steps measured at once: as many as go by from one audit of the world to the next */
    BATCHES = 16,
    SLOW_BATCHES = 4,
    RESETS = 6,
};

static struct launcher_options options;
static struct writer writer;

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void __attribute__((noreturn)) fail(const char *what, const char *why)
{
    fprintf(stderr, "steps: %s: %s\n", what, why);
    exit(1);
}

/* ---- The limit: one byte there and back ---------------------------------------------------- */

static int raw[2];
static pid_t echo;

static void
raw_start(void)
{
    char c;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, raw) < 0)
        fail("socketpair", "no socket");
    echo = fork();
    if (echo == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (recv(raw[1], &c, 1, 0) == 1)
            if (send(raw[1], &c, 1, 0) != 1)
                break;
        _exit(0);
    }
}

static void
raw_batch(void)
{
    char c = 'x';

    for (int i = 0; i < BATCH; i++)
        if (send(raw[0], &c, 1, 0) != 1 || recv(raw[0], &c, 1, 0) != 1)
            fail("round trip", "cut");
}

/* ---- Sessions ------------------------------------------------------------------------------ */

/* As front/console.c records, without lines on a terminal. */
static void
on_event(void *ctx, const struct event *e)
{
    (void)ctx;
    writer_event(&writer, e);
}

static void
on_pause(void *ctx)
{
    (void)ctx;
    writer_flush(&writer);
}

static void
tell(struct session *s, const char *text)
{
    struct err err;

    if (session_line(s, text, strlen(text), &err) < 0)
        fail(text, err.text);
}

static void
start(struct session *s, struct listener *l)
{
    struct err err;

    *s = (struct session){.wanted_world = -1, .limit_ms = 60000, .builtins = builtins};
    *l = (struct listener){.event = on_event, .pause = on_pause};
    session_listen(s, l);
    if (session_start(s, &options, &err) < 0)
        fail("session", err.text);
}

static void
start_pair(struct session *s)
{
    tell(s, "spawn a");
    tell(s, "a pipe(p)");
    tell(s, "a fork(b)");
}

/* Two that act, and others of which the last `waiting` wait, each for a pipe of its own. */
static void
start_crowd(struct session *s, int actors, int waiting)
{
    char line[64];

    start_pair(s);
    for (int i = 2; i < actors; i++) {
        snprintf(line, sizeof line, "spawn w%d", i);
        tell(s, line);
        if (i < actors - waiting)
            continue;
        snprintf(line, sizeof line, "w%d pipe(q)", i);
        tell(s, line);
        snprintf(line, sizeof line, "w%d read(q[0], buf, 1)", i);
        tell(s, line);
    }
}

/* Steps that come back at once. */
static void
step_batch(struct session *s)
{
    for (int i = 0; i < BATCH; i += 2) {
        tell(s, "a write(p[1], \"x\", 1)");
        tell(s, "b read(p[0], buf, 1)");
    }
    writer_flush(&writer);
}

/* The same calls, as the method calls of a lab. */
static void
lua_batch(struct session *s)
{
    struct err err;

    if (chunk_run(s, "for i = 1, 32 do a:write(4, 'x') b:read(3, 1) end", &err) < 0)
        fail("lua", err.text);
    writer_flush(&writer);
}

/* Steps that wait, each with the one that ends its wait. */
static void
wake_batch(struct session *s)
{
    for (int i = 0; i < BATCH; i += 2) {
        tell(s, "b read(p[0], buf, 1)");
        tell(s, "a write(p[1], \"x\", 1)");
    }
    writer_flush(&writer);
}

/* ---- A whole lab --------------------------------------------------------------------------- */

static struct lab_file lab;

static void
say(void *ctx, const char *line)
{
    (void)ctx;
    fail("lab", line);
}

static void
run_lab(struct session *s)
{
    enum status status;
    struct lab *loaded = lab_load(s, &lab, say, NULL, &status);

    if (loaded == NULL || lab_run(loaded, say, NULL) != STATUS_OK)
        fail("lab", "it failed");
    lab_free(loaded);
}

/* What it comes to. */
static void
run_lines(struct session *s)
{
    tell(s, "spawn a");
    tell(s, "a pipe(pipefd1)");
    tell(s, "a fork(b)");
    for (int i = 0; i < 9; i++) {
        tell(s, "a write(4, \"x\")");
        tell(s, "b read(3, buf1, 1)");
    }
}

/* The one and the other in turns, each in a fresh world. */
static void
measure_lab(struct session *s)
{
    for (int i = 0; i < RESETS; i++)
        for (int k = 0; k < 2; k++) {
            double from;

            tell(s, "reset");
            from = now_us();
            (k == 0 ? run_lab : run_lines)(s);
            writer_flush(&writer);
            printf("%s %.3f\n", k == 0 ? "lab20" : "lines20", now_us() - from);
        }
}

/* ---- A guided lab -------------------------------------------------------------------------- */

/* Its task is looked at after each line and never done. */
static void
start_guided(struct session *s, struct listener *l, const struct lab_file *file)
{
    enum status status;
    struct err err;
    struct lab *loaded;

    start(s, l);
    loaded = lab_load(s, file, say, NULL, &status);
    if (loaded == NULL || lesson_start(s, loaded, NULL, &err) < 0)
        fail("guided", "it cannot be led");
}

static void
release_guided(struct session *s, struct lab_file *file)
{
    struct lab *loaded = s->lesson->lab;

    lesson_end(s);
    lab_free(loaded);
    session_release(s);
    lab_file_release(file);
}

/* As many lines as a student types, from the beginning of a world on: with the lab and without it,
 * in turns. */
static void
measure_guided(struct session *guided, struct session *plain)
{
    for (int i = 0; i < 2 * BATCHES; i++) {
        struct session *s = i % 2 == 0 ? guided : plain;
        double from;

        tell(s, "reset");
        if (s == plain)
            tell(s, "spawn a");
        tell(s, "a pipe(p)");
        tell(s, "a fork(b)");
        from = now_us();
        step_batch(s);
        printf("%s %.3f\n", s == guided ? "guided2" : "plain2", (now_us() - from) / BATCH);
    }
}

static void
measure(const char *name, void (*batch)(struct session *), struct session *s, int n, int steps)
{
    for (int i = 0; i < n; i++) {
        double from = now_us();

        if (s != NULL)
            batch(s);
        else
            raw_batch();
        printf("%s %.3f\n", name, (now_us() - from) / steps);
    }
}

static void
fresh_world(struct session *s)
{
    tell(s, "reset");
    tell(s, "spawn a b");
}

/* ---- Memory -------------------------------------------------------------------------------- */

static int
by_number(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return *x - *y;
}

static int
private_kib(pid_t pid)
{
    char path[64], line[128];
    int sum = 0, n;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "Private_%*[^:]: %d", &n) == 1)
            sum += n;
    if (f != NULL)
        fclose(f);
    return sum;
}

static void
idle_memory(void)
{
    struct session s;
    struct listener l;
    int kib[64];
    char line[16];

    start(&s, &l);
    for (int i = 0; i < 64; i++) {
        snprintf(line, sizeof line, "spawn i%d", i);
        tell(&s, line);
    }
    for (int i = 0; i < 64; i++)
        kib[i] = private_kib(s.world.actors[i]->host);
    qsort(kib, 64, sizeof kib[0], by_number);
    printf("idle %d\n", kib[32]);
    session_release(&s);
}

/* -------------------------------------------------------------------------------------------- */

static void
room_for_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

static void
pin(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    sched_setaffinity(0, sizeof set, &set);
}

int
main(int argc, char **argv)
{
    static struct session two, led, crowd, thousand, fresh, taught;
    static struct listener ears[6];
    static struct lab_file guided;
    static char plugins[512], launcher[512];
    const char *none[] = {NULL};
    struct err err;
    char line[8];

    if (argc != 5) {
        fputs("usage: steps BUILD TRACE LAB GUIDED-LAB\n", stderr);
        return 2;
    }
    snprintf(plugins, sizeof plugins, "%s/plugins", argv[1]);
    snprintf(launcher, sizeof launcher, "%s/ipclab-launcher", argv[1]);
    options = (struct launcher_options){.trusted = plugins, .dirs = none, .program = launcher};
    room_for_descriptors();
    pin();
    if (writer_open(&writer, argv[2], -1, false, &err) < 0)
        fail(argv[2], err.text);
    if (lab_file_open(&lab, argv[3], ".", &err) < 0)
        fail(argv[3], err.text);
    if (lab_file_open(&guided, argv[4], ".", &err) < 0)
        fail(argv[4], err.text);
    raw_start();
    idle_memory();
    start(&fresh, &ears[0]);
    start(&two, &ears[1]);
    start_pair(&two);
    start(&led, &ears[4]);
    start_pair(&led);
    start_guided(&taught, &ears[5], &guided);
    start(&crowd, &ears[2]);
    start_crowd(&crowd, 64, 62);
    start(&thousand, &ears[3]);
    start_crowd(&thousand, 1000, 500);
    while (fgets(line, sizeof line, stdin) != NULL) {
        measure("raw", NULL, NULL, BATCHES, BATCH);
        measure("step2", step_batch, &two, BATCHES, BATCH);
        measure("lua2", lua_batch, &led, BATCHES, BATCH);
        measure_guided(&taught, &fresh);
        measure("wake", wake_batch, &two, BATCHES, BATCH / 2);
        measure("step64", step_batch, &crowd, BATCHES, BATCH);
        measure("step1000", step_batch, &thousand, SLOW_BATCHES, BATCH);
        measure_lab(&fresh);
        measure("reset", fresh_world, &fresh, RESETS, 1);
        puts(".");
        fflush(stdout);
    }
    session_release(&fresh);
    session_release(&two);
    chunk_release(&led);
    session_release(&led);
    release_guided(&taught, &guided);
    session_release(&crowd);
    session_release(&thousand);
    lab_file_release(&lab);
    writer_close(&writer);
    writer_release(&writer);
    kill(echo, SIGKILL);
    waitpid(echo, NULL, 0);
    return 0;
}
