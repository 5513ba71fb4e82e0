/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A call that was started and may wait, which is for the lab to see:
 *
 *   p:blocked()       does the actor wait in it now?
 *   p:why()           what `why ACTOR` says; nil when it does not wait
 *   p:finish(seconds) what the call gives back; nil and err when it failed; false when it still
 *                     waits and nothing that goes on by itself can end it (then at once), or did
 *                     not within the seconds
 *
 * No clock decides whether it waits: the world is quiet whenever the lab runs, so what still waits
 * waits for another actor, and those only move when the lab says so. */
#include "lua/host.h"
#include "session/explain.h"

#define PENDING "ipclab.pending"

enum { FINISH_MAX_MS = 600000 };

struct pending_ref {
    struct deed *d;
};

static struct deed *
deed_of(lua_State *L, const char *how)
{
    object_self(L, PENDING, how);
    return ((const struct pending_ref *)lua_touserdata(L, 1))->d;
}

int
pending_start(lua_State *L)
{
    struct host *h = host_of(L);
    const char *actor = actor_name(L, 1), *name;
    struct pending_ref *ref;

    if (actor == NULL)
        return fault_raise(L, STATUS_LAB,
                           "start is a method of an actor: server:start(\"read\", "
                           "...), with a colon");
    programs_refuse(L, "start");
    name = luaL_checkstring(L, 2);
    if (strcmp(name, "await") != 0 && catalog_call(&h->s->launcher.catalog, name, NULL) == NULL) {
        lua_getfield(L, 1, name); /* raises with the near miss */
        return fault_raise(L, STATUS_LAB, "start takes the name of a call, not '%s'", name);
    }
    ref = lua_newuserdatauv(L, sizeof *ref, 0);
    ref->d = NULL;
    luaL_setmetatable(L, PENDING);
    lua_insert(L, 1); /* below the arguments, whose last is the top */
    ref->d = deed_new(h);
    call_prepare(L, ref->d, actor, name, 4);
    call_perform(L, ref->d);
    if (ref->d->kept >= 0 && ref->d->state != DEED_RUNS)
        kept_set(h, ref->d->kept, ref->d);
    lua_settop(L, 1);
    return 1;
}

static const struct actor *
waiting(struct host *h, const struct deed *d)
{
    struct actor *a = world_actor(&h->s->world, d->actor);

    return d->state == DEED_RUNS && d->blocked && a != NULL && a->state == ACTOR_BUSY &&
                   a->step == d->step
               ? a
               : NULL;
}

static int
blocked(lua_State *L)
{
    lua_pushboolean(L, waiting(host_of(L), deed_of(L, "pending:blocked")) != NULL);
    return 1;
}

static int
why(lua_State *L)
{
    struct host *h = host_of(L);
    const struct deed *d = deed_of(L, "pending:why");
    json_t *facts;

    if (waiting(h, d) == NULL)
        return 0;
    facts = explain_facts(h->s, world_actor(&h->s->world, d->actor));
    buf_clear(&h->text);
    explain_text(facts, &h->text);
    json_decref(facts);
    lua_pushlstring(L, buf_text(&h->text), h->text.len);
    return 1;
}

/* A program after execve, a call with a clock of its own, an alarm. */
bool
pending_goes_on(const struct session *s)
{
    if (signals_due(&s->world) > 0)
        return true;
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_FOREIGN ||
            (a->state == ACTOR_BUSY && !a->awaiting && (a->timed || !a->waits)))
            return true;
    }
    return false;
}

/* Waits by a line of the grammar, so that a replay waits too. */
static void
wait_for_it(lua_State *L, int64_t ms)
{
    struct session *s = host_of(L)->s;
    int64_t limit = s->limit_ms;
    struct err err;
    int result;

    s->limit_ms = ms > 0 ? ms : 1;
    result = session_line(s, "wait", 4, &err);
    s->limit_ms = limit;
    if (result < 0 && err.status != STATUS_STUCK)
        fault_raise_err(L, &err);
}

static int
finish(lua_State *L)
{
    struct host *h = host_of(L);
    struct deed *d = deed_of(L, "pending:finish");
    lua_Number seconds = luaL_optnumber(L, 2, 10);
    int n;

    if (!(seconds >= 0))
        return fault_raise(L, STATUS_LAB, "finish takes how many seconds it may take at most");
    if (d->state == DEED_RUNS && pending_goes_on(h->s))
        wait_for_it(L, seconds * 1000 < FINISH_MAX_MS ? (int64_t)(seconds * 1000) : FINISH_MAX_MS);
    if (d->state == DEED_RUNS) {
        lua_pushboolean(L, 0);
        return 1;
    }
    if (d->kept >= 0 && h->kept[d->kept].step != d->step)
        kept_set(h, d->kept, d);
    if (call_failed(d)) {
        lua_pushnil(L);
        fault_push(L, d->error, buf_text(&d->words));
        return 2;
    }
    n = call_results(L, d);
    if (n == 0) {
        lua_pushboolean(L, 1);
        n = 1;
    }
    return n;
}

static int
collect(lua_State *L)
{
    struct pending_ref *ref = lua_touserdata(L, 1);

    if (ref->d != NULL)
        deed_free(host_of(L), ref->d);
    ref->d = NULL;
    return 0;
}

static const struct api_entry entries[] = {
    {"blocked", blocked, "", "boolean", "does the actor wait in it now?"},
    {"why", why, "", "string|nil", "what `why ACTOR` says; nil when it does not wait"},
    {"finish", finish, "seconds?: number", "any; any ...",
     "what the call gives back; nil and an error when it failed; false when nothing that goes on "
     "by "
     "itself ends it, or not within the seconds (10)"},
    {0}};

const struct api_class api_pending = {.name = "ipclab.Pending",
                                      .summary = "a call that was started and may wait",
                                      .entries = entries};

void
pending_open(lua_State *L)
{
    luaL_newmetatable(L, PENDING);
    lua_pushcfunction(L, collect);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_newtable(L);
    object_set(L, &api_pending);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
