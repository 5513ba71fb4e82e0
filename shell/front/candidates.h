/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Tab shows when more than one thing fits. */
#ifndef FRONT_CANDIDATES_H
#define FRONT_CANDIDATES_H
#include "assist/complete.h"

/* One candidate a line with what it is, as long as they fit on the screen of that many rows; else
 * their names in columns, and how many are left out. Ends with a newline. */
void candidates_text(const struct completion *c, int rows, int columns, bool colour, bool ascii,
                     struct buf *out);
#endif
