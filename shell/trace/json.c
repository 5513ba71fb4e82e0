/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event as a JSON line, by hand, because it stands on the path of every step: the room for the
 * worst case is made once, then bytes are only copied. Whatever a terminal could obey is written as
 * \u, so that even a raw trace can be looked at. */
#include <string.h>

#include "base/mem.h"
#include "base/quote.h"
#include "base/text.h"
#include "trace/event.h"

enum {
    ITEM_ROOM = 96,  /* quotes, colon, comma, number, and the words around data that was cut */
    ESCAPE_ROOM = 6, /* one byte as \u00ff */
};

/* Bytes that stand for themselves in a JSON string. */
static const bool plain[256] = {[0x20 ... 0x21] = 1, [0x23 ... 0x5b] = 1, [0x5d ... 0x7e] = 1};

static char *
put_literal(char *p, const char *s)
{
    size_t n = strlen(s);

    memcpy(p, s, n);
    return p + n;
}

static char *
put_int(char *p, int64_t v)
{
    char digits[20];
    char *d = digits + sizeof digits;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do
        *--d = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    if (v < 0)
        *p++ = '-';
    memcpy(p, d, (size_t)(digits + sizeof digits - d));
    return p + (digits + sizeof digits - d);
}

static char *
put_unit(char *p, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";

    *p++ = '\\';
    *p++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *p++ = hex[unit >> shift & 15];
    return p;
}

/* One character that is not plain; *n gets its bytes. A byte that is no UTF-8 (only a name can have
 * one, texts are then base64) becomes the character of its number. */
static char *
put_special(char *p, const char *s, size_t *n)
{
    size_t len = text_utf8(s, *n);
    uint32_t c = len > 0 ? text_code_point(s, len) : (unsigned char)*s;

    *n = len > 0 ? len : 1;
    if (c == '"' || c == '\\') {
        *p++ = '\\';
        *p++ = (char)c;
    } else if (c == '\n' || c == '\t') {
        *p++ = '\\';
        *p++ = c == '\n' ? 'n' : 't';
    } else if (c < 0x20 || c == 0x7f || len == 0 || (text_deceives(c) && c <= 0xffff)) {
        p = put_unit(p, c);
    } else if (text_deceives(c)) {
        p = put_unit(p, 0xd800 + ((c - 0x10000) >> 10));
        p = put_unit(p, 0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
        memcpy(p, s, len);
        p += len;
    }
    return p;
}

static char *
put_string(char *p, const char *s, size_t n)
{
    *p++ = '"';
    while (n > 0) {
        size_t k = n;

        if (plain[(unsigned char)*s]) {
            *p++ = *s;
            k = 1;
        } else {
            p = put_special(p, s, &k);
        }
        s += k;
        n -= k;
    }
    *p++ = '"';
    return p;
}

static char *
put_base64(char *p, const char *s, size_t n)
{
    *p++ = '"';
    p = quote_base64(p, s, n);
    *p++ = '"';
    return p;
}

static char *
put_text(char *p, const struct event *e, const struct item *i)
{
    const char *s = item_text(e, i);

    if (!i->b64 && !i->cut)
        return put_string(p, s, i->len);
    p = put_literal(p, i->b64 ? "{\"b64\":" : "{\"text\":");
    p = i->b64 ? put_base64(p, s, i->len) : put_string(p, s, i->len);
    p = put_literal(p, ",\"n\":");
    p = put_int(p, i->value);
    if (i->cut)
        p = put_literal(p, ",\"cut\":true");
    *p++ = '}';
    return p;
}

/* Is this field of the event not to be written: seq, what is volatile, and what is only for who
 * compares (trace/again.h). */
static bool
left_out(const struct event *e, const struct item *i, const struct item *vol)
{
    const char *name = item_name(e, i);

    if (i == vol || (name[0] == 's' && strcmp(name, "seq") == 0) ||
        (name[0] == 'n' && strcmp(name, "names") == 0))
        return true;
    return vol != NULL && event_get(e, vol, name) != NULL;
}

static char *
put_item(char *p, const struct event *e, const struct item *i)
{
    switch (i->kind) {
    case ITEM_INT:
        return put_int(p, i->value);
    case ITEM_TEXT:
        return put_text(p, e, i);
    case ITEM_BOOL:
        return put_literal(p, i->value ? "true" : "false");
    case ITEM_OBJECT:
        *p++ = '{';
        return p;
    case ITEM_ARRAY:
        *p++ = '[';
        return p;
    default:
        return put_literal(p, "null");
    }
}

void
event_json(struct buf *out, const struct event *e, int64_t seq, bool stable)
{
    const struct item *vol = stable ? event_get(e, NULL, "vol") : NULL;
    size_t room = e->text.len * ESCAPE_ROOM + (e->n + 1) * ITEM_ROOM;
    bool first = true;
    char *p;

    if (out->cap < out->len + room) {
        out->cap = out->len + room * 2;
        out->data = mem_grow(out->data, out->cap);
    }
    p = out->data + out->len;
    *p++ = '{';
    if (seq >= 0) {
        p = put_int(put_literal(p, "\"seq\":"), seq);
        first = false;
    }
    for (size_t at = 0; at < e->n; at++) {
        const struct item *i = &e->items[at];

        if (i->kind == ITEM_CLOSE) {
            *p++ = i->value == ITEM_OBJECT ? '}' : ']';
            first = false;
            continue;
        }
        if (i->depth == 0 && left_out(e, i, vol)) {
            if (i->skip > 0)
                at = i->skip;
            continue;
        }
        if (!first)
            *p++ = ',';
        if (i->name != 0) {
            p = put_string(p, item_name(e, i), strlen(item_name(e, i)));
            *p++ = ':';
        }
        p = put_item(p, e, i);
        first = i->kind == ITEM_OBJECT || i->kind == ITEM_ARRAY;
    }
    *p++ = '}';
    *p++ = '\n';
    *p = '\0';
    out->len = (size_t)(p - out->data);
}
