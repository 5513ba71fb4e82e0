/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of a trace, of which nothing is believed. A scan without recursion and without allocation
 * first counts nesting and values; only what is within the limits is given to jansson. */
#include "trace/parse.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static int
refuse(char why[256], const char *reason)
{
    snprintf(why, 256, "%s", reason);
    return -1;
}

static int
scan(const char *line, size_t n, char why[256])
{
    int depth = 0, values = 0;
    bool in_string = false;

    for (size_t i = 0; i < n; i++) {
        char c = line[i];

        if (c == '\0')
            return refuse(why, "a NUL byte");
        if (in_string) {
            if (c == '\\' && i + 1 < n && line[i + 1] != '\0')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            /* An empty container and its end are two items. */
            values += 2;
            if (++depth > EVENT_MAX_DEPTH)
                return refuse(why, "nested deeper than 32");
        } else if (c == ']' || c == '}') {
            depth--;
        } else if (c == ',') {
            values++;
        }
        /* Each comma is at most one more value, and each container has one before its first. */
        if (values > EVENT_MAX_ITEMS - 2 * EVENT_MAX_DEPTH)
            return refuse(why, "more than 4000 values in one event");
    }
    return 0;
}

static int
digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Only the one canonical form is taken. */
static bool
decode(struct buf *out, const char *s, size_t n)
{
    size_t pad = n > 0 && s[n - 1] == '=' ? (n > 1 && s[n - 2] == '=' ? 2 : 1) : 0;
    uint32_t bits = 0;

    if (n % 4 != 0)
        return false;
    for (size_t i = 0; i < n - pad; i++) {
        int d = digit(s[i]);

        if (d < 0)
            return false;
        bits = (bits << 6 | (uint32_t)d) & 0xffffff;
        if (i % 4 == 3) {
            buf_putc(out, (char)(bits >> 16));
            buf_putc(out, (char)(bits >> 8));
            buf_putc(out, (char)bits);
        }
    }
    if (pad == 1)
        buf_putc(out, (char)(bits >> 10));
    if (pad > 0)
        buf_putc(out, (char)(bits >> (pad == 1 ? 2 : 4)));
    return pad == 0 || (bits & (pad == 1 ? 3 : 15)) == 0;
}

/* Is the object one of the shapes that stand for data (see event_json)? Then it becomes a text.
 * 1, 0 when it is any other object, -1 when it is a broken one. */
static int
put_data(struct event *e, const char *name, json_t *object, char why[256])
{
    json_t *b64 = json_object_get(object, "b64"), *text = json_object_get(object, "text");
    json_t *total = json_object_get(object, "n"), *cut = json_object_get(object, "cut");
    size_t want = cut != NULL ? 3 : 2;
    json_t *body = b64 != NULL ? b64 : text;
    struct buf bytes = {0};
    bool good;

    if (!json_is_string(body) || !json_is_integer(total) || json_object_size(object) != want ||
        (b64 == NULL && cut == NULL) || (cut != NULL && !json_is_true(cut)))
        return 0;
    if (b64 != NULL) {
        good = decode(&bytes, json_string_value(body), json_string_length(body));
    } else {
        buf_put(&bytes, json_string_value(body), json_string_length(body));
        good = true;
    }
    good = good && (cut != NULL ? json_integer_value(total) > (json_int_t)bytes.len
                                : json_integer_value(total) == (json_int_t)bytes.len);
    if (good)
        event_text_n(e, name, buf_text(&bytes), bytes.len, (size_t)json_integer_value(total));
    buf_release(&bytes);
    return good ? 1 : refuse(why, "damaged data: its length or its base64 is wrong");
}

static int put_value(struct event *e, const char *name, json_t *v, char why[256]);

static int
put_fields(struct event *e, json_t *object, char why[256])
{
    const char *key;
    json_t *v;

    json_object_foreach(object, key, v) if (put_value(e, key, v, why) < 0) return -1;
    return 0;
}

/* Recursion is bounded by scan. */
static int
put_value(struct event *e, const char *name, json_t *v, char why[256])
{
    size_t i;
    json_t *kid;
    int data;

    switch (json_typeof(v)) {
    case JSON_INTEGER:
        event_int(e, name, json_integer_value(v));
        return 0;
    case JSON_STRING:
        event_text_n(e, name, json_string_value(v), json_string_length(v), json_string_length(v));
        return 0;
    case JSON_TRUE:
    case JSON_FALSE:
        event_bool(e, name, json_is_true(v));
        return 0;
    case JSON_NULL:
        event_null(e, name);
        return 0;
    case JSON_REAL:
        snprintf(why, 256, "a number that is not whole: %g", json_real_value(v));
        return -1;
    case JSON_ARRAY:
        event_array(e, name);
        json_array_foreach(v, i, kid) if (put_value(e, NULL, kid, why) < 0) return -1;
        event_close(e);
        return 0;
    case JSON_OBJECT:
        data = put_data(e, name, v, why);
        if (data != 0)
            return data < 0 ? -1 : 0;
        event_object(e, name);
        if (put_fields(e, v, why) < 0)
            return -1;
        event_close(e);
        return 0;
    }
    return refuse(why, "an unknown kind of value");
}

/* A version that is no whole number is a bad version, whatever else it is. */
static int
check_version(json_t *root, char why[256])
{
    json_t *v = json_object_get(root, "ipclab");

    if (v == NULL || json_is_integer(v))
        return 0;
    return refuse(why, "bad version: expected the number 1");
}

int
trace_parse(struct event *e, const char *line, size_t n, char why[256])
{
    json_error_t problem;
    json_t *root;
    int bad = -1;

    event_clear(e);
    if (scan(line, n, why) < 0)
        return -1;
    root = json_loadb(line, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
    if (root == NULL) {
        struct buf text = {0};

        text_escape(&text, problem.text, strlen(problem.text), true);
        snprintf(why, 256, "not JSON: %.200s", buf_text(&text));
        buf_release(&text);
        return -1;
    }
    if (!json_is_object(root))
        refuse(why, "an event is an object in braces");
    else if (check_version(root, why) == 0)
        bad = put_fields(e, root, why);
    json_decref(root);
    return bad;
}
