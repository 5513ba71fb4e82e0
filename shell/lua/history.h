/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happened so far in the world as it is: the events of a session put together by step, as the
 * checks of a lab see them. What was undone is no more, and a reset begins anew. Without lua.h. */
#ifndef LUA_HISTORY_H
#define LUA_HISTORY_H
#include "call/catalog.h"
#include "trace/event.h"

/* A step (a call, print, =, await), or another event. */
struct record {
    int64_t seq;  /* of its first event */
    int64_t done; /* of the event with which a step ended; -1: it has not. Else seq */
    bool step, blocked;
    const struct ipclab_call *call; /* of a step; NULL: print, =, await */
    const char *actor, *name;  /* in its first event: whose it is, and of a step its call; "" */
    struct event enter, block; /* of a step; block as it was last */
    struct event exit;         /* of a step when done, else the event itself */
    int64_t block_seq;
    char ev[12]; /* "call", "signal", "process", ... */
};

struct history {
    const struct catalog *catalog;
    struct record **list; /* by seq */
    int n, cap;
    int from; /* those before it are of worlds that were reset */
    struct reset {
        int64_t seq;
        int at; /* index in list */
    } * resets;
    int nresets;
    int64_t last; /* seq of the last event */
};

extern const char *const history_others[]; /* kinds of events beside steps; NULL ends */

void history_init(struct history *h, const struct catalog *catalog);
void history_release(struct history *h);
/* The record that the event begins or belongs to; NULL: it is of none. */
const struct record *history_event(struct history *h, const struct event *e, int64_t seq);
/* The record that begins with this event, or NULL: it is no more. */
const struct record *history_find(const struct history *h, int64_t seq);
#endif
