/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the lines view: the steady columns, the small palette, and values. Everything that came
 * from outside goes through text_escape or text_quote here. */
#include "view/row.h"

#include <inttypes.h>
#include <string.h>

#include "base/columns.h"
#include "base/text.h"
#include "view/host_words.h"

enum { INDENT = 10 }; /* of what a row goes on with in its next line */

static void
blanks(struct row *r, size_t n)
{
    while (n-- > 0)
        buf_putc(r->out, ' ');
}

void
row_begin(struct row *r, int64_t step, const char *actor)
{
    size_t at;

    r->start = r->out->len;
    if (step >= 0) {
        row_tint(r, TINT_DIM);
        buf_printf(r->out, "%3" PRId64, step);
        row_tint(r, TINT_NONE);
    } else {
        blanks(r, 3);
    }
    blanks(r, actor != NULL ? 2 : 3);
    if (actor == NULL)
        return;
    at = r->out->len;
    row_text(r, actor);
    for (size_t k = columns_of(r->out->data + at, r->out->len - at); k < (size_t)r->l->name_width;
         k++)
        buf_putc(r->out, ' ');
    blanks(r, 2);
}

/* On a terminal a long row goes on at a blank, under what it says. */
static void
fold(struct row *r)
{
    size_t width = (size_t)r->l->width, at = 0, indent = 0;
    struct buf row = {0};

    buf_put(&row, r->out->data + r->start, r->out->len - r->start);
    r->out->len = r->start;
    while (at < row.len) {
        const char *s = row.data + at, *newline = memchr(s, '\n', row.len - at);
        size_t n = newline != NULL ? (size_t)(newline - s) : row.len - at;
        size_t k = columns_break(s, n, width - indent, indent > 0 ? 0 : INDENT);

        buf_printf(r->out, "%*s", (int)indent, "");
        buf_put(r->out, s, k);
        at += k;
        indent = INDENT;
        if (at < row.len && row.data[at] == '\n') { /* row_pull has folded here, and indented */
            indent = 0;
            at++;
            buf_putc(r->out, '\n');
            continue;
        }
        while (at < row.len && row.data[at] == ' ')
            at++;
        if (at < row.len)
            buf_putc(r->out, '\n');
    }
    buf_release(&row);
}

void
row_end_whole(struct row *r)
{
    if (r->l->width > 20 &&
        columns_of(r->out->data + r->start, r->out->len - r->start) > (size_t)r->l->width)
        fold(r);
    buf_putc(r->out, '\n');
}

void
row_end(struct row *r)
{
    while (r->out->len > r->start && r->out->data[r->out->len - 1] == ' ')
        r->out->len--;
    row_end_whole(r);
}

void
row_puts(struct row *r, const char *s)
{
    buf_puts(r->out, s);
}

void
row_source(struct row *r, const char *s)
{
    text_source(r->out, s, strlen(s), r->l->ascii);
}

bool
row_varies(const struct row *r, const char *name)
{
    const struct item *vol = r->l->stable ? event_get(r->e, NULL, "vol") : NULL;

    return vol != NULL && event_get(r->e, vol, name) != NULL;
}

void
row_cut(struct row *r, size_t at)
{
    r->out->len = at;
    r->out->data[at] = '\0';
}

void
row_text(struct row *r, const char *s)
{
    text_escape(r->out, s, strlen(s), r->l->ascii);
}

const char *
row_sgr(enum tint tint)
{
    static const char *const sgr[] = {
        [TINT_NONE] = "\033[0m", [TINT_DIM] = "\033[2m",    [TINT_WAIT] = "\033[33m",
        [TINT_BAD] = "\033[31m", [TINT_STATE] = "\033[36m",
    };

    return sgr[tint];
}

void
row_tint(struct row *r, enum tint tint)
{
    if (r->l->colour)
        buf_puts(r->out, row_sgr(tint));
}

void
row_column(struct row *r, size_t column)
{
    size_t at = columns_of(r->out->data + r->start, r->out->len - r->start);

    blanks(r, at + 2 <= column ? column - at : 2);
}

/* Quoted; a long run of one byte, such as the rest of a buffer, stands there once. */
static void
put_quoted(struct row *r, const char *s, size_t n)
{
    enum { RUN = 16 };
    size_t plain = 0;
    bool any = false;

    for (size_t i = 0; i < n;) {
        size_t run = 1;

        while (i + run < n && s[i + run] == s[i])
            run++;
        if (run < RUN || ((unsigned char)s[i] & 0x80) != 0) {
            i += run;
            continue;
        }
        if (i > plain) {
            text_quote(r->out, s + plain, i - plain, r->l->ascii);
            row_puts(r, " ");
        }
        text_quote(r->out, s + i, 1, r->l->ascii);
        buf_printf(r->out, " <%zu times>", run);
        i += run;
        plain = i;
        any = true;
        if (i < n)
            row_puts(r, " ");
    }
    if (plain < n || !any)
        text_quote(r->out, s + plain, n - plain, r->l->ascii);
}

void
row_pull(struct row *r, size_t at)
{
    size_t total = columns_of(r->out->data + r->start, r->out->len - r->start), over, n = 0;

    if (r->l->width <= 0 || total <= (size_t)r->l->width)
        return;
    over = total - (size_t)r->l->width;
    while (at + n < r->out->len && r->out->data[at + n] == ' ')
        n++;
    if (n < 2 + over) { /* not even so: it gets a line of its own */
        struct buf rest = {0};

        buf_put(&rest, r->out->data + at + n, r->out->len - at - n);
        r->out->len = at;
        buf_printf(r->out, "\n%*s", INDENT, "");
        buf_put(r->out, buf_text(&rest), rest.len);
        buf_release(&rest);
        return;
    }
    memmove(r->out->data + at, r->out->data + at + over, r->out->len - at - over);
    r->out->len -= over;
    r->out->data[r->out->len] = '\0';
}

void
row_value(struct row *r, const struct item *i)
{
    const struct item *kid;
    const char *name;

    switch (i->kind) {
    case ITEM_INT:
        buf_int(r->out, i->value);
        return;
    case ITEM_TEXT:
        put_quoted(r, item_text(r->e, i), i->len);
        if (i->cut)
            buf_printf(r->out, "... (%" PRId64 " bytes)", i->value);
        return;
    case ITEM_BOOL:
        row_puts(r, i->value ? "true" : "false");
        return;
    case ITEM_ARRAY:
        row_puts(r, "[");
        for (kid = item_first(r->e, i); kid != NULL; kid = item_next(r->e, kid)) {
            if (kid != item_first(r->e, i))
                row_puts(r, ", ");
            row_value(r, kid);
        }
        row_puts(r, "]");
        return;
    case ITEM_OBJECT: /* only a variable's name is shown of one */
        name = event_get_text(r->e, i, "name");
        row_source(r, name != NULL ? name : "{...}");
        return;
    default:
        row_puts(r, "NULL");
    }
}

bool
row_messages(struct row *r, const struct item *i)
{
    const struct item *first = i->kind == ITEM_ARRAY ? item_first(r->e, i) : NULL;

    if (first == NULL || first->kind != ITEM_OBJECT || event_get(r->e, first, "text") == NULL)
        return false;
    for (const struct item *kid = first; kid != NULL; kid = item_next(r->e, kid)) {
        const struct item *number = item_first(r->e, kid), *text = event_get(r->e, kid, "text");

        if (kid != first)
            row_puts(r, " ");
        if (number != NULL && number != text) {
            row_value(r, number);
            row_puts(r, ":");
        }
        if (text != NULL)
            row_value(r, text);
    }
    return true;
}

void
row_address(struct row *r, const struct item *i)
{
    if (i->kind == ITEM_TEXT)
        row_text(r, item_text(r->e, i));
    else if (i->kind != ITEM_INT)
        row_value(r, i);
    else if (i->value == 0)
        row_puts(r, "NULL");
    else if (i->value == -1)
        row_puts(r, "-1");
    else
        buf_printf(r->out, "0x%" PRIx64, (uint64_t)i->value);
}

void
row_host(struct row *r)
{
    struct buf words = {0};

    host_words(r->e, &words);
    row_text(r, buf_text(&words));
    buf_release(&words);
}
