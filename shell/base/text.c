/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t
text_utf8(const char *s, size_t n)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len;
    uint32_t c;

    if (n == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    if (u[0] >= 0xc2 && u[0] <= 0xdf)
        len = 2, c = u[0] & 0x1f;
    else if ((u[0] & 0xf0) == 0xe0)
        len = 3, c = u[0] & 0x0f;
    else if (u[0] >= 0xf0 && u[0] <= 0xf4)
        len = 4, c = u[0] & 0x07;
    else
        return 0;
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3f);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10ffff ||
        (c >= 0xd800 && c <= 0xdfff))
        return 0;
    return len;
}

bool
text_is_utf8(const char *s, size_t n)
{
    while (n > 0) {
        size_t k = text_utf8(s, n);

        if (k == 0)
            return false;
        s += k;
        n -= k;
    }
    return true;
}

uint32_t
text_code_point(const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    uint32_t c = len == 1 ? u[0] : len == 2 ? u[0] & 0x1f : len == 3 ? u[0] & 0x0f : u[0] & 0x07;

    for (size_t i = 1; i < len; i++)
        c = c << 6 | (u[i] & 0x3f);
    return c;
}

/* C1 controls, bidirectional and zero-width controls, line separators: what could reorder or fake
 * what a person reads; and what is no character, which XML and YAML do not have. */
bool
text_deceives(uint32_t c)
{
    return (c >= 0x80 && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe007f);
}

static void
escape(struct buf *out, const char *s, size_t n, bool ascii, bool quoted)
{
    while (n > 0) {
        size_t k = text_utf8(s, n);
        unsigned char u = (unsigned char)*s;

        if (k == 0) {
            buf_printf(out, "\\x%02x", u);
            k = 1;
        } else if (k > 1) {
            uint32_t c = text_code_point(s, k);

            if (ascii || text_deceives(c))
                buf_printf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
            else
                buf_put(out, s, k);
        } else if (u == '\n') {
            buf_puts(out, "\\n");
        } else if (u == '\t') {
            buf_puts(out, "\\t");
        } else if (u == '\0' && quoted && (n == 1 || s[1] < '0' || s[1] > '7')) {
            buf_puts(out, "\\0");
        } else if (u < 0x20 || u == 0x7f) {
            buf_printf(out, "\\x%02x", u);
        } else {
            if (quoted && (u == '"' || u == '\\'))
                buf_putc(out, '\\');
            buf_putc(out, (char)u);
        }
        s += k;
        n -= k;
    }
}

void
text_escape(struct buf *out, const char *s, size_t n, bool ascii)
{
    escape(out, s, n, ascii, false);
}

void
text_quote(struct buf *out, const char *s, size_t n, bool ascii)
{
    buf_putc(out, '"');
    escape(out, s, n, ascii, true);
    buf_putc(out, '"');
}

void
text_source(struct buf *out, const char *s, size_t n, bool ascii)
{
    char quote = '\0';

    for (size_t i = 0, k; i < n; i += k) {
        unsigned char u = (unsigned char)s[i];
        size_t len = text_utf8(s + i, n - i);
        bool plain = u >= 0x20 && u != 0x7f && len > 0 &&
                     (len == 1 || (!ascii && !text_deceives(text_code_point(s + i, len))));

        k = len > 0 ? len : 1;
        if (quote != '\0' && u == '\\' && i + 1 < n && s[i + 1] >= 0x20 && s[i + 1] < 0x7f)
            k = 2;
        else if (plain && (u == '"' || u == '\'') && (quote == '\0' || quote == (char)u))
            quote = quote == '\0' ? (char)u : '\0';
        if (plain)
            buf_put(out, s + i, k);
        else if (quote == '\0' && u == '\t')
            buf_putc(out, ' ');
        else
            for (size_t j = 0; j < k; j++)
                buf_printf(out, "\\%03o", (unsigned char)s[i + j]);
    }
}

static bool
is_same(char a, char b, bool caseless)
{
    bool letter = (a >= 'A' && a <= 'Z') || (a >= 'a' && a <= 'z');

    return a == b || (caseless && letter && (a ^ b) == ('a' ^ 'A'));
}

/* Optimal string alignment distance, so that two swapped letters count one; words are short.
 * caseless: a letter in the other case is the same. */
static int
distance(const char *a, const char *b, bool caseless)
{
    enum { MAX = 40 };
    int d[MAX + 1][MAX + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > MAX || m > MAX)
        return 99;
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (int)i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            int best = d[i - 1][j - 1] + !is_same(a[i - 1], b[j - 1], caseless);

            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2], caseless) &&
                is_same(a[i - 2], b[j - 1], caseless) && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[n][m];
}

void
near_init(struct near *n, const char *word)
{
    n->word = word;
    n->best[0] = '\0';
    n->distance = (int)strlen(word) / 3 + 1;
}

static bool
is_nearer(const struct near *n, const char *candidate, int d)
{
    size_t longer = strlen(candidate);

    if (d >= n->distance + (n->best[0] == '\0'))
        return false;
    if (longer < strlen(n->word))
        longer = strlen(n->word);
    /* Half of a word changed is another word: poll is no misspelt kill. */
    return 2 * (size_t)d < longer;
}

void
near_offer(struct near *n, const char *candidate)
{
    int d = distance(n->word, candidate, false);

    if (!is_nearer(n, candidate, d)) {
        d = distance(n->word, candidate, true);
        if (d > 1 || !is_nearer(n, candidate, d)) /* ipc_creat, but no other slip besides one */
            return;
    }
    if (strlen(candidate) >= sizeof n->best)
        return;
    n->distance = d;
    snprintf(n->best, sizeof n->best, "%s", candidate);
}
