/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reports of a class, outside of memory: OUT/STUDENT/report.json each, written beside and
 * renamed, so that what is there is whole; or without OUT in a file that goes when we do. */
#ifndef GRADE_STORE_H
#define GRADE_STORE_H
#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct store {
    const char *out; /* the folder; NULL: none */
    int fd;          /* of the file without a name; -1 */
    struct store_place {
        int64_t at, n;
    } * places; /* in it, by the number of the submission */
    int64_t end;
};

/* For n submissions. 0, or -1 and *err. */
int store_open(struct store *s, const char *out, int n, struct err *err);
void store_release(struct store *s);
/* folder: of the student. 0, or -1 and *err. */
int store_put(struct store *s, int i, const char *folder, const json_t *report, struct err *err);
/* The report of this one, which is whole; NULL: there is none. */
json_t *store_get(const struct store *s, int i, const char *folder);
/* Appends a report as it is written. */
void store_text(const json_t *report, struct buf *out);
#endif
