/* SPDX-License-Identifier: GPL-3.0-or-later
 * See bench.h: what is asked and answered, as frames. */
#include "proc/bench.h"

void
bench_put_request(struct buf *frame, const struct bench_request *r)
{
    wire_u32(frame, (uint32_t)r->plugin);
    wire_u32(frame, (uint32_t)r->bench);
    wire_i64(frame, (int64_t)r->size);
    wire_u32(frame, (uint32_t)r->cpu[0]);
    wire_u32(frame, (uint32_t)r->cpu[1]);
    wire_i64(frame, r->time_ns);
}

bool
bench_get_request(struct wire_in *in, struct bench_request *r)
{
    r->plugin = (int)wire_get_u32(in);
    r->bench = (int)wire_get_u32(in);
    r->size = (size_t)wire_get_i64(in);
    r->cpu[0] = (int)wire_get_u32(in);
    r->cpu[1] = (int)wire_get_u32(in);
    r->time_ns = wire_get_i64(in);
    return !in->bad && r->size >= 1 && r->size <= BENCH_MAX_SIZE && r->time_ns > 0;
}

/* The numbers of an answer, in their order. */
static void
numbers(struct bench_answer *a, int64_t *list[8])
{
    int64_t *all[8] = {&a->trips,     &a->p50,   &a->p99,   &a->messages,
                       &a->stream_ns, &a->check, &a->clock, NULL};

    memcpy(list, all, sizeof all);
}

void
bench_put_answer(struct buf *frame, const struct bench_answer *a)
{
    struct bench_answer copy = *a;
    int64_t *list[8];

    wire_u8(frame, (uint8_t)a->outcome);
    wire_text(frame, a->text);
    wire_i64(frame, (int64_t)a->piece);
    numbers(&copy, list);
    for (int i = 0; list[i] != NULL; i++)
        wire_i64(frame, *list[i]);
}

bool
bench_get_answer(struct wire_in *in, struct bench_answer *a)
{
    int64_t *list[8];

    *a = (struct bench_answer){.outcome = (enum bench_outcome)wire_get_u8(in)};
    snprintf(a->text, sizeof a->text, "%s", wire_get_text(in));
    a->piece = (size_t)wire_get_i64(in);
    numbers(a, list);
    for (int i = 0; list[i] != NULL; i++) {
        *list[i] = wire_get_i64(in);
        in->bad |= *list[i] < 0;
    }
    return !in->bad && a->outcome <= BENCH_CORRUPT;
}
