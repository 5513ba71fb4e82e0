/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole word is read before it is judged, so that 5x and 1e9 are refused as one thing and
 * nothing wraps to a small number. */
#include "lang/number.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int
digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 99;
}

static bool
in_word(char c)
{
    return digit_of(c) < 36 || c == '_' || c == '.';
}

static int
refuse(const char *text, size_t from, size_t to, const char *why, struct err *err)
{
    int n = to - from < 40 ? (int)(to - from) : 40;

    return err_at(err, (int)from + 1, (int)to, "%.*s%s is no number%s", n, text + from,
                  to - from > 40 ? "..." : "", why);
}

/* 10L and 5UL are how C programs write them. */
static size_t
without_suffix(const char *text, size_t from, size_t to)
{
    size_t end = to;

    while (end > from + 1 && to - end < 3 && strchr("uUlL", text[end - 1]) != NULL)
        end--;
    return end;
}

int
number_read(const char *text, size_t *pos, size_t end, int64_t *value, bool *decimal,
            struct err *err)
{
    size_t from = *pos, to = from, stop, at;
    int base = 10;

    while (to < end && in_word(text[to]))
        to++;
    *pos = to;
    stop = without_suffix(text, from, to);
    at = from;
    if (text[at] == '0' && stop - from > 1) {
        base = 8;
        at++;
        if (text[at] == 'x' || text[at] == 'X') {
            base = 16;
            if (++at == stop)
                return refuse(text, from, to, "; digits 0-9 and a-f go after 0x", err);
        }
    }
    *value = 0;
    *decimal = base == 10;
    for (; at < stop; at++) {
        int digit = digit_of(text[at]);

        if (base == 8 && (digit == 8 || digit == 9))
            return refuse(text, from, to, "; a leading 0 means octal, digits 0-7", err);
        if (digit >= base)
            return refuse(text, from, to,
                          "; whole numbers go as 10, 0x1f or 0666, from 0 to 9223372036854775807",
                          err);
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, digit, value))
            return err_at(err, (int)from + 1, (int)to,
                          "%.*s%s is too large; numbers go from 0 to 9223372036854775807",
                          to - from < 40 ? (int)(to - from) : 40, text + from,
                          to - from > 40 ? "..." : "");
    }
    return 0;
}

static int
hex_escape(const char *text, size_t *at, size_t to, struct err *err)
{
    size_t start = *at;
    int value = 0;

    while (*at < to && digit_of(text[*at]) < 16) {
        value = value * 16 + digit_of(text[(*at)++]);
        if (value > 255)
            return err_at(err, (int)start - 1, (int)*at, "\\x%.*s is more than one byte",
                          (int)(*at - start), text + start);
    }
    if (*at == start)
        return err_at(err, (int)start - 1, (int)start, "\\x needs hexadecimal digits");
    return value;
}

static int
octal_escape(const char *text, size_t *at, size_t to, struct err *err)
{
    size_t start = *at;
    int value = 0;

    while (*at < to && *at < start + 3 && text[*at] >= '0' && text[*at] <= '7')
        value = value * 8 + text[(*at)++] - '0';
    if (value > 255)
        return err_at(err, (int)start, (int)*at, "\\%.*s is more than one byte", (int)(*at - start),
                      text + start);
    return value;
}

/* The byte that the escape at *at (behind its backslash) stands for, or -1 and *err. */
static int
escape(const char *text, size_t *at, size_t to, struct err *err)
{
    static const char from[] = "abefnrtv\\'\"?", bytes[] = "\a\b\033\f\n\r\t\v\\'\"?";
    struct buf shown = {0};
    const char *found;
    size_t n;

    if (text[*at] >= '0' && text[*at] <= '7')
        return octal_escape(text, at, to, err);
    if (text[*at] == 'x') {
        ++*at;
        return hex_escape(text, at, to, err);
    }
    found = strchr(from, text[*at]);
    if (found != NULL && *found != '\0') {
        ++*at;
        return (unsigned char)bytes[found - from];
    }
    n = text_utf8(text + *at, to - *at);
    n = n > 0 ? n : 1;
    text_escape(&shown, text + *at, n, false);
    err_at(err, (int)*at, (int)(*at + n), "C has no escape \\%s; a backslash itself is \\\\",
           buf_text(&shown));
    buf_release(&shown);
    return -1;
}

int
number_unescape(const char *text, size_t from, size_t to, char *out, size_t *n, struct err *err)
{
    *n = 0;
    while (from < to) {
        int byte = (unsigned char)text[from++];

        if (byte == '\\' && (byte = escape(text, &from, to, err)) < 0)
            return -1;
        out[(*n)++] = (char)byte;
    }
    out[*n] = '\0';
    return 0;
}

bool
number_looks_octal(int64_t value)
{
    return value >= 100 && value <= 777 && value % 10 < 8 && value / 10 % 10 < 8;
}
