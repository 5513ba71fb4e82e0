/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs as coroutines: how one takes its turn, comes to be and ends. See programs.h. */
#include "lua/programs.h"

#include "base/mem.h"

/* ---- A turn, as the methods of actors take it ---------------------------------------------- */

static struct program *
running(const struct host *h)
{
    return h->programs != NULL && h->programs->running >= 0
               ? &h->programs->list[h->programs->running]
               : NULL;
}

bool
programs_have(lua_State *L)
{
    return running(host_of(L)) != NULL;
}

void
programs_refuse(lua_State *L, const char *what)
{
    const struct program *p = running(host_of(L));

    if (p != NULL)
        fault_raise(L, STATUS_LAB,
                    "the program of %s makes its own calls, one a turn; %s is for "
                    "lab.orchestrated",
                    p->name, what);
}

/* fork("child", function(child, s) ... end): the function is kept apart from the arguments. */
static void
take_child(lua_State *L, struct program *p, const char *name)
{
    const struct ipclab_call *call = catalog_call(&host_of(L)->s->launcher.catalog, name, NULL);

    if (call == NULL || (call->flags & IPCLAB_MAKES_PROCESS) == 0)
        return;
    if (!lua_isfunction(L, -1))
        fault_raise(L, STATUS_LAB,
                    "%s: the child has a program too: %s:%s(\"child\", "
                    "function(child, s) ... end)",
                    name, p->name, name);
    p->child = luaL_ref(L, LUA_REGISTRYINDEX);
}

void
programs_before(lua_State *L, const char *actor, const char *name)
{
    struct program *p = running(host_of(L));

    if (strcmp(actor, p->name) != 0)
        fault_raise(L, STATUS_LAB,
                    "%s: the program of %s leads %s alone; %s has a program of its "
                    "own",
                    name, p->name, p->name, actor);
    if (L != p->thread)
        fault_raise(L, STATUS_LAB, "%s: a program makes its calls itself, not in a coroutine",
                    name);
    if (!lua_isyieldable(L))
        fault_raise(L, STATUS_LAB,
                    "%s: no call can be made inside table.sort, string.gsub or a "
                    "finalizer: another may move before it",
                    name);
    take_child(L, p, name);
    p->state = PROGRAM_READY;
}

void
programs_wait(lua_State *L)
{
    running(host_of(L))->state = PROGRAM_WAITS;
}

struct deed *
programs_deed(lua_State *L)
{
    struct deed *d = running(host_of(L))->deed;

    deed_again(d);
    return d;
}

struct deed *
programs_after(lua_State *L)
{
    struct program *p = running(host_of(L));
    struct deed *d = p->deed;
    int child = p->child;

    p->child = LUA_NOREF;
    if (d->child[0] != '\0') {
        lua_rawgeti(L, LUA_REGISTRYINDEX, child);
        programs_add(L, d->child);
    }
    luaL_unref(L, LUA_REGISTRYINDEX, child);
    return d;
}

/* ---- Coming and going ---------------------------------------------------------------------- */

static void
end(lua_State *L, struct program *p)
{
    if (p->thread == NULL)
        return;
    if (p->state != PROGRAM_STOPPED && lua_status(p->thread) == LUA_YIELD)
        lua_resetthread(p->thread);
    p->state = PROGRAM_STOPPED;
    p->thread = NULL;
    luaL_unref(L, LUA_REGISTRYINDEX, p->ref);
}

static int
ended(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

/* The function has returned, as main does: the process exits. */
static int
returned(lua_State *L, int status, lua_KContext ctx)
{
    int number = 0;

    (void)status;
    (void)ctx;
    if (!lua_isnil(L, -1) && (lua_tointegerx(L, -1, &number), !number))
        return fault_raise(L, STATUS_LAB,
                           "%s: the program of %s returned a %s; it returns the status of its "
                           "process, a whole number, or nothing",
                           host_of(L)->file->shown, running(host_of(L))->name,
                           luaL_typename(L, -1));
    lua_getfield(L, 1, "exit");
    lua_pushvalue(L, 1);
    lua_pushinteger(L, lua_tointeger(L, -3));
    lua_callk(L, 2, 0, 0, ended);
    return ended(L, LUA_OK, 0);
}

/* What the thread runs: the actor, its function, the actor and the session again. */
static int
body(lua_State *L)
{
    lua_callk(L, 2, 1, 0, returned);
    return returned(L, LUA_OK, 0);
}

void
programs_advance(lua_State *L, struct program *p)
{
    struct host *h = host_of(L);
    struct programs *all = h->programs;
    lua_State *thread = p->thread, *before = h->running;
    char place[128] = "";
    int at = (int)(p - all->list), status, n;

    p->state = PROGRAM_RUNS;
    all->running = at;
    h->running = thread;
    status = lua_resume(thread, L, lua_status(thread) == LUA_OK ? lua_gettop(thread) - 1 : 0, &n);
    h->running = before;
    all->running = -1;
    p = &all->list[at]; /* there may be more by now */
    if (status == LUA_YIELD && p->state != PROGRAM_RUNS)
        return; /* its call has said why */
    if (status == LUA_YIELD) {
        fault_where(thread, place, sizeof place);
        fault_raise(L, STATUS_LAB,
                    "%s: the program of %s gives up control by its calls, not by coroutine.yield",
                    place, p->name);
    }
    if (status == LUA_OK) {
        end(L, p);
        return;
    }
    lua_xmove(thread, L, 1);
    fault_passed(L, thread, "in the program of ", p->name);
    lua_error(L);
}

/* The function is on top, and taken away. */
void
programs_add(lua_State *L, const char *name)
{
    struct host *h = host_of(L);
    struct programs *all = h->programs;
    struct program *p;

    if (all->n == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 8;
        all->list = mem_grow(all->list, sizeof *all->list * (size_t)all->cap);
    }
    p = &all->list[all->n++];
    *p = (struct program){.state = PROGRAM_STOPPED, .child = LUA_NOREF};
    snprintf(p->name, sizeof p->name, "%s", name);
    p->deed = deed_new(h);
    p->thread = lua_newthread(L);
    p->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    p->state = PROGRAM_READY;
    lua_pushcfunction(p->thread, body);
    actor_push(p->thread, name);
    lua_xmove(L, p->thread, 1);
    actor_push(p->thread, name);
    object_push_session(p->thread);
}

void
programs_settle(lua_State *L)
{
    struct host *h = host_of(L);
    struct programs *all = h->programs;

    for (int i = 0; i < all->n; i++) { /* a program that goes on may fork more */
        struct program *p = &all->list[i];
        const struct actor *a = world_actor(&h->s->world, p->name);

        if (p->state != PROGRAM_STOPPED &&
            (a == NULL || !actor_alive(a) || a->state == ACTOR_FOREIGN))
            end(L, p);
        else if (p->state == PROGRAM_WAITS && p->deed->state != DEED_RUNS)
            programs_advance(L, p);
        else if (p->state == PROGRAM_READY && lua_status(p->thread) == LUA_OK)
            programs_advance(L, p); /* a new one, up to its first call */
    }
}

void
programs_release(struct host *h)
{
    if (h->programs == NULL)
        return;
    schedule_release(&h->programs->schedule);
    free(h->programs->list);
    free(h->programs);
    h->programs = NULL;
}
