/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the lines view share: one row of output, and calls that were entered. */
#ifndef VIEW_ROW_H
#define VIEW_ROW_H
#include "view/lines.h"

/* A call that was entered and has not come back. Slots are used again with their memory. */
struct pending {
    int64_t step;
    bool blocked; /* its <waits: ...> was shown */
    bool literal; /* of an assignment: the value is in the text as it is */
    struct buf actor;
    struct buf call;   /* its name */
    struct buf text;   /* as it is shown: read(3, recv, 32) */
    struct buf target; /* what the result is assigned to, or "" */
    struct buf args;   /* NAME NUL TEXT NUL ...: for sentences that name an argument */
};

enum tint { TINT_NONE, TINT_DIM, TINT_WAIT, TINT_BAD, TINT_STATE };

struct row {
    struct lines *l;
    struct buf *out;
    const struct event *e;
    size_t start;   /* where its line begins in out */
    bool important; /* shown even when quiet */
};

/* Begins a line: step (-1: none) and actor (NULL: none). */
void row_begin(struct row *r, int64_t step, const char *actor);
void row_end(struct row *r);
void row_end_whole(struct row *r);             /* blanks at its end are data */
void row_puts(struct row *r, const char *s);   /* words of ours */
void row_text(struct row *r, const char *s);   /* words from outside, escaped */
void row_source(struct row *r, const char *s); /* what was typed, so that it can be typed again */
void row_tint(struct row *r, enum tint tint);  /* TINT_NONE: back to normal */
const char *row_sgr(enum tint tint);           /* the escape sequence */
void row_column(struct row *r, size_t column); /* blanks up to it, two at least */
/* On a terminal that is too narrow for the row: fewer blanks at this place of out, two at
 * least, or a new line. */
void row_pull(struct row *r, size_t at);
/* A value as data: texts quoted, numbers bare, arrays [3, 4]. */
void row_value(struct row *r, const struct item *i);
/* The messages of a queue, if i is an array of such: their numbers and bytes, 1:"hello" 3:"x". */
bool row_messages(struct row *r, const struct item *i);
/* Is this field of the event not to be shown, because it differs from run to run? */
bool row_varies(const struct row *r, const char *name);
/* One that is volatile, such as an address: numbers in hexadecimal. */
void row_address(struct row *r, const struct item *i);

/* What became of a host. */
void row_host(struct row *r);
/* Takes back what was put since the place `at` of out. */
void row_cut(struct row *r, size_t at);

/* call_text.c: the words of a call. */
/* Fills p, but for its actor, from the `enter` event. brief: without the buffers that the call
 * fills, which its result shows. */
void pending_read(struct row *r, struct pending *p, bool brief);
void pending_release(struct pending *p);
/* print, = and await are steps, but no calls. */
bool call_is_statement(const char *call);
/* " = 12", " = -1 ENOENT", of a print its value. in_words: errors with their sentence. p may be
 * NULL. */
void call_result(struct row *r, const struct pending *p, bool in_words);
void call_outs(struct row *r);  /* "  buf=..." what the call stored: one text goes without name */
void call_facts(struct row *r); /* "  (exited 0)" */

/* lines_call.c: the three ends of a call. */
void call_enter(struct row *r);
void call_block(struct row *r);
void call_exit(struct row *r);
/* The actor is gone inside a call, if it was in one: begins its line with the call and forgets
 * it. Else the line begins with just its name. */
void call_cut_short(struct row *r, const char *actor);
void call_notes(struct row *r); /* a line for each note of the event */
void call_forget_all(struct lines *l);

/* lines_guided.c: what a guided lab says. */
void guided_task(struct row *r);
void guided_hint(struct row *r);
void guided_check(struct row *r);
void guided_predict(struct row *r);

/* lines_state.c: the object's state at the end of the line. */
void state_column(struct row *r);
void state_fields(struct row *r); /* what stands there behind the name of the object */
/* Why the call failed: "ENOENT", in_words "ENOENT (no segment has key 9999)". p may be NULL. */
void state_error(struct row *r, const struct pending *p, const char *name, bool in_words);
void state_sentence(struct row *r, const struct pending *p, const char *name);
/* The kind of an object by its name, or NULL. */
const struct ipclab_kind *state_kind(const struct row *r, const char *obj);
/* Calls put for each $name of the template; what lies between is shown as it stands. put returns
 * false for what is no name. */
void state_fill_in(struct row *r, const char *template,
                   bool (*put)(struct row *, void *, const char *, size_t), void *ctx);
#endif
