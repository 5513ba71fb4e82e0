/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the facts of ENTER, EXIT and EXPLANATION frames one after the other. */
#ifndef PROC_FACTS_H
#define PROC_FACTS_H
#include "proc/wire.h"

/* A text that begins so is the pid of a process in the world, to be shown as its name. No text of a
 * plugin begins so: "@" would do for no name of a socket. */
#define LOOK_PID_MARK '\001'
/* The same of a pid as the shell and the observer see it. */
#define LOOK_HOST_MARK '\002'

struct fact_item {
    enum fact kind;
    const char *name; /* of named facts; the kind of an object; the text of NOTE, WHY, ...;
                         MESSAGE: the word for its number */
    const char *text; /* FACT_TEXT, FACT_STATE_TEXT */
    int arg;          /* ARG, OUT: index; MESSAGE: enum ipclab_passing; SENDS, TIMER: signal;
                         HOLD: until death */
    int64_t value;    /* numbers; FD; MESSAGE: its number; SENDS: pid; TIMER: ns; HOLD: the part;
                         HOLDER: since */
    int64_t amount;   /* HOLD */
    const void *data; /* bytes */
    size_t n;
    size_t total;
    uint64_t key, key2; /* OBJECT; TIMER: key is the interval */
};

/* From a buffer that holds nothing but facts. */
void facts_open(struct wire_in *in, const struct buf *facts);
/* false at the end, or when what follows is malformed (then in->bad). */
bool facts_next(struct wire_in *in, struct fact_item *item);
#endif
