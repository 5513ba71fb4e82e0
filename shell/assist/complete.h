/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What could come next on a line that is being typed: from the call records, the records of
 * builtins and what is alive now. Knows nothing of the terminal; runs no step and changes nothing
 * in the world. */
#ifndef ASSIST_COMPLETE_H
#define ASSIST_COMPLETE_H
#include "session/session.h"

enum { COMPLETE_MAX = 512 }; /* candidates; more are counted */

struct candidate {
    char *text;  /* what takes the place of the word */
    char *about; /* a few words: "waits in read since step 4", "make the segment if ..." */
    char append; /* typed behind it when it is the only one: ' ', '(', '"', ']'; 0: nothing */
};

struct completion {
    struct candidate *list;
    int n, cap;
    int more;        /* beyond COMPLETE_MAX */
    bool loose;      /* none begins with the word: they have it in other case, or inside */
    size_t from, to; /* bytes of the line that a candidate replaces; to is the cursor's place */
};

/* Fills *c, whose list is empty when nothing fits. point <= n is where the cursor stands; only what
 * is before it counts. Candidates begin with the word that is there, in an order a person expects
 * (actors before builtins, constants as their record has them). If none does, those that have it in
 * another case, and then those that have it inside: to be shown, and put in its place only when
 * there is one. */
void complete_line(struct session *s, const char *line, size_t point, struct completion *c);
void complete_release(struct completion *c);
#endif
