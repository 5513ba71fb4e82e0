/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How what `lab check` found is said: a record for each format. */
#ifndef FRONT_AUTHORS_REPORT_H
#define FRONT_AUTHORS_REPORT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* One thing that a lab must hold, and whether it does. All texts passed text_escape. */
struct proven {
    const char *name; /* "the model solution gets all points" */
    bool passed;
    const char *text; /* why not, lines; "" */
    int64_t ms;
    const char *line; /* all of it, as JSON */
};

struct lab_report {
    const char *lab;
    struct proven *cases;
    int n, cap;
    int failed;
    enum status status; /* OK, LAB, or why it could not be judged; once it is over */
    const char *reason; /* of that, lines */
};

struct report_options {
    bool verbose, ascii;
};

struct report_format {
    /* What comes before all; a case, as soon as it is known; the end of a lab; what comes after
     * all. Each may be NULL. */
    void (*begin)(struct buf *out);
    void (*one)(struct buf *out, const struct report_options *o, const struct lab_report *lab,
                const struct proven *c, int number); /* number counts over all labs, from 1 */
    void (*over)(struct buf *out, const struct report_options *o, const struct lab_report *lab,
                 int number); /* of a further case, should it need one */
    void (*end)(struct buf *out, const struct report_options *o, const struct lab_report *labs,
                int n, int cases);
};

extern const struct report_format *const report_formats[]; /* by enum lab_format */

/* Could it be judged whether the lab holds? */
static inline bool
lab_was_judged(const struct lab_report *lab)
{
    return lab->status == STATUS_OK || lab->status == STATUS_LAB;
}
#endif
