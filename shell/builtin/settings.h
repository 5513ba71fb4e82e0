/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings: the one table of them, their values as text, and the rc file that keeps them. */
#ifndef BUILTIN_SETTINGS_H
#define BUILTIN_SETTINGS_H
#include "session/builtin.h"

extern const struct setting settings[]; /* a name of NULL ends */

/* Every setting as its record says it is at first. */
void settings_default(struct settings *to);
/* The record of this name, or NULL and *err with the near miss. */
const struct setting *settings_find(const char *name, struct err *err);
/* The value as `set` takes it: "lanes", "on", "72". */
void settings_value(const struct settings *from, const struct setting *which, struct buf *out);
/* What it takes, in words: "auto, lines, lanes or gutter". */
void settings_takes(const struct setting *which, struct buf *out);
/* 0, or -1 and *err, which names the setting and what it takes. */
int settings_set(struct settings *to, const struct setting *which, const char *value,
                 struct err *err);

/* rc.c: $XDG_CONFIG_HOME/ipclab/rc, or what stands for it. 0, or -1 and *err when there is no
 * home to have one in. */
int rc_path(struct buf *out, struct err *err);
/* Writes `set NAME VALUE` for each of these into that file, in place of the line that says so
 * already; every other byte of it stays. The file is replaced as a whole or not at all. */
int rc_save(struct session *s, const struct setting *const *which, int n, struct err *err);
#endif
