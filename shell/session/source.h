/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines from a file, a pipe or a text: read without readline, with limits, the place of each error
 * said as FILE:LINE:COL-END. */
#ifndef SESSION_SOURCE_H
#define SESSION_SOURCE_H
#include "session/session.h"

struct source_options {
    bool keep_going; /* -k: errors do not end it */
    bool enter_runs; /* an empty line runs what is suggested, as at the prompt */
    /* Called for each error; the source goes on or ends as keep_going says. */
    void (*error)(void *ctx, const char *name, int line, const char *text, size_t n,
                  const struct err *err);
    void *ctx;
};

enum { SOURCE_MAX_DEPTH = 16 };

/* All lines of a descriptor that is a regular file, a pipe or a terminal. Returns the first
 * failing status, or STATUS_OK. */
enum status source_run(struct session *s, int fd, const char *name,
                       const struct source_options *options);
/* The lines of a text (-c), separated by ; or newlines. */
enum status source_run_text(struct session *s, const char *text, size_t n, const char *name,
                            const struct source_options *options);
/* Opens a file to source; refuses what is no file to read lines from. -1 and *err. */
int source_open(const char *path, struct err *err);
#endif
