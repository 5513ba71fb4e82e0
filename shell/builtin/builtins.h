/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All builtins. Each is a file of this folder with one record; the order of `builtins` is that of
 * help. */
#ifndef BUILTIN_BUILTINS_H
#define BUILTIN_BUILTINS_H
#include "session/builtin.h"

extern const struct builtin *const builtins[]; /* NULL ends */
/* The record of this name, or NULL. */
const struct builtin *builtin_find(const char *name);

/* Splits rest at blanks and commas into at most max words; the words point into room. -1: too
 * many. */
int builtin_words(const char *rest, char *room, size_t size, const char **words, int max);

/* With `set confirm on`, at a prompt, while somebody waits: says who, once. True: do not leave yet.
 */
bool quit_asks(struct session *s);

/* A file's name at the beginning of rest: up to a blank, or in quotes, a ~/ before it is the
 * person's own folder. What is behind it, or NULL and *err. */
const char *builtin_file(const char *rest, struct buf *path, struct err *err);

extern const struct builtin builtin_lanes, builtin_trace;
extern const struct builtin builtin_spawn, builtin_ps, builtin_why, builtin_undo, builtin_help,
    builtin_vars, builtin_interrupt, builtin_wait, builtin_reset, builtin_use, builtin_plugins,
    builtin_load, builtin_source, builtin_set, builtin_show, builtin_apropos, builtin_man,
    builtin_tour, builtin_lua, builtin_bang, builtin_log, builtin_export, builtin_quit;
extern const struct builtin builtin_objects, builtin_fds, builtin_maps, builtin_bench,
    builtin_unplug, builtin_plug;
/* Of guided labs. */
extern const struct builtin builtin_task, builtin_check, builtin_hint, builtin_answer,
    builtin_solution, builtin_skip, builtin_submit;
#endif
