/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of the trace tests: each says what came and what was expected, and the test goes on. */
#ifndef TRACE_CHECK_H
#define TRACE_CHECK_H
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_failures;

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            check_failures++;                                                                      \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                     \
        }                                                                                          \
    } while (0)

#define CHECK_TEXT(got, want)                                                                      \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (strcmp(got_, want_) != 0) {                                                            \
            check_failures++;                                                                      \
            fprintf(stderr, "%s:%d:\n     came: %s\n expected: %s\n", __FILE__, __LINE__, got_,    \
                    want_);                                                                        \
        }                                                                                          \
    } while (0)

static inline int
check_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

/* Removes a folder that the test made, with all in it. */
static inline void
check_remove(const char *folder)
{
    CHECK(nftw(folder, check_remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

static inline int
check_result(void)
{
    return check_failures == 0 ? 0 : 1;
}

#endif
