/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which record of the history a lab means by a table: { actor = "client", call = "shmget",
 * errno = "ENOENT" }. Its keys are fields of the trace: for a step those of its enter, its
 * parameters by their names, then those of its exit (`state.nattch` and `out.buf` reach into them)
 * and `blocked`; for another event, which `ev` names, those of the event. A key or a name that
 * nothing ever has is a fault of the lab, or a check that something never happens could not fail.
 */
#include "base/text.h"
#include "lua/host.h"
#include "trace/kinds.h"

/* ---- What a record has --------------------------------------------------------------------- */

static const struct item *
parameter(const struct record *r, const char *name)
{
    const struct item *args = event_get(&r->enter, NULL, "args"), *i;
    const struct ipclab_arg *arg = r->call != NULL ? r->call->args : NULL;

    if (args == NULL || arg == NULL)
        return NULL;
    for (i = item_first(&r->enter, args); i != NULL && arg->type != IPCLAB_END;
         i = item_next(&r->enter, i), arg++)
        if (strcmp(arg->name, name) == 0)
            return i;
    return NULL;
}

/* "state.nattch" of an event, or a field of it. */
static const struct item *
field(const struct event *e, const char *name)
{
    const char *dot = strchr(name, '.');
    const struct item *outer;
    char first[32];

    if (dot == NULL)
        return event_get(e, NULL, name);
    snprintf(first, sizeof first, "%.*s", (int)(dot - name), name);
    outer = event_get(e, NULL, first);
    return outer != NULL && outer->kind == ITEM_OBJECT ? event_get(e, outer, dot + 1) : NULL;
}

static const struct item *
value_of(const struct record *r, const char *name, const struct event **of)
{
    const struct item *i = NULL;

    *of = &r->enter;
    if (r->step && (i = field(&r->enter, name)) == NULL)
        i = parameter(r, name);
    if (i == NULL && (!r->step || r->done >= 0))
        i = field(*of = &r->exit, name);
    if (i == NULL && r->blocked)
        i = field(*of = &r->block, name);
    return i;
}

/* ---- Comparing ----------------------------------------------------------------------------- */

static bool
is_value(lua_State *L, const struct event *e, const struct item *i)
{
    size_t n;
    const char *text;

    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        return lua_toboolean(L, -1) ? i != NULL && (i->kind != ITEM_BOOL || i->value != 0)
                                    : i == NULL || (i->kind == ITEM_BOOL && i->value == 0);
    case LUA_TNUMBER:
        return i != NULL && i->kind == ITEM_INT && lua_isinteger(L, -1) &&
               lua_tointeger(L, -1) == i->value;
    default:
        text = lua_tolstring(L, -1, &n);
        return i != NULL && i->kind == ITEM_TEXT && i->len == n &&
               memcmp(item_text(e, i), text, n) == 0;
    }
}

bool
match_record(lua_State *L, int index, const struct record *r)
{
    lua_pushliteral(L, "ev");
    if (lua_rawget(L, index) == LUA_TNIL ? !r->step : strcmp(lua_tostring(L, -1), r->ev) != 0) {
        lua_pop(L, 1);
        return false;
    }
    lua_pop(L, 1);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        const struct event *of = NULL;
        const struct item *i;
        bool is;

        if (strcmp(name, "ev") == 0)
            continue;
        if (strcmp(name, "blocked") == 0) {
            is = lua_toboolean(L, -1) == r->blocked;
        } else {
            i = value_of(r, name, &of);
            is = is_value(L, of, i);
        }
        if (!is) {
            lua_pop(L, 2);
            return false;
        }
    }
    return true;
}

/* ---- What can be meant --------------------------------------------------------------------- */

struct search {
    const char *name;
    struct near near;
    bool found;
};

static void
offer(struct search *s, const char *name)
{
    s->found |= strcmp(s->name, name) == 0;
    near_offer(&s->near, name);
}

static void
offer_parameters(void *ctx, const struct ipclab_call *call)
{
    for (const struct ipclab_arg *arg = call->args; arg != NULL && arg->type != IPCLAB_END; arg++)
        offer(ctx, arg->name);
}

static void
offer_call(void *ctx, const struct ipclab_call *call)
{
    offer(ctx, call->name);
}

static void
finish(lua_State *L, const struct search *s, const char *what)
{
    if (!s->found)
        fault_raise(L, STATUS_LAB, "%s '%.60s'%s%s%s", what, s->name,
                    s->near.best[0] != '\0' ? "; did you mean " : "", s->near.best,
                    s->near.best[0] != '\0' ? "?" : "");
}

static void
check_key(lua_State *L, const char *name)
{
    struct search s = {.name = name};

    near_init(&s.near, name);
    if (strncmp(name, "state.", 6) == 0 || strncmp(name, "out.", 4) == 0)
        return;
    offer(&s, "blocked");
    for (const struct event_field *f = event_common; f->name != NULL; f++)
        offer(&s, f->name);
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        for (const struct event_field *f = k->fields; f->name != NULL; f++)
            offer(&s, f->name);
    catalog_each_call(&host_of(L)->s->launcher.catalog, offer_parameters, &s);
    finish(L, &s, "no event has a field");
}

static void
check_call(lua_State *L, const char *name)
{
    struct search s = {.name = name};

    near_init(&s.near, name);
    offer(&s, "print");
    offer(&s, "await");
    offer(&s, "=");
    catalog_each_call(&host_of(L)->s->launcher.catalog, offer_call, &s);
    finish(L, &s, "there is no call");
}

static void
check_actor(lua_State *L, const char *name)
{
    const struct world *w = &host_of(L)->s->world;
    struct search s = {.name = name};

    near_init(&s.near, name);
    for (int i = 0; i < w->nactors; i++)
        offer(&s, w->actors[i]->name);
    finish(L, &s, "there was no actor");
}

static void
check_ev(lua_State *L, const char *name)
{
    struct search s = {.name = name};

    near_init(&s.near, name);
    for (int i = 0; history_others[i] != NULL; i++)
        offer(&s, history_others[i]);
    finish(L, &s, "a lab sees steps, which need no ev, and no event");
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

        if (name == NULL || (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN))
            fault_raise(L, STATUS_LAB,
                        "what is looked for has names, with texts, numbers and "
                        "booleans; this has a %s with a %s",
                        luaL_typename(L, -2), luaL_typename(L, -1));
        check_key(L, name);
        if (type == LUA_TSTRING && strcmp(name, "call") == 0)
            check_call(L, lua_tostring(L, -1));
        if (type == LUA_TSTRING && strcmp(name, "actor") == 0)
            check_actor(L, lua_tostring(L, -1));
        if (strcmp(name, "ev") == 0)
            check_ev(L, type == LUA_TSTRING ? lua_tostring(L, -1) : "");
    }
}

/* ---- In words ------------------------------------------------------------------------------ */

static void
put_field(lua_State *L, int index, const char *name, const char *before, struct buf *out)
{
    lua_pushstring(L, name);
    if (lua_rawget(L, index) == LUA_TSTRING) {
        buf_puts(out, before);
        text_escape(out, lua_tostring(L, -1), lua_rawlen(L, -1), false);
    }
    lua_pop(L, 1);
}

/* "client shmget (errno ENOENT)": who and what, then the rest by name, in one order always. */
void
match_words(lua_State *L, int index, struct buf *out)
{
    static const char *const first[] = {"actor", "call", "ev", NULL};
    const char *names[16];
    size_t at = out->len;
    int n = 0;

    for (int i = 0; first[i] != NULL; i++)
        put_field(L, index, first[i], out->len > at ? " " : "", out);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        int k = n;

        if (n == (int)(sizeof names / sizeof names[0]) || strcmp(name, "actor") == 0 ||
            strcmp(name, "call") == 0 || strcmp(name, "ev") == 0)
            continue;
        for (n++; k > 0 && strcmp(names[k - 1], name) > 0; k--)
            names[k] = names[k - 1];
        names[k] = name;
    }
    for (int i = 0; i < n; i++) {
        buf_printf(out, "%s%s ", i == 0 ? (out->len > at ? " (" : "(") : ", ", names[i]);
        lua_pushstring(L, names[i]);
        lua_rawget(L, index);
        if (lua_isboolean(L, -1))
            buf_puts(out, lua_toboolean(L, -1) ? "true" : "false");
        else if (lua_isinteger(L, -1))
            buf_int(out, lua_tointeger(L, -1));
        else
            text_escape(out, lua_tostring(L, -1), lua_rawlen(L, -1), false);
        lua_pop(L, 1);
    }
    buf_puts(out, n > 0 ? ")" : out->len == at ? "any step" : "");
}
