/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an actor may do, and what a value may be: calls, constants, words of the grammar. */
#include "assist/offer.h"
#include "lang/lex.h"

static void
put_call(void *ctx, const struct ipclab_call *call)
{
    offer_text(ctx, call->name, '(', call->summary);
}

void
offer_calls(struct offers *o)
{
    catalog_each_call(&o->scene->s->launcher.catalog, put_call, o);
}

/* Does the constant stand between the start of the argument and the word? */
static bool
is_there(const struct scene *sc, size_t from, const char *name)
{
    size_t n = strlen(name), k;

    for (size_t at = from; at<sc->word; at += k> 0 ? k : 1) {
        k = lex_name(sc->line, at, sc->word);
        if (k == n && memcmp(sc->line + at, name, n) == 0)
            return true;
    }
    return false;
}

void
offer_constants(struct offers *o, const struct ipclab_constant *k)
{
    const struct scene_frame *f = scene_argument(o->scene);

    for (; k != NULL && k->name != NULL; k++)
        if (offer_fits(o, k->name) && (f == NULL || !is_there(o->scene, f->from, k->name)))
            offer_text(o, k->name, '\0', k->summary);
}

static void
put_constant(void *ctx, const struct ipclab_constant *k)
{
    offer_text(ctx, k->name, '\0', k->summary);
}

static void
offer_types(struct offers *o)
{
    static const struct {
        const char *name, *about;
    } types[] = {
        {"char", "declares bytes: char c, char buf[64], char *p"},
        {"int", "declares a number: int n = 5, int fds[2]"},
        {"long", "declares a number of 64 bits"},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        offer_text(o, types[i].name, ' ', types[i].about);
}

/* The others, of the man pages, where nothing else has these letters. */
static void
offer_rare_types(struct offers *o)
{
    const char *name;

    for (int i = 0; o->n > 0 && (name = type_name(i)) != NULL; i++)
        if (strcmp(name, "char") != 0 && strcmp(name, "int") != 0 && strcmp(name, "long") != 0)
            offer_text(o, name, ' ', "a type, for a declaration");
}

static void
offer_type_names(struct offers *o)
{
    const char *name;

    for (int i = 0; (name = type_name(i)) != NULL; i++) {
        struct type t;
        struct buf *about;

        if (type_by_name(name, &t) && type_size(t) > 0 && (about = offer(o, name, '\0')) != NULL)
            buf_printf(about, "a type of %zu byte%s", type_size(t), type_size(t) == 1 ? "" : "s");
    }
}

void
offer_statement(struct offers *o)
{
    const struct scene *sc = o->scene;
    int before = o->c->n;

    offer_calls(o);
    offer_text(o, "print", ' ', "show what an expression is worth");
    offer_text(o, "await", ' ', "wait until an expression holds");
    if (sc->kind == SCENE_STATEMENT || o->n > 0) /* after `use` the start is long enough */
        offer_types(o);
    offer_vars(o, NULL, ' ');
    if (o->c->n == before)
        offer_rare_types(o);
}

/* Inside sizeof( goes the name of a variable or type, between the [ ] of a declaration a number. */
static bool
is_sizeof(const struct scene *sc, const struct scene_frame *f)
{
    return f->closer == ')' && f->name_end - f->name == 6 &&
           memcmp(sc->line + f->name, "sizeof", 6) == 0;
}

void
offer_expression(struct offers *o)
{
    const struct scene *sc = o->scene;
    const struct scene_frame *f = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL;
    const struct world *w = &sc->s->world;

    if (f != NULL && f->closer == ']' && sc->head == HEAD_DECLARE) {
        if (o->n > 0)
            catalog_each_constant(&sc->s->launcher.catalog, put_constant, o);
        return;
    }
    offer_vars(o, NULL, '\0');
    if (f != NULL && is_sizeof(sc, f)) {
        offer_type_names(o);
        return;
    }
    if (o->n == 0)
        return;
    if (sc->head != HEAD_AWAIT)
        offer_calls(o);
    offer_text(o, "sizeof", '(', "the bytes of a variable or type");
    offer_text(o, "NULL", '\0', "no address");
    catalog_each_constant(&sc->s->launcher.catalog, put_constant, o);
    for (int i = 0; i < w->nactors; i++)
        if (w->actors[i]->pid > 0 && world_actor(w, w->actors[i]->name) == w->actors[i])
            offer_pid(o, w->actors[i]);
}

void
offer_pid(struct offers *o, const struct actor *a)
{
    struct buf *about = offer(o, a->name, '\0');

    if (about == NULL)
        return;
    buf_printf(about, "pid %d, ", (int)a->pid);
    peek_doing(o->scene->s, a, about);
}
