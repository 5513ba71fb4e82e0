/* SPDX-License-Identifier: GPL-3.0-or-later
 * See commands.h. */
#include "front/commands.h"

#include <errno.h>

#include "base/whole.h"
#include "builtin/help.h"
#include "proc/shared_world.h"
#include "trace/read.h"
#include "view/view.h"

void
commands_warn(const struct session *s, const struct options *o)
{
    const struct catalog *c = &s->launcher.catalog;

    for (int i = 0; i < c->nrefused; i++) /* else a line that needs it would be a riddle */
        console_message("plugin refused: %s", c->refused[i]);
    if (s->world.kind == WORLD_SHARED && o->world != WORLD_SHARED)
        console_message("isolation: reduced (%s); `ipclab doctor` says what follows",
                        s->world.why_not_sealed);
}

static enum status
with_catalog(const struct options *o, const struct places *places, struct err *err,
             enum status (*fn)(const struct options *, const struct catalog *,
                               const struct places *, struct err *))
{
    struct launcher_options options = places_launcher(places);
    struct launcher l;
    enum status status;

    if (launcher_start(&l, &options, err) < 0)
        return err->status;
    status = fn(o, &l.catalog, places, err);
    launcher_release(&l);
    return status;
}

static enum status
plugins(const struct options *o, const struct catalog *c, const struct places *places,
        struct err *err)
{
    struct buf out = {0};

    (void)places;
    (void)err;
    if (o->json)
        help_catalog_json(c, &out);
    else
        help_plugins_text(c, o->verbose, &out);
    printf("%s", buf_text(&out));
    buf_release(&out);
    return STATUS_OK;
}

static enum status
help(const struct options *o, const struct catalog *c, const struct places *places, struct err *err)
{
    struct buf out = {0};
    int result = help_topic(c, o->nargs > 0 ? o->args[0] : "",
                            o->width > 0 ? o->width : console_columns(1), &out, err);

    (void)places;
    printf("%s", buf_text(&out));
    buf_release(&out);
    return result < 0 ? err->status : STATUS_OK;
}

static void
say_ending(const struct trace_reader *r, const char *name)
{
    struct trace_end end;

    trace_ending(r, &end);
    if (end.torn || !end.complete)
        console_message("note: %s ends after event %lld%s", name, (long long)end.events,
                        end.torn ? " in the middle of a line" : " without its last line");
    else if (!end.digest_ok)
        console_message("note: the digest of %s does not agree: it was changed after it was "
                        "written",
                        name);
}

/* What is shown of a trace, on its way out. */
struct shown {
    const char *path; /* NULL: standard output */
    struct buf out;
    bool closed; /* the other end has seen enough */
};

static int
put_shown(struct shown *w, struct err *err)
{
    if (w->path != NULL || w->closed)
        return 0;
    if (whole_put(1, &w->out) < 0) {
        if (errno != EPIPE)
            return err_errno(err, STATUS_MACHINE, "standard output");
        w->closed = true;
    }
    buf_clear(&w->out);
    return 0;
}

/* Damage in the middle: what came before it is shown, and then said what is wrong. */
static int
show_events(struct trace_reader *r, const struct view_kind *kind,
            const struct view_options *options, struct shown *w, struct err *err)
{
    void *view = kind->start(options);
    struct event e;
    int more = 0, put = 0;

    event_init(&e);
    while (put == 0 && !w->closed && (more = trace_next(r, &e, err)) > 0) {
        kind->event(view, &e, &w->out);
        put = put_shown(w, err);
    }
    kind->finish(view, &w->out);
    if (put == 0 &&
        (w->path == NULL ? put_shown(w, err) : whole_write(w->path, &w->out, true, err)) < 0)
        put = -1;
    event_release(&e);
    return put < 0 || more < 0 ? -1 : 0;
}

static enum status
show(const struct options *o, const struct catalog *c, const struct places *places, struct err *err)
{
    const struct view_kind *kind = o->as != NULL       ? view_find(o->as)
                                   : o->output != NULL ? view_by_ending(o->output, err)
                                                       : view_find("lines");
    struct view_options options = {
        .catalog = c,
        .width = o->width > 0        ? o->width
                 : o->output != NULL ? 0
                                     : console_columns(1),
        .ascii = console_is_ascii(),
        .colour = o->output == NULL && console_colour(o, 1),
        .echo = o->echo,
        .quiet = o->quiet,
        .stable = o->stable,
    };
    struct shown w = {.path = o->output};
    struct trace_reader *r;
    int result;

    (void)places;
    if (kind == NULL)
        return err->status;
    r = trace_open(o->args[0], err);
    if (r == NULL)
        return err->status;
    result = show_events(r, kind, &options, &w, err);
    if (result == 0 && !w.closed)
        say_ending(r, o->args[0]);
    trace_free(r);
    buf_release(&w.out);
    return result < 0 ? err->status : STATUS_OK;
}

enum status
command_other(const struct options *o, const struct places *places, struct err *err)
{
    switch (o->command) {
    case COMMAND_PLUGINS:
        return with_catalog(o, places, err, plugins);
    case COMMAND_HELP:
        return with_catalog(o, places, err, help);
    case COMMAND_SHOW:
        return with_catalog(o, places, err, show);
    case COMMAND_GENERATE:
        return with_catalog(o, places, err, command_generate);
    case COMMAND_DIFF:
        return with_catalog(o, places, err, command_diff);
    case COMMAND_BENCH:
        return command_bench(o, places, err);
    case COMMAND_REPLAY:
        return command_replay(o, places, err);
    case COMMAND_GC:
        printf("cleaned up after %d dead session(s)\n", shared_world_sweep_dead());
        return STATUS_OK;
    default:
        return command_doctor(o, places, err);
    }
}
