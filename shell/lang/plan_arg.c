/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One argument of a call: what its type in the record wants is what is checked, and every message
 * names it. */
#include <string.h>

#include "base/mem.h"
#include "lang/number.h"
#include "lang/plan_in.h"
#include "lang/prog.h"

/* 666 where an octal number is meant, alone or among what is ored. */
static int
check_mode(struct gen *g, const struct node *node)
{
    if (node->kind == NODE_BINARY && node->op == '|')
        return check_mode(g, node->first) < 0 ? -1 : check_mode(g, node->first->next);
    if (node->kind != NODE_INT || !node->decimal || !number_looks_octal(node->value))
        return 0;
    return gen_error(g, node, "%lld is decimal here (= 0%llo); did you mean 0%lld?",
                     (long long)node->value, (unsigned long long)node->value,
                     (long long)node->value);
}

static void
bounds(const struct ipclab_arg *arg, int64_t *min, int64_t *max)
{
    *min = INT64_MIN;
    *max = INT64_MAX;
    if (arg->min != 0 || arg->max != 0) {
        *min = arg->min;
        *max = arg->max;
    } else if (arg->type == IPCLAB_SIZE) {
        *min = 0;
    } else if (arg->type == IPCLAB_MODE) {
        *min = 0;
        *max = 07777;
    } else if (arg->type != IPCLAB_INT) {
        *min = INT32_MIN;
        *max = INT32_MAX;
    }
}

static int
check_bounds(struct gen *g, const struct arg_site *s)
{
    int64_t value, min, max;

    if (!gen_const(g, s->node, &value))
        return 0;
    bounds(s->arg, &min, &max);
    if (value >= min && value <= max)
        return 0;
    if (s->arg->type == IPCLAB_MODE)
        return gen_error(g, s->node, "%s: %s goes from 0 to 07777, not %lld", s->call->name,
                         s->arg->name, (long long)value);
    if (max == INT64_MAX)
        return gen_error(g, s->node, "%s: %s is at least %lld, not %lld", s->call->name,
                         s->arg->name, (long long)min, (long long)value);
    return gen_error(g, s->node, "%s: %s goes from %lld to %lld, not %lld", s->call->name,
                     s->arg->name, (long long)min, (long long)max, (long long)value);
}

/* "; did you mean &n?", where a variable is near to what is wanted: its address, or its first
 * element. */
static const char *
nearly(struct gen *g, const struct arg_site *s, bool wants_number, struct type got, char room[64])
{
    const struct node *n = s->node;

    room[0] = '\0';
    if (n->kind != NODE_NAME || symtab_find(g->env->symtab, n->text) == NULL)
        return room;
    if (!wants_number && !type_is_address(got) && type_size(got) > 0)
        snprintf(room, 64, "; did you mean &%.31s?", n->text);
    else if (wants_number && type_is_address(got) && !type_is_address(type_element(got)))
        snprintf(room, 64, "; did you mean %.31s[0]?", n->text);
    return room;
}

static int
wrong(struct gen *g, const struct arg_site *s, const char *wanted, struct type got)
{
    bool wants_number = strcmp(wanted, "a number") == 0;
    char text[32], room[64];

    return gen_error(g, s->node, "%s: %s is %s, this is %s%s%s", s->call->name, s->arg->name,
                     wanted,
                     !type_is_address(got)  ? "a number, "
                     : got.base == TYPE_INT ? "an "
                                            : "a ",
                     gen_type_text(got, text), nearly(g, s, wants_number, got, room));
}

static bool
lists(const struct ipclab_arg *arg, const char *name)
{
    const struct ipclab_constant *k = arg->constants;

    while (k != NULL && k->name != NULL && strcmp(k->name, name) != 0)
        k++;
    return k != NULL && k->name != NULL;
}

/* A constant that the record has for another argument of the call and not for this one, alone or
 * among what is ored: its value would mean something else here, as among plain numbers. */
static int
check_place(struct gen *g, const struct arg_site *s, const struct node *node)
{
    const struct ipclab_arg *arg = s->call->args;
    struct meaning m;

    if (node->kind == NODE_BINARY && node->op == '|')
        return check_place(g, s, node->first) < 0 ? -1 : check_place(g, s, node->first->next);
    if (node->kind != NODE_NAME || lists(s->arg, node->text) || !gen_find(g, node->text, &m) ||
        !m.constant)
        return 0;
    while (arg->type != IPCLAB_END && !lists(arg, node->text))
        arg++;
    if (arg->type == IPCLAB_END)
        return 0;
    return gen_error(g, node, "%s: %s is for argument %d, %s; this is argument %d, %s",
                     s->call->name, node->text, (int)(arg - s->call->args) + 1, arg->name,
                     s->index + 1, s->arg->name);
}

static int
number(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct ipclab_arg *arg = s->arg;
    struct type type;

    if (check_place(g, s, s->node) < 0)
        return -1;
    if ((arg->type == IPCLAB_MODE || (arg->flags & IPCLAB_HAS_MODE)) && check_mode(g, s->node) < 0)
        return -1;
    if (gen_is_null_word(s->node) && (arg->flags & IPCLAB_NULLABLE)) {
        gen_int(out, 0); /* as shmctl's last argument, which C has as a pointer */
        return 0;
    }
    if (gen_value(g, s->node, out, &type) < 0)
        return -1;
    if (type_is_address(type))
        return wrong(g, s, "a number", type);
    return check_bounds(g, s);
}

static int
null_refused(struct gen *g, const struct arg_site *s)
{
    if (!gen_is_null(s->node) || (s->arg->flags & IPCLAB_NULLABLE))
        return 0;
    return gen_error(g, s->node, "%s: %s may not be NULL%s", s->call->name, s->arg->name,
                     (s->arg->flags & IPCLAB_REST) != 0 ? "; the list ends with the line" : "");
}

/* stdout and its like: a constant that stands for a stream, one of those that the argument lists
 * if it lists any. */
static bool
is_named_stream(struct gen *g, const struct arg_site *s)
{
    struct meaning m;

    if (s->arg->type != IPCLAB_STREAM || s->node->kind != NODE_NAME ||
        !gen_find(g, s->node->text, &m) || !m.constant)
        return false;
    return s->arg->constants == NULL || lists(s->arg, s->node->text);
}

/* An address of what `wanted` says; numbers only as NULL, and by name as a stream. */
static int
address(struct gen *g, const struct arg_site *s, const char *wanted, struct buf *out)
{
    enum ipclab_type kind = s->arg->type;
    struct type type;
    bool text;

    if (null_refused(g, s) < 0 || gen_value(g, s->node, out, &type) < 0)
        return -1;
    if (gen_is_null(s->node) || is_named_stream(g, s))
        return 0;
    text = type.base == TYPE_CHAR || type.base == TYPE_VOID;
    if (!type_is_address(type) || (kind == IPCLAB_STREAM) != (type.base == TYPE_FILE))
        return wrong(g, s, wanted, type);
    if ((kind == IPCLAB_STRING || kind == IPCLAB_PATH) && (!text || type.stars != 1))
        return wrong(g, s, wanted, type);
    return 0;
}

/* An address for the call to use as it is: C's programs pass 0 and numbers here. */
static int
pointer(struct gen *g, const struct arg_site *s, struct buf *out)
{
    struct type type;

    if (gen_value(g, s->node, out, &type) < 0)
        return -1;
    s->step->args[s->index].address = type_is_address(type);
    return 0;
}

/* The name of a handler, which is no variable: the address of the name. */
static int
handler(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct node *n = s->node;
    int64_t value;

    if (n->kind == NODE_UNARY && n->op == '&')
        n = n->first;
    if (n->kind != NODE_NAME || gen_is_null_word(n) || symtab_find(g->env->symtab, n->text) != NULL)
        return number(g, s, out);
    if (lists(s->arg, n->text))
        return number(g, s, out);
    if (catalog_constant(g->env->catalog, n->text, &value))
        return gen_error(g, n, "%s: %s is SIG_DFL, SIG_IGN or the name of a handler, not %s",
                         s->call->name, s->arg->name, n->text);
    if (n->len > SYMTAB_NAME_MAX)
        return gen_error(g, n, "%s: the name of a handler has at most %d bytes, this one has %zu",
                         s->call->name, SYMTAB_NAME_MAX, n->len);
    return gen_literal(g, n, n->text, n->len, out);
}

static int
new_name(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct node *n = s->node;

    if (gen_is_null(n)) {
        gen_int(out, 0);
        return 0;
    }
    if (n->kind != NODE_NAME && n->kind != NODE_STRING)
        return gen_error(g, n, "%s: %s is the name of the new actor", s->call->name, s->arg->name);
    if (strlen(n->text) != n->len || !parse_actor_name_ok(n->text))
        return gen_error(g, n,
                         "%s: an actor's name has small letters, digits and _, starts with a "
                         "letter and has at most %d bytes",
                         s->call->name, SYMTAB_NAME_MAX);
    if (catalog_call(g->env->catalog, n->text, NULL) != NULL)
        return gen_error(g, n, "%s: '%s' is a call, an actor needs another name", s->call->name,
                         n->text);
    if (symtab_find(g->env->symtab, n->text) != NULL)
        return gen_error(g, n, "%s: '%s' is a variable of %s, an actor needs another name",
                         s->call->name, n->text, g->env->actor);
    free(s->step->new_actor);
    s->step->new_actor = mem_copy(n->text);
    s->step->new_actor_at = (struct span){n->col, n->end};
    return gen_literal(g, n, n->text, n->len, out);
}

static bool
takes_words(enum ipclab_type type)
{
    return type == IPCLAB_STRING || type == IPCLAB_PATH || type == IPCLAB_BYTES ||
           type == IPCLAB_ANY;
}

static int
by_type(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct node *n = s->node;
    struct meaning m;

    if (n->word && n->kind == NODE_NAME && takes_words(s->arg->type) && !gen_find(g, n->text, &m))
        return gen_literal(g, n, n->text, n->len, out);
    switch (s->arg->type) {
    case IPCLAB_POINTER:
    case IPCLAB_ANY:
        return pointer(g, s, out);
    case IPCLAB_BYTES:
        return address(g, s, "the address of bytes or a text", out);
    case IPCLAB_STRING:
        return address(g, s, "a text", out);
    case IPCLAB_PATH:
        return address(g, s, "a file name", out);
    case IPCLAB_STREAM:
        return address(g, s, "a FILE *", out);
    case IPCLAB_BUFFER:
    case IPCLAB_INTS:
        if (gen_is_null(n))
            return address(g, s, "", out);
        return gen_out(g, s, out);
    case IPCLAB_NEWNAME:
        return new_name(g, s, out);
    case IPCLAB_HANDLER:
        return handler(g, s, out);
    default:
        return number(g, s, out);
    }
}

/* Is it a variable or a part of one, or the address of that? */
static bool
is_plain(struct gen *g, const struct node *n)
{
    struct meaning m;

    if (n->kind == NODE_UNARY && n->op == '&')
        n = n->first;
    return gen_is_place(n) && (n->kind != NODE_NAME || (gen_find(g, n->text, &m) && m.var != NULL));
}

int
gen_argument(struct gen *g, const struct arg_site *s)
{
    struct step_arg *arg = &s->step->args[s->index];

    if (by_type(g, s, &arg->prog) < 0)
        return -1;
    arg->text = gen_text(g, s->node);
    arg->plain = is_plain(g, s->node);
    return 0;
}

/* The text that a size left out counts: the argument that names it, else the one before it. */
static int
counted(const struct arg_site *s)
{
    int i = 0;

    for (const struct ipclab_arg *a = s->call->args; a->type != IPCLAB_END && a < s->arg; a++, i++)
        if (a->type == IPCLAB_BYTES && a->size_arg == s->index)
            return i;
    return s->index > 0 ? s->index - 1 : -1;
}

/* The room of the array that this size belongs to, or 0: its default must not be more. */
static int64_t
room(struct gen *g, const struct arg_site *s)
{
    const struct var *var;
    int i = 0;

    for (const struct ipclab_arg *a = s->call->args; a < s->arg; a++, i++) {
        if (a->type != IPCLAB_BUFFER || a->size_arg != s->index || s->given[i] == NULL ||
            s->given[i]->kind != NODE_NAME)
            continue;
        var = symtab_find(g->env->symtab, s->given[i]->text);
        return var != NULL && var->type.count > 0 ? (int64_t)type_size(var->type) : 0;
    }
    return 0;
}

int
gen_left_out(struct gen *g, const struct arg_site *s)
{
    struct buf *out = &s->step->args[s->index].prog;
    int text = s->arg->flags & IPCLAB_COUNTED ? counted(s) : -1;
    int64_t value = s->arg->def, space = s->arg->type == IPCLAB_SIZE ? room(g, s) : 0;
    const struct node *n = text >= 0 ? s->given[text] : NULL;

    if (space > 0 && space < value)
        value = space;
    if (n == NULL ||
        (s->call->args[text].type != IPCLAB_BYTES && s->call->args[text].type != IPCLAB_STRING)) {
        gen_int(out, value);
    } else if (n->kind == NODE_STRING) {
        gen_int(out, (int64_t)n->len);
    } else {
        buf_put(out, s->step->args[text].prog.data, s->step->args[text].prog.len);
        gen_op(out, OP_STRLEN);
    }
    return 0;
}
