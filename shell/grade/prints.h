/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is a student's own in a trace, so that two of them can be compared: lines that are not in
 * the model solution or a hint, and addresses, which are others in every session. */
#ifndef GRADE_PRINTS_H
#define GRADE_PRINTS_H
#include <jansson.h>

#include "lua/guided.h"
#include "trace/event.h"

struct prints {
    json_t *lines;     /* as prints_line has them, each once */
    json_t *addresses; /* "0x7f3542a21000", each once */
};

void prints_init(struct prints *p);
void prints_release(struct prints *p);
/* A recorded event. */
void prints_take(struct prints *p, const struct event *e);
/* Takes out what the lab itself says. */
void prints_leave_out(struct prints *p, const struct guided *g);
/* A line without comment, without what is only space, and without numbers that may be those of a
 * student: three digits and more are "#". */
void prints_line(const char *text, struct buf *out);
#endif
