/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * h:object("shm#1"): an object as it stands now, asked of the world and not of the trace: its state
 * fields, `kind`, `name`, and who has which end of it open, as lists of actors: w, r and holders.
 * nil when there is none of that name any more. */
#include <jansson.h>

#include "lua/look.h"
#include "session/inventory.h"

static void
put_json(lua_State *L, const json_t *value)
{
    if (json_is_string(value))
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value))
        lua_pushinteger(L, json_integer_value(value));
    else
        lua_pushnil(L);
}

static void
put_state(lua_State *L, const struct session *s, const struct thing *t)
{
    json_t *state = json_object(), *value;
    const char *name;

    inventory_fields(s, &t->state, state);
    json_object_foreach(state, name, value)
    {
        put_json(L, value);
        lua_setfield(L, -2, name);
    }
    json_decref(state);
}

/* Actors with a descriptor of it that writes, reads, or whatever: each once. */
static void
put_holders(lua_State *L, const struct session *s, const struct inventory *inv,
            const struct thing *t, const char *name, const char *modes)
{
    lua_Integer n = 0;

    lua_newtable(L);
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];
        bool has = false;

        for (int k = 0; k < a->nfds && actor_alive(a) && !has; k++)
            has = inventory_behind(inv, &a->fds[k]) == t && strchr(modes, a->fds[k].access) != NULL;
        if (has) {
            lua_pushstring(L, a->name);
            lua_rawseti(L, -2, ++n);
        }
    }
    lua_setfield(L, -2, name);
}

/* Under protection, so that the inventory is released whatever comes. */
static int
push_thing(lua_State *L)
{
    const struct session *s = host_of(L)->s;
    const struct inventory *inv = lua_touserdata(L, 1);
    const struct thing *t = lua_touserdata(L, 2);

    lua_newtable(L);
    put_state(L, s, t);
    lua_pushstring(L, t->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, t->kind->name);
    lua_setfield(L, -2, "kind");
    if (t->has_fds) {
        put_holders(L, s, inv, t, "w", "wu");
        put_holders(L, s, inv, t, "r", "ru");
        put_holders(L, s, inv, t, "holders", "rwu");
    }
    return 1;
}

int
look_object(lua_State *L)
{
    struct session *s = host_of(L)->s;
    const char *name = luaL_checkstring(L, 2);
    const struct thing *found = NULL;
    struct inventory inv;
    int result = LUA_OK;

    if (host_of(L)->look == NULL)
        return fault_raise(L, STATUS_LAB, "h is only there while the check runs that got it");
    if (!s->has_world) /* recorded events are judged, and nothing was run */
        return fault_raise(L, STATUS_LAB,
                           "h:object() asks the world as it stands, and a trace alone has none");
    host_of(L)->look->verdict->all = true; /* objects change by whatever happens */
    inventory_take(s, &inv);
    for (int i = 0; i < inv.n && found == NULL; i++)
        if (inv.things[i].kind != NULL && strcmp(inv.things[i].name, name) == 0)
            found = &inv.things[i];
    if (found != NULL) {
        lua_pushcfunction(L, push_thing);
        lua_pushlightuserdata(L, &inv);
        lua_pushlightuserdata(L, (void *)(uintptr_t)found);
        result = lua_pcall(L, 2, 1, 0);
    }
    inventory_release(&inv);
    if (result != LUA_OK)
        return lua_error(L);
    if (found == NULL)
        lua_pushnil(L);
    return 1;
}
