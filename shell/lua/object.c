/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The session object, and lab.orchestrated, whose function gets it and the actors:
 *
 *   s:step "text"           a heading in the trace
 *   s:expect("text", value) a check; all are made, and one that fails makes the exit status 1
 *   s:spawn("name", "host") one more actor; on no host where none is named
 *   s:run "lines"           lines of the grammar
 *   s:leaks()               what would stay behind (leaks.c)
 *   s.trace                 what happened, and in which order (order.c) */
#include "lua/guardian.h"
#include "lua/host.h"

#include "base/text.h"
#include "session/builtin.h"

#define SESSION "ipclab.session"

/* ---- The session object -------------------------------------------------------------------- */

void
object_self(lua_State *L, const char *type, const char *how)
{
    if (luaL_testudata(L, 1, type) == NULL)
        fault_raise(L, STATUS_LAB, "a method is called with a colon: %s(...)", how);
}

static const char *
text_of(lua_State *L, const char *method)
{
    object_self(L, SESSION, method);
    if (lua_type(L, 2) != LUA_TSTRING)
        fault_raise(L, STATUS_LAB, "%s takes a text, this is a %s", method + strlen("s:"),
                    luaL_typename(L, 2));
    return lua_tostring(L, 2);
}

static int
step(lua_State *L)
{
    struct session *s = host_of(L)->s;
    const char *text = text_of(L, "s:step");

    event_start(&s->event, "note");
    event_text(&s->event, "kind", "step");
    event_text(&s->event, "text", text);
    session_tell(s);
    limits_charge(L, 0);
    return 0;
}

void
object_check(struct host *h, const char *text, bool passed)
{
    event_start(&h->s->event, "check");
    event_text(&h->s->event, "text", text);
    event_bool(&h->s->event, "passed", passed);
    session_tell(h->s);
    h->failed |= !passed;
}

static int
expect(lua_State *L)
{
    struct host *h = host_of(L);
    const char *text = text_of(L, "s:expect");
    bool passed = lua_toboolean(L, 3);

    if (lua_gettop(L) < 3)
        return fault_raise(L, STATUS_LAB, "expect takes a text and what should be true");
    object_check(h, text, passed);
    lua_pushboolean(L, passed);
    return 1;
}

static int
spawn(lua_State *L)
{
    struct host *h = host_of(L);
    const char *name = text_of(L, "s:spawn");
    const char *on = lua_type(L, 3) == LUA_TSTRING ? lua_tostring(L, 3) : NULL;
    struct err err;

    programs_refuse(L, "s:spawn");
    if (!parse_actor_name_ok(name))
        return fault_raise(L, STATUS_LAB,
                           "spawn takes the name of one actor: a letter a-z, then "
                           "letters, digits and _");
    if (!lua_isnoneornil(L, 3) && (on == NULL || !parse_actor_name_ok(on)))
        return fault_raise(L, STATUS_LAB, "spawn takes the name of a host after that of the actor");
    buf_clear(&h->line);
    buf_printf(&h->line, on != NULL ? "spawn %s on %s" : "spawn %s", name, on);
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
    const char *text = text_of(L, "s:run");
    struct err err;

    programs_refuse(L, "s:run");
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
leaks(lua_State *L)
{
    object_self(L, SESSION, "s:leaks");
    leaks_push(L);
    return 1;
}

/* ---- Methods ------------------------------------------------------------------------------- */

/* What an object has not: upvalues are what it is called, and its methods. */
static int
no_such_method(lua_State *L)
{
    struct near near;

    near_init(&near, luaL_checkstring(L, 2));
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(2)); lua_pop(L, 1))
        near_offer(&near, lua_tostring(L, -2));
    return fault_raise(L, STATUS_LAB, "%s has no method '%.60s'%s%s%s",
                       lua_tostring(L, lua_upvalueindex(1)), lua_tostring(L, 2),
                       near.best[0] != '\0' ? "; did you mean " : "", near.best,
                       near.best[0] != '\0' ? "?" : "");
}

void
object_set(lua_State *L, const struct api_class *class)
{
    for (const struct api_entry *e = class->entries; e->name != NULL; e++)
        if (e->call != NULL) {
            lua_pushcfunction(L, e->call);
            lua_setfield(L, -2, e->name);
        }
}

void
object_methods(lua_State *L, const struct api_class *class, const char *what)
{
    lua_newtable(L);
    object_set(L, class);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, what);
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, no_such_method, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "__index");
}

/* ---- Running ------------------------------------------------------------------------------- */

void
object_push_session(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, SESSION);
}

static void
run_orchestrated(lua_State *L, int lab)
{
    const char *name;
    int n = 0;

    lua_pushstring(L, "run");
    lua_rawget(L, lab);
    object_push_session(L);
    for (int i = 1; (name = frame_element(L, lab, "actors", i)) != NULL; i++, n++) {
        luaL_checkstack(L, 8, "actors");
        actor_push(L, name);
    }
    lua_call(L, n + 1, 0);
}

void
object_run(lua_State *L, int index)
{
    struct host *h = host_of(L);
    const struct frame *frame = frame_of(L, index);
    const char *name;
    struct err err;

    buf_clear(&h->line);
    buf_puts(&h->line, "spawn");
    for (int i = 1; (name = frame_element(L, index, "actors", i)) != NULL; i++)
        buf_printf(&h->line, " %s", name);
    if (session_line(h->s, h->line.data, h->line.len, &err) < 0)
        fault_raise(L, err.status == STATUS_USAGE ? STATUS_LAB : err.status, "%s: %s",
                    h->file->shown, err.text);
    guardian_heed_interrupts();
    frame->run(L, index);
}

static const struct frame_field orchestrated_fields[] = {
    {"run", LUA_TFUNCTION, false, true, "fun(s: ipclab.Session, ...: ipclab.Actor)",
     "what happens: it gets the session and the actors, in the order of `actors`"},
    {"stuck", LUA_TBOOLEAN, false, false, "boolean", "it is meant to end with nobody who can move"},
    {0}};

const struct frame frame_orchestrated = {
    .name = "orchestrated",
    .type = "ipclab.orchestrated",
    .class = "ipclab.Orchestrated",
    .summary = "a lab that leads its actors itself, step by step",
    .fields = orchestrated_fields,
    .run = run_orchestrated,
};

const struct frame *const frames[] = {&frame_orchestrated, &frame_programs, &frame_guided, NULL};

static const struct api_entry session_entries[] = {
    {"step", step, "text: string", "", "a heading in the trace"},
    {"expect", expect, "text: string; value: any", "boolean",
     "a check: all are made, and one that fails makes the exit status 1"},
    {"spawn", spawn, "name: string; host?: string", "ipclab.Actor", "one more actor, on a host"},
    {"run", run, "lines: string", "", "lines of the grammar, as they are typed at the prompt"},
    {"leaks", leaks, "", "ipclab.Leak[]", "what would stay behind if all processes ended now"},
    {"trace", NULL, NULL, "ipclab.Trace", "what happened so far, and in which order"},
    {0}};

const struct api_class api_session = {.name = "ipclab.Session",
                                      .summary = "the session of a lab that leads itself",
                                      .entries = session_entries};

void
object_open(lua_State *L)
{
    handle_open(L);
    actor_open(L);
    pending_open(L);
    order_open(L);
    luaL_newmetatable(L, SESSION);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    object_methods(L, &api_session, "the session");
    lua_getfield(L, -1, "__index");
    order_push(L);
    lua_setfield(L, -2, "trace");
    lua_pop(L, 2);
    look_open(L);
    frame_open(L);
    texts_open(L, lua_gettop(L));
}
