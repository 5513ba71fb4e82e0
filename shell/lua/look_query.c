/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queries of h:find and its kin: a table of names and what each must be. */
#include "base/text.h"
#include "lua/look.h"

#define NAMES "ipclab.names" /* of queries, that were looked at */

void
look_check_name(lua_State *L, const char *name)
{
    struct near near;

    if (!look_knows_field(L, name, &near))
        fault_raise(L, STATUS_LAB, "no event has a field '%.60s'%s%s%s", name,
                    near.best[0] != '\0' ? "; did you mean " : "", near.best,
                    near.best[0] != '\0' ? "?" : "");
}

/* An event, or a number such as h.began; `otherwise` when the query has none. */
static int64_t
moment(lua_State *L, const char *name, int64_t otherwise)
{
    const int64_t *seq;
    int type;

    lua_pushstring(L, name);
    type = lua_rawget(L, LOOK_QUERY);
    if (type == LUA_TNUMBER)
        otherwise = (int64_t)lua_tonumber(L, -1);
    else if ((seq = luaL_testudata(L, -1, EVENT_TYPE)) != NULL)
        otherwise = *seq;
    else if (type != LUA_TNIL)
        fault_raise(L, STATUS_LAB, "%s takes an event that was found, this is a %s", name,
                    luaL_typename(L, -1));
    lua_pop(L, 1);
    return otherwise;
}

/* The text stays in the query. */
static const char *
plain(lua_State *L, const char *name)
{
    const char *text;

    lua_pushstring(L, name);
    text = lua_rawget(L, LOOK_QUERY) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

static void
offer_call(void *ctx, const struct ipclab_call *call)
{
    near_offer(ctx, call->name);
}

void
look_check_call(lua_State *L, const char *name)
{
    const struct catalog *c = &host_of(L)->s->launcher.catalog;
    static const char *const ours[] = {"print", "await", "="};
    struct near near;

    near_init(&near, name);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (strcmp(name, ours[i]) == 0)
            return;
        near_offer(&near, ours[i]);
    }
    if (catalog_call(c, name, NULL) != NULL)
        return;
    catalog_each_call(c, offer_call, &near);
    fault_raise(L, STATUS_LAB, "there is no call '%.40s'%s%s%s", name,
                near.best[0] != '\0' ? "; did you mean " : "", near.best,
                near.best[0] != '\0' ? "?" : "");
}

/* The names of a query that found nothing, each looked at once. */
void
look_check_names(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, NAMES);
    for (lua_pushnil(L); lua_next(L, LOOK_QUERY); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            fault_raise(L, STATUS_LAB, "a query has names: h:find { call = \"read\" }");
        lua_pushvalue(L, -2);
        if (lua_rawget(L, -4) == LUA_TNIL) {
            look_check_name(L, lua_tostring(L, -3));
            lua_pushvalue(L, -3);
            lua_pushboolean(L, 1);
            lua_rawset(L, -6);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Notes what the check asks about. */
static void
take_interest(struct lab_verdict *v, const struct look_filter *q)
{
    struct lab_interest in = {{0}, {0}, {0}};

    snprintf(in.actor, sizeof in.actor, "%s", q->actor != NULL ? q->actor : "");
    snprintf(in.call, sizeof in.call, "%s", q->call != NULL ? q->call : "");
    snprintf(in.ev, sizeof in.ev, "%s", q->ev != NULL ? q->ev : "");
    for (int i = 0; i < v->ninterests; i++)
        if (memcmp(&v->interests[i], &in, sizeof in) == 0)
            return;
    if (v->ninterests == LAB_INTERESTS)
        v->all = true;
    else
        v->interests[v->ninterests++] = in;
}

void
look_query(lua_State *L, struct look_filter *q, const char *method)
{
    luaL_checkudata(L, 1, LOOK_TYPE);
    if (lua_type(L, LOOK_QUERY) != LUA_TTABLE)
        fault_raise(L, STATUS_LAB, "h:%s takes a table: h:%s { call = \"read\" }", method, method);
    lua_settop(L, LOOK_QUERY);
    *q = (struct look_filter){
        .actor = plain(L, "actor"), .call = plain(L, "call"), .ev = plain(L, "ev")};
    if (q->call != NULL) {
        q->record = catalog_call(&host_of(L)->s->launcher.catalog, q->call, NULL);
        if (q->record == NULL)
            look_check_call(L, q->call);
    }
    take_interest(look_of(L)->verdict, q);
    q->after = moment(L, "after", INT64_MIN);
    q->before = moment(L, "before", INT64_MAX);
}

bool
look_fits(lua_State *L)
{
    bool fit = false;

    if (lua_type(L, -2) == LUA_TFUNCTION && lua_isnil(L, -1)) {
        lua_pop(L, 2);
        return false;
    }
    if (lua_type(L, -2) == LUA_TFUNCTION) {
        lua_call(L, 1, 1);
        fit = lua_toboolean(L, -1);
        lua_pop(L, 1);
        return fit;
    }
    if (lua_type(L, -2) == LUA_TTABLE) {
        for (lua_Unsigned i = 1; i <= lua_rawlen(L, -2) && !fit; i++) {
            lua_rawgeti(L, -2, (lua_Integer)i);
            fit = lua_rawequal(L, -1, -2);
            lua_pop(L, 1);
        }
    } else if (lua_type(L, -2) == LUA_TBOOLEAN) {
        fit = lua_toboolean(L, -2) == lua_toboolean(L, -1); /* what is not there is not so */
    } else {
        fit = lua_rawequal(L, -1, -2);
    }
    lua_pop(L, 2);
    return fit;
}

bool
look_matches(lua_State *L, const struct look_filter *q, const struct record *r)
{
    if (q->call != NULL && (q->record != r->call || strcmp(q->call, r->name) != 0))
        return false;
    if (r->seq <= q->after || r->seq >= q->before || (q->ev != NULL && strcmp(q->ev, r->ev) != 0) ||
        (q->actor != NULL && strcmp(q->actor, r->actor) != 0))
        return false;
    for (lua_pushnil(L); lua_next(L, LOOK_QUERY);) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        bool seen = strcmp(name, "after") == 0 || strcmp(name, "before") == 0 ||
                    (q->actor != NULL && strcmp(name, "actor") == 0) ||
                    (q->call != NULL && strcmp(name, "call") == 0);

        if (seen) {
            lua_pop(L, 1);
            continue;
        }
        look_push_field(L, r, name);
        if (!look_fits(L)) {
            lua_pop(L, 1);
            return false;
        }
    }
    return true;
}
