/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace file line by line, in memory that is bounded whatever the file holds. Only the end of a
 * file may be torn, because that is all a killed shell can leave; all other damage is refused with
 * its line, and nothing after it is given out. */
#include "trace/read.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "trace/parse.h"
#include "trace/sha.h"
#include "trace/words.h"

enum {
    FORMAT = 1,
    MAX_FILE = 64 << 20,
    MAX_LINE = 512 << 10,
    CHUNK = 64 << 10,
    NAME_SHOWN = 200, /* bytes of the file's name in messages, from its end */
};

struct trace_reader {
    int fd;
    char *name; /* as messages show it */
    char *data; /* what was read and not given out: from start to stop */
    size_t start, stop, cap;
    bool eof;
    int64_t taken; /* bytes read of the file: it may grow while it is read */
    int64_t line;  /* number of the last line, from 1 */
    int64_t seq;   /* that the next event must have */
    bool ended;    /* the `end` event was given out */
    struct sha *digest;
    struct trace_end end;
};

static int
damage(const struct trace_reader *r, struct err *err, const char *why)
{
    if (r->line == 0)
        return err_set(err, STATUS_TRACE, "trace %s: %s", r->name, why);
    return err_set(err, STATUS_TRACE, "trace %s line %" PRId64 ": %s", r->name, r->line, why);
}

/* Reads on, so that more bytes follow stop. 0, or -1 and *err; eof tells when there are no more. */
static int
fill(struct trace_reader *r, struct err *err)
{
    ssize_t n;

    if (r->start > 0) {
        memmove(r->data, r->data + r->start, r->stop - r->start);
        r->stop -= r->start;
        r->start = 0;
    }
    if (r->stop + CHUNK > r->cap) {
        r->cap = r->stop + CHUNK;
        r->data = mem_grow(r->data, r->cap);
    }
    do
        n = read(r->fd, r->data + r->stop, CHUNK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(err, STATUS_TRACE, "trace %s: cannot be read: %s", r->name,
                       words_errno(errno).text);
    r->eof = n == 0;
    r->stop += (size_t)n;
    r->taken += n;
    if (r->taken > MAX_FILE)
        return err_set(err, STATUS_TRACE, "trace %s: larger than 64 MiB", r->name);
    return 0;
}

static int
check_file(struct trace_reader *r, struct err *err)
{
    struct stat st;

    if (fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(err, STATUS_USAGE, "trace %s: not a regular file", r->name);
    if (st.st_size > MAX_FILE)
        return err_set(err, STATUS_TRACE, "trace %s: larger than 64 MiB", r->name);
    if (fill(r, err) < 0)
        return -1;
    for (size_t i = 0; i < r->stop; i++)
        if (strchr(" \t\r\n", r->data[i]) == NULL || r->data[i] == '\0')
            return 0;
    return err_set(err, STATUS_TRACE, "trace %s: empty file", r->name);
}

static char *
shown_name(const char *name)
{
    struct buf shown = {0};
    char *result;

    text_escape(&shown, name, strlen(name), true);
    if (shown.len > NAME_SHOWN) {
        struct buf tail = {0};

        buf_puts(&tail, "...");
        buf_puts(&tail, shown.data + shown.len - NAME_SHOWN);
        buf_release(&shown);
        shown = tail;
    }
    result = mem_copy(buf_text(&shown));
    buf_release(&shown);
    return result;
}

struct trace_reader *
trace_open_fd(int fd, const char *name, struct err *err)
{
    struct trace_reader *r = mem_alloc(sizeof *r);

    r->fd = fd;
    r->name = shown_name(name);
    r->digest = sha_new();
    if (check_file(r, err) == 0)
        return r;
    trace_free(r);
    return NULL;
}

struct trace_reader *
trace_open(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    int number = errno;
    struct buf partial = {0};
    char *name;

    if (fd >= 0)
        return trace_open_fd(fd, path, err);
    name = shown_name(path);
    buf_puts(&partial, path);
    buf_puts(&partial, ".partial");
    if (number == ELOOP)
        err_set(err, STATUS_USAGE, "trace %s: not a regular file but a link, which is not followed",
                name);
    else if (number == ENOENT && access(partial.data, F_OK) == 0)
        err_set(err, STATUS_USAGE, "trace %s: no such file; did you mean %s.partial?", name, name);
    else
        err_set(err, STATUS_USAGE, "trace %s: cannot be opened: %s", name,
                words_errno(number).text);
    buf_release(&partial);
    free(name);
    return NULL;
}

/* The next line without its newline: 1, 0 at the end, -1. whole: it had a newline. */
static int
next_line(struct trace_reader *r, const char **line, size_t *n, bool *whole, struct err *err)
{
    size_t searched = 0;

    for (;;) {
        const char *from = r->data + r->start;
        const char *end = memchr(from + searched, '\n', r->stop - r->start - searched);

        searched = r->stop - r->start;
        *whole = end != NULL;
        *line = from;
        *n = end != NULL ? (size_t)(end - from) : searched;
        if (*n > MAX_LINE) {
            r->line++;
            return damage(r, err, "line longer than 524288 bytes");
        }
        if (end != NULL || r->eof)
            break;
        if (fill(r, err) < 0)
            return -1;
    }
    if (*n == 0 && !*whole)
        return 0;
    r->line++;
    r->start += *n + *whole;
    return 1;
}

static int
check_first(struct trace_reader *r, const struct event *e, struct err *err)
{
    const char *ev = event_get_text(e, NULL, "ev");
    const struct item *version = event_get(e, NULL, "ipclab");
    char why[128];

    if (ev == NULL || strcmp(ev, "session") != 0 || version == NULL)
        return damage(r, err, "not an ipclab trace: it does not begin with a session event");
    if (version->value == FORMAT)
        return 0;
    if (version->value > FORMAT)
        snprintf(why, sizeof why,
                 "written by a newer ipclab (format %" PRId64 "), this one reads %d",
                 version->value, FORMAT);
    else
        snprintf(why, sizeof why, "bad version %" PRId64 ": expected %d", version->value, FORMAT);
    return damage(r, err, why);
}

static int
check_end(struct trace_reader *r, const struct event *e, struct err *err)
{
    const char *given = event_get_text(e, NULL, "sha256");
    int64_t events = event_get_int(e, NULL, "events", -1);
    char hex[SHA_HEX], why[128];

    if (events != r->seq) {
        snprintf(why, sizeof why, "its end says %" PRId64 " events, but there are %" PRId64, events,
                 r->seq);
        return damage(r, err, why);
    }
    sha_hex(r->digest, hex);
    r->ended = true;
    r->end.complete = true;
    r->end.digest_ok = given != NULL && strcmp(given, hex) == 0;
    return 0;
}

static int
check_event(struct trace_reader *r, const struct event *e, struct err *err)
{
    const struct item *seq = event_get(e, NULL, "seq");
    const char *ev = event_get_text(e, NULL, "ev");
    char why[128];

    if (r->seq == 0 && check_first(r, e, err) < 0)
        return -1;
    if (seq == NULL || seq->kind != ITEM_INT)
        return damage(r, err, "an event without its number seq");
    if (seq->value != r->seq) {
        snprintf(why, sizeof why, "event number %" PRId64 " where %" PRId64 " was expected",
                 seq->value, r->seq);
        return damage(r, err, why);
    }
    if (ev == NULL || ev[0] == '\0')
        return damage(r, err, "an event without its kind ev");
    return strcmp(ev, "end") == 0 ? check_end(r, e, err) : 0;
}

int
trace_next(struct trace_reader *r, struct event *e, struct err *err)
{
    const char *line;
    char why[256];
    bool whole;
    size_t n;
    int got = next_line(r, &line, &n, &whole, err);

    if (got <= 0)
        return got;
    if (r->ended)
        return damage(r, err, "a line after the end event");
    if (trace_parse(e, line, n, why) < 0) {
        /* A first line that is no JSON at all: some other file. */
        if (r->seq == 0 && line[0] != '{')
            return damage(r, err, "not an ipclab trace");
        if (whole || n > MAX_LINE)
            return damage(r, err, why);
        if (r->seq == 0)
            return damage(r, err, "torn in its first line: no whole event");
        r->end.torn = true;
        return 0;
    }
    if (check_event(r, e, err) < 0)
        return -1;
    if (!r->ended) {
        sha_add(r->digest, line, n);
        sha_add(r->digest, "\n", 1);
    }
    r->seq++;
    r->end.events++;
    return 1;
}

void
trace_ending(const struct trace_reader *r, struct trace_end *end)
{
    *end = r->end;
}

void
trace_free(struct trace_reader *r)
{
    if (r == NULL)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->name);
    free(r->data);
    sha_free(r->digest);
    free(r);
}
