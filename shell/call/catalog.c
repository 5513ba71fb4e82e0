/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking things up in a decoded catalogue. Names of calls and of constants are in two open hash
 * tables; the entries stay in the order of the plugins, so that what is listed is stable, and a
 * constant that several records name (O_NONBLOCK) is there once, as the first plugin has it. */
#include "base/mem.h"
#include "call/catalog_parts.h"

struct entry {
    const char *name;
    const void *record;
    struct call_ref ref; /* of calls */
    uint32_t hash;
};

struct table {
    struct entry *entries;
    uint32_t n, cap;
    uint32_t *slots; /* index into entries + 1; 0 is free */
    uint32_t mask;
};

struct catalog_index {
    struct table calls, constants;
};

static uint32_t
hash_name(const char *s)
{
    uint32_t h = 2166136261u;

    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    return h;
}

/* Where the name is, or the free slot where it would be. */
static uint32_t *
table_slot(const struct table *t, const char *name, uint32_t hash)
{
    for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
        const struct entry *e = t->slots[i] != 0 ? &t->entries[t->slots[i] - 1] : NULL;

        if (e == NULL || (e->hash == hash && strcmp(e->name, name) == 0))
            return &t->slots[i];
    }
}

static const struct entry *
table_find(const struct table *t, const char *name)
{
    uint32_t *slot = t->n > 0 ? table_slot(t, name, hash_name(name)) : NULL;

    return slot != NULL && *slot != 0 ? &t->entries[*slot - 1] : NULL;
}

static void
table_grow(struct table *t)
{
    t->cap = t->cap != 0 ? t->cap * 2 : 256;
    t->entries = mem_grow(t->entries, t->cap * sizeof *t->entries);
    free(t->slots);
    t->slots = mem_alloc(2 * t->cap * sizeof *t->slots);
    t->mask = 2 * t->cap - 1;
    for (uint32_t i = 0; i < t->n; i++)
        *table_slot(t, t->entries[i].name, t->entries[i].hash) = i + 1;
}

/* NULL when it was added, or the entry that has the name already. */
static const struct entry *
table_add(struct table *t, const char *name, const void *record, struct call_ref ref)
{
    uint32_t hash = hash_name(name), *slot;

    if (t->n == t->cap)
        table_grow(t);
    slot = table_slot(t, name, hash);
    if (*slot != 0)
        return &t->entries[*slot - 1];
    t->entries[t->n] = (struct entry){name, record, ref, hash};
    *slot = ++t->n;
    return NULL;
}

static void
add_constants(struct table *t, const struct ipclab_constant *k)
{
    for (; k != NULL && k->name != NULL; k++)
        table_add(t, k->name, k, (struct call_ref){-1, -1});
}

static int
add_plugin(struct catalog *c, int i, struct err *err)
{
    const struct catalog_plugin *p = &c->plugins[i];

    for (int j = 0; j < p->ncalls; j++) {
        const struct ipclab_call *call = &p->p.calls[j];
        const struct entry *other =
            table_add(&c->index->calls, call->name, call, (struct call_ref){i, j});

        if (other != NULL)
            return err_set(err, STATUS_MACHINE, "call %s is in %.200s and in %.200s", call->name,
                           c->plugins[other->ref.plugin].path, p->path);
        for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
            add_constants(&c->index->constants, a->constants);
    }
    for (int j = 0; j < p->nkinds; j++)
        if (catalog_kind(c, p->p.kinds[j].name) != &p->p.kinds[j])
            return err_set(err, STATUS_MACHINE, "kind %s is in two plugins, one is %.200s",
                           p->p.kinds[j].name, p->path);
    for (int j = 0; j < p->nbenches; j++)
        for (int k = 0; k < i; k++)
            for (int m = 0; m < c->plugins[k].nbenches; m++)
                if (strcmp(c->plugins[k].p.benches[m].name, p->p.benches[j].name) == 0)
                    return err_set(err, STATUS_MACHINE, "bench %s is in %.200s and in %.200s",
                                   p->p.benches[j].name, c->plugins[k].path, p->path);
    add_constants(&c->index->constants, p->p.constants);
    return 0;
}

int
catalog_index_build(struct catalog *c, struct err *err)
{
    c->index = mem_alloc(sizeof *c->index);
    for (int i = 0; i < c->nplugins; i++)
        if (add_plugin(c, i, err) < 0)
            return -1;
    return 0;
}

void
catalog_index_free(struct catalog_index *index)
{
    if (index == NULL)
        return;
    free(index->calls.entries);
    free(index->calls.slots);
    free(index->constants.entries);
    free(index->constants.slots);
    free(index);
}

const struct ipclab_call *
catalog_call(const struct catalog *c, const char *name, struct call_ref *ref)
{
    const struct entry *e = c->index != NULL ? table_find(&c->index->calls, name) : NULL;

    if (e == NULL)
        return NULL;
    if (ref != NULL)
        *ref = e->ref;
    return e->record;
}

const struct ipclab_kind *
catalog_kind(const struct catalog *c, const char *name)
{
    for (int i = 0; i < c->nplugins; i++)
        for (int j = 0; j < c->plugins[i].nkinds; j++)
            if (strcmp(c->plugins[i].p.kinds[j].name, name) == 0)
                return &c->plugins[i].p.kinds[j];
    return NULL;
}

unsigned
catalog_kind_traits(const struct catalog *c, const struct ipclab_kind *kind)
{
    for (int i = 0; i < c->nplugins; i++)
        for (int j = 0; j < c->plugins[i].nkinds; j++)
            if (&c->plugins[i].p.kinds[j] == kind)
                return c->plugins[i].kind_traits[j];
    return 0;
}

bool
catalog_constant(const struct catalog *c, const char *name, int64_t *value)
{
    const struct entry *e = c->index != NULL ? table_find(&c->index->constants, name) : NULL;

    if (e == NULL)
        return false;
    *value = ((const struct ipclab_constant *)e->record)->value;
    return true;
}

void
catalog_each_call(const struct catalog *c, void (*fn)(void *ctx, const struct ipclab_call *call),
                  void *ctx)
{
    for (uint32_t i = 0; c->index != NULL && i < c->index->calls.n; i++)
        fn(ctx, c->index->calls.entries[i].record);
}

void
catalog_each_constant(const struct catalog *c,
                      void (*fn)(void *ctx, const struct ipclab_constant *k), void *ctx)
{
    for (uint32_t i = 0; c->index != NULL && i < c->index->constants.n; i++)
        fn(ctx, c->index->constants.entries[i].record);
}

int
catalog_nargs(const struct ipclab_call *call)
{
    int n = 0;

    while (n < IPCLAB_MAX_ARGS && call->args[n].type != IPCLAB_END)
        n++;
    return n;
}

const struct ipclab_arg *
catalog_arg(const struct ipclab_call *call, int i)
{
    int n = catalog_nargs(call), first = 0;

    while (first < n && (call->args[first].flags & IPCLAB_REST) == 0)
        first++;
    if (i < first)
        return &call->args[i];
    return first < n ? &call->args[first + (i - first) % (n - first)] : NULL;
}
