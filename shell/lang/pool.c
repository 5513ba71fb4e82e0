/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bump allocator: chunks are zeroed when they are made and never reused. */
#include "lang/pool.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

enum { CHUNK = 4096 };

struct pool_chunk {
    struct pool_chunk *older;
    alignas(max_align_t) char bytes[];
};

void
pool_init(struct pool *p)
{
    *p = (struct pool){0};
}

void
pool_release(struct pool *p)
{
    while (p->chunks != NULL) {
        struct pool_chunk *older = p->chunks->older;

        free(p->chunks);
        p->chunks = older;
    }
    pool_init(p);
}

void *
pool_alloc(struct pool *p, size_t n)
{
    size_t size = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    void *got;

    if (size > p->left) {
        size_t room = size > CHUNK - sizeof *p->chunks ? size : CHUNK - sizeof *p->chunks;
        struct pool_chunk *chunk = mem_alloc(sizeof *chunk + room);

        chunk->older = p->chunks;
        p->chunks = chunk;
        p->next = chunk->bytes;
        p->left = room;
    }
    got = p->next;
    p->next += size;
    p->left -= size;
    return got;
}

char *
pool_copy(struct pool *p, const char *s, size_t n)
{
    char *copy = pool_alloc(p, n + 1);

    if (n > 0)
        memcpy(copy, s, n);
    return copy;
}
