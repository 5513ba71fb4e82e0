/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the svg view share: where everything stands. */
#ifndef VIEW_SVG_H
#define VIEW_SVG_H
#include "view/story.h"
#include "view/svg_text.h"

enum {                   /* pixels */
       SVG_ROW = 20,     /* a line of text */
       SVG_GAP = 6,      /* between two moments */
       SVG_MARGIN = 24,  /* around everything */
       SVG_STEPS = 44,   /* the column of step numbers */
       SVG_LIFE = 14,    /* from the edge of a lane to its line */
       SVG_INDENT = 14,  /* from the line to the text */
       SVG_BETWEEN = 20, /* from the longest text to the next lane */
       SVG_ARROW = 76,   /* room for an arrow before the objects */
       SVG_HEAD = 30,    /* the names above the lanes */
       SVG_TITLE = 64,   /* all that stands before the lanes */
       SVG_LEGEND = 44,  /* and behind them */
       SVG_COLOURS = 6,
};

enum svg_line { LINE_LIFE, LINE_ZOMBIE, LINE_WAIT };

/* A piece of a lane from one moment to another. */
struct svg_piece {
    enum svg_line line;
    int lane, from, to;
};

struct svg_lane {
    int actor;
    int x, columns;         /* its left edge, and the columns of text that it has room for */
    int life, zombie, wait; /* where such a piece begins that has not ended; -1: none */
};

struct svg_place {
    int y, rows;
    size_t header; /* names of the lanes that live stand before it: where they begin in v->heads,
                      from 1; 0: none do */
    bool shown;
};

struct svg {
    struct story story;
    char *title; /* of the lab, or NULL */
    struct svg_lane *lanes;
    int nlanes;
    int *lane_of;             /* actor -> lane; -1: has none */
    struct svg_place *places; /* of story.moments */
    struct svg_piece *pieces;
    int npieces, cap_pieces;
    int objects_x, objects_columns; /* columns 0: there are none */
    int width, height, bottom;      /* bottom: where lanes end */
    struct buf heads;               /* numbers of lanes, as ints, -1 ends those of one header */
    struct buf *out, room;
};

/* svg_layout.c: gives everything its place. */
void svg_layout(struct svg *v);
/* The lines of a verdict's box, joined by newlines. */
void svg_verdict_text(const struct svg *v, const struct moment *m, struct buf *out);
/* What stands below a moment's head, in lines of so many columns; "" when nothing does. */
void svg_second(const struct moment *m, int columns, struct buf *out);
/* Does it stand across all lanes? */
bool svg_is_wide(const struct svg *v, const struct moment *m);

/* svg_draw.c */
/* Names of lanes: of all (header 0), or of those of a header further down. */
void svg_heads(struct svg *v, int y, size_t header);
void svg_moment(struct svg *v, int number);
#endif
