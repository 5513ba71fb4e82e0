/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text that is longer than the screen, through $PAGER. */
#ifndef FRONT_PAGER_H
#define FRONT_PAGER_H
#include <stdbool.h>
#include <stddef.h>

/* Shows the text in the person's pager ($PAGER, else less, else more) and waits for its end. False
 * when there is none or it is "cat": then nothing was shown. The terminal must have been lent. */
bool pager_show(const char *text, size_t n);
/* Is the text longer than a screen of this size? */
bool pager_wanted(const char *text, size_t n, int rows, int columns);
#endif
