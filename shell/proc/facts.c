/* SPDX-License-Identifier: GPL-3.0-or-later
 * See facts.h. */
#include "proc/facts.h"

/* Bytes or messages of one call. More fits into no object, and a frame's worth of them adds up. */
#define FLOW_MAX (INT64_C(1) << 46)

void
facts_open(struct wire_in *in, const struct buf *facts)
{
    *in = (struct wire_in){.p = (const uint8_t *)buf_text(facts), .left = facts->len};
}

bool
facts_next(struct wire_in *in, struct fact_item *f)
{
    *f = (struct fact_item){.name = "", .text = ""};
    if (in->left == 0)
        return false;
    f->kind = (enum fact)wire_get_u8(in);
    switch (f->kind) {
    case FACT_OBJECT:
        f->name = wire_get_text(in);
        f->key = (uint64_t)wire_get_i64(in);
        f->key2 = (uint64_t)wire_get_i64(in);
        break;
    case FACT_FLOW:
        f->value = wire_get_i64(in);
        in->bad |= f->value > FLOW_MAX || f->value < -FLOW_MAX;
        break;
    case FACT_MESSAGE:
        f->name = wire_get_text(in);
        f->arg = wire_get_u8(in);
        f->value = wire_get_i64(in);
        f->total = wire_get_u32(in);
        f->data = wire_get_bytes(in, &f->n);
        break;
    case FACT_STATE_INT:
    case FACT_STATE_VOLATILE:
    case FACT_INT:
    case FACT_VOLATILE:
        f->name = wire_get_text(in);
        f->value = wire_get_i64(in);
        break;
    case FACT_STATE_TEXT:
    case FACT_TEXT:
        f->name = wire_get_text(in);
        f->text = wire_get_text(in);
        break;
    case FACT_STATE_BYTES:
        f->name = wire_get_text(in);
        f->total = wire_get_u32(in);
        f->data = wire_get_bytes(in, &f->n);
        break;
    case FACT_OUT_BYTES:
    case FACT_ARG_BYTES:
        f->arg = wire_get_u8(in);
        f->total = wire_get_u32(in);
        f->data = wire_get_bytes(in, &f->n);
        break;
    case FACT_OUT_INT:
    case FACT_ARG:
        f->arg = wire_get_u8(in);
        f->value = wire_get_i64(in);
        break;
    case FACT_HOLD:
        f->value = wire_get_i64(in);
        f->amount = wire_get_i64(in);
        f->arg = wire_get_u8(in);
        in->bad |= f->amount > FLOW_MAX || f->amount < -FLOW_MAX;
        break;
    case FACT_HOLDER:
        f->name = wire_get_text(in);
        f->value = wire_get_i64(in);
        break;
    case FACT_OTHER_END:
        f->key = (uint64_t)wire_get_i64(in);
        f->key2 = (uint64_t)wire_get_i64(in);
        break;
    case FACT_COULD_END:
    case FACT_WAITS_ON:
        f->value = wire_get_i64(in);
        break;
    case FACT_SENDS:
        f->value = wire_get_i64(in);
        f->arg = (int)wire_get_i64(in);
        break;
    case FACT_TIMER:
        f->arg = (int)wire_get_i64(in);
        f->value = wire_get_i64(in);
        f->key = (uint64_t)wire_get_i64(in);
        break;
    case FACT_ALONG:
        f->arg = wire_get_u8(in);
        break;
    case FACT_FD:
        f->value = (int32_t)wire_get_u32(in);
        break;
    case FACT_VALUE_TEXT:
        f->total = wire_get_u32(in);
        f->data = wire_get_bytes(in, &f->n);
        break;
    case FACT_VALUE_INTS:
        f->n = wire_get_u32(in);
        f->data = in->p;
        if (f->n > 64 || in->left < f->n * sizeof(int64_t)) {
            in->bad = true;
        } else {
            in->p += f->n * sizeof(int64_t);
            in->left -= f->n * sizeof(int64_t);
        }
        break;
    case FACT_NOTE:
    case FACT_WHY:
    case FACT_WAITS:
    case FACT_SAY:
    case FACT_NEXT:
    case FACT_RULE:
    case FACT_BEFORE:
        f->name = wire_get_text(in);
        break;
    case FACT_CREATED:
    case FACT_TIMED:
    case FACT_SHARED:
    case FACT_NEVER:
    case FACT_MORE:
    case FACT_TOUCHES:
    case FACT_RUNS_OUT:
    case FACT_LATER:
        break;
    case FACT_END:
        return false;
    default:
        in->bad = true;
    }
    if (f->total < f->n && f->kind != FACT_VALUE_INTS)
        f->total = f->n;
    return !in->bad;
}
