/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of the reports of a class beside report.json: files for other programs, an exported
 * file filled, and a table on standard output when exactly one was asked for. All of it is made of
 * the reports as they are kept, so it can be made again at any time, from what many machines wrote
 * into one folder too. */
#ifndef FRONT_DELIVERY_H
#define FRONT_DELIVERY_H
#include "front/options.h"
#include "grade/fill.h"

struct delivery {
    const struct options *options;
    uint64_t formats;           /* bit i: adapters[i] */
    const struct adapter *only; /* on standard output; NULL: nothing is that was not there before */
    struct buf exported;        /* the file that is filled */
    struct csv csv;
    int width;
    bool ascii;
};

/* Says what is wrong with what was asked for before anything is graded. n: submissions. 0, or -1
 * and *err. */
int delivery_open(struct delivery *d, const struct options *o, int n, struct err *err);
void delivery_release(struct delivery *d);
/* Before submission i is graded: what its consumer finds should the grading not come to its end.
 * report is what report_new made. 0, or -1 and *err. */
int delivery_early(const struct delivery *d, const char *folder, const json_t *report,
                   const json_t *lab, struct err *err);
/* Once all reports are there. 0, or -1 and *err. */
int delivery_make(struct delivery *d, const struct reports *r, struct err *err);
#endif
