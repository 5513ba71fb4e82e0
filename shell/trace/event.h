/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event of the trace in memory: the fields of interface 5 in order, as a flat tape that is
 * reused from event to event, so that a step allocates nothing once it is warm. The JSON writer,
 * the reader, every view and replay all work on this. */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

enum {
    EVENT_MAX_ITEMS = 4096, /* what does not fit is left out */
    EVENT_MAX_DEPTH = 32,   /* containers in each other, the event itself included */
};

enum item_kind { ITEM_INT, ITEM_TEXT, ITEM_BOOL, ITEM_NULL, ITEM_OBJECT, ITEM_ARRAY, ITEM_CLOSE };

struct item {
    uint8_t kind;
    uint8_t depth; /* 0: a field of the event itself */
    bool b64;      /* ITEM_TEXT: bytes that are not UTF-8; len of them at text */
    bool cut;      /* ITEM_TEXT: only the first bytes are here, total says how many there were */
    uint32_t name; /* offset in event.text; 0: an element of an array */
    uint32_t text; /* offset in event.text of len bytes and a NUL */
    uint32_t len;
    uint32_t skip; /* OBJECT, ARRAY: index of the matching ITEM_CLOSE */
    int64_t value; /* ITEM_INT, ITEM_BOOL; ITEM_TEXT: total; ITEM_CLOSE: kind of its container */
};

struct event {
    struct item *items;
    size_t n, cap;
    struct buf text;              /* names and texts; starts with one NUL */
    size_t open[EVENT_MAX_DEPTH]; /* containers that are open */
    int depth;
    int over; /* containers that are open but did not fit */
};

void event_init(struct event *e);
void event_release(struct event *e);
void event_clear(struct event *e); /* no field at all, keeps the memory */
/* Into an event that was initialised, whose memory is used again. */
void event_copy(struct event *to, const struct event *from);
/* Starts a new event: "ev":kind is the first field (seq is put before it by the writer). */
void event_start(struct event *e, const char *kind);
void event_int(struct event *e, const char *name, int64_t value); /* name NULL: array element */
void event_bool(struct event *e, const char *name, bool value);
void event_null(struct event *e, const char *name);
void event_text(struct event *e, const char *name, const char *value); /* not data: never cut */
/* Data: cut to DATA_SHOWN_MAX, as text where it is UTF-8, else as bytes. total >= n says how many
 * there were. */
void event_data(struct event *e, const char *name, const void *data, size_t n, size_t total);
/* The same as a whole, as a reader has it: n bytes are here, of total. */
void event_text_n(struct event *e, const char *name, const char *text, size_t n, size_t total);
void event_object(struct event *e, const char *name);
void event_array(struct event *e, const char *name);
void event_close(struct event *e);

/* Reading: a field of the event (parent NULL) or of an object item. NULL when absent. */
const struct item *event_get(const struct event *e, const struct item *parent, const char *name);
const char *event_get_text(const struct event *e, const struct item *parent,
                           const char *name); /* or NULL */
int64_t event_get_int(const struct event *e, const struct item *parent, const char *name,
                      int64_t absent);
const char *item_name(const struct event *e, const struct item *i);
const char *item_text(const struct event *e, const struct item *i);
/* Kids of a container one after the other: item_first, then item_next until NULL. */
/* container NULL: the event's fields. */
const struct item *item_first(const struct event *e, const struct item *container);
const struct item *item_next(const struct event *e, const struct item *i);

/* The JSON line with its newline. With stable, "vol" and every field that it repeats are left
 * out. seq -1: no seq field; a seq field that was read is not repeated. Text that is not UTF-8 is
 * {"b64":"...","n":27}; what was cut {"text":"...","n":1000,"cut":true}, or b64 likewise. */
void event_json(struct buf *out, const struct event *e, int64_t seq, bool stable);
#endif
