/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A view: events go in, text comes out. One const record each; `show --as`, `trace`, `lanes`,
 * `export` and the console know views by these records only. */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H
#include "base/err.h"
#include "call/catalog.h"
#include "trace/event.h"

struct view_options {
    const struct catalog *catalog;
    int width;   /* columns; every line of a view for people keeps within them; 0: none are known,
                    as in a script: 100, and lines are not folded */
    bool ascii;  /* only ASCII comes out */
    bool colour; /* escape sequences for colour may come out, of nothing else */
    bool echo;   /* input lines too */
    bool quiet;  /* only what matters */
    bool stable; /* what differs from run to run is left out (json) or shown as `...` */
    bool live;   /* events come while they happen: rows go out at once; else at finish at the
                    latest, when all actors are known */
    const char *const *only; /* views with a lane for each process: these alone have one; NULL ends;
                                NULL: all have */
};

struct view_kind {
    const char *name;      /* "lanes" */
    const char *summary;   /* one line, lower case, no full stop */
    const char *extension; /* of a file it is written to, without the dot; "" for none of its own */
    bool is_live;          /* fit for `set view` */
    void *(*start)(const struct view_options *o); /* the view; options are copied */
    void (*event)(void *view, const struct event *e, struct buf *out); /* appends to *out */
    void (*finish)(void *view, struct buf *out); /* what is still to be shown; frees the view */
    void (*resize)(void *view, int width);       /* the terminal has another width; may be NULL */
};

enum { VIEW_WIDTH = 100 }; /* columns where none are known */

extern const struct view_kind *const view_kinds[]; /* NULL ends */
/* The record of this name, or NULL. */
const struct view_kind *view_find(const char *name);
/* "lines, lanes, gutter": the names of all, or of those fit for `set view`. */
void view_names(struct buf *out, bool live);

/* The view that a file of this name is of, by its ending; NULL and *err. */
const struct view_kind *view_by_ending(const char *path, struct err *err);

/* A file each. */
extern const struct view_kind view_lines, view_lanes, view_gutter, view_json, view_strace,
    view_transcript, view_mermaid, view_svg, view_linear;
#endif
