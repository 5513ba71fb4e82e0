/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A method call of an actor is a line of the grammar, run by the session as if it had been typed:
 * one parser, one set of messages, and a trace that can be run again. What comes back to Lua, in
 * this order:
 *
 *   1. the actor that the call made           local child = parent:fork("child")
 *   2. what the call stored, bytes as strings  local text, n = reader:read(fd, 64)
 *      and ints as integers                    local r, w = a:pipe()
 *   3. its result                              local id = server:shmget(5678, 27, "0666")
 *
 * where an address or a stream is a handle (handle.c). A call that only returns the address it was
 * given (strcpy, fgets) leaves that out. */
#include "lua/host.h"

/* ---- Asking -------------------------------------------------------------------------------- */

static bool
is_kept(const struct ipclab_call *call)
{
    return call->result == IPCLAB_STREAM || call->result == IPCLAB_OBJECT ||
           (call->result == IPCLAB_POINTER && !signature_returns_argument(call));
}

/* actor:await(address, offset, byte), or actor:await("an expression"). */
static void
put_await(lua_State *L, struct actor *a, int index)
{
    struct buf *line = &host_of(L)->line;
    size_t n = 0;
    const char *text;
    lua_Integer byte;

    if (lua_type(L, index) == LUA_TSTRING && lua_gettop(L) == index) {
        text = lua_tolstring(L, index, &n);
        if (strpbrk(text, "\r\n;#") != NULL || strlen(text) != n)
            fault_raise(L, STATUS_LAB, "await takes one expression");
        buf_put(line, text, n);
        return;
    }
    if (!handle_is(L, index))
        fault_raise(L, STATUS_LAB, "await takes an address, an offset and a byte");
    handle_put_element(L, index, a, luaL_checkinteger(L, index + 1), line);
    text = lua_type(L, index + 2) == LUA_TSTRING ? lua_tolstring(L, index + 2, &n) : NULL;
    if (text != NULL && n != 1)
        fault_raise(L, STATUS_LAB,
                    "await: the byte is one character or a number, not %zu characters", n);
    byte = text != NULL ? (unsigned char)text[0] : luaL_checkinteger(L, index + 2);
    if (byte < -128 || byte > 255)
        fault_raise(L, STATUS_LAB, "await: a byte goes from 0 to 255, not %lld", (long long)byte);
    if (byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '\\')
        buf_printf(line, " == '%c'", (char)byte);
    else
        buf_printf(line, " == '\\%03o'", (unsigned)(byte & 0xff));
}

static void
put_print(lua_State *L, int index)
{
    size_t n;
    const char *text = luaL_checklstring(L, index, &n);

    if (strpbrk(text, "\r\n;#") != NULL || strlen(text) != n)
        fault_raise(L, STATUS_LAB, "print takes one expression");
    buf_put(&host_of(L)->line, text, n);
}

void
call_prepare(lua_State *L, struct deed *d, const char *actor, const char *name, int index)
{
    struct host *h = host_of(L);
    struct actor *a = actor_get(L, actor);
    struct call_ref ref;

    snprintf(d->actor, sizeof d->actor, "%s", actor);
    snprintf(d->name, sizeof d->name, "%s", name);
    d->call = catalog_call(&h->s->launcher.catalog, name, &ref);
    d->plugin = d->call != NULL ? ref.plugin : -1;
    buf_clear(&h->line);
    buf_printf(&h->line, "%s ", actor);
    if (strcmp(name, "await") == 0 || strcmp(name, "print") == 0) {
        buf_printf(&h->line, "%s ", name);
        if (name[0] == 'a')
            put_await(L, a, index);
        else
            put_print(L, index);
        return;
    }
    if (is_kept(d->call)) {
        d->kept = kept_new(h, a, d);
        h->kept[d->kept].spare = true; /* until it has a value */
        h->kept[d->kept].known = false;
        buf_printf(&h->line, "%s = ", h->kept[d->kept].name);
    }
    buf_printf(&h->line, "%s(", name);
    args_put(L, d, a, index);
    buf_putc(&h->line, ')');
}

void
call_perform(lua_State *L, struct deed *d)
{
    struct host *h = host_of(L);
    struct session *s = h->s;
    struct err err;

    d->step = s->steps + 1;
    if (d->kept >= 0)
        h->kept[d->kept].spare = false;
    if (session_line(s, h->line.data, h->line.len, &err) < 0)
        fault_raise_err(L, &err);
    limits_charge(L, 0);
}

bool
call_ends(const struct deed *d)
{
    return d->call != NULL && (d->call->flags & IPCLAB_ENDS) != 0;
}

/* ---- What came of it ----------------------------------------------------------------------- */

bool
call_failed(const struct deed *d)
{
    return d->error[0] != '\0';
}

void
call_check(lua_State *L, const struct deed *d)
{
    struct host *h = host_of(L);
    const struct actor *a;

    if (call_failed(d))
        fault_raise(L, STATUS_LAB, "%s", buf_text(&d->words));
    if (d->state == DEED_DONE)
        return;
    a = world_actor(&h->s->world, d->actor);
    fault_raise(L, STATUS_LAB,
                "%s waits in %s%s%s%s; a call that waits is started: %s:start(\"%s\", ...)",
                d->actor, d->name, a != NULL && a->waits_text.len > 0 ? " (" : "",
                a != NULL ? buf_text(&a->waits_text) : "",
                a != NULL && a->waits_text.len > 0 ? ")" : "", d->actor, d->name);
}

static int
push_bytes(lua_State *L, const struct deed *d, const struct out *o)
{
    if (o->cut)
        fault_raise(L, STATUS_LAB,
                    "%s: only the first %zu bytes of %s are known; take them in "
                    "smaller pieces",
                    d->name, o->n, o->name);
    lua_pushlstring(L, d->bytes.data != NULL ? d->bytes.data + o->at : "", o->n);
    return 1;
}

static int
push_out(lua_State *L, const struct deed *d, const struct out *o, const struct ipclab_arg *arg)
{
    int n = 0;

    if (o->number) {
        lua_pushinteger(L, o->value);
        return 1;
    }
    if (arg == NULL || arg->type != IPCLAB_INTS)
        return push_bytes(L, d, o);
    for (size_t at = 0; at + sizeof n <= o->n; at += sizeof n) {
        memcpy(&n, d->bytes.data + o->at + at, sizeof n);
        lua_pushinteger(L, n);
    }
    return (int)(o->n / sizeof n);
}

static const struct fresh *
fresh_of(const struct deed *d, const char *name)
{
    for (int i = 0; i < d->nfresh; i++)
        if (strcmp(d->fresh[i].name, name) == 0)
            return &d->fresh[i];
    return NULL;
}

/* In the order of the arguments; a buffer that got nothing is an empty text. */
static int
push_outs(lua_State *L, const struct deed *d)
{
    int n = 0;

    for (int i = 0; i < d->nouts; i++)
        if (fresh_of(d, d->outs[i].name) == NULL)
            n += push_out(L, d, &d->outs[i], NULL);
    for (int i = 0; i < d->nfresh; i++) {
        int before = n;

        for (int k = 0; k < d->nouts; k++)
            if (strcmp(d->outs[k].name, d->fresh[i].name) == 0)
                n += push_out(L, d, &d->outs[k], d->fresh[i].arg);
        if (n > before)
            continue;
        if (d->fresh[i].arg->type == IPCLAB_BUFFER) {
            lua_pushstring(L, "");
            n++;
        } else {
            for (int j = 0; j < d->fresh[i].arg->count; j++, n++)
                lua_pushnil(L);
        }
    }
    return n;
}

/* print: one value, or all elements of an array. */
static int
push_value(lua_State *L, const struct deed *d)
{
    if (d->nouts == 1 && d->outs[0].name[0] != '\0')
        return push_out(L, d, &d->outs[0], NULL);
    lua_createtable(L, d->nouts, 0);
    for (int i = 0; i < d->nouts; i++) {
        lua_pushinteger(L, d->outs[i].value);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int
push_result(lua_State *L, const struct deed *d)
{
    switch (d->call->result) {
    case IPCLAB_VOID:
        return 0;
    case IPCLAB_POINTER:
    case IPCLAB_STREAM:
        if (d->kept >= 0)
            handle_push(L, d->kept, 0);
        return d->kept >= 0;
    default:
        lua_pushinteger(L, d->ret);
        return 1;
    }
}

int
call_results(lua_State *L, const struct deed *d)
{
    int n = 0;

    if (strcmp(d->name, "print") == 0)
        return push_value(L, d);
    if (d->call == NULL) {
        lua_pushboolean(L, 1); /* what was awaited is so */
        return 1;
    }
    luaL_checkstack(L, d->nouts + 3 * HOST_FRESH, "results");
    if (d->child[0] != '\0') {
        actor_push(L, d->child);
        n++;
    }
    n += push_outs(L, d);
    if (!call_ends(d))
        n += push_result(L, d);
    return n;
}
