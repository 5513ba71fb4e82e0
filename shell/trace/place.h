/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a trace file comes to lie: the sessions folder and its safety, the name, the lock. */
#ifndef TRACE_PLACE_H
#define TRACE_PLACE_H
#include <stdbool.h>

#include "base/err.h"

/* The sessions folder, made if need be; the caller frees it. NULL and *err. */
char *place_sessions(struct err *err);
/* The file in which the progress of this student in this lab is kept, its folder made if need be;
 * the caller frees it. NULL and *err. */
char *place_progress(const char *lab, const char *student, struct err *err);
/* Opens path itself for writing, locked, with what is in it. The fd, or -1 and *err; *busy as
 * below. */
int place_append(const char *path, bool *busy, struct err *err);
/* Opens path.partial for writing, locked and empty. The fd, or -1 and *err; *busy says that
 * another session has it. The caller frees *partial, which is set in any case. */
int place_open(const char *path, char **partial, bool *busy, struct err *err);
#endif
