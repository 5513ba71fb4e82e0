/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See saved.h. The file is only ever appended to, and is whole but for its last line whenever the
 * shell is killed. What may be missing is the end of what the last line did: unless the lab has
 * spoken after it, which it does when a line is over, that line is taken back and run again. */
#include "front/saved.h"

#include <errno.h>

#include "base/mem.h"
#include "trace/read.h"

static bool
is_kind(const struct event *e, const char *kind)
{
    const char *ev = event_get_text(e, NULL, "ev");

    return ev != NULL && strcmp(ev, kind) == 0;
}

/* Has the lab spoken in this event? */
static bool
is_of_lab(const struct event *e)
{
    return is_kind(e, "task") || is_kind(e, "hint") ||
           (event_get_text(e, NULL, "task") != NULL &&
            (is_kind(e, "check") || is_kind(e, "predict")));
}

static int
read_events(struct saved *v, const char *path, struct err *err)
{
    struct trace_reader *r = trace_open(path, err);
    struct event e;
    int more;

    if (r == NULL)
        return -1;
    event_init(&e);
    while ((more = trace_next(r, &e, err)) > 0) {
        if (v->n == v->cap) {
            v->cap = v->cap ? v->cap * 2 : 256;
            v->events = mem_grow(v->events, sizeof *v->events * (size_t)v->cap);
        }
        v->events[v->n++] = e;
        event_init(&e);
    }
    event_release(&e);
    trace_free(r);
    return more;
}

static void
drop_from(struct saved *v, int n)
{
    while (v->n > n)
        event_release(&v->events[--v->n]);
}

/* Up to where it certainly holds. */
static void
settle(struct saved *v)
{
    const char *text;
    bool spoken = false;
    int at = v->n;

    while (at-- > 0) {
        const struct event *e = &v->events[at];

        spoken |= is_of_lab(e);
        if (is_kind(e, "input") && event_get_text(e, NULL, "from") == NULL)
            break;
    }
    if (at < 0) { /* nothing was typed yet */
        drop_from(v, 0);
        return;
    }
    text = event_get_text(&v->events[at], NULL, "text");
    if (text == NULL || (spoken && strcmp(text, "skip") != 0))
        return; /* skip goes on after what it says */
    v->again = mem_copy(text);
    drop_from(v, at);
}

/* "NAME-20260102-030405.trace" beside it. */
static int
put_aside(const char *path, struct err *err)
{
    struct buf aside = {0};
    time_t now = time(NULL);
    struct tm tm;
    char when[32];
    int result = 0;

    if (access(path, F_OK) != 0)
        return 0;
    if (localtime_r(&now, &tm) == NULL || strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm) == 0)
        snprintf(when, sizeof when, "%lld", (long long)now);
    buf_printf(&aside, "%.*s-%s.trace", (int)(strlen(path) - strlen(".trace")), path, when);
    if (rename(path, buf_text(&aside)) < 0)
        result = err_errno(err, STATUS_USAGE, path);
    buf_release(&aside);
    return result;
}

/* Not even its first line was written whole. */
static bool
is_empty(int fd)
{
    char block[16384];
    ssize_t got = pread(fd, block, sizeof block, 0);

    return got >= 0 && memchr(block, '\n', (size_t)got) == NULL;
}

int
saved_open(struct saved *v, struct writer *w, const char *path, bool fresh, bool stable,
           struct err *err)
{
    if (writer_append(w, path, -1, stable, err) < 0)
        return -1;
    if (fresh) { /* nobody else had it */
        writer_release(w);
        if (put_aside(path, err) < 0 || writer_append(w, path, -1, stable, err) < 0)
            return -1;
    }
    if (!is_empty(w->fd) && read_events(v, path, err) < 0) {
        if (err->status == STATUS_TRACE) {
            char text[300];

            snprintf(text, sizeof text, "%s", err->text);
            err_set(err, STATUS_TRACE, "%s; --fresh begins anew and keeps it", text);
        }
        return -1;
    }
    settle(v);
    return writer_keep(w, v->n, err);
}

void
saved_release(struct saved *v)
{
    drop_from(v, 0);
    free(v->events);
    free(v->again);
    *v = (struct saved){0};
}
