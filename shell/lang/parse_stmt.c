/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an actor does: a call in C or shell form, an assignment, a declaration, print, await. */
#include <string.h>

#include "base/text.h"
#include "lang/parse_in.h"

static bool
word_is(const char *text, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(text, word, n) == 0;
}

/* After the statement there is nothing but `;` and a comment. */
static int
finish(struct parser *p)
{
    bool ended = lex_is(&p->lex, ';');

    p->stop = p->lex.done;
    if (ended)
        lex_next(&p->lex);
    if (p->lex.kind == TOKEN_END)
        return 0;
    if (lex_is(&p->lex, ')') || lex_is(&p->lex, ']'))
        return lex_unexpected(p->err, p->lex.text, p->lex.from, p->lex.to,
                              "; there is no bracket open that it closes");
    return parse_unexpected_value(p, ended || p->lex.kind == TOKEN_NAME
                                         ? "; one statement a line"
                                         : "; an operator is missing before it");
}

static void
start(struct parser *p, size_t pos)
{
    lex_start(&p->lex, p->memory->text, pos, p->end, &p->memory->pool, p->err);
}

static int
print_or_await(struct parser *p, size_t pos, size_t n, enum statement_kind kind)
{
    p->line->statement = kind;
    start(p, pos + n);
    if (p->lex.kind == TOKEN_END || lex_is(&p->lex, ';'))
        return err_at(p->err, (int)pos + 1, (int)(pos + n), "%s what? an expression is expected",
                      kind == STATEMENT_PRINT ? "print" : "await");
    p->line->expr = parse_expr(p);
    return p->line->expr != NULL ? finish(p) : -1;
}

static int
array_size(struct parser *p, struct type *type)
{
    int64_t n = p->lex.value;

    lex_next(&p->lex);
    if (lex_is(&p->lex, ']'))
        return err_at(p->err, (int)p->lex.from, (int)p->lex.to,
                      "the array needs its size, as in buf[32]");
    n = p->lex.value;
    if (p->lex.kind == TOKEN_NAME ? !catalog_constant(p->env->catalog, p->lex.bytes, &n)
                                  : p->lex.kind != TOKEN_INT)
        return p->lex.kind == TOKEN_BAD ? -1
                                        : err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to,
                                                 "the size of an array is a number or a constant");
    if (n < 1 || n > (int64_t)ARENA_SIZE)
        return err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to,
                      "an array has 1 to %lu elements", ARENA_SIZE);
    type->count = (uint32_t)n;
    lex_next(&p->lex);
    if (!lex_is(&p->lex, ']'))
        return parse_unexpected(p);
    lex_next(&p->lex);
    return 0;
}

/* Takes casts off a call whose result is assigned; the outermost says the type of a new variable.
 */
static struct node *
without_casts(struct node *value, struct node *target)
{
    struct node *inner = value;

    while (inner->kind == NODE_CAST && inner->first != NULL)
        inner = inner->first;
    if (inner == value || inner->kind != NODE_CALL)
        return value;
    if (target != NULL)
        target->type = value->type;
    return inner;
}

static int
declaration(struct parser *p, size_t pos)
{
    struct line *line = p->line;

    line->statement = STATEMENT_DECLARE;
    start(p, pos);
    if (parse_type(p, &line->declared) < 0)
        return -1;
    if (p->lex.kind != TOKEN_NAME)
        return parse_unexpected(p);
    if ((line->target = parse_node(p, NODE_NAME, p->lex.from, p->lex.to)) == NULL)
        return -1;
    line->target->text = p->lex.bytes;
    line->target->len = p->lex.len;
    lex_next(&p->lex);
    if (lex_is(&p->lex, '('))
        return err_at(p->err, (int)p->lex.from + 1, (int)p->lex.to,
                      "functions are not defined here; type their lines");
    if (lex_is(&p->lex, '[') && array_size(p, &line->declared) < 0)
        return -1;
    if (lex_is(&p->lex, '['))
        return lex_unexpected(p->err, p->lex.text, p->lex.from, p->lex.to,
                              "; arrays have one dimension");
    if (type_size(line->declared) == 0)
        return err_at(p->err, (int)pos + 1, line->target->end,
                      "a variable needs a size: char, int, long or a pointer");
    if (lex_is(&p->lex, ','))
        return lex_unexpected(p->err, p->lex.text, p->lex.from, p->lex.to,
                              "; one variable a declaration, the next on its own line");
    if (!lex_is(&p->lex, '='))
        return finish(p);
    lex_next(&p->lex);
    if ((line->expr = parse_expr(p)) == NULL)
        return -1;
    line->expr = without_casts(line->expr, NULL);
    if (line->declared.count > 0)
        return err_at(p->err, line->expr->col, line->expr->end,
                      "an array gets no value in its declaration; %s",
                      line->declared.base == TYPE_CHAR ? "declare it, then strcpy into it"
                                                       : "set its elements one by one");
    return finish(p);
}

static bool
is_place(const struct node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_INDEX ||
           (node->kind == NODE_UNARY && node->op == '*');
}

static int
assignment(struct parser *p, struct node *left)
{
    if (left->kind == NODE_CALL) {
        if (parse_is_result(p->lex.text, p->lex.to, p->end)) { /* = 5, = -1 ENOENT (...), = ? */
            p->line->statement = STATEMENT_CALL;
            p->line->expr = left;
            p->stop = (size_t)left->end;
            return 0;
        }
        return err_at(p->err, left->col, left->end,
                      "a call is no place to put something; its result goes left: x = %s(...)",
                      left->text);
    }
    if (!is_place(left))
        return err_at(p->err, left->col, left->end,
                      "this is no place to put something; a variable, an element or *p is");
    lex_next(&p->lex);
    if ((p->line->expr = parse_expr(p)) == NULL)
        return -1;
    p->line->target = left;
    p->line->expr = without_casts(p->line->expr, left);
    p->line->statement = p->line->expr->kind == NODE_CALL ? STATEMENT_CALL : STATEMENT_SET;
    return finish(p);
}

static int
expression(struct parser *p, size_t pos)
{
    struct node *left;

    start(p, pos);
    if ((left = parse_expr(p)) == NULL)
        return -1;
    if (lex_is(&p->lex, '='))
        return assignment(p, left);
    if (finish(p) < 0)
        return -1;
    left = without_casts(left, NULL);
    if (left->kind == NODE_CALL) {
        p->line->statement = STATEMENT_CALL;
        p->line->expr = left;
        return 0;
    }
    return err_at(p->err, left->col, left->end,
                  "this computes something and does nothing with it; print shows it");
}

static bool
is_control(const char *text, size_t n)
{
    static const char *const words[] = {"if",   "else",    "while", "for",    "do",       "switch",
                                        "case", "default", "break", "return", "continue", "goto"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (word_is(text, n, words[i]))
            return true;
    }
    return false;
}

/* A name that is not followed by what C would put there: the shell form, or a misspelt call. */
static bool
is_shell_form(struct parser *p, size_t pos, size_t n)
{
    const char *text = p->memory->text;
    size_t next = lex_skip(text, pos + n, p->end);
    char name[LEX_NAME_MAX + 1];
    bool blank = next > pos + n;
    char c = next < p->end ? text[next] : ';';

    if (c == '(' || (c == '=' && (next + 1 >= p->end || text[next + 1] != '=')))
        return false;
    if (n > LEX_NAME_MAX || (!blank && c != ';'))
        return false;
    memcpy(name, text + pos, n);
    name[n] = '\0';
    if (catalog_call(p->env->catalog, name, NULL) != NULL)
        return true;
    return lex_name(text, next, p->end) > 0 || (c >= '0' && c <= '9') || c == '"' || c == '\'' ||
           c == ';' || (c == '/' && next + 1 < p->end && !lex_blank(text[next + 1]));
}

int
parse_statement(struct parser *p, size_t pos)
{
    const char *text = p->memory->text + pos;
    size_t n = lex_name(p->memory->text, pos, p->end);
    size_t next = lex_skip(p->memory->text, pos + n, p->end);
    bool called = next < p->end && p->memory->text[next] == '(';

    p->start = pos;
    p->pasted = p->pasted || parse_is_pasted(p, pos);
    if (word_is(text, n, "print") && !(called && catalog_call(p->env->catalog, "print", NULL)))
        return print_or_await(p, pos, n, STATEMENT_PRINT);
    if (word_is(text, n, "await"))
        return print_or_await(p, pos, n, STATEMENT_AWAIT);
    if (word_is(text, n, "while") || word_is(text, n, "for") || word_is(text, n, "do"))
        return err_at(
            p->err, (int)pos + 1, (int)(pos + n),
            "no loops here: `await EXPR` waits until EXPR holds; others are typed turn by "
            "turn");
    if (is_control(text, n))
        return err_at(p->err, (int)pos + 1, (int)(pos + n),
                      "%.*s is not needed here; type the call itself", (int)n, text);
    if (n > 0 && is_shell_form(p, pos, n)) {
        start(p, pos);
        if (parse_is_type(p))
            return declaration(p, pos);
        p->line->statement = STATEMENT_CALL;
        p->line->expr = parse_shell_call(p, pos);
        return p->line->expr != NULL ? 0 : -1;
    }
    start(p, pos);
    if (parse_is_type(p) && !called)
        return declaration(p, pos);
    return expression(p, pos);
}
