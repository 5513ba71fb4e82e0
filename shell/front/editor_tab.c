/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tab. readline's own completion cuts words at fixed characters and shows bare names; the words
 * here are of C lines, and what they are is half of the help. */
#include "front/editor_parts.h"

#include "base/mem.h"
#include "front/candidates.h"

/* What all candidates have in common at their beginning, in whole characters. */
static size_t
common(const struct completion *c)
{
    size_t n = strlen(c->list[0].text);

    for (int i = 1; i < c->n; i++) {
        size_t k = 0;

        while (k < n && c->list[i].text[k] == c->list[0].text[k])
            k++;
        n = k;
    }
    while (n > 0 && ((unsigned char)c->list[0].text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void
insert(const struct completion *c, size_t n, char append)
{
    char *text = mem_copy_n(c->list[0].text, n);
    char more[2] = {append, '\0'};

    rl_begin_undo_group();
    rl_delete_text((int)c->from, (int)c->to);
    rl_point = (int)c->from;
    rl_insert_text(text);
    /* What stands behind the cursor already is not typed twice. */
    if (append != '\0' && rl_line_buffer[rl_point] != append)
        rl_insert_text(more);
    rl_end_undo_group();
    free(text);
}

static void
show_candidates(const struct completion *c)
{
    struct buf out = {0};
    int rows, columns;

    editor_size(&rows, &columns);
    candidates_text(c, rows, columns, editor.owner.rich, editor.owner.ascii, &out);
    editor_hide();
    fwrite(buf_text(&out), 1, out.len, rl_outstream);
    editor_show();
    buf_release(&out);
}

int
editor_on_tab(int count, int key)
{
    struct completion c = {0};
    size_t n;

    (void)count, (void)key;
    editor.owner.complete(editor.owner.ctx, rl_line_buffer, (size_t)rl_point, &c);
    if (c.n == 0) {
        rl_ding();
    } else if (c.n == 1) {
        insert(&c, strlen(c.list[0].text), c.list[0].append);
    } else {
        n = common(&c);
        if (n > c.to - c.from &&
            strncmp(c.list[0].text, rl_line_buffer + c.from, c.to - c.from) == 0)
            insert(&c, n, '\0');
        show_candidates(&c);
    }
    complete_release(&c);
    return 0;
}
