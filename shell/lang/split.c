/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where one line ends and the next begins in the text of -c, and what an actor may be called. */
#include <string.h>

#include "lang/lex.h"
#include "lang/parse.h"

/* The first `;` or newline outside quotes. A quote that is never closed ends with its line, so that
 * it does not swallow the others; a comment has no `;` that counts. */
size_t
parse_split(const char *text, size_t n, size_t *skip)
{
    const char *newline = n > 0 ? memchr(text, '\n', n) : NULL;
    size_t end = newline != NULL ? (size_t)(newline - text) : n, at = 0;

    while (at < end && text[at] != ';') {
        size_t close = 0;

        if (text[at] == '#' && (at == 0 || lex_blank(text[at - 1])))
            at = end;
        else if (text[at] == '"' || text[at] == '\'')
            at = (close = lex_quoted(text, at, end)) > 0 ? close : end;
        else
            at++;
    }
    *skip = at < n ? at + 1 : at;
    return at;
}

bool
parse_actor_name_ok(const char *name)
{
    size_t n = strlen(name);

    return n <= SYMTAB_NAME_MAX && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}
