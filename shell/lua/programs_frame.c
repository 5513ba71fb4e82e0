/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What lab.programs takes, and what can be wrong with it. */
#include "lua/programs.h"

#include "base/text.h"

static void
check_schedule(lua_State *L, struct host *h)
{
    int type = (lua_pushstring(L, "schedule"), lua_rawget(L, 1));
    struct near near;

    if (type == LUA_TTABLE) {
        for (lua_Unsigned i = 1; i <= lua_rawlen(L, -1); i++) {
            if (lua_rawgeti(L, -1, (lua_Integer)i) != LUA_TSTRING)
                frame_fault(h, ": schedule[%d] is the name of who moves, this is a %s", (int)i,
                            luaL_typename(L, -1));
            lua_pop(L, 1);
        }
    } else if (type == LUA_TSTRING) {
        bool known = false;

        near_init(&near, lua_tostring(L, -1));
        for (int i = 0; schedule_kinds[i] != NULL; i++) {
            known |= strcmp(schedule_kinds[i]->name, lua_tostring(L, -1)) == 0;
            near_offer(&near, schedule_kinds[i]->name);
        }
        if (!known)
            frame_fault(h, ": there is no schedule '%.60s'%s%s%s", lua_tostring(L, -1),
                        near.best[0] != '\0' ? "; did you mean " : "", near.best,
                        near.best[0] != '\0' ? "?" : "");
    } else if (type != LUA_TNIL) {
        frame_fault(h, ": schedule is \"round robin\", \"random\" or a list of names, this is a %s",
                    luaL_typename(L, -1));
    }
    lua_pop(L, 1);
}

static bool
has_actor(lua_State *L, const char *name)
{
    const char *actor;

    for (int i = 1; (actor = frame_element(L, 1, "actors", i)) != NULL; i++)
        if (strcmp(actor, name) == 0)
            return true;
    return false;
}

/* A program for each actor, and an actor for each program. */
static void
check(lua_State *L, struct host *h)
{
    const char *name;

    check_schedule(L, h);
    lua_pushstring(L, "programs");
    if (lua_rawget(L, 1) == LUA_TTABLE) {
        for (int i = 1; (name = frame_element(L, 1, "actors", i)) != NULL; i++) {
            lua_pushstring(L, name);
            if (lua_rawget(L, -2) == LUA_TNIL)
                frame_fault(h, ": %.60s has no program", name);
            else if (!lua_isfunction(L, -1))
                frame_fault(h, ": the program of %.60s is a function, this is a %s", name,
                            luaL_typename(L, -1));
            lua_pop(L, 1);
        }
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            if (lua_type(L, -2) != LUA_TSTRING || !has_actor(L, lua_tostring(L, -2)))
                frame_fault(h, ": programs has '%.60s', which is not among the actors",
                            lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
                                                           : luaL_typename(L, -2));
    }
    lua_pop(L, 1);
}

static const struct frame_field fields[] = {
    {"programs", LUA_TTABLE, false, true,
     "table<string, fun(me: ipclab.Actor, s: ipclab.Session): integer?>",
     "what each actor does, by its name: it gives up control at each call"},
    {"schedule", FRAME_ANY, false, false, "\"round robin\"|\"random\"|string[]",
     "who moves next; a list says it name by name"},
    {"after", LUA_TFUNCTION, false, false, "fun(s: ipclab.Session)",
     "what is looked at when all programs are over"},
    {"stuck", LUA_TBOOLEAN, false, false, "boolean", "it is meant to end with nobody who can move"},
    {0},
};

const struct frame frame_programs = {.name = "programs",
                                     .type = "ipclab.programs",
                                     .class = "ipclab.Programs",
                                     .summary = "a lab in which each actor has a program",
                                     .fields = fields,
                                     .check = check,
                                     .run = turns_run};
