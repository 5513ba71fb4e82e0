/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a trace that somebody else wrote: nothing in it is believed. Limits on size (64 MiB),
 * line (512 KiB: the longest input with every byte escaped), nesting (32); a torn last line is
 * dropped and said, damage in the middle is STATUS_TRACE with the line. Uses libjansson. */
#ifndef TRACE_READ_H
#define TRACE_READ_H
#include "base/err.h"
#include "trace/event.h"

struct trace_reader; /* private */

/* Opens a regular file (a .partial too) without following it anywhere it could block; a symbolic
 * link is refused. What cannot be opened is STATUS_USAGE, damage is STATUS_TRACE. */
struct trace_reader *trace_open(const char *path, struct err *err);
/* The next event into e: 1, 0 at the end, -1 and *err. seq must go up by one. */
int trace_next(struct trace_reader *r, struct event *e, struct err *err);
/* At the end: was there an `end` event, did its count and digest agree, was a line torn? */
struct trace_end {
    bool complete;
    bool digest_ok;
    bool torn;
    int64_t events;
};
void trace_ending(const struct trace_reader *r, struct trace_end *end);
void trace_free(struct trace_reader *r);

/* Are two events the same in their stable fields? Both fields in any order; seq, vol and what vol
 * repeats do not count. *path gets the name of the first field that differs. */
bool event_same(const struct event *a, const struct event *b, char path[64]);
#endif
