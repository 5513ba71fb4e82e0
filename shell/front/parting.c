/* SPDX-License-Identifier: GPL-3.0-or-later
 * See parting.h. */
#include "front/parting.h"

#include "base/text.h"
#include "front/console.h"
#include "front/recorded.h"

enum { STEPS_BEFORE = 6 };

static const struct event *
event_of(const struct course *c, int i)
{
    return i < c->n ? &c->events[i] : i - c->n < c->nmore ? &c->more[i - c->n] : NULL;
}

/* The event with which the last steps before `at` begin. */
static int
first_shown(const struct course *c, int at)
{
    int steps = 0, i = at;

    while (i > 0 && steps <= STEPS_BEFORE) {
        const struct event *e = event_of(c, --i);

        if (e != NULL && recorded_is(e, "enter"))
            steps++;
    }
    return i;
}

/* The first event of the line after `at`. */
static int
last_shown(const struct course *c, int at)
{
    int i = at + 1;

    while (event_of(c, i) != NULL && !recorded_is(event_of(c, i), "input"))
        i++;
    return i;
}

void
parting_lanes(const struct course *c, int at, const struct view_options *options, struct buf *out)
{
    int from = first_shown(c, at), to = last_shown(c, at);
    void *view = view_lanes.start(options);
    struct buf unseen = {0};

    for (int i = 0; i < to && event_of(c, i) != NULL; i++) {
        if (i == from) /* what was drawn so far nobody sees */
            view_lanes.resize(view, options->width);
        view_lanes.event(view, event_of(c, i), i < from ? &unseen : out);
    }
    view_lanes.finish(view, out);
    buf_release(&unseen);
}

struct view_options
parting_options(const struct options *o, const struct catalog *catalog)
{
    return (struct view_options){.catalog = catalog,
                                 .width = o->width > 0 ? o->width : console_columns(1),
                                 .ascii = console_is_ascii(),
                                 .colour = console_colour(o, 1),
                                 .stable = true,
                                 .live = true};
}

void
parting_event(const char *name, const struct event *e, struct buf *out)
{
    struct buf json = {0};

    buf_printf(out, "  %-6s ", name);
    if (e != NULL)
        event_json(&json, e, -1, true);
    if (json.len > 0)
        text_escape(out, json.data, json.len - 1, console_is_ascii());
    else
        buf_puts(out, "nothing");
    buf_putc(out, '\n');
    buf_release(&json);
}
