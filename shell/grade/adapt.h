/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The formats of other programs, made of reports alone. How to add one: a file of its own with one
 * const record, and its name in the table of adapt.c; options, help, man page and completion come
 * from there. tests/e2e/test_adapters.py asks each for what its consumer accepts.
 *
 * In all of them trouble of the grader (graded.judged is false) is said in the consumer's own way
 * and is never a zero. */
#ifndef GRADE_ADAPT_H
#define GRADE_ADAPT_H
#include "base/buf.h"
#include "base/err.h"
#include "grade/graded.h"
#include "grade/rows.h"

/* A class of reports, in the order in which they were handed in, none of them in memory. */
struct reports {
    int n;
    json_t *(*get)(void *ctx, int i); /* NULL: there is none (yet). The caller's. */
    void *ctx;
    const json_t *lab;                       /* what report_lab tells */
    const char *(*folder)(void *ctx, int i); /* of its report in OUT */
    const char *earlier; /* a folder as OUT with the reports of an earlier grading, or NULL */
};

/* What is known of a class before its table is begun. */
struct tally {
    int n;         /* reports that are there */
    int judged;    /* of them */
    int trouble;   /* could not be */
    int wrong;     /* student_error */
    int late;      /* timeout */
    int cases;     /* tasks that were judged, and one for each report that is not just graded */
    int64_t score; /* of all that were judged */
    int64_t max;
    char lab[64]; /* its id */
    int widest;   /* columns of the longest student */
    struct tally_task {
        char *id, *title;
        int64_t max, points; /* points of all */
        int passed, failed, not_reached;
    } * tasks;
    int ntasks;
};

/* A class on its way into a text. */
struct sheet {
    struct buf *out;
    const struct reports *reports;
    const struct tally *tally;
    int at;   /* which report `each` sees, by its place in the class */
    int task; /* of a format that goes by tasks; behind the last one: of the class as a whole */
    struct rows rows;              /* of a format that has columns */
    int compared, up, down, other; /* of a format that compares */
};

struct adapter {
    const char *name;
    const char *file;    /* what is written: beside report.json, or in OUT for a class */
    const char *summary; /* one line, lower case, no full stop */
    /* Of a submission: */
    void (*one)(struct buf *out, const struct graded *g);
    bool early; /* the file is there before the grading begins, and says that it has not ended */
    /* Of a class, each may be NULL: */
    void (*begin)(struct sheet *s);
    void (*each)(struct sheet *s, const struct graded *g);
    void (*end)(struct sheet *s);
    const char *columns; /* of rows, a character each as rows.h says: then the class is gone
                            through twice; NULL: it puts its text itself */
    bool by_task;        /* `each` sees the class once for every task, and once more */
    bool compares;       /* only where there is an earlier grading */
};

/* NULL ends. */
extern const struct adapter *const adapters[];

const struct adapter *adapter_find(const char *name);
/* Is it about a class as a whole? */
bool adapter_is_of_class(const struct adapter *a);
/* Reads "csv,junit": *set gets bit i for adapters[i], too. 0, or -1 and *err. */
int adapters_read(const char *names, uint64_t *set, struct err *err);

/* Appends the text of one submission. */
/* A text for JSON: lines, with nothing in them that deceives. */
json_t *adapt_lines(const char *text);
/* Appends JSON on lines of its own, or on one, and a newline; the value is gone. */
void adapt_json(json_t *value, bool one_line, struct buf *out);

void adapt_one(const struct adapter *a, const json_t *report, const json_t *lab, struct buf *out);
/* The same of a class; `put` gets it piece by piece. 0, or what put returned that is less. */
int adapt_class(const struct adapter *a, const struct reports *r, const struct tally *tally,
                int width, bool ascii, int (*put)(void *ctx, struct buf *piece), void *ctx);

/* Counts a class. */
void tally_make(struct tally *t, const struct reports *r, bool ascii);
/* Of a lab of which nothing but reports is left: what report_lab would tell of it. */
json_t *tally_lab(const struct tally *t);
void tally_release(struct tally *t);
const struct tally_task *tally_find(const struct tally *t, const char *id);
#endif
