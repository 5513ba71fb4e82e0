/* SPDX-License-Identifier: GPL-3.0-or-later
 * See programs.h. One look asks them one after the other, so one that was asked first may have been
 * woken by one that was asked last: only a second look that finds the same processes, none of them
 * switched in since, proves that all slept at once. */
#include "proc/programs.h"

#include <sys/wait.h>

#include "proc/pump.h"

struct scan {
    const struct world *w;
    int living;
    bool running, count_only;
    uint64_t seen; /* the same when the same processes were switched in as often as before */
};

static void
look_at_stranger(void *ctx, pid_t pid)
{
    struct scan *scan = ctx;
    int64_t switches = 0;
    char letter;

    for (int i = 0; i < scan->w->nactors; i++)
        if (scan->w->actors[i]->host == pid && scan->w->actors[i]->state != ACTOR_FOREIGN)
            return;
    letter = probe_state_letter(pid);
    if (letter == 0 || letter == 'Z' || letter == 'X')
        return;
    scan->living++;
    if (scan->count_only || scan->running)
        return;
    scan->running = probe_look_threads(pid, &switches) == PROBE_RUNS;
    scan->seen = (scan->seen ^ (uint64_t)pid) * 1099511628211u;
    scan->seen = (scan->seen ^ (uint64_t)switches) * 1099511628211u;
}

enum programs
programs_look(struct world *w)
{
    struct scan scan = {.w = w, .seen = 14695981039346656037u};
    bool same;

    /* Whoever was seen dead before has woken its parent when this returns. */
    waitid(P_ALL, 0, &(siginfo_t){0}, WNOHANG | WNOWAIT | WEXITED);
    probe_descendants(w->init, look_at_stranger, &scan);
    same = scan.seen == w->programs_seen;
    w->foreign_seen = scan.living > 0;
    w->programs_seen = scan.seen;
    return scan.running ? PROGRAMS_RUN : same ? PROGRAMS_UNMOVED : PROGRAMS_MOVED;
}

int
programs_count(struct world *w)
{
    struct scan scan = {.w = w, .count_only = true};

    probe_descendants(w->init, look_at_stranger, &scan);
    return scan.living;
}
