/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats that there are, a file each; adapt.c has them in the order in which they are shown.
 */
#ifndef GRADE_ADAPTERS_H
#define GRADE_ADAPTERS_H
#include "grade/adapt.h"

/* Of a submission: */
extern const struct adapter adapt_gradescope, adapt_autolab, adapt_submitty, adapt_classroom,
    adapt_tap;
/* Of a class: */
extern const struct adapter adapt_junit, adapt_csv, adapt_summary, adapt_tasks, adapt_failed,
    adapt_flags, adapt_diff;
#endif
