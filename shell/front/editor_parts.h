/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the line editor share: the one line that is being typed at the one terminal. */
#ifndef FRONT_EDITOR_PARTS_H
#define FRONT_EDITOR_PARTS_H
#include <readline/readline.h>
#include <stdio.h>
#include <termios.h>

#include "front/editor.h"
#include "front/paste.h"

struct editor {
    struct editor_owner owner;
    char prompt[80];
    struct termios cooked, raw; /* as it was, and as readline has it */
    bool is_raw;
    bool paste_codes; /* bracketed pastes are wanted */
    bool shown;       /* a prompt with its half-typed line stands on the terminal */
    int hidden;       /* > 0: it was taken away for what appears above it */
    bool hint_shown;  /* grey text stands behind the cursor */
    bool pasting;
    struct paste paste;
    struct buf ahead; /* read behind the end of a paste: what was typed after it */
    size_t ahead_at;
};
extern struct editor editor;

/* editor_terminal.c: for readline, which calls them around each line. */
void editor_prepare(int meta);
void editor_stay(void);
void editor_code(const char *text); /* an escape sequence, held back until the next flush */
/* editor_hint.c */
void editor_erase_hint(void);
void editor_redisplay(void);
/* editor_tab.c and editor_paste.c: what keys do. */
int editor_on_tab(int count, int key);
int editor_on_paste(int count, int key);
/* editor_paste.c: for readline, which reads byte by byte. */
int editor_next_byte(FILE *f);
int editor_has_input_now(void);
#endif
