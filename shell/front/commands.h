/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The commands of the command line beside a plain session. */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H
#include "front/console.h"
#include "front/place.h"

/* What a person should know before the first line: a reduced world, running as root. */
void commands_warn(const struct session *s, const struct options *o);
/* ipclab run, piece by piece: finds and reads the lab before the session starts, which then names
 * it. 0, or -1 and *err. */
int command_run_open(const struct options *o, const struct places *places, struct session *s,
                     struct err *err);
/* Loads it once the session knows its calls; what is wrong is said. */
enum status command_run_load(const struct options *o, struct session *s, bool *guided,
                             struct err *err);
/* The trace of a guided one, which may go on from before; then nothing is told of its beginning. */
int command_run_record(struct console *c, struct err *err);
int command_run_begin(struct session *s, struct err *err); /* as session_begin */
/* A guided one begins in the session that stands; one that leads itself runs. */
int command_run_lesson(struct session *s, struct err *err);
enum status command_run(void);
/* At the end of a guided one: the points of a script; a broken lab is its status. */
enum status command_run_score(struct session *s, struct err *err);
void command_run_release(struct session *s);
/* replay, show, plugins, bench, doctor, help, gc. */
enum status command_other(const struct options *o, const struct places *places, struct err *err);
/* generate: texts made from the records. */
enum status command_generate(const struct options *o, const struct catalog *c,
                             const struct places *places, struct err *err);
/* diff: where two traces part. */
enum status command_diff(const struct options *o, const struct catalog *c,
                         const struct places *places, struct err *err);
enum status command_replay(const struct options *o, const struct places *places, struct err *err);
enum status command_bench(const struct options *o, const struct places *places, struct err *err);
/* lab: tools for authors; before any thread or output. */
enum status command_lab(const struct options *o, const struct places *places, struct err *err);
/* grade: what students handed in; before any thread or output. */
enum status command_grade(const struct options *o, const struct places *places, struct err *err);
enum status command_doctor(const struct options *o, const struct places *places, struct err *err);
#endif
