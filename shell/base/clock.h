/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Time that only goes on. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment: CLOCK_MONOTONIC of clock_gettime(2). */
static inline int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}
#endif
