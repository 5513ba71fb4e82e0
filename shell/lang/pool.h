/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that lives exactly as long as one parsed line: one allocation for a usual line, more
 * chunks for a long one, freed together. */
#ifndef LANG_POOL_H
#define LANG_POOL_H
#include <stddef.h>

struct pool {
    struct pool_chunk *chunks; /* newest first */
    char *next;                /* free bytes of the newest */
    size_t left;
};

void pool_init(struct pool *p);
void pool_release(struct pool *p);
void *pool_alloc(struct pool *p, size_t n);               /* zeroed, aligned for any object */
char *pool_copy(struct pool *p, const char *s, size_t n); /* with a NUL after it */
#endif
