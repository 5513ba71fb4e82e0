/* SPDX-License-Identifier: GPL-3.0-or-later
 * See page.h. */
#include "builtin/page.h"

#include <ctype.h>

#include "base/columns.h"

enum { TEXT_WIDTH = 80, LEAST_WIDTH = 30, LEAST_TEXT = 24 };

void
page_init(struct page *p, struct buf *out, enum page_form form, int width)
{
    *p = (struct page){.out = out, .form = form, .fresh = true};
    p->width = width <= 0 || width > TEXT_WIDTH ? TEXT_WIDTH
               : width < LEAST_WIDTH            ? LEAST_WIDTH
                                                : width;
}

int
page_width(const struct session *s)
{
    int width = s->settings.width > 0 ? s->settings.width : s->columns;

    return width > 0 && width < TEXT_WIDTH ? width : TEXT_WIDTH;
}

/* ---- mdoc ---------------------------------------------------------------------------------- */

/* One character of a line. A dot or quote at its beginning would make it a request. */
static void
put_roff(struct buf *out, char c, bool first)
{
    if (first && (c == '.' || c == '\''))
        buf_puts(out, "\\&");
    if (c == '\\')
        buf_puts(out, "\\e");
    else if (c == '-')
        buf_puts(out, "\\-");
    else if (c == '^')
        buf_puts(out, "\\(ha");
    else if (c == '~')
        buf_puts(out, "\\(ti");
    else if (c == '`')
        buf_puts(out, "\\(ga");
    else if (c == '\'')
        buf_puts(out, "\\(aq");
    else
        buf_putc(out, c);
}

/* A paragraph: each sentence on a line of its own, as roff wants it; `...` in bold. */
void
page_mdoc_text(struct buf *out, const char *text)
{
    bool bold = false, first = true;

    for (; *text != '\0' && *text != '\n'; text++) {
        bool ends = !first && !bold && *text == ' ' && strchr(".:?!", text[-1]) != NULL;

        if (*text == '`' && (bold || strchr(text + 1, '`') != NULL)) {
            bold = !bold;
            buf_puts(out, bold ? "\\fB" : "\\fP");
            first = false;
        } else if (ends && text[-1] != ':' && (isupper((unsigned char)text[1]) || text[1] == '`')) {
            buf_putc(out, '\n');
            first = true;
        } else if (*text == ' ' && first) {
            continue;
        } else {
            put_roff(out, *text, first);
            first = false;
        }
    }
    buf_putc(out, '\n');
}

void
page_mdoc_word(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text != '\0'; text++)
        if (*text == '"')
            buf_puts(out, "\\(dq");
        else
            put_roff(out, *text, false);
    buf_putc(out, '"');
}

static void
mdoc_paragraph(struct page *p)
{
    if (!p->fresh)
        buf_puts(p->out, ".Pp\n");
    p->fresh = false;
}

/* ---- Both ---------------------------------------------------------------------------------- */

void
page_title(struct page *p, const char *name, const char *summary)
{
    if (p->form == PAGE_MDOC)
        return;
    buf_printf(p->out, "%s - ", name);
    columns_wrap(p->out, summary, (int)strlen(name) + 3, 4, p->width);
}

void
page_heading(struct page *p, int level, const char *text)
{
    if (p->form == PAGE_TEXT) {
        const struct buf *out = p->out;
        bool apart = out->len < 2 || memcmp(out->data + out->len - 2, "\n\n", 2) == 0;

        buf_printf(p->out, "%s%s\n", apart ? "" : "\n", text);
    } else if (level == 3) {
        mdoc_paragraph(p);
        buf_puts(p->out, ".Sy ");
        page_mdoc_word(p->out, text);
        buf_putc(p->out, '\n');
        p->fresh = true;
    } else {
        buf_puts(p->out, level == 1 ? ".Sh " : ".Ss ");
        for (const char *c = text; *c != '\0'; c++)
            buf_putc(p->out, level == 1 ? (char)toupper((unsigned char)*c) : *c);
        buf_putc(p->out, '\n');
        p->fresh = true;
    }
}

/* The column of what an item says. */
static int
text_column(const struct page *p)
{
    return p->depth == 0 ? 0 : p->lists[p->depth - 1].at + p->lists[p->depth - 1].term + 1;
}

void
page_text(struct page *p, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        struct buf one = {0};

        buf_put(&one, text, n);
        if (n == 0 && p->form == PAGE_TEXT)
            buf_putc(p->out, '\n');
        else if (n == 0)
            ; /* each is a paragraph of its own anyhow */
        else if (p->form == PAGE_MDOC) {
            mdoc_paragraph(p);
            page_mdoc_text(p->out, buf_text(&one));
        } else {
            int at = text_column(p);

            buf_printf(p->out, "%*s", at, "");
            columns_wrap(p->out, buf_text(&one), at, at, p->width);
        }
        buf_release(&one);
        text += n + (text[n] == '\n');
    }
}

void
page_list(struct page *p, int columns)
{
    int at = p->depth == 0 ? 2 : text_column(p);

    if (p->form == PAGE_MDOC) {
        if (p->depth++ == 0)
            mdoc_paragraph(p);
        buf_printf(p->out, ".Bl -tag -width %dn -compact\n", columns);
        return;
    }
    if (p->depth > 0 && p->width - at - columns < LEAST_TEXT)
        at = p->lists[p->depth - 1].at + 2;
    if (p->width - at - columns < LEAST_TEXT)
        columns = 3; /* then the meaning goes below the term */
    p->lists[p->depth].at = at;
    p->lists[p->depth++].term = columns;
}

void
page_item(struct page *p, const char *term, const char *text)
{
    int wide = (int)columns_of(term, strlen(term)), at = text_column(p), room;

    if (p->form == PAGE_MDOC) {
        buf_puts(p->out, ".It Sy ");
        page_mdoc_word(p->out, term);
        buf_putc(p->out, '\n');
        if (text[0] != '\0')
            page_mdoc_text(p->out, text);
        p->fresh = false;
        return;
    }
    room = at - 1 - p->lists[p->depth - 1].at;
    buf_printf(p->out, "%*s%s", p->lists[p->depth - 1].at, "", term);
    if (text[0] == '\0') {
        buf_putc(p->out, '\n');
        return;
    }
    if (wide > room)
        buf_printf(p->out, "\n%*s", at, "");
    else
        buf_printf(p->out, "%*s", room - wide + 1, "");
    columns_wrap(p->out, text, at, at, p->width);
}

void
page_list_end(struct page *p)
{
    if (p->form == PAGE_MDOC)
        buf_puts(p->out, ".El\n");
    p->depth--;
    p->fresh = false;
}

void
page_lines(struct page *p, const char *lines)
{
    if (p->form == PAGE_MDOC)
        buf_puts(p->out, ".Bd -literal -offset indent\n");
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n");

        if (p->form == PAGE_MDOC) {
            for (size_t i = 0; i < n; i++)
                put_roff(p->out, lines[i], i == 0);
        } else {
            buf_printf(p->out, "%*s", text_column(p) + 2, "");
            buf_put(p->out, lines, n);
        }
        buf_putc(p->out, '\n');
        lines += n + (lines[n] == '\n');
    }
    if (p->form == PAGE_MDOC)
        buf_puts(p->out, ".Ed\n");
    p->fresh = false;
}
