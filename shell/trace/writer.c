/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording. Each event is one pwrite at the end of the last whole one, so a kill leaves at most
 * one torn line at the end, and a write that the disk cut short is cut back to whole events. */
#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/whole.h"
#include "trace/place.h"
#include "trace/sha.h"
#include "trace/words.h"

enum { MAX_NAMES = 100 }; /* sessions of one pid number in one second, by different namespaces */

/* A new name in the sessions folder: when, and which process. */
static int
open_session(struct writer *w, struct err *err)
{
    char *folder = place_sessions(err);
    struct buf name = {0};
    char when[32];
    struct tm tm;
    time_t now = time(NULL);
    bool busy = true;

    if (folder == NULL)
        return -1;
    if (localtime_r(&now, &tm) == NULL || strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm) == 0)
        snprintf(when, sizeof when, "%lld", (long long)now);
    for (int i = 1; i <= MAX_NAMES && busy; i++) {
        buf_clear(&name);
        buf_printf(&name, "%s/%s-%ld", folder, when, (long)getpid());
        if (i > 1)
            buf_printf(&name, "-%d", i);
        buf_puts(&name, ".jsonl");
        if (access(name.data, F_OK) == 0)
            continue;
        free(w->partial);
        w->partial = NULL;
        w->fd = place_open(name.data, &w->partial, &busy, err);
        if (w->fd >= 0) {
            fchmod(w->fd, 0600);
            w->path = mem_copy(name.data);
            break;
        }
    }
    buf_release(&name);
    free(folder);
    if (w->fd < 0 && busy)
        return err_set(err, STATUS_USAGE, "no free name in the sessions folder");
    return w->fd >= 0 ? 0 : -1;
}

int
writer_open(struct writer *w, const char *path, int copy_fd, bool stable, struct err *err)
{
    bool busy;

    *w = (struct writer){.fd = -1, .copy = copy_fd, .stable = stable, .digest = sha_new()};
    if (path == NULL)
        return open_session(w, err);
    w->path = mem_copy(path);
    w->fd = place_open(path, &w->partial, &busy, err);
    return w->fd >= 0 ? 0 : -1;
}

int
writer_append(struct writer *w, const char *path, int copy_fd, bool stable, struct err *err)
{
    bool busy;

    *w = (struct writer){
        .fd = -1, .copy = copy_fd, .stable = stable, .goes_on = true, .digest = sha_new()};
    w->path = mem_copy(path);
    w->partial = mem_copy(path);
    w->fd = place_append(path, &busy, err);
    if (w->fd < 0)
        return -1;
    fchmod(w->fd, 0600);
    return 0;
}

int
writer_keep(struct writer *w, int64_t n, struct err *err)
{
    char block[16384];
    int64_t lines = 0, at = 0;
    ssize_t got;

    while (lines < n && (got = pread(w->fd, block, sizeof block, (off_t)at)) > 0) {
        size_t k = 0;

        while (k < (size_t)got && lines < n)
            lines += block[k++] == '\n';
        sha_add(w->digest, block, k);
        at += (int64_t)k;
    }
    if (lines < n || ftruncate(w->fd, at) < 0)
        return err_set(err, STATUS_TRACE, "the trace cannot be gone on with: %s",
                       lines < n ? "it is shorter than it was" : words_errno(errno).text);
    w->seq = w->events = n;
    w->bytes = at;
    return 0;
}

/* The last line, of what was written so far. */
static void
put_end(const struct writer *w, struct buf *out)
{
    struct event end;
    char hex[SHA_HEX];

    event_init(&end);
    event_start(&end, "end");
    event_int(&end, "events", w->events);
    if (w->why != NULL)
        event_text(&end, "why", w->why);
    sha_hex(w->digest, hex);
    event_text(&end, "sha256", hex);
    event_json(out, &end, w->seq, w->stable);
    event_release(&end);
}

int
writer_whole(struct writer *w, const char *path, struct err *err)
{
    struct buf all = {0};
    char block[16384];
    int result = -1;
    ssize_t got = 0;

    writer_flush(w);
    if (w->fd < 0)
        return err_set(err, STATUS_USAGE,
                       "this session is not recorded, so that there is nothing to hand in");
    while ((int64_t)all.len < w->bytes &&
           (got = pread(w->fd, block, sizeof block, (off_t)all.len)) > 0)
        buf_put(&all, block, (size_t)got);
    if ((int64_t)all.len < w->bytes) {
        err_set(err, STATUS_MACHINE, "the trace cannot be read: %s", words_errno(errno).text);
    } else {
        put_end(w, &all);
        result = whole_write(path, &all, true, err);
    }
    buf_release(&all);
    return result;
}

/* Recording ends here; the file ends with its last whole event. */
static void
lose(struct writer *w, int number)
{
    char where[64];

    if (w->seq > 0)
        snprintf(where, sizeof where, "after event %" PRId64, w->seq - 1);
    else
        snprintf(where, sizeof where, "before the first event");
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        snprintf(w->reason, sizeof w->reason, "trace disk full: recording stopped %s", where);
    else
        snprintf(w->reason, sizeof w->reason, "trace not written: recording stopped %s: %s", where,
                 words_errno(number).text);
    w->lost = true;
    if (ftruncate(w->fd, w->bytes) < 0) {
        size_t n = strlen(w->reason);

        snprintf(w->reason + n, sizeof w->reason - n, " (its last line is torn)");
    }
    close(w->fd);
    w->fd = -1;
}

static void
record(struct writer *w)
{
    size_t done = 0;

    while (done < w->line.len) {
        ssize_t n = pwrite(w->fd, w->line.data + done, w->line.len - done,
                           (off_t)(w->bytes + (int64_t)done));

        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            lose(w, n == 0 ? ENOSPC : errno);
            return;
        }
    }
    w->bytes += (int64_t)w->line.len;
}

/* The copy goes to whoever reads; when nobody does any more it just ends. */
static void
copy(struct writer *w)
{
    size_t done = 0;

    while (done < w->line.len) {
        ssize_t n = write(w->copy, w->line.data + done, w->line.len - done);
        struct pollfd room = {.fd = w->copy, .events = POLLOUT};

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno == EAGAIN) {
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            w->copy = -1;
            return;
        }
    }
}

static void
flush(struct writer *w)
{
    if (w->fd >= 0)
        record(w);
    if (w->copy >= 0)
        copy(w);
    if (w->digest != NULL)
        sha_add(w->digest, w->line.data, w->line.len);
    w->seq += w->held;
    w->held = 0;
    buf_clear(&w->line);
}

/* A line and the beginning of its step are followed at once by how the step ended, and go out in
 * one write with it; should that take its time, writer_flush comes first. */
static bool
is_followed(const struct event *e)
{
    const char *kind = event_get_text(e, NULL, "ev");

    return kind != NULL && (strcmp(kind, "enter") == 0 || strcmp(kind, "input") == 0);
}

void
writer_flush(struct writer *w)
{
    if (w->held > 0)
        flush(w);
}

void
writer_settled(struct writer *w)
{
    writer_flush(w);
    if (w->goes_on && w->fd >= 0)
        fdatasync(w->fd);
}

void
writer_event(struct writer *w, const struct event *e)
{
    w->events++;
    if (w->fd < 0 && w->copy < 0) {
        w->seq++;
        return;
    }
    event_json(&w->line, e, w->seq + w->held, w->stable);
    w->held++;
    if (!is_followed(e))
        flush(w);
}

void
writer_close(struct writer *w)
{
    if (w->digest == NULL)
        return;
    writer_flush(w);
    if (w->events == 0) { /* nothing began: an `end` alone would be no trace */
        if (w->fd >= 0) {
            unlink(w->partial);
            close(w->fd);
        }
        goto closed;
    }
    if (w->goes_on) {
        if (w->fd >= 0)
            close(w->fd);
        goto closed;
    }
    put_end(w, &w->line);
    w->held = 1;
    flush(w);
    /* Named before the lock goes: nobody may find the .partial free and empty it. */
    if (w->fd >= 0) {
        if (fdatasync(w->fd) < 0 || rename(w->partial, w->path) < 0) {
            w->lost = true;
            snprintf(w->reason, sizeof w->reason, "trace kept under the name .partial: %s",
                     words_errno(errno).text);
        }
        close(w->fd);
    }
closed:
    w->fd = -1;
    w->copy = -1;
    sha_free(w->digest);
    w->digest = NULL;
    buf_release(&w->line);
}

void
writer_release(struct writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    sha_free(w->digest);
    buf_release(&w->line);
    free(w->path);
    free(w->partial);
    *w = (struct writer){.fd = -1, .copy = -1};
}
