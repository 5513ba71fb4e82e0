/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses and streams in Lua. A number would be another one in the next run, so what Lua holds
 * is where the actor keeps it: a variable, and how far beyond it. In a line it stands as that
 * expression. It means something in that process only, and in children that were forked after it
 * was set: processes share no memory. */
#include "base/mem.h"
#include "lua/host.h"

#define HANDLE "ipclab.handle"

struct handle {
    int kept;
    int64_t offset; /* elements, as C counts them */
};

/* ---- Where results are kept ---------------------------------------------------------------- */

static int
add_kept(struct host *h, const struct actor *a, const char *name, enum ipclab_type type, int plugin)
{
    struct kept *k;

    if (h->nkept == h->cap_kept) {
        h->cap_kept = h->cap_kept ? h->cap_kept * 2 : 16;
        h->kept = mem_grow(h->kept, sizeof *h->kept * (size_t)h->cap_kept);
    }
    k = &h->kept[h->nkept];
    *k = (struct kept){.actor = a->id, .world = h->world, .type = type, .plugin = plugin};
    snprintf(k->name, sizeof k->name, "%s", name);
    return h->nkept++;
}

int
kept_new(struct host *h, struct actor *a, const struct deed *d)
{
    enum ipclab_type type = d->call->result;
    char name[SYMTAB_NAME_MAX + 1];

    for (int i = 0; i < h->nkept; i++)
        if (h->kept[i].spare && h->kept[i].actor == a->id && h->kept[i].world == h->world &&
            h->kept[i].type == type) {
            h->kept[i].spare = false;
            h->kept[i].plugin = d->plugin;
            return i;
        }
    for (int n = 1;; n++) {
        snprintf(name, sizeof name, "r%d", n);
        if (symtab_find(&a->symtab, name) == NULL && world_actor(&h->s->world, name) == NULL)
            return add_kept(h, a, name, type, d->plugin);
    }
}

/* A failure, and what the actor has already, need no variable of their own. */
void
kept_set(struct host *h, int kept, const struct deed *d)
{
    struct kept *k = &h->kept[kept];
    const struct actor *a = world_actor(&h->s->world, d->actor);

    k->spare = d->state != DEED_DONE || d->error[0] != '\0' ||
               (a != NULL && k->type == IPCLAB_OBJECT &&
                kept_find_object(h, a, k->plugin, d->ret) != NULL);
    k->known = !k->spare;
    k->value = d->ret;
    k->step = d->step;
}

/* Does the variable mean the same to this actor: is it its own, or was it copied by fork? */
static bool
is_meant(const struct host *h, const struct kept *k, const struct actor *a)
{
    const struct world *w = &h->s->world;

    if (k->world != h->world)
        return false;
    while (a->id != k->actor) {
        if (a->parent < 0 || a->id >= h->nborn || h->born[a->id] <= k->step)
            return false;
        a = w->actors[a->parent];
    }
    return true;
}

const struct kept *
kept_find_object(struct host *h, const struct actor *a, int plugin, int64_t id)
{
    const struct kept *k;

    for (k = h->kept; k < h->kept + h->nkept; k++)
        if (k->known && k->type == IPCLAB_OBJECT && k->plugin == plugin && k->value == id &&
            is_meant(h, k, a))
            return k;
    return NULL;
}

int
kept_variable(struct host *h, const struct actor *a, const struct var *var)
{
    enum ipclab_type type = var->type.base == TYPE_FILE ? IPCLAB_STREAM : IPCLAB_POINTER;
    int i;

    for (i = 0; i < h->nkept; i++)
        if (h->kept[i].actor == a->id && h->kept[i].world == h->world &&
            strcmp(h->kept[i].name, var->name) == 0)
            return i;
    i = add_kept(h, a, var->name, type, -1);
    h->kept[i].step = h->s->steps;
    return i;
}

/* ---- Handles ------------------------------------------------------------------------------- */

void
handle_push(lua_State *L, int kept, int64_t offset)
{
    struct handle *p = lua_newuserdatauv(L, sizeof *p, 0);

    p->kept = kept;
    p->offset = offset;
    luaL_setmetatable(L, HANDLE);
}

bool
handle_is(lua_State *L, int index)
{
    return luaL_testudata(L, index, HANDLE) != NULL;
}

const struct kept *
handle_kept(lua_State *L, int index)
{
    const struct handle *p = luaL_testudata(L, index, HANDLE);

    return p != NULL ? &host_of(L)->kept[p->kept] : NULL;
}

static const char *
owner(struct host *h, const struct kept *k)
{
    return k->world == h->world && k->actor < h->s->world.nactors
               ? h->s->world.actors[k->actor]->name
               : "an actor of a world that is gone";
}

static const struct handle *
checked(lua_State *L, int index, struct actor *a)
{
    const struct handle *p = luaL_checkudata(L, index, HANDLE);
    struct host *h = host_of(L);

    if (!is_meant(h, &h->kept[p->kept], a))
        fault_raise(L, STATUS_LAB,
                    "%s belongs to %s, and %s has no such address: processes share "
                    "no memory",
                    h->kept[p->kept].name, owner(h, &h->kept[p->kept]), a->name);
    return p;
}

void
handle_put(lua_State *L, int index, struct actor *a, struct buf *out)
{
    const struct handle *p = checked(L, index, a);

    buf_puts(out, host_of(L)->kept[p->kept].name);
    if (p->offset != 0)
        buf_printf(out, " %c %lld", p->offset > 0 ? '+' : '-',
                   (long long)(p->offset > 0 ? p->offset : -p->offset));
}

void
handle_put_element(lua_State *L, int index, struct actor *a, int64_t n, struct buf *out)
{
    const struct handle *p = checked(L, index, a);

    buf_printf(out, "%s[%lld]", host_of(L)->kept[p->kept].name, (long long)(p->offset + n));
}

static int
move(lua_State *L, int64_t sign)
{
    int at = handle_is(L, 1) ? 1 : 2, other = 3 - at;
    const struct handle *p = luaL_checkudata(L, at, HANDLE);
    int64_t n;

    if (host_of(L)->kept[p->kept].type != IPCLAB_POINTER)
        return fault_raise(L, STATUS_LAB, "a FILE * is no address to count from");
    if (sign < 0 && other == 1)
        return fault_raise(L, STATUS_LAB, "an address cannot be taken from a number");
    n = luaL_checkinteger(L, other);
    if (n > INT32_MAX || n < -INT32_MAX)
        return fault_raise(L, STATUS_LAB, "%lld bytes is further than any memory here",
                           (long long)n);
    handle_push(L, p->kept, p->offset + sign * n);
    return 1;
}

static int
add(lua_State *L)
{
    return move(L, 1);
}

static int
sub(lua_State *L)
{
    const struct handle *p = luaL_testudata(L, 1, HANDLE), *q = luaL_testudata(L, 2, HANDLE);

    if (p == NULL || q == NULL)
        return move(L, -1);
    if (p->kept != q->kept)
        return fault_raise(L, STATUS_LAB,
                           "two addresses are only compared within one piece of "
                           "memory");
    lua_pushinteger(L, p->offset - q->offset);
    return 1;
}

static int
equals(lua_State *L)
{
    const struct handle *p = luaL_checkudata(L, 1, HANDLE), *q = luaL_checkudata(L, 2, HANDLE);
    const struct kept *k = &host_of(L)->kept[p->kept], *l = &host_of(L)->kept[q->kept];

    lua_pushboolean(L, (p->kept == q->kept && p->offset == q->offset) ||
                           (k->known && l->known && k->actor == l->actor && k->world == l->world &&
                            k->value + p->offset == l->value + q->offset));
    return 1;
}

static int
to_string(lua_State *L)
{
    const struct handle *p = luaL_checkudata(L, 1, HANDLE);
    struct host *h = host_of(L);
    const struct kept *k = &h->kept[p->kept];

    if (p->offset == 0)
        lua_pushfstring(L, "%s of %s", k->name, owner(h, k));
    else
        lua_pushfstring(L, "%s + %I of %s", k->name, (LUAI_UACINT)p->offset, owner(h, k));
    return 1;
}

void
handle_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"__add", add}, {"__sub", sub}, {"__eq", equals}, {"__tostring", to_string}, {NULL, NULL}};

    luaL_newmetatable(L, HANDLE);
    luaL_setfuncs(L, methods, 0);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
