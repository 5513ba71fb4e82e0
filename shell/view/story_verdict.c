/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A verdict as it was told: the sentences that explain it, who holds what, and what to type next.
 * A trace without them has one text. */
#include <string.h>

#include "view/story_parts.h"

static const struct item *
first_of(const struct row *r, const char *name, int *n)
{
    const struct item *list = event_get(r->e, NULL, name);
    const struct item *first;

    *n = 0;
    if (list == NULL || list->kind != ITEM_ARRAY)
        return NULL;
    first = item_first(r->e, list);
    for (const struct item *i = first; i != NULL; i = item_next(r->e, i))
        (*n)++;
    return first;
}

static const char *
keep_text(struct story *s, struct row *r, const char *text)
{
    row_source(r, text != NULL ? text : "");
    return story_take(s);
}

/* The texts of an array; NULL ends. */
static const char *const *
read_texts(struct story *s, struct row *r, const char *name)
{
    int n, k = 0;
    const struct item *i = first_of(r, name, &n);
    const char **list = story_room(s, (size_t)(n + 1) * sizeof *list);

    for (; i != NULL; i = item_next(r->e, i))
        if (i->kind == ITEM_TEXT)
            list[k++] = keep_text(s, r, item_text(r->e, i));
    list[k] = NULL;
    return list;
}

static bool
is_about(const struct row *r, const char *actor)
{
    int n;

    for (const struct item *i = first_of(r, "actors", &n); i != NULL; i = item_next(r->e, i))
        if (i->kind == ITEM_TEXT && strcmp(item_text(r->e, i), actor) == 0)
            return true;
    return false;
}

static const struct moment_holder *
read_holders(struct story *s, struct row *r, int *n)
{
    const struct item *i = first_of(r, "holders", n);
    struct moment_holder *list = story_room(s, (size_t)(*n + 1) * sizeof *list);
    int k = 0;

    for (; i != NULL; i = item_next(r->e, i)) {
        const char *actor = event_get_text(r->e, i, "actor");

        if (actor == NULL)
            continue;
        list[k++] = (struct moment_holder){
            .actor = keep_text(s, r, actor),
            .fd = event_get_int(r->e, i, "fd", -1),
            .mode = keep_text(s, r, event_get_text(r->e, i, "mode")),
            .since = event_get_int(r->e, i, "since", -1),
            .how = keep_text(s, r, event_get_text(r->e, i, "how")),
            .waits = is_about(r, actor),
        };
    }
    *n = k;
    return list;
}

/* The call in which the one waits of whom the first sentence speaks. */
static const char *
read_call(struct story *s, struct row *r, const char *sentence)
{
    int n;

    for (const struct item *i = first_of(r, "waits", &n); i != NULL; i = item_next(r->e, i)) {
        const char *actor = event_get_text(r->e, i, "actor");
        size_t len = actor != NULL ? strlen(actor) : 0;

        if (len > 0 && sentence != NULL && strncmp(sentence, actor, len) == 0 &&
            sentence[len] == ' ')
            return keep_text(s, r, event_get_text(r->e, i, "call"));
    }
    return "";
}

const struct moment_verdict *
story_verdict(struct story *s, struct row *r)
{
    struct moment_verdict *v = story_room(s, sizeof *v);
    const char *text = event_get_text(r->e, NULL, "text");

    *v = (struct moment_verdict){
        .kind = keep_text(s, r, event_get_text(r->e, NULL, "kind")),
        .actors = read_texts(s, r, "actors"),
        .says = read_texts(s, r, "says"),
        .next = read_texts(s, r, "next"),
        .undo = event_get_int(r->e, NULL, "undo", 0),
    };
    v->call = read_call(s, r, v->says[0]);
    v->holders = read_holders(s, r, &v->nholders);
    if (v->says[0] == NULL && text != NULL) {
        const char **one = story_room(s, 2 * sizeof *one);

        one[0] = keep_text(s, r, text);
        one[1] = NULL;
        v->says = one;
    }
    return v;
}

const char *
story_birth(const char *how)
{
    static const struct {
        const char *how, *shown;
    } words[] = {{"fork", "inherited"},
                 {"call", "opened"},
                 {"exec", "opened by its program"},
                 {"spawn", ""},
                 {"took", "took it"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].how, how) == 0)
            return words[i].shown;
    return how;
}
