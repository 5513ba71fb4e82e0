/* SPDX-License-Identifier: GPL-3.0-or-later
 * See schedule.h. */
#include "lua/schedule.h"

#include "base/mem.h"

/* The next one after the last that moved, and from the last to the first again. */
static int
round_robin(const struct schedule *s, const int *ready, int n)
{
    for (int i = 0; i < n; i++)
        if (ready[i] > s->last)
            return i;
    return 0;
}

/* The nth number of a seed by itself (splitmix64), so that no state has to be carried along. */
static int
by_chance(const struct schedule *s, const int *ready, int n)
{
    uint64_t x = s->seed * 0x9e3779b97f4a7c15ULL + (uint64_t)(s->n + 1) * 0xbf58476d1ce4e5b9ULL;

    (void)ready;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    x ^= x >> 31;
    return (int)(x % (uint64_t)n);
}

const struct schedule_kind schedule_round_robin = {"round robin", round_robin};
const struct schedule_kind schedule_random = {"random", by_chance};
const struct schedule_kind *const schedule_kinds[] = {&schedule_round_robin, &schedule_random,
                                                      NULL};

int
schedule_take(struct schedule *s, const int *ready, int n, int taken)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->choices = mem_grow(s->choices, sizeof *s->choices * (size_t)s->cap);
    }
    s->choices[s->n++] = (struct choice){n, taken};
    s->last = ready[taken];
    return s->last;
}

int
schedule_next(struct schedule *s, const int *ready, int n)
{
    return schedule_take(s, ready, n, s->kind->next(s, ready, n));
}

void
schedule_release(struct schedule *s)
{
    free(s->choices);
    *s = (struct schedule){0};
}
