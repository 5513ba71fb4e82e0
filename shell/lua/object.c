/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * require "ipclab": lab.orchestrated takes the frame of a lab, says everything that is wrong with
 * it at once, and returns it. When it runs, its function gets the session object and the actors:
 *
 *   s:step "text"           a heading in the trace
 *   s:expect("text", value) a check; all are made, and one that fails makes the exit status 1
 *   s:spawn "name"          one more actor
 *   s:run "lines"           lines of the grammar */
#include "lua/host.h"

#include "base/text.h"
#include "session/builtin.h"

#define LAB "ipclab.lab"
#define SESSION "ipclab.session"

/* ---- The frame of a lab -------------------------------------------------------------------- */

static const struct field {
    const char *name;
    int type;  /* of Lua */
    bool list; /* of strings */
    bool required;
} fields[] = {
    {"id", LUA_TSTRING, false, true},     {"title", LUA_TSTRING, false, true},
    {"plugins", LUA_TTABLE, true, false}, {"actors", LUA_TTABLE, true, true},
    {"man", LUA_TTABLE, true, false},     {"run", LUA_TFUNCTION, false, true},
};

enum { NFIELDS = sizeof fields / sizeof fields[0] };

static void fault(struct host *h, const char *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One more thing that is wrong, in host.text, each on a line with its place. */
static void
fault(struct host *h, const char *place, const char *fmt, ...)
{
    char text[300];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (h->text.len > 0)
        buf_printf(&h->text, "\n%s: ", place);
    buf_puts(&h->text, text);
}

static void
check_unknown(lua_State *L, struct host *h, const char *place)
{
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        struct near near;
        bool known = false;

        near_init(&near, name != NULL ? name : "");
        for (int i = 0; i < NFIELDS; i++) {
            known |= name != NULL && strcmp(fields[i].name, name) == 0;
            near_offer(&near, fields[i].name);
        }
        if (!known && name == NULL)
            fault(h, place, "lab.orchestrated: fields have names, and this one has a %s",
                  luaL_typename(L, -2));
        else if (!known)
            fault(h, place, "lab.orchestrated has no field '%.60s'%s%s%s", name,
                  near.best[0] != '\0' ? "; did you mean " : "", near.best,
                  near.best[0] != '\0' ? "?" : "");
    }
}

static void
check_list(lua_State *L, struct host *h, const char *place, const struct field *f)
{
    lua_Unsigned n = lua_rawlen(L, -1);

    for (lua_Unsigned i = 1; i <= n; i++) {
        if (lua_rawgeti(L, -1, (lua_Integer)i) != LUA_TSTRING)
            fault(h, place, "lab.orchestrated: %s[%d] is a string, this is a %s", f->name, (int)i,
                  luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    if (f->required && n == 0)
        fault(h, place, "lab.orchestrated: %s is empty", f->name);
}

static void
check_fields(lua_State *L, struct host *h, const char *place)
{
    for (int i = 0; i < NFIELDS; i++) {
        const struct field *f = &fields[i];
        int type;

        lua_pushstring(L, f->name);
        type = lua_rawget(L, 1);
        if (type == LUA_TNIL && f->required)
            fault(h, place, "lab.orchestrated: %s is missing", f->name);
        else if (type != LUA_TNIL && type != f->type)
            fault(h, place, "lab.orchestrated: %s is a %s, this is a %s", f->name,
                  f->list ? "list of strings" : lua_typename(L, f->type), luaL_typename(L, -1));
        else if (type != LUA_TNIL && f->list)
            check_list(L, h, place, f);
        lua_pop(L, 1);
    }
}

/* Each string of the list lab[name], by index from 1; NULL at its end. Stays in the table. */
static const char *
element(lua_State *L, int lab, const char *name, int i)
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
check_names(lua_State *L, struct host *h, const char *place)
{
    const struct catalog *c = &h->s->launcher.catalog;
    const char *name;

    for (int i = 1; (name = element(L, 1, "plugins", i)) != NULL; i++) {
        bool known = false;
        struct near near;

        near_init(&near, name);
        for (int k = 0; k < c->nplugins; k++) {
            known |= strcmp(c->plugins[k].p.name, name) == 0;
            near_offer(&near, c->plugins[k].p.name);
        }
        if (!known)
            fault(h, place, "lab.orchestrated: there is no plugin '%.60s'%s%s%s", name,
                  near.best[0] != '\0' ? "; did you mean " : "", near.best,
                  near.best[0] != '\0' ? "?" : "");
    }
    for (int i = 1; (name = element(L, 1, "actors", i)) != NULL; i++)
        if (!parse_actor_name_ok(name) || session_builtin(h->s, name) != NULL ||
            catalog_call(c, name, NULL) != NULL)
            fault(h, place,
                  "lab.orchestrated: '%.60s' cannot name an actor: a letter a-z, then "
                  "letters, digits and _, and neither a call's nor a builtin's name",
                  name);
}

static int
orchestrated(lua_State *L)
{
    struct host *h = host_of(L);
    char place[128] = "";

    if (lua_type(L, 1) != LUA_TTABLE)
        return fault_raise(L, STATUS_LAB,
                           "lab.orchestrated takes a table: lab.orchestrated { id = "
                           "... }");
    lua_settop(L, 1);
    fault_where(L, place, sizeof place);
    buf_clear(&h->text);
    check_fields(L, h, place);
    check_unknown(L, h, place);
    check_names(L, h, place);
    if (h->text.len > 0)
        return fault_raise(L, STATUS_LAB, "%s", buf_text(&h->text));
    luaL_setmetatable(L, LAB);
    return 1;
}

/* ---- The session object -------------------------------------------------------------------- */

static const char *
text_of(lua_State *L, const char *method)
{
    luaL_checkudata(L, 1, SESSION);
    if (lua_type(L, 2) != LUA_TSTRING)
        fault_raise(L, STATUS_LAB, "%s takes a text, this is a %s", method, luaL_typename(L, 2));
    return lua_tostring(L, 2);
}

static int
step(lua_State *L)
{
    struct session *s = host_of(L)->s;
    const char *text = text_of(L, "step");

    event_start(&s->event, "note");
    event_text(&s->event, "kind", "step");
    event_text(&s->event, "text", text);
    session_tell(s);
    limits_charge(L, 0);
    return 0;
}

static int
expect(lua_State *L)
{
    struct host *h = host_of(L);
    const char *text = text_of(L, "expect");
    bool passed = lua_toboolean(L, 3);

    if (lua_gettop(L) < 3)
        return fault_raise(L, STATUS_LAB, "expect takes a text and what should be true");
    event_start(&h->s->event, "check");
    event_text(&h->s->event, "text", text);
    event_bool(&h->s->event, "passed", passed);
    session_tell(h->s);
    h->failed |= !passed;
    lua_pushboolean(L, passed);
    return 1;
}

static int
spawn(lua_State *L)
{
    struct host *h = host_of(L);
    const char *name = text_of(L, "spawn");
    struct err err;

    if (!parse_actor_name_ok(name))
        return fault_raise(L, STATUS_LAB,
                           "spawn takes the name of one actor: a letter a-z, then "
                           "letters, digits and _");
    buf_clear(&h->line);
    buf_printf(&h->line, "spawn %s", name);
    if (session_line(h->s, h->line.data, h->line.len, &err) < 0)
        return fault_raise_err(L, &err);
    actor_push(L, name);
    return 1;
}

/* ---- Lines --------------------------------------------------------------------------------- */

/* A lab may do what a trace can repeat, and look around. Nothing else: `load` and `source` reach
 * files outside the lab. */
static bool
may_run(const struct session *s, const char *name)
{
    const struct builtin *b = session_builtin(s, name);

    return b != NULL && (b->flags & (BUILTIN_RECORDED | BUILTIN_LOOKS)) != 0;
}

static int
run_line(struct session *s, const char *text, size_t n, struct err *err)
{
    struct parse_env env = session_parse_env(s);
    struct line line;
    int result;

    env.subject = NULL;
    env.interactive = false;
    if (parse_line(&line, text, n, &env, err) < 0)
        return -1;
    if (line.kind == LINE_BUILTIN && !may_run(s, line.builtin))
        result = err_set(err, STATUS_USAGE, "a lab cannot use `%s`", line.builtin);
    else
        result = session_run_line(s, &line, err);
    if (result < 0 && line.may_fail && err->status == STATUS_USAGE) {
        session_say(s, "      (allowed to fail) %s\n", err->text);
        result = 0;
    }
    line_release(&line);
    return result;
}

static int
run(lua_State *L)
{
    struct host *h = host_of(L);
    const char *text = text_of(L, "run");
    struct err err;

    for (int number = 1; *text != '\0'; number++) {
        size_t n = strcspn(text, "\n");

        if (run_line(h->s, text, n, &err) < 0)
            return fault_raise(L, err.status == STATUS_USAGE ? STATUS_LAB : err.status,
                               "s:run line %d: %s", number, err.text);
        limits_charge(L, 0);
        text += n + (text[n] == '\n');
    }
    return 0;
}

static int
no_such_method(lua_State *L)
{
    static const char *const names[] = {"step", "expect", "spawn", "run"};
    const char *name = luaL_checkstring(L, 2);
    struct near near;

    near_init(&near, name);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        near_offer(&near, names[i]);
    return fault_raise(L, STATUS_LAB, "the session has no method '%.60s'%s%s%s", name,
                       near.best[0] != '\0' ? "; did you mean " : "", near.best,
                       near.best[0] != '\0' ? "?" : "");
}

/* ---- Running ------------------------------------------------------------------------------- */

void
object_push_session(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, SESSION);
}

static bool
is_lab(lua_State *L, int index)
{
    bool is;

    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, LAB);
    is = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is;
}

void
object_run(lua_State *L, int index)
{
    struct host *h = host_of(L);
    const char *name;
    struct err err;
    int n = 0;

    if (!is_lab(L, index))
        fault_raise(L, STATUS_LAB,
                    "%s:1: a lab file returns lab.orchestrated { ... }, this one "
                    "returns a %s value",
                    h->file->shown, luaL_typename(L, index));
    buf_clear(&h->line);
    buf_puts(&h->line, "spawn");
    for (int i = 1; (name = element(L, index, "actors", i)) != NULL; i++)
        buf_printf(&h->line, " %s", name);
    if (session_line(h->s, h->line.data, h->line.len, &err) < 0)
        fault_raise(L, err.status == STATUS_USAGE ? STATUS_LAB : err.status, "%s: %s",
                    h->file->shown, err.text);
    lua_pushstring(L, "run");
    lua_rawget(L, index);
    object_push_session(L);
    for (int i = 1; (name = element(L, index, "actors", i)) != NULL; i++, n++) {
        luaL_checkstack(L, 8, "actors");
        actor_push(L, name);
    }
    lua_call(L, n + 1, 0);
}

void
object_open(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"step", step}, {"expect", expect}, {"spawn", spawn}, {"run", run}, {NULL, NULL}};
    static const luaL_Reg module[] = {{"orchestrated", orchestrated}, {NULL, NULL}};

    handle_open(L);
    actor_open(L);
    pending_open(L);
    luaL_newmetatable(L, LAB);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
    luaL_newmetatable(L, SESSION);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, no_such_method);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
    lua_newtable(L);
    luaL_setfuncs(L, module, 0);
}
