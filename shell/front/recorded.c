/* SPDX-License-Identifier: GPL-3.0-or-later
 * See recorded.h. */
#include "front/recorded.h"

#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "front/console.h"
#include "trace/read.h"

bool
recorded_is(const struct event *e, const char *kind)
{
    const char *ev = event_get_text(e, NULL, "ev");

    return ev != NULL && strcmp(ev, kind) == 0;
}

bool
recorded_counts(const struct event *e)
{
    const char *kind = event_get_text(e, NULL, "ev");
    static const char *const beside[] = {"session", "end",      "task", "hint",  "predict",
                                         "check",   "schedule", "turn", "bench", NULL};

    if (kind == NULL)
        return false;
    for (int i = 0; beside[i] != NULL; i++)
        if (strcmp(kind, beside[i]) == 0)
            return false;
    if (strcmp(kind, "note") == 0)
        return event_get_text(e, NULL, "kind") == NULL;
    return true;
}

const struct event *
recorded_input(const struct recorded *r, int *at)
{
    while (*at < r->n)
        if (recorded_is(&r->events[(*at)++], "input"))
            return &r->events[*at - 1];
    return NULL;
}

/* The event is the record's from now on. */
static void
add(struct recorded *r, const struct event *e)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 256;
        r->events = mem_grow(r->events, sizeof *r->events * (size_t)r->cap);
    }
    r->events[r->n++] = *e;
}

int
recorded_read(struct recorded *r, const char *path, struct err *err)
{
    struct trace_reader *reader = trace_open(path, err);
    struct trace_end end;
    struct event e;
    int more;

    if (reader == NULL)
        return -1;
    event_init(&e);
    while ((more = trace_next(reader, &e, err)) > 0) {
        add(r, &e);
        event_init(&e);
    }
    event_release(&e);
    if (more == 0) {
        trace_ending(reader, &end);
        r->complete = end.complete;
        r->end = end;
        if (!end.complete)
            console_message("note: trace incomplete: it ends after event %lld%s",
                            (long long)end.events, end.torn ? " (torn line)" : "");
        else if (!end.digest_ok)
            console_message("note: hash mismatch: the trace was changed after it was written");
    }
    trace_free(reader);
    return more;
}

bool
recorded_guided(const struct recorded *r)
{
    for (int i = 0; i < r->n; i++)
        if (recorded_is(&r->events[i], "task"))
            return true;
    return false;
}

bool
recorded_shared(const struct recorded *r)
{
    const char *world = r->n > 0 ? event_get_text(&r->events[0], NULL, "world") : NULL;

    return world != NULL && strcmp(world, "shared") == 0;
}

static bool
may_run(const char *text, bool guided)
{
    static const char *const never[] = {"!", "lua", "source", "load", "log", "export", "set", NULL};
    const struct builtin *b;
    char word[64];
    size_t n;

    text += strspn(text, " \t-");
    n = strcspn(text, " \t");
    if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_,*") < n)
        return false; /* what is recorded begins with an actor or a builtin, no prompt before it */
    if (n >= sizeof word)
        return true;
    snprintf(word, sizeof word, "%.*s", (int)n, text);
    for (int i = 0; never[i] != NULL; i++)
        if (strcmp(word, never[i]) == 0)
            return false;
    b = builtin_find(word);
    if (b != NULL && (b->flags & BUILTIN_GUIDED) != 0 && !guided)
        b = NULL; /* an actor may be called so */
    return b == NULL || (b->flags & BUILTIN_RECORDED) != 0;
}

int
recorded_may_run(const struct recorded *r, const char *path, struct err *err)
{
    bool guided = recorded_guided(r);
    const struct event *input;
    struct buf shown = {0};
    int at = 0;

    while ((input = recorded_input(r, &at)) != NULL) {
        const char *text = event_get_text(input, NULL, "text");

        if (text != NULL && may_run(text, guided))
            continue;
        text_escape(&shown, text != NULL ? text : "", text != NULL ? strlen(text) : 0, true);
        err_set(err, STATUS_TRACE, "%s event %d: '%.80s' is never recorded to be run again", path,
                at - 1, buf_text(&shown));
        buf_release(&shown);
        return -1;
    }
    return 0;
}

/* ---- What happens -------------------------------------------------------------------------- */

/* A trace numbers its events. */
static void
on_event(void *ctx, const struct event *e)
{
    struct recorded *r = ctx;
    struct event copy;

    event_init(&copy);
    event_copy(&copy, e);
    event_int(&copy, "seq", r->n);
    add(r, &copy);
}

static int
recall(void *ctx, void (*each)(void *each_ctx, const struct event *e), void *each_ctx,
       struct err *err)
{
    const struct recorded *r = ctx;

    (void)err;
    for (int i = 0; i < r->n; i++)
        each(each_ctx, &r->events[i]);
    return 0;
}

struct listener *
recorded_listener(struct recorded *r)
{
    r->complete = true;
    r->listener = (struct listener){.event = on_event, .ctx = r};
    return &r->listener;
}

void
recorded_listen(struct recorded *r, struct session *s)
{
    session_listen(s, recorded_listener(r));
    s->recall = recall;
    s->recall_ctx = r;
}

void
recorded_release(struct recorded *r)
{
    for (int i = 0; i < r->n; i++)
        event_release(&r->events[i]);
    free(r->events);
    *r = (struct recorded){0};
}
