/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kernel objects that have no descriptor: their ids, what their state says of a name that an
 * argument also has (the keys of segments), and shared memory where this actor has it. */
#include "assist/offer.h"

#include <inttypes.h>

#include "lang/lex.h"
#include "proc/facts.h"

/* Does a call of this plugin take ids of this object? */
static bool
is_of_plugin(const struct offers *o, const struct scene_frame *f, const struct object *object)
{
    const struct ipclab_kind *k = o->scene->s->launcher.catalog.plugins[f->ref.plugin].p.kinds;

    for (; k != NULL && k->name != NULL; k++)
        if (strcmp(k->name, object->kind->name) == 0)
            return object->key2 == 0 && object->state.len > 0;
    return false;
}

/* One field of its state. */
static void
put_field(const struct object *object, const char *name, size_t n, struct buf *out)
{
    struct wire_in in;
    struct fact_item item;

    facts_open(&in, &object->state);
    while (facts_next(&in, &item)) {
        if (item.name == NULL || strlen(item.name) != n || memcmp(item.name, name, n) != 0)
            continue;
        if (item.kind == FACT_STATE_TEXT)
            buf_puts(out, item.text);
        else if (item.kind == FACT_STATE_INT || item.kind == FACT_STATE_VOLATILE)
            buf_int(out, item.value);
        return;
    }
}

/* ", 27 B  1 attached": its state, as its kind has it at the end of a line. */
static void
put_state(const struct object *object, struct buf *out)
{
    const char *line = object->kind->line;
    size_t plain, n;

    if (line == NULL)
        return;
    buf_puts(out, ", ");
    while (*line != '\0') {
        plain = strcspn(line, "$");
        buf_put(out, line, plain);
        line += plain;
        if (*line == '\0')
            break;
        n = lex_name(line, 1, strlen(line));
        put_field(object, line + 1, n, out);
        line += n + 1;
    }
    while (out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

/* The last object of this id: the earlier ones are gone. */
static const struct object *
object_of_id(const struct offers *o, const struct scene_frame *f, int64_t id)
{
    const struct world *w = &o->scene->s->world;

    for (int i = w->nobjects - 1; i >= 0; i--)
        if (is_of_plugin(o, f, &w->objects[i]) && w->objects[i].key == (uint64_t)id)
            return &w->objects[i];
    return NULL;
}

static void
put_holders(struct offers *o, const struct scene_frame *f, const struct actor *a)
{
    for (int i = 0; i < a->symtab.n; i++) {
        const struct var *v = &a->symtab.vars[i];
        const struct object *object;
        struct buf *about;
        int64_t value;

        if (v->addr == ARENA_ERRNO || v->type.base != TYPE_INT || type_is_address(v->type) ||
            !offer_fits(o, v->name) || !peek_number(a, v->type, v->addr, &value) ||
            (object = object_of_id(o, f, value)) == NULL ||
            (about = offer(o, v->name, '\0')) == NULL)
            continue;
        buf_printf(about, "= %lld, %s", (long long)value, object->name);
        put_state(object, about);
    }
}

static bool
is_number(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return !type_is_address(v->type);
}

void
offer_objects(struct offers *o, const struct scene_frame *f)
{
    const struct actor *a = scene_actor(o->scene);
    const struct world *w = &o->scene->s->world;
    int before = o->c->n;
    char text[24];

    if (a != NULL)
        put_holders(o, f, a);
    for (int i = 0; i < w->nobjects; i++) {
        const struct object *object = &w->objects[i];
        struct buf *about;

        if (!is_of_plugin(o, f, object) || object_of_id(o, f, (int64_t)object->key) != object)
            continue;
        snprintf(text, sizeof text, "%" PRIu64, object->key);
        if ((about = offer(o, text, '\0')) == NULL)
            continue;
        buf_puts(about, object->name);
        put_state(object, about);
    }
    if (o->n > 0 && o->c->n == before)
        offer_vars(o, is_number, '\0');
}

void
offer_known_values(struct offers *o, const struct scene_frame *f)
{
    const char *name = catalog_arg(f->call, f->arg)->name;
    int before = o->c->n;
    const struct world *w = &o->scene->s->world;
    struct wire_in in;
    struct fact_item item;
    struct buf *about;
    char text[24];

    for (int i = 0; i < w->nobjects; i++) {
        if (!is_of_plugin(o, f, &w->objects[i]))
            continue;
        facts_open(&in, &w->objects[i].state);
        while (facts_next(&in, &item)) {
            if (item.kind != FACT_STATE_INT || strcmp(item.name, name) != 0 || item.value == 0)
                continue;
            snprintf(text, sizeof text, "%lld", (long long)item.value);
            if (!offer_has(o, before, text) && (about = offer(o, text, '\0')) != NULL)
                buf_printf(about, "the %s of %s", name, w->objects[i].name);
        }
    }
}

/* ---- Memory ------------------------------------------------------------------------------------
 */

enum { MAPS_READ = 4096 }; /* lines of /proc/PID/maps */

void
offer_memory(struct offers *o)
{
    const struct actor *a = scene_actor(o->scene);
    const struct world *w = &o->scene->s->world;
    char path[64], line[512], text[32];
    int lines = 0;
    FILE *f;

    /* An address begins with 0x: other words need no look. */
    if (a == NULL || (o->n > 0 && o->word[0] != '0') || o->match != OFFER_PREFIX)
        return;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)a->host);
    f = fopen(path, "re");
    while (f != NULL && lines++ < MAPS_READ && fgets(line, sizeof line, f) != NULL) {
        uint64_t from, to, ino;
        char access[8];
        int name = 0;
        struct buf *about;

        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*x %*s %" SCNu64 " %n", &from, &to, access,
                   &ino, &name) < 4 ||
            access[3] != 's' || strncmp(line + name, "/memfd:ipclab", 13) == 0)
            continue;
        snprintf(text, sizeof text, "0x%" PRIx64, from);
        if ((about = offer(o, text, '\0')) == NULL)
            continue;
        for (int i = w->nobjects - 1; i >= 0; i--)
            if (w->objects[i].key == ino && w->objects[i].key2 == 0) {
                buf_printf(about, "%s, ", w->objects[i].name);
                break;
            }
        buf_printf(about, "shared memory, %s%" PRIu64 " bytes: %s",
                   access[1] == 'w' ? "" : "only to read, ", to - from, line + name);
    }
    if (f != NULL)
        fclose(f);
}
