/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prompt: a session whose lines are typed. One loop over the terminal, the signals and the
 * world, so that what happens by itself is told above the line that is being typed. */
#ifndef FRONT_REPL_H
#define FRONT_REPL_H
#include "front/console.h"

/* The status of the shell's end: STATUS_OK, or 128 and the signal that ended it. */
int repl_run(struct console *c);
#endif
