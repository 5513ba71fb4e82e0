/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines typed in earlier sessions: $IPCLAB_HISTFILE, else $XDG_STATE_HOME/ipclab/history. Empty
 * IPCLAB_HISTFILE: none. Each line is appended when it was given, so that a kill loses nothing and
 * sessions side by side mix line by line. */
#ifndef FRONT_HISTORY_H
#define FRONT_HISTORY_H
#include <stdbool.h>

#include "base/err.h"

enum {
    HISTORY_LINES = 5000,      /* remembered in a session */
    HISTORY_BYTES = 1 << 20,   /* of the file; a longer one loses its older half */
    HISTORY_REFUSED = 64 << 20 /* a file longer than this is none of ours and is left alone */
};

/* Calls remember for each line, oldest first. 0, or -1 and *err: there is no history then. */
int history_load(void (*remember)(const char *line), struct err *err);
/* Appends a line; a blank one, one that begins with a blank and one like the last are left out.
 * True when it is worth remembering. */
bool history_add(const char *line);
void history_close(void);
#endif
