/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fds: the facts (fds.c) and the picture that is drawn of them (fds_draw.c). */
#ifndef BUILTIN_FDS_H
#define BUILTIN_FDS_H
#include "builtin/look.h"

/* {"sharing": "kcmp" or "unknown",
 *  "processes": [{"actor","pid","fds": [{"fd","file","since","how","cloexec"}]}],
 *  "files": [{"file","object","mode","flags","offset","fds": [{"actor","fd"}]}],
 *  "objects": [{"object","name" or null,"kind","target","state","holders"}]}: files and objects are
 * numbered from 1. */
json_t *fds_facts(struct session *s, struct actor *const *actors, int n);
void fds_draw(struct session *s, const json_t *facts, int width, bool ascii, struct buf *out);
#endif
