/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The commands of the command line beside a plain session. */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H
#include "front/console.h"
#include "front/place.h"

/* What a person should know before the first line: a reduced world, running as root. */
void commands_warn(const struct session *s, const struct options *o);
/* ipclab run: finds and reads the lab before the session starts, which then names it. 0, or -1 and
 * *err. command_run does it where this was not called. */
int command_run_open(const struct options *o, const struct places *places, struct session *s,
                     struct err *err);
enum status command_run(struct console *c, const struct places *places, const struct options *o);
/* replay, show, plugins, bench, doctor, help, gc. */
enum status command_other(const struct options *o, const struct places *places, struct err *err);
/* generate: texts made from the records. */
enum status command_generate(const struct options *o, const struct catalog *c,
                             const struct places *places, struct err *err);
enum status command_replay(const struct options *o, const struct places *places, struct err *err);
enum status command_bench(const struct options *o, const struct places *places, struct err *err);
enum status command_doctor(const struct options *o, const struct places *places, struct err *err);
#endif
