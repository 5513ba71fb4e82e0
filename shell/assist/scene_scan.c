/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Through the C of a line up to the cursor: brackets, arguments, quotes, and whether a value or an
 * operator is next. */
#include "assist/scene.h"
#include "lang/lex.h"

static bool
starts_number(char c)
{
    return c >= '0' && c <= '9';
}

static size_t
number_length(const struct scene *sc, size_t pos)
{
    size_t at = pos;

    while (at < sc->n && (starts_number(sc->line[at]) || lex_name(sc->line, at, sc->n) > 0))
        at++;
    return at - pos;
}

static bool
is_type_word(const struct scene *sc, size_t pos, size_t n)
{
    char word[LEX_NAME_MAX + 1];
    struct type type;

    if (n > LEX_NAME_MAX)
        return false;
    memcpy(word, sc->line + pos, n);
    word[n] = '\0';
    return type_by_name(word, &type) || strcmp(word, "const") == 0 || strcmp(word, "struct") == 0;
}

/* A value was passed over. */
static void
value_done(struct scene *sc)
{
    sc->after = true;
    sc->fresh = sc->ored = false;
}

/* Something begins: an argument, what is in brackets. */
static void
begin(struct scene *sc)
{
    sc->after = false;
    sc->fresh = true;
    sc->ored = false;
}

/* name: the word right before the bracket, if it is one. */
static bool
open_bracket(struct scene *sc, char c, size_t pos, size_t name, size_t name_end)
{
    bool is_call = c == '(' && name_end > name, is_sizeof;
    struct scene_frame *f;

    if (sc->depth == SCENE_MAX_FRAMES)
        return false;
    f = &sc->frames[sc->depth];
    is_sizeof = is_call && name_end - name == 6 && memcmp(sc->line + name, "sizeof", 6) == 0;
    *f = (struct scene_frame){
        .closer = c == '(' ? ')' : ']',
        .from = pos + 1,
        .name = name,
        .name_end = name_end,
        .fresh = sc->fresh,
        .ored = sc->ored,
        .type = c == '(' && !is_call && !sc->after,
    };
    if (is_call && !is_sizeof)
        f->call = scene_call(sc, sc->line + name, name_end - name, &f->ref);
    sc->depth++;
    begin(sc);
    return true;
}

static bool
close_bracket(struct scene *sc, char c)
{
    struct scene_frame *f;

    if (sc->depth == 0 || sc->frames[sc->depth - 1].closer != c)
        return false;
    f = &sc->frames[sc->depth - 1];
    sc->depth--;
    if (f->type && !sc->fresh) { /* a cast: what it is put before is still to come */
        sc->after = false;
        sc->fresh = f->fresh;
        sc->ored = f->ored;
    } else {
        value_done(sc);
    }
    return true;
}

/* One that joins values, or stands before one. */
static void
take_operator(struct scene *sc, char c)
{
    struct scene_frame *f = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL;
    bool binary = sc->after;

    if (f != NULL && f->type && c == '*')
        return; /* char * */
    if (f != NULL)
        f->type = false;
    sc->after = false;
    sc->ored = c == '|' && binary;
    if (binary)
        sc->fresh = false;
}

/* Passes the token at *pos. False: from here on there is nothing to say. */
static bool
take(struct scene *sc, size_t *pos, size_t name, size_t name_end)
{
    struct scene_frame *f = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL;
    char c = sc->line[*pos];

    ++*pos;
    switch (c) {
    case '(':
    case '[':
        return open_bracket(sc, c, *pos - 1, name, name_end);
    case ')':
    case ']':
        return close_bracket(sc, c);
    case ',':
        if (f == NULL || f->closer != ')')
            return false;
        f->arg++;
        f->from = *pos;
        f->type = false;
        begin(sc);
        return true;
    case '=':
        if (*pos < sc->n && sc->line[*pos] == '=')
            ++*pos;
        else if (f == NULL) {
            begin(sc);
            return true;
        }
        take_operator(sc, c);
        return true;
    default:
        if (c == ';' || c == '\0' || strchr("+-*/%<>!~&|^", c) == NULL)
            return false;
        take_operator(sc, c);
        return true;
    }
}

/* Over blanks and comments; false when the cursor is in a comment. */
static bool
skip(const struct scene *sc, size_t *pos)
{
    for (;;) {
        size_t at = *pos;

        while (at < sc->n && lex_blank(sc->line[at]))
            at++;
        *pos = at;
        if (at >= sc->n || (sc->line[at] != '/' && sc->line[at] != '#'))
            return true;
        *pos = lex_skip(sc->line, at, sc->n);
        if (*pos == at)
            return true;
        if (*pos == sc->n && !(sc->line[at] == '/' && sc->n - at >= 4 &&
                               memcmp(sc->line + sc->n - 2, "*/", 2) == 0 &&
                               memmem(sc->line + at + 2, sc->n - at - 2, "*/", 2) != NULL))
            return false;
    }
}

static void
set_kind(struct scene *sc)
{
    const struct scene_frame *f = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL;

    if (f != NULL && scene_argument(sc) != NULL)
        sc->kind = SCENE_ARGUMENT;
    else
        sc->kind = SCENE_EXPRESSION;
}

void
scene_scan(struct scene *sc, size_t pos)
{
    size_t n, close, name = 0, name_end = 0;

    begin(sc);
    for (; skip(sc, &pos); name = pos - n, name_end = n > 0 ? pos : name) {
        char c = pos < sc->n ? sc->line[pos] : '\0';

        n = lex_name(sc->line, pos, sc->n);
        if (pos >= sc->n || (n > 0 && pos + n == sc->n)) {
            sc->word = pos;
            set_kind(sc);
            return;
        }
        if (n > 0) {
            struct scene_frame *f = sc->depth > 0 ? &sc->frames[sc->depth - 1] : NULL;

            if (f != NULL && f->type && is_type_word(sc, pos, n)) {
                sc->fresh = false;
            } else {
                if (f != NULL)
                    f->type = false;
                value_done(sc);
            }
            pos += n;
            continue;
        }
        if (starts_number(c)) {
            size_t digits = number_length(sc, pos);

            if (pos + digits == sc->n) {
                sc->word = pos;
                set_kind(sc);
                return;
            }
            pos += digits;
            value_done(sc);
            continue;
        }
        if (c == '"' || c == '\'') {
            if ((close = lex_quoted(sc->line, pos, sc->n)) == 0) {
                set_kind(sc);
                sc->quote = c;
                sc->word = sc->quoted = pos + 1;
                return;
            }
            pos = close;
            value_done(sc);
            continue;
        }
        if (!take(sc, &pos, name, name_end))
            break;
    }
    sc->kind = SCENE_NOTHING;
}
