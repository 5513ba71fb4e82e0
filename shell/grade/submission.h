/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was handed in: which files there are to be graded, and whose they are. Nothing is read of
 * them here. */
#ifndef GRADE_SUBMISSION_H
#define GRADE_SUBMISSION_H
#include <stdbool.h>

#include "base/err.h"

struct submission {
    char *name;    /* as it is called: the path as it was given, with what was found below it */
    char *path;    /* of the trace; "" where fault says why there is none */
    char *student; /* whose it is */
    char *folder;  /* the student as the name of a folder */
    char *fault;   /* why it cannot be graded, the student's error; NULL: it can be tried */
};

struct submissions {
    struct submission *list;
    int n, cap;
    char **left_out; /* files in folders that are no traces by their names */
    int nleft_out;
};

/* Those of files and folders, in the order of paths, folders in the order of bytes. A folder holds
 * traces (.trace, .jsonl, also .partial), and folders of one student each with one trace in it. lab
 * is its name, which the names of files may begin with: LAB-STUDENT.trace. 0, or -1 and *err: a
 * path is not there, a student has two. */
int submissions_collect(struct submissions *s, char *const *paths, int n, const char *lab,
                        struct err *err);
/* Of every n only number i, from 1. */
void submissions_shard(struct submissions *s, int i, int n);
void submissions_release(struct submissions *s);
#endif
