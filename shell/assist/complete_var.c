/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variables of who acts, with what they hold now: read from outside, which is no step. */
#include "assist/offer.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct actor *
owner(const struct offers *o)
{
    const struct actor *a = scene_actor(o->scene);

    return a != NULL && a->state != ACTOR_FOREIGN && actor_alive(a) ? a : NULL;
}

static void
put_var(struct offers *o, const struct actor *a, const struct var *v, char append)
{
    struct buf *about = offer(o, v->name, append);

    if (about == NULL)
        return;
    type_text(about, v->type, "");
    buf_puts(about, " = ");
    peek_var(a, v, about);
}

void
offer_vars(struct offers *o, var_filter take, char append)
{
    const struct actor *a = owner(o);

    for (int i = 1; a != NULL && i <= a->symtab.n; i++) {
        const struct var *v = &a->symtab.vars[i % a->symtab.n]; /* errno, the first, is last */

        if (offer_fits(o, v->name) && (take == NULL || take(o->scene, a, v)))
            put_var(o, a, v, append);
    }
}

/* ---- Descriptors -------------------------------------------------------------------------------
 */

static const struct fd_entry *
find_fd(const struct actor *a, int64_t fd)
{
    for (int i = 0; i < a->nfds; i++)
        if (a->fds[i].fd == fd)
            return &a->fds[i];
    return NULL;
}

static const char *
object_of(const struct world *w, const struct fd_entry *e)
{
    for (int i = w->nobjects - 1; i >= 0; i--)
        if (w->objects[i].key == e->ino && w->objects[i].key2 == e->dev)
            return w->objects[i].name;
    return NULL;
}

/* "pipe#1, read end"; what no call has named yet by the name that the kernel has for it. */
static void
describe(const struct offers *o, const struct actor *a, const struct fd_entry *e, struct buf *out)
{
    const char *object = object_of(&o->scene->s->world, e);
    char path[64], target[256];
    ssize_t n;

    if (object != NULL) {
        buf_puts(out, object);
    } else if ((e->fd == 1 || e->fd == 2) && S_ISFIFO(e->mode)) {
        buf_puts(out, e->fd == 1 ? "standard output, shown here" : "standard error, shown here");
        return;
    } else {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)a->host, e->fd);
        n = readlink(path, target, sizeof target);
        buf_put(out, target, n > 0 ? (size_t)n : 0);
    }
    if (S_ISFIFO(e->mode))
        buf_puts(out, e->access == 'r'   ? ", read end"
                      : e->access == 'w' ? ", write end"
                                         : ", both ends");
    else if (e->access != 'u')
        buf_puts(out, e->access == 'r' ? ", to read" : ", to write");
}

static void
put_descriptor(struct offers *o, const struct actor *a, const char *text, const struct fd_entry *e,
               bool value)
{
    struct buf *about = offer(o, text, '\0');

    if (about == NULL)
        return;
    if (value)
        buf_printf(about, "= %d, ", e->fd);
    describe(o, a, e, about);
}

static void
put_holders(struct offers *o, const struct actor *a, const struct var *v)
{
    struct type t = type_element(v->type);
    const struct fd_entry *e;
    char text[SYMTAB_NAME_MAX + 16];
    int64_t value;

    if (v->type.base != TYPE_INT || v->type.stars > 0 || v->addr == ARENA_ERRNO)
        return;
    if (v->type.count == 0) {
        if (offer_fits(o, v->name) && peek_number(a, v->type, v->addr, &value) &&
            (e = find_fd(a, value)) != NULL)
            put_descriptor(o, a, v->name, e, true);
        return;
    }
    for (uint32_t i = 0; i < v->type.count && i < PEEK_ELEMENTS; i++) {
        snprintf(text, sizeof text, "%s[%u]", v->name, i);
        if (offer_fits(o, text) && peek_number(a, t, v->addr + i * type_size(t), &value) &&
            (e = find_fd(a, value)) != NULL)
            put_descriptor(o, a, text, e, true);
    }
}

static bool
holds_none(const struct scene *sc, const struct actor *a, const struct var *v)
{
    int64_t value;

    (void)sc;
    return v->type.base == TYPE_INT && !type_is_address(v->type) &&
           (v->addr == ARENA_ERRNO || !peek_number(a, v->type, v->addr, &value) ||
            find_fd(a, value) == NULL);
}

void
offer_descriptors(struct offers *o)
{
    const struct actor *a = owner(o);
    char text[16];

    for (int i = 0; a != NULL && i < a->symtab.n; i++)
        put_holders(o, a, &a->symtab.vars[i]);
    for (int pass = 0; pass < 2; pass++) /* 0, 1 and 2 are seldom meant */
        for (int i = 0; a != NULL && i < a->nfds; i++) {
            if ((a->fds[i].fd > 2) != (pass == 0))
                continue;
            snprintf(text, sizeof text, "%d", a->fds[i].fd);
            put_descriptor(o, a, text, &a->fds[i], false);
        }
    if (o->n > 0)
        offer_vars(o, holds_none, '\0');
}

/* The elements of the array before [. */
void
offer_elements(struct offers *o, const struct scene_frame *index)
{
    const struct actor *a = owner(o);
    char name[SYMTAB_NAME_MAX + 1], text[16];
    size_t n = index->name_end - index->name;
    const struct var *v;
    struct type t;

    if (a == NULL || n == 0 || n > SYMTAB_NAME_MAX)
        return;
    memcpy(name, o->scene->line + index->name, n);
    name[n] = '\0';
    v = symtab_find(&a->symtab, name);
    if (v == NULL || v->type.count == 0 || v->type.count > PEEK_ELEMENTS)
        return;
    t = type_element(v->type);
    for (uint32_t i = 0; i < v->type.count; i++) {
        struct buf *about;
        const struct fd_entry *e;
        int64_t value;

        snprintf(text, sizeof text, "%u", i);
        if ((about = offer(o, text, ']')) == NULL)
            continue;
        buf_puts(about, "= ");
        peek_scalar(a, t, v->addr + i * type_size(t), about);
        if (t.base == TYPE_INT && peek_number(a, t, v->addr + i * type_size(t), &value) &&
            value > 2 && (e = find_fd(a, value)) != NULL) {
            buf_puts(about, ", ");
            describe(o, a, e, about);
        }
    }
}
