/* SPDX-License-Identifier: GPL-3.0-or-later
 * See paste.h. */
#include "front/paste.h"

static const char end_mark[] = "\033[201~";

void
paste_init(struct paste *p)
{
    *p = (struct paste){0};
}

void
paste_release(struct paste *p)
{
    buf_release(&p->text);
    paste_init(p);
}

/* Terminals send carriage returns where the text had newlines; tabs are no completion here. */
static void
keep(struct paste *p, char c)
{
    bool after_cr = p->was_cr;

    p->was_cr = c == '\r';
    if (c == '\0' || (c == '\n' && after_cr))
        return;
    if (p->text.len >= PASTE_MAX)
        p->cut = true;
    else
        buf_putc(&p->text, c == '\r' ? '\n' : c == '\t' ? ' ' : c);
}

bool
paste_take(struct paste *p, const char *bytes, size_t n, size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == end_mark[p->held]) {
            if (end_mark[++p->held] != '\0')
                continue;
            *used = i + 1;
            return true;
        }
        for (size_t k = 0; k < p->held; k++)
            keep(p, end_mark[k]);
        p->held = bytes[i] == end_mark[0];
        if (p->held == 0)
            keep(p, bytes[i]);
    }
    *used = n;
    return false;
}
