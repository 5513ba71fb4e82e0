/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines of a trace run again in a session, and every event compared with the recorded one, in
 * its stable fields. Only what interface 8 names is ever run. */
#ifndef FRONT_REPLAY_H
#define FRONT_REPLAY_H
#include "front/options.h"
#include "front/recorded.h"
#include "session/session.h"
#include "trace/again.h"

enum { REPLAY_REST = 32 }; /* events kept after the first difference */

struct replay {
    const struct recorded *recorded;
    struct session *session;
    struct listener listener;
    struct renames renames;
    int line;  /* the recorded event behind the last line that was run */
    int to;    /* nothing is waited for that comes after this event */
    int at;    /* the next recorded event */
    int heard; /* events told */
    bool differs;
    bool by_time;     /* ... where a timer may be the reason */
    bool left;        /* another line was typed: nothing is compared any more */
    bool interrupted; /* by Ctrl-C */
    char field[64];
    struct event rest[REPLAY_REST]; /* what happened here instead, and then */
    int nrest;
    struct err failed; /* of the last line; no status: it was none */
    struct err cannot; /* what the machine refused to do; no status: nothing */
};

/* What a session needs that is to run them; before it starts. */
void replay_prepare(struct session *s, const struct options *o, const struct recorded *r);
/* Once it has started: the machine and the world, or -1 and *err. */
int replay_check_world(const struct session *s, const struct options *o, struct err *err);
void replay_start(struct replay *p, struct session *s, const struct recorded *r);
void replay_release(struct replay *p);
/* The next line, once what came by itself before it has come; false when there is none. */
bool replay_line(struct replay *p);
/* The event of that next line; NULL: there is none. */
const struct event *replay_next(const struct replay *p);
/* The same before a line that somebody else runs, once p->line is behind its input. */
void replay_before(struct replay *p);
/* Is the call of the line to be left, as it was when Ctrl-C was pressed: once it is seen to wait?
 * Or is Ctrl-C pressed now? */
bool replay_is_left(void);
/* After the last one: what came by itself, and what is missing. */
void replay_end(struct replay *p);
/* Waits for what came by itself before the next line. */
void replay_await(struct replay *p);
/* How it went, in words; *err and its status where it was not the same. last: a difference for
 * which a timer may be the reason is not tried again. */
enum status replay_judge(struct replay *p, const struct options *o, bool last, struct buf *out,
                         struct err *err);
#endif
