/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the observer of the world why an actor waits: who there is and what each is doing, who
 * holds the object and since when. What comes back is the plugin's explanation, as facts. */
#include "base/mem.h"
#include "proc/facts.h"
#include "session/explain.h"
#include "session/observe.h"

enum {
    TELL_EVERYBODY = 256, /* processes told to the observer when there are not more */
    LINKED_MAX = 1024,    /* descriptors of other objects of a linked kind */
};

static bool
waits_on(const struct actor *a, int object)
{
    int n = explain_object(a);

    return a->state == ACTOR_BUSY && a->waits && !a->stopped && n >= 0 && a->objects[n] == object;
}

static bool
holds_any(const struct session *s, const struct actor *a, const struct actor *self)
{
    for (int i = 0; i < self->nobjects; i++) {
        const struct holds *h = &s->world.objects[self->objects[i]].holds;

        for (int k = 0; k < h->n; k++)
            if (h->list[k].actor == a->id)
                return true;
    }
    return false;
}

static bool
matters(const struct session *s, const struct actor *a, const struct actor *self, int object)
{
    if (s->world.nactors <= TELL_EVERYBODY || a == self || a->parent == self->id ||
        (object >= 0 && waits_on(a, object)) || holds_any(s, a, self))
        return true;
    for (int k = 0; k < a->nfds && object >= 0; k++)
        if (a->fds[k].ino == s->world.objects[object].key &&
            a->fds[k].dev == s->world.objects[object].key2)
            return true;
    return false;
}

/* What is known of a descriptor beside its number. The kinds that are buffers before a descriptor
 * say so in their state (plugin.h). */
static void
put_holder(const struct session *s, const struct actor *a, const struct fd_entry *e, struct buf *b)
{
    char name[SYMTAB_NAME_MAX + 1] = "";
    int64_t unwritten = object_unwritten(s, a, e->fd, name);

    wire_u32(b, (uint32_t)e->fd);
    wire_u8(b, (uint8_t)e->access);
    wire_i64(b, e->since);
    wire_text(b, fd_birth_word(e->birth));
    wire_i64(b, unwritten);
    wire_text(b, name);
}

/* Of a linked kind: the descriptors of its other objects, among which is the peer's. */
static void
put_linked(const struct world *w, const int *index, int object, struct buf *b)
{
    size_t count_at = b->len;
    uint32_t n = 0;

    wire_u32(b, 0);
    if (object < 0 || w->objects[object].kind->linked != IPCLAB_LINKED)
        return;
    for (int i = 0; i < w->nactors; i++)
        for (int k = 0; k < w->actors[i]->nfds && index[i] >= 0 && n < LINKED_MAX; k++) {
            const struct fd_entry *e = &w->actors[i]->fds[k];

            for (int o = 0; o < w->nobjects; o++) {
                if (o == object || w->objects[o].kind != w->objects[object].kind ||
                    w->objects[o].key != e->ino || w->objects[o].key2 != e->dev)
                    continue;
                wire_i64(b, (int64_t)e->ino);
                wire_i64(b, (int64_t)e->dev);
                wire_u32(b, (uint32_t)index[i]);
                wire_u32(b, (uint32_t)e->fd);
                n++;
                break;
            }
        }
    memcpy(b->data + count_at, &n, sizeof n);
}

/* Who took what from the objects that the call named. */
static void
put_holds(const struct session *s, const struct actor *a, const int *index, struct buf *b)
{
    size_t count_at = b->len;
    uint32_t n = 0;

    wire_u32(b, 0);
    for (int i = 0; i < a->nobjects; i++) {
        const struct holds *h = &s->world.objects[a->objects[i]].holds;

        for (int k = 0; k < h->n; k++) {
            const struct hold *o = &h->list[k];
            const struct actor *who = s->world.actors[o->actor];

            wire_u32(b, (uint32_t)i);
            wire_u32(b, (uint32_t)index[o->actor]);
            wire_text(b, who->name);
            wire_i64(b, who->pid);
            wire_u8(b, who->state == ACTOR_DEAD);
            wire_i64(b, o->part);
            wire_i64(b, o->amount);
            wire_i64(b, o->since);
            wire_i64(b, o->given);
            wire_i64(b, o->gave);
            n++;
        }
    }
    memcpy(b->data + count_at, &n, sizeof n);
}

/* Others that wait on this object, in the order of their steps. One that is stopped gets nothing.
 */
static void
put_waiters(const struct session *s, const struct actor *a, int object, const int *index,
            struct buf *b)
{
    size_t count_at = b->len;
    const struct actor *last = NULL;
    uint32_t n = 0;

    wire_u32(b, 0);
    for (;;) {
        const struct actor *next = NULL;

        for (int i = 0; i < s->world.nactors && object >= 0; i++) {
            const struct actor *p = s->world.actors[i];

            if (p != a && index[i] >= 0 && waits_on(p, object) &&
                (last == NULL || p->step > last->step) && (next == NULL || p->step < next->step))
                next = p;
        }
        if (next == NULL)
            break;
        wire_u32(b, (uint32_t)index[next->id]);
        last = next;
        n++;
    }
    memcpy(b->data + count_at, &n, sizeof n);
}

/* The arguments, as numbers and where they have one as their text. */
static void
put_args(const struct actor *a, struct buf *b)
{
    struct wire_in in;
    struct fact_item f;
    struct buf texts[IPCLAB_MAX_ARGS] = {0};
    int64_t values[IPCLAB_MAX_ARGS];
    uint8_t n = 0;

    facts_open(&in, &a->enter);
    while (facts_next(&in, &f))
        if (f.kind == FACT_ARG && n < IPCLAB_MAX_ARGS)
            values[n++] = f.value;
        else if (f.kind == FACT_ARG_BYTES && f.arg < IPCLAB_MAX_ARGS)
            buf_put(&texts[f.arg], f.data, f.n);
    wire_u8(b, n);
    for (int i = 0; i < IPCLAB_MAX_ARGS; i++) {
        if (i < n) {
            wire_i64(b, values[i]);
            wire_text(b, buf_text(&texts[i]));
        }
        buf_release(&texts[i]);
    }
}

/* Which object the call waits on: of several the first whose kind can explain is tried first. */
static void
put_question(struct session *s, const struct actor *a, struct buf *b)
{
    struct world *w = &s->world;
    int object = a->nobjects > 0 ? a->objects[a->nobjects - 1] : -1;
    int fd = a->nobjects > 0 ? a->object_fds[a->nobjects - 1] : -1, at = explain_object(a);
    int *index = mem_alloc(sizeof *index * (size_t)(w->nactors + 1));
    uint32_t n = 0, nholders = 0;
    size_t count_at;

    for (int i = 0; i < w->nactors; i++) {
        const struct actor *p = w->actors[i];
        bool gone = p->state == ACTOR_DEAD &&
                    (p->reaped || p->host == 0 || probe_state_letter(p->host) != 'Z');

        index[i] = !gone && matters(s, p, a, object) ? (int)n++ : -1;
    }
    wire_u32(b, (uint32_t)a->ref.plugin);
    wire_u32(b, (uint32_t)a->ref.call);
    wire_u32(b, (uint32_t)index[a->id]);
    put_args(a, b);
    wire_text(b, object >= 0 ? w->objects[object].kind->name : "");
    wire_i64(b, object >= 0 ? (int64_t)w->objects[object].key : 0);
    wire_i64(b, object >= 0 ? (int64_t)w->objects[object].key2 : 0);
    wire_u32(b, (uint32_t)fd);
    observe_put_networks(b, w);
    wire_u32(b, n);
    for (int i = 0; i < w->nactors; i++)
        if (index[i] >= 0)
            observe_put_process(b, w->actors[i]);
    count_at = b->len;
    wire_u32(b, 0);
    for (int i = 0; i < w->nactors && object >= 0; i++)
        for (int k = 0; k < w->actors[i]->nfds && index[i] >= 0; k++) {
            const struct fd_entry *e = &w->actors[i]->fds[k];

            if (e->ino != w->objects[object].key || e->dev != w->objects[object].key2)
                continue;
            wire_u32(b, (uint32_t)index[i]);
            put_holder(s, w->actors[i], e, b);
            nholders++;
        }
    wire_u32(b, (uint32_t)a->signals.early.sig);
    wire_i64(b, a->signals.early.step);
    wire_text(b, a->signals.early.from);
    memcpy(b->data + count_at, &nholders, sizeof nholders);
    put_linked(w, index, object, b);
    put_holds(s, a, index, b);
    put_waiters(s, a, at >= 0 ? a->objects[at] : -1, index, b);
    free(index);
}

void
explain_wait(struct session *s, struct actor *a, struct buf *out)
{
    static struct buf frame;

    buf_clear(out);
    if (a->call == NULL)
        return;
    world_refresh_fds(&s->world);
    observe_begin(s, FRAME_EXPLAIN, &frame);
    put_question(s, a, &frame);
    observe(s, &frame, out);
}
