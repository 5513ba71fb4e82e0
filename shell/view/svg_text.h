/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of a picture: as XML has it, and never wider than its room. */
#ifndef VIEW_SVG_TEXT_H
#define VIEW_SVG_TEXT_H
#include <stdbool.h>

#include "base/buf.h"

enum {
    SVG_CHAR = 7500, /* room of one column in thousandths of a pixel: no monospaced font of 12
                        pixels is wider */
};

/* Columns that fit into so many pixels. */
int svg_columns(int pixels);
/* Pixels that so many columns need. */
int svg_pixels(int columns);
/* s up to a newline, cut to so many columns with an ellipsis; returns the columns it takes. */
int svg_fitted(struct buf *out, const char *s, int columns, bool ascii);

extern const char svg_style[];
#endif
