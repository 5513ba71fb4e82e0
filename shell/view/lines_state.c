/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The right end of a line: the object's state by its kind's template, and errors in the words of
 * the call's record. Both are sentences of a plugin with $names in them. */

#include <string.h>

#include "base/text.h"
#include "trace/words.h"
#include "view/row.h"
#include "view/view.h"

enum {
    STATE_PERCENT = 70, /* of the width is where the state column begins */
    LEVEL_WIDTH = 2,    /* a number that opens the state, so that it stays in place */
};

/* The length of a name at s. */
static size_t
name_length(const char *s)
{
    size_t n = 0;

    while ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || s[n] == '_' ||
           (n > 0 && s[n] >= '0' && s[n] <= '9'))
        n++;
    return n;
}

/* A field of the state; arrays are names joined by blanks. */
static void
put_field(struct row *r, const struct item *i)
{
    const struct item *kid;
    bool any = false;

    if (i == NULL) /* not in this state: a segment that is not marked for removal has no mark */
        return;
    if (row_messages(r, i))
        return;
    if (i->kind == ITEM_ARRAY) {
        for (kid = item_first(r->e, i); kid != NULL; kid = item_next(r->e, kid)) {
            if (any)
                row_puts(r, " ");
            put_field(r, kid);
            any = true;
        }
        if (!any)
            row_puts(r, "-");
    } else if (i->kind == ITEM_TEXT && !i->b64 && !i->cut) {
        row_text(r, i->len > 0 ? item_text(r->e, i) : "-");
    } else {
        row_value(r, i);
    }
}

void
state_fill_in(struct row *r, const char *template,
              bool (*put)(struct row *, void *, const char *, size_t), void *ctx)
{
    while (*template != '\0') {
        size_t plain = strcspn(template, "$");
        size_t n;

        text_escape(r->out, template, plain, r->l->ascii);
        template += plain;
        if (*template == '\0')
            return;
        n = name_length(template + 1);
        if (n == 0 || !put(r, ctx, template + 1, n))
            text_escape(r->out, template, n + 1, r->l->ascii);
        template += n + 1;
    }
}

static bool
put_state_field(struct row *r, void *ctx, const char *name, size_t n)
{
    char copy[64];

    if (n >= sizeof copy)
        return false;
    memcpy(copy, name, n);
    copy[n] = '\0';
    put_field(r, event_get(r->e, ctx, copy));
    return true;
}

const struct ipclab_kind *
state_kind(const struct row *r, const char *obj)
{
    char name[64];
    size_t n = strcspn(obj, "#");

    if (r->l->catalog == NULL || n >= sizeof name)
        return NULL;
    memcpy(name, obj, n);
    name[n] = '\0';
    return catalog_kind(r->l->catalog, name);
}

/* "pipe#1 12 B" and "pipe#1  0 B": a level that comes first keeps its place. */
static void
put_gap(struct row *r, const char *template, const struct item *state)
{
    char copy[64];
    size_t n = template[0] == '$' ? name_length(template + 1) : 0;
    const struct item *level;

    row_puts(r, " ");
    if (n == 0 || n >= sizeof copy) {
        row_puts(r, " ");
        return;
    }
    memcpy(copy, template + 1, n);
    copy[n] = '\0';
    level = event_get(r->e, state, copy);
    if (level == NULL || level->kind != ITEM_INT)
        row_puts(r, " ");
    else if (level->value >= 0 && level->value < 10)
        for (int i = 1; i < LEVEL_WIDTH; i++)
            row_puts(r, " ");
}

/* A kind that brought no words: its fields one after the other. */
static void
put_plain_state(struct row *r, const struct item *state)
{
    for (const struct item *i = item_first(r->e, state); i != NULL; i = item_next(r->e, i)) {
        row_puts(r, "  ");
        row_text(r, item_name(r->e, i));
        row_puts(r, " ");
        put_field(r, i);
    }
}

void
state_fields(struct row *r)
{
    const struct item *state = event_get(r->e, NULL, "state");
    const struct ipclab_kind *kind = state_kind(r, event_get_text(r->e, NULL, "obj"));

    if (state != NULL && state->kind == ITEM_OBJECT) {
        if (kind != NULL && kind->line != NULL) {
            put_gap(r, kind->line, state);
            state_fill_in(r, kind->line, put_state_field, (void *)(uintptr_t)state);
        } else {
            put_plain_state(r, state);
        }
    }
}

void
state_column(struct row *r)
{
    size_t width = r->l->width > 0 ? (size_t)r->l->width : VIEW_WIDTH;
    size_t at = r->out->len;

    if (event_get_text(r->e, NULL, "obj") == NULL)
        return;
    row_column(r, width * STATE_PERCENT / 100);
    row_tint(r, TINT_STATE);
    row_text(r, event_get_text(r->e, NULL, "obj"));
    state_fields(r);
    row_tint(r, TINT_NONE);
    row_pull(r, at);
}

static bool
put_argument(struct row *r, void *ctx, const char *name, size_t n)
{
    const struct pending *p = ctx;
    const char *at = buf_text(&p->args), *end = at + p->args.len;

    while (at < end) {
        const char *text = at + strlen(at) + 1;

        if (strlen(at) == n && memcmp(at, name, n) == 0) {
            row_puts(r, text); /* was escaped when it was put there */
            return true;
        }
        at = text + strlen(text) + 1;
    }
    return false;
}

static const char *
sentence_of(const struct row *r, const char *call, const char *name)
{
    const struct ipclab_call *record =
        r->l->catalog != NULL && call != NULL ? catalog_call(r->l->catalog, call, NULL) : NULL;

    if (record == NULL || record->errors == NULL)
        return NULL;
    for (const struct ipclab_error *k = record->errors; k->name != NULL; k++)
        if (strcmp(k->name, name) == 0)
            return k->sentence;
    return NULL;
}

void
state_sentence(struct row *r, const struct pending *p, const char *name)
{
    static const struct pending none;
    const char *sentence = sentence_of(r, event_get_text(r->e, NULL, "call"), name);
    const char *words = event_get_text(r->e, NULL, "text");

    if (words != NULL)
        row_text(r, words);
    else if (sentence != NULL)
        state_fill_in(r, sentence, put_argument, (void *)(uintptr_t)(p != NULL ? p : &none));
    else
        row_text(r, words_errno_name(name).text);
}

void
state_error(struct row *r, const struct pending *p, const char *name, bool in_words)
{
    size_t before;

    row_tint(r, TINT_BAD);
    row_text(r, name);
    row_tint(r, TINT_NONE);
    if (!in_words)
        return;
    before = r->out->len;
    row_puts(r, " (");
    state_sentence(r, p, name);
    if (r->out->len == before + 2)
        row_cut(r, before);
    else
        row_puts(r, ")");
}
