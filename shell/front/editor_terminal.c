/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The terminal under the line editor. It stays in readline's mode from the first prompt to the
 * last, also while a line runs: what is typed ahead is neither echoed twice nor lost. */
#include "front/editor_parts.h"

#include <sys/ioctl.h>

static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";

void
editor_code(const char *text)
{
    fputs(text, rl_outstream);
}

void
editor_prepare(int meta)
{
    if (editor.is_raw)
        return;
    rl_prep_terminal(meta);
    tcgetattr(fileno(rl_instream), &editor.raw);
    editor.is_raw = true;
    if (editor.paste_codes)
        editor_code(paste_on);
    fflush(rl_outstream);
}

/* readline would give the terminal back after each line. */
void
editor_stay(void)
{
}

void
editor_lend(void)
{
    if (!editor.is_raw)
        return;
    if (editor.paste_codes)
        editor_code(paste_off);
    rl_deprep_terminal();
    fflush(rl_outstream);
    editor.is_raw = false;
}

void
editor_take_back(void)
{
    editor_prepare(1);
}

/* In a handler too, so nothing of readline or stdio here. */
void
editor_suspend(bool resumed)
{
    int fd = fileno(rl_instream != NULL ? rl_instream : stdin);
    const char *codes = resumed ? paste_on : paste_off;

    if (!editor.is_raw)
        return;
    if (editor.paste_codes && write(1, codes, sizeof paste_on - 1) < 0)
        return;
    if (resumed)
        tcgetattr(fd, &editor.cooked); /* what the shell that stopped us left */
    tcsetattr(fd, TCSADRAIN, resumed ? &editor.raw : &editor.cooked);
}

void
editor_size(int *rows, int *columns)
{
    struct winsize size;

    *rows = *columns = 0;
    if (ioctl(1, TIOCGWINSZ, &size) == 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
    if (*rows < 2)
        *rows = 24;
    if (*columns < 2)
        *columns = 80;
}
