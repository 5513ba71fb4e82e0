/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variables are kept in the order in which they came, with an index sorted by name beside them, so
 * that one binary search serves few and many. Addresses only grow: rolling back is cutting off. */
#include "lang/symtab.h"

#include <string.h>

#include "base/mem.h"

struct literal {
    char *bytes; /* NULL: the slot is free */
    size_t n;
    uint64_t hash, addr;
};

void
symtab_init(struct symtab *t)
{
    *t = (struct symtab){.next = ARENA_BASE, .next_literal = LITERAL_BASE};
    symtab_add(t, "errno", (struct type){.base = TYPE_INT});
}

void
symtab_release(struct symtab *t)
{
    for (int i = 0; i < t->literals_cap; i++)
        free(t->literals[i].bytes);
    free(t->literals);
    free(t->vars);
    free(t->sorted);
    *t = (struct symtab){0};
}

static char *
copy_bytes(const char *bytes, size_t n)
{
    char *copy = mem_alloc(n + 1);

    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

void
symtab_copy(struct symtab *to, const struct symtab *from)
{
    *to = *from;
    to->vars = mem_alloc((size_t)from->cap * sizeof *to->vars);
    to->sorted = mem_alloc((size_t)from->cap * sizeof *to->sorted);
    memcpy(to->vars, from->vars, (size_t)from->n * sizeof *to->vars);
    memcpy(to->sorted, from->sorted, (size_t)from->n * sizeof *to->sorted);
    to->literals = NULL;
    if (from->literals_cap == 0)
        return;
    to->literals = mem_alloc((size_t)from->literals_cap * sizeof *to->literals);
    for (int i = 0; i < from->literals_cap; i++) {
        to->literals[i] = from->literals[i];
        if (from->literals[i].bytes != NULL)
            to->literals[i].bytes = copy_bytes(from->literals[i].bytes, from->literals[i].n);
    }
}

/* The place in sorted where name is, or where it belongs. */
static int
place(const struct symtab *t, const char *name, bool *found)
{
    int low = 0, high = t->n;

    while (low < high) {
        int mid = (low + high) / 2;
        int order = strcmp(t->vars[t->sorted[mid]].name, name);

        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = false;
    return low;
}

const struct var *
symtab_find(const struct symtab *t, const char *name)
{
    bool found;
    int i = place(t, name, &found);

    return found ? &t->vars[t->sorted[i]] : NULL;
}

static void
grow(struct symtab *t)
{
    if (t->n < t->cap)
        return;
    t->cap = t->cap > 0 ? t->cap * 2 : 8;
    t->vars = mem_grow(t->vars, (size_t)t->cap * sizeof *t->vars);
    t->sorted = mem_grow(t->sorted, (size_t)t->cap * sizeof *t->sorted);
}

const struct var *
symtab_add(struct symtab *t, const char *name, struct type type)
{
    bool found;
    int i = place(t, name, &found);
    size_t size = type_size(type), len = strlen(name);
    struct var *var;

    if (size == 0 || size > ARENA_BASE + ARENA_SIZE - t->next || len > SYMTAB_NAME_MAX)
        return NULL;
    if (!found) {
        if (t->n >= SYMTAB_MAX)
            return NULL;
        grow(t);
        memmove(t->sorted + i + 1, t->sorted + i, (size_t)(t->n - i) * sizeof *t->sorted);
        t->sorted[i] = (uint16_t)t->n++;
    }
    var = &t->vars[t->sorted[i]];
    *var = (struct var){.type = type, .addr = t->next};
    memcpy(var->name, name, len);
    t->next += (size + 15) & ~15UL;
    return var;
}

static uint64_t
hash_bytes(const char *bytes, size_t n)
{
    uint64_t hash = 0xcbf29ce484222325UL;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3UL;
    return hash ^ hash >> 32;
}

static struct literal *
slot(const struct symtab *t, uint64_t hash, const char *bytes, size_t n)
{
    uint64_t mask = (uint64_t)t->literals_cap - 1;

    for (uint64_t i = hash & mask;; i = (i + 1) & mask) {
        struct literal *l = &t->literals[i];

        if (l->bytes == NULL ||
            (l->hash == hash && l->n == n && (n == 0 || memcmp(l->bytes, bytes, n) == 0)))
            return l;
    }
}

static void
rehash(struct symtab *t, int cap)
{
    struct literal *old = t->literals;
    int old_cap = t->literals_cap;

    t->literals = mem_alloc((size_t)cap * sizeof *t->literals);
    t->literals_cap = cap;
    for (int i = 0; i < old_cap; i++) {
        if (old[i].bytes != NULL)
            *slot(t, old[i].hash, old[i].bytes, old[i].n) = old[i];
    }
    free(old);
}

uint64_t
symtab_literal(struct symtab *t, const char *bytes, size_t n, bool *fresh)
{
    uint64_t hash = hash_bytes(bytes, n);
    struct literal *l;

    if (t->nliterals * 2 >= t->literals_cap)
        rehash(t, t->literals_cap > 0 ? t->literals_cap * 2 : 8);
    l = slot(t, hash, bytes, n);
    *fresh = l->bytes == NULL;
    if (!*fresh)
        return l->addr;
    if (n + 1 > LITERAL_BASE + LITERAL_SIZE - t->next_literal)
        return 0;
    *l = (struct literal){copy_bytes(bytes, n), n, hash, t->next_literal};
    t->next_literal += n + 1;
    t->nliterals++;
    return l->addr;
}

struct symtab_mark
symtab_mark(const struct symtab *t)
{
    return (struct symtab_mark){.n = t->n,
                                .nliterals = t->nliterals,
                                .next = t->next,
                                .next_literal = t->next_literal,
                                .retyped = -1};
}

void
symtab_mark_retype(struct symtab_mark *m, const struct symtab *t, const char *name)
{
    const struct var *var = symtab_find(t, name);

    if (var == NULL || var - t->vars >= m->n)
        return;
    m->retyped = (int)(var - t->vars);
    m->old = *var;
}

/* Which slot a literal probes to depends on what came before it, so the table is made again. */
static void
rollback_literals(struct symtab *t, const struct symtab_mark *m)
{
    for (int i = 0; i < t->literals_cap; i++) {
        if (t->literals[i].bytes != NULL && t->literals[i].addr >= m->next_literal) {
            free(t->literals[i].bytes);
            t->literals[i] = (struct literal){0};
        }
    }
    rehash(t, t->literals_cap);
    t->nliterals = m->nliterals;
    t->next_literal = m->next_literal;
}

void
symtab_rollback(struct symtab *t, const struct symtab_mark *m)
{
    int kept = 0;

    for (int i = 0; i < t->n; i++) {
        if (t->sorted[i] < m->n)
            t->sorted[kept++] = t->sorted[i];
    }
    t->n = m->n;
    t->next = m->next;
    if (m->retyped >= 0)
        t->vars[m->retyped] = m->old;
    if (t->nliterals != m->nliterals)
        rollback_literals(t, m);
}
