/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The line that is being typed, by readline's callback interface. Knows nothing of sessions: what
 * a line does, what could come next and what is grey behind the cursor is asked of its owner. */
#ifndef FRONT_EDITOR_H
#define FRONT_EDITOR_H
#include "assist/complete.h"

struct editor_owner {
    const char *(*prompt)(void *ctx); /* of the next line */
    /* A line was given. False when it failed: the rest of a paste is not run then. */
    bool (*line)(void *ctx, const char *line);
    void (*end)(void *ctx);   /* Ctrl-D on an empty line, or the terminal is gone */
    bool (*ended)(void *ctx); /* no further line is wanted */
    void (*complete)(void *ctx, const char *line, size_t point, struct completion *c);
    void (*hint)(void *ctx, const char *line, size_t n, struct buf *out); /* may be NULL */
    void *ctx;
    bool rich;  /* the terminal understands escape sequences */
    bool ascii; /* only ASCII is shown */
};

void editor_start(const struct editor_owner *owner);
/* The terminal as it was, for good. */
void editor_stop(void);
/* Shows the prompt for the next line; after each line it comes by itself. */
void editor_prompt(void);
void editor_read(void);            /* the terminal has input */
bool editor_has_input(void);       /* ... that was read already: call editor_read without waiting */
bool editor_interrupt(void);       /* Ctrl-C: gives the line up. Was it empty? */
void editor_resized(void);         /* the window has another size */
void editor_suspend(bool resumed); /* for front_signals_open: before a stop, and after it */
void editor_redraw(void);          /* after a stop */
/* Around text that appears above the half-typed line. */
void editor_hide(void);
void editor_show(void);
/* Around somebody else who uses the terminal: a pager, a command. */
void editor_lend(void);
void editor_take_back(void);
void editor_size(int *rows, int *columns);
void editor_remember(const char *line); /* in the history of this session; not on disk */
#endif
