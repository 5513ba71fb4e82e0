/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The events of a session, in memory: read from a trace, or taken as they happened. */
#ifndef FRONT_RECORDED_H
#define FRONT_RECORDED_H
#include "front/options.h"
#include "front/place.h"
#include "session/session.h"
#include "trace/read.h"

struct recorded {
    struct event *events;
    int n, cap;
    bool complete;        /* up to the end of the session */
    struct trace_end end; /* of the file it was read from */
    struct listener listener;
};

/* Reads a trace. What is wrong with its end is said. 0, or -1 and *err. */
int recorded_read(struct recorded *r, const char *path, struct err *err);
/* From now on what happens in the session, which has not begun yet. It can be asked what was
 * before. Until the session ends. */
void recorded_listen(struct recorded *r, struct session *s);
/* A listener that does the same for a session that others make. */
struct listener *recorded_listener(struct recorded *r);
void recorded_release(struct recorded *r);

bool recorded_is(const struct event *e, const char *kind);
/* Does it tell what processes did, and not what a lab or the shell had to say beside it? */
bool recorded_counts(const struct event *e);
bool recorded_guided(const struct recorded *r); /* of a guided lab, whose verbs are lines too */
bool recorded_shared(const struct recorded *r); /* where pids and ids do not repeat */
/* May all its lines be run again? If not ipclab did not write it: STATUS_TRACE. */
int recorded_may_run(const struct recorded *r, const char *path, struct err *err);
/* The next input line from *at on, which goes behind it; NULL: there is none. */
const struct event *recorded_input(const struct recorded *r, int *at);
/* command_replay.c: runs its lines again in a fresh world, and says into *said how it compares: OK;
 * DIFFERS and what; else it could not be judged, and *err. */
enum status recorded_replay(const struct options *o, const struct places *places,
                            const struct recorded *r, struct buf *said, struct err *err);
#endif
