/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long the shell waits for others to rest: Ctrl-C ends it, but not where an actor owes an
 * answer, for who does not answer in time is killed. */
#include <sys/epoll.h>

#include "proc/patience.h"
#include "trace_check.h"

static bool
always(void)
{
    return true;
}

/* Looks until it gives up, or has been patient long enough. */
static enum settle
use_up(struct world *w, struct patience *p)
{
    for (int i = 0; i < SPINS + 5 && relax(w, p); i++)
        ;
    return p->gave_up;
}

int
main(void)
{
    struct world w = {.epoll = epoll_create1(0)};
    struct patience p;

    patience_init(&p, 0);
    CHECK(use_up(&w, &p) == SETTLE_QUIET);
    w.interrupted = always;
    patience_init(&p, 0);
    CHECK(use_up(&w, &p) == SETTLE_INTERRUPTED);
    patience_init(&p, 0);
    p.deaf = true;
    CHECK(use_up(&w, &p) == SETTLE_QUIET);
    patience_init(&p, 1);
    p.deaf = true;
    while (relax(&w, &p))
        ;
    CHECK(p.gave_up == SETTLE_TIMEOUT);
    return check_failures > 0;
}
