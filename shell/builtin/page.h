/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page of documentation, written once and shaped twice: as a person reads it at the prompt, and
 * as mdoc(7), from which man pages are made. Texts come from records; `...` in them is what is
 * typed, a newline begins a new paragraph. */
#ifndef BUILTIN_PAGE_H
#define BUILTIN_PAGE_H
#include "session/session.h"

enum page_form { PAGE_TEXT, PAGE_MDOC };

struct page {
    struct buf *out;
    enum page_form form;
    int width;  /* columns, of PAGE_TEXT */
    bool fresh; /* nothing stands since the heading: no paragraph ends here; private */
    int depth;  /* lists that are open; private */
    struct {
        int at, term; /* column of its terms, and how many they may take */
    } lists[3];
};

void page_init(struct page *p, struct buf *out, enum page_form form, int width);
/* Columns for paragraphs at this prompt: at most 80, which is what reads well. */
int page_width(const struct session *s);

/* "name - summary": how a text begins. A man page has its own head. */
void page_title(struct page *p, const char *name, const char *summary);
/* Level 1 is a section, 2 one below it, 3 a word in front of what follows. */
void page_heading(struct page *p, int level, const char *text);
void page_text(struct page *p, const char *text);
/* A list of terms and what they mean; `columns` are for the terms. Lists may stand in an item. */
void page_list(struct page *p, int columns);
void page_item(struct page *p, const char *term, const char *text);
void page_list_end(struct page *p);
/* Lines as they are typed or shown. */
void page_lines(struct page *p, const char *lines);
/* Escapes for mdoc, on lines of their own. */
void page_mdoc_text(struct buf *out, const char *text);
/* As one argument of a macro, in quotes. */
void page_mdoc_word(struct buf *out, const char *text);
#endif
