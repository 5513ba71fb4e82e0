/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `ipclab lab check`: a lab proves itself. Each thing that must hold is a case, told when it was
 * tried. */
#ifndef LESSON_AUDIT_H
#define LESSON_AUDIT_H
#include "lesson/play.h"

struct audit_case {
    char name[160]; /* "the model solution gets all points" */
    bool passed;
    char text[4096]; /* why it did not; "" when it did */
};

typedef void audit_tell_fn(void *ctx, const struct audit_case *c);

/* Tries all cases of the lab. OK: all hold; LAB: some do not; else what came between, and *err.
 * Of all its sessions the listener of p hears that of the model solution. */
enum status lesson_audit(const struct play *p, audit_tell_fn *tell, void *ctx, struct err *err);
#endif
