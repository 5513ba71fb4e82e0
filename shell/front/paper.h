/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A text for paper or the web, as Markdown or as one HTML page that needs nothing else. All that
 * goes through here may be of anybody: it is escaped here, and nowhere else. In texts `x` is code,
 * an empty line begins a paragraph, and lines that begin with two blanks stay as they are. */
#ifndef FRONT_PAPER_H
#define FRONT_PAPER_H
#include <stdbool.h>

#include "base/buf.h"

struct paper {
    struct buf *out;
    bool html;  /* else Markdown */
    bool ascii; /* other characters by their numbers */
    int level;  /* of list items that are open; private */
};

/* lang as HTML has it: "de". */
void paper_begin(struct paper *p, const char *title, const char *lang);
void paper_end(struct paper *p);
void paper_heading(struct paper *p, int level, const char *text);
void paper_text(struct paper *p, const char *text);
/* A line of its own with a word before it in bold: "Actors: writer, reader". */
void paper_fact(struct paper *p, const char *name, const char *text);
void paper_list_begin(struct paper *p, bool numbered);
void paper_item(struct paper *p, const char *text);
void paper_list_end(struct paper *p);
/* Lines as they are; lang as Markdown names it, "": none. */
void paper_code(struct paper *p, const char *lang, const char *text);
/* Lanes, and the same in sentences, a line each, for whom lanes are nothing. */
void paper_figure(struct paper *p, const char *caption, const char *lanes, const char *sentences);
/* What is only seen when it is asked for. */
void paper_fold_begin(struct paper *p, const char *title);
void paper_fold_end(struct paper *p);
#endif
