/* SPDX-License-Identifier: GPL-3.0-or-later
 * See again.h. */
#include "trace/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trace/same.h"

/* The two events, and where they differ. */
struct comparing {
    struct renames *r;
    const struct event *here, *there;
    const struct item *names, *vol; /* of here; may be NULL */
    const struct item *their_vol;   /* of there, where that is believed; may be NULL */
    char *path;
};

/* ---- Numbers of the kernel ------------------------------------------------------------------ */

void
renames_release(struct renames *r)
{
    free(r->pairs);
    *r = (struct renames){0};
}

static void
pair(struct renames *r, const char *kind, int64_t here, int64_t there)
{
    struct rename *p;

    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->pairs = mem_grow(r->pairs, sizeof *r->pairs * (size_t)r->cap);
    }
    p = &r->pairs[r->n++];
    snprintf(p->kind, sizeof p->kind, "%s", kind);
    p->here = here;
    p->there = there;
}

/* One to one among the numbers of a kind. Where it is not known whether it is such a number it is
 * the same, or one that was met before. */
static bool
may_be_called(struct renames *r, const char *kind, int64_t here, int64_t there)
{
    if (kind[0] == '\0' && (here == there || r->blurred))
        return true;
    if (r->both_sealed && strcmp(kind, "pid") == 0 && (here == 1 || there == 1))
        return here == there;
    for (int i = 0; i < r->n; i++) {
        const struct rename *p = &r->pairs[i];

        if (kind[0] != '\0' && strcmp(p->kind, kind) != 0)
            continue;
        if (p->here == here && p->there == there)
            return true;
        if (kind[0] != '\0' && (p->here == here || p->there == there))
            return false;
    }
    if (kind[0] != '\0')
        pair(r, kind, here, there);
    return kind[0] != '\0';
}

/* In another world the kernel's numbers begin anew. On the way back to where lines were taken back
 * nobody was told of them. */
static void
follow_world(struct renames *r, const struct event *here)
{
    const char *ev = event_get_text(here, NULL, "ev");

    if (ev == NULL || (strcmp(ev, "undo") != 0 && strcmp(ev, "reset") != 0))
        return;
    r->n = 0;
    r->blurred = strcmp(ev, "undo") == 0;
}

/* May this field be missing? */
static bool
is_left_out(const struct renames *r, const char *name)
{
    return r->left_out &&
           (strcmp(name, "ret") == 0 || strcmp(name, "value") == 0 || strcmp(name, "pid") == 0);
}

static bool
same_number(const struct comparing *c, const struct item *x, const struct item *kind,
            const struct item *y, const struct place *at)
{
    if (y == NULL && c->r->was_shared)
        return true; /* --stable left it out */
    return (y != NULL && x->kind == ITEM_INT && y->kind == ITEM_INT &&
            may_be_called(c->r, item_text(c->here, kind), x->value, y->value)) ||
           same_differs(at, c->path);
}

/* ---- Arguments ------------------------------------------------------------------------------ */

/* The name of argument i, or NULL. */
static const struct item *
name_of_arg(const struct comparing *c, const struct item *names, int64_t i)
{
    const struct item *name = names != NULL ? item_first(c->here, names) : NULL;

    while (name != NULL && event_get_int(c->here, name, "at", -1) != i)
        name = item_next(c->here, name);
    return name;
}

/* An argument in two traces: one of a shared world has the name of the variable, of a number that
 * the other must have met. */
static bool
same_read_arg(const struct comparing *c, const struct item *x, const struct item *y,
              const struct place *at)
{
    const struct renames *r = c->r;
    bool met = false;

    if (x->kind == ITEM_INT && y->kind == ITEM_INT)
        return may_be_called(c->r, "", x->value, y->value) || same_differs(at, c->path);
    if (x->kind == y->kind)
        return same_items(c->here, x, c->there, y, at, c->path);
    for (int i = 0; i < r->n; i++)
        met |= (x->kind == ITEM_INT && r->pairs[i].here == x->value) ||
               (y->kind == ITEM_INT && r->pairs[i].there == y->value);
    return ((x->kind == ITEM_TEXT || y->kind == ITEM_TEXT) && (met || r->blurred || r->left_out)) ||
           same_differs(at, c->path);
}

static bool
same_arg(const struct comparing *c, const struct item *x, const struct item *name,
         const struct item *y, const struct place *at)
{
    const char *text;

    if (name == NULL)
        return same_items(c->here, x, c->there, y, at, c->path);
    if (c->r->both_read)
        return same_read_arg(c, x, y, at);
    text = event_get_text(c->here, name, "text");
    if (y->kind == ITEM_TEXT && text != NULL && strcmp(text, item_text(c->there, y)) == 0)
        return true;
    return (y->kind == ITEM_INT &&
            may_be_called(c->r, "", event_get_int(c->here, name, "value", 0), y->value)) ||
           same_differs(at, c->path);
}

static bool
same_args(const struct comparing *c, const struct item *x, const struct item *y)
{
    const struct item *names = c->names != NULL ? event_get(c->here, c->names, "args") : NULL;
    const struct place args = {.name = "args"};
    struct place at = {.outer = &args};
    const struct item *i, *k;

    if (x->kind != ITEM_ARRAY || y == NULL || y->kind != ITEM_ARRAY)
        return same_differs(&args, c->path);
    i = item_first(c->here, x);
    k = item_first(c->there, y);
    for (; i != NULL && k != NULL; i = item_next(c->here, i), k = item_next(c->there, k)) {
        if (!same_arg(c, i, name_of_arg(c, names, at.index), k, &at))
            return false;
        at.index++;
    }
    return (i == NULL && k == NULL) || same_differs(&at, c->path);
}

/* ---- Facts and state ------------------------------------------------------------------------ */

static bool
is_volatile(const struct event *e, const char *name)
{
    const struct item *vol = event_get(e, NULL, "vol");

    return vol != NULL && event_get(e, vol, name) != NULL;
}

/* A size or limit that is the machine's and not what anybody did: it is remembered. */
static bool
is_of_machine(const struct comparing *c, const struct item *x, const struct item *y)
{
    static const char *const fields[] = {"state.pages", "state.capacity", "state.limit",
                                         "facts.limit", NULL};
    int i = 0;

    while (fields[i] != NULL && strcmp(fields[i], c->path) != 0)
        i++;
    if (!c->r->other_machine || fields[i] == NULL || x->kind != ITEM_INT || y->kind != ITEM_INT)
        return false;
    snprintf(c->r->machine, sizeof c->r->machine, "%s", c->path);
    c->r->mine = x->value;
    c->r->other = y->value;
    return true;
}

/* Are all of the first among the second? What differs from run to run in one kind of world only is
 * told there as such. */
static bool
all_among(const struct event *a, const struct item *x, const struct event *b, const struct item *y,
          const struct place *outer, char *path)
{
    for (const struct item *i = x != NULL ? item_first(a, x) : NULL; i != NULL;
         i = item_next(a, i)) {
        struct place at = {.outer = outer, .name = item_name(a, i)};

        if ((y == NULL || event_get(b, y, at.name) == NULL) && !is_volatile(b, at.name))
            return same_differs(&at, path);
    }
    return true;
}

static bool
same_told(const struct comparing *c, const char *name)
{
    const struct item *x = event_get(c->here, NULL, name), *y = event_get(c->there, NULL, name);
    const struct place outer = {.name = name};

    if ((x != NULL && x->kind != ITEM_OBJECT) || (y != NULL && y->kind != ITEM_OBJECT))
        return same_differs(&outer, c->path);
    for (const struct item *i = x != NULL ? item_first(c->here, x) : NULL; i != NULL && y != NULL;
         i = item_next(c->here, i)) {
        struct place at = {.outer = &outer, .name = item_name(c->here, i)};
        const struct item *other = event_get(c->there, y, at.name);

        if (other != NULL && !same_items(c->here, i, c->there, other, &at, c->path) &&
            !is_of_machine(c, i, other))
            return false;
    }
    return c->r->left_out || (all_among(c->here, x, c->there, y, &outer, c->path) &&
                              all_among(c->there, y, c->here, x, &outer, c->path));
}

/* ---- Events --------------------------------------------------------------------------------- */

static bool
is_compared(const struct comparing *c, const char *name)
{
    static const char *const beside[] = {"seq", "vol", "names", "facts", "state", NULL};

    for (int i = 0; beside[i] != NULL; i++)
        if (strcmp(name, beside[i]) == 0)
            return false;
    if (c->names != NULL && event_get(c->here, c->names, name) != NULL)
        return true;
    if (c->r->both_read && strcmp(name, "to") == 0 && event_get(c->here, NULL, "lines") != NULL)
        return false; /* undo: it counts what is not compared, too */
    return (c->vol == NULL || event_get(c->here, c->vol, name) == NULL) &&
           (c->their_vol == NULL || event_get(c->there, c->their_vol, name) == NULL);
}

static bool
same_field(const struct comparing *c, const struct item *x)
{
    struct place at = {.name = item_name(c->here, x)};
    const struct item *y = event_get(c->there, NULL, at.name);
    const struct item *kind = c->names != NULL ? event_get(c->here, c->names, at.name) : NULL;

    if (strcmp(at.name, "args") == 0)
        return same_args(c, x, y);
    if (kind != NULL)
        return same_number(c, x, kind, y, &at);
    if (y == NULL)
        return is_left_out(c->r, at.name) || same_differs(&at, c->path);
    return same_items(c->here, x, c->there, y, &at, c->path);
}

bool
event_again(struct renames *r, const struct event *here, const struct event *there, char path[64])
{
    const struct comparing c = {.r = r,
                                .here = here,
                                .there = there,
                                .names = event_get(here, NULL, "names"),
                                .vol = event_get(here, NULL, "vol"),
                                .their_vol = r->both_read ? event_get(there, NULL, "vol") : NULL,
                                .path = path};

    path[0] = '\0';
    follow_world(r, here);
    for (const struct item *i = item_first(here, NULL); i != NULL; i = item_next(here, i))
        if (is_compared(&c, item_name(here, i)) && !same_field(&c, i))
            return false;
    for (const struct item *i = item_first(there, NULL); i != NULL; i = item_next(there, i)) {
        struct place at = {.name = item_name(there, i)};

        if (is_compared(&c, at.name) && event_get(here, NULL, at.name) == NULL &&
            !is_left_out(r, at.name))
            return same_differs(&at, path);
    }
    return same_told(&c, "facts") && same_told(&c, "state");
}
