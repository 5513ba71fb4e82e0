/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What signals do to a process that has not said otherwise (signal(7)). */
#ifndef ASSIST_SIGNALS_H
#define ASSIST_SIGNALS_H

struct signal_words {
    const char *name;   /* "SIGUSR1" */
    const char *action; /* "ends the process; free for use by programs" */
};

extern const struct signal_words signal_words[]; /* those meant most often first; ends with {0} */
#endif
