/* SPDX-License-Identifier: GPL-3.0-or-later
 * See quote.h. */
#include "base/quote.h"

#include "base/text.h"

void
quote_lines(struct buf *out, const char *s, bool ascii)
{
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");

        text_escape(out, s, n, ascii);
        s += n;
        if (*s == '\n') {
            buf_putc(out, '\n');
            s++;
        }
    }
}

/* ---- XML ----------------------------------------------------------------------------------- */

void
quote_entities(struct buf *out, const char *s, size_t n)
{
    size_t plain = 0;

    for (size_t i = 0; i < n; i++) {
        const char *entity = s[i] == '&'    ? "&amp;"
                             : s[i] == '<'  ? "&lt;"
                             : s[i] == '>'  ? "&gt;"
                             : s[i] == '"'  ? "&quot;"
                             : s[i] == '\n' ? "&#10;"
                                            : NULL;

        if (entity == NULL)
            continue;
        buf_put(out, s + plain, i - plain);
        buf_puts(out, entity);
        plain = i + 1;
    }
    buf_put(out, s + plain, n - plain);
}

void
quote_xml(struct buf *out, const char *s, bool ascii)
{
    struct buf shown = {0};

    quote_lines(&shown, s, ascii);
    quote_entities(out, buf_text(&shown), shown.len);
    buf_release(&shown);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

/* A spreadsheet calculates what begins so, in quotes too, and behind blanks some do; in a Japanese
 * one the wide forms of these characters count as well. */
static bool
is_formula(const char *s, size_t n)
{
    size_t blanks = strspn(s, " ");

    if (blanks == n)
        return false;
    if (strchr("=+-@", s[blanks]) != NULL)
        return true;
    switch (n - blanks >= 3 ? text_code_point(s + blanks, 3) : 0) {
    case 0xff1d: /* = */
    case 0xff0b: /* + */
    case 0xff0d: /* - */
    case 0xff20: /* @ */
        return text_utf8(s + blanks, n - blanks) == 3;
    default:
        return false;
    }
}

void
quote_csv(struct buf *out, const char *s)
{
    struct buf shown = {0};
    bool formula, quoted;

    text_escape(&shown, s, strlen(s), false);
    s = buf_text(&shown);
    formula = is_formula(s, shown.len);
    /* Where the comma is the decimal point, cells are apart by semicolons. */
    quoted = formula || strpbrk(s, "\",;' ") != NULL;
    if (quoted)
        buf_putc(out, '"');
    if (formula)
        buf_putc(out, '\'');
    for (size_t i = 0; i < shown.len; i++)
        buf_printf(out, "%s%c", s[i] == '"' ? "\"" : "", s[i]);
    if (quoted)
        buf_putc(out, '"');
    buf_release(&shown);
}

/* ---- TAP ----------------------------------------------------------------------------------- */

void
quote_tap(struct buf *out, const char *s, bool ascii)
{
    struct buf shown = {0};

    text_escape(&shown, s, strlen(s), ascii);
    for (size_t i = 0; i < shown.len; i++)
        buf_printf(out, "%s%c", strchr("#\\", shown.data[i]) != NULL ? "\\" : "", shown.data[i]);
    buf_release(&shown);
}

/* ---- Base64 -------------------------------------------------------------------------------- */

char *
quote_base64(char *p, const char *s, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *u = (const unsigned char *)s;

    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)u[i] << 16 | (i + 1 < n ? (uint32_t)u[i + 1] << 8 : 0) |
                         (i + 2 < n ? u[i + 2] : 0);

        *p++ = digit[three >> 18];
        *p++ = digit[three >> 12 & 63];
        *p++ = i + 1 < n ? digit[three >> 6 & 63] : '=';
        *p++ = i + 2 < n ? digit[three & 63] : '=';
    }
    return p;
}
