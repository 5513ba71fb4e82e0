/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input. readline 8.2 stops asking for bracketed pastes once the redisplay function is another one,
 * so their codes are sent by us; and the paste is taken from the terminal here, as it comes, so
 * that one without an end keeps nothing waiting. */
#include "front/editor_parts.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "base/text.h"

int
editor_on_paste(int count, int key)
{
    (void)count, (void)key;
    paste_release(&editor.paste);
    editor.pasting = true;
    return 0;
}

/* Lines with anything on them. */
static int
count_lines(const char *text)
{
    int n = 0;

    while (*text != '\0') {
        size_t k = strcspn(text, "\n");

        n += strspn(text, " ") < k;
        text += k + (text[k] == '\n');
    }
    return n;
}

/* Shows a line of a paste as if it had been typed, and gives it. */
static bool
give(const char *line, size_t n)
{
    char *copy = mem_copy_n(line, n);
    struct buf shown = {0};
    bool good;

    text_escape(&shown, line, n, editor.owner.ascii);
    fprintf(rl_outstream, "%s%s\n", editor.owner.prompt(editor.owner.ctx), buf_text(&shown));
    fflush(rl_outstream);
    good = editor.owner.line(editor.owner.ctx, copy);
    buf_release(&shown);
    free(copy);
    return good;
}

/* The lines of a text in order, up to the first that fails. What stands behind the last newline is
 * left to be edited. */
static void
run_lines(const struct buf *text, int cursor_from_end)
{
    const char *at = buf_text(text), *newline;
    bool good = true;
    int line = 0, left;

    editor_hide();
    rl_callback_handler_remove();
    editor.shown = false;
    while (good && (newline = strchr(at, '\n')) != NULL && !editor.owner.ended(editor.owner.ctx)) {
        good = give(at, (size_t)(newline - at));
        at = newline + 1;
        line++;
    }
    if (editor.owner.ended(editor.owner.ctx))
        return;
    left = count_lines(at);
    if (!good && left > 0)
        printf("      the paste stopped at its line %d; %d line%s after it %s not run\n", line,
               left, left == 1 ? "" : "s", left == 1 ? "was" : "were");
    fflush(stdout);
    editor_prompt();
    if (good && *at != '\0') {
        rl_insert_text(at);
        rl_point = rl_end - cursor_from_end;
        rl_redisplay_function();
    }
}

static void
end_paste(void)
{
    struct buf whole = {0};
    int behind = rl_end - rl_point;

    editor.pasting = false;
    if (editor.paste.cut)
        printf("      the paste was cut at %d bytes\n", PASTE_MAX);
    if (strchr(buf_text(&editor.paste.text), '\n') == NULL) {
        rl_insert_text(buf_text(&editor.paste.text));
        rl_redisplay_function();
    } else {
        buf_put(&whole, rl_line_buffer, (size_t)rl_point);
        buf_put(&whole, editor.paste.text.data, editor.paste.text.len);
        buf_put(&whole, rl_line_buffer + rl_point, (size_t)behind);
        rl_replace_line("", 0);
        run_lines(&whole, behind);
        buf_release(&whole);
    }
    paste_release(&editor.paste);
}

bool
editor_has_input(void)
{
    return editor.ahead_at < editor.ahead.len;
}

int
editor_next_byte(FILE *f)
{
    unsigned char c;
    ssize_t n;

    if (editor_has_input())
        return (unsigned char)editor.ahead.data[editor.ahead_at++];
    do
        n = read(fileno(f), &c, 1);
    while (n < 0 && errno == EINTR);
    return n == 1 ? c : EOF;
}

int
editor_has_input_now(void)
{
    int n = 0;

    return editor_has_input() || (ioctl(0, FIONREAD, &n) == 0 && n > 0);
}

static void
read_paste(void)
{
    char block[4096];
    size_t used = 0;
    ssize_t n;

    if (editor_has_input()) {
        n = (ssize_t)(editor.ahead.len - editor.ahead_at);
        n = n < (ssize_t)sizeof block ? n : (ssize_t)sizeof block;
        memcpy(block, editor.ahead.data + editor.ahead_at, (size_t)n);
        editor.ahead_at += (size_t)n;
    } else {
        n = read(0, block, sizeof block);
    }
    if (n <= 0) {
        if (n == 0 || errno != EINTR)
            editor.owner.end(editor.owner.ctx);
        return;
    }
    if (!paste_take(&editor.paste, block, (size_t)n, &used))
        return;
    if ((size_t)n > used) { /* before what else was read ahead */
        struct buf rest = {0};

        buf_put(&rest, block + used, (size_t)n - used);
        buf_put(&rest, buf_text(&editor.ahead) + editor.ahead_at,
                editor.ahead.len - editor.ahead_at);
        buf_release(&editor.ahead);
        editor.ahead = rest;
        editor.ahead_at = 0;
    }
    end_paste();
}

void
editor_read(void)
{
    if (editor.pasting) {
        read_paste();
        return;
    }
    editor_erase_hint();
    rl_callback_read_char();
    if (!editor_has_input())
        buf_clear(&editor.ahead), editor.ahead_at = 0;
}
