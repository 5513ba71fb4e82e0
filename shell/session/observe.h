/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions to the observer of the world, in which plugins look at objects and explain waits. */
#ifndef SESSION_OBSERVE_H
#define SESSION_OBSERVE_H
#include "proc/wire.h"
#include "session/session.h"

/* Begins a question in frame, then it is filled. */
void observe_begin(struct session *s, enum frame_type type, struct buf *frame);
/* Before the number of processes, and those. */
void observe_put_networks(struct buf *frame, const struct world *w);
void observe_put_process(struct buf *frame, const struct actor *a);
/* Asks the question begun last; the facts of the answer are in *out. False: there is none. */
bool observe(struct session *s, const struct buf *frame, struct buf *out);
#endif
