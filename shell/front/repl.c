/* SPDX-License-Identifier: GPL-3.0-or-later
 * See repl.h. */
#include "front/repl.h"

#include <errno.h>
#include <poll.h>

#include "assist/hint.h"
#include "base/columns.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "front/editor.h"
#include "front/history.h"
#include "front/pager.h"
#include "front/predict.h"
#include "front/signals.h"

static struct repl {
    struct console *console;
    struct session *session;
    struct predict predict;
    bool done;
    bool left_once; /* Ctrl-C on an empty line, and nothing since */
    int lines;
    int status;
} repl;

/* ---- Showing ------------------------------------------------------------------------------- */

static const char *
prompt(void *ctx)
{
    static char text[64];

    (void)ctx;
    if (repl.predict.line != NULL)
        return "predict> ";
    if (repl.session->subject == NULL)
        return "ipclab> ";
    snprintf(text, sizeof text, "ipclab %s> ", repl.session->subject);
    return text;
}

/* As wide as the terminal is by now. */
static void
follow_width(void)
{
    int rows, columns;

    editor_size(&rows, &columns);
    console_width(repl.console, columns - 1);
}

static void
page(void *ctx, const char *text, size_t n)
{
    int rows, columns;
    bool shown = false;

    (void)ctx;
    editor_size(&rows, &columns);
    if (repl.session->settings.paging && pager_wanted(text, n, rows, columns)) {
        editor_lend();
        shown = pager_show(text, n);
        editor_take_back();
    }
    if (!shown)
        console_answer(repl.console, text, n);
}

static void
hint(void *ctx, const char *line, size_t n, struct buf *out)
{
    (void)ctx;
    if (!repl.session->settings.hints || repl.session->settings.linear ||
        !console_colour_now(repl.console))
        return; /* what is not grey would look typed */
    if (repl.predict.line != NULL && n == 0)
        buf_puts(out, "a number, an error such as EAGAIN, \"a text\", waits; Enter alone: skip");
    else if (repl.predict.line == NULL)
        hint_line(repl.session, line, n, out);
}

static void
complete(void *ctx, const char *line, size_t point, struct completion *c)
{
    (void)ctx;
    if (repl.predict.line == NULL)
        complete_line(repl.session, line, point, c);
}

/* ---- Lines --------------------------------------------------------------------------------- */

typedef int line_fn(struct session *s, const char *text, size_t n, struct err *err);

static bool
run(const char *line, line_fn *how)
{
    struct session *s = repl.session;
    struct err err;
    bool asked = s->leaving, good = how(s, line, strlen(line), &err) == 0;

    if (!good)
        console_error(repl.console, NULL, repl.lines, line, strlen(line), &err);
    s->leaving &= !asked; /* a line in between, and it is asked again */
    if (s->after_line != NULL)
        s->after_line(s, line, !good);
    return good;
}

/* The line that was held back, now that it is said what will come of it. */
static bool
run_foreseen(const char *answer)
{
    char *line = repl.predict.line;
    bool good;

    repl.predict.line = NULL;
    predict_before(&repl.predict);
    good = run(line, session_line);
    predict_after(&repl.predict, answer);
    free(line);
    return good;
}

/* Enter alone: what is suggested is run, and shown as if it had been typed. */
static bool
run_suggestion(void)
{
    struct session *s = repl.session;
    char *line = s->suggestion;
    struct buf shown = {0};
    bool good;

    s->suggestion = NULL;
    text_escape(&shown, line, strlen(line), repl.console->ascii);
    printf("%s%s%s\n", repl.console->rich ? "\033[A\r" : "", prompt(NULL), buf_text(&shown));
    fflush(stdout);
    buf_release(&shown);
    good = run(line, s->run_suggestion != NULL ? s->run_suggestion : session_line);
    free(line);
    return good;
}

static bool
on_line(void *ctx, const char *line)
{
    struct buf out = {0};
    bool good = true, asked = repl.predict.line != NULL;
    int rows, columns;

    (void)ctx;
    repl.left_once = false;
    repl.lines++;
    front_signals_clear_interrupt();
    front_signals_at_prompt(false); /* a Ctrl-C since Enter is meant for this line */
    follow_width();
    editor_size(&rows, &columns);
    if (!asked && history_add(line))
        editor_remember(line);
    if (asked) {
        good = run_foreseen(line);
    } else if (line[strspn(line, " \t")] == '\0') {
        if (repl.session->suggestion != NULL)
            good = run_suggestion();
    } else if (repl.session->settings.predict && predict_ask(&repl.predict, line, columns, &out)) {
        console_text(repl.console, out.data, out.len);
    } else {
        good = run(line, session_line);
    }
    buf_release(&out);
    if (front_signals_interrupted())
        good = false; /* no further line of a paste */
    front_signals_clear_interrupt();
    front_signals_at_prompt(true);
    repl.done |= repl.session->quit || front_signals_ending() != 0;
    return good;
}

static bool
has_ended(void *ctx)
{
    (void)ctx;
    return repl.done;
}

static void
on_end(void *ctx)
{
    (void)ctx;
    if (repl.predict.line != NULL) { /* of the question, not of the session */
        free(repl.predict.line);
        repl.predict.line = NULL;
        return;
    }
    if (quit_asks(repl.session))
        return;
    printf("leaving; everything that was made here is removed\n");
    fflush(stdout);
    repl.done = true;
}

/* ---- The loop ------------------------------------------------------------------------------ */

static void
on_interrupt(void)
{
    bool empty = editor_interrupt();

    free(repl.predict.line);
    repl.predict.line = NULL;
    if (empty && repl.left_once)
        printf("      `quit` or Ctrl-D leaves\n");
    fflush(stdout);
    repl.left_once = empty;
    editor_prompt();
}

static void
on_signals(void)
{
    struct signals_taken t = front_signals_take();

    if (t.ends != 0) {
        repl.status = 128 + t.ends;
        repl.done = true;
        return;
    }
    if (t.resized)
        editor_resized();
    if (t.resumed)
        editor_redraw();
    if (t.interrupt)
        on_interrupt();
}

static void
hide(void)
{
    editor_hide();
}

static void
show(void)
{
    editor_show();
}

static void
remember(const char *line)
{
    editor_remember(line);
}

/* $XDG_CONFIG_HOME/ipclab/rc: lines as they would be typed, before the first prompt. */
static void
run_rc(void)
{
    struct buf path = {0};
    struct err err;
    int fd;

    if (folder_xdg(&path, "XDG_CONFIG_HOME", "/.config")) {
        buf_puts(&path, "/ipclab/rc");
        fd = access(path.data, F_OK) == 0 ? source_open(path.data, &err) : -1;
        if (fd >= 0) {
            source_run(repl.session, fd, path.data, &repl.console->source);
            close(fd);
        } else if (access(path.data, F_OK) == 0) {
            console_message("%s", err.text);
        }
    }
    buf_release(&path);
}

static void
say_hello(struct console *c, int columns)
{
    struct buf hello = {0}, text = {0};

    buf_printf(
        &hello,
        "ipclab %s, world %s. `help` is the first minute, `tour` a guided walk, Ctrl-D leaves.",
        IPCLAB_VERSION, world_kind_name(&c->session->world));
    columns_wrap(&text, hello.data, 0, 2, columns - 1);
    console_text(c, text.data, text.len);
    buf_release(&hello);
    buf_release(&text);
}

static void
start(struct console *c, const struct editor_owner *owner, repl_begin_fn *begin)
{
    struct session *s = repl.session;
    struct err err;
    int rows, columns;

    editor_size(&rows, &columns);
    if (begin == NULL)
        say_hello(c, columns);
    editor_start(owner);
    if (history_load(remember, &err) < 0 && err.text[0] != '\0')
        console_message("%s", err.text);
    predict_init(&repl.predict, s);
    follow_width();
    run_rc();
    options_settings(c->options, &s->settings); /* these were meant for this session */
    s->settings_changed(s->recall_ctx);
    c->listener.page = page;
    c->before_text = hide;
    c->after_text = show;
    if (begin == NULL || begin(s, &err) == 0)
        return;
    console_message("%s", err.text);
    s->quit = true;
    repl.status = err.status;
}

int
repl_run(struct console *c, repl_begin_fn *begin)
{
    struct editor_owner owner = {.prompt = prompt,
                                 .line = on_line,
                                 .end = on_end,
                                 .ended = has_ended,
                                 .complete = complete,
                                 .hint = hint,
                                 .rich = c->rich,
                                 .ascii = c->ascii};
    int signals = front_signals_open(editor_suspend);

    repl = (struct repl){.console = c, .session = c->session};
    start(c, &owner, begin);
    front_signals_at_prompt(true);
    repl.done = c->session->quit;
    editor_prompt();
    while (!repl.done) {
        struct pollfd p[] = {
            {0, POLLIN, 0}, {c->session->world.epoll, POLLIN, 0}, {signals, POLLIN, 0}};
        int n = poll(p, 3, editor_has_input() ? 0 : -1);

        if (n < 0 && errno != EINTR)
            break;
        if (n > 0 && p[2].revents != 0)
            on_signals();
        if (repl.done)
            break;
        if (n > 0 && p[1].revents != 0)
            session_poll(c->session);
        if (editor_has_input() || (n > 0 && p[0].revents != 0))
            editor_read();
    }
    c->before_text = c->after_text = NULL;
    c->listener.page = NULL;
    editor_stop();
    front_signals_at_prompt(false);
    predict_release(&repl.predict);
    history_close();
    return repl.status != 0              ? repl.status
           : front_signals_ending() != 0 ? 128 + front_signals_ending()
                                         : STATUS_OK;
}
