/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes that grade a submission each, side by side; each with a clock after which it is killed.
 */
#ifndef FRONT_GRADING_JOBS_H
#define FRONT_GRADING_JOBS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

enum {
    JOBS_MAX = 64,
    JOBS_TOLD_MAX = 8 << 20, /* bytes that one may tell; who tells more is killed */
    JOBS_SAID_MAX = 500,     /* bytes of what it says on stderr */
};

struct job_end {
    int i;                    /* which it was */
    const struct buf *told;   /* on standard output */
    int status;               /* as of wait(2) */
    char said[JOBS_SAID_MAX]; /* on stderr, without the last newline */
};

struct jobs {
    int n;                   /* at most so many at a time */
    const char *const *argv; /* of each; NULL ends */
    int64_t limit_ms;
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
