/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What names stand for: the actor's variables, then constants, then the pids of actors; and what
 * to say when one stands for nothing. */
#include <string.h>

#include "base/text.h"
#include "lang/plan_in.h"

static bool
constant(const struct gen *g, const char *name, int64_t *value)
{
    const struct ipclab_constant *k = g->arg != NULL ? g->arg->constants : NULL;

    for (; k != NULL && k->name != NULL; k++) {
        if (strcmp(k->name, name) == 0) {
            *value = k->value;
            return true;
        }
    }
    return catalog_constant(g->env->catalog, name, value);
}

bool
gen_find(struct gen *g, const char *name, struct meaning *m)
{
    *m = (struct meaning){.var = symtab_find(g->env->symtab, name)};
    if (m->var != NULL)
        return true;
    m->constant = constant(g, name, &m->value);
    if (m->constant)
        return true;
    m->null = strcmp(name, "NULL") == 0;
    return m->null || g->env->pid_of(g->env->ctx, name, &m->value);
}

static void
offer_constant(void *ctx, const struct ipclab_constant *k)
{
    near_offer(ctx, k->name);
}

static void
offer_name(void *ctx, const char *name)
{
    near_offer(ctx, name);
}

/* IPC_CREATE: written as constants are. */
static bool
looks_constant(const char *name)
{
    size_t n = 0;

    for (; name[n] != '\0'; n++)
        if (name[n] >= 'a' && name[n] <= 'z')
            return false;
    return n >= 3;
}

int
gen_unknown(struct gen *g, const struct node *node)
{
    const struct plan_env *env = g->env;
    char what[LEX_NAME_MAX + SYMTAB_NAME_MAX + 64];
    const char *owner = env->owner_of(env->ctx, node->text);
    struct near near;

    if (owner != NULL)
        return gen_error(g, node,
                         "%s has no variable '%s'; %s has one, but processes share no memory",
                         env->actor, node->text, owner);
    if (catalog_call(env->catalog, node->text, NULL) != NULL)
        return gen_error(g, node,
                         "%s has no variable '%s'; a call has its arguments in brackets: "
                         "%s(...)",
                         env->actor, node->text, node->text);
    if (looks_constant(node->text))
        snprintf(what, sizeof what, "'%s' is no constant or variable", node->text);
    else
        snprintf(what, sizeof what, "%s has no variable '%s'", env->actor, node->text);
    near_init(&near, node->text);
    for (int i = 0; i < env->symtab->n; i++)
        near_offer(&near, env->symtab->vars[i].name);
    if (g->arg != NULL)
        for (const struct ipclab_constant *k = g->arg->constants; k && k->name != NULL; k++)
            near_offer(&near, k->name);
    catalog_each_constant(env->catalog, offer_constant, &near);
    env->each_actor(env->ctx, offer_name, &near);
    return gen_error(g, node, "%s%s%s%s", what, near.best[0] != '\0' ? "; did you mean " : "",
                     near.best, near.best[0] != '\0' ? "?" : "");
}

static bool
is_reserved(const char *name)
{
    static const char *const words[] = {"print", "await",  "sizeof", "if",   "else",
                                        "while", "for",    "do",     "case", "switch",
                                        "break", "return", "NULL",   "errno"};
    struct type type;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], name) == 0)
            return true;
    }
    return type_by_name(name, &type);
}

int
gen_new_var(struct gen *g, const struct node *name, struct type type, const struct var **var)
{
    struct symtab *t = g->env->symtab;
    int64_t value;

    if (name->len > SYMTAB_NAME_MAX)
        return gen_error(g, name, "a variable's name has at most %d bytes, this one has %zu",
                         SYMTAB_NAME_MAX, name->len);
    if (is_reserved(name->text))
        return gen_error(g, name, "a variable cannot be called '%s', the word is taken",
                         name->text);
    if (constant(g, name->text, &value))
        return gen_error(g, name, "'%s' is a constant; a variable needs another name", name->text);
    if (symtab_find(t, name->text) == NULL && g->env->pid_of(g->env->ctx, name->text, &value))
        return gen_error(g, name, "'%s' is an actor; a variable needs another name", name->text);
    *var = symtab_add(t, name->text, type);
    if (*var != NULL)
        return 0;
    if (t->n >= SYMTAB_MAX)
        return gen_error(g, name, "%s has %d variables, that is the limit", g->env->actor,
                         SYMTAB_MAX);
    return gen_error(g, name, "no room for '%s': the variables of an actor have %lu bytes in all",
                     name->text, ARENA_SIZE);
}

bool
gen_is_null_word(const struct node *node)
{
    while (node->kind == NODE_CAST && node->first != NULL)
        node = node->first;
    return node->kind == NODE_NAME && strcmp(node->text, "NULL") == 0;
}

bool
gen_is_null(const struct node *node)
{
    while (node->kind == NODE_CAST && node->first != NULL)
        node = node->first;
    return gen_is_null_word(node) || (node->kind == NODE_INT && node->value == 0);
}

static bool
const_binary(int op, int64_t a, int64_t b, int64_t *value)
{
    uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

    switch (op) {
    case '+':
        *value = (int64_t)(ua + ub);
        return true;
    case '-':
        *value = (int64_t)(ua - ub);
        return true;
    case '*':
        *value = (int64_t)(ua * ub);
        return true;
    case '/':
    case '%':
        if (b == 0 || b == -1) /* left to the machine, which may trap */
            return false;
        *value = op == '/' ? a / b : a % b;
        return true;
    case '|':
        *value = a | b;
        return true;
    case '&':
        *value = a & b;
        return true;
    case '^':
        *value = a ^ b;
        return true;
    case '<' << 8 | '<':
        *value = (int64_t)(ua << (ub & 63));
        return true;
    case '>' << 8 | '>':
        *value = a >> (ub & 63);
        return true;
    default:
        return false;
    }
}

bool
gen_const(struct gen *g, const struct node *node, int64_t *value)
{
    struct meaning m;
    int64_t a, b;

    switch (node->kind) {
    case NODE_INT:
        *value = node->value;
        return true;
    case NODE_NAME:
        if (!gen_find(g, node->text, &m) || m.var != NULL)
            return false;
        *value = m.value;
        return true;
    case NODE_UNARY:
        if ((node->op != '-' && node->op != '~' && node->op != '!') ||
            !gen_const(g, node->first, &a))
            return false;
        *value = node->op == '-' ? (int64_t)(0 - (uint64_t)a) : node->op == '~' ? ~a : !a;
        return true;
    case NODE_BINARY:
        return gen_const(g, node->first, &a) && gen_const(g, node->first->next, &b) &&
               const_binary(node->op, a, b, value);
    case NODE_CAST:
        return type_size(node->type) == 8 && gen_const(g, node->first, value);
    default:
        return false;
    }
}

const char *
gen_type_text(struct type t, char text[32])
{
    struct buf out = {0};

    type_text(&out, t, "");
    snprintf(text, 32, "%s", buf_text(&out));
    buf_release(&out);
    return text;
}
