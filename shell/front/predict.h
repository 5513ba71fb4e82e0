/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Predict mode (`set predict on`): before a line with a call or a print runs, the student says what
 * will come of it; afterwards the answer and the truth become one event. */
#ifndef FRONT_PREDICT_H
#define FRONT_PREDICT_H
#include "session/session.h"

struct predict {
    struct session *s;
    struct listener listener; /* sees what really happens */
    char *line;               /* held back until the answer came; NULL: nothing is asked */
    char actor[SYMTAB_NAME_MAX + 1];
    char call[64]; /* whose result is asked for: the outermost of the line, or "print" */
    bool watching;
    struct buf truth; /* "waits", "ENOENT", "27", "killed by SIGSEGV"; empty: nothing was seen */
    struct buf text;  /* what was printed or read, as text */
    int64_t step;
};

void predict_init(struct predict *p, struct session *s);
void predict_release(struct predict *p);
/* Is there something to foresee in this line? Then it is held back, and its row with a `?` in the
 * state column is appended to *out, for a screen of that many columns. */
bool predict_ask(struct predict *p, const char *line, int width, struct buf *out);
/* Around the run of the held line. An answer of blanks skips: no event then. */
void predict_before(struct predict *p);
void predict_after(struct predict *p, const char *answer);
#endif
