/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shell form of a call: its name and words apart by blanks. What a word means depends on the
 * argument it is for: where a text is wanted, a word is one without quotes. */
#include <string.h>

#include "lang/parse_in.h"

const struct ipclab_arg *
parse_argument_record(const struct ipclab_call *call, int i)
{
    const struct ipclab_arg *arg = call->args;

    if (arg == NULL)
        return NULL;
    for (; arg->type != IPCLAB_END; arg++, i--) {
        if (i == 0 || (arg->flags & IPCLAB_REST))
            return arg;
    }
    return NULL;
}

static bool
takes_text(const struct ipclab_arg *arg)
{
    return arg != NULL &&
           (arg->type == IPCLAB_STRING || arg->type == IPCLAB_PATH || arg->type == IPCLAB_BYTES);
}

/* Where the word at pos ends: at a blank or `;` outside quotes and brackets. 0 and *err when a
 * quote is not closed. */
static size_t
word_end(struct parser *p, size_t pos)
{
    const char *text = p->memory->text;
    int open = 0;

    for (; pos < p->end; pos++) {
        char c = text[pos];

        if (c == '"' || c == '\'') {
            size_t close = lex_quoted(text, pos, p->end);

            if (close == 0) {
                err_at(p->err, (int)pos + 1, (int)p->end, "the quote %c is never closed", c);
                return 0;
            }
            pos = close - 1;
        } else if (c == '(' || c == '[') {
            open++;
        } else if (c == ')' || c == ']') {
            open--;
        } else if (open <= 0 && (lex_blank(c) || c == ';')) {
            break;
        }
    }
    return pos;
}

static struct node *
text_word(struct parser *p, size_t from, size_t to)
{
    struct node *node = parse_node(p, NODE_STRING, from, to);

    if (node == NULL)
        return NULL;
    node->word = true;
    node->text = pool_copy(&p->memory->pool, p->memory->text + from, to - from);
    node->len = to - from;
    return node;
}

/* The word as an expression; NULL and *err when it is none. */
static struct node *
expression_word(struct parser *p, size_t from, size_t to)
{
    struct lex outer = p->lex;
    struct node *node;

    lex_start(&p->lex, p->memory->text, from, to, &p->memory->pool, p->err);
    node = parse_expr(p);
    if (node != NULL && p->lex.kind != TOKEN_END) {
        parse_unexpected(p);
        node = NULL;
    }
    p->lex = outer;
    if (node != NULL && node->kind == NODE_NAME)
        node->word = true;
    return node;
}

/* Where a text is wanted only what cannot be a word of it is C: quotes, a lone name (which may be
 * a variable), an element, a call, an address. */
static bool
looks_like_c(const char *text, size_t from, size_t to)
{
    size_t n = lex_name(text, from, to);
    char c = text[from];

    return c == '"' || c == '&' || c == '*' || c == '(' ||
           (n > 0 && (from + n == to || text[from + n] == '[' || text[from + n] == '('));
}

static struct node *
word(struct parser *p, const struct ipclab_arg *arg, size_t from, size_t to)
{
    struct line_edit **edits = p->memory->last_edit;
    struct node *node;
    int depth = p->depth;

    if (takes_text(arg) && !looks_like_c(p->memory->text, from, to))
        return text_word(p, from, to);
    node = expression_word(p, from, to);
    if (node != NULL || arg == NULL || arg->type != IPCLAB_ANY || p->memory->text[from] == '"')
        return node;
    err_clear(p->err);
    p->depth = depth;
    p->memory->last_edit = edits;
    *edits = NULL;
    return text_word(p, from, to);
}

struct node *
parse_shell_call(struct parser *p, size_t pos)
{
    const char *text = p->memory->text;
    size_t n = lex_name(text, pos, p->end);
    struct node *call = parse_node(p, NODE_CALL, pos, pos + n), **last;
    int count = 0;

    if (call == NULL)
        return NULL;
    call->text = pool_copy(&p->memory->pool, text + pos, n);
    call->call = parse_find_call(p, &call->text, pos, &call->ref);
    if (call->call == NULL) {
        parse_no_call(p, call->text, pos);
        return NULL;
    }
    call->len = strlen(call->text);
    last = &call->first;
    p->stop = pos += n;
    for (;;) {
        size_t to;

        while (pos < p->end && lex_blank(text[pos]))
            pos++;
        if (pos >= p->end || text[pos] == '#')
            break;
        if (text[pos] == ';') {
            if (lex_skip(text, pos + 1, p->end) == p->end)
                break;
            lex_unexpected(p->err, text, pos, pos + 1, "; one statement a line");
            return NULL;
        }
        if (count == IPCLAB_MAX_ARGS) {
            err_at(p->err, (int)pos + 1, (int)pos + 1, "a call has at most %d arguments",
                   IPCLAB_MAX_ARGS);
            return NULL;
        }
        if ((to = word_end(p, pos)) == 0 ||
            (*last = word(p, parse_argument_record(call->call, count++), pos, to)) == NULL)
            return NULL;
        last = &(*last)->next;
        p->stop = pos = to;
    }
    call->end = (int)p->stop;
    return call;
}
