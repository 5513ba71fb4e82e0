/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines view (interface 2): events in, full lines of text out, made for typing along, for
 * scripts and for screen readers. Needs the catalogue to know which arguments are flags, which
 * are data. */
#ifndef VIEW_LINES_H
#define VIEW_LINES_H
#include "call/catalog.h"
#include "trace/event.h"

struct lines {
    const struct catalog *catalog;
    bool ascii; /* LC_ALL=C: only ASCII comes out */
    bool colour;
    bool echo;               /* -x: input lines too, as "ipclab> ..." */
    bool quiet;              /* -q: only verdicts, output of actors and failures */
    bool stable;             /* what differs from run to run is `...` */
    int width;               /* columns for alignment of the state column; 0: as in a script, 100 */
    struct pending *pending; /* calls entered and not yet left; private */
    int npending, pending_cap;
    int name_width; /* widest actor name so far */
};

void lines_init(struct lines *l, const struct catalog *catalog);
void lines_release(struct lines *l);
/* Appends what this event shows, nothing for many. */
void lines_event(struct lines *l, const struct event *e, struct buf *out);
#endif
