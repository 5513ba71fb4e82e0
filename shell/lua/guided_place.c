/* SPDX-License-Identifier: GPL-3.0-or-later
 * See guided_place.h. */
#include "lua/guided_place.h"

#include <ctype.h>

#include "base/mem.h"

enum { NOWHERE = -1 };

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* `NAME =` from offset `from` on, before `to`; *value gets what stands behind the sign. */
static ssize_t
find_field(const struct lab_file *f, size_t from, size_t to, const char *name, size_t *value)
{
    size_t n = strlen(name);

    for (size_t at = from; at + n < to; at++) {
        size_t k = at + n;

        if (memcmp(f->text + at, name, n) != 0 || (at > 0 && is_word(f->text[at - 1])))
            continue;
        while (k < to && isspace((unsigned char)f->text[k]))
            k++;
        if (k + 1 >= to || f->text[k] != '=' || f->text[k + 1] == '=')
            continue;
        for (k++; k < to && isspace((unsigned char)f->text[k]); k++)
            ;
        *value = k;
        return (ssize_t)at;
    }
    return NOWHERE;
}

void
guided_place_enter(struct guided_place *p, const struct lab_file *f, const char *key,
                   const char *value)
{
    size_t n = strlen(value), at;
    ssize_t found = NOWHERE, next;

    *p = (struct guided_place){0};
    if (n == 0)
        return;
    for (size_t from = 0; (found = find_field(f, from, f->n, key, &at)) >= 0; from = at) {
        if (at + n + 1 < f->n && (f->text[at] == '"' || f->text[at] == '\'') &&
            memcmp(f->text + at + 1, value, n) == 0 && f->text[at + 1 + n] == f->text[at])
            break;
    }
    if (found < 0)
        return;
    p->from = (size_t)found;
    next = find_field(f, at, f->n, key, &at);
    p->to = next >= 0 ? (size_t)next : f->n;
}

void
guided_place_leave(struct guided_place *p)
{
    *p = (struct guided_place){0};
}

void
guided_place_line(const struct guided_place *p, const struct lab_file *f, const char *field,
                  char *room, size_t n)
{
    size_t to = p->to > 0 ? p->to : f->n, ignored;
    ssize_t at = field != NULL ? find_field(f, p->from, to, field, &ignored) : NOWHERE;
    int line = 1;

    if (at < 0 && p->to == 0)
        return;
    if (at < 0)
        at = (ssize_t)p->from;
    for (ssize_t i = 0; i < at; i++)
        line += f->text[i] == '\n';
    snprintf(room, n, "%s:%d", f->shown, line);
}
