/* SPDX-License-Identifier: GPL-3.0-or-later
 * See complete.h. */
#include "assist/complete.h"

#include "assist/offer.h"

static bool
is_named(const struct scene *sc, const struct actor *a)
{
    for (int i = 0; i < sc->nwho; i++)
        if (sc->who[i] == a)
            return true;
    return false;
}

static void
put_actor(struct offers *o, const struct actor *a)
{
    struct buf *about = offer(o, a->name, ' ');

    if (about != NULL)
        peek_doing(o->scene->s, a, about);
}

/* Those that can act before those that cannot; the dead are nobody. */
static void
offer_who(struct offers *o)
{
    const struct world *w = &o->scene->s->world;

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < w->nactors; i++)
            if (actor_alive(w->actors[i]) && scene_can_act(w->actors[i]) == (pass == 0) &&
                !is_named(o->scene, w->actors[i]))
                put_actor(o, w->actors[i]);
}

static void
offer_start(struct offers *o)
{
    const struct session *s = o->scene->s;
    struct actor *subject = s->subject != NULL ? world_actor(&s->world, s->subject) : NULL;

    offer_who(o);
    if (s->world.nactors > 0 && o->match == OFFER_PREFIX)
        offer_text(o, "*", ' ', "all actors that are idle");
    for (int i = 0; s->builtins != NULL && s->builtins[i] != NULL; i++)
        offer_text(o, s->builtins[i]->name, s->builtins[i]->usage[0] != '\0' ? ' ' : '\0',
                   s->builtins[i]->summary);
    if (subject != NULL && scene_can_act(subject))
        offer_statement(o);
}

static void
collect(struct offers *o)
{
    const struct scene *sc = o->scene;
    const struct scene_frame *top = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL, *f;

    switch (sc->kind) {
    case SCENE_START:
        offer_start(o);
        break;
    case SCENE_WHO:
        offer_who(o);
        break;
    case SCENE_STATEMENT:
        offer_statement(o);
        break;
    case SCENE_ARGUMENT:
        if ((f = scene_argument(sc)) != NULL)
            offer_argument(o, f);
        break;
    case SCENE_EXPRESSION:
        if (sc->quote != '\0')
            break;
        if (top != NULL && top->closer == ']' && sc->fresh)
            offer_elements(o, top);
        if (o->n > 0 || o->c->n == 0)
            offer_expression(o);
        break;
    case SCENE_BUILTIN:
        offer_builtin_word(o);
        break;
    case SCENE_NOTHING:
    case SCENE_NEW_NAME:
        break;
    }
}

/* Somebody who waits is told nothing, so there is nothing to type behind the name. */
static bool
is_deaf(const struct scene *sc)
{
    const struct actor *a = scene_actor(sc);

    return sc->kind >= SCENE_STATEMENT && sc->kind != SCENE_BUILTIN &&
           (a == NULL || !scene_can_act(a));
}

void
complete_line(struct session *s, const char *line, size_t point, struct completion *c)
{
    struct scene sc;
    struct offers o = {.c = c, .scene = &sc};

    *c = (struct completion){.from = point, .to = point};
    scene_read(&sc, s, line, point);
    if (sc.kind == SCENE_NOTHING || sc.after || is_deaf(&sc))
        return;
    world_refresh_fds(&s->world);
    c->from = sc.word;
    o.word = line + sc.word;
    o.n = point - sc.word;
    collect(&o);
    /* One letter is in everything. */
    while (c->n == 0 && o.n > 0 && o.match < (o.n > 1 ? OFFER_INSIDE : OFFER_CASELESS)) {
        o.match++;
        c->loose = true;
        collect(&o);
    }
    offer_end(&o);
    buf_release(&o.about);
}

void
complete_release(struct completion *c)
{
    for (int i = 0; i < c->n; i++) {
        free(c->list[i].text);
        free(c->list[i].about);
    }
    free(c->list);
    *c = (struct completion){0};
}
