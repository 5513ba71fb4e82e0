/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The types of declarations and casts: any words of C that come down to what type.h knows. */
#include <string.h>

#include "lang/parse_in.h"

static bool
is_qualifier(const char *word)
{
    return strcmp(word, "const") == 0 || strcmp(word, "volatile") == 0 ||
           strcmp(word, "static") == 0;
}

/* Words that start a type in C but have none here. */
static const char *
refusal(const char *word)
{
    static const struct {
        const char *word, *instead;
    } words[] = {
        {"struct", "there are no structures here, calls take their fields as arguments"},
        {"union", "there are no unions here"},
        {"enum", "there are no enumerations here; use int"},
        {"short", "there is no short here; use int"},
        {"float", "there are no floating point numbers here; use long"},
        {"double", "there are no floating point numbers here; use long"},
        {"typedef", "there is no typedef here; use char, int or long"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].instead;
    }
    return NULL;
}

bool
parse_is_type(const struct parser *p)
{
    struct type type;

    return p->lex.kind == TOKEN_NAME &&
           (is_qualifier(p->lex.bytes) || refusal(p->lex.bytes) != NULL ||
            type_by_name(p->lex.bytes, &type));
}

int
parse_type(struct parser *p, struct type *type)
{
    bool named = false;

    *type = (struct type){.base = TYPE_INT};
    while (parse_is_type(p)) {
        const char *why = refusal(p->lex.bytes);
        struct type word;

        if (why != NULL)
            return err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to, "%s", why);
        /* In `long int` and `unsigned char` the word that is not int decides. */
        if (type_by_name(p->lex.bytes, &word) && (!named || word.base != TYPE_INT)) {
            *type = word;
            named = true;
        }
        lex_next(&p->lex);
    }
    while (lex_is(&p->lex, '*')) {
        if (++type->stars > 4)
            return err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to,
                          "a pointer has at most 4 stars");
        lex_next(&p->lex);
        while (p->lex.kind == TOKEN_NAME && is_qualifier(p->lex.bytes))
            lex_next(&p->lex);
    }
    return 0;
}
