/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `help` alone says: the first minute, on one screen of 24 lines and 80 columns. */
#include "base/columns.h"
#include "builtin/help.h"

enum { LEFT = 31, LEAST = 78 }; /* columns of the left example, and for both side by side */

static const struct topic_row verbs[] = {
    {"spawn NAME...", "makes real processes and gives them names"},
    {"NAME STATEMENT", "one of them does something: a call, x = 5, print x"},
    {"why [NAME]", "why it waits, who could end that, what to type"},
    {"undo [N]", "takes back the last line, or the last N"},
    {"quit", "leaves; everything that was made is removed"},
    {0},
};

const char *const first_minute_examples[] = {
    "spawn parent\nparent pipe(fd)\nparent fork(child)\nparent read(fd[0], buf, 32)\n"
    "child write(fd[1], \"hello\")",
    "spawn server client\nserver id = shmget(5678, 27, IPC_CREAT|0666)\nserver shm = shmat(id)\n"
    "server strcpy(shm, \"hello\")\nclient print shmat(shmget(5678, 27, 0666))",
    NULL,
};

static const struct topic_row ways_on[] = {
    {"tour", "two minutes, step by step: Enter runs the next line"},
    {"help CALL", "a call, a plugin, a constant: `help pipe`, `help IPC_CREAT`"},
    {"help line", "all that may stand on a line; `help builtins`, `help topics`"},
    {"apropos WORD", "finds what you have only a word for"},
    {0},
};

static void
put_examples(int width, struct buf *out)
{
    const char *left = first_minute_examples[0], *right = first_minute_examples[1];

    if (width < LEAST) {
        struct page p;

        page_init(&p, out, PAGE_TEXT, width);
        page_lines(&p, left);
        buf_putc(out, '\n');
        page_lines(&p, right);
        return;
    }
    while (*left != '\0' || *right != '\0') {
        int n = (int)strcspn(left, "\n"), m = (int)strcspn(right, "\n");

        buf_printf(out, "  %-*.*s%.*s\n", LEFT, n, left, m, right);
        left += n + (left[n] == '\n');
        right += m + (right[m] == '\n');
    }
}

static void
put_rows(const struct topic_row *rows, int width, struct buf *out)
{
    struct page p;

    page_init(&p, out, PAGE_TEXT, width);
    page_list(&p, 15);
    for (; rows->term != NULL; rows++)
        page_item(&p, rows->term, rows->text);
    page_list_end(&p);
}

void
first_minute(const struct catalog *c, int width, struct buf *out)
{
    struct buf names = {0};

    columns_wrap(out,
                 "ipclab leads real processes through system calls, one at a time. A line says who "
                 "acts, then what it does, as it would stand in that process's C program.",
                 0, 0, width);
    buf_putc(out, '\n');
    put_rows(verbs, width, out);
    buf_putc(out, '\n');
    put_examples(width, out);
    buf_puts(out, "\nWhere to go on\n");
    put_rows(ways_on, width, out);
    buf_puts(&names, "Mechanisms:");
    for (int i = 0; i < c->nplugins; i++)
        buf_printf(&names, " %s%s", c->plugins[i].p.name, i + 1 < c->nplugins ? "," : "");
    columns_wrap(out, buf_text(&names), 0, 2, width);
    buf_release(&names);
}
