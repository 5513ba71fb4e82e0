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
#endif
