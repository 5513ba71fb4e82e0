/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far something is that takes its time: one line on stderr that is written over, and only where
 * a person watches a terminal that can do that. */
#ifndef FRONT_PROGRESS_H
#define FRONT_PROGRESS_H

/* text in place of the last one, cut to the terminal; "": the line is empty again. ctx is not used:
 * there is one terminal. */
void progress_show(void *ctx, const char *text);
#endif
