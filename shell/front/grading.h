/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab grade, in pieces: one submission in a process of its own, and the class, which starts
 * such processes. */
#ifndef FRONT_GRADING_H
#define FRONT_GRADING_H
#include <jansson.h>

#include "front/options.h"
#include "front/place.h"

enum {
    GRADING_SECONDS = 60, /* for a submission, unless --timeout says another */
    GRADING_SPARE = 20,   /* seconds after that until its process is killed */
};

/* grade --json --student ID FILE: plays it and tells its report on standard output. Everything that
 * can go wrong with the file is in the report; the status is that of the machine and the lab. */
enum status grading_one(const struct options *o, const struct places *places, struct err *err);
/* grading_user.c. As whom: in this process from then on, where that user can reach all that is
 * needed, and in the worlds in any case. 0, or -1 and *err. */
int grading_step_down(const struct options *o, const struct places *places, struct err *err);
const struct judged *grading_user(void);
/* grade --json: what there is to be graded in the lab, on standard output. */
enum status grading_lab(const struct options *o, const struct places *places, struct err *err);
/* grade --out FOLDER: what is made of the reports that are there. */
enum status grading_tables(const struct options *o, struct err *err);
/* grade PATH...: each in a process of its own, which is grading_one. */
enum status grading_class(const struct options *o, const struct places *places, struct err *err);
/* A line about a submission on standard error. */
void grading_say(const json_t *report);
#endif
