/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame of a lab: the table that lab.orchestrated and its like take and that the file returns.
 * It is data, so all that is wrong with it is said at once, with the near misses. */
#include "lua/host.h"

#include "base/text.h"
#include "lua/guided.h"
#include "session/builtin.h"

/* ---- Faults -------------------------------------------------------------------------------- */

void
frame_fault(struct host *h, const char *fmt, ...)
{
    char text[300];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_printf(&h->text, "%s%s: lab.%s%s", h->text.len > 0 ? "\n" : "", h->frame_place,
               h->frame->name, text);
}

/* "; did you mean x?", or nothing. */
static const char *
or_near(const struct near *near, char room[80])
{
    if (near->best[0] == '\0')
        return "";
    snprintf(room, 80, "; did you mean %s?", near->best);
    return room;
}

/* ---- Fields -------------------------------------------------------------------------------- */

const struct frame_field frame_common[] = {
    {"id", LUA_TSTRING, false, true, "string", "its name in folders and traces"},
    {"title", LUA_TSTRING, false, true, "string", "what a student reads"},
    {"actors", LUA_TTABLE, true, true, "string[]", "processes that live from the beginning"},
    {"plugins", LUA_TTABLE, true, false, "string[]", "mechanisms that it is about"},
    {"man", LUA_TTABLE, true, false, "string[]", "pages to read on: \"shmget(2)\""},
    {"minutes", FRAME_ANY, false, false, "integer", "how long it takes"},
    {0},
};

enum { NCOMMON = sizeof frame_common / sizeof *frame_common - 1 };

/* One after the other, those of every kind first; NULL at the end. */
static const struct frame_field *
field_at(const struct host *h, int i)
{
    const struct frame_field *f;

    if (i < NCOMMON)
        return &frame_common[i];
    for (f = h->frame->fields; f->name != NULL && i > NCOMMON; f++)
        i--;
    return f->name != NULL ? f : NULL;
}

static void
check_unknown(lua_State *L, struct host *h)
{
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        const struct frame_field *f;
        struct near near;
        char room[80];
        bool known = false;

        near_init(&near, name != NULL ? name : "");
        for (int i = 0; (f = field_at(h, i)) != NULL; i++) {
            known |= name != NULL && strcmp(f->name, name) == 0;
            near_offer(&near, f->name);
        }
        if (!known && name == NULL)
            frame_fault(h, ": fields have names, and this one has a %s", luaL_typename(L, -2));
        else if (!known)
            frame_fault(h, " has no field '%.60s'%s", name, or_near(&near, room));
    }
}

static void
check_list(lua_State *L, struct host *h, const struct frame_field *f)
{
    lua_Unsigned n = lua_rawlen(L, -1);

    for (lua_Unsigned i = 1; i <= n; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i) != LUA_TSTRING)
            frame_fault(h, ": %s[%d] is a string, this is a %s", f->name, (int)i,
                        luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    if (f->required && n == 0)
        frame_fault(h, ": %s is empty", f->name);
}

static void
check_fields(lua_State *L, struct host *h)
{
    const struct frame_field *f;

    for (int i = 0; (f = field_at(h, i)) != NULL; i++) {
        int type;

        lua_pushstring(L, f->name);
        type = lua_rawget(L, 1);
        if (type == LUA_TNIL && f->required)
            frame_fault(h, ": %s is missing", f->name);
        else if (type != LUA_TNIL && f->type != FRAME_ANY && type != f->type)
            frame_fault(h, ": %s is a %s, this is a %s", f->name,
                        f->list ? "list of strings" : lua_typename(L, f->type),
                        luaL_typename(L, -1));
        else if (type != LUA_TNIL && f->list)
            check_list(L, h, f);
        lua_pop(L, 1);
    }
}

const char *
frame_element(lua_State *L, int lab, const char *name, int i)
{
    const char *text = NULL;

    lua_pushstring(L, name);
    lua_rawget(L, lab);
    if (lua_type(L, -1) == LUA_TTABLE) {
        if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
            text = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return text;
}

static void
check_plugins(lua_State *L, struct host *h)
{
    const struct catalog *c = &h->s->launcher.catalog;
    const char *name;
    char room[80];

    for (int i = 1; (name = frame_element(L, 1, "plugins", i)) != NULL; i++) {
        bool known = false;
        struct near near;

        near_init(&near, name);
        for (int k = 0; k < c->nplugins; k++) {
            known |= strcmp(c->plugins[k].p.name, name) == 0;
            near_offer(&near, c->plugins[k].p.name);
        }
        if (!known)
            frame_fault(h, ": there is no plugin '%.60s'%s", name, or_near(&near, room));
    }
}

static void
check_actors(lua_State *L, struct host *h)
{
    const char *name, *other;

    for (int i = 1; (name = frame_element(L, 1, "actors", i)) != NULL; i++) {
        if (!parse_actor_name_ok(name) || session_builtin(h->s, name) != NULL ||
            catalog_call(&h->s->launcher.catalog, name, NULL) != NULL)
            frame_fault(h,
                        ": '%.60s' cannot name an actor: a letter a-z, then letters, digits and "
                        "_, and neither a call's nor a builtin's name",
                        name);
        for (int k = 1; k < i && (other = frame_element(L, 1, "actors", k)) != NULL; k++)
            if (strcmp(name, other) == 0)
                frame_fault(h, ": actors[%d] and actors[%d] are both '%.60s'", k, i, name);
    }
}

/* ---- The lab object ------------------------------------------------------------------------ */

/* lab.NAME { ... }, whose frame is the upvalue. */
static int
make(lua_State *L)
{
    struct host *h = host_of(L);

    h->frame = lua_touserdata(L, lua_upvalueindex(1));
    if (lua_type(L, 1) != LUA_TTABLE)
        return fault_raise(L, STATUS_LAB, "lab.%s takes a table: lab.%s { id = ... }",
                           h->frame->name, h->frame->name);
    lua_settop(L, 1);
    fault_where(L, h->frame_place, sizeof h->frame_place);
    buf_clear(&h->text);
    check_fields(L, h);
    check_unknown(L, h);
    check_plugins(L, h);
    check_actors(L, h);
    guided_common(L, 1, h->guided);
    if (h->frame->check != NULL)
        h->frame->check(L, h);
    if (h->text.len > 0)
        return fault_raise_text(L, STATUS_LAB, buf_text(&h->text));
    luaL_setmetatable(L, h->frame->type);
    return 1;
}

const struct frame *
frame_of(lua_State *L, int index)
{
    const struct frame *found = NULL;

    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return NULL;
    for (int i = 0; frames[i] != NULL && found == NULL; i++) {
        luaL_getmetatable(L, frames[i]->type);
        if (lua_rawequal(L, -1, -2))
            found = frames[i];
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return found;
}

void
frame_open(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; frames[i] != NULL; i++) {
        luaL_newmetatable(L, frames[i]->type);
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
        lua_pushlightuserdata(L, (void *)(uintptr_t)frames[i]);
        lua_pushcclosure(L, make, 1);
        lua_setfield(L, -2, frames[i]->name);
    }
}
