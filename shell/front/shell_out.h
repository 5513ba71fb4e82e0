/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs of the person's own, with the terminal, while the session waits. */
#ifndef FRONT_SHELL_OUT_H
#define FRONT_SHELL_OUT_H
#include "front/console.h"

/* As session.outside: its wait status, or -1 and *err. ctx is the console. */
int shell_out(void *ctx, const char *const *argv, struct err *err);
/* The whole session on one CPU, but not what is run here. Waking an idle one is dear, and a step
 * is a few wake-ups. */
void shell_out_pin(void);
#endif
