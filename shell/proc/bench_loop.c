/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See bench_loop.h. The plain loops: nothing is in them but the mechanism, a reading of the clock
 * and the comparison of what came with what was sent. Who sends the last message says so in shared
 * memory before: the message itself is what makes the other side see it.
 *
 * A round trip is there and back, as side 0 sees it. What its clock costs and what side 1 takes
 * for comparing lie inside; both are measured afterwards, by themselves, and taken out. Side 0
 * compares when its trip is over. One way, side 1 compares each message before it takes the next,
 * as a program does that reads what it gets; that time is part of the throughput. */
#include "proc/bench_loop.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

enum {
    WARM_PART = 8,   /* an eighth of the time goes by before anything counts, */
    WARM_TRIPS = 16, /* or so many trips */
    LEAST = 5,       /* trips that are measured, however long they take */
    BURST = 16,      /* messages one way between two readings of the clock, where they are small */
    SMALL = 4096,
    TRIES = 33, /* of which the median counts */
};

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

size_t
bench_memory(size_t size, size_t *place, int64_t *places)
{
    *place = (size + BENCH_STRIDE - 1) / BENCH_STRIDE * BENCH_STRIDE;
    *places = (int64_t)(BENCH_MEMORY / *place);
    *places = *places > BENCH_PLACES ? BENCH_PLACES : *places < 2 ? 2 : *places;
    return 2 * *place * (size_t)*places;
}

/* ---- Messages ------------------------------------------------------------------------------ */

void
bench_say_errno(struct bench_fault *fault, const char *what)
{
    int error = errno;
    const char *name = strerrorname_np(error);

    if (fault->outcome == BENCH_MEASURED)
        fault->outcome = BENCH_FAILED;
    if (fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%s: %s (%s)", what,
                 name != NULL ? name : "unknown error", strerror(error));
}

static const char *
message(const struct bench_side *s, int64_t number)
{
    return s->pattern + number % BENCH_VARIANTS * BENCH_STRIDE;
}

/* Where message `number` of this direction lies in the memory. */
static char *
place_of(const struct bench_side *s, int from, int64_t number)
{
    return (char *)s->run.memory +
           ((size_t)from * (size_t)s->places + (size_t)(number % s->places)) * s->place;
}

static int
put(struct bench_side *s, int64_t number)
{
    const struct ipclab_bench *b = s->bench;
    const char *data = message(s, number);
    size_t size = s->run.size, piece = s->run.piece;
    int side = s->run.side;

    if (b->give != NULL) {
        if (s->run.one_way && s->put >= s->places &&
            b->take(&s->run, side == 0 ? IPCLAB_ROOM_01 : IPCLAB_ROOM_10) < 0)
            goto failed;
        memcpy(place_of(s, side, s->put++), data, size);
        if (b->give(&s->run, side == 0 ? IPCLAB_DATA_01 : IPCLAB_DATA_10) < 0)
            goto failed;
        return 0;
    }
    for (size_t at = 0; at < size; at += piece)
        if (b->send(&s->run, data + at, size - at < piece ? size - at : piece) < 0)
            goto failed;
    return 0;
failed:
    bench_say_errno(s->fault, "sending");
    return -1;
}

static int
get(struct bench_side *s)
{
    const struct ipclab_bench *b = s->bench;
    size_t size = s->run.size, piece = s->run.piece;
    int side = s->run.side;

    if (b->give != NULL) {
        if (b->take(&s->run, side == 1 ? IPCLAB_DATA_01 : IPCLAB_DATA_10) < 0)
            goto failed;
        memcpy(s->received, place_of(s, 1 - side, s->got++), size);
        if (s->run.one_way && b->give(&s->run, side == 1 ? IPCLAB_ROOM_01 : IPCLAB_ROOM_10) < 0)
            goto failed;
        return 0;
    }
    for (size_t at = 0; at < size; at += piece)
        if (b->receive(&s->run, s->received + at, size - at < piece ? size - at : piece) < 0)
            goto failed;
    return 0;
failed:
    bench_say_errno(s->fault, "receiving");
    return -1;
}

/* Every byte. */
static int
check(struct bench_side *s, int64_t number)
{
    const char *want = message(s, number);
    size_t i = 0;

    if (memcmp(s->received, want, s->run.size) == 0)
        return 0;
    while (s->received[i] == want[i])
        i++;
    s->fault->outcome = BENCH_CORRUPT;
    snprintf(s->fault->text, sizeof s->fault->text,
             "message %lld came damaged: byte %zu of %zu is %d and not %d", (long long)number, i,
             s->run.size, (unsigned char)s->received[i], (unsigned char)want[i]);
    return -1;
}

/* ---- There and back ------------------------------------------------------------------------ */

static int
ask(struct bench_side *s)
{
    int64_t begin = now_ns(), end = begin + s->time_ns, warm = begin + s->time_ns / WARM_PART;
    int64_t n = 0, before, after = begin;

    for (int64_t i = 0;; i++) {
        bool last = n == BENCH_TRIPS - 1 || (after >= end && n >= LEAST - 1);

        if (last)
            atomic_store_explicit(&s->shared->last, i, memory_order_release);
        before = now_ns();
        if (put(s, i) < 0 || get(s) < 0)
            return -1;
        after = now_ns();
        if (check(s, i) < 0)
            return -1;
        if (n > 0 || i >= WARM_TRIPS || before >= warm)
            s->shared->trip_ns[n++] =
                after - before < UINT32_MAX ? (uint32_t)(after - before) : UINT32_MAX;
        if (last && n > 0)
            break;
    }
    s->shared->trips = n;
    return 0;
}

static int
answer(struct bench_side *s)
{
    for (int64_t i = 0;; i++) {
        if (get(s) < 0 || check(s, i) < 0 || put(s, i) < 0)
            return -1;
        if (atomic_load_explicit(&s->shared->last, memory_order_acquire) == i)
            return 0;
    }
}

/* ---- One way ------------------------------------------------------------------------------- */

static int64_t
burst(const struct bench_side *s)
{
    return s->run.size < SMALL ? BURST : 1;
}

/* Messages from number *i on until this time; the last one is announced. */
static int
send_until(struct bench_side *s, int64_t end, int64_t *i)
{
    int64_t every = burst(s), from = *i;

    for (bool last = false; !last; (*i)++) {
        last = (*i - from) % every == every - 1 && *i - from >= LEAST && now_ns() >= end;
        if (last)
            atomic_store_explicit(&s->shared->last, *i, memory_order_release);
        if (put(s, *i) < 0)
            return -1;
    }
    return 0;
}

/* What counts begins and ends with nothing on its way: from before the first message is sent until
 * the last one is there. */
static int
stream_out(struct bench_side *s)
{
    int64_t i = 0, begin = now_ns();

    if (send_until(s, begin + s->time_ns / WARM_PART, &i) < 0)
        return -1;
    while (!atomic_load_explicit(&s->shared->warm, memory_order_acquire))
        sched_yield();
    s->shared->messages = i;
    s->shared->stream_ns = now_ns();
    if (send_until(s, s->shared->stream_ns + s->time_ns, &i) < 0)
        return -1;
    return 0;
}

static int
stream_in(struct bench_side *s)
{
    bool warm = false;

    for (int64_t i = 0;; i++) {
        if (get(s) < 0 || check(s, i) < 0)
            return -1;
        if (atomic_load_explicit(&s->shared->last, memory_order_acquire) != i)
            continue;
        if (warm) {
            s->shared->stream_ns = now_ns() - s->shared->stream_ns;
            s->shared->messages = i + 1 - s->shared->messages;
            return 0;
        }
        warm = true;
        atomic_store_explicit(&s->shared->warm, true, memory_order_release);
    }
}

/* ---- What measuring costs ------------------------------------------------------------------ */

static int
by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* The median, in picoseconds, of what one of `times` costs. */
static int64_t
median_of(int64_t tries[TRIES], int times)
{
    qsort(tries, TRIES, sizeof *tries, by_number);
    return tries[TRIES / 2] * 1000 / times;
}

/* The last message is still there, and as near as each was when it was compared. */
static int
weigh(struct bench_side *s, int64_t number)
{
    enum { TIMES = 16 };
    int64_t tries[TRIES], clock;

    for (int i = 0; i < TRIES; i++) {
        int64_t from = now_ns();

        for (int k = 1; k < TIMES; k++)
            now_ns();
        tries[i] = now_ns() - from;
    }
    clock = median_of(tries, TIMES);
    for (int i = 0; i < TRIES; i++) {
        int64_t from = now_ns();

        for (int k = 0; k < TIMES; k++)
            if (check(s, number) < 0)
                return -1;
        tries[i] = now_ns() - from - clock / 1000;
    }
    s->shared->check = median_of(tries, TIMES);
    s->shared->check = s->shared->check > 0 ? s->shared->check : 0;
    s->shared->clock = clock;
    return 0;
}

int
bench_side_run(struct bench_side *s)
{
    int result;

    s->received = mmap(NULL, s->run.size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (s->received == MAP_FAILED) {
        bench_say_errno(s->fault, "mmap");
        return -1;
    }
    if (s->run.one_way)
        result = s->run.side == 0 ? stream_out(s) : stream_in(s);
    else
        result = s->run.side == 0 ? ask(s) : answer(s);
    if (result == 0 && s->run.side == 1)
        result = weigh(s, atomic_load(&s->shared->last));
    return result;
}
