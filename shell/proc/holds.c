/* SPDX-License-Identifier: GPL-3.0-or-later
 * See holds.h. */
#include "proc/holds.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
drop(struct holds *h, int i)
{
    memmove(&h->list[i], &h->list[i + 1], sizeof *h->list * (size_t)(h->n - i - 1));
    h->n--;
}

static void
forget(struct holds *h, int64_t part)
{
    for (int i = h->n - 1; i >= 0; i--)
        if (part < 0 || h->list[i].part == part)
            drop(h, i);
}

static struct hold *
find(struct holds *h, int actor, int64_t part)
{
    for (int i = 0; i < h->n; i++)
        if (h->list[i].actor == actor && h->list[i].part == part)
            return &h->list[i];
    return NULL;
}

/* Puts it behind all others. NULL: there is no room. */
static struct hold *
append(struct holds *h, const struct hold *what)
{
    if (h->n == HOLDS_MAX)
        return NULL;
    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 4;
        h->list = mem_grow(h->list, sizeof *h->list * (size_t)h->cap);
    }
    h->list[h->n] = *what;
    return &h->list[h->n++];
}

/* The actor's entry. Whoever takes comes last, for the steps go on: so the list is in their order,
 * however the answers of one step came in. */
static struct hold *
entry(struct holds *h, int actor, int64_t part, bool takes, int64_t step)
{
    struct hold *old = find(h, actor, part), copy = {.actor = actor, .part = part};
    int at;

    if (old != NULL && !takes)
        return old;
    if (old != NULL) {
        copy = *old;
        drop(h, (int)(old - h->list));
    }
    if (append(h, &copy) == NULL)
        return NULL;
    /* Those who have only given stand anywhere: they took in no step. */
    for (at = 0; at < h->n - 1 && !(takes && h->list[at].since > step); at++)
        ;
    memmove(&h->list[at + 1], &h->list[at], sizeof *h->list * (size_t)(h->n - 1 - at));
    h->list[at] = copy;
    return &h->list[at];
}

static int64_t
give_back(struct hold *o, int64_t amount)
{
    int64_t n = o->amount < amount ? o->amount : amount;

    o->amount -= n;
    o->until_death -= o->until_death < n ? o->until_death : n;
    return n;
}

/* What somebody gives who has not taken it is the oldest taking of another that ends. */
static void
give_for_others(struct holds *h, int64_t part, int64_t amount)
{
    for (int i = 0; i < h->n && amount > 0; i++)
        if (h->list[i].part == part)
            amount -= give_back(&h->list[i], amount);
}

void
holds_change(struct holds *h, int actor, int64_t part, int64_t amount, bool until_death,
             int64_t step)
{
    struct hold *o = amount != 0 ? entry(h, actor, part, amount > 0, step) : NULL;
    int64_t rest;

    if (amount == 0)
        forget(h, part);
    if (o == NULL)
        return;
    if (amount > 0) {
        o->amount += amount;
        o->until_death += until_death ? amount : 0;
        o->since = step;
        return;
    }
    rest = -amount - give_back(o, -amount);
    o->gave = step;
    o->given += rest;
    give_for_others(h, part, rest);
}

void
holds_died(struct holds *h, int actor)
{
    for (int i = 0; i < h->n; i++)
        if (h->list[i].actor == actor) {
            h->list[i].amount -= h->list[i].until_death;
            h->list[i].until_death = 0;
        }
}

void
holds_release(struct holds *h)
{
    free(h->list);
    *h = (struct holds){0};
}
