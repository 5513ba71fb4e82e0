/* SPDX-License-Identifier: GPL-3.0-or-later
 * See history.h. */
#include "lua/history.h"

#include "base/mem.h"

void
history_init(struct history *h, const struct catalog *catalog)
{
    *h = (struct history){.catalog = catalog, .last = -1};
}

static void
record_free(struct record *r)
{
    event_release(&r->enter);
    event_release(&r->block);
    event_release(&r->exit);
    free(r);
}

void
history_release(struct history *h)
{
    for (int i = 0; i < h->n; i++)
        record_free(h->list[i]);
    free(h->list);
    free(h->resets);
    history_init(h, h->catalog);
}

static struct record *
add(struct history *h, const char *ev, int64_t seq)
{
    struct record *r = mem_alloc(sizeof *r);

    if (h->n == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->list = mem_grow(h->list, sizeof *h->list * (size_t)h->cap);
    }
    h->list[h->n++] = r;
    r->seq = r->done = seq;
    r->block_seq = -1;
    snprintf(r->ev, sizeof r->ev, "%s", ev);
    return r;
}

/* What every query looks at first; the copy of the event keeps it. */
static void
take_names(struct record *r, const struct event *e)
{
    const char *actor = event_get_text(e, NULL, "actor"), *name = event_get_text(e, NULL, "call");

    r->actor = actor != NULL ? actor : "";
    r->name = r->step && name != NULL ? name : "";
}

/* The step under way of this number: not far from the end. */
static struct record *
under_way(struct history *h, const struct event *e)
{
    int64_t step = event_get_int(e, NULL, "step", -1);

    for (int i = h->n; i-- > h->from;) {
        struct record *r = h->list[i];

        if (r->step && r->done < 0 && event_get_int(&r->enter, NULL, "step", -2) == step)
            return r;
    }
    return NULL;
}

static const struct record *
begin(struct history *h, const struct event *e, int64_t seq)
{
    struct record *r = add(h, "call", seq);
    const char *call = event_get_text(e, NULL, "call");

    r->step = true;
    r->done = -1;
    r->call = call != NULL ? catalog_call(h->catalog, call, NULL) : NULL;
    event_copy(&r->enter, e);
    take_names(r, &r->enter);
    return r;
}

static void
reset(struct history *h, int64_t seq)
{
    h->resets = mem_grow(h->resets, sizeof *h->resets * (size_t)(h->nresets + 1));
    h->resets[h->nresets++] = (struct reset){seq, h->n};
    h->from = h->n;
}

/* The world is as it was after event `to`. */
static void
undo(struct history *h, int64_t to)
{
    while (h->n > 0 && h->list[h->n - 1]->seq > to)
        record_free(h->list[--h->n]);
    while (h->nresets > 0 && h->resets[h->nresets - 1].seq > to)
        h->nresets--;
    h->from = h->nresets > 0 ? h->resets[h->nresets - 1].at : 0;
    for (int i = 0; i < h->n; i++) {
        struct record *r = h->list[i];

        if (r->step && r->done > to) {
            event_release(&r->exit);
            r->done = -1;
        }
        if (r->block_seq > to) {
            event_release(&r->block);
            r->blocked = false;
            r->block_seq = -1;
        }
    }
}

const char *const history_others[] = {"signal",  "process", "output", "verdict",
                                      "predict", "bench",   NULL};

const struct record *
history_event(struct history *h, const struct event *e, int64_t seq)
{
    const char *ev = event_get_text(e, NULL, "ev");
    struct record *r = NULL;

    h->last = seq;
    if (ev == NULL)
        return NULL;
    if (strcmp(ev, "enter") == 0)
        return begin(h, e, seq);
    if (strcmp(ev, "block") == 0 && (r = under_way(h, e)) != NULL) {
        event_release(&r->block);
        event_copy(&r->block, e);
        r->blocked = true;
        if (r->block_seq < 0)
            r->block_seq = seq;
    } else if (strcmp(ev, "exit") == 0 && (r = under_way(h, e)) != NULL) {
        event_copy(&r->exit, e);
        r->done = seq;
    } else if (strcmp(ev, "undo") == 0) {
        undo(h, event_get_int(e, NULL, "to", seq));
    } else if (strcmp(ev, "reset") == 0) {
        reset(h, seq);
    }
    for (int i = 0; r == NULL && history_others[i] != NULL; i++) {
        if (strcmp(ev, history_others[i]) != 0)
            continue;
        r = add(h, ev, seq);
        event_copy(&r->exit, e);
        take_names(r, &r->exit);
    }
    return r;
}

const struct record *
history_find(const struct history *h, int64_t seq)
{
    int low = h->from, high = h->n;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (h->list[middle]->seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < h->n && h->list[low]->seq == seq ? h->list[low] : NULL;
}
