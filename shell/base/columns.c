/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/columns.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

/* One character or colour at s: its bytes, and its columns in *wide. */
static size_t
next(const char *s, size_t n, size_t *wide)
{
    size_t k = 1;
    int w;

    *wide = 0;
    if (s[0] == '\033') {
        while (k < n && !((s[k] >= 'a' && s[k] <= 'z') || (s[k] >= 'A' && s[k] <= 'Z')))
            k++;
        return k < n ? k + 1 : n;
    }
    k = text_utf8(s, n);
    if (k <= 1) {
        *wide = 1;
        return 1;
    }
    w = wcwidth((wchar_t)text_code_point(s, k));
    *wide = w < 0 ? 1 : (size_t)w;
    return k;
}

size_t
columns_of(const char *s, size_t n)
{
    size_t total = 0, wide;

    for (size_t at = 0; at < n; total += wide)
        at += next(s + at, n - at, &wide);
    return total;
}

size_t
columns_fit(const char *s, size_t n, size_t max)
{
    size_t at = 0, total = 0, wide;

    while (at < n) {
        size_t k = next(s + at, n - at, &wide);

        if (total + wide > max)
            break;
        total += wide;
        at += k;
    }
    return at;
}

size_t
columns_break(const char *s, size_t n, size_t max, size_t least)
{
    size_t fit = columns_fit(s, n, max), first = columns_fit(s, n, least), wide;

    if (fit == n)
        return n;
    for (size_t at = fit + 1; at > first; at--)
        if (s[at - 1] == ' ') {
            while (at > first && s[at - 1] == ' ')
                at--;
            if (at > first)
                return at;
        }
    return fit > 0 ? fit : next(s, n, &wide);
}

void
columns_wrap(struct buf *out, const char *text, int at, int hang, int width)
{
    bool first = true; /* of its line */

    while (*text != '\0') {
        size_t n = strcspn(text, " \n");
        int wide = (int)columns_of(text, n);

        if (!first && at + 1 + wide > width) {
            buf_printf(out, "\n%*s", hang, "");
            at = hang;
        } else if (!first) {
            buf_putc(out, ' ');
            at++;
        }
        buf_put(out, text, n);
        at += wide;
        first = false;
        text += n;
        if (*text == '\n' && text[1] != '\0') {
            buf_printf(out, "\n%*s", text[1] == '\n' ? 0 : hang, "");
            at = hang;
            first = true;
        }
        text += *text != '\0';
    }
    buf_putc(out, '\n');
}
