/* SPDX-License-Identifier: GPL-3.0-or-later
 * See figure.h. */
#include "front/figure.h"

#include "view/view.h"

/* What the lab says stands in the handout itself; its headings, too. */
static bool
is_shown(const struct event *e)
{
    static const char *const lesson[] = {"task", "hint", "predict", "session", "end"};
    const char *kind = event_get_text(e, NULL, "kind");

    for (size_t i = 0; i < sizeof lesson / sizeof *lesson; i++)
        if (recorded_is(e, lesson[i]))
            return false;
    if (recorded_is(e, "check"))
        return event_get_text(e, NULL, "task") == NULL;
    return !recorded_is(e, "note") || kind == NULL || strcmp(kind, "step") != 0;
}

static void
put_view(const struct figures *f, const struct view_kind *kind, int from, int to, struct buf *out)
{
    struct view_options options = {
        .catalog = f->catalog, .width = f->width, .ascii = f->paper->ascii, .stable = true};
    void *view = kind->start(&options);

    for (int i = from; i < to; i++)
        if (is_shown(&f->recorded->events[i]))
            kind->event(view, &f->recorded->events[i], out);
    kind->finish(view, out);
}

static bool
has_step(const struct figures *f, int from, int to)
{
    for (int i = from; i < to; i++)
        if (recorded_is(&f->recorded->events[i], "enter") ||
            recorded_is(&f->recorded->events[i], "exit"))
            return true;
    return false;
}

void
figure_put(const struct figures *f, const char *caption, int from, int to)
{
    struct buf lanes = {0}, sentences = {0};

    if (!has_step(f, from, to))
        return;
    put_view(f, &view_lanes, from, to, &lanes);
    put_view(f, &view_linear, from, to, &sentences);
    paper_figure(f->paper, caption, buf_text(&lanes), buf_text(&sentences));
    buf_release(&lanes);
    buf_release(&sentences);
}
