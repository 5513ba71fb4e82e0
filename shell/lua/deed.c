/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What became of a call, read from the events of its step as every other reader of the trace does.
 * Only bytes that the trace cuts are fetched from the actor itself, which stands still then. */
#include <sys/uio.h>

#include "base/mem.h"
#include "lua/host.h"
#include "proc/facts.h"
#include "view/row.h"

enum { FETCH_MAX = 1 << 20 };

static void
deed_release(struct deed *d)
{
    event_release(&d->enter);
    buf_release(&d->words);
    buf_release(&d->bytes);
    free(d->outs);
    *d = (struct deed){.kept = -1};
}

void
deed_again(struct deed *d)
{
    struct deed kept = {.next = d->next,
                        .kept = -1,
                        .enter = d->enter,
                        .words = d->words,
                        .bytes = d->bytes,
                        .outs = d->outs,
                        .cap_outs = d->cap_outs};

    buf_clear(&kept.words);
    buf_clear(&kept.bytes);
    *d = kept;
}

struct deed *
deed_now(struct host *h)
{
    deed_again(&h->now);
    return &h->now;
}

struct deed *
deed_new(struct host *h)
{
    struct deed *d = mem_alloc(sizeof *d);

    d->kept = -1;
    d->next = h->deeds;
    h->deeds = d;
    return d;
}

void
deed_free(struct host *h, struct deed *d)
{
    for (struct deed **at = &h->deeds; *at != NULL; at = &(*at)->next)
        if (*at == d) {
            *at = d->next;
            deed_release(d);
            free(d);
            return;
        }
}

static bool
is_it(const struct deed *d, const char *actor, int64_t step)
{
    return d->state == DEED_RUNS && d->step > 0 && (step == 0 || d->step == step) &&
           strcmp(d->actor, actor) == 0;
}

/* The one under way of this actor; step 0: in whatever step. */
static struct deed *
find(struct host *h, const char *actor, int64_t step)
{
    if (actor == NULL)
        return NULL;
    if (is_it(&h->now, actor, step))
        return &h->now;
    for (struct deed *d = h->deeds; d != NULL; d = d->next)
        if (is_it(d, actor, step))
            return d;
    return NULL;
}

/* ---- What was stored ----------------------------------------------------------------------- */

/* All bytes of the nth thing that the actor's call stored, as they are in its memory now. */
static bool
fetch(struct host *h, const char *actor, int nth, size_t total, struct buf *to)
{
    const struct actor *a = world_actor(&h->s->world, actor);
    struct iovec local, remote;
    struct fact_item f;
    struct wire_in in;
    int arg = -1, n = 0;
    size_t at = to->len;
    char *room;

    if (a == NULL || total > FETCH_MAX)
        return false;
    facts_open(&in, &a->reply);
    while (arg < 0 && facts_next(&in, &f))
        if ((f.kind == FACT_OUT_BYTES || f.kind == FACT_OUT_INT) && n++ == nth)
            arg = f.arg;
    facts_open(&in, &a->enter);
    while (arg >= 0 && facts_next(&in, &f)) {
        if (f.kind != FACT_ARG || f.arg != arg)
            continue;
        room = mem_alloc(total);
        local = (struct iovec){room, total};
        remote = (struct iovec){(void *)(uintptr_t)f.value, total};
        if (process_vm_readv(a->host, &local, 1, &remote, 1, 0) == (ssize_t)total)
            buf_put(to, room, total);
        free(room);
        return to->len == at + total;
    }
    return false;
}

/* name: of the array that i is an element of, else i has its own. */
static void
add_out(struct host *h, struct deed *d, const struct event *e, const struct item *i, int nth,
        const char *name)
{
    struct out *o;

    if (name == NULL)
        name = item_name(e, i);
    if (i->kind == ITEM_ARRAY) {
        for (const struct item *k = item_first(e, i); k != NULL; k = item_next(e, k))
            add_out(h, d, e, k, -1, name);
        return;
    }
    if (d->nouts == d->cap_outs) {
        d->cap_outs = d->cap_outs ? d->cap_outs * 2 : 4;
        d->outs = mem_grow(d->outs, sizeof *d->outs * (size_t)d->cap_outs);
    }
    o = &d->outs[d->nouts++];
    *o = (struct out){.number = i->kind == ITEM_INT, .value = i->value, .at = d->bytes.len};
    snprintf(o->name, sizeof o->name, "%s", name != NULL ? name : "");
    if (i->kind != ITEM_TEXT)
        return;
    o->n = i->len;
    if (i->cut && nth >= 0 && fetch(h, d->actor, nth, (size_t)i->value, &d->bytes)) {
        o->n = (size_t)i->value;
    } else {
        o->cut = i->cut;
        buf_put(&d->bytes, item_text(e, i), i->len);
    }
}

/* ---- Events -------------------------------------------------------------------------------- */

/* In the words of the prompt, without what stands around them there. */
static void
put_words(struct host *h, struct deed *d, const struct event *e)
{
    struct row row = {.l = &h->lines, .out = &d->words, .e = &d->enter};
    struct pending p = {0};

    pending_read(&row, &p, false);
    buf_printf(&d->words, "%s = %lld ", buf_text(&p.text), (long long)d->ret);
    row.e = e;
    state_error(&row, &p, d->error, true);
    pending_release(&p);
}

static void
on_exit_event(struct host *h, struct deed *d, const struct event *e)
{
    const struct item *out = event_get(e, NULL, "out"), *value = event_get(e, NULL, "value");
    const char *error = event_get_text(e, NULL, "errno");
    int nth = 0;

    d->state = DEED_DONE;
    d->ret = event_get_int(e, NULL, "ret", 0);
    snprintf(d->error, sizeof d->error, "%s", error != NULL ? error : "");
    if (error != NULL)
        put_words(h, d, e);
    if (out != NULL)
        for (const struct item *i = item_first(e, out); i != NULL; i = item_next(e, i))
            add_out(h, d, e, i, nth++, NULL);
    if (value != NULL)
        add_out(h, d, e, value, -1, value->kind == ITEM_ARRAY ? "" : NULL);
}

static void
remember_birth(struct host *h, const char *name)
{
    const struct actor *a = name != NULL ? world_actor(&h->s->world, name) : NULL;

    if (a == NULL)
        return;
    if (a->id >= h->nborn) {
        h->born = mem_grow(h->born, sizeof *h->born * (size_t)(a->id + 1));
        while (h->nborn <= a->id)
            h->born[h->nborn++] = 0;
    }
    h->born[a->id] = h->s->steps;
}

static void
on_process_event(struct host *h, const struct event *e)
{
    const char *name = event_get_text(e, NULL, "actor"), *what = event_get_text(e, NULL, "what");
    const char *sig = event_get_text(e, NULL, "sig");
    struct deed *d;

    if (what == NULL || name == NULL)
        return;
    if (strcmp(what, "fork") == 0) {
        remember_birth(h, name);
        d = find(h, event_get_text(e, NULL, "parent"), 0);
        if (d != NULL)
            snprintf(d->child, sizeof d->child, "%s", name);
        return;
    }
    if (strcmp(what, "exit") != 0 && strcmp(what, "killed") != 0 && strcmp(what, "exec") != 0)
        return;
    d = find(h, name, 0);
    if (d == NULL)
        return;
    if (call_ends(d) && strcmp(what, "killed") != 0) {
        d->state = DEED_DONE;
        return;
    }
    d->state = DEED_DIED;
    snprintf(d->error, sizeof d->error, "%s", sig != NULL ? sig : "EXIT");
    buf_printf(&d->words, "%s %s%s in %s", name, sig != NULL ? "was killed by " : "ended",
               sig != NULL ? sig : "", d->name);
}

static void
on_step_event(struct host *h, const char *ev, const struct event *e)
{
    struct deed *d = find(h, event_get_text(e, NULL, "actor"), event_get_int(e, NULL, "step", -1));

    if (d == NULL)
        return;
    if (strcmp(ev, "enter") == 0)
        event_copy(&d->enter, e);
    else if (strcmp(ev, "exit") == 0)
        on_exit_event(h, d, e);
    else
        d->blocked = true;
}

static void
on_event(void *ctx, const struct event *e)
{
    struct host *h = ctx;
    const char *ev = event_get_text(e, NULL, "ev");

    if (ev == NULL)
        return;
    if (strcmp(ev, "enter") == 0 || strcmp(ev, "exit") == 0 || strcmp(ev, "block") == 0)
        on_step_event(h, ev, e);
    else if (strcmp(ev, "process") == 0)
        on_process_event(h, e);
    else if (strcmp(ev, "reset") == 0 || strcmp(ev, "undo") == 0) {
        h->world++;
        h->nborn = 0;
    }
}

void
deed_listen(struct host *h)
{
    h->now.kept = -1;
    lines_init(&h->lines, &h->s->launcher.catalog);
    h->listener = (struct listener){.event = on_event, .ctx = h};
    session_listen(h->s, &h->listener);
}

void
deed_unlisten(struct host *h)
{
    for (struct listener **at = &h->s->listeners; *at != NULL; at = &(*at)->next)
        if (*at == &h->listener) {
            *at = h->listener.next;
            break;
        }
    lines_release(&h->lines);
    deed_release(&h->now);
    while (h->deeds != NULL)
        deed_free(h, h->deeds);
}
