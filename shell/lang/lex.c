/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names, operators, strings, blanks and comments; numbers are in number.c. Bytes are classified
 * by hand: the locale has no say in what a line means. */
#include "lang/lex.h"

#include <string.h>

#include "base/text.h"
#include "lang/number.h"

bool
lex_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\n';
}

static bool
starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

size_t
lex_name(const char *text, size_t pos, size_t end)
{
    size_t at = pos;

    if (at >= end || !starts_name(text[at]))
        return 0;
    while (at < end && (starts_name(text[at]) || (text[at] >= '0' && text[at] <= '9')))
        at++;
    return at - pos;
}

/* `#` starts a comment at the start and after a blank; pasted C brings its own two kinds. */
size_t
lex_skip(const char *text, size_t pos, size_t end)
{
    while (pos < end) {
        if (lex_blank(text[pos])) {
            pos++;
        } else if (text[pos] == '#' && (pos == 0 || lex_blank(text[pos - 1]))) {
            return end;
        } else if (text[pos] == '/' && pos + 1 < end && text[pos + 1] == '/') {
            return end;
        } else if (text[pos] == '/' && pos + 1 < end && text[pos + 1] == '*') {
            const char *close = memmem(text + pos + 2, end - pos - 2, "*/", 2);

            if (close == NULL)
                return end;
            pos = (size_t)(close - text) + 2;
        } else {
            break;
        }
    }
    return pos;
}

size_t
lex_quoted(const char *text, size_t pos, size_t end)
{
    char quote = text[pos];

    for (pos++; pos < end; pos++) {
        if (text[pos] == '\\')
            pos++;
        else if (text[pos] == quote)
            return pos + 1;
    }
    return 0;
}

int
lex_unexpected(struct err *err, const char *text, size_t from, size_t to, const char *hint)
{
    struct buf shown = {0};
    size_t n = to - from < 40 ? to - from : 40;

    text_escape(&shown, text + from, n, false);
    err_at(err, (int)from + 1, (int)to, "unexpected '%s'%s", buf_text(&shown), hint);
    buf_release(&shown);
    return -1;
}

static void
bad(struct lex *l)
{
    l->kind = TOKEN_BAD;
}

static void
take_quoted(struct lex *l)
{
    size_t close = lex_quoted(l->text, l->pos, l->end);
    bool string = l->text[l->pos] == '"';
    char *bytes;

    if (close == 0) {
        err_at(l->err, (int)l->pos + 1, (int)l->end, "the quote %c is never closed",
               l->text[l->pos]);
        bad(l);
        return;
    }
    l->to = close;
    bytes = pool_alloc(l->pool, close - l->pos);
    if (number_unescape(l->text, l->pos + 1, close - 1, bytes, &l->len, l->err) < 0) {
        bad(l);
        return;
    }
    l->bytes = bytes;
    l->pos = close;
    l->kind = string ? TOKEN_STRING : TOKEN_INT;
    if (string)
        return;
    l->decimal = false;
    l->value = (signed char)bytes[0];
    if (l->len != 1) {
        err_at(l->err, (int)l->from + 1, (int)l->to,
               "a character in single quotes is one byte, here are %zu; a text has double quotes",
               l->len);
        bad(l);
    }
}

static void
take_name(struct lex *l, size_t n)
{
    l->kind = TOKEN_NAME;
    l->to = l->pos += n;
    if (n > LEX_NAME_MAX) {
        err_at(l->err, (int)l->from + 1, (int)l->to,
               "a name has at most 31 bytes, this one has %zu", n);
        bad(l);
        return;
    }
    l->bytes = pool_copy(l->pool, l->text + l->from, n);
    l->len = n;
}

/* What looks like a character of C and is none: it comes from slides and word processors. */
static const char *
lookalike(const char *at, size_t n)
{
    static const struct {
        const char *bytes, *hint;
    } known[] = {
        {"\xe2\x80\x9c", "; a text stands in plain quotes: \"text\""},
        {"\xe2\x80\x9d", "; a text stands in plain quotes: \"text\""},
        {"\xe2\x80\x9e", "; a text stands in plain quotes: \"text\""},
        {"\xc2\xab", "; a text stands in plain quotes: \"text\""},
        {"\xc2\xbb", "; a text stands in plain quotes: \"text\""},
        {"\xe2\x80\x98", "; a character stands in plain quotes: 'c'"},
        {"\xe2\x80\x99", "; a character stands in plain quotes: 'c'"},
        {"\xc2\xb4", "; a character stands in plain quotes: 'c'"},
        {"\xe2\x80\x93", "; this is a dash, a minus is -"},
        {"\xe2\x80\x94", "; this is a dash, a minus is -"},
        {"\xe2\x88\x92", "; this is another minus, the one of C is -"},
        {"\xc2\xa0", "; this is a blank that does not break lines, type a plain one"},
        {"\xe2\x80\xa6", "; this is one character, three dots are ..."},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].bytes) == n && memcmp(known[i].bytes, at, n) == 0)
            return known[i].hint;
    return "";
}

static void
take_op(struct lex *l)
{
    static const char pairs[][3] = {"<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "++", "--",
                                    "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "->"};
    const char *at = l->text + l->pos;

    l->kind = TOKEN_OP;
    for (size_t i = 0; l->pos + 1 < l->end && i < sizeof pairs / sizeof pairs[0]; i++) {
        if (memcmp(at, pairs[i], 2) == 0) {
            l->op = at[0] << 8 | at[1];
            l->to = l->pos += 2;
            return;
        }
    }
    l->op = *at;
    l->to = l->pos += 1;
    if (*at != '\0' && strchr("+-*/%<>=!~&|^()[],;", *at) != NULL)
        return;
    for (size_t n = text_utf8(at, l->end - l->from); n > 1; n--)
        l->to++;
    lex_unexpected(l->err, l->text, l->from, l->to, lookalike(at, l->to - l->from));
    bad(l);
}

void
lex_next(struct lex *l)
{
    size_t n;
    char c;

    if (l->kind == TOKEN_BAD)
        return;
    l->done = l->to;
    l->pos = lex_skip(l->text, l->pos, l->end);
    l->from = l->to = l->pos;
    if (l->pos >= l->end) {
        l->kind = TOKEN_END;
        return;
    }
    c = l->text[l->pos];
    if ((n = lex_name(l->text, l->pos, l->end)) > 0) {
        take_name(l, n);
    } else if (c >= '0' && c <= '9') {
        l->kind = TOKEN_INT;
        if (number_read(l->text, &l->pos, l->end, &l->value, &l->decimal, l->err) < 0)
            bad(l);
        l->to = l->pos;
    } else if (c == '"' || c == '\'') {
        take_quoted(l);
    } else {
        take_op(l);
    }
}

void
lex_start(struct lex *l, const char *text, size_t pos, size_t end, struct pool *pool,
          struct err *err)
{
    *l = (struct lex){
        .text = text, .pos = pos, .end = end, .pool = pool, .err = err, .from = pos, .to = pos};
    lex_next(l);
}

bool
lex_is(const struct lex *l, int op)
{
    return l->kind == TOKEN_OP && l->op == op;
}
