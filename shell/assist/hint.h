/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Grey text behind the cursor: the rest of what a line needs. */
#ifndef ASSIST_HINT_H
#define ASSIST_HINT_H
#include "session/session.h"

/* What is still to be typed behind these n bytes, as the records say it: inside a call the rest of
 * the prototype, shrinking argument by argument ("int size, int shmflg)"); behind a builtin's name
 * its usage; on an empty line the suggestion of a tour. Appends to *out, nothing when there is
 * nothing to say. Plain text without colours and control bytes. */
void hint_line(struct session *s, const char *line, size_t n, struct buf *out);
#endif
