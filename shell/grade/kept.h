/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reports that a folder has, whoever wrote them: graded earlier, or by many machines at once.
 */
#ifndef GRADE_KEPT_H
#define GRADE_KEPT_H
#include <jansson.h>

#include "base/err.h"

struct kept {
    const char *out;
    char **folders; /* in the order of bytes */
    int n;
};

/* 0, or -1 and *err: there is no such folder, or there are no reports in it. */
int kept_open(struct kept *k, const char *out, struct err *err);
void kept_release(struct kept *k);
/* The report in a folder. One that is damaged is trouble of the grader, and says so; NULL: there is
 * none. */
json_t *kept_get(const struct kept *k, int i);
/* The same of a folder by its name; NULL: there is none, or it is damaged. */
json_t *kept_read(const char *out, const char *folder);
#endif
