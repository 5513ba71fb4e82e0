/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab bench: the builtin of that name without a session. */
#include "builtin/bench.h"

#include "base/whole.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/signals.h"

static struct bench_wish
wish_of(const struct options *o)
{
    struct bench_wish wish = {.nnames = o->nargs,
                              .sizes = o->sizes,
                              .seconds = o->seconds,
                              .rounds = o->rounds,
                              .json = o->json,
                              .svg = o->svg};

    for (int i = 0; i < o->nargs; i++)
        wish.names[i] = o->args[i];
    return wish;
}

static void
put(struct buf *out)
{
    whole_put(1, out);
    buf_clear(out);
}

static int
run(const struct bench_wish *wish, const struct bench_around *around, struct bench *b,
    struct err *err)
{
    struct buf out = {0};
    int result = bench_plan(b, wish, around, err);

    if (result == 0 && !wish->json) {
        bench_announce(b, &out);
        put(&out);
    }
    if (result == 0)
        result = bench_run(b, around, err);
    if (result == 0 && wish->json) {
        json_t *json = bench_json(b);
        char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);

        buf_printf(&out, "%s\n", text != NULL ? text : "null");
        free(text);
        json_decref(json);
    } else if (result == 0) {
        bench_text(b, console_is_ascii(), 80, &out);
    }
    put(&out);
    if (result == 0 && wish->svg != NULL)
        result = bench_write_svg(b, wish->svg, true, &out, err);
    if (!wish->json)
        put(&out);
    if (result == 0 && bench_status(b, err) != STATUS_OK)
        result = -1;
    buf_release(&out);
    return result;
}

enum status
command_bench(const struct options *o, const struct places *places, struct err *err)
{
    struct launcher_options options = places_launcher(places);
    struct bench_wish wish = wish_of(o);
    struct launcher l;
    struct bench_around around = {.launcher = &l,
                                  .wanted_world = o->world,
                                  .interrupted = front_signals_interrupted,
                                  .progress = progress_show};
    struct bench b = {0};
    int result;

    if (launcher_start(&l, &options, err) < 0) {
        launcher_release(&l);
        return err->status;
    }
    result = run(&wish, &around, &b, err);
    bench_release(&b);
    launcher_release(&l);
    return result < 0 ? err->status : STATUS_OK;
}
