/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See editor.h. The line itself; its terminal, keys and pastes are in the files beside. */
#include "front/editor_parts.h"

#include <readline/history.h>

struct editor editor;

static void on_line(char *line);

void
editor_prompt(void)
{
    if (editor.owner.ended(editor.owner.ctx))
        return;
    snprintf(editor.prompt, sizeof editor.prompt, "%s", editor.owner.prompt(editor.owner.ctx));
    rl_callback_handler_install(editor.prompt, on_line);
    editor.shown = true;
    editor.hidden = 0;
}

static void
on_line(char *line)
{
    editor.shown = editor.hint_shown = false;
    rl_callback_handler_remove();
    if (line == NULL) {
        fputc('\n', rl_outstream);
        fflush(rl_outstream);
        editor.owner.end(editor.owner.ctx);
        editor_prompt();
        return;
    }
    editor.owner.line(editor.owner.ctx, line);
    free(line);
    editor_prompt();
}

void
editor_hide(void)
{
    if (!editor.shown || editor.hidden++ > 0)
        return;
    editor_erase_hint();
    rl_clear_visible_line();
    fflush(rl_outstream);
}

void
editor_show(void)
{
    if (!editor.shown || editor.hidden == 0 || --editor.hidden > 0)
        return;
    rl_on_new_line();
    rl_redisplay_function();
}

bool
editor_interrupt(void)
{
    bool empty = rl_end == 0 && !editor.pasting;

    editor_erase_hint();
    paste_release(&editor.paste);
    editor.pasting = false;
    rl_callback_sigcleanup();
    if (editor.shown) {
        rl_point = rl_end;
        rl_redisplay();
        editor_code("^C\n");
    }
    fflush(rl_outstream);
    rl_free_line_state();
    rl_replace_line("", 0);
    rl_callback_handler_remove();
    editor.shown = false;
    return empty;
}

void
editor_resized(void)
{
    if (!editor.shown) {
        rl_reset_screen_size();
        return;
    }
    editor_erase_hint();
    /* With a display function of our own readline would draw another prompt behind the first. */
    rl_redisplay_function = rl_redisplay;
    rl_resize_terminal();
    rl_redisplay_function = editor_redisplay;
    editor_redisplay();
}

void
editor_redraw(void)
{
    if (!editor.shown)
        return;
    rl_on_new_line();
    rl_forced_update_display();
    fflush(rl_outstream);
}

/* ---- Beginning and end --------------------------------------------------------------------- */

static bool
is_on(const char *variable)
{
    const char *value = rl_variable_value(variable);

    return value != NULL && strcmp(value, "on") == 0;
}

/* A key keeps what the person's inputrc gave it. */
static void
bind(const char *keys, rl_command_func_t *function, rl_command_func_t *instead)
{
    Keymap maps[] = {rl_get_keymap_by_name("emacs-standard"), rl_get_keymap_by_name("vi-insert")};

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (instead == NULL || rl_function_of_keyseq(keys, maps[i], NULL) == instead)
            rl_bind_keyseq_in_map(keys, function, maps[i]);
}

/* Keys that come together are taken in one go, so that the hint of the key before may stand. */
static int
on_enter(int count, int key)
{
    editor_erase_hint();
    return rl_newline(count, key);
}

void
editor_start(const struct editor_owner *owner)
{
    editor.owner = *owner;
    rl_readline_name = "ipclab";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    tcgetattr(0, &editor.cooked);
    rl_initialize();
    rl_add_defun("ipclab-complete", editor_on_tab, -1);
    bind("\t", editor_on_tab, rl_complete);
    bind("\r", on_enter, rl_newline);
    bind("\n", on_enter, rl_newline);
    editor.paste_codes = owner->rich && is_on("enable-bracketed-paste");
    rl_variable_bind("enable-bracketed-paste", "off");
    if (editor.paste_codes)
        bind("\033[200~", editor_on_paste, NULL);
    rl_getc_function = editor_next_byte;
    rl_input_available_hook = editor_has_input_now;
    rl_prep_term_function = editor_prepare;
    rl_deprep_term_function = editor_stay;
    rl_redisplay_function = editor_redisplay;
    using_history();
}

void
editor_remember(const char *line)
{
    add_history(line);
}

void
editor_stop(void)
{
    editor_erase_hint();
    rl_callback_handler_remove();
    editor_lend();
    rl_deprep_term_function = rl_deprep_terminal;
    paste_release(&editor.paste);
    buf_release(&editor.ahead);
    editor.shown = false;
}
