/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a line as C has them. One token ahead, read on demand, so that what follows a
 * statement (a comment, the result in a pasted strace line) is never looked at as C. */
#ifndef LANG_LEX_H
#define LANG_LEX_H
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "lang/pool.h"

enum { LEX_NAME_MAX = 63 }; /* bytes of any name; the constants of a plugin may be long */

enum token_kind { TOKEN_END, TOKEN_INT, TOKEN_STRING, TOKEN_NAME, TOKEN_OP, TOKEN_BAD };

struct lex {
    const char *text;
    size_t pos, end; /* what is left to read */
    struct pool *pool;
    struct err *err; /* set when a token is TOKEN_BAD */
    size_t done;     /* where the token before this one ended */

    enum token_kind kind; /* of the token in front */
    size_t from, to;      /* where it stands */
    int op;               /* OP: a character, or two as 'a' << 8 | 'b' */
    int64_t value;        /* INT */
    bool decimal;         /* INT: a decimal number */
    const char *bytes;    /* STRING after escapes, NAME; NUL-terminated */
    size_t len;
};

void lex_start(struct lex *l, const char *text, size_t pos, size_t end, struct pool *pool,
               struct err *err); /* reads the first token */
void lex_next(struct lex *l);
bool lex_is(const struct lex *l, int op);
/* The first byte at or after pos that is neither blank nor in a comment. */
size_t lex_skip(const char *text, size_t pos, size_t end);
/* The end of the quoted text that starts at pos, past its closing quote; 0 when it never ends. */
size_t lex_quoted(const char *text, size_t pos, size_t end);
/* The length of the name at pos, or 0. */
size_t lex_name(const char *text, size_t pos, size_t end);
bool lex_blank(char c);
/* err_at for bytes [from, to), with what stands there shown safely: "unexpected '...'". */
int lex_unexpected(struct err *err, const char *text, size_t from, size_t to, const char *hint);
#endif
