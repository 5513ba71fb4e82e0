/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two sides of a measurement and what they share with the process that forked them. */
#ifndef PROC_BENCH_LOOP_H
#define PROC_BENCH_LOOP_H
#include <stdalign.h>
#include <stdatomic.h>

#include "../plugins/plugin.h"
#include "proc/bench.h"

enum {
    BENCH_TRIPS = 1 << 16,    /* at most so many are kept of one measurement */
    BENCH_VARIANTS = 61,      /* a message differs from as many before it, */
    BENCH_STRIDE = 64,        /* for it begins so many bytes further on in the pattern */
    BENCH_MEMORY = 128 << 10, /* bytes of messages that memory with give and take holds one way, */
    BENCH_PLACES = 64,        /* but never more of them, nor fewer than 2 */
};

/* What stopped a side. */
struct bench_fault {
    enum bench_outcome outcome;
    char text[240];
};

struct bench_shared {
    alignas(64) _Atomic int64_t last; /* number of the last message; -1: not known yet */
    alignas(64) atomic_bool warm;     /* one way: what does not count yet has come */
    alignas(64) pid_t pids[2];
    struct bench_fault faults[2];
    int64_t trips, messages, stream_ns, check, clock; /* as in struct bench_answer */
    uint32_t trip_ns[BENCH_TRIPS];
};

struct bench_side {
    const struct ipclab_bench *bench;
    struct ipclab_bench_run run;
    struct bench_shared *shared;
    const char *pattern; /* size + BENCH_VARIANTS * BENCH_STRIDE bytes */
    int64_t time_ns;
    char *received;
    size_t place;     /* give and take: bytes from one message in the memory to the next */
    int64_t places;   /* ... and how many there are one way */
    int64_t put, got; /* ... messages so far */
    struct bench_fault *fault;
};

/* How much memory give and take want for messages of this size, both ways. */
size_t bench_memory(size_t size, size_t *place, int64_t *places);
/* Why a function of the plugin returned -1, unless the plugin has said it. */
void bench_say_errno(struct bench_fault *fault, const char *what);
/* One side from its first message to its last; 0, or -1 and *s->fault. */
int bench_side_run(struct bench_side *s);
#endif
