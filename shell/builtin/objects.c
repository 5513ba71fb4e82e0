/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * objects: all kernel objects of the world, as lsipc(1) and lsof(8) would show them, in our names.
 */
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"
#include "builtin/table.h"
#include "proc/fd_info.h"
#include "proc/fd_mark.h"
#include "proc/maps.h"
#include "session/inventory.h"
#include "session/text_json.h"

/* ---- Facts --------------------------------------------------------------------------------- */

/* The memory of an actor, read once for all objects. */
struct mapping {
    const struct actor *actor;
    struct region *regions;
    int n;
};

static json_t *
holders_of(const struct session *s, const struct thing *t)
{
    json_t *list = json_array();

    for (int i = 0; i < s->world.nactors && t->has_fds; i++) {
        const struct actor *a = s->world.actors[i];

        for (int k = 0; k < a->nfds; k++)
            if (a->fds[k].ino == t->key && a->fds[k].dev == t->key2)
                json_array_append_new(list, json_pack("{s:s, s:i, s:s#}", "actor", a->name, "fd",
                                                      a->fds[k].fd, "mode", &a->fds[k].access, 1));
    }
    return list;
}

static json_t *
attached_to(const struct inventory *inv, const struct thing *t, const struct mapping *maps, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++)
        for (int k = 0; k < maps[i].n; k++) {
            const struct region *r = &maps[i].regions[k];

            if (inventory_mapped(inv, r->path, r->dev, r->inode) != t)
                continue;
            json_array_append_new(list, json_string(maps[i].actor->name));
            break;
        }
    return list;
}

/* Its name among files, as the first that has it open sees it. */
static void
put_path(const struct session *s, const struct thing *t, json_t *object)
{
    struct fd_info info;

    for (int i = 0; i < s->world.nactors && t->has_fds; i++) {
        const struct actor *a = s->world.actors[i];

        for (int k = 0; k < a->nfds; k++) {
            if (a->fds[k].ino != t->key || a->fds[k].dev != t->key2)
                continue;
            if (fd_info_read(a->host, a->fds[k].fd, &info) && info.target[0] == '/')
                json_object_set_new(object, "path", text_json(info.target));
            return;
        }
    }
}

/* What the kernel knows it by. */
static void
put_identity(const struct thing *t, json_t *object)
{
    const json_t *key = json_object_get(json_object_get(object, "state"), "key");

    if (t->has_fds && fd_mark_is(t->key))
        return; /* the kernel has no number for it */
    if (t->has_fds) {
        json_object_set_new(object, "inode", json_integer((json_int_t)t->key));
        json_object_set_new(object, "device",
                            json_sprintf("%u:%u", major(t->key2), minor(t->key2)));
    } else if (t->kind != NULL && t->key2 == 0) {
        json_object_set_new(object, "id", json_integer((json_int_t)t->key));
    } else {
        json_object_set_new(object, "address", json_sprintf("0x%llx", (unsigned long long)t->key));
    }
    if (json_is_integer(key))
        json_object_set_new(object, "key",
                            json_sprintf("0x%08x", (unsigned)json_integer_value(key)));
}

static json_t *
facts_of(struct session *s)
{
    struct inventory inv;
    struct mapping *maps = mem_alloc(sizeof *maps * (size_t)(s->world.nactors + 1));
    json_t *list = json_array();
    int n = 0;

    inventory_take(s, &inv);
    for (int i = 0; i < s->world.nactors; i++) {
        int cap = 0;

        maps[n].actor = s->world.actors[i];
        if (actor_alive(maps[n].actor) &&
            (maps[n].n = maps_read(maps[n].actor->host, &maps[n].regions, &cap)) >= 0)
            n++;
    }
    for (int i = 0; i < inv.n; i++) {
        const struct thing *t = &inv.things[i];
        json_t *o, *state = json_object(), *detail = json_object();

        if (t->kind == NULL)
            continue;
        inventory_fields(s, &t->state, state);
        inventory_fields(s, &t->detail, detail);
        o = json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "name", t->name, "kind", t->kind->name,
                      "named", t->named, "state", state, "detail", detail, "holders",
                      holders_of(s, t), "attached", attached_to(&inv, t, maps, n));
        put_identity(t, o);
        put_path(s, t, o);
        json_array_append_new(list, o);
    }
    for (int i = 0; i < n; i++)
        free(maps[i].regions);
    free(maps);
    inventory_release(&inv);
    return list;
}

/* ---- Text ---------------------------------------------------------------------------------- */

static void
put_fields(const json_t *fields, struct buf *out)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        if (strcmp(name, "changed") == 0)
            continue;
        if (json_is_string(value))
            buf_printf(out, "  %s %s", name, json_string_value(value));
        else
            buf_printf(out, "  %s %lld", name, (long long)json_integer_value(value));
    }
}

static void
put_names(const json_t *names, const char *what, struct buf *out)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
        buf_printf(out, "%s%s", i == 0 ? what : " ", json_string_value(name));
}

static void
put_object(struct session *s, const json_t *o, struct table *t)
{
    const struct ipclab_kind *kind =
        catalog_kind(&s->launcher.catalog, json_string_value(json_object_get(o, "kind")));
    const char *key = json_string_value(json_object_get(o, "key"));
    const char *creator =
        json_string_value(json_object_get(json_object_get(o, "state"), "creator"));
    const char *host = json_string_value(json_object_get(json_object_get(o, "state"), "host"));
    const char *address = json_string_value(json_object_get(o, "address"));
    struct buf text = {0};

    table_cell(t, "%s%s", json_string_value(json_object_get(o, "name")),
               json_is_true(json_object_get(o, "named")) ? "" : "*");
    if (json_object_get(o, "id") != NULL)
        buf_printf(&text, "id %lld", (long long)json_integer_value(json_object_get(o, "id")));
    else if (address != NULL)
        buf_puts(&text, address);
    else if (json_object_get(o, "inode") != NULL)
        buf_printf(&text, "inode %lld", (long long)json_integer_value(json_object_get(o, "inode")));
    if (key != NULL)
        buf_printf(&text, "  key %s", key);
    table_cell(t, "%s", buf_text(&text));
    buf_clear(&text);
    if (look_text(o, "path")[0] != '\0' && json_is_false(json_object_get(o, "named")))
        buf_printf(&text, "%s  ", look_text(o, "path"));
    look_state(kind, o, &text);
    if (host != NULL)
        buf_printf(&text, "  on %s", host);
    if (creator != NULL)
        buf_printf(&text, "  made by %s", creator);
    put_names(json_object_get(o, "attached"), "  in the memory of ", &text);
    put_fields(json_object_get(o, "detail"), &text);
    table_cell(t, "%s", buf_text(&text));
    buf_release(&text);
}

static void
say_objects(struct session *s, const json_t *list)
{
    struct buf out = {0};
    struct table t;
    const json_t *o;
    bool found = false;
    size_t i;

    table_init(&t, "<<<", look_ascii());
    t.linear = s->settings.linear;
    table_cell(&t, "OBJECT");
    table_cell(&t, "KERNEL");
    table_cell(&t, "STATE");
    json_array_foreach(list, i, o)
    {
        put_object(s, o, &t);
        found |= json_is_false(json_object_get(o, "named"));
    }
    table_end(&t, &out, 0, page_width(s));
    if (json_array_size(list) == 0) {
        buf_clear(&out);
        buf_puts(&out, s->world.blind ? "no object that can be seen\n" : "no object yet\n");
    }
    if (found)
        buf_puts(&out, "* no call has named it: a program made it, or it was there before\n");
    session_page(s, buf_text(&out), out.len);
    buf_release(&out);
}

static int
on_objects(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    json_t *list;

    if (rest[0] != '\0')
        return err_set(err, STATUS_USAGE, "objects takes nothing but --json");
    list = facts_of(s);
    if (json) {
        look_tell_json(s, list);
        return 0;
    }
    say_objects(s, list);
    json_decref(list);
    return 0;
}

static const char *const examples[] = {
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\na pipe(p)\nobjects",
    "spawn a\na pipe(p)\nobjects --json", NULL};

const struct builtin builtin_objects = {
    .name = "objects",
    .usage = "[--json]",
    .summary = "the kernel objects of the world: what is in them, who has them",
    .help =
        "What lsipc and lsof would show inside the world, under the names of the trace. An object "
        "with a * was not made by a call here but by a program, or was there from the beginning; "
        "its name is for this list alone. Semaphores, mutexes and words that lie in the memory of "
        "processes are not the kernel's and not in it: the last column of their calls shows them.\n"
        "--json: an array with an object for each: name, kind, named (false: found only now); id "
        "and key as the kernel numbers it, or inode, device and path, or the address in its "
        "process; "
        "state, the fields that its events have; detail, what else the kernel says (mode, owner, "
        "capacity ...); holders, each with actor, fd and mode (r, w or u for both); attached, the "
        "actors that have it in their memory.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON,
    .examples = examples,
    .run = on_objects,
};
