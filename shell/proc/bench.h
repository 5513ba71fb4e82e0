/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Measurements: how long a message takes from one process to another and back, and how fast
 * messages go one way. They run in a world of their own, beside that of a session, which neither
 * sees nor waits for them. The shell asks for one after the other: a mechanism, a size, two CPUs,
 * a time. For each the world's first process forks one that sets the mechanism up and forks the
 * two sides (bench_case.c), which loop (bench_loop.c). Nothing of the shell is in between. */
#ifndef PROC_BENCH_H
#define PROC_BENCH_H
#include "proc/world.h"

enum { BENCH_MAX_SIZE = 1 << 20 /* bytes of a message */ };

struct bench_request {
    int plugin, bench; /* numbers in the catalogue */
    size_t size;
    int cpu[2];      /* of each side */
    int64_t time_ns; /* that each of both parts should take */
};

enum bench_outcome {
    BENCH_MEASURED,
    BENCH_CANNOT,  /* the mechanism cannot be set up here */
    BENCH_FAILED,  /* ... or fails in the middle, or never ends */
    BENCH_CORRUPT, /* what came was not what was sent */
};

struct bench_answer {
    enum bench_outcome outcome;
    char text[240]; /* why not */
    size_t piece;   /* what one send took */
    int64_t trips;  /* there and back, as many as were measured */
    int64_t p50,
        p99; /* of those, in picoseconds, without what taking the time and comparing cost */
    int64_t messages;     /* one way; 0: that was not measured */
    int64_t stream_ns;    /* in that time */
    int64_t check, clock; /* what comparing one message costs, and taking the time; picoseconds */
};

void bench_put_request(struct buf *frame, const struct bench_request *r);
bool bench_get_request(struct wire_in *in, struct bench_request *r);
void bench_put_answer(struct buf *frame, const struct bench_answer *a);
bool bench_get_answer(struct wire_in *in, struct bench_answer *a);

/* ---- The shell's end ----------------------------------------------------------------------- */

struct bench_world {
    struct launcher launcher;
    struct world world;
};

/* With the plugins that `like` has, a world of the wanted kind (as world_make). 0, or -1 and *err;
 * *b is then as after bench_close. */
int bench_open(struct bench_world *b, const struct launcher *like, int wanted, struct err *err);
/* Waits for the answer. 0, or -1 and *err: the world is not there any more, or interrupted() said
 * so. Calls tick from time to time; both may be NULL. */
int bench_ask(struct bench_world *b, const struct bench_request *r, struct bench_answer *a,
              bool (*interrupted)(void), void (*tick)(void *ctx), void *ctx, struct err *err);
void bench_close(struct bench_world *b);
#endif
