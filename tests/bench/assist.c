/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Tab and a key cost without the terminal: candidates and hints of lines as they are typed, in
 * a world of 64 actors of which half wait, with variables and descriptors that are looked at from
 * outside.
 *
 *   assist BUILD PLUGINS     prints "complete US" and "hint US", 95th percentiles of one call */
#include <stdarg.h>

#include "assist/complete.h"
#include "assist/hint.h"
#include "builtin/builtins.h"

enum { ACTORS = 64, ROUNDS = 40, VARIABLES = 20, SAMPLES = 16384 };

static const char *const lines[] = {
    "a1 shmid = shmget(5678, 27, IPC_CREAT|IPC_EXCL|0666)",
    "a1 shm = (char *)shmat(shmid, NULL, SHM_RDONLY)",
    "a1,a2,a3 read(pipefd[0], buf, 4096)",
    "a1 write(pipefd[1], \"Hello World\\n\", 12)",
    "a1 open(\"file\", O_RDWR|O_CREAT, 0644)",
    "a1 waitpid(a2, status, WNOHANG)",
    "a1 memcpy(shm, v3, sizeof(v3))",
    "a1 print v1 + v2 * v19",
    "a1 fcntl 3 F_SETFL O_NONBLOCK",
    "help IPC_CREAT",
};

static struct session session = {.wanted_world = -1, .limit_ms = 60000, .interactive = true};

struct samples {
    double us[SAMPLES];
    int n;
};

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
add(struct samples *samples, double us)
{
    if (samples->n < SAMPLES)
        samples->us[samples->n++] = us;
}

static int
by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void
print_95th(const char *name, struct samples *samples)
{
    qsort(samples->us, (size_t)samples->n, sizeof samples->us[0], by_size);
    printf("%s %.3f\n", name, samples->us[samples->n * 95 / 100]);
}

static void __attribute__((format(printf, 1, 2))) tell(const char *fmt, ...)
{
    char line[128];
    struct err err;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (session_line(&session, line, strlen(line), &err) == 0)
        return;
    fprintf(stderr, "assist: %s: %s\n", line, err.text);
    exit(1);
}

static void
fill_world(void)
{
    for (int i = 0; i < ACTORS; i++) {
        tell("spawn a%d", i);
        tell("a%d pipe(pipefd)", i);
    }
    tell("a1 shmid = shmget(5678, 27, IPC_CREAT|0666)");
    tell("a1 shm = shmat(shmid)");
    tell("a1 file = open(\"file\", O_CREAT|O_RDWR)");
    for (int i = 0; i < VARIABLES; i++)
        tell("a1 int v%d = %d", i, i);
    for (int i = ACTORS / 2; i < ACTORS; i++)
        tell("a%d read(pipefd[0], buf, 1)", i);
}

/* Each line, byte by byte: a hint for each key, and Tab at each place. */
static void
type_lines(struct samples *tab, struct samples *key)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (size_t n = 0; n <= strlen(lines[i]); n++) {
            struct completion c;
            struct buf hint = {0};
            double from = now_us(), between;

            hint_line(&session, lines[i], n, &hint);
            between = now_us();
            complete_line(&session, lines[i], n, &c);
            add(key, between - from);
            add(tab, now_us() - between);
            complete_release(&c);
            buf_release(&hint);
        }
}

int
main(int argc, char **argv)
{
    static struct samples tab, key;
    static char plugins[1024], launcher[1024];
    const char *more[] = {argc == 3 ? argv[2] : NULL, NULL};
    struct launcher_options options = {.trusted = plugins, .dirs = more, .program = launcher};
    struct err err;

    if (argc != 3) {
        fputs("usage: assist BUILD PLUGINS\n", stderr);
        return 2;
    }
    snprintf(plugins, sizeof plugins, "%s/plugins", argv[1]);
    snprintf(launcher, sizeof launcher, "%s/ipclab-launcher", argv[1]);
    session.builtins = builtins;
    if (session_start(&session, &options, &err) < 0) {
        fprintf(stderr, "assist: %s\n", err.text);
        return 1;
    }
    fill_world();
    for (int i = 0; i < ROUNDS; i++)
        type_lines(&tab, &key);
    print_95th("complete", &tab);
    print_95th("hint", &key);
    session_release(&session);
    return 0;
}
