/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prompt: a session whose lines are typed. One loop over the terminal, the signals and the
 * world, so that what happens by itself is told above the line that is being typed. */
#ifndef FRONT_REPL_H
#define FRONT_REPL_H
#include "front/console.h"

/* What a guided lab does before the first prompt. 0, or -1 and *err. */
typedef int repl_begin_fn(struct session *s, struct err *err);

/* The status of the shell's end: STATUS_OK, or 128 and the signal that ended it. begin: NULL where
 * there is no lab. */
int repl_run(struct console *c, repl_begin_fn *begin);
#endif
