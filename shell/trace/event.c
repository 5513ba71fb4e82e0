/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tape of one event. Names and texts go to one buffer and are referred to by their offsets, so
 * that growing it moves nothing; a container knows the index of its end, so that skipping it is one
 * step. What exceeds the limits is left out with all that it contains, and the tape stays whole. */
#include "trace/event.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void
event_init(struct event *e)
{
    *e = (struct event){0};
}

void
event_release(struct event *e)
{
    free(e->items);
    buf_release(&e->text);
    event_init(e);
}

void
event_clear(struct event *e)
{
    e->n = 0;
    e->depth = 0;
    e->over = 0;
    buf_clear(&e->text);
    buf_put(&e->text, "", 1);
}

void
event_copy(struct event *to, const struct event *from)
{
    if (to->cap < from->n) {
        to->cap = from->n;
        to->items = mem_grow(to->items, to->cap * sizeof *to->items);
    }
    to->n = from->n;
    if (from->n > 0)
        memcpy(to->items, from->items, from->n * sizeof *from->items);
    buf_clear(&to->text);
    buf_put(&to->text, from->text.data, from->text.len);
}

void
event_start(struct event *e, const char *kind)
{
    event_clear(e);
    event_text(e, "ev", kind);
}

/* Offset of n bytes that are put with a NUL behind them. */
static uint32_t
keep(struct event *e, const char *s, size_t n)
{
    size_t at = e->text.len;

    buf_put(&e->text, s, n);
    buf_put(&e->text, "", 1);
    return (uint32_t)at;
}

/* A new item, or NULL when it does not fit. There is always room left for the ends of containers
 * that are open. */
static struct item *
push(struct event *e, const char *name, enum item_kind kind)
{
    struct item *i;

    if (e->over > 0 || e->n + (size_t)e->depth + 2 > EVENT_MAX_ITEMS)
        return NULL;
    if (e->n + 1 > e->cap) {
        e->cap = e->cap == 0 ? 32 : e->cap * 2;
        e->items = mem_grow(e->items, e->cap * sizeof *e->items);
    }
    i = &e->items[e->n++];
    *i = (struct item){.kind = (uint8_t)kind, .depth = (uint8_t)e->depth};
    if (name != NULL)
        i->name = keep(e, name, strlen(name));
    return i;
}

void
event_int(struct event *e, const char *name, int64_t value)
{
    struct item *i = push(e, name, ITEM_INT);

    if (i != NULL)
        i->value = value;
}

void
event_bool(struct event *e, const char *name, bool value)
{
    struct item *i = push(e, name, ITEM_BOOL);

    if (i != NULL)
        i->value = value;
}

void
event_null(struct event *e, const char *name)
{
    push(e, name, ITEM_NULL);
}

void
event_text_n(struct event *e, const char *name, const char *text, size_t n, size_t total)
{
    struct item *i = push(e, name, ITEM_TEXT);

    if (i == NULL)
        return;
    i->b64 = !text_is_utf8(text, n);
    i->cut = n < total;
    i->len = (uint32_t)n;
    i->value = (int64_t)total;
    i->text = keep(e, text, n);
}

void
event_text(struct event *e, const char *name, const char *value)
{
    if (value == NULL)
        event_null(e, name);
    else
        event_text_n(e, name, value, strlen(value), strlen(value));
}

/* How many of n bytes to keep so that a cut does not split a character: when only a begun one
 * stands at the end and all before it is UTF-8, without it. */
static size_t
whole_characters(const char *s, size_t n)
{
    size_t back = 1;
    unsigned char lead;

    while (back < n && back < 4 && (s[n - back] & 0xc0) == 0x80)
        back++;
    if (back >= n)
        return n;
    lead = (unsigned char)s[n - back];
    if ((lead >= 0xc2 && back < 2) || (lead >= 0xe0 && back < 3) || (lead >= 0xf0 && back < 4))
        return text_is_utf8(s, n - back) ? n - back : n;
    return n;
}

void
event_data(struct event *e, const char *name, const void *data, size_t n, size_t total)
{
    if (total < n)
        total = n;
    if (n > DATA_SHOWN_MAX)
        n = DATA_SHOWN_MAX;
    if (n < total)
        n = whole_characters(data, n);
    event_text_n(e, name, data, n, total);
}

static void
open_container(struct event *e, const char *name, enum item_kind kind)
{
    if (e->depth + 1 >= EVENT_MAX_DEPTH || e->n + (size_t)e->depth + 3 > EVENT_MAX_ITEMS ||
        push(e, name, kind) == NULL) {
        e->over++;
        return;
    }
    e->open[e->depth++] = e->n - 1;
}

void
event_object(struct event *e, const char *name)
{
    open_container(e, name, ITEM_OBJECT);
}

void
event_array(struct event *e, const char *name)
{
    open_container(e, name, ITEM_ARRAY);
}

void
event_close(struct event *e)
{
    struct item *end;
    size_t at;

    if (e->over > 0) {
        e->over--;
        return;
    }
    if (e->depth == 0)
        return;
    at = e->open[--e->depth];
    end = push(e, NULL, ITEM_CLOSE);
    if (end == NULL) /* open_container left room for it */
        abort();
    end->value = e->items[at].kind;
    e->items[at].skip = (uint32_t)(e->n - 1);
}

const struct item *
item_first(const struct event *e, const struct item *container)
{
    size_t at = 0;

    if (container != NULL) {
        if ((container->kind != ITEM_OBJECT && container->kind != ITEM_ARRAY) ||
            container->skip == 0)
            return NULL;
        at = (size_t)(container - e->items) + 1;
    }
    return at < e->n && e->items[at].kind != ITEM_CLOSE ? &e->items[at] : NULL;
}

const struct item *
item_next(const struct event *e, const struct item *i)
{
    size_t at = (size_t)(i - e->items);

    if (i->kind == ITEM_OBJECT || i->kind == ITEM_ARRAY) {
        if (i->skip == 0)
            return NULL;
        at = i->skip;
    }
    at++;
    return at < e->n && e->items[at].kind != ITEM_CLOSE ? &e->items[at] : NULL;
}

const char *
item_name(const struct event *e, const struct item *i)
{
    return e->text.data + i->name;
}

const char *
item_text(const struct event *e, const struct item *i)
{
    return e->text.data + i->text;
}

const struct item *
event_get(const struct event *e, const struct item *parent, const char *name)
{
    if (parent != NULL && parent->kind != ITEM_OBJECT)
        return NULL;
    for (const struct item *i = item_first(e, parent); i != NULL; i = item_next(e, i))
        if (strcmp(item_name(e, i), name) == 0)
            return i;
    return NULL;
}

const char *
event_get_text(const struct event *e, const struct item *parent, const char *name)
{
    const struct item *i = event_get(e, parent, name);

    return i != NULL && i->kind == ITEM_TEXT ? item_text(e, i) : NULL;
}

int64_t
event_get_int(const struct event *e, const struct item *parent, const char *name, int64_t absent)
{
    const struct item *i = event_get(e, parent, name);

    return i != NULL && i->kind == ITEM_INT ? i->value : absent;
}
