/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * s:leaks(): what would stay behind if all processes of the lab ended now, a table with `kind`,
 * `name` and `text` for each:
 *
 *   kinds of objects that live without a process: System V objects, message queues (one that
 *             nobody has open is only seen where /dev/mqueue is mounted)
 *   "name"    a POSIX name in /dev/shm, of a segment or a semaphore
 *   "zombie"  a child that has ended and that its living parent has not waited for */
#include <dirent.h>

#include "lua/host.h"
#include "proc/facts.h"
#include "proc/ledger.h"
#include "session/inventory.h"

struct leaks {
    lua_State *L;
    int n;
};

/* Into the list on top. */
static void
add(struct leaks *l, const char *kind, const char *name, const char *text)
{
    lua_createtable(l->L, 0, 3);
    lua_pushstring(l->L, kind);
    lua_setfield(l->L, -2, "kind");
    lua_pushstring(l->L, name);
    lua_setfield(l->L, -2, "name");
    lua_pushstring(l->L, text);
    lua_setfield(l->L, -2, "text");
    lua_rawseti(l->L, -2, ++l->n);
}

/* ---- Collecting, where nothing may raise --------------------------------------------------- */

/* A line for each: kind, name, text, with a NUL between. */
static void
note(struct buf *out, const char *kind, const char *name, const char *text)
{
    buf_put(out, kind, strlen(kind) + 1);
    buf_put(out, name, strlen(name) + 1);
    buf_put(out, text, strlen(text) + 1);
}

/* Its name is gone already, and it goes with its last descriptor. */
static bool
is_unlinked(const struct thing *t)
{
    struct wire_in in;
    struct fact_item f;

    facts_open(&in, &t->state);
    while (facts_next(&in, &f))
        if (f.kind == FACT_STATE_TEXT && strcmp(f.name, "unlinked") == 0)
            return true;
    return false;
}

/* In a shared world what no call has named may be anybody's. */
static void
note_objects(struct session *s, struct buf *out)
{
    bool all = s->world.kind != WORLD_SHARED;
    struct inventory inv;

    inventory_take(s, &inv);
    for (int i = 0; i < inv.n; i++) {
        const struct thing *t = &inv.things[i];

        if (t->kind != NULL && (t->named || all) &&
            (catalog_kind_traits(&s->launcher.catalog, t->kind) & KIND_IS_LISTED) != 0 &&
            !is_unlinked(t))
            note(out, t->kind->name, t->name, t->kind->summary);
    }
    inventory_release(&inv);
}

static void
note_name(void *ctx, const char *name)
{
    bool semaphore = strncmp(name, "sem.", 4) == 0;
    char text[NAME_MAX + 2];

    snprintf(text, sizeof text, "/%s", semaphore ? name + 4 : name);
    note(ctx, "name", text,
         semaphore ? "a POSIX semaphore that nobody has unlinked"
                   : "POSIX shared memory that nobody has unlinked");
}

static int
is_no_dot(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* A sealed world has a /dev/shm of its own; of a shared one the ledger says what is ours. */
static void
note_names(const struct session *s, struct buf *out)
{
    struct dirent **list;
    char path[64];
    int n;

    if (s->world.kind == WORLD_SHARED) {
        ledger_each_name(s->world.ledger, "/dev/shm", note_name, out);
        return;
    }
    snprintf(path, sizeof path, "/proc/%d/root/dev/shm", (int)s->world.init);
    n = scandir(path, &list, is_no_dot, alphasort);
    for (int i = 0; i < n; i++) {
        note_name(out, list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

static void
note_zombies(const struct session *s, struct buf *out)
{
    char text[96];

    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];
        const struct actor *parent = a->parent >= 0 ? s->world.actors[a->parent] : NULL;

        if (a->state != ACTOR_DEAD || a->reaped || parent == NULL || !actor_alive(parent))
            continue;
        snprintf(text, sizeof text, "it has ended, and %s has not waited for it", parent->name);
        note(out, "zombie", a->name, text);
    }
}

void
leaks_push(lua_State *L)
{
    struct host *h = host_of(L);
    struct leaks l = {.L = L};
    const char *at, *end;

    buf_clear(&h->text);
    note_objects(h->s, &h->text);
    note_names(h->s, &h->text);
    note_zombies(h->s, &h->text);
    lua_newtable(L);
    for (at = buf_text(&h->text), end = at + h->text.len; at < end;) {
        const char *name = at + strlen(at) + 1, *text = name + strlen(name) + 1;

        add(&l, at, name, text);
        at = text + strlen(text) + 1;
    }
}
