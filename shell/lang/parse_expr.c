/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions, by precedence climbing. Only parentheses, brackets, arguments, casts and unary
 * operators recurse, and each counts towards the nesting limit; chains of binary operators are
 * loops. */
#include <string.h>

#include "base/text.h"
#include "lang/parse_in.h"

static const struct {
    int op, precedence;
} operators[] = {
    {'|' << 8 | '|', 1},
    {'&' << 8 | '&', 2},
    {'|', 3},
    {'^', 4},
    {'&', 5},
    {'=' << 8 | '=', 6},
    {'!' << 8 | '=', 6},
    {'<', 7},
    {'<' << 8 | '=', 7},
    {'>', 7},
    {'>' << 8 | '=', 7},
    {'<' << 8 | '<', 8},
    {'>' << 8 | '>', 8},
    {'+', 9},
    {'-', 9},
    {'*', 10},
    {'/', 10},
    {'%', 10},
};

struct node *
parse_node(struct parser *p, enum node_kind kind, size_t from, size_t to)
{
    struct node *node;

    if (++p->nodes > LINE_MAX_NODES) {
        err_at(p->err, (int)from + 1, (int)to, "the line has more than %d parts", LINE_MAX_NODES);
        return NULL;
    }
    node = pool_alloc(&p->memory->pool, sizeof *node);
    node->kind = kind;
    node->col = (int)from + 1;
    node->end = (int)to;
    return node;
}

static const char *
advice(const struct lex *l)
{
    if (l->kind != TOKEN_OP)
        return "";
    switch (l->op) {
    case '+' << 8 | '+':
    case '-' << 8 | '-':
        return "; write x = x + 1";
    case '+' << 8 | '=':
    case '-' << 8 | '=':
    case '*' << 8 | '=':
    case '/' << 8 | '=':
    case '%' << 8 | '=':
    case '&' << 8 | '=':
    case '|' << 8 | '=':
    case '^' << 8 | '=':
        return "; write x = x + y";
    case '-' << 8 | '>':
        return "; there are no structures here, calls take their fields as arguments";
    case '=':
        return "; an assignment is a line of its own, == compares";
    case ';':
        return "; one statement a line";
    default:
        return "";
    }
}

int
parse_unexpected(struct parser *p)
{
    const struct lex *l = &p->lex;

    if (l->kind == TOKEN_BAD)
        return -1;
    if (l->kind == TOKEN_END)
        return err_at(p->err, (int)l->done + 1, (int)l->done + 1,
                      "the line ends where more is expected");
    return lex_unexpected(p->err, l->text, l->from, l->to, advice(l));
}

/* Where a value is expected. */
static struct node *
unexpected(struct parser *p)
{
    const struct lex *l = &p->lex;

    if (lex_is(l, ',') || lex_is(l, ')') || lex_is(l, ']'))
        lex_unexpected(p->err, l->text, l->from, l->to, "; something is missing before it");
    else
        parse_unexpected(p);
    return NULL;
}

int
parse_unexpected_value(struct parser *p, const char *hint)
{
    const struct lex *l = &p->lex;

    if (l->kind == TOKEN_INT || l->kind == TOKEN_STRING || l->kind == TOKEN_NAME)
        return lex_unexpected(p->err, l->text, l->from, l->to, hint);
    return parse_unexpected(p);
}

static bool
take(struct parser *p, int op)
{
    if (!lex_is(&p->lex, op))
        return false;
    lex_next(&p->lex);
    return true;
}

/* The closing bracket of one that was opened at `opened`. */
static int
close_with(struct parser *p, int op, size_t opened)
{
    if (take(p, op))
        return 0;
    if (p->lex.kind == TOKEN_END)
        return err_at(p->err, (int)opened + 1, (int)opened + 1, "this %c is never closed",
                      op == ')' ? '(' : '[');
    return parse_unexpected_value(p, op == ')' ? "; a ',' or an operator is missing before it"
                                               : "; an operator is missing before it");
}

static struct node *
strings(struct parser *p)
{
    struct node *node = parse_node(p, NODE_STRING, p->lex.from, p->lex.to);

    if (node == NULL)
        return NULL;
    node->text = p->lex.bytes;
    node->len = p->lex.len;
    lex_next(&p->lex);
    while (p->lex.kind == TOKEN_STRING) { /* "a" "b" is one string, as in C */
        size_t len = node->len + p->lex.len;
        char *both = pool_alloc(&p->memory->pool, len + 1);

        memcpy(both, node->text, node->len);
        memcpy(both + node->len, p->lex.bytes, p->lex.len);
        node->text = both;
        node->len = len;
        node->end = (int)p->lex.to;
        lex_next(&p->lex);
    }
    return node;
}

static struct node *
arguments(struct parser *p, struct node *call, size_t opened)
{
    struct node **last = &call->first;
    int n = 0;

    lex_next(&p->lex);
    if (!lex_is(&p->lex, ')')) {
        do {
            if (++n > IPCLAB_MAX_ARGS) {
                err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to,
                       "a call has at most %d arguments", IPCLAB_MAX_ARGS);
                return NULL;
            }
            *last = parse_argument(p, parse_argument_record(call->call, n - 1));
            if (*last == NULL)
                return NULL;
            last = &(*last)->next;
        } while (take(p, ','));
    }
    if (close_with(p, ')', opened) < 0)
        return NULL;
    call->end = (int)p->lex.done;
    parse_name_outs(p, call);
    return call;
}

static struct node *
size_of(struct parser *p, size_t from)
{
    struct node *node = parse_node(p, NODE_UNARY, from, p->lex.to);
    size_t opened = p->lex.from;

    if (node == NULL || !take(p, '('))
        return node != NULL ? unexpected(p) : NULL;
    node->op = 's';
    if (parse_is_type(p)) {
        node->first = parse_node(p, NODE_CAST, p->lex.from, p->lex.to);
        if (node->first == NULL || parse_type(p, &node->first->type) < 0)
            return NULL;
    } else if ((node->first = parse_expr(p)) == NULL) {
        return NULL;
    }
    if (close_with(p, ')', opened) < 0)
        return NULL;
    node->end = (int)p->lex.done;
    return node;
}

static struct node *
name(struct parser *p)
{
    size_t from = p->lex.from, to = p->lex.to;
    const char *text = p->lex.bytes;
    struct node *node;

    lex_next(&p->lex);
    if (strcmp(text, "sizeof") == 0)
        return size_of(p, from);
    node = parse_node(p, lex_is(&p->lex, '(') ? NODE_CALL : NODE_NAME, from, to);
    if (node == NULL)
        return NULL;
    node->text = text;
    node->len = strlen(text);
    if (node->kind == NODE_NAME)
        return node;
    node->call = parse_find_call(p, &node->text, from, &node->ref);
    if (node->call == NULL) {
        parse_no_call(p, text, from);
        return NULL;
    }
    return arguments(p, node, p->lex.from);
}

static struct node *unary(struct parser *p);

static struct node *
parenthesis(struct parser *p)
{
    size_t from = p->lex.from;
    struct node *node;

    lex_next(&p->lex);
    if (!parse_is_type(p)) {
        if ((node = parse_expr(p)) == NULL || close_with(p, ')', from) < 0)
            return NULL;
        node->col = (int)from + 1;
        node->end = (int)p->lex.done;
        return node;
    }
    if ((node = parse_node(p, NODE_CAST, from, from + 1)) == NULL ||
        parse_type(p, &node->type) < 0 || close_with(p, ')', from) < 0 ||
        (node->first = unary(p)) == NULL)
        return NULL;
    node->end = node->first->end;
    return node;
}

static struct node *
primary(struct parser *p)
{
    struct node *node;

    switch (p->lex.kind) {
    case TOKEN_INT:
        if ((node = parse_node(p, NODE_INT, p->lex.from, p->lex.to)) == NULL)
            return NULL;
        node->value = p->lex.value;
        node->decimal = p->lex.decimal;
        lex_next(&p->lex);
        return node;
    case TOKEN_STRING:
        return strings(p);
    case TOKEN_NAME:
        return name(p);
    default:
        return lex_is(&p->lex, '(') ? parenthesis(p) : unexpected(p);
    }
}

static struct node *
postfix(struct parser *p)
{
    struct node *node = primary(p);

    while (node != NULL && lex_is(&p->lex, '[')) {
        size_t opened = p->lex.from;
        struct node *index = parse_node(p, NODE_INDEX, (size_t)node->col - 1, p->lex.to);

        if (index == NULL)
            return NULL;
        lex_next(&p->lex);
        index->first = node;
        if ((node->next = parse_expr(p)) == NULL || close_with(p, ']', opened) < 0)
            return NULL;
        index->end = (int)p->lex.done;
        node = index;
    }
    return node;
}

static struct node *
prefixed(struct parser *p)
{
    struct node *node = parse_node(p, NODE_UNARY, p->lex.from, p->lex.to);

    if (node == NULL)
        return NULL;
    node->op = p->lex.op;
    lex_next(&p->lex);
    if ((node->first = unary(p)) == NULL)
        return NULL;
    node->end = node->first->end;
    return node;
}

static struct node *
unary(struct parser *p)
{
    struct node *node;

    if (++p->depth > LINE_MAX_NESTING + 1) {
        err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to, "nested deeper than %d",
               LINE_MAX_NESTING);
        return NULL;
    }
    if (p->lex.kind == TOKEN_OP && p->lex.op < 128 && strchr("-!~*&", p->lex.op) != NULL)
        node = prefixed(p);
    else
        node = postfix(p);
    p->depth--;
    return node;
}

static int
precedence(const struct parser *p)
{
    if (p->lex.kind != TOKEN_OP)
        return 0;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (operators[i].op == p->lex.op)
            return operators[i].precedence;
    }
    return 0;
}

static struct node *
binary(struct parser *p, int least)
{
    struct node *left = unary(p), *node;
    int level;

    while (left != NULL && (level = precedence(p)) >= least) {
        node = parse_node(p, NODE_BINARY, (size_t)left->col - 1, p->lex.to);
        if (node == NULL)
            return NULL;
        node->op = p->lex.op;
        lex_next(&p->lex);
        node->first = left;
        if ((left->next = binary(p, level + 1)) == NULL)
            return NULL;
        node->end = left->next->end;
        left = node;
    }
    return left;
}

struct node *
parse_expr(struct parser *p)
{
    return binary(p, 1);
}
