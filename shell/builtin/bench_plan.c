/* SPDX-License-Identifier: GPL-3.0-or-later
 * See bench.h: which mechanisms, which sizes, where, how long. */
#include <errno.h>
#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "builtin/bench.h"

enum {
    SLICE_US = 15000,   /* of one part, by default: all mechanisms take about 20 s then */
    SLICE_MIN_US = 500, /* however little time there is */
    AROUND_US = 5000,   /* what setting up, forking and ending takes beside both parts */
};

static const double WARM = 9.0 / 8; /* a part takes so much longer than what counts of it */

void
bench_size_text(size_t size, char room[24])
{
    if (size >= 1024 && size % 1024 == 0)
        snprintf(room, 24, "%zu KiB", size / 1024);
    else
        snprintf(room, 24, "%zu B", size);
}

/* ---- Which --------------------------------------------------------------------------------- */

static bool
is_chosen(const struct bench *b, int plugin, int bench)
{
    for (int i = 0; i < b->nchosen; i++)
        if (b->chosen[i].plugin == plugin && b->chosen[i].bench == bench)
            return true;
    return false;
}

/* All that are called so, or whose plugin is. False: there is none. */
static bool
choose(struct bench *b, const char *name)
{
    bool any = false;

    for (int i = 0; i < b->catalog->nplugins; i++) {
        const struct catalog_plugin *p = &b->catalog->plugins[i];
        bool all = name == NULL || strcmp(p->p.name, name) == 0;

        /* A mechanism that is called like a plugin is meant where there is one. */
        for (int k = 0; k < p->nbenches && name != NULL; k++)
            all &= strcmp(p->p.benches[k].name, name) != 0;
        for (int k = 0; k < p->nbenches && b->nchosen < BENCH_NAMES; k++) {
            const struct ipclab_bench *m = &p->p.benches[k];

            if (!all && strcmp(m->name, name) != 0)
                continue;
            any = true;
            if (!is_chosen(b, i, k))
                b->chosen[b->nchosen++] = (struct bench_chosen){
                    i, k, m, p->p.name, (p->bench_traits[k] & BENCH_HAS_MEMORY) != 0};
        }
    }
    return any;
}

static int
unknown(const struct bench *b, const char *name, struct err *err)
{
    struct buf shown = {0}, names = {0};
    struct near near;

    near_init(&near, name);
    for (int i = 0; i < b->catalog->nplugins; i++)
        for (int k = 0; k < b->catalog->plugins[i].nbenches; k++) {
            near_offer(&near, b->catalog->plugins[i].p.benches[k].name);
            buf_printf(&names, "%s%s", names.len > 0 ? ", " : "",
                       b->catalog->plugins[i].p.benches[k].name);
        }
    text_escape(&shown, name, strlen(name), false);
    if (near.best[0] != '\0')
        err_set(err, STATUS_USAGE, "bench knows no mechanism '%.60s'; did you mean %s?",
                buf_text(&shown), near.best);
    else
        err_set(err, STATUS_USAGE, "bench knows no mechanism '%.60s'; there are %s",
                buf_text(&shown), buf_text(&names));
    buf_release(&shown);
    buf_release(&names);
    return -1;
}

/* ---- Sizes --------------------------------------------------------------------------------- */

/* "64", "4K", "4KiB". 0: none. */
static size_t
read_size(const char *text, size_t n)
{
    size_t digits = strspn(text, "0123456789"), size = 0;

    if (digits == 0 || digits > 7 || digits > n)
        return 0;
    for (size_t i = 0; i < digits; i++)
        size = size * 10 + (size_t)(text[i] - '0');
    text += digits;
    n -= digits;
    if (n > 0 && (text[0] == 'k' || text[0] == 'K') && (n == 1 || (n == 3 && text[1] == 'i')))
        size *= 1024;
    else if (n > 0)
        return 0;
    return size <= BENCH_MAX_SIZE ? size : 0;
}

static int
read_sizes(struct bench *b, const char *text, struct err *err)
{
    static const char *const lecture = "1,64,4096,65536";

    for (const char *p = text != NULL ? text : lecture; *p != '\0';) {
        size_t n = strcspn(p, ","), size = read_size(p, n);
        bool again = false;

        if (size == 0 || b->nsizes == BENCH_SIZES)
            return err_set(err, STATUS_USAGE,
                           "--sizes takes up to %d sizes of 1 to %d bytes: 1,64,4K", BENCH_SIZES,
                           BENCH_MAX_SIZE);
        for (int i = 0; i < b->nsizes; i++)
            again |= b->sizes[i] == size;
        if (!again)
            b->sizes[b->nsizes++] = size;
        p += n + (p[n] == ',');
    }
    return b->nsizes > 0 ? 0 : err_set(err, STATUS_USAGE, "--sizes takes sizes: 1,64,4K");
}

/* ---- Where --------------------------------------------------------------------------------- */

/* Is other a thread of the core that cpu is a thread of? The kernel lists them as "0,4" or "0-1".
 */
static bool
are_siblings(int cpu, int other)
{
    char path[80], text[256] = "";
    bool found = false;
    FILE *f;

    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    if (fgets(text, sizeof text, f) == NULL)
        text[0] = '\0';
    fclose(f);
    for (char *p = text; *p != '\0' && !found;) {
        long from = strtol(p, &p, 10), to = from;

        if (*p == '-')
            to = strtol(p + 1, &p, 10);
        found = other >= from && other <= to;
        p += strcspn(p, "0123456789");
    }
    return found;
}

/* The first CPU, and another one that is no thread of the same core if there is any. */
static int
find_cpus(struct bench *b, const cpu_set_t *given, struct err *err)
{
    cpu_set_t set;

    if (given != NULL)
        set = *given;
    else if (sched_getaffinity(0, sizeof set, &set) < 0)
        return err_set(err, STATUS_MACHINE, "sched_getaffinity: %s", strerror(errno));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET((size_t)cpu, &set))
            continue;
        if (b->places == 0) {
            b->cpus[b->places++] = cpu;
        } else if (b->places == 1 || (b->siblings && !are_siblings(b->cpus[0], cpu))) {
            b->cpus[1] = cpu;
            b->places = 2;
            b->siblings = are_siblings(b->cpus[0], cpu);
        }
    }
    return b->places > 0 ? 0 : err_set(err, STATUS_MACHINE, "no CPU may be used");
}

/* ---- The plan ------------------------------------------------------------------------------ */

static void
make_cases(struct bench *b)
{
    b->cases = mem_alloc(sizeof *b->cases * (size_t)(b->nchosen * b->nsizes * b->places + 1));
    for (int m = 0; m < b->nchosen; m++)
        for (int i = 0; i < b->nsizes; i++)
            for (int cores = 1; cores <= b->places; cores++) {
                struct bench_case *c = &b->cases[b->ncases++];
                const struct ipclab_bench *r = b->chosen[m].record;

                *c = (struct bench_case){.chosen = m, .size = b->sizes[i], .cores = cores};
                if (r->most != 0 && c->size > r->most && (r->flags & IPCLAB_BENCH_CUTS) == 0)
                    snprintf(c->why, sizeof c->why, "%s", r->limit);
            }
}

/* Divides the time among what can be measured. */
static void
set_time(struct bench *b, int64_t seconds)
{
    double parts = 0, pieces = 0, slice = SLICE_US;

    for (int i = 0; i < b->ncases; i++) {
        if (b->cases[i].why[0] != '\0')
            continue;
        pieces += b->rounds;
        parts += b->rounds * (b->chosen[b->cases[i].chosen].record->answered != NULL ? 1 : 2);
    }
    if (seconds > 0 && parts > 0)
        slice = fmax((double)(seconds * 1000000) - pieces * AROUND_US, 0) / parts / WARM;
    slice = fmax(slice, SLICE_MIN_US);
    b->slice_ns = (int64_t)(slice * 1000);
    b->seconds = (parts * slice * WARM + pieces * AROUND_US) / 1e6;
}

int
bench_plan(struct bench *b, const struct bench_wish *wish, const struct bench_around *around,
           struct err *err)
{
    *b = (struct bench){.catalog = &around->launcher->catalog,
                        .rounds = wish->rounds > 0 ? wish->rounds : BENCH_ROUNDS};
    for (int i = 0; i < wish->nnames; i++)
        if (!choose(b, wish->names[i]))
            return unknown(b, wish->names[i], err);
    if (wish->nnames == 0 && !choose(b, NULL))
        return err_set(err, STATUS_USAGE, "no plugin has a mechanism that could be measured");
    if (read_sizes(b, wish->sizes, err) < 0 || find_cpus(b, around->cpus, err) < 0)
        return -1;
    make_cases(b);
    set_time(b, wish->seconds);
    return 0;
}

void
bench_release(struct bench *b)
{
    free(b->cases);
    b->cases = NULL;
}

void
bench_announce(const struct bench *b, struct buf *out)
{
    buf_printf(out, "measuring %d mechanism%s, %d size%s, %s, %d round%s: ", b->nchosen,
               b->nchosen == 1 ? "" : "s", b->nsizes, b->nsizes == 1 ? "" : "s",
               b->places == 2 ? "one core and two" : "one core", b->rounds,
               b->rounds == 1 ? "" : "s");
    buf_printf(out, b->seconds < 10 ? "about %.1f s\n" : "about %.0f s\n", b->seconds);
    if (b->places == 1)
        buf_puts(out, "only one CPU may be used here (sched_getaffinity): nothing on two cores\n");
    else if (b->siblings)
        buf_printf(out, "CPUs %d and %d are two threads of one core: there is no other\n",
                   b->cpus[0], b->cpus[1]);
}
