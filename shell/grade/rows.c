/* SPDX-License-Identifier: GPL-3.0-or-later
 * See rows.h. */
#include "grade/rows.h"

#include <stdarg.h>

#include "base/columns.h"
#include "base/text.h"

enum { GAP = 2, LEAST_LAST = 20 /* columns of the last that are worth wrapping in */ };

void
rows_init(struct rows *r, const char *align, int width, bool ascii, struct buf *out)
{
    *r = (struct rows){.align = align,
                       .columns = (int)strlen(align),
                       .measuring = true,
                       .width = width,
                       .ascii = ascii,
                       .out = out};
}

void
rows_measured(struct rows *r)
{
    r->measuring = false;
    r->at = 0;
}

static void
put_last(struct rows *r, const char *text)
{
    int room = r->width - r->left;

    if (text[0] == '\0') {
        buf_putc(r->out, '\n');
        return;
    }
    buf_printf(r->out, "%*s", r->blanks, "");
    if (room >= LEAST_LAST)
        columns_wrap(r->out, text, r->left, r->left, r->width);
    else
        buf_printf(r->out, "%s\n", text);
}

static void
put_cell(struct rows *r, const char *text, int wide)
{
    int pad = r->wide[r->at] - wide;

    if (r->align[r->at] == '>')
        r->blanks += pad;
    if (text[0] != '\0') {
        buf_printf(r->out, "%*s%s", r->blanks, "", text);
        r->blanks = 0;
    }
    r->blanks += (r->align[r->at] == '>' ? 0 : pad) + GAP;
    r->left += r->wide[r->at] + GAP;
}

void
rows_cell(struct rows *r, const char *fmt, ...)
{
    struct buf clean = {0};
    char *text = NULL;
    int n, wide;
    va_list ap;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n > 0)
        text_escape(&clean, text, (size_t)n, r->ascii);
    free(text);
    wide = (int)columns_of(buf_text(&clean), clean.len);
    if (r->measuring && wide > r->wide[r->at])
        r->wide[r->at] = wide;
    if (!r->measuring && r->at < r->columns - 1)
        put_cell(r, buf_text(&clean), wide);
    else if (!r->measuring)
        put_last(r, buf_text(&clean));
    if (++r->at == r->columns)
        r->at = r->blanks = r->left = 0;
    buf_release(&clean);
}
