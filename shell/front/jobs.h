/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes that do one thing each, side by side, and tell it on standard output; each with a clock
 * after which it is killed. */
#ifndef FRONT_JOBS_H
#define FRONT_JOBS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

enum {
    JOBS_MAX = 64,
    JOBS_TOLD_MAX = 8 << 20, /* bytes that one may tell; who tells more is killed */
    JOBS_SAID_MAX = 1 << 16, /* bytes of what it says on stderr that are kept */
};

struct job_end {
    int i;                  /* which it was */
    const struct buf *told; /* on standard output; what `more` took is not in it */
    int status;             /* as of wait(2) */
    const char *said;       /* on stderr, without the last newline */
};

struct jobs {
    int n;                   /* at most so many at a time */
    const char *const *argv; /* of each; NULL ends */
    int64_t limit_ms;        /* 0: none */
    /* It told more; what is taken out of told has been seen. May be NULL. */
    void (*more)(void *ctx, int i, struct buf *told);
    void (*over)(void *ctx, const struct job_end *end);
    void *ctx;
    struct job {
        pid_t pid; /* 0: none */
        int i, output, errors;
        struct buf told;
        int64_t deadline;
    } list[JOBS_MAX];
};

int jobs_running(const struct jobs *j);
/* Starts one with these words behind argv (NULL: none; NULL ends). False: there is no place, or no
 * process could be made. */
bool jobs_start(struct jobs *j, int i, const char *const *words);
/* Waits a moment for what they tell; calls `over` for each that has ended. */
void jobs_wait(struct jobs *j);
void jobs_interrupt(const struct jobs *j); /* as Ctrl-C does */
#endif
