/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs of the person's own, with the terminal, while the session waits. */
#ifndef FRONT_SHELL_OUT_H
#define FRONT_SHELL_OUT_H
#include "front/console.h"

/* As session.outside: its wait status, or -1 and *err. ctx is the console. */
int shell_out(void *ctx, const char *const *argv, struct err *err);
#endif
