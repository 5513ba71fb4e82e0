/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words of builtins, as their records say. */
#include "assist/offer.h"
#include "lang/lex.h"

/* Does the word stand among those before? */
static bool
is_there(const struct scene *sc, const char *name)
{
    size_t n = strlen(name), k;

    for (size_t at = sc->words; at < sc->word; at += k + 1) {
        for (k = 0; at + k < sc->word && !lex_blank(sc->line[at + k]) && sc->line[at + k] != ',';)
            k++;
        if (k == n && memcmp(sc->line + at, name, n) == 0)
            return true;
    }
    return false;
}

static void
offer_living(struct offers *o)
{
    const struct world *w = &o->scene->s->world;

    for (int i = 0; i < w->nactors; i++) {
        struct buf *about;

        if (actor_alive(w->actors[i]) && !is_there(o->scene, w->actors[i]->name) &&
            (about = offer(o, w->actors[i]->name, '\0')) != NULL)
            peek_doing(o->scene->s, w->actors[i], about);
    }
}

static void
put_call(void *ctx, const struct ipclab_call *call)
{
    offer_text(ctx, call->name, '\0', call->summary);
}

static void
put_constant(void *ctx, const struct ipclab_constant *k)
{
    offer_text(ctx, k->name, '\0', k->summary);
}

static void
offer_topics(struct offers *o)
{
    const struct session *s = o->scene->s;
    const struct catalog *c = &s->launcher.catalog;

    for (int i = 0; i < c->nplugins; i++)
        offer_text(o, c->plugins[i].p.name, '\0', c->plugins[i].p.summary);
    for (int i = 0; s->builtins[i] != NULL; i++)
        offer_text(o, s->builtins[i]->name, '\0', s->builtins[i]->summary);
    offer_text(o, "print", '\0', "show what an expression is worth");
    offer_text(o, "await", '\0', "wait until an expression holds");
    catalog_each_call(c, put_call, o);
    if (o->n > 0)
        catalog_each_constant(c, put_constant, o);
}

void
offer_builtin_word(struct offers *o)
{
    const struct scene *sc = o->scene;
    const struct builtin *b = sc->builtin;
    int nth = sc->nth;

    if (b->flags & BUILTIN_JSON) {
        if (nth == 0 && o->n > 0)
            offer_text(o, "--json", ' ', "answer in JSON");
        nth -= is_there(sc, "--json");
    }
    if (nth > 0 && (b->flags & BUILTIN_REPEATS) == 0 && b->word != WORD_SETTING)
        return;
    switch (b->word) {
    case WORD_ACTOR:
        offer_living(o);
        break;
    case WORD_TOPIC:
        offer_topics(o);
        break;
    case WORD_CALL:
        catalog_each_call(&sc->s->launcher.catalog, put_call, o);
        break;
    case WORD_FILE:
        offer_own_files(o, sc->words);
        break;
    case WORD_CHOICE:
        for (const char *const *c = b->choices; c != NULL && *c != NULL; c++)
            if (!is_there(sc, *c))
                offer_text(o, *c, '\0', NULL);
        break;
    case WORD_SETTING:
    case WORD_NONE:
        break;
    }
}
