/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who took what from an object and has not given it back, known from what calls told
 * (ipclab_host.hold). The kernel counts; who it was it does not remember beyond the last. */
#ifndef PROC_HOLDS_H
#define PROC_HOLDS_H
#include <stdbool.h>
#include <stdint.h>

enum { HOLDS_MAX = 4096 /* of one object; more are not kept track of */ };

struct hold {
    int actor;           /* its id */
    int64_t part;        /* of the object, such as a sem_num */
    int64_t amount;      /* taken and not given back */
    int64_t until_death; /* of that, what the kernel gives back when the actor dies */
    int64_t since;       /* step of the last taking */
    int64_t given, gave; /* what it gave without having taken it, and the last step of giving */
};

/* In the order in which they took last. */
struct holds {
    struct hold *list;
    int n, cap;
};

/* The actor takes (+) or gives (-); 0: nobody holds anything of the part (-1: of all) any more. */
void holds_change(struct holds *h, int actor, int64_t part, int64_t amount, bool until_death,
                  int64_t step);
void holds_died(struct holds *h, int actor);
void holds_release(struct holds *h);
#endif
