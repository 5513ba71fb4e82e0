/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of files that are handed in. */
#ifndef GRADE_NAMES_H
#define GRADE_NAMES_H
#include <stdbool.h>

/* Takes the endings of a trace (.trace, .jsonl, then perhaps .partial), or of an archive, off;
 * false: it has none. */
bool name_cut_trace(char *name);
bool name_cut_archive(char *name);
bool name_is_trace(const char *name);
bool name_is_archive(const char *name); /* .zip, .tar, .tar.gz, .tgz, .tar.xz, .tar.bz2 */
const char *name_last_part(const char *path);
/* Whose a file is by its name: without endings, and without the lab that `submit` puts before it
 * (LAB-STUDENT.trace). The caller's. */
char *name_student(const char *path, const char *lab);
#endif
