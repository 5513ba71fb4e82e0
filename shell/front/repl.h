/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prompt: the one place that includes readline. */
#ifndef FRONT_REPL_H
#define FRONT_REPL_H
#include "front/console.h"
enum status repl_run(struct console *c);
/* Of main: Ctrl-C was pressed. */
void front_clear_interrupt(void);
bool front_interrupted(void);
#endif
