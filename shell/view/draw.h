/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What views with processes beside each other draw with: a canvas of a few rows, signs that have an
 * ASCII twin, who lives and waits by now, and the box of a verdict. */
#ifndef VIEW_DRAW_H
#define VIEW_DRAW_H
#include "view/row.h"
#include "view/story.h"

/* Signs of one column each, but for arrows and words. */
struct signs {
    const char *wall, *rule, *cross; /* of a table */
    const char *box_rule, *box_cross;
    const char *thin_cross;               /* where a rule of one line ends a table */
    const char *wait;                     /* of a call that waits, in each row */
    const char *out, *in;                 /* arrows: data from and to the process */
    const char *end;                      /* of a process */
    const char *here;                     /* points at what matters */
    const char *step;                     /* the rest is of the gutter: who acts */
    const char *fork_right, *fork_left;   /* at the parent */
    const char *child_right, *child_left; /* at the child */
    const char *many;                     /* processes that share a column */
};
const struct signs *signs_of(bool ascii);

struct spot {
    uint32_t at; /* in text */
    uint8_t n;   /* bytes; 0: blank, or the second half of a wide character */
    uint8_t tint;
};

struct canvas {
    int width, rows;
    struct spot *spots; /* rows times width */
    size_t cap;
    struct buf text;
    bool colour;
};

void canvas_release(struct canvas *c);
void canvas_clear(struct canvas *c, int width); /* no row; keeps the memory */
/* What does not fit beyond the right edge is left out. Rows come to be as they are needed. Returns
 * the column behind it. */
int canvas_put(struct canvas *c, int row, int column, const char *s, size_t n, enum tint tint);
int canvas_puts(struct canvas *c, int row, int column, const char *s, enum tint tint);
/* Text in a column of `width`, the lines of s and those that it takes to hold each; all but the
 * first begin `hang` blanks further right. Returns how many rows it took, 0 for "". *end gets the
 * column behind the last; NULL: is not asked. */
int canvas_wrap(struct canvas *c, int row, int column, int width, int hang, const char *s,
                enum tint tint, int *end);
/* Appends the rows as lines, without blanks at their ends, and clears. */
void canvas_flush(struct canvas *c, struct buf *out);

/* Who lives and who waits where a rendering has come to. */
struct standing {
    bool alive, waits;
};
struct standings {
    struct standing *of; /* by actor */
    int n;
};
void standings_release(struct standings *s);
/* How it stands once this moment is over. live: the story is no further than this. */
void standings_after(struct standings *s, const struct story *story, const struct moment *m,
                     bool live);
void standings_copy(struct standings *to, const struct standings *from);
struct standing standing_of(const struct standings *s, int actor);

/* Text in which data in quotes that is longer than `most` columns is cut: "abcdef"... */
void draw_shorten(struct buf *out, const char *text, size_t most);

/* Blanks in quotes, and between `=` and a result, become such that no line is broken at them. */
enum { DRAW_BLANK = 1 };
void draw_keep_together(struct buf *text);

/* Columns of a step's number, three at least. */
int draw_number(int64_t step);
/* Is this process one of those that are asked for? */
bool draw_wanted(const struct story *s, int actor);
/* Is this moment about one of them, or about nobody? */
bool draw_concerns(const struct story *s, const struct moment *m);

/* The box of a verdict over the whole width; crosses are columns of walls that end at its top. */
void draw_verdict(struct canvas *c, const struct signs *signs, const struct moment *m,
                  const int *crosses, int ncrosses);
/* "pipe#1   5 B  W2 R1", a row each; alone: without the name. Returns the rows. */
int draw_objects(struct canvas *c, int row, int column, int width, const struct moment *m,
                 bool alone);
/* Columns that the longest of them takes. */
int objects_width(const struct moment *m, bool alone);
#endif
