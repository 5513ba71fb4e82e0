/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A guided walk: each step says what to look at and suggests a line, and is over when what it is
 * about has happened, whoever typed it and with whatever names. */
#ifndef BUILTIN_TOUR_H
#define BUILTIN_TOUR_H
#include "session/session.h"

struct tour_step {
    const char *say;  /* two or three sentences; NULL: the line says it all; both NULL: the end */
    const char *line; /* what to type; $p, $c and $fd are the parent, the child and the pipe */
    /* What ends the step: an event of this kind, with this call or `what`; ... */
    const char *event, *is;
    /* ... or a builtin, which tells no event; both NULL: the line itself. */
    const char *builtin;
};

extern const struct tour_step tour_steps[];
extern const char tour_farewell[];

enum { STEPS_MAX = 64, ROLE_SIZE = 32 };

/* One block of memory, so that whoever ends the session only frees it. */
struct tour {
    struct session *s;
    struct listener listener;
    const struct tour_step *steps;
    int n, at;
    bool starts;                  /* actors live here: their world has to go first */
    bool done;                    /* what the step is about has happened in this line */
    int64_t shown_seq[STEPS_MAX]; /* events told when the step was shown */
    int64_t done_seq[STEPS_MAX];  /* the event that ended it; 0: none, or it does not count */
    char parent[ROLE_SIZE], child[ROLE_SIZE], fd[ROLE_SIZE];
    struct tour_step own[STEPS_MAX]; /* of a call's example, whose lines stand in text */
    char text[];
};

/* tour_show.c: the step with its line, which Enter alone runs from now on. */
void tour_show(struct tour *t);
void tour_suggest(struct tour *t);
/* The line of a step in the names that the student gave. */
void tour_line(const struct tour *t, const char *line, struct buf *out);
/* tour_event.c: as a listener; ctx is the tour. */
void tour_event(void *ctx, const struct event *e);
#endif
