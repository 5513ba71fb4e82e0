/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rounds of bench. Each goes once through everything, so that what else the machine does for a
 * while meets all mechanisms alike; the figure of a case is the median of its rounds. */
#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "builtin/bench.h"

struct run {
    struct bench *b;
    const struct bench_around *around;
    int round, at; /* the case under way */
    int done, all; /* measurements */
    double began;
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
tell_progress(void *ctx)
{
    const struct run *r = ctx;
    const struct bench_case *c = &r->b->cases[r->at];
    double gone = now() - r->began;
    double left = r->done > 0 ? gone / r->done * (r->all - r->done) : r->b->seconds - gone;
    char size[24], text[160];

    if (r->around->progress == NULL)
        return;
    bench_size_text(c->size, size);
    snprintf(text, sizeof text, "bench: %d %%, %.0f s left: round %d of %d, %s %s, %s",
             r->done * 100 / r->all, left > 0 ? left : 0, r->round + 1, r->b->rounds,
             r->b->chosen[c->chosen].record->name, size, c->cores == 1 ? "one core" : "two cores");
    r->around->progress(r->around->ctx, text);
}

/* ---- Figures ------------------------------------------------------------------------------- */

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static struct bench_figure
figure(double *values, int n)
{
    if (n == 0)
        return (struct bench_figure){0};
    qsort(values, (size_t)n, sizeof *values, by_value);
    return (struct bench_figure){.median = (values[(n - 1) / 2] + values[n / 2]) / 2,
                                 .low = values[n / 4],
                                 .high = values[n - 1 - n / 4],
                                 .least = values[0],
                                 .most = values[n - 1]};
}

static void
sum_up(struct bench_case *c)
{
    double p50[BENCH_ROUNDS_MAX], p99[BENCH_ROUNDS_MAX], rate[BENCH_ROUNDS_MAX];
    int rates = 0;

    for (int i = 0; i < c->n; i++) {
        const struct bench_answer *a = &c->answers[i];

        p50[i] = (double)a->p50 / 1e6;
        p99[i] = (double)a->p99 / 1e6;
        if (a->messages > 0 && a->stream_ns > 0)
            rate[rates++] = (double)a->messages * 1e9 / (double)a->stream_ns;
    }
    c->p50 = figure(p50, c->n);
    c->p99 = figure(p99, c->n);
    c->rate = figure(rate, rates);
    c->measured = c->n > 0 && !c->failed;
}

/* Of all measurements of a size, for comparing does not depend on the mechanism. */
static void
sum_up_costs(struct bench *b)
{
    double clock = 0;

    for (int s = 0; s < b->nsizes; s++) {
        double sum = 0;
        int n = 0;

        for (int i = 0; i < b->ncases; i++)
            for (int k = 0; k < b->cases[i].n && b->cases[i].size == b->sizes[s]; k++) {
                sum += (double)b->cases[i].answers[k].check / 1e6;
                clock = (double)b->cases[i].answers[k].clock / 1e6;
                n++;
            }
        b->check_us[s] = n > 0 ? sum / n : 0;
    }
    b->clock_us = clock;
}

/* ---- Rounds -------------------------------------------------------------------------------- */

static int
measure(struct run *r, struct bench_world *w, struct err *err)
{
    struct bench *b = r->b;
    struct bench_case *c = &b->cases[r->at];
    struct bench_request request = {.plugin = b->chosen[c->chosen].plugin,
                                    .bench = b->chosen[c->chosen].bench,
                                    .size = c->size,
                                    .cpu = {b->cpus[0], b->cpus[c->cores - 1]},
                                    .time_ns = b->slice_ns};
    struct bench_answer *a = &c->answers[c->n];
    struct buf why = {0};

    tell_progress(r);
    if (bench_ask(w, &request, a, r->around->interrupted, tell_progress, r, err) < 0)
        return -1;
    r->done++;
    c->piece = a->piece;
    if (a->outcome == BENCH_MEASURED) {
        c->n++;
        return 0;
    }
    /* Once it did not work it is not tried again, and no figure stands on what was before. */
    c->failed = a->outcome != BENCH_CANNOT || c->n > 0;
    text_escape(&why, a->text, strlen(a->text), true);
    snprintf(c->why, sizeof c->why, "%s", buf_text(&why));
    buf_release(&why);
    r->all -= b->rounds - r->round - 1;
    return 0;
}

int
bench_run(struct bench *b, const struct bench_around *around, struct err *err)
{
    struct run r = {.b = b, .around = around, .began = now()};
    struct bench_world w;
    int result = 0;

    for (int i = 0; i < b->ncases; i++)
        r.all += b->cases[i].why[0] == '\0' ? b->rounds : 0;
    if (bench_open(&w, around->launcher, around->wanted_world, err) < 0)
        return -1;
    b->world = world_kind_name(&w.world);
    for (r.round = 0; r.round < b->rounds && result == 0; r.round++)
        for (r.at = 0; r.at < b->ncases && result == 0; r.at++)
            if (b->cases[r.at].why[0] == '\0')
                result = measure(&r, &w, err);
    bench_close(&w);
    if (around->progress != NULL)
        around->progress(around->ctx, "");
    for (int i = 0; i < b->ncases; i++)
        sum_up(&b->cases[i]);
    sum_up_costs(b);
    return result;
}

enum status
bench_status(const struct bench *b, struct err *err)
{
    const struct bench_case *first = NULL;
    bool any = false;

    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];

        any |= c->measured;
        if (c->failed && first == NULL)
            first = c;
    }
    for (int i = 0; i < b->ncases && !any && first == NULL; i++)
        first = &b->cases[i];
    if (first == NULL)
        return STATUS_OK;
    err_set(err, STATUS_MACHINE, "%s cannot be measured: %s", b->chosen[first->chosen].record->name,
            first->why);
    return STATUS_MACHINE;
}
