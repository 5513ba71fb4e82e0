/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fields of a record. Those of a call are what it was given, by the names of its parameters,
 * and what came of it. What a call stored stands under the name of the parameter that took it:
 * e.buf is what read(2) read, whatever the student calls the buffer. */
#include "base/text.h"
#include "lua/look.h"
#include "trace/kinds.h"

static void
push_item(lua_State *L, const struct event *e, const struct item *i)
{
    int n = 0;

    luaL_checkstack(L, 6, "fields");
    switch (i->kind) {
    case ITEM_INT:
        lua_pushinteger(L, i->value);
        return;
    case ITEM_TEXT:
        lua_pushlstring(L, item_text(e, i), i->len);
        return;
    case ITEM_BOOL:
        lua_pushboolean(L, i->value != 0);
        return;
    case ITEM_OBJECT:
    case ITEM_ARRAY:
        lua_newtable(L);
        for (const struct item *k = item_first(e, i); k != NULL; k = item_next(e, k)) {
            if (i->kind == ITEM_OBJECT)
                lua_pushstring(L, item_name(e, k));
            else
                lua_pushinteger(L, ++n);
            push_item(L, e, k);
            lua_rawset(L, -3);
        }
        return;
    default:
        lua_pushnil(L);
    }
}

/* A field of an event, or of an object in it. False: it has none. */
static bool
push_of(lua_State *L, const struct event *e, const char *container, const char *name)
{
    const struct item *parent = container != NULL ? event_get(e, NULL, container) : NULL, *i;

    if (e->n == 0 || (container != NULL && (parent == NULL || parent->kind != ITEM_OBJECT)))
        return false;
    i = event_get(e, parent, name);
    if (i == NULL || i->kind == ITEM_NULL)
        return false;
    push_item(L, e, i);
    return true;
}

/* The argument at this place; *spec gets its record. */
static const struct item *
argument(const struct record *r, const char *name, const struct ipclab_arg **spec)
{
    const struct item *args = event_get(&r->enter, NULL, "args"), *i;
    const struct ipclab_arg *a = r->call != NULL ? r->call->args : NULL;

    if (args == NULL || a == NULL)
        return NULL;
    i = item_first(&r->enter, args);
    for (; a->type != IPCLAB_END && i != NULL; a++, i = item_next(&r->enter, i))
        if (strcmp(a->name, name) == 0) {
            *spec = a;
            return i;
        }
    return NULL;
}

static bool
push_argument(lua_State *L, const struct record *r, const char *name)
{
    const struct ipclab_arg *spec = NULL;
    const struct item *i = argument(r, name, &spec);

    if (i == NULL)
        return false;
    if (spec->type != IPCLAB_BUFFER && spec->type != IPCLAB_INTS) {
        push_item(L, &r->enter, i);
        return true;
    }
    return i->kind == ITEM_TEXT && push_of(L, &r->exit, "out", item_text(&r->enter, i));
}

static void
push_step_field(lua_State *L, const struct record *r, const char *name)
{
    static const char *const beside[] = {"state", "facts", NULL};
    const struct event *after = r->exit.n > 0 ? &r->exit : &r->block;

    if (push_of(L, &r->exit, NULL, name) || push_argument(L, r, name) ||
        push_of(L, &r->enter, NULL, name) || push_of(L, &r->block, NULL, name))
        return;
    for (int i = 0; beside[i] != NULL; i++)
        if (push_of(L, after, beside[i], name))
            return;
    lua_pushnil(L);
}

void
look_push_field(lua_State *L, const struct record *r, const char *name)
{
    if (strcmp(name, "seq") == 0)
        lua_pushinteger(L, r->seq);
    else if (strcmp(name, "ev") == 0)
        lua_pushstring(L, r->ev);
    else if (strcmp(name, "done") == 0)
        lua_pushboolean(L, r->done >= 0);
    else if (strcmp(name, "blocked") == 0)
        lua_pushboolean(L, r->blocked);
    else if (strcmp(name, "waits") == 0 && r->step)
        lua_pushboolean(L, r->blocked && r->done < 0);
    else if (r->step)
        push_step_field(L, r, name);
    else if (!push_of(L, &r->exit, NULL, name) && !push_of(L, &r->exit, "facts", name))
        lua_pushnil(L);
}

/* ---- Names --------------------------------------------------------------------------------- */

struct search {
    const char *name;
    struct near *near;
    bool found;
};

static void
offer(struct search *s, const char *name)
{
    s->found |= strcmp(s->name, name) == 0;
    near_offer(s->near, name);
}

static void
offer_call(void *ctx, const struct ipclab_call *call)
{
    for (const struct ipclab_arg *a = call->args; a != NULL && a->type != IPCLAB_END; a++)
        offer(ctx, a->name);
}

/* "revents_4" is one of those that are called "revents". */
static void
offer_numbered(struct search *s, const char *name)
{
    size_t n = strlen(name);

    offer(s, name);
    if (strncmp(s->name, name, n) != 0)
        return;
    n += s->name[n] == '_';
    s->found |= s->name[n] != '\0' && s->name[n + strspn(s->name + n, "0123456789")] == '\0';
}

/* False: some plugin, of an older plugin.h, does not say which it has. */
static bool
offer_plugins(struct search *s, const struct catalog *c)
{
    bool all = true;

    for (int i = 0; i < c->nplugins; i++) {
        const char *const *name = c->plugins[i].p.fields;

        all &= name != NULL;
        for (; name != NULL && *name != NULL; name++)
            offer_numbered(s, *name);
    }
    return all;
}

bool
look_knows_field(lua_State *L, const char *name, struct near *near)
{
    static const char *const ours[] = {"done", "blocked", "waits", "after", "before",
                                       "w",    "r",       "queue", "more"};
    const struct catalog *c = &host_of(L)->s->launcher.catalog;
    const struct look *look = host_of(L)->look;
    const struct history *past = look != NULL ? look->past->history : host_of(L)->past;
    struct search s = {name, near, false};
    bool all;

    near_init(near, name);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        offer(&s, ours[i]);
    for (const struct event_field *f = event_common; f->name != NULL; f++)
        offer(&s, f->name);
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        for (const struct event_field *f = k->fields; f->name != NULL; f++)
            offer(&s, f->name);
    catalog_each_call(c, offer_call, &s);
    all = offer_plugins(&s, c);
    for (int i = past->from; i < past->n && !s.found; i++) {
        look_push_field(L, past->list[i], name);
        s.found = !lua_isnil(L, -1);
        lua_pop(L, 1);
    }
    return s.found || (!all && near->best[0] == '\0');
}
