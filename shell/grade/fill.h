/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points into a file that a learning platform exported: one column is filled, every other byte of
 * the file stays, so that it can be imported again. */
#ifndef GRADE_FILL_H
#define GRADE_FILL_H
#include "grade/adapt.h"
#include "grade/csv.h"

struct fill {
    const char *column; /* which is filled; NULL: the one that must be meant */
    const char *key;    /* the column that says who it is; NULL: those that platforms have */
    /* Hears of everything that was not done, a sentence each. */
    void (*tell)(void *ctx, const char *text);
    void *ctx;
};

struct fill_counts {
    int filled;  /* cells */
    int emptied; /* because the grader had trouble */
    int kept;    /* excused, or not theirs to do */
    int unknown; /* submissions without a row, or not with one alone */
    int without; /* rows of students without a submission */
};

/* Appends the file with its column filled. 0, or -1 and *err. */
int fill_put(const struct fill *f, const struct csv *c, const struct reports *r, struct buf *out,
             struct fill_counts *counts, struct err *err);

/* fill_column.c: the column that is meant. Its number, or -1 and *err. */
int fill_column(const struct fill *f, const struct csv *c, const struct reports *r,
                struct err *err);
/* Whether points mean the same there and here: tells where they do not. */
void fill_compare_max(const struct fill *f, const struct csv *c, int column,
                      const struct reports *r);

/* fill_keys.c: who stands in which row. */
enum { FILL_NOBODY = -1, FILL_SEVERAL = -2 };
struct fill_keys {
    struct fill_key {
        char *text; /* in small letters */
        int row;
        bool weak; /* only where nothing else fits: a part of what the cell says */
    } * list;
    int n, cap;
};
/* 0, or -1 and *err: no column says who it is. */
int fill_keys_make(struct fill_keys *k, const struct fill *f, const struct csv *c, struct err *err);
void fill_keys_release(struct fill_keys *k);
/* The row of a student, or one of the above. */
int fill_keys_find(const struct fill_keys *k, const char *student);
#endif
