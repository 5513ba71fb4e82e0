/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench: what a message costs by each mechanism, measured. Nothing of the session is touched: it
 * runs in a world of its own. */
#include "builtin/bench.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"

/* ---- Words --------------------------------------------------------------------------------- */

struct words {
    const char *left;
    char *kept[BENCH_NAMES + 2];
    int n;
    struct buf svg; /* the file */
};

/* The next word; NULL: there is none, or too many were there (*err). */
static const char *
next_word(struct words *w, struct err *err)
{
    size_t n = strcspn(w->left, " \t");

    if (n == 0)
        return NULL;
    if (w->n == BENCH_NAMES + 2) {
        err_set(err, STATUS_USAGE, "bench takes at most %d words", BENCH_NAMES + 2);
        return NULL;
    }
    w->kept[w->n] = mem_copy_n(w->left, n);
    w->left += n + strspn(w->left + n, " \t");
    return w->kept[w->n++];
}

static int
read_count(struct words *w, const char *option, int max, int64_t *to, struct err *err)
{
    const char *word = next_word(w, err);
    char *end;

    *to = word != NULL ? strtol(word, &end, 10) : 0;
    if (word == NULL || *end != '\0' || *to < 1 || *to > max)
        return err_set(err, STATUS_USAGE, "%s takes a whole number from 1 to %d", option, max);
    return 0;
}

static int
read_option(struct words *w, const char *word, struct bench_wish *wish, struct err *err)
{
    static const char *const options[] = {"--sizes", "--seconds", "--rounds",
                                          "--svg",   "--json",    NULL};
    struct buf shown = {0};
    struct near near;
    int64_t rounds;

    if (strcmp(word, "--json") == 0) {
        wish->json = true;
        return 0;
    }
    if (strcmp(word, "--sizes") == 0) {
        wish->sizes = next_word(w, err);
        return wish->sizes != NULL ? 0 : err_set(err, STATUS_USAGE, "--sizes takes sizes: 1,64,4K");
    }
    if (strcmp(word, "--seconds") == 0)
        return read_count(w, word, BENCH_SECONDS_MAX, &wish->seconds, err);
    if (strcmp(word, "--rounds") == 0) {
        if (read_count(w, word, BENCH_ROUNDS_MAX, &rounds, err) < 0)
            return -1;
        wish->rounds = (int)rounds;
        return 0;
    }
    if (strcmp(word, "--svg") == 0) {
        w->left = builtin_file(w->left, &w->svg, err);
        if (w->left == NULL)
            return -1;
        wish->svg = buf_text(&w->svg);
        return w->svg.len > 0 ? 0 : err_set(err, STATUS_USAGE, "--svg takes the name of a file");
    }
    near_init(&near, word);
    for (int i = 0; options[i] != NULL; i++)
        near_offer(&near, options[i]);
    text_escape(&shown, word, strlen(word), false);
    err_set(err, STATUS_USAGE, "bench has no option '%.60s'%s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean " : "", near.best,
            near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return -1;
}

static int
read_words(struct words *w, struct bench_wish *wish, struct err *err)
{
    const char *word;

    err_clear(err);
    while ((word = next_word(w, err)) != NULL) {
        if (word[0] == '-') {
            if (read_option(w, word, wish, err) < 0)
                return -1;
        } else if (wish->nnames == BENCH_NAMES) {
            return err_set(err, STATUS_USAGE, "bench takes at most %d names", BENCH_NAMES);
        } else {
            wish->names[wish->nnames++] = word;
        }
    }
    return err->status == STATUS_OK ? 0 : -1;
}

/* ---- The event ----------------------------------------------------------------------------- */

static void
put_results(struct event *e, const struct bench *b)
{
    event_array(e, "results");
    for (int i = 0; i < b->ncases; i++) {
        const struct bench_case *c = &b->cases[i];

        if (!c->measured)
            continue;
        event_object(e, NULL);
        event_text(e, "mechanism", b->chosen[c->chosen].record->name);
        event_int(e, "size", (int64_t)c->size);
        event_int(e, "cores", c->cores);
        event_int(e, "p50_ns", (int64_t)(c->p50.median * 1000));
        event_int(e, "p99_ns", (int64_t)(c->p99.median * 1000));
        event_int(e, "bytes_per_s", (int64_t)(c->rate.median * (double)c->size));
        event_close(e);
    }
    event_close(e);
}

/* What was measured is the same each time, what came of it is not. */
static void
tell(struct session *s, const struct bench *b)
{
    struct event *e = &s->event;

    event_start(e, "bench");
    event_array(e, "mechanisms");
    for (int i = 0; i < b->nchosen; i++)
        event_text(e, NULL, b->chosen[i].record->name);
    event_close(e);
    event_array(e, "sizes");
    for (int i = 0; i < b->nsizes; i++)
        event_int(e, NULL, (int64_t)b->sizes[i]);
    event_close(e);
    put_results(e, b);
    event_object(e, "vol");
    put_results(e, b);
    event_close(e);
    session_tell(s);
}

/* ---- The builtin --------------------------------------------------------------------------- */

static void
show(struct session *s, const struct bench *b, bool json)
{
    struct buf out = {0};

    if (json) {
        look_tell_json(s, bench_json(b));
        return;
    }
    bench_text(b, look_ascii(), page_width(s), &out);
    session_page(s, buf_text(&out), out.len);
    buf_release(&out);
}

int
bench_write_svg(const struct bench *b, const char *path, bool anew, struct buf *said,
                struct err *err)
{
    struct buf out = {0};
    int result;

    bench_svg(b, &out);
    result = whole_write(path, &out, anew, err);
    if (result == 0) {
        buf_puts(said, "wrote ");
        text_escape(said, path, strlen(path), look_ascii());
        buf_putc(said, '\n');
    }
    buf_release(&out);
    return result;
}

static int
run(struct session *s, const struct bench_wish *wish, struct bench *b, struct err *err)
{
    struct bench_around around = {.launcher = &s->launcher,
                                  .wanted_world = s->has_world ? (int)s->world.kind : -1,
                                  .cpus = s->cpus,
                                  .interrupted = s->interrupted,
                                  .progress = s->progress,
                                  .ctx = s->recall_ctx};
    struct buf text = {0};
    int result = bench_plan(b, wish, &around, err);

    if (result == 0 && !wish->json) {
        bench_announce(b, &text);
        session_say(s, "%s", buf_text(&text));
    }
    if (result == 0)
        result = bench_run(b, &around, err);
    if (result == 0) {
        tell(s, b);
        show(s, b, wish->json);
        buf_clear(&text);
        if (wish->svg != NULL)
            result = bench_write_svg(b, wish->svg, true, &text, err);
        if (text.len > 0 && !wish->json)
            session_say(s, "%s", buf_text(&text));
    }
    if (result == 0 && bench_status(b, err) != STATUS_OK)
        result = -1;
    buf_release(&text);
    return result;
}

static int
on_bench(struct session *s, const char *rest, struct err *err)
{
    struct words w = {.left = rest};
    struct bench_wish wish = {0};
    struct bench b = {0};
    int result = read_words(&w, &wish, err);

    if (result == 0)
        result = run(s, &wish, &b, err);
    if (result < 0 && err->status == STATUS_INTERRUPTED && s->interactive) {
        session_say(s, "stopped; nothing is left of it\n");
        result = 0;
    }
    bench_release(&b);
    buf_release(&w.svg);
    for (int i = 0; i < w.n; i++)
        free(w.kept[i]);
    return result;
}

static const char *const examples[] = {"bench pipe futex --sizes 1,4K --seconds 1",
                                       "bench signal --rounds 1 --sizes 1 --json", NULL};

const struct builtin builtin_bench = {
    .name = "bench",
    .usage = "[MECHANISM...] [--sizes N,N...] [--seconds N] [--rounds N] [--json] [--svg FILE]",
    .summary = "measure what a message costs by each mechanism",
    .help =
        "Two processes in a world of their own pass messages in plain loops, with nothing of "
        "ipclab "
        "in between: both on one core, then each on its own. Without names every mechanism is "
        "measured, which takes about 20 seconds; the name of a plugin stands for all of its "
        "mechanisms. `help measuring` says what exactly is measured, and how well it agrees "
        "with other programs.\n"
        "--sizes: bytes of a message (1,64,4K,64K). --seconds: that all should take. --rounds: how "
        "often everything is measured (5); figures are medians. --svg: also a picture. --json: "
        "everything as one object.\n"
        "The session is not touched, and the trace gets one event `bench`, whose figures are "
        "volatile.",
    .flags = BUILTIN_REPEATS | BUILTIN_JSON,
    .word = WORD_BENCH,
    .examples = examples,
    .run = on_bench,
};
