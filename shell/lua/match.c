/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which record of the history a lab means by a table, { actor = "client", call = "shmget",
 * errno = "ENOENT" }: fields as a check of a guided lab sees them (look_field.c), and what each
 * must be. Without `ev` it is a step. A key or a name that nothing ever has is a fault of the lab,
 * or a check that something never happens could not fail. */
#include "base/text.h"
#include "lua/look.h"

bool
match_record(lua_State *L, int index, const struct record *r)
{
    lua_pushliteral(L, "ev");
    if (lua_rawget(L, index) == LUA_TNIL && !r->step) {
        lua_pop(L, 1);
        return false; /* without ev it is a step that is meant */
    }
    lua_pop(L, 1);
    for (lua_pushnil(L); lua_next(L, index);) {
        look_push_field(L, r, lua_tostring(L, -2));
        if (!look_fits(L)) {
            lua_pop(L, 1);
            return false;
        }
    }
    return true;
}

/* ---- What can be meant --------------------------------------------------------------------- */

static const char *
or_near(const struct near *near, char room[80])
{
    if (near->best[0] == '\0')
        return "";
    snprintf(room, 80, "; did you mean %s?", near->best);
    return room;
}

static void
check_actor(lua_State *L, const char *name)
{
    const struct world *w = &host_of(L)->s->world;
    struct near near;
    char room[80];

    near_init(&near, name);
    for (int i = 0; i < w->nactors; i++) {
        if (strcmp(w->actors[i]->name, name) == 0)
            return;
        near_offer(&near, w->actors[i]->name);
    }
    fault_raise(L, STATUS_LAB, "there was no actor '%.60s'%s", name, or_near(&near, room));
}

static void
check_ev(lua_State *L, const char *name)
{
    struct near near;
    char room[80];

    near_init(&near, name);
    for (int i = 0; history_others[i] != NULL; i++) {
        if (strcmp(history_others[i], name) == 0)
            return;
        near_offer(&near, history_others[i]);
    }
    fault_raise(L, STATUS_LAB, "a lab sees steps, which need no ev, and no event '%.60s'%s", name,
                or_near(&near, room));
}

void
match_check(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE)
        fault_raise(L, STATUS_LAB,
                    "what is looked for is a table of fields, such as { actor = "
                    "\"client\", call = \"shmget\" }, this is a %s",
                    luaL_typename(L, index));
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        int type = lua_type(L, -1);

        if (name == NULL || type == LUA_TUSERDATA || type == LUA_TTHREAD)
            fault_raise(L, STATUS_LAB,
                        "what is looked for has names, with what each must be; this has a %s with "
                        "a %s",
                        luaL_typename(L, -2), luaL_typename(L, -1));
        look_check_name(L, name);
        if (type == LUA_TSTRING && strcmp(name, "call") == 0)
            look_check_call(L, lua_tostring(L, -1));
        if (type == LUA_TSTRING && strcmp(name, "actor") == 0)
            check_actor(L, lua_tostring(L, -1));
        if (strcmp(name, "ev") == 0)
            check_ev(L, type == LUA_TSTRING ? lua_tostring(L, -1) : "");
    }
}

/* ---- In words ------------------------------------------------------------------------------ */

static bool
is_plain(lua_State *L, int index, const char *name)
{
    bool is;

    lua_pushstring(L, name);
    is = lua_rawget(L, index) == LUA_TSTRING;
    lua_pop(L, 1);
    return is;
}

static void
put_value(lua_State *L, struct buf *out)
{
    size_t n;
    const char *text;

    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        buf_puts(out, lua_toboolean(L, -1) ? "true" : "false");
        break;
    case LUA_TTABLE:
        for (lua_Unsigned i = 1; i <= lua_rawlen(L, -1); i++) {
            buf_puts(out, i > 1 ? " or " : "");
            lua_rawgeti(L, -1, (lua_Integer)i);
            text = luaL_tolstring(L, -1, &n);
            text_escape(out, text, n, false);
            lua_pop(L, 2);
        }
        break;
    case LUA_TFUNCTION:
        buf_puts(out, "as it should be");
        break;
    default:
        text = lua_tolstring(L, -1, &n);
        text_escape(out, text, n, false);
    }
}

static void
put_field(lua_State *L, int index, const char *name, struct buf *out)
{
    lua_pushstring(L, name);
    lua_rawget(L, index);
    put_value(L, out);
    lua_pop(L, 1);
}

enum { WORDS_MAX = 16 };

/* The names of the table but those at whose values it was looked already, in one order always. */
static int
sort_names(lua_State *L, int index, const char *names[WORDS_MAX])
{
    int n = 0;

    for (lua_pushnil(L); lua_next(L, index) && n < WORDS_MAX; lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        int k = n;

        if ((strcmp(name, "actor") == 0 || strcmp(name, "call") == 0 || strcmp(name, "ev") == 0) &&
            lua_type(L, -1) == LUA_TSTRING)
            continue;
        for (n++; k > 0 && strcmp(names[k - 1], name) > 0; k--)
            names[k] = names[k - 1];
        names[k] = name;
    }
    return n;
}

/* "client shmget (errno ENOENT)": who and what, then the rest by name. */
void
match_words(lua_State *L, int index, struct buf *out)
{
    static const char *const first[] = {"actor", "call", "ev", NULL};
    const char *names[WORDS_MAX];
    size_t at = out->len;
    int n, top = lua_gettop(L);

    for (int i = 0; first[i] != NULL; i++) {
        if (!is_plain(L, index, first[i]))
            continue;
        buf_puts(out, out->len > at ? " " : "");
        put_field(L, index, first[i], out);
    }
    n = sort_names(L, index, names);
    lua_settop(L, top);
    for (int i = 0; i < n; i++) {
        buf_printf(out, "%s%s ", i == 0 ? (out->len > at ? " (" : "(") : ", ", names[i]);
        put_field(L, index, names[i], out);
    }
    buf_puts(out, n > 0 ? ")" : out->len == at ? "any step" : "");
}
