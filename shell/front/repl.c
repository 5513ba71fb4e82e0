/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The prompt. readline's callback interface and one poll over the terminal and the world, so that
 * what happens by itself is told above the line that is being typed. */
#include "front/repl.h"

#include <errno.h>
#include <poll.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <sys/stat.h>

static struct {
    struct console *console;
    bool done;
    int lines;
    char *saved; /* the line being typed while something is told */
    int saved_point;
    bool shown;
    bool left_once; /* Ctrl-C on an empty line, and nothing since */
} repl;

static const char prompt[] = "ipclab> ";

static void on_line(char *line);

static void
hide_line(void)
{
    if (!repl.shown)
        return;
    repl.saved = rl_copy_text(0, rl_end);
    repl.saved_point = rl_point;
    rl_save_prompt();
    rl_replace_line("", 0);
    rl_redisplay();
}

static void
show_line(void)
{
    if (!repl.shown || repl.saved == NULL)
        return;
    rl_restore_prompt();
    rl_replace_line(repl.saved, 0);
    rl_point = repl.saved_point;
    rl_redisplay();
    free(repl.saved);
    repl.saved = NULL;
}

/* Rows fold where the terminal ends, as wide as it is by now. */
static void
follow_width(void)
{
    int rows, columns;

    rl_get_screen_size(&rows, &columns);
    console_width(repl.console, isatty(1) && columns > 1 ? columns - 1 : 0);
}

/* What is typed here are no file names. */
static char **
complete_nothing(const char *word, int from, int to)
{
    (void)word, (void)from, (void)to;
    rl_attempted_completion_over = 1;
    return NULL;
}

static void
on_interrupt(void)
{
    bool empty = rl_end == 0;

    printf("^C\n");
    if (empty && repl.left_once)
        printf("      `quit` or Ctrl-D leaves\n");
    fflush(stdout);
    repl.left_once = empty;
    rl_callback_sigcleanup();
    rl_replace_line("", 0);
    rl_callback_handler_remove();
    rl_callback_handler_install(prompt, on_line);
}

static void
on_line(char *line)
{
    struct console *c = repl.console;
    struct err err;
    size_t n;

    repl.shown = repl.left_once = false;
    if (line == NULL) {
        printf("\nleaving; everything that was made here is removed\n");
        fflush(stdout);
        repl.done = true;
        rl_callback_handler_remove();
        return;
    }
    n = strlen(line);
    if (n > 0)
        add_history(line);
    repl.lines++;
    front_clear_interrupt();
    follow_width();
    if (session_line(c->session, line, n, &err) < 0)
        console_error(c, "terminal", repl.lines, line, n, &err);
    front_clear_interrupt();
    if (c->session->quit) {
        repl.done = true;
        rl_callback_handler_remove();
        return;
    }
    rl_callback_handler_install(prompt, on_line);
    repl.shown = true;
    free(line);
}

enum status
repl_run(struct console *c)
{
    struct session *s = c->session;

    repl.console = c;
    rl_readline_name = "ipclab";
    rl_catch_signals = 1;
    rl_persistent_signal_handlers = 1; /* between keys too: ^Z puts the terminal right first */
    rl_change_environment = 0;
    rl_attempted_completion_function = complete_nothing;
    using_history();
    printf("ipclab %s, world %s. `help` is the first minute, Ctrl-D leaves.\n", IPCLAB_VERSION,
           world_kind_name(&s->world));
    fflush(stdout);
    rl_callback_handler_install(prompt, on_line);
    repl.shown = true;
    c->before_text = hide_line;
    c->after_text = show_line;
    while (!repl.done) {
        struct pollfd p[] = {{0, POLLIN, 0}, {s->world.epoll, POLLIN, 0}};
        int n = poll(p, 2, -1);

        if (n < 0) {
            rl_check_signals();
            rl_forced_update_display();
        }
        if (front_interrupted()) {
            front_clear_interrupt();
            on_interrupt();
        }
        if (n < 0)
            continue;
        if (p[0].revents != 0)
            rl_callback_read_char();
        else if (p[1].revents != 0)
            session_poll(s);
    }
    c->before_text = c->after_text = NULL;
    return STATUS_OK;
}
