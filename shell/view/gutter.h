/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The gutter: a narrow column for each living process, then the text. Lanes draw so where they do
 * not fit. */
#ifndef VIEW_GUTTER_H
#define VIEW_GUTTER_H
#include "view/draw.h"

struct gutter {
    const struct story *story;
    const struct signs *signs;
    struct canvas canvas;
    int *columns; /* the actor in each; -1: free */
    int ncolumns, cap;
    int number;     /* columns of a step's number */
    int shown;      /* columns in the picture */
    int state;      /* columns of the objects' states at the end of the line */
    int name_width; /* of the actors' names */
    int width;
    bool shared_told; /* that some processes share a column */
};

void gutter_init(struct gutter *g, const struct story *story, int width);
void gutter_resize(struct gutter *g, int width);
void gutter_release(struct gutter *g);
/* Looks at all moments beforehand, so that the columns stay where they are. */
void gutter_measure(struct gutter *g);
/* One moment; how it stood before and stands after it. */
void gutter_draw(struct gutter *g, const struct standings *before, const struct standings *after,
                 const struct moment *m, struct buf *out);
#endif
