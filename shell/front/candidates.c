/* SPDX-License-Identifier: GPL-3.0-or-later
 * See candidates.h. */
#include "front/candidates.h"

#include "base/columns.h"
#include "base/text.h"

enum {
    MARGIN = 2,
    BESIDE = 4,      /* rows of the screen that stay as they are */
    WIDEST_NAME = 32 /* a longer one moves its own description only */
};

static void
escaped(struct buf *to, const char *text, bool ascii)
{
    buf_clear(to);
    text_escape(to, text != NULL ? text : "", text != NULL ? strlen(text) : 0, ascii);
}

static size_t
widest(const struct completion *c, bool ascii, size_t at_most)
{
    struct buf text = {0};
    size_t most = 0;

    for (int i = 0; i < c->n; i++) {
        size_t n;

        escaped(&text, c->list[i].text, ascii);
        n = columns_of(buf_text(&text), text.len);
        if (n > most && n <= at_most)
            most = n;
    }
    buf_release(&text);
    return most;
}

static void
described(const struct completion *c, int columns, bool colour, bool ascii, struct buf *out)
{
    size_t width = widest(c, ascii, WIDEST_NAME);
    struct buf text = {0};

    for (int i = 0; i < c->n; i++) {
        size_t at, n, room;

        escaped(&text, c->list[i].text, ascii);
        at = columns_of(buf_text(&text), text.len);
        buf_printf(out, "%*s%s", MARGIN, "", buf_text(&text));
        for (; at < width; at++)
            buf_putc(out, ' ');
        room = (size_t)columns > at + 2 * MARGIN + 1 ? (size_t)columns - at - 2 * MARGIN - 1 : 0;
        escaped(&text, c->list[i].about, ascii);
        n = columns_fit(buf_text(&text), text.len, room);
        if (n < text.len)
            n = room > 3 ? columns_fit(text.data, text.len, room - 3) : 0;
        if (n > 0)
            buf_printf(out, "%*s%s%.*s%s%s", MARGIN, "", colour ? "\033[90m" : "", (int)n,
                       buf_text(&text), n < text.len ? "..." : "", colour ? "\033[0m" : "");
        buf_putc(out, '\n');
    }
    buf_release(&text);
}

/* Down the columns, as ls does. */
static void
names_only(const struct completion *c, int rows, int columns, bool ascii, struct buf *out)
{
    size_t width = widest(c, ascii, (size_t)columns) + MARGIN;
    int across = width < (size_t)columns ? (int)((size_t)columns / width) : 1, shown = c->n, down;
    struct buf text = {0};

    down = (shown + across - 1) / across;
    if (down > rows - BESIDE - 1 && rows > BESIDE + 1) {
        down = rows - BESIDE - 1;
        shown = down * across;
    }
    for (int row = 0; row < down; row++) {
        for (int i = row; i < shown; i += down) {
            escaped(&text, c->list[i].text, ascii);
            buf_puts(out, buf_text(&text));
            if (i + down < shown)
                for (size_t at = columns_of(buf_text(&text), text.len); at < width; at++)
                    buf_putc(out, ' ');
        }
        buf_putc(out, '\n');
    }
    if (shown < c->n + c->more)
        buf_printf(out, "and %d more; type on\n", c->n + c->more - shown);
    buf_release(&text);
}

void
candidates_text(const struct completion *c, int rows, int columns, bool colour, bool ascii,
                struct buf *out)
{
    if (c->n <= rows - BESIDE && c->more == 0)
        described(c, columns, colour, ascii, out);
    else
        names_only(c, rows, columns, ascii, out);
}
