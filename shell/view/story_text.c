/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the texts of moments live: blocks that never move and are given back all at once. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/story_parts.h"

enum { BLOCK = 32 << 10 };

struct text_block {
    struct text_block *next;
    size_t used, size;
    max_align_t data[];
};

void *
story_room(struct story *s, size_t n)
{
    struct text_block *b = s->memory->blocks;
    size_t need = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    char *at;

    if (b == NULL || b->size - b->used < need) {
        size_t size = need > BLOCK ? need : BLOCK;

        b = mem_alloc(sizeof *b + size);
        b->size = size;
        b->next = s->memory->blocks;
        s->memory->blocks = b;
    }
    at = (char *)b->data + b->used;
    b->used += need;
    return at;
}

const char *
story_keep(struct story *s, const char *text, size_t n)
{
    char *to;

    if (n == 0)
        return "";
    to = story_room(s, n + 1);
    memcpy(to, text, n);
    to[n] = '\0';
    return to;
}

const char *
story_take(struct story *s)
{
    struct buf *b = &s->memory->text;
    const char *kept = story_keep(s, buf_text(b), b->len);

    buf_clear(b);
    return kept;
}

void
story_forget_texts(struct story *s)
{
    while (s->memory->blocks != NULL) {
        struct text_block *b = s->memory->blocks;

        s->memory->blocks = b->next;
        free(b);
    }
}
