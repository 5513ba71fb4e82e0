/* SPDX-License-Identifier: GPL-3.0-or-later
 * See console.h. */
#include "front/console.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "base/columns.h"
#include "base/text.h"
#include "front/saved.h"
#include "trace/read.h"

bool
console_is_ascii(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int
console_columns(int fd)
{
    struct winsize size;

    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool
console_is_rich(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool
console_colour(const struct options *o, int fd)
{
    const char *no = getenv("NO_COLOR");

    if (o->colour >= 0)
        return o->colour == 1;
    if (no != NULL && no[0] != '\0')
        return false;
    return console_is_rich(fd);
}

/* A closed or full stdout ends what is shown, never the session. */
static void
put(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, text, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            return;
        text += did;
        n -= (size_t)did;
    }
}

void
console_text(struct console *c, const char *text, size_t n)
{
    if (!c->shows || n == 0)
        return;
    if (c->before_text != NULL)
        c->before_text();
    put(1, text, n);
    if (c->after_text != NULL)
        c->after_text();
}

/* Whoever ran the line has said its error, with its place. */
static bool
is_said(const struct event *e)
{
    const char *kind = event_get_text(e, NULL, "kind");

    return kind != NULL && strcmp(kind, "failed") == 0;
}

static void
on_event(void *ctx, const struct event *e)
{
    struct console *c = ctx;

    writer_event(&c->writer, e);
    if (c->writer.lost && !c->lost_told) {
        c->lost_told = true;
        console_message("warning: %s; the session goes on unrecorded", c->writer.reason);
    }
    if (!c->shows || is_said(e))
        return;
    if (c->missed && c->session->hushed == 0 && c->kind->resize != NULL)
        c->kind->resize(c->view, c->view_options.width);
    c->missed = c->session->hushed > 0;
    buf_clear(&c->out);
    c->kind->event(c->view, e, &c->out);
    if (!c->missed)
        console_text(c, buf_text(&c->out), c->out.len);
}

void
console_answer(struct console *c, const char *text, size_t n)
{
    if (!c->session->settings.linear) {
        console_text(c, text, n);
        return;
    }
    buf_clear(&c->out);
    for (size_t at = 0; at < n;) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t to = newline != NULL ? (size_t)(newline - text) + 1 : n;

        while (at < to && text[at] == ' ')
            at++;
        if (at + 1 < to || to == n) /* empty lines only part what is seen */
            buf_put(&c->out, text + at, to - at);
        at = to;
    }
    console_text(c, buf_text(&c->out), c->out.len);
}

static void
on_text(void *ctx, const char *text, size_t n)
{
    if (((struct console *)ctx)->session->hushed == 0)
        console_answer(ctx, text, n);
}

static void
on_settled(void *ctx)
{
    struct console *c = ctx;

    writer_settled(&c->writer);
}

static void
on_pause(void *ctx)
{
    struct console *c = ctx;

    writer_flush(&c->writer);
}

/* ---- The view ------------------------------------------------------------------------------ */

static const struct view_kind *
wanted_kind(const struct session *s)
{
    static const char *const names[] = {
        [VIEW_AUTO] = "lines",
        [VIEW_LINES] = "lines",
        [VIEW_LANES] = "lanes",
        [VIEW_GUTTER] = "gutter",
    };

    return view_find(s->settings.linear ? "linear" : names[s->settings.view]);
}

static void
prime(void *ctx, const struct event *e)
{
    struct console *c = ctx;

    buf_clear(&c->out);
    c->kind->event(c->view, e, &c->out);
}

/* A view that begins in the middle has seen what was before, so that it knows who waits in what. */
static void
change_view(struct console *c, const struct view_kind *kind)
{
    struct err ignored;

    buf_clear(&c->out);
    c->kind->finish(c->view, &c->out);
    console_text(c, buf_text(&c->out), c->out.len);
    c->kind = kind;
    c->view = kind->start(&c->view_options);
    c->session->recall(c->session->recall_ctx, prime, c, &ignored);
    if (kind->resize != NULL) /* what it has drawn so far nobody has seen */
        kind->resize(c->view, c->view_options.width);
}

void
console_width(struct console *c, int columns)
{
    int width = c->session->settings.width > 0 ? c->session->settings.width : columns;

    c->session->columns = columns;
    if (width == c->view_options.width)
        return;
    c->view_options.width = width;
    if (c->kind->resize != NULL)
        c->kind->resize(c->view, width);
}

bool
console_colour_now(const struct console *c)
{
    enum colour_choice wanted = c->session->settings.colour;

    return wanted == COLOUR_AUTO ? console_colour(c->options, 1) : wanted == COLOUR_ALWAYS;
}

static void
on_settings(void *ctx)
{
    struct console *c = ctx;
    const struct view_kind *kind = wanted_kind(c->session);
    bool colour = console_colour_now(c), recoloured = colour != c->view_options.colour;

    console_width(c, c->session->columns);
    c->view_options.colour = colour;
    if (kind != NULL && (kind != c->kind || recoloured))
        change_view(c, kind);
}

static int
recall(void *ctx, void (*each)(void *each_ctx, const struct event *e), void *each_ctx,
       struct err *err)
{
    struct console *c = ctx;
    struct trace_reader *r;
    struct event e;
    int more;

    if (c->writer.fd < 0)
        return err_set(err, STATUS_USAGE,
                       "this session is not recorded, so that nothing knows what was before");
    writer_flush(&c->writer);
    r = trace_open(c->writer.partial, err);
    if (r == NULL)
        return -1;
    event_init(&e);
    while ((more = trace_next(r, &e, err)) > 0)
        each(each_ctx, &e);
    event_release(&e);
    trace_free(r);
    return more;
}

/* ---- Starting and ending ------------------------------------------------------------------- */

void
console_start(struct console *c, const struct options *o, struct session *s)
{
    *c = (struct console){.options = o,
                          .session = s,
                          .ascii = console_is_ascii(),
                          .rich = console_is_rich(1),
                          .shows = !o->json,
                          .writer = {.fd = -1, .copy = -1}};
    c->listener = (struct listener){
        .event = on_event, .text = on_text, .pause = on_pause, .settled = on_settled, .ctx = c};
    c->source =
        (struct source_options){.keep_going = o->keep_going, .error = console_error, .ctx = c};
    c->view_options = (struct view_options){
        .catalog = &s->launcher.catalog,
        .width = s->settings.width,
        .ascii = c->ascii,
        .colour = console_colour_now(c),
        .echo = o->echo,
        .quiet = o->quiet,
        .live = true,
    };
    c->kind = wanted_kind(s);
    c->view = c->kind->start(&c->view_options);
    s->ascii = c->ascii;
    s->recall = recall;
    s->settings_changed = on_settings;
    s->recall_ctx = c;
    session_listen(s, &c->listener);
}

int
console_record(struct console *c, struct err *err)
{
    const struct options *o = c->options;

    if (writer_open(&c->writer, o->trace, o->json ? 1 : -1, o->stable, err) == 0)
        return 0;
    if (o->trace != NULL)
        return -1;
    console_message("warning: the session is not recorded: %s", err->text);
    c->lost_told = true;
    return 0;
}

int
console_go_on(struct console *c, const char *path, struct saved *v, struct err *err)
{
    const struct options *o = c->options;

    if (saved_open(v, &c->writer, path, o->fresh, o->stable, err) < 0)
        return -1;
    c->writer.copy = o->json ? 1 : -1;
    for (int i = 0; i < v->n; i++)
        prime(c, &v->events[i]);
    if (c->kind->resize != NULL)
        c->kind->resize(c->view, c->view_options.width);
    return 0;
}

int
console_hand_in(void *console, const char *path, struct buf *shown, struct err *err)
{
    struct console *c = console;
    const struct session *s = c->session;
    struct buf name = {0};
    int result;

    if (path != NULL)
        buf_puts(&name, path);
    else
        buf_printf(&name, "%s%s%s.trace", s->lab, s->student != NULL ? "-" : "",
                   s->student != NULL ? s->student : "");
    for (char *slash = name.data; path == NULL && slash != NULL && *slash != '\0'; slash++)
        if (*slash == '/')
            *slash = '_';
    result = writer_whole(&c->writer, buf_text(&name), err);
    text_escape(shown, name.data, name.len, s->ascii);
    buf_release(&name);
    return result;
}

enum status
console_finish(struct console *c)
{
    bool lost = c->writer.lost;

    buf_clear(&c->out);
    c->kind->finish(c->view, &c->out);
    console_text(c, buf_text(&c->out), c->out.len);
    writer_close(&c->writer);
    if (c->writer.lost && !lost && !c->lost_told)
        console_message("warning: %s", c->writer.reason);
    lost = c->writer.lost;
    writer_release(&c->writer);
    buf_release(&c->out);
    return lost ? STATUS_TRACE : STATUS_OK;
}

void
console_message(const char *fmt, ...)
{
    struct buf out = {0};
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_puts(&out, "ipclab: ");
    text_escape(&out, text, strlen(text), console_is_ascii());
    buf_putc(&out, '\n');
    put(2, out.data, out.len);
    buf_release(&out);
}

/* The source line and a caret under the place, for a person. */
static void
put_caret(struct buf *out, const char *text, size_t n, const struct err *err, bool ascii)
{
    size_t from = (size_t)err->col - 1, to = (size_t)err->end;
    struct buf shown = {0};
    size_t before, width;

    if (from > n)
        from = n;
    if (to > n)
        to = n;
    text_escape(&shown, text, from, ascii);
    before = shown.len;
    text_escape(&shown, text + from, to > from ? to - from : 0, ascii);
    width = shown.len - before;
    text_escape(&shown, text + (to > from ? to : from), n - (to > from ? to : from), ascii);
    if (shown.len <= 200) {
        size_t wide = columns_of(buf_text(&shown) + before, width);

        buf_printf(out, "  %s\n  %*s", buf_text(&shown), (int)columns_of(buf_text(&shown), before),
                   "");
        for (size_t k = 0; k < (wide > 0 ? wide : 1); k++)
            buf_putc(out, '^');
        buf_putc(out, '\n');
    }
    buf_release(&shown);
}

void
console_error(void *ctx, const char *name, int line, const char *text, size_t n,
              const struct err *err)
{
    struct console *c = ctx;
    struct buf out = {0};

    if (c->before_text != NULL)
        c->before_text();
    if (name == NULL && err->col > 0)
        put_caret(&out, text, n, err, c->ascii);
    if (name != NULL) {
        text_escape(&out, name, strlen(name), c->ascii);
        buf_printf(&out, ":%d", line);
        if (err->col > 0)
            buf_printf(&out, ":%d-%d", err->col, err->end);
        buf_puts(&out, ": ");
    }
    buf_puts(&out, "error: ");
    text_escape(&out, err->text, strlen(err->text), c->ascii);
    buf_putc(&out, '\n');
    put(2, out.data, out.len);
    buf_release(&out);
    if (c->after_text != NULL)
        c->after_text();
}
