/* SPDX-License-Identifier: GPL-3.0-or-later
 * See commands.h. */
#include "front/commands.h"

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
    struct launcher_options options = {places->plugins, (const char *const *)places->dirs,
                                       places->program};
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

static enum status
show(const struct options *o, const struct catalog *c, const struct places *places, struct err *err)
{
    const struct view_kind *kind = view_find(o->as != NULL ? o->as : "lines");
    struct view_options options = {
        .catalog = c,
        .width = o->width > 0 ? o->width : console_columns(1),
        .ascii = console_is_ascii(),
        .colour = console_colour(o, 1),
        .echo = o->echo,
        .quiet = o->quiet,
        .stable = o->stable,
    };
    struct trace_reader *r;
    struct buf out = {0};
    struct event e;
    void *view;
    int more;

    (void)places;
    if (kind == NULL) {
        view_names(&out, false);
        err_set(err, STATUS_USAGE, "show --as takes one of %s", buf_text(&out));
        buf_release(&out);
        return STATUS_USAGE;
    }
    r = trace_open(o->args[0], err);
    if (r == NULL)
        return err->status;
    event_init(&e);
    view = kind->start(&options);
    while ((more = trace_next(r, &e, err)) > 0) {
        buf_clear(&out);
        kind->event(view, &e, &out);
        fwrite(buf_text(&out), 1, out.len, stdout);
    }
    buf_clear(&out);
    kind->finish(view, &out);
    fwrite(buf_text(&out), 1, out.len, stdout);
    fflush(stdout);
    if (more == 0)
        say_ending(r, o->args[0]);
    trace_free(r);
    event_release(&e);
    buf_release(&out);
    return more < 0 ? err->status : STATUS_OK;
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
    case COMMAND_REPLAY:
        return command_replay(o, places, err);
    case COMMAND_GC:
        printf("cleaned up after %d dead session(s)\n", shared_world_sweep_dead());
        return STATUS_OK;
    default:
        return command_doctor(o, places, err);
    }
}
