/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Grey text behind the cursor, drawn after readline has drawn the line and taken away before the
 * next key is looked at. */
#include "front/editor_parts.h"

#include "base/columns.h"
#include "base/text.h"

void
editor_erase_hint(void)
{
    if (editor.hint_shown)
        editor_code("\033[K");
    editor.hint_shown = false;
}

/* Columns of the prompt and the line; false when a control character makes them uncertain. */
static bool
cursor_column(size_t *column)
{
    for (int i = 0; i < rl_end; i++)
        if ((unsigned char)rl_line_buffer[i] < ' ' || rl_line_buffer[i] == 0x7f)
            return false;
    *column = columns_of(editor.prompt, strlen(editor.prompt)) +
              columns_of(rl_line_buffer, (size_t)rl_end);
    return true;
}

static void
draw_hint(void)
{
    static struct buf hint, shown;
    size_t column, room, n;
    int rows, width;

    if (editor.owner.hint == NULL || !editor.owner.rich || rl_point != rl_end || editor.pasting ||
        rl_done || RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG) ||
        !cursor_column(&column))
        return;
    editor_size(&rows, &width);
    column %= (size_t)width;
    room = (size_t)width - column;
    if (room < 8)
        return;
    room--; /* the last column would make the line wrap */
    buf_clear(&hint);
    editor.owner.hint(editor.owner.ctx, rl_line_buffer, (size_t)rl_end, &hint);
    if (hint.len == 0)
        return;
    buf_clear(&shown);
    text_escape(&shown, hint.data, hint.len, editor.owner.ascii);
    n = columns_fit(buf_text(&shown), shown.len, room);
    if (n < shown.len)
        n = columns_fit(shown.data, shown.len, room - 3);
    fprintf(rl_outstream, "\033[90m%.*s%s\033[0m", (int)n, shown.data, n < shown.len ? "..." : "");
    fprintf(rl_outstream, "\033[%zuD", columns_of(shown.data, n) + (n < shown.len ? 3 : 0));
    editor.hint_shown = true;
}

void
editor_redisplay(void)
{
    editor_erase_hint();
    rl_redisplay();
    draw_hint();
    fflush(rl_outstream);
}
