/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lanes of a part of a session, for a handout. */
#ifndef FRONT_FIGURE_H
#define FRONT_FIGURE_H
#include "front/paper.h"
#include "front/recorded.h"

struct figures {
    struct paper *paper;
    const struct recorded *recorded;
    const struct catalog *catalog;
    int width;
};

/* Events from `from` to before `to`; nothing where no process does anything in them. */
void figure_put(const struct figures *f, const char *caption, int from, int to);
#endif
