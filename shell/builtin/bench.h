/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of bench share: what is to be measured, what came of it, and the three ways to
 * show that. The builtin and `ipclab bench` are two ways in. */
#ifndef BUILTIN_BENCH_H
#define BUILTIN_BENCH_H
#include <jansson.h>
#include <sched.h>

#include "proc/bench.h"
#include "session/builtin.h"

enum {
    BENCH_NAMES = 64,
    BENCH_SIZES = 8,
    BENCH_ROUNDS = 5, /* unless said otherwise */
    BENCH_ROUNDS_MAX = 99,
    BENCH_SECONDS_MAX = 3600,
};

/* As a person asked for it. */
struct bench_wish {
    const char *names[BENCH_NAMES]; /* of mechanisms or plugins; none: all */
    int nnames;
    const char *sizes; /* "1,64,4096"; NULL: those of the lecture's question */
    int64_t seconds;   /* that all should take; 0: as long as one measurement takes by default */
    int rounds;        /* 0: BENCH_ROUNDS */
    bool json;
    const char *svg; /* a file, or NULL */
};

/* The median of the rounds, what the middle half of them lies between, and what all do. */
struct bench_figure {
    double median, low, high, least, most;
};

/* One mechanism with one size at one place. */
struct bench_case {
    int chosen; /* index into chosen */
    size_t size;
    int cores;
    bool measured; /* else: why says why not */
    bool failed;   /* ... and it should have been */
    char why[240];
    size_t piece;
    struct bench_answer answers[BENCH_ROUNDS_MAX];
    int n;
    struct bench_figure p50, p99; /* microseconds */
    struct bench_figure rate;     /* messages a second; median 0: there is none */
};

struct bench_chosen {
    int plugin, bench; /* numbers in the catalogue */
    const struct ipclab_bench *record;
    const char *plugin_name;
    bool memory; /* shared memory, else messages */
};

struct bench {
    const struct catalog *catalog;
    struct bench_chosen chosen[BENCH_NAMES];
    int nchosen;
    size_t sizes[BENCH_SIZES];
    int nsizes;
    int rounds;
    int cpus[2];
    int places;       /* 1: one core; 2: also two */
    bool siblings;    /* the two CPUs are threads of one core */
    int64_t slice_ns; /* of one part of one measurement */
    double seconds;   /* that it is going to take */
    struct bench_case *cases;
    int ncases;
    double check_us[BENCH_SIZES], clock_us; /* what comparing and taking the time costs */
    const char *world;
};

/* What it runs in. */
struct bench_around {
    const struct launcher *launcher; /* whose plugins are measured */
    int wanted_world;
    const cpu_set_t *cpus; /* that may be used; NULL: those that this process may use */
    bool (*interrupted)(void);
    void (*progress)(void *ctx, const char *text); /* one line in place of the last; "": none */
    void *ctx;
};

/* bench_plan.c: what is to be measured. 0, or -1 and *err. Released by bench_release. */
int bench_plan(struct bench *b, const struct bench_wish *wish, const struct bench_around *around,
               struct err *err);
void bench_release(struct bench *b);
/* "4 KiB" */
void bench_size_text(size_t size, char room[24]);
/* How long it is going to take, in one line. */
void bench_announce(const struct bench *b, struct buf *out);

/* bench_run.c. 0, or -1 and *err (STATUS_INTERRUPTED: nothing is left of it). */
int bench_run(struct bench *b, const struct bench_around *around, struct err *err);
/* STATUS_MACHINE and why, when something that should have worked did not. */
enum status bench_status(const struct bench *b, struct err *err);

void bench_text(const struct bench *b, bool ascii, int width, struct buf *out);
json_t *bench_json(const struct bench *b);
void bench_svg(const struct bench *b, struct buf *out);
/* The picture as a file; anew: one that is there is replaced. said: where it went. */
int bench_write_svg(const struct bench *b, const char *path, bool anew, struct buf *said,
                    struct err *err);
#endif
