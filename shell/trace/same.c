/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing what happened with what was recorded: by fields and not by text, so that their order,
 * their numbering and whatever an event itself declares volatile play no part. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trace/read.h"
#include "trace/same.h"

static size_t
write_place(const struct place *at, char path[64])
{
    size_t n;
    int k;

    if (at == NULL)
        return 0;
    n = write_place(at->outer, path);
    if (at->name == NULL)
        k = snprintf(path + n, 64 - n, "[%" PRId64 "]", at->index);
    else
        k = snprintf(path + n, 64 - n, "%s%s", n > 0 ? "." : "", at->name);
    n += k > 0 ? (size_t)k : 0;
    return n < 63 ? n : 63;
}

bool
same_differs(const struct place *at, char path[64])
{
    path[0] = '\0';
    write_place(at, path);
    return false;
}

/* Does a field of the event itself not count, in either? */
static bool
ignored(const struct event *a, const struct event *b, const char *name)
{
    const struct item *va = event_get(a, NULL, "vol"), *vb = event_get(b, NULL, "vol");

    return strcmp(name, "seq") == 0 || strcmp(name, "vol") == 0 ||
           (va != NULL && event_get(a, va, name) != NULL) ||
           (vb != NULL && event_get(b, vb, name) != NULL);
}

/* Are all fields of x in y and equal there? With only_there, the values are known to be equal. */
static bool
fields_within(const struct event *a, const struct item *x, const struct event *b,
              const struct item *y, const struct place *outer, bool only_there, char path[64])
{
    for (const struct item *i = item_first(a, x); i != NULL; i = item_next(a, i)) {
        struct place at = {.outer = outer, .name = item_name(a, i)};
        const struct item *other;

        if (x == NULL && ignored(a, b, at.name))
            continue;
        other = event_get(b, y, at.name);
        if (other == NULL)
            return same_differs(&at, path);
        if (!only_there && !same_items(a, i, b, other, &at, path))
            return false;
    }
    return true;
}

static bool
same_elements(const struct event *a, const struct item *x, const struct event *b,
              const struct item *y, const struct place *outer, char path[64])
{
    const struct item *i = item_first(a, x), *k = item_first(b, y);
    struct place at = {.outer = outer};

    for (; i != NULL && k != NULL; i = item_next(a, i), k = item_next(b, k), at.index++)
        if (!same_items(a, i, b, k, &at, path))
            return false;
    return (i == NULL && k == NULL) || same_differs(&at, path);
}

bool
same_items(const struct event *a, const struct item *x, const struct event *b, const struct item *y,
           const struct place *at, char path[64])
{
    if (x->kind != y->kind)
        return same_differs(at, path);
    switch (x->kind) {
    case ITEM_OBJECT:
        return fields_within(a, x, b, y, at, false, path) &&
               fields_within(b, y, a, x, at, true, path);
    case ITEM_ARRAY:
        return same_elements(a, x, b, y, at, path);
    case ITEM_TEXT:
        return (x->len == y->len && x->value == y->value &&
                memcmp(item_text(a, x), item_text(b, y), x->len) == 0) ||
               same_differs(at, path);
    case ITEM_INT:
    case ITEM_BOOL:
        return x->value == y->value || same_differs(at, path);
    default:
        return true;
    }
}

bool
event_same(const struct event *a, const struct event *b, char path[64])
{
    path[0] = '\0';
    return fields_within(a, NULL, b, NULL, NULL, false, path) &&
           fields_within(b, NULL, a, NULL, NULL, true, path);
}
