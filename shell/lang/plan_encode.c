/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step as the body of a frame; prog.h says how it is laid out. */
#include <string.h>

#include "lang/eval.h"
#include "lang/plan.h"

static void
put_number(struct buf *out, uint64_t value, int width)
{
    char bytes[8];

    for (int i = 0; i < width; i++)
        bytes[i] = (char)(value >> (8 * i));
    buf_put(out, bytes, (size_t)width);
}

/* The code with the results of earlier steps in it. */
static void
put_prog(struct buf *out, const struct buf *prog, const int64_t *results)
{
    size_t start, length;
    int64_t step;

    put_number(out, prog->len, 4);
    start = out->len;
    buf_put(out, prog->data, prog->len);
    for (size_t pc = start; pc < out->len; pc += length) {
        char op = out->data[pc];

        length = op == OP_AND_THEN || op == OP_OR_ELSE ? 5
                 : op == OP_INT || op == OP_RESULT     ? 9
                                                       : 1;
        if (op != OP_RESULT)
            continue;
        memcpy(&step, out->data + pc + 1, 8);
        out->data[pc] = OP_INT;
        memcpy(out->data + pc + 1, &results[step], 8);
    }
}

static enum eval_shape
shape_of(struct type t)
{
    if (type_is_text(t))
        return SHAPE_TEXT;
    if (t.stars > 0)
        return SHAPE_ADDRESS;
    if (t.count > 0)
        return t.base == TYPE_INT ? SHAPE_INTS : SHAPE_LONGS;
    return SHAPE_NUMBER;
}

void
plan_encode(struct buf *out, const struct plan *plan, int i, const int64_t *results)
{
    const struct plan_step *s = &plan->steps[i];
    const char *name = s->new_actor != NULL ? s->new_actor : "";

    put_number(out, s->kind, 1);
    put_number(out, (uint64_t)s->nargs, 1);
    put_number(out, (uint64_t)s->ref.plugin, 2);
    put_number(out, (uint64_t)s->ref.call, 2);
    put_number(out, s->target.len > 0 ? type_size(s->target_type) : 0, 1);
    put_number(out, s->kind == STEP_PRINT ? shape_of(s->value_type) : 0, 1);
    put_number(out, s->kind == STEP_PRINT ? s->value_type.count : 0, 4);
    put_number(out, strlen(name), 1);
    buf_put(out, name, strlen(name) + 1);
    put_number(out, s->pokes.len, 4);
    buf_put(out, s->pokes.data, s->pokes.len);
    put_prog(out, &s->target, results);
    for (int a = 0; a < s->nargs; a++)
        put_prog(out, &s->args[a].prog, results);
}
