/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was handed in: which files there are to be graded, and whose they are. Nothing is read of
 * them here. */
#ifndef GRADE_SUBMISSION_H
#define GRADE_SUBMISSION_H
#include <stdbool.h>

#include "base/err.h"
#include "grade/room.h"

struct submission {
    char *name;    /* as it is called: the path as it was given, with what was found below it */
    char *path;    /* of the trace; "" where fault says why there is none */
    char *student; /* whose it is */
    char *folder;  /* the student as the name of a folder */
    char *fault;   /* why it cannot be graded; NULL: it can be tried */
    bool ours;     /* ... which is no error of the student */
};

struct submissions {
    struct submission *list;
    int n, cap;
    char **left_out; /* files in folders that are no traces by their names */
    int nleft_out;
    struct room room; /* for what is in archives, made when it is needed */
    /* What of an archive may be a submission, into an empty folder. one: it is one student's, and
     * all files come to lie side by side. 0, or -1 and *err. Given by whoever collects. */
    int (*unpack)(struct submissions *s, const char *archive, const char *folder, bool one,
                  struct err *err);
    const char *unpacker; /* the program that does it */
};

void submissions_leave_out(struct submissions *s, const char *name);

/* Those of files and folders, in the order of paths, folders in the order of bytes. A folder holds
 * traces (.trace, .jsonl, also .partial), and folders and archives of one student each with one
 * trace in them. An archive is what a folder would be. lab is its name, which the names of files
 * may begin with: LAB-STUDENT.trace. 0, or -1 and *err: a path is not there, a student has two. */
int submissions_collect(struct submissions *s, char *const *paths, int n, const char *lab,
                        struct err *err);
/* Of every n only number i, from 1. */
void submissions_shard(struct submissions *s, int i, int n);
void submissions_release(struct submissions *s);
#endif
