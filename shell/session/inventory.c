/* SPDX-License-Identifier: GPL-3.0-or-later
 * See inventory.h. */
#include "session/inventory.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "session/narrate_parts.h"
#include "session/observe.h"
#include "session/text_json.h"

enum {
    AT_ONCE = 64,     /* descriptors in one question */
    EVERYBODY = 1024, /* processes told to the observer when there are not more */
};

static struct thing *
add(struct inventory *inv)
{
    if (inv->n == inv->cap) {
        inv->cap = inv->cap ? inv->cap * 2 : 32;
        inv->things = mem_grow(inv->things, sizeof *inv->things * (size_t)inv->cap);
    }
    inv->things[inv->n] = (struct thing){0};
    return &inv->things[inv->n++];
}

/* ---- Asking -------------------------------------------------------------------------------- */

/* A descriptor to be looked at: the first that was seen of its object. */
struct probe_fd {
    const struct actor *actor;
    const struct fd_entry *fd;
};

/* Those who could be named, and the one behind whose descriptor we look. */
static void
put_processes(const struct session *s, const struct probe_fd *probes, int n, struct buf *frame)
{
    const struct world *w = &s->world;
    bool all = w->nactors <= EVERYBODY;

    observe_put_networks(frame, w);
    wire_u32(frame, (uint32_t)((all ? w->nactors : 0) + n));
    for (int i = 0; i < n; i++)
        observe_put_process(frame, probes[i].actor);
    for (int i = 0; all && i < w->nactors; i++)
        observe_put_process(frame, w->actors[i]);
}

/* Makes a thing of each object of an answer. True when there are more. */
static bool
take_things(const struct session *s, struct inventory *inv, const struct buf *facts)
{
    struct wire_in in, before;
    struct fact_item f;
    struct thing *t = NULL;
    bool more = false;

    facts_open(&in, facts);
    for (before = in; facts_next(&in, &f); before = in) {
        size_t n = (size_t)(in.p - before.p);

        if (f.kind == FACT_OBJECT) {
            t = add(inv);
            t->kind = catalog_kind(&s->launcher.catalog, f.name);
            t->key = f.key;
            t->key2 = f.key2;
        } else if (f.kind == FACT_MORE) {
            more = true;
        } else if (t != NULL && (f.kind == FACT_STATE_INT || f.kind == FACT_STATE_TEXT ||
                                 f.kind == FACT_STATE_BYTES || f.kind == FACT_STATE_VOLATILE)) {
            buf_put(&t->state, before.p, n);
        } else if (t != NULL &&
                   (f.kind == FACT_INT || f.kind == FACT_TEXT || f.kind == FACT_VOLATILE)) {
            buf_put(&t->detail, before.p, n);
        }
    }
    return more;
}

static void
ask_behind(struct session *s, struct inventory *inv, const struct probe_fd *probes, int n)
{
    static struct buf frame, answer;
    int from = inv->n;

    observe_begin(s, FRAME_OBJECTS, &frame);
    put_processes(s, probes, n, &frame);
    wire_u32(&frame, (uint32_t)n);
    for (int i = 0; i < n; i++) {
        wire_u32(&frame, (uint32_t)i);
        wire_u32(&frame, (uint32_t)probes[i].fd->fd);
    }
    wire_text(&frame, "");
    wire_u32(&frame, 0);
    if (observe(s, &frame, &answer))
        take_things(s, inv, &answer);
    for (int i = from; i < inv->n && i - from < n; i++) { /* also where it could not get a copy */
        inv->things[i].has_fds = true;
        inv->things[i].key = probes[i - from].fd->ino;
        inv->things[i].key2 = probes[i - from].fd->dev;
    }
}

static void
ask_descriptors(struct session *s, struct inventory *inv)
{
    struct probe_fd probes[AT_ONCE];
    int n = 0;

    for (int i = 0; i < s->world.nactors; i++)
        for (int k = 0; k < s->world.actors[i]->nfds; k++) {
            const struct fd_entry *fd = &s->world.actors[i]->fds[k];
            bool known = inventory_is_captured(inv, fd) || inventory_behind(inv, fd) != NULL;

            for (int j = 0; j < n && !known; j++)
                known = probes[j].fd->ino == fd->ino && probes[j].fd->dev == fd->dev;
            if (known)
                continue;
            probes[n++] = (struct probe_fd){s->world.actors[i], fd};
            if (n == AT_ONCE) {
                ask_behind(s, inv, probes, n);
                n = 0;
            }
        }
    if (n > 0)
        ask_behind(s, inv, probes, n);
}

static bool
is_named(const struct session *s, const struct thing *t)
{
    for (int i = 0; i < s->world.nobjects; i++)
        if (s->world.objects[i].kind == t->kind && s->world.objects[i].key == t->key &&
            s->world.objects[i].key2 == t->key2)
            return true;
    return false;
}

/* The machine is not the world: what no call has named is ours when its creator is. */
static bool
is_of_world(const struct session *s, const struct thing *t)
{
    struct wire_in in;
    struct fact_item f;

    if (s->world.kind != WORLD_SHARED || is_named(s, t))
        return true;
    facts_open(&in, &t->state);
    while (facts_next(&in, &f))
        if (f.kind == FACT_STATE_TEXT && strcmp(f.name, "creator") == 0)
            return true;
    return false;
}

static void
ask_list(struct session *s, struct inventory *inv, const struct ipclab_kind *kind)
{
    static struct buf frame, answer;
    uint32_t told = 0;
    bool more = true;

    while (more) {
        int from = inv->n, kept = inv->n;

        observe_begin(s, FRAME_OBJECTS, &frame);
        put_processes(s, NULL, 0, &frame);
        wire_u32(&frame, 0);
        wire_text(&frame, kind->name);
        wire_u32(&frame, told);
        if (!observe(s, &frame, &answer))
            return;
        more = take_things(s, inv, &answer) && inv->n > from;
        told += (uint32_t)(inv->n - from);
        for (int i = from; i < inv->n; i++) {
            struct thing *t = &inv->things[i];

            if (is_of_world(s, t)) {
                inv->things[kept++] = *t;
                continue;
            }
            buf_release(&t->state);
            buf_release(&t->detail);
        }
        inv->n = kept;
    }
}

static void
ask_lists(struct session *s, struct inventory *inv)
{
    const struct catalog *c = &s->launcher.catalog;

    for (int i = 0; i < c->nplugins; i++)
        for (int k = 0; k < c->plugins[i].nkinds; k++)
            if ((c->plugins[i].kind_traits[k] & KIND_IS_LISTED) != 0)
                ask_list(s, inv, &c->plugins[i].p.kinds[k]);
}

/* ---- What is private to a process ---------------------------------------------------------- */

/* Of a kind without descriptors and list (a FILE) only its process tells the state, in its calls;
 * nobody else can change it meanwhile. */
static void
add_private(const struct session *s, struct inventory *inv)
{
    for (int i = 0; i < s->world.nobjects; i++) {
        const struct object *o = &s->world.objects[i];
        const struct actor *a = world_actor_by_pid(&s->world, (pid_t)o->key2);
        struct thing *t;

        if (catalog_kind_traits(&s->launcher.catalog, o->kind) != 0 || o->state.len == 0 ||
            a == NULL || !actor_alive(a) || a->state == ACTOR_FOREIGN)
            continue;
        t = add(inv);
        t->kind = o->kind;
        t->key = o->key;
        t->key2 = o->key2;
        buf_put(&t->state, o->state.data, o->state.len);
    }
}

/* ---- Names --------------------------------------------------------------------------------- */

static int
age_of(const struct session *s, const struct thing *t)
{
    for (int i = s->world.nobjects - 1; i >= 0; i--)
        if (s->world.objects[i].kind == t->kind && s->world.objects[i].key == t->key &&
            s->world.objects[i].key2 == t->key2)
            return i;
    return -1;
}

static void
name_things(const struct session *s, struct inventory *inv)
{
    struct thing *sorted = mem_alloc(sizeof *sorted * (size_t)(inv->n + 1));
    int *ages = mem_alloc(sizeof *ages * (size_t)(inv->n + 1)), n = 0;

    for (int i = 0; i < inv->n; i++)
        ages[i] = age_of(s, &inv->things[i]);
    for (int age = 0; age < s->world.nobjects; age++)
        for (int i = 0; i < inv->n; i++)
            if (ages[i] == age) {
                sorted[n] = inv->things[i];
                sorted[n].named = true;
                memcpy(sorted[n].name, s->world.objects[age].name, sizeof sorted[n].name);
                n++;
            }
    for (int i = 0; i < inv->n; i++) {
        struct thing *t = &inv->things[i];
        int number = 1;

        if (ages[i] >= 0)
            continue;
        for (int k = 0; k < s->world.nobjects; k++)
            number += s->world.objects[k].kind == t->kind;
        for (int k = 0; k < n; k++)
            number += !sorted[k].named && sorted[k].kind == t->kind;
        if (t->kind != NULL)
            snprintf(t->name, sizeof t->name, "%.31s#%d", t->kind->name, number);
        sorted[n++] = *t;
    }
    free(ages);
    free(inv->things);
    inv->things = sorted;
}

/* ---- All of it ----------------------------------------------------------------------------- */

static void
note_captured(const struct session *s, struct inventory *inv)
{
    inv->captured = mem_alloc(sizeof *inv->captured * (size_t)(2 * s->world.nactors + 1));
    for (int i = 0; i < s->world.nactors; i++) {
        const int ends[2] = {s->world.actors[i]->out, s->world.actors[i]->err};
        struct stat st;

        for (int k = 0; k < 2; k++)
            if (ends[k] >= 0 && fstat(ends[k], &st) == 0)
                inv->captured[inv->ncaptured++] = st.st_ino;
    }
}

void
inventory_take(struct session *s, struct inventory *inv)
{
    *inv = (struct inventory){0};
    world_refresh_fds(&s->world);
    note_captured(s, inv);
    ask_descriptors(s, inv);
    ask_lists(s, inv);
    add_private(s, inv);
    name_things(s, inv);
}

void
inventory_release(struct inventory *inv)
{
    for (int i = 0; i < inv->n; i++) {
        buf_release(&inv->things[i].state);
        buf_release(&inv->things[i].detail);
    }
    free(inv->things);
    free(inv->captured);
    *inv = (struct inventory){0};
}

const struct thing *
inventory_behind(const struct inventory *inv, const struct fd_entry *fd)
{
    for (int i = 0; i < inv->n; i++)
        if (inv->things[i].has_fds && inv->things[i].key == fd->ino &&
            inv->things[i].key2 == fd->dev)
            return &inv->things[i];
    return NULL;
}

bool
inventory_is_captured(const struct inventory *inv, const struct fd_entry *fd)
{
    for (int i = 0; i < inv->ncaptured && S_ISFIFO(fd->mode); i++)
        if (inv->captured[i] == fd->ino)
            return true;
    return false;
}

const struct thing *
inventory_mapped(const struct inventory *inv, const char *path, uint64_t dev, uint64_t inode)
{
    for (int i = 0; i < inv->n && path[0] != '\0'; i++) {
        const struct thing *t = &inv->things[i];

        if (t->kind == NULL || t->key != inode)
            continue;
        if (t->kind->maps != NULL ? strncmp(path, t->kind->maps, strlen(t->kind->maps)) == 0
                                  : t->has_fds && t->key2 == dev)
            return t;
    }
    return NULL;
}

void
inventory_fields(const struct session *s, const struct buf *facts, json_t *object)
{
    struct wire_in in;
    struct fact_item f;
    char room[32];

    facts_open(&in, facts);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_STATE_TEXT || f.kind == FACT_TEXT) {
            const char *text = narrate_name(s, f.text, room, sizeof room);

            if (text[0] != '\0' || f.text[0] != LOOK_HOST_MARK)
                json_object_set_new(object, f.name, text_json(text));
        } else if (f.kind == FACT_STATE_BYTES)
            json_object_set_new(object, f.name, text_json_n(f.data, f.n));
        else
            json_object_set_new(object, f.name, json_integer(f.value));
    }
}
