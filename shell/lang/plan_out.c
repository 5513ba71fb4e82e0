/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments that a call fills. A variable that does not exist yet comes into being, of the type
 * and size that the call needs; one that does is passed by its address, as C would have it. */
#include <string.h>

#include "lang/plan_in.h"
#include "lang/prog.h"

static const struct type int_type = {.base = TYPE_INT};

static int
wrong(struct gen *g, const struct arg_site *s, struct type got, const char *name)
{
    char text[32];
    bool offer = name != NULL && got.count == 0 && got.stars == 0;

    return gen_error(g, s->node, "%s: %s is filled by the call and needs %s, this is %s%s%s%s%s",
                     s->call->name, s->arg->name, s->arg->type == IPCLAB_INTS ? "ints" : "a buffer",
                     got.base == TYPE_INT ? "an " : "a ", gen_type_text(got, text),
                     offer ? "; did you mean &" : "", offer ? name : "", offer ? "?" : "");
}

/* What the n-th conversion of a scanf format fills. */
static struct type
scanned(const char *format, int n)
{
    const char *at = format;
    bool wide = false;

    for (; *at != '\0'; at++) {
        if (*at != '%' || *++at == '%')
            continue;
        if (*at == '*')
            n++;
        at += strspn(at, "*0123456789");
        wide = strspn(at, "lzj") > 0;
        at += strspn(at, "hlzj");
        if (n-- == 0 || *at == '\0')
            break;
    }
    if (*at != '\0' && strchr("diuxXo", *at) != NULL)
        return wide ? (struct type){.base = TYPE_LONG} : int_type;
    return (struct type){.base = TYPE_CHAR, .count = OUT_ROOM_LEFT_OUT};
}

/* The type of a variable that is made for this argument. */
static struct type
wanted(struct gen *g, const struct arg_site *s)
{
    struct type type = {.base = TYPE_CHAR, .count = OUT_ROOM_LEFT_OUT};
    const struct ipclab_arg *arg = s->arg;
    int first = (int)(arg - s->call->args); /* of those that repeat */
    const struct node *size;
    int64_t n;

    if (arg->type == IPCLAB_INTS)
        return (struct type){.base = TYPE_INT, .count = arg->count > 1 ? (uint32_t)arg->count : 0};
    if (arg->flags & IPCLAB_REST) {
        if (first > 0 && arg[-1].type == IPCLAB_STRING && s->given[first - 1] != NULL &&
            s->given[first - 1]->kind == NODE_STRING)
            return scanned(s->given[first - 1]->text, s->index - first);
        return type;
    }
    if (arg->type == IPCLAB_BUFFER && arg->count > 0)
        type.count = (uint32_t)arg->count;
    if (arg->size_arg < 0 || arg->size_arg >= IPCLAB_MAX_ARGS)
        return type;
    size = s->given[arg->size_arg];
    if (size == NULL)
        return type;
    type.count = OUT_ROOM_UNKNOWN;
    if (gen_const(g, size, &n) && n <= (int64_t)ARENA_SIZE)
        type.count = n > 0 ? (uint32_t)n : 1;
    return type;
}

/* `&x` of an x that does not exist: one char, int or long, as many bytes as the call fills. */
static int
new_by_address(struct gen *g, const struct arg_site *s, const struct node *name)
{
    struct type type = wanted(g, s);
    const struct var *var;

    if (type.base == TYPE_CHAR && type.count > 0) {
        if (type.count != 1 && type.count != 4 && type.count != 8)
            return gen_unknown(g, name);
        type.base = type.count == 1 ? TYPE_CHAR : type.count == 4 ? TYPE_INT : TYPE_LONG;
    }
    type.count = 0;
    return gen_new_var(g, name, type, &var);
}

static int
variable(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct node *n = s->node;
    const struct var *var = symtab_find(g->env->symtab, n->text);
    struct type type;

    if (var == NULL && gen_new_var(g, n, wanted(g, s), &var) < 0)
        return -1;
    type = var->type;
    if (type.stars > 0 && type.count == 0) { /* a pointer: what it points to is filled */
        if (s->arg->type == IPCLAB_INTS && (type.base != TYPE_INT || type.stars != 1))
            return wrong(g, s, type, NULL);
        gen_int(out, (int64_t)var->addr);
        gen_op(out, OP_LOAD8);
        return type.base == TYPE_FILE ? wrong(g, s, type, NULL) : 0;
    }
    gen_int(out, (int64_t)var->addr);
    if (s->arg->type == IPCLAB_INTS) {
        if (type.base != TYPE_INT || type.stars > 0)
            return wrong(g, s, type, NULL);
        if (s->arg->count > 1 && type.count < (uint32_t)s->arg->count)
            return gen_error(g, n, "%s: %s needs %d ints, %s has room for %u", s->call->name,
                             s->arg->name, s->arg->count, n->text, type.count > 0 ? type.count : 1);
        return 0;
    }
    if (type.count > 0)
        return 0;
    /* What a line made by itself for a %d is also filled without its &. */
    if ((s->arg->flags & IPCLAB_REST) && type_size(type) == type_size(wanted(g, s)))
        return 0;
    return wrong(g, s, type, n->text);
}

int
gen_out(struct gen *g, const struct arg_site *s, struct buf *out)
{
    const struct node *n = s->node;
    const struct node *place = n->kind == NODE_UNARY && n->op == '&' ? n->first : n;
    struct meaning m;
    struct type type;

    if (n->kind == NODE_STRING)
        return gen_error(g, n, "%s: %s is filled by the call; a variable is expected, not a text",
                         s->call->name, s->arg->name);
    if (place->kind == NODE_NAME && gen_find(g, place->text, &m) && m.var == NULL && !m.constant &&
        !m.null)
        return gen_error(g, place, "'%s' is an actor; a variable needs another name", place->text);
    if (n->kind == NODE_NAME && (!gen_find(g, n->text, &m) || m.var != NULL))
        return variable(g, s, out);
    if (n->kind == NODE_UNARY && n->op == '&' && n->first->kind == NODE_NAME &&
        !gen_find(g, n->first->text, &m) && new_by_address(g, s, n->first) < 0)
        return -1;
    if (gen_value(g, n, out, &type) < 0)
        return -1;
    if (!type_is_address(type) || type.base == TYPE_FILE ||
        (s->arg->type == IPCLAB_INTS && (type.stars != 1 || type.base != TYPE_INT)))
        return wrong(g, s, type, NULL);
    return 0;
}
