/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions to programs. Types are C's as far as they go: arrays decay to pointers, pointers
 * count in elements; numbers are 64 bits wide until they are stored. */
#include <string.h>

#include "lang/plan_in.h"
#include "lang/prog.h"

static const struct type int_type = {.base = TYPE_INT};
static const struct type long_type = {.base = TYPE_LONG};

void
gen_op(struct buf *out, int op)
{
    buf_putc(out, (char)op);
}

static void
op_with(struct buf *out, int op, int64_t operand)
{
    gen_op(out, op);
    buf_put(out, &operand, sizeof operand);
}

void
gen_int(struct buf *out, int64_t value)
{
    op_with(out, OP_INT, value);
}

bool
gen_is_place(const struct node *node)
{
    return node->kind == NODE_NAME || node->kind == NODE_INDEX ||
           (node->kind == NODE_UNARY && node->op == '*');
}

static struct type
decay(struct type t)
{
    if (t.count > 0) {
        t.count = 0;
        t.stars++;
    }
    return t;
}

int
gen_literal(struct gen *g, const struct node *node, const char *bytes, size_t n, struct buf *out)
{
    bool fresh;
    uint64_t addr = symtab_literal(g->env->symtab, bytes, n, &fresh);
    uint32_t size = (uint32_t)n + 1;

    if (addr == 0)
        return gen_error(g, node, "no room for more texts in %s: they have %lu bytes in all",
                         g->env->actor, LITERAL_SIZE);
    if (fresh) {
        buf_put(&g->pokes, &addr, 8);
        buf_put(&g->pokes, &size, 4);
        buf_put(&g->pokes, bytes, n);
        buf_putc(&g->pokes, '\0');
    }
    gen_int(out, (int64_t)addr);
    return 0;
}

/* The size of what p[i] or *p is; an error when there is no such thing. */
static int
element_size(struct gen *g, const struct node *node, struct type t, size_t *size)
{
    char text[32];

    *size = type_element_size(t);
    if (*size > 0)
        return 0;
    if (!type_is_address(t))
        return gen_error(g, node, "this is a number (%s), not a pointer", gen_type_text(t, text));
    return gen_error(g, node,
                     t.base == TYPE_FILE
                         ? "what is inside a FILE is the library's; a call takes the FILE *"
                         : "a void * points to nothing that has a size; declare a char *");
}

static int
index_address(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    const struct node *array = node->first, *index = array->next;
    struct type t, number;
    size_t size;

    if (gen_value(g, array, out, &t) < 0 || element_size(g, array, t, &size) < 0 ||
        gen_value(g, index, out, &number) < 0)
        return -1;
    if (type_is_address(number))
        return gen_error(g, index, "an index is a number, this is an address");
    if (size > 1) {
        gen_int(out, (int64_t)size);
        gen_op(out, OP_MULTIPLY);
    }
    gen_op(out, OP_ADD);
    *type = type_element(t);
    return 0;
}

int
gen_address(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    struct meaning m;
    size_t size;

    if (node->kind == NODE_INDEX)
        return index_address(g, node, out, type);
    if (node->kind == NODE_UNARY && node->op == '*') {
        if (gen_value(g, node->first, out, type) < 0 ||
            element_size(g, node->first, *type, &size) < 0)
            return -1;
        *type = type_element(*type);
        return 0;
    }
    if (node->kind != NODE_NAME)
        return gen_error(g, node, "this has no address; a variable, an element or *p has one");
    if (!gen_find(g, node->text, &m))
        return gen_unknown(g, node);
    if (m.var == NULL)
        return gen_error(g, node, "'%s' is a constant, it has no address", node->text);
    gen_int(out, (int64_t)m.var->addr);
    *type = m.var->type;
    return 0;
}

static int
load_op(struct type t)
{
    size_t size = type_size(t);

    return size == 1 ? OP_LOAD1 : size == 4 ? OP_LOAD4 : OP_LOAD8;
}

int
gen_object(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    struct meaning m;

    if (node->kind == NODE_NAME && gen_find(g, node->text, &m) && m.var == NULL) {
        gen_int(out, m.value);
        *type = m.value == (int32_t)m.value ? int_type : long_type;
        if (m.null)
            *type = (struct type){.base = TYPE_VOID, .stars = 1};
        return 0;
    }
    if (!gen_is_place(node))
        return gen_value(g, node, out, type);
    if (gen_address(g, node, out, type) < 0)
        return -1;
    if (type->count == 0)
        gen_op(out, load_op(*type));
    return 0;
}

static int
unary(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    if (node->op == '&') { /* of an array it is the address of its first element, as a number */
        if (gen_address(g, node->first, out, type) < 0)
            return -1;
        *type = (struct type){.base = type->base, .stars = (uint8_t)(type->stars + 1)};
        return 0;
    }
    if (gen_value(g, node->first, out, type) < 0)
        return -1;
    if (node->op != '!' && type_is_address(*type))
        return gen_error(g, node, "%c needs a number, this is an address", node->op);
    gen_op(out, node->op == '-' ? OP_NEGATE : node->op == '~' ? OP_INVERT : OP_NOT);
    if (node->op == '!' || type->base == TYPE_CHAR)
        *type = int_type;
    return 0;
}

static int
size_of(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    const char *before = g->no_calls;
    struct buf unused = {0};
    int got = 0;

    g->no_calls = "sizeof looks at the type only, no call is made";
    if (node->first->kind == NODE_CAST && node->first->first == NULL)
        *type = node->first->type;
    else if (node->first->kind == NODE_STRING)
        *type = (struct type){.base = TYPE_CHAR, .count = (uint32_t)node->first->len + 1};
    else
        got = gen_object(g, node->first, &unused, type);
    g->no_calls = before;
    buf_release(&unused);
    if (got < 0)
        return -1;
    gen_int(out, (int64_t)type_size(*type));
    *type = long_type;
    return 0;
}

static int
shortcut(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    const char *before = g->no_calls;
    uint32_t distance = 0;
    size_t at;
    int got;

    if (gen_value(g, node->first, out, type) < 0)
        return -1;
    gen_op(out, node->op == ('&' << 8 | '&') ? OP_AND_THEN : OP_OR_ELSE);
    at = out->len;
    buf_put(out, &distance, 4);
    if (before == NULL)
        g->no_calls = "whether this call is made depends on what stands left of it; make it on a "
                      "line of its own";
    got = gen_value(g, node->first->next, out, type);
    g->no_calls = before;
    if (got < 0)
        return -1;
    gen_op(out, OP_BOOL);
    distance = (uint32_t)(out->len - at - 4);
    memcpy(out->data + at, &distance, 4);
    *type = int_type;
    return 0;
}

static void
scale(struct buf *out, size_t size, int op)
{
    if (size > 1) {
        gen_int(out, (int64_t)size);
        gen_op(out, op);
    }
}

/* p + i, i + p, p - i, p - q */
static int
pointer_sum(struct gen *g, const struct node *node, struct type left, const struct buf *right_code,
            struct type right, struct buf *out, struct type *type)
{
    const struct node *first = node->first;
    bool both = type_is_address(left) && type_is_address(right);
    bool swapped = !type_is_address(left);
    size_t size;

    if ((both || swapped) && !(both ? node->op == '-' : node->op == '+'))
        return gen_error(g, node, "%s is not possible",
                         both ? "a sum of two addresses" : "taking an address from a number");
    if (element_size(g, swapped ? first->next : first, swapped ? right : left, &size) < 0)
        return -1;
    if (swapped)
        scale(out, size, OP_MULTIPLY);
    buf_put(out, right_code->data, right_code->len);
    if (!swapped && !both)
        scale(out, size, OP_MULTIPLY);
    gen_op(out, node->op == '+' ? OP_ADD : OP_SUBTRACT);
    if (both)
        scale(out, size, OP_DIVIDE);
    *type = both ? long_type : swapped ? right : left;
    return 0;
}

static const struct {
    int op, code;
    bool compares;
} operators[] = {
    {'*', OP_MULTIPLY, false},
    {'/', OP_DIVIDE, false},
    {'%', OP_REMAINDER, false},
    {'+', OP_ADD, false},
    {'-', OP_SUBTRACT, false},
    {'<' << 8 | '<', OP_LEFT, false},
    {'>' << 8 | '>', OP_RIGHT, false},
    {'<', OP_LESS, true},
    {'<' << 8 | '=', OP_LESS_EQUAL, true},
    {'>', OP_GREATER, true},
    {'>' << 8 | '=', OP_GREATER_EQUAL, true},
    {'=' << 8 | '=', OP_EQUAL, true},
    {'!' << 8 | '=', OP_UNEQUAL, true},
    {'&', OP_AND, false},
    {'^', OP_XOR, false},
    {'|', OP_OR, false},
};

static int
combine(struct gen *g, const struct node *node, struct type left, const struct buf *right_code,
        struct type right, struct buf *out, struct type *type)
{
    bool address = type_is_address(left) || type_is_address(right);
    size_t i = 0;

    if (address && (node->op == '+' || node->op == '-'))
        return pointer_sum(g, node, left, right_code, right, out, type);
    while (operators[i].op != node->op)
        i++;
    if (address && !operators[i].compares)
        return gen_error(g, node, "this operator needs numbers, one side is an address");
    buf_put(out, right_code->data, right_code->len);
    gen_op(out, operators[i].code);
    *type = !operators[i].compares && (left.base == TYPE_LONG || right.base == TYPE_LONG)
                ? long_type
                : int_type;
    return 0;
}

static int
binary(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    struct type left, right;
    struct buf code = {0};
    int got;

    if (node->op == ('&' << 8 | '&') || node->op == ('|' << 8 | '|'))
        return shortcut(g, node, out, type);
    if (gen_value(g, node->first, out, &left) < 0)
        return -1;
    got = gen_value(g, node->first->next, &code, &right);
    if (got == 0)
        got = combine(g, node, left, &code, right, out, type);
    buf_release(&code);
    return got;
}

static int
cast(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    char text[32];

    if (gen_value(g, node->first, out, type) < 0)
        return -1;
    if (type_size(node->type) == 0)
        return gen_error(g, node, "a value cannot be made a %s", gen_type_text(node->type, text));
    *type = node->type;
    if (type_size(*type) < 8)
        gen_op(out, type_size(*type) == 1 ? OP_CHAR : OP_WORD);
    return 0;
}

static int
inner_call(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    struct plan_step step = {0}, *appended;

    if (g->no_calls != NULL)
        return gen_error(g, node, "no call is possible here: %s", g->no_calls);
    *type = gen_result_type(node->call);
    if (node->call->result == IPCLAB_VOID)
        return gen_error(g, node, "%s returns nothing", node->text);
    if (gen_call(g, node, &step) < 0 || (appended = gen_append(g, node, &step)) == NULL)
        return -1;
    op_with(out, OP_RESULT, appended - g->plan->steps);
    return 0;
}

int
gen_value(struct gen *g, const struct node *node, struct buf *out, struct type *type)
{
    switch (node->kind) {
    case NODE_INT:
        gen_int(out, node->value);
        *type = node->value == (int32_t)node->value ? int_type : long_type;
        return 0;
    case NODE_STRING:
        *type = (struct type){.base = TYPE_CHAR, .stars = 1};
        return gen_literal(g, node, node->text, node->len, out);
    case NODE_CALL:
        return inner_call(g, node, out, type);
    case NODE_BINARY:
        return binary(g, node, out, type);
    case NODE_CAST:
        return cast(g, node, out, type);
    case NODE_UNARY:
        if (node->op == 's')
            return size_of(g, node, out, type);
        if (node->op != '*')
            return unary(g, node, out, type);
        break;
    case NODE_NAME:
    case NODE_INDEX:
        break;
    }
    if (gen_object(g, node, out, type) < 0)
        return -1;
    *type = decay(*type);
    return 0;
}
