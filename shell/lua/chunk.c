/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lua at the prompt: one state that lasts as long as the session, in the same sandbox and with the
 * same limits as a lab; those of time are counted anew for each chunk. `s` is the session, and the
 * name of an actor is that actor. */
#include "base/mem.h"
#include "lua/guided.h"
#include "lua/host.h"

struct chunks {
    struct host host;
    struct guided guided; /* a table of a lab that was typed */
    struct lab_file file; /* what messages call it, and a folder without modules */
};

/* A name that is no variable of Lua: an actor? */
static int
actor_by_name(lua_State *L)
{
    struct session *s = host_of(L)->s;

    if (lua_type(L, 2) == LUA_TSTRING && s->has_world &&
        world_actor(&s->world, lua_tostring(L, 2)) != NULL)
        actor_push(L, lua_tostring(L, 2));
    else
        lua_pushnil(L);
    return 1;
}

static int
boot(lua_State *L)
{
    sandbox_open(L);
    object_push_session(L);
    lua_setglobal(L, "s");
    lua_pushglobaltable(L);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, actor_by_name);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    return 0;
}

/* Compiles the text at 1 as an expression whose values are shown, else as what it is. */
static int
run(lua_State *L)
{
    size_t n;
    const char *text = lua_tolstring(L, 1, &n);

    limits_start(L);
    lua_pushfstring(L, "return %s", text);
    if (luaL_loadbufferx(L, lua_tostring(L, -1), n + strlen("return "), "=lua", "t") != LUA_OK) {
        lua_settop(L, 1);
        if (luaL_loadbufferx(L, text, n, "=lua", "t") != LUA_OK)
            return lua_error(L);
    }
    lua_replace(L, 1);
    lua_settop(L, 1);
    lua_call(L, 0, LUA_MULTRET);
    n = (size_t)lua_gettop(L);
    if (n == 0)
        return 0;
    luaL_checkstack(L, 2, "too many results to show");
    lua_getglobal(L, "print");
    lua_insert(L, 1);
    lua_call(L, (int)n, 0);
    return 0;
}

static int
failed(struct host *h, int result, struct err *err)
{
    enum status status = h->fault.status == STATUS_LAB ? STATUS_USAGE : h->fault.status;
    const char *text = lua_type(h->L, -1) == LUA_TSTRING ? lua_tostring(h->L, -1) : "an error";

    if (result == LUA_ERRMEM)
        return err_set(err, STATUS_STUCK, "lua: memory limit (%d MB)", HOST_MEMORY >> 20);
    err_set(err,
            h->over               ? STATUS_STUCK
            : status != STATUS_OK ? status
                                  : STATUS_USAGE,
            "%.*s", (int)strcspn(text, "\n"), text);
    return -1;
}

static struct chunks *
open_chunks(struct session *s, struct err *err)
{
    struct chunks *c = mem_alloc(sizeof *c);

    *c = (struct chunks){.file = {.folder = NULL, .shown = "lua"}};
    c->file.folder = mem_copy("/nowhere"); /* `require` finds "ipclab" only */
    c->host = (struct host){.s = s, .file = &c->file, .guided = &c->guided};
    c->host.L = lua_newstate(limits_alloc, &c->host);
    s->chunks = c;
    deed_listen(&c->host);
    if (c->host.L == NULL) {
        err_set(err, STATUS_MACHINE, "no memory for Lua");
    } else {
        *(struct host **)lua_getextraspace(c->host.L) = &c->host;
        c->host.running = c->host.L;
        lua_pushcfunction(c->host.L, boot);
        if (lua_pcall(c->host.L, 0, 0, 0) == LUA_OK)
            return c;
        err_set(err, STATUS_MACHINE, "Lua cannot start: %.200s", lua_tostring(c->host.L, -1));
    }
    chunk_release(s);
    return NULL;
}

/* A function, so that the copy of the text is made under protection. */
static int
copy_text(lua_State *L)
{
    lua_pushstring(L, lua_touserdata(L, 1));
    return 1;
}

int
chunk_run(struct session *s, const char *text, struct err *err)
{
    struct chunks *c = s->chunks != NULL ? s->chunks : open_chunks(s, err);
    struct host *h = c != NULL ? &c->host : NULL;
    int result;

    if (c == NULL)
        return -1;
    h->instructions = 0;
    h->printed = 0;
    h->over = false;
    h->fault.status = STATUS_OK;
    lua_settop(h->L, 0);
    lua_pushcfunction(h->L, fault_handler);
    lua_pushcfunction(h->L, run);
    lua_pushcfunction(h->L, copy_text);
    lua_pushlightuserdata(h->L, (void *)(uintptr_t)text);
    result = lua_pcall(h->L, 1, 1, 0);
    if (result == LUA_OK)
        result = lua_pcall(h->L, 1, 0, 1);
    if (result == LUA_OK && !h->over)
        return 0;
    return failed(h, result, err);
}

void
chunk_release(struct session *s)
{
    struct chunks *c = s->chunks;

    if (c == NULL)
        return;
    s->chunks = NULL;
    order_release(&c->host);
    limits_release(&c->host);
    deed_unlisten(&c->host);
    guided_release(&c->guided);
    buf_release(&c->host.fault.frames);
    buf_release(&c->host.scratch);
    buf_release(&c->host.line);
    buf_release(&c->host.text);
    free(c->host.kept);
    free(c->host.born);
    free(c->file.folder);
    free(c);
}
