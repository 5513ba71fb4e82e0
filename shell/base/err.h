/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong, for the person who typed it: where, what, and the exit status that it stands
 * for. The function that reports returns -1, so that a guard is one line. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum status { /* interface: command line and exit status */
              STATUS_OK = 0,
              STATUS_DIFFERS = 1, /* a check failed, a replay differs */
              STATUS_USAGE = 2,   /* bad option, syntax, unknown call, actor or variable */
              STATUS_LAB = 3,     /* the lab file is broken */
              STATUS_STUCK = 4,   /* stuck or out of time */
              STATUS_MACHINE = 5, /* the machine cannot, or ipclab itself failed */
              STATUS_TRACE = 6,   /* a trace is damaged, or could not be recorded to its end */
              STATUS_INTERRUPTED = 130,
};

/* What each status stands for. `last` are the last words on stderr where nothing better is known.
 */
struct status_record {
    enum status status;
    const char *last;
    const char *meaning;
};
extern const struct status_record status_records[]; /* last of NULL ends */

struct err {
    enum status status;
    int col, end;   /* columns of the offending bytes in the line, from 1, end included; 0: none */
    char text[600]; /* lower case, no full stop; raw bytes of input are already escaped */
};

void err_clear(struct err *e);
int err_set(struct err *e, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4))); /* always returns -1 */
/* "WHAT: ENOENT (No such file or directory)", of errno; what goes through text_escape. Always -1.
 */
int err_errno(struct err *e, enum status status, const char *what);
int err_at(struct err *e, int col, int end, const char *fmt, ...)
    __attribute__((format(printf, 4, 5))); /* STATUS_USAGE at a place; always returns -1 */
#endif
