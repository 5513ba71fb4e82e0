/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from outside as a label of a mermaid diagram, in which nothing of it has a meaning. */
#ifndef VIEW_MERMAID_TEXT_H
#define VIEW_MERMAID_TEXT_H
#include "base/buf.h"

/* Further lines of s are lines of the label too. */
void mermaid_label(struct buf *out, const char *s);
/* The same in lines of a width that mermaid, which does not fold, can draw. */
void mermaid_folded(struct buf *out, const char *s);
#endif
