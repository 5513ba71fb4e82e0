/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words of builtins, as their records say. */
#include "assist/offer.h"
#include "view/view.h"

/* Does the word stand among those before? */
static bool
is_there(const struct scene *sc, const char *name)
{
    size_t n = strlen(name);

    for (size_t at = sc->words, from = at; at < sc->word; from = at)
        if (scene_word(sc, &at) == n && memcmp(sc->line + from, name, n) == 0)
            return true;
    return false;
}

/* Is it the word right before? */
static bool
is_last(const struct scene *sc, const char *name)
{
    size_t n = 0, from = sc->words;

    for (size_t at = sc->words; at < sc->word;) {
        from = at;
        n = scene_word(sc, &at);
    }
    return n == strlen(name) && memcmp(sc->line + from, name, n) == 0;
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
    for (const struct topic *t = s->topics; t != NULL && t->name != NULL; t++)
        offer_text(o, t->name, '\0', t->summary);
    for (int i = 0; s->builtins != NULL && s->builtins[i] != NULL; i++)
        offer_text(o, s->builtins[i]->name, '\0', s->builtins[i]->summary);
    for (const struct setting *t = s->setting_records; t != NULL && t->name != NULL; t++)
        offer_text(o, t->name, '\0', t->summary);
    catalog_each_call(c, put_call, o);
    if (o->n > 0)
        catalog_each_constant(c, put_constant, o);
}

static void
offer_benches(struct offers *o)
{
    const struct catalog *c = &o->scene->s->launcher.catalog;

    for (int i = 0; i < c->nplugins; i++)
        for (int k = 0; k < c->plugins[i].nbenches; k++) {
            const struct ipclab_bench *m = &c->plugins[i].p.benches[k];

            if (!is_there(o->scene, m->name))
                offer_text(o, m->name, '\0', m->summary);
        }
}

/* What a setting is now, as the index of its choice. */
static int
choice_now(const struct session *s, const struct setting *which)
{
    const char *at = (const char *)&s->settings + which->at;
    int value;

    if (which->kind == SETTING_SWITCH)
        return *(const bool *)at;
    memcpy(&value, at, sizeof value);
    return value;
}

/* The setting whose name is the word before this one. */
static const struct setting *
named_setting(const struct scene *sc)
{
    const struct setting *which = sc->s->setting_records;

    while (which != NULL && which->name != NULL && !is_there(sc, which->name))
        which++;
    return which != NULL && which->name != NULL ? which : NULL;
}

static void
offer_settings(struct offers *o, int nth)
{
    const struct session *s = o->scene->s;
    const struct setting *which;

    if (nth == 0) {
        char append = strstr(o->scene->builtin->usage, "VALUE") != NULL ? ' ' : '\0';

        for (which = s->setting_records; which != NULL && which->name != NULL; which++)
            offer_text(o, which->name, append, which->summary);
        return;
    }
    which = nth == 1 ? named_setting(o->scene) : NULL;
    if (which == NULL || strstr(o->scene->builtin->usage, "VALUE") == NULL)
        return;
    for (int i = 0; which->choices != NULL && which->choices[i] != NULL; i++)
        offer_text(o, which->choices[i], '\0',
                   choice_now(s, which) == i                      ? "as it is now"
                   : strcmp(which->choices[i], which->value) == 0 ? "as it was at first"
                                                                  : which->summary);
    if (which->choices == NULL)
        offer_text(o, which->value, '\0', which->summary);
}

/* Words that the usage has as they are typed: off in "[FILE | off]", as in "[as VIEW]". */
static void
offer_literals(struct offers *o)
{
    const char *usage = o->scene->builtin->usage;
    char word[32];

    while (*usage != '\0') {
        size_t n = strcspn(usage, " []|"), small = strspn(usage, "abcdefghijklmnopqrstuvwxyz");

        if (n > 0 && n == small && n < sizeof word) {
            memcpy(word, usage, n);
            word[n] = '\0';
            if (!is_there(o->scene, word))
                offer_text(o, word,
                           strncmp(usage + n, " |", 2) != 0 && usage[n] == ' ' ? ' ' : '\0',
                           o->scene->builtin->summary);
        }
        usage += n + (usage[n] != '\0');
    }
}

/* The options that the usage names: [--save]. */
static void
offer_options(struct offers *o)
{
    const char *at = o->scene->builtin->usage;
    char option[32];

    while ((at = strstr(at, "--")) != NULL) {
        size_t n = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");

        if (n > 2 && n < sizeof option) {
            memcpy(option, at, n);
            option[n] = '\0';
            if (!is_there(o->scene, option))
                offer_text(o, option, ' ', o->scene->builtin->summary);
        }
        at += n;
    }
    if ((o->scene->builtin->flags & BUILTIN_JSON) && o->scene->nth == 0 &&
        strstr(o->scene->builtin->usage, "--json") == NULL)
        offer_text(o, "--json", ' ', "answer in JSON");
}

void
offer_builtin_word(struct offers *o)
{
    const struct scene *sc = o->scene;
    const struct builtin *b = sc->builtin;
    int nth = sc->nth - scene_options(sc, true);

    if (o->n > 0 && o->word[0] == '-') {
        offer_options(o);
        return;
    }
    if (is_last(sc, "as") && strstr(b->usage, "as VIEW") != NULL) {
        for (int i = 0; view_kinds[i] != NULL; i++)
            offer_text(o, view_kinds[i]->name, '\0', view_kinds[i]->summary);
        return;
    }
    if ((nth == 0 && b->word != WORD_NEW_ON_HOST) || strstr(b->usage, "as VIEW") != NULL)
        offer_literals(o);
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
        offer_own_files(o, sc->word);
        break;
    case WORD_BENCH:
        offer_benches(o);
        break;
    case WORD_CHOICE:
        for (const char *const *c = b->choices; c != NULL && *c != NULL; c++)
            if (!is_there(sc, *c) && !offer_has(o, 0, *c))
                offer_text(o, *c, '\0', b->summary);
        break;
    case WORD_SETTING:
        offer_settings(o, nth);
        break;
    case WORD_HOST:
        offer_hosts(o);
        break;
    case WORD_NEW_ON_HOST:
        if (is_last(sc, "on")) {
            offer_hosts(o);
            offer_new_host(o);
        } else if (nth > 0 && !is_there(sc, "on")) {
            offer_text(o, "on", ' ', "the host on which they will be");
        }
        break;
    case WORD_NONE:
        break;
    }
}
