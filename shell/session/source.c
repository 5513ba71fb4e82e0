/* SPDX-License-Identifier: GPL-3.0-or-later
 * See source.h. */
#include "session/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/mem.h"

struct reader {
    int fd;
    char data[LINE_MAX_BYTES + 2]; /* the line in the making */
    size_t n;
    char block[16384]; /* what was read and is not yet in a line */
    size_t at, have;
    bool too_long; /* its rest is skipped */
    bool end;
};

/* The next line, without its newline. False at the end. */
static bool
next_line(struct reader *r, const char **line, size_t *n, bool *too_long)
{
    if (r->n == 0 && !r->too_long && r->end)
        return false;
    for (;;) {
        char *newline;
        size_t take;

        if (r->at == r->have) {
            ssize_t got;

            do
                got = r->end ? 0 : read(r->fd, r->block, sizeof r->block);
            while (got < 0 && errno == EINTR);
            if (got <= 0) {
                r->end = true;
                break;
            }
            r->at = 0;
            r->have = (size_t)got;
        }
        newline = memchr(r->block + r->at, '\n', r->have - r->at);
        take = newline != NULL ? (size_t)(newline - (r->block + r->at)) : r->have - r->at;
        if (r->n + take > LINE_MAX_BYTES) {
            r->too_long = true;
            r->n = 0;
        } else if (!r->too_long) {
            memcpy(r->data + r->n, r->block + r->at, take);
            r->n += take;
        }
        r->at += take + (newline != NULL);
        if (newline != NULL)
            break;
    }
    if (r->end && r->n == 0 && !r->too_long)
        return false;
    *line = r->data;
    *n = r->n;
    *too_long = r->too_long;
    r->n = 0;
    r->too_long = false;
    return true;
}

static bool
is_utf16(const char *s, size_t n)
{
    return n >= 2 && ((s[0] == '\xff' && s[1] == '\xfe') || (s[0] == '\xfe' && s[1] == '\xff'));
}

struct run {
    struct session *s;
    const char *name;
    const struct source_options *options;
    enum status worst;
    int line;
};

static bool
runs_suggestion(const struct run *run, const char *text, size_t n)
{
    if (!run->options->enter_runs || run->s->suggestion == NULL || run->s->run_suggestion == NULL)
        return false;
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t' || text[n - 1] == '\r'))
        n--;
    return n == 0;
}

static int
run_suggestion(struct session *s, struct err *err)
{
    char *line = s->suggestion;
    int result;

    s->suggestion = NULL;
    result = s->run_suggestion(s, line, strlen(line), err);
    free(line);
    return result;
}

/* False: the source ends here. */
static bool
run_line(struct run *run, const char *text, size_t n, bool too_long)
{
    struct err err = {0};
    int result;

    if (too_long)
        result = err_set(&err, STATUS_USAGE, "line longer than %d bytes", LINE_MAX_BYTES);
    else if (run->line == 1 && is_utf16(text, n))
        result = err_set(&err, STATUS_USAGE, "the file is UTF-16; ipclab reads UTF-8");
    else if (runs_suggestion(run, text, n))
        result = run_suggestion(run->s, &err);
    else
        result = session_line(run->s, text, n, &err);
    if (result < 0) {
        run->options->error(run->options->ctx, run->name, run->line, text, n, &err);
        if (run->worst == STATUS_OK || err.status == STATUS_INTERRUPTED)
            run->worst = err.status;
        if (!run->options->keep_going || err.status == STATUS_INTERRUPTED)
            return false;
    }
    return !run->s->quit;
}

enum status
source_run(struct session *s, int fd, const char *name, const struct source_options *options)
{
    struct reader *r = mem_alloc(sizeof *r);
    struct run run = {s, name, options, STATUS_OK, 0};
    const char *line;
    size_t n;
    bool too_long;

    r->fd = fd;
    while (next_line(r, &line, &n, &too_long)) {
        run.line++;
        if (!run_line(&run, line, n, too_long))
            break;
    }
    free(r);
    return run.worst;
}

enum status
source_run_text(struct session *s, const char *text, size_t n, const char *name,
                const struct source_options *options)
{
    struct run run = {s, name, options, STATUS_OK, 0};

    while (n > 0) {
        size_t skip, length = parse_split(text, n, &skip);

        run.line++;
        if (!run_line(&run, text, length, length > LINE_MAX_BYTES))
            break;
        text += skip;
        n -= skip;
    }
    return run.worst;
}

int
source_open(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return err_errno(err, STATUS_USAGE, path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return err_set(err, STATUS_USAGE, "%.300s: not a file with lines%s", path,
                       S_ISDIR(st.st_mode) ? " but a directory" : "");
    }
    return fd;
}
