/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals of actors as the shell knows them: what was sent to whom and has not yet shown its
 * effect, which handlers ran, which timers run. The kernel keeps no record of any of it that could
 * be asked for later: who sent a signal that killed is gone with the process. */
#ifndef PROC_SIGNALS_H
#define PROC_SIGNALS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    HANDLER_NAME_MAX = 31,
    SIGNALS_KEPT = 4096, /* of one actor and not yet told; more are counted */
};

/* A handler ran, and it is not yet told. */
struct handled {
    int sig, code;
    pid_t pid; /* who sent it, in the world; 0: the kernel, or nobody that can be seen there */
    int64_t value;
    bool in_call; /* it ran in the call of the step that was under way */
    bool restarts;
    char name[HANDLER_NAME_MAX + 1];
};

/* A signal on its way. */
struct sent {
    int sig;
    int from;     /* id of the actor */
    int64_t step; /* in which it was sent */
    bool pending; /* it was seen to be */
};

struct signals {
    bool look; /* something was sent to it: it is asked even when it is idle */
    struct handled *handled;
    int nhandled, cap_handled, lost;
    struct sent *sent;
    int nsent, cap_sent;
    bool end_sent;  /* what killed it was sent by somebody, or by its timer */
    int stopped_by; /* what stopped it, when that is known; else 0 */
    pid_t group;    /* its process group as the shell sees it, before the step under way */
    struct {
        int sig; /* 0: none runs */
        int64_t until_ms, interval_ms;
    } timer;
    struct { /* the last handler that ran while it was in no call that waits (plugin.h) */
        int sig;
        int64_t step;
        char from[32];
    } early;
};

/* What the kernel says of a process: sets with bit sig - 1. */
struct signal_sets {
    uint64_t pending, blocked, ignored, caught;
};
/* false when it is gone. */
bool signals_ask(pid_t host, struct signal_sets *sets);
bool signals_has(uint64_t set, int sig);

struct world;
struct actor;
struct wire_in;

/* Before a step of a call that may send signals: who is in which group. */
void signals_before(struct world *w);
/* sender is about to send sig to whom pid stands for in kill(2). */
void signals_sent(struct world *w, const struct actor *sender, pid_t pid, int sig);
/* The call failed: nothing was sent. */
void signals_not_sent(struct world *w, const struct actor *sender);
/* A FRAME_SIGNAL; false when it does not fit. */
bool signals_take(struct world *w, struct actor *a, struct wire_in *in);
void signals_take_timer(struct world *w, struct actor *a, int sig, int64_t ns, int64_t interval);
/* Its parent gets SIGCHLD: it ended, stopped or went on. */
void signals_child_changed(struct world *w, const struct actor *child);
/* Has it a timer that could still change what it does? The kernel is asked. */
bool signals_timer_runs(struct actor *a);
/* Until the next timer of anybody: milliseconds, at least 1; 0 when none runs. */
int64_t signals_due(const struct world *w);
void signals_release(struct signals *s);
#endif
