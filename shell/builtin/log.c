/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * log: what is typed and shown from now on goes into a file too. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "view/view.h"

struct log {
    struct listener listener;
    struct session *session;
    void *view;
    int fd;
    struct buf path, out;
};

static void
release(void *ctx)
{
    struct log *log = ctx;

    buf_clear(&log->out);
    view_lines.finish(log->view, &log->out);
    close(log->fd);
    buf_release(&log->path);
    buf_release(&log->out);
    free(log);
}

/* Each piece is written as it is shown: nothing of it is lost when the shell is killed. */
static void
put(struct log *log, const char *text, size_t n)
{
    while (n > 0 && log->fd >= 0) {
        ssize_t did = write(log->fd, text, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0) {
            const char *name = strerrorname_np(errno), *words = strerror(errno);

            close(log->fd);
            log->fd = -1;
            session_say(log->session, "      the log has ended: %s (%s)\n", name, words);
            return;
        }
        text += did;
        n -= (size_t)did;
    }
}

static void
on_event(void *ctx, const struct event *e)
{
    struct log *log = ctx;
    const char *kind = event_get_text(e, NULL, "kind");

    if (kind != NULL && strcmp(kind, "failed") == 0)
        return; /* on_error has it */
    buf_clear(&log->out);
    view_lines.event(log->view, e, &log->out);
    put(log, buf_text(&log->out), log->out.len);
}

static void
on_text(void *ctx, const char *text, size_t n)
{
    struct log *log = ctx;

    put(log, text, n);
}

static void
on_line(void *ctx, const char *text, size_t n)
{
    struct log *log = ctx;

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    buf_clear(&log->out);
    while (n > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        n--;
    }
    buf_puts(&log->out, "ipclab> ");
    text_escape(&log->out, text, n, false);
    buf_putc(&log->out, '\n');
    put(log, log->out.data, log->out.len);
}

static void
on_error(void *ctx, const struct err *err)
{
    struct log *log = ctx;

    buf_clear(&log->out);
    buf_puts(&log->out, "error: ");
    text_escape(&log->out, err->text, strlen(err->text), false);
    buf_putc(&log->out, '\n');
    put(log, log->out.data, log->out.len);
}

static struct log *
find(const struct session *s)
{
    for (struct listener *l = s->listeners; l != NULL; l = l->next)
        if (l->event == on_event)
            return l->ctx;
    return NULL;
}

static void
prime(void *ctx, const struct event *e)
{
    struct log *log = ctx;

    buf_clear(&log->out);
    view_lines.event(log->view, e, &log->out);
}

static void
begin(struct session *s, const struct buf *path, int fd)
{
    struct view_options options = {
        .catalog = &s->launcher.catalog,
        .ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .live = true,
    };
    struct log *log = mem_alloc(sizeof *log);
    struct err ignored;

    *log = (struct log){.session = s, .fd = fd, .view = view_lines.start(&options)};
    log->listener = (struct listener){.event = on_event,
                                      .text = on_text,
                                      .line = on_line,
                                      .error = on_error,
                                      .release = release,
                                      .ctx = log};
    buf_put(&log->path, path->data, path->len);
    /* It has seen what was before, so that it knows who waits in what. */
    if (s->recall != NULL)
        s->recall(s->recall_ctx, prime, log, &ignored);
    session_listen_first(s, &log->listener); /* what is shown is in the file before */
}

static void
end(struct session *s, struct log *log)
{
    session_ignore(s, &log->listener);
    release(log);
}

static int
open_log(const char *path, bool *appends, struct err *err)
{
    struct buf shown = {0};
    struct stat st;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);

    text_escape(&shown, path, strlen(path), true);
    if (fd < 0)
        err_errno(err, STATUS_USAGE, path);
    else if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        close(fd);
        fd = err_set(err, STATUS_USAGE, "%.300s: not a file", buf_text(&shown));
    }
    *appends = fd >= 0 && st.st_size > 0;
    buf_release(&shown);
    return fd;
}

static int
on_log(struct session *s, const char *rest, struct err *err)
{
    struct log *log = find(s);
    struct buf path = {0}, shown = {0};
    bool appends = false;
    int fd = -1;

    if (log != NULL)
        text_escape(&shown, log->path.data, log->path.len, false);
    if (rest[0] == '\0' || strcmp(rest, "off") == 0) {
        session_say(s,
                    log == NULL       ? "      nothing is logged; `log FILE` begins\n"
                    : rest[0] == '\0' ? "      everything goes into %s too; `log off` ends that\n"
                                      : "      nothing goes into %s any more\n",
                    buf_text(&shown));
        if (log != NULL && rest[0] != '\0')
            end(s, log);
        buf_release(&shown);
        return 0;
    }
    rest = builtin_file(rest, &path, err);
    if (rest != NULL && (rest[0] != '\0' || path.len == 0))
        err_set(err, STATUS_USAGE, "log takes the name of one file, or off");
    else if (rest != NULL)
        fd = open_log(path.data, &appends, err);
    if (fd >= 0) {
        if (log != NULL)
            end(s, log);
        buf_clear(&shown);
        text_escape(&shown, path.data, path.len, false);
        session_say(s, "      what is typed and shown from now on goes %s %s too\n",
                    appends ? "to the end of" : "into", buf_text(&shown));
        begin(s, &path, fd);
    }
    buf_release(&path);
    buf_release(&shown);
    return fd >= 0 ? 0 : -1;
}

const struct builtin builtin_log = {
    .name = "log",
    .usage = "[FILE | off]",
    .summary = "from now on also write what is typed and shown into a file",
    .help =
        "Plain text in the lines view, whatever the screen shows. Every line is in the file as "
        "soon as it is shown. A file that is there already is written on. Without a word: where "
        "it goes.",
    .word = WORD_FILE,
    .run = on_log,
};
