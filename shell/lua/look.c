/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a check of a guided lab gets: h, which answers from what happened, and never from what was
 * typed.
 *
 *   h:find { actor = "server", call = "shmget", key = 5678 }   the first event that is like that
 *   h:last { ... }   h:all { ... }   h:count { ... }           the last, a list, how many
 *   h:object("pipe#1")                                         an object as it stands now
 *   h:need(value, "what is missing")                           the check does not hold without it
 *   h:before(a, b)                                             a came to be before b did
 *   h.began                                                    when the task began, for after =
 *
 * A value of a query may be a list (one of them) or a function (of a value that is there). after
 * and before take an event or what h.began is. */
#include "lua/look.h"

#include "base/mem.h"
#include "base/text.h"

struct look *
look_of(lua_State *L)
{
    struct look *look = host_of(L)->look;

    if (look == NULL)
        fault_raise(L, STATUS_LAB, "h is only there while the check runs that got it");
    return look;
}

/* ---- Events -------------------------------------------------------------------------------- */

static void
push_event(lua_State *L, const struct record *r)
{
    int64_t *seq = lua_newuserdatauv(L, sizeof *seq, 0);

    *seq = r->seq;
    luaL_setmetatable(L, EVENT_TYPE);
}

/* The check found it: it is one of those on which the verdict rests. */
static void
note(struct look *look, const struct record *r)
{
    struct lab_verdict *v = look->verdict;

    for (int i = 0; i < v->nseqs; i++)
        if (v->seqs[i] == r->seq)
            return;
    if (v->nseqs == v->cap_seqs) {
        v->cap_seqs = v->cap_seqs ? v->cap_seqs * 2 : 16;
        v->seqs = mem_grow(v->seqs, sizeof *v->seqs * (size_t)v->cap_seqs);
    }
    v->seqs[v->nseqs++] = r->seq;
}

static const struct record *
record_at(lua_State *L, int index)
{
    const int64_t *seq = luaL_checkudata(L, index, EVENT_TYPE);
    const struct record *r = history_find(look_of(L)->past->history, *seq);

    if (r == NULL)
        fault_raise(L, STATUS_LAB, "this event is no more: it was undone");
    return r;
}

static int
index_event(lua_State *L)
{
    const struct record *r = record_at(L, 1);
    const char *name = luaL_checkstring(L, 2);

    look_push_field(L, r, name);
    if (lua_isnil(L, -1))
        look_check_name(L, name);
    return 1;
}

static int
event_to_string(lua_State *L)
{
    const struct record *r = record_at(L, 1);
    const struct event *e = r->step ? &r->enter : &r->exit;
    const char *actor = event_get_text(e, NULL, "actor"), *call = event_get_text(e, NULL, "call");

    lua_pushfstring(L, "%s %s %s", r->ev, actor != NULL ? actor : "-", call != NULL ? call : "");
    return 1;
}

static int
event_equals(lua_State *L)
{
    const int64_t *a = luaL_testudata(L, 1, EVENT_TYPE), *b = luaL_testudata(L, 2, EVENT_TYPE);

    lua_pushboolean(L, a != NULL && b != NULL && *a == *b);
    return 1;
}

/* ---- Methods ------------------------------------------------------------------------------- */

static int
find(lua_State *L)
{
    struct look *look = look_of(L);
    const struct history *past = look->past->history;
    struct look_filter q;

    look_query(L, &q, "find");
    for (int i = past->from; i < past->n; i++)
        if (look_matches(L, &q, past->list[i])) {
            note(look, past->list[i]);
            push_event(L, past->list[i]);
            return 1;
        }
    look_check_names(L);
    lua_pushnil(L);
    return 1;
}

static int
last(lua_State *L)
{
    struct look *look = look_of(L);
    const struct history *past = look->past->history;
    struct look_filter q;

    look_query(L, &q, "last");
    for (int i = past->n; i-- > past->from;)
        if (look_matches(L, &q, past->list[i])) {
            note(look, past->list[i]);
            push_event(L, past->list[i]);
            return 1;
        }
    look_check_names(L);
    lua_pushnil(L);
    return 1;
}

static int
all(lua_State *L)
{
    struct look *look = look_of(L);
    const struct history *past = look->past->history;
    struct look_filter q;
    lua_Integer n = 0;

    look_query(L, &q, "all");
    lua_newtable(L);
    for (int i = past->from; i < past->n; i++)
        if (look_matches(L, &q, past->list[i])) {
            note(look, past->list[i]);
            push_event(L, past->list[i]);
            lua_rawseti(L, LOOK_QUERY + 1, ++n);
        }
    if (n == 0)
        look_check_names(L);
    return 1;
}

static int
count(lua_State *L)
{
    struct look *look = look_of(L);
    const struct history *past = look->past->history;
    struct look_filter q;
    lua_Integer n = 0;

    look_query(L, &q, "count");
    for (int i = past->from; i < past->n; i++)
        if (look_matches(L, &q, past->list[i])) {
            note(look, past->list[i]);
            n++;
        }
    if (n == 0)
        look_check_names(L);
    lua_pushinteger(L, n);
    return 1;
}

/* The check ends here when the value is false or nil; else it is given back. */
static int
need(lua_State *L)
{
    struct look *look = look_of(L);
    const char *text;

    luaL_checkudata(L, 1, LOOK_TYPE);
    if (lua_gettop(L) < 3 || lua_type(L, 3) != LUA_TSTRING)
        return fault_raise(L, STATUS_LAB,
                           "h:need takes what should be so, and a sentence for when it is not");
    text = lua_tostring(L, 3);
    lua_settop(L, 2);
    if (lua_toboolean(L, 2))
        return 1;
    if (!look->refused)
        buf_puts(&look->verdict->text, text);
    look->refused = true;
    lua_pushliteral(L, "not yet");
    return lua_error(L);
}

static int
before(lua_State *L)
{
    luaL_checkudata(L, 1, LOOK_TYPE);
    lua_pushboolean(L, record_at(L, 2)->seq < record_at(L, 3)->seq);
    return 1;
}

static const struct api_entry entries[] = {
    {"find", find, "query: ipclab.Query", "ipclab.Event|nil", "the first event that is like that"},
    {"last", last, "query: ipclab.Query", "ipclab.Event|nil", "the last one"},
    {"all", all, "query: ipclab.Query", "ipclab.Event[]", "all of them, in order"},
    {"count", count, "query: ipclab.Query", "integer", "how many there are"},
    {"object", look_object, "name: string", "ipclab.Object|nil", "an object as it stands now"},
    {"need", need, "value: T|nil|false; missing: string", "T",
     "the value; where it is false or nil the check ends, and the student can read what is "
     "missing"},
    {"before", before, "a: ipclab.Event; b: ipclab.Event", "boolean",
     "whether event a came to be before b did"},
    {"began", NULL, NULL, "integer", "when the task began, for `after` and `before` of a query"},
    {0}};

const struct api_class api_look = {.name = "ipclab.Look",
                                   .summary = "what a check sees: what happened, never what was "
                                              "typed",
                                   .entries = entries};

static int
index_look(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);
    struct near near;

    if (strcmp(name, "began") == 0) {
        lua_pushinteger(L, look_of(L)->past->since);
        return 1;
    }
    near_init(&near, name);
    for (const struct api_entry *e = entries; e->name != NULL; e++) {
        if (strcmp(e->name, name) == 0 && e->call != NULL) {
            lua_pushcfunction(L, e->call);
            return 1;
        }
        near_offer(&near, e->name);
    }
    return fault_raise(L, STATUS_LAB, "h has no method '%.60s'%s%s%s", name,
                       near.best[0] != '\0' ? "; did you mean " : "", near.best,
                       near.best[0] != '\0' ? "?" : "");
}

void
look_push(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, LOOK_TYPE);
}

static void
make_type(lua_State *L, const char *type, lua_CFunction index)
{
    luaL_newmetatable(L, type);
    lua_pushcfunction(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

void
look_open(lua_State *L)
{
    make_type(L, LOOK_TYPE, index_look);
    lua_pop(L, 1);
    make_type(L, EVENT_TYPE, index_event);
    lua_pushcfunction(L, event_to_string);
    lua_setfield(L, -2, "__tostring");
    lua_pushcfunction(L, event_equals);
    lua_setfield(L, -2, "__eq");
    lua_pop(L, 1);
}
