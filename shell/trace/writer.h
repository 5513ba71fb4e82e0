/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace file: one writer, one write() an event, whole but for at most its last line whenever
 * the shell is killed. NAME.partial while it grows, locked, renamed at the end. */
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H
#include "base/err.h"
#include "trace/event.h"

struct writer {
    int fd;             /* the .partial file; -1: not recorded (any more) */
    int copy;           /* --json: stdout, else -1 */
    bool stable;        /* drop volatile fields */
    char *path;         /* the final name */
    char *partial;      /* the name while it grows */
    int64_t seq;        /* of the next event to be written */
    int held;           /* events in line that are not written yet */
    int64_t events;     /* so far, recorded or not */
    int64_t bytes;      /* written whole; what a failed write is cut back to */
    bool lost;          /* recording stopped: the disk is full, or another error; said once */
    bool goes_on;       /* a later session goes on with it: it is closed without an `end` */
    const char *why;    /* it ends when nobody said so: "hangup"; in the `end` event; NULL: not */
    char reason[256];   /* why, when lost: "trace disk full: recording stopped after event 41" */
    struct sha *digest; /* of all bytes so far; private */
    struct buf line;
};

/* Opens path.partial; NULL path: a new name in the sessions folder ($XDG_STATE_HOME/ipclab/
 * sessions, made 0700, refused when it is another's or open to others). Another session that
 * writes it: STATUS_USAGE "NAME is being written by pid N". copy_fd -1: no copy. After -1 the
 * writer still numbers events and serves the copy: the session can go on unrecorded. */
int writer_open(struct writer *w, const char *path, int copy_fd, bool stable, struct err *err);
/* Opens path itself to go on with what is in it, once writer_keep has said how much of that holds;
 * until then it can be read, and nobody else writes it. 0, or -1 and *err. */
int writer_append(struct writer *w, const char *path, int copy_fd, bool stable, struct err *err);
/* The first n lines hold, the rest is cut off; what comes is event n. 0, or -1 and *err. */
int writer_keep(struct writer *w, int64_t n, struct err *err);
/* Writes the trace so far as a whole one into a file of its own. 0, or -1 and *err. */
int writer_whole(struct writer *w, const char *path, struct err *err);
/* Numbers and writes the event. Never fails the caller: see lost. */
void writer_event(struct writer *w, const struct event *e);
/* What is held back goes out: called before anybody waits for anything. */
void writer_flush(struct writer *w);
/* A line is over: what was answered is on disk, and where a later session goes on it is there after
 * a reboot too. */
void writer_settled(struct writer *w);
/* Writes `end` with the digest, renames. A recording that stopped early stays NAME.partial, so
 * that it never takes the place of a whole one; one without any event is
 * removed. path, lost and reason stay until the release. */
void writer_close(struct writer *w);
void writer_release(struct writer *w);
#endif
