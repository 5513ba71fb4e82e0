/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source: the lines of a file, within a session. */
#include "session/source.h"

#include "builtin/builtins.h"

struct nested {
    struct err *err;
    bool any;
};

static void
nested_error(void *ctx, const char *name, int line, const char *text, size_t n,
             const struct err *err)
{
    struct nested *nested = ctx;

    (void)text;
    (void)n;
    if (nested->any)
        return;
    nested->any = true;
    *nested->err = *err;
    nested->err->col = nested->err->end = 0;
    if (strstr(err->text, "source nested") == NULL)
        snprintf(nested->err->text, sizeof nested->err->text, "%.200s:%d: %.380s", name, line,
                 err->text);
}

static int
on_source(struct session *s, const char *rest, struct err *err)
{
    struct nested nested = {.err = err};
    struct source_options options = {.error = nested_error, .ctx = &nested};
    int fd;

    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE, "source takes the name of a file");
    if (s->depth == SOURCE_MAX_DEPTH)
        return err_set(err, STATUS_USAGE, "source nested deeper than %d", SOURCE_MAX_DEPTH);
    fd = source_open(rest, err);
    if (fd < 0)
        return -1;
    s->depth++;
    source_run(s, fd, rest, &options);
    s->depth--;
    close(fd);
    return nested.any ? -1 : 0;
}

const struct builtin builtin_source = {
    .name = "source",
    .usage = "FILE",
    .summary = "run the lines of a file",
    .word = WORD_FILE,
    .run = on_source,
};
