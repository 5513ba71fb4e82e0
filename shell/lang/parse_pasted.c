/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of strace show what a call stored where C has the variable that it is stored in. Such an
 * argument becomes the name of a variable, in the tree and in what is recorded, so that the
 * recorded line is one that anybody could have typed. */
#include <string.h>

#include "lang/parse_in.h"

static bool
is_out(const struct ipclab_arg *arg)
{
    return arg != NULL && (arg->type == IPCLAB_BUFFER || arg->type == IPCLAB_INTS);
}

/* The end of what is in brackets at pos, past the closing one; 0 when it never ends. */
static size_t
bracketed(const char *text, size_t pos, size_t end)
{
    int open = 0;

    while (pos < end) {
        char c = text[pos];

        if (c == '"' || c == '\'') {
            if ((pos = lex_quoted(text, pos, end)) == 0)
                return 0;
            continue;
        }
        if (c == '(' || c == '[' || c == '{')
            open++;
        else if (c == ')' || c == ']' || c == '}')
            open--;
        pos++;
        if (open == 0)
            return pos;
    }
    return 0;
}

bool
parse_is_result(const char *text, size_t pos, size_t end)
{
    while (pos < end && lex_blank(text[pos]))
        pos++;
    if (pos + 1 < end && text[pos] == '-')
        pos++;
    return pos < end && (text[pos] == '?' || (text[pos] >= '0' && text[pos] <= '9'));
}

bool
parse_is_pasted(const struct parser *p, size_t pos)
{
    const char *text = p->memory->text;
    size_t n = lex_name(text, pos, p->end), at = pos + n;

    if (n == 0 || at >= p->end || text[at] != '(' || (at = bracketed(text, at, p->end)) == 0)
        return false;
    while (at < p->end && lex_blank(text[at]))
        at++;
    return at < p->end && text[at] == '=' && parse_is_result(text, at + 1, p->end);
}

static bool
is_cut(const struct lex *l)
{
    return l->kind == TOKEN_STRING && l->end - l->to >= 3 && memcmp(l->text + l->to, "...", 3) == 0;
}

/* What was stored, at the token in front: a text, a list, an address. Its end, or 0. */
static size_t
stored(const struct lex *l)
{
    if (l->kind == TOKEN_STRING)
        return l->to + (is_cut(l) ? 3 : 0);
    if (l->kind == TOKEN_INT && l->value != 0)
        return l->to;
    return lex_is(l, '[') ? bracketed(l->text, l->from, l->end) : 0;
}

struct node *
parse_argument(struct parser *p, const struct ipclab_arg *arg)
{
    struct lex *l = &p->lex;
    size_t from = l->from, to = p->pasted && is_out(arg) ? stored(l) : 0;
    struct line_edit *edit;
    struct node *node;

    if (to == 0 && is_cut(l) && !is_out(arg)) {
        err_at(p->err, (int)from + 1, (int)l->to + 3,
               "strace cut this text short; type it in full, or trace with -s 4096, which shows "
               "long texts whole");
        return NULL;
    }
    if (to == 0)
        return parse_expr(p);
    if ((node = parse_node(p, NODE_NAME, from, to)) == NULL)
        return NULL;
    edit = pool_alloc(&p->memory->pool, sizeof *edit);
    *edit = (struct line_edit){.at = from, .n = to - from};
    *p->memory->last_edit = edit;
    p->memory->last_edit = &edit->next;
    l->pos = l->to = to;
    lex_next(l);
    return node;
}

/* The bytes that the call may store there. */
static int64_t
room(const struct node *call, const struct ipclab_arg *arg)
{
    const struct node *size = call->first;

    for (int i = 0; i < arg->size_arg && size != NULL; i++)
        size = size->next;
    if (arg->size_arg < 0 || size == NULL)
        return OUT_ROOM_LEFT_OUT;
    return size->kind == NODE_INT && size->value <= (int64_t)ARENA_SIZE ? size->value
                                                                        : OUT_ROOM_UNKNOWN;
}

static bool
fits(const struct node *call, const struct ipclab_arg *arg, struct type type)
{
    if (type.stars > 0)
        return false;
    if (arg->type == IPCLAB_INTS)
        return type.base == TYPE_INT && (arg->count <= 1 || type.count >= (uint32_t)arg->count);
    return type.base == TYPE_CHAR && type.count > 0 && type.count >= room(call, arg);
}

static bool
may_be_called(const struct parser *p, const struct node *call, const struct ipclab_arg *arg,
              const char *name)
{
    int64_t value;

    if (p->env->is_actor(p->env->ctx, name) || catalog_constant(p->env->catalog, name, &value))
        return false;
    for (int i = 0; i < p->line->nwho && p->env->symtab_of != NULL; i++) {
        const struct symtab *t = p->env->symtab_of(p->env->ctx, p->line->who[i]);
        const struct var *var = t != NULL ? symtab_find(t, name) : NULL;

        if (var != NULL && !fits(call, arg, var->type))
            return false;
    }
    return true;
}

void
parse_name_outs(struct parser *p, struct node *call)
{
    int i = 0;

    for (struct node *node = call->first; node != NULL; node = node->next, i++) {
        const struct ipclab_arg *arg = parse_argument_record(call->call, i);
        struct line_edit *edit = p->memory->edits;
        char name[SYMTAB_NAME_MAX + 1];

        if (node->kind != NODE_NAME || node->text != NULL)
            continue;
        snprintf(name, sizeof name, "%s", arg->name);
        for (int n = 2; n <= SYMTAB_MAX && !may_be_called(p, call, arg, name); n++)
            snprintf(name, sizeof name, "%.26s%d", arg->name, n);
        while (edit->at != (size_t)node->col - 1)
            edit = edit->next;
        node->len = strlen(name);
        node->text = edit->full = pool_copy(&p->memory->pool, name, node->len);
    }
}
