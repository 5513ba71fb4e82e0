/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Actors in Lua. Methods are made from the call records of the loaded plugins: the names and the
 * order of arguments of the prompt, nothing kept twice. Beside them
 *
 *   actor.name, actor.pid
 *   actor.vars.NAME                      a variable, also of one that waits
 *   actor:await(address, offset, byte)   as the line  actor await ADDRESS[OFFSET] == 'BYTE'
 *   actor:print("EXPR")                  its value
 *   actor:try(call, ...)                 nil, err where the call itself would raise
 *   actor:start(call, ...)               a pending call (pending.c)
 *
 * What a call stores is not among the arguments but comes back; call.c says in which order. */
#include "lua/host.h"

#include "base/text.h"
#include "session/peek.h"

#define ACTOR "ipclab.actor"
#define VARS "ipclab.vars"
#define METHODS "ipclab.methods"

struct actor_ref {
    char name[SYMTAB_NAME_MAX + 1];
};

static void
push_ref(lua_State *L, const char *name, const char *type)
{
    struct actor_ref *ref = lua_newuserdatauv(L, sizeof *ref, 0);

    snprintf(ref->name, sizeof ref->name, "%s", name);
    luaL_setmetatable(L, type);
}

void
actor_push(lua_State *L, const char *name)
{
    push_ref(L, name, ACTOR);
}

const char *
actor_name(lua_State *L, int index)
{
    const struct actor_ref *ref = luaL_testudata(L, index, ACTOR);

    return ref != NULL ? ref->name : NULL;
}

struct actor *
actor_get(lua_State *L, const char *name)
{
    struct actor *a = world_actor(&host_of(L)->s->world, name);

    if (a == NULL)
        fault_raise(L, STATUS_LAB, "there is no actor '%s' in this world", name);
    return a;
}

/* The actor of a method. */
static const char *
self(lua_State *L, const char *method)
{
    const char *name = actor_name(L, 1);

    if (name == NULL)
        fault_raise(L, STATUS_LAB, "%s is a method of an actor: server:%s(...), with a colon",
                    method, method);
    return name;
}

static void
offer_call(void *ctx, const struct ipclab_call *record)
{
    near_offer(ctx, record->name);
}

static void
no_such_call(lua_State *L, const char *actor, const char *name)
{
    char shown[64];
    struct buf escaped = {0};
    struct near near;

    near_init(&near, name);
    catalog_each_call(&host_of(L)->s->launcher.catalog, offer_call, &near);
    text_escape(&escaped, name, strlen(name), true);
    snprintf(shown, sizeof shown, "%s", buf_text(&escaped));
    buf_release(&escaped);
    fault_raise(L, STATUS_LAB, "%s has no call '%s'%s%s%s", actor, shown,
                near.best[0] != '\0' ? "; did you mean " : "", near.best,
                near.best[0] != '\0' ? "?" : "");
}

/* ---- Making a call ------------------------------------------------------------------------- */

/* In which of its forms a call was asked for: a method, `try`, a variable that is looked at. */
enum form { FORM_METHOD, FORM_TRY, FORM_VARIABLE };

struct asked {
    const char *actor, *name;
    int index; /* of its first argument */
};

static struct asked
asked(lua_State *L, enum form form)
{
    const struct actor_ref *ref;

    if (form == FORM_METHOD)
        return (struct asked){self(L, lua_tostring(L, lua_upvalueindex(1))),
                              lua_tostring(L, lua_upvalueindex(1)), 2};
    if (form == FORM_TRY)
        return (struct asked){self(L, "try"), luaL_checkstring(L, 2), 3};
    ref = luaL_checkudata(L, 1, VARS);
    return (struct asked){ref->name, "print", 2};
}

static int
answer(lua_State *L, struct deed *d, enum form form)
{
    if (d->kept >= 0)
        kept_set(host_of(L), d->kept, d);
    if (form == FORM_TRY && call_failed(d)) {
        lua_pushnil(L);
        fault_push(L, d->error, buf_text(&d->words));
        return 2;
    }
    call_check(L, d);
    return call_results(L, d);
}

/* A program's call has come back, be it at once. */
static int
came_back(lua_State *L, int status, lua_KContext form)
{
    (void)status;
    return answer(L, programs_after(L), (enum form)form);
}

/* It is the program's turn. */
static int
take_turn(lua_State *L, int status, lua_KContext form)
{
    struct asked ask = asked(L, (enum form)form);
    struct deed *d = programs_deed(L);

    (void)status;
    call_prepare(L, d, ask.actor, ask.name, ask.index);
    call_perform(L, d);
    if (d->state == DEED_DONE && (call_failed(d) || !call_ends(d)))
        return came_back(L, LUA_OK, form);
    programs_wait(L);
    return lua_yieldk(L, 0, form, came_back); /* where it ended, for ever */
}

static int
perform(lua_State *L, enum form form)
{
    struct asked ask = asked(L, form);
    struct deed *d;

    if (programs_have(L)) {
        programs_before(L, ask.actor, ask.name);
        return lua_yieldk(L, 0, form, take_turn);
    }
    d = deed_now(host_of(L));
    call_prepare(L, d, ask.actor, ask.name, ask.index);
    call_perform(L, d);
    return answer(L, d, form);
}

static int
call(lua_State *L)
{
    return perform(L, FORM_METHOD);
}

static int
try(lua_State *L)
{
    const char *actor = self(L, "try"), *name = luaL_checkstring(L, 2);

    if (catalog_call(&host_of(L)->s->launcher.catalog, name, NULL) == NULL)
        no_such_call(L, actor, name);
    return perform(L, FORM_TRY);
}

/* ---- Fields -------------------------------------------------------------------------------- */

/* The method of this name, made once. */
static int
push_method(lua_State *L, const char *actor, const char *name)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, METHODS);
    if (lua_getfield(L, -1, name) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (strcmp(name, "await") != 0 && strcmp(name, "print") != 0 &&
        catalog_call(&host_of(L)->s->launcher.catalog, name, NULL) == NULL)
        no_such_call(L, actor, name);
    lua_pushstring(L, name);
    lua_pushcclosure(L, call, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
    return 1;
}

static int
index_actor(lua_State *L)
{
    const struct actor_ref *ref = luaL_checkudata(L, 1, ACTOR);
    const char *name = luaL_checkstring(L, 2);

    if (strcmp(name, "name") == 0)
        lua_pushstring(L, ref->name);
    else if (strcmp(name, "pid") == 0)
        lua_pushinteger(L, actor_get(L, ref->name)->pid);
    else if (strcmp(name, "vars") == 0)
        push_ref(L, ref->name, VARS);
    else
        return push_method(L, ref->name, name);
    return 1;
}

/* What a debugger sees of the variable of one that waits, and cannot print it. */
static int
push_seen(lua_State *L, const struct actor *a, const struct var *var)
{
    struct type t = var->type, element = type_element(t);
    size_t n = type_size(t);
    int64_t value = 0;

    if (t.count == 0) {
        if (!peek_number(a, t, var->addr, &value))
            return fault_raise(L, STATUS_LAB, "%s cannot be read in %s now", var->name, a->name);
        lua_pushinteger(L, value);
    } else if (type_is_text(t)) {
        char *room = lua_newuserdatauv(L, n + 1, 0);

        n = peek_bytes(a, var->addr, room, n);
        lua_pushlstring(L, room, strnlen(room, n));
    } else {
        lua_createtable(L, (int)t.count, 0);
        for (uint32_t i = 0; i < t.count; i++)
            if (peek_number(a, element, var->addr + i * type_size(element), &value)) {
                lua_pushinteger(L, value);
                lua_rawseti(L, -2, (lua_Integer)i + 1);
            }
    }
    return 1;
}

/* A pointer is a handle on its variable; anything else is printed, which is a step. */
static int
index_vars(lua_State *L)
{
    const struct actor_ref *ref = luaL_checkudata(L, 1, VARS);
    struct host *h = host_of(L);
    struct actor *a = actor_get(L, ref->name);
    const struct var *var = symtab_find(&a->symtab, luaL_checkstring(L, 2));

    if (var != NULL && var->type.stars > 0 && var->type.count == 0) {
        handle_push(L, kept_variable(h, a, var), 0);
        return 1;
    }
    if (var != NULL && a->state == ACTOR_BUSY)
        return push_seen(L, a, var);
    return perform(L, FORM_VARIABLE);
}

static int
refuse_write(lua_State *L)
{
    return fault_raise(L, STATUS_LAB,
                       "variables and actors change by lines and calls only: "
                       "s:run \"server x = 1\"");
}

static int
to_string(lua_State *L)
{
    const struct actor_ref *ref = lua_touserdata(L, 1);

    lua_pushstring(L, ref->name);
    return 1;
}

static int
equals(lua_State *L)
{
    const char *a = actor_name(L, 1), *b = actor_name(L, 2);

    lua_pushboolean(L, a != NULL && b != NULL && strcmp(a, b) == 0);
    return 1;
}

static void
make_type(lua_State *L, const char *type, lua_CFunction index)
{
    luaL_newmetatable(L, type);
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, to_string);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, equals);
    lua_setfield(L, -2, "__eq");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

/* `print` and `await` are lines, made as the calls are. */
static const struct api_entry entries[] = {
    {"name", NULL, NULL, "string", "what it is called"},
    {"pid", NULL, NULL, "integer", "its process, as the world counts"},
    {"vars", NULL, NULL, "table<string, any>", "its variables, also of one that waits"},
    {"print", NULL, "expression: string", "any", "the value of an expression in that process"},
    {"await", NULL, "address: ipclab.Address|string; offset?: integer; byte?: string|integer",
     "boolean", "waits until address[offset] is this byte, or until an expression holds"},
    {"try", try, "call: ipclab.Call; ...: any", "any; any ...",
     "what the call gives back; nil and an error where the call itself would raise"},
    {"start", pending_start, "call: ipclab.Call|\"await\"; ...: any", "ipclab.Pending",
     "begins a call that may wait"},
    {0}};

const struct api_class api_actor = {.name = "ipclab.Actor",
                                    .summary =
                                        "a process of the lab; its calls are methods, in C's "
                                        "order of arguments, flags and modes as texts",
                                    .entries = entries};

void
actor_open(lua_State *L)
{
    make_type(L, ACTOR, index_actor);
    make_type(L, VARS, index_vars);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, METHODS);
    object_set(L, &api_actor);
    lua_pop(L, 1);
}
