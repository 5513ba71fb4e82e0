/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a trace is made of: every kind of event and its fields, as data. The writers do not read
 * it; help, the man page and a test that compares it with real traces do. */
#ifndef TRACE_KINDS_H
#define TRACE_KINDS_H
#include <stdbool.h>

struct event_field {
    const char *name;    /* NULL ends */
    const char *type;    /* "number", "text", "list", "object", "true or false", "any" */
    bool always;         /* every event of the kind has it */
    const char *summary; /* lower case, no full stop */
};

struct event_kind {
    const char *name; /* NULL ends */
    const char *summary;
    bool open; /* further fields may follow: facts that a plugin reports */
    const struct event_field *fields;
};

extern const struct event_kind event_kinds[];
extern const struct event_field event_common[]; /* of every event */
#endif
