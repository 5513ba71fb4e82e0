/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one lab may use: memory through the allocator, instructions through a hook. Both only hold
 * for code that allocates or runs in the virtual machine; the guardian holds for the rest. A limit
 * that was reached stays reached: the hook raises again and again, so that no pcall gets past it.
 *
 * The state is never closed, because closing runs finalizers of the lab: its memory is a list of
 * blocks that is given back as a whole, and nothing of the lab runs any more. */
#include "lua/guardian.h"
#include "lua/host.h"

struct block {
    struct block *next, *previous;
};

static void
unlink_block(struct host *h, struct block *b)
{
    if (b->previous != NULL)
        b->previous->next = b->next;
    else
        h->blocks = b->next;
    if (b->next != NULL)
        b->next->previous = b->previous;
}

static void
link_block(struct host *h, struct block *b)
{
    b->previous = NULL;
    b->next = h->blocks;
    if (b->next != NULL)
        b->next->previous = b;
    h->blocks = b;
}

/* Nothing is changed by a refusal, so the state can be looked at from here; looking takes no
 * memory. */
static void *
refuse(struct host *h)
{
    if (h->L != NULL)
        fault_where(h->running, h->memory_place, sizeof h->memory_place);
    return NULL;
}

void *
limits_alloc(void *host, void *old, size_t size, size_t wanted)
{
    struct host *h = host;
    struct block *b = old != NULL ? (struct block *)old - 1 : NULL, *grown;

    if (old == NULL)
        size = 0; /* Lua says what kind of object it is for */
    if (wanted == 0) {
        if (b != NULL)
            unlink_block(h, b);
        free(b);
        h->memory -= size;
        return NULL;
    }
    if (wanted > size && wanted - size > HOST_MEMORY - h->memory)
        return refuse(h);
    if (b != NULL)
        unlink_block(h, b);
    grown = realloc(b, sizeof *b + wanted);
    if (grown == NULL) {
        if (b != NULL)
            link_block(h, b);
        return wanted <= size ? old : refuse(h);
    }
    link_block(h, grown);
    h->memory += wanted - size;
    return grown + 1;
}

void
limits_release(struct host *h)
{
    guardian_ask(NULL, NULL);
    h->L = NULL;
    while (h->blocks != NULL) {
        struct block *b = h->blocks;

        h->blocks = b->next;
        free(b);
    }
}

static void on_count(lua_State *L, lua_Debug *ar);

static void
look_at_limits(lua_State *L)
{
    struct host *h = host_of(L);

    if (h->s->interrupted != NULL && h->s->interrupted()) {
        lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
        fault_raise(L, STATUS_INTERRUPTED, "interrupted");
    }
    if (!h->over && h->instructions <= HOST_INSTRUCTIONS && !guardian_time_is_up())
        return;
    if (!h->over)
        fault_where(L, h->over_place, sizeof h->over_place);
    h->over = true;
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    if (guardian_time_is_up())
        fault_raise(L, STATUS_STUCK,
                    "out of time: the lab was not at its end when its clock ran "
                    "out");
    fault_raise(L, STATUS_STUCK, "instruction limit (%d million): a loop that never ends?",
                HOST_INSTRUCTIONS / 1000000);
}

static void
on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    host_of(L)->instructions += HOST_HOOK_EVERY;
    look_at_limits(L);
}

void
limits_charge(lua_State *L, int64_t instructions)
{
    host_of(L)->instructions += instructions;
    look_at_limits(L);
}

static void
where(void *ctx, char *room, size_t n)
{
    struct host *h = ctx;

    if (h->L != NULL)
        fault_where(h->running, room, n);
}

void
limits_start(lua_State *L)
{
    lua_sethook(L, on_count, LUA_MASKCOUNT, HOST_HOOK_EVERY);
    guardian_ask(where, host_of(L));
}
