/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a tour notices what its step is about: by the events, whoever typed it and with whatever
 * names. */
#include "builtin/tour.h"

static bool
field_is(const struct event *e, const char *name, const char *value)
{
    const char *text = event_get_text(e, NULL, name);

    return text != NULL && strcmp(text, value) == 0;
}

static bool
ends_step(const struct tour *t, const struct event *e)
{
    const struct tour_step *step = &t->steps[t->at];
    struct buf line = {0};
    bool is;

    if (step->event == NULL && step->builtin == NULL) { /* of an example: the line itself */
        tour_line(t, step->line, &line);
        is = field_is(e, "ev", "input") && field_is(e, "text", buf_text(&line));
        buf_release(&line);
        return is;
    }
    if (step->event == NULL || !field_is(e, "ev", step->event))
        return false;
    if (strcmp(step->event, "exit") == 0 && event_get(e, NULL, "errno") != NULL)
        return false;
    return step->is == NULL || field_is(e, "call", step->is) || field_is(e, "what", step->is);
}

/* The names that the student gave, for the lines to come. */
static void
learn(struct tour *t, const struct event *e)
{
    const char *actor = event_get_text(e, NULL, "actor");
    const struct item *out, *name;

    if (actor == NULL)
        return;
    if (field_is(e, "what", "spawn"))
        snprintf(t->parent, sizeof t->parent, "%.31s", actor);
    if (field_is(e, "what", "fork"))
        snprintf(t->child, sizeof t->child, "%.31s", actor);
    out = field_is(e, "call", "pipe") ? event_get(e, NULL, "out") : NULL;
    name = out != NULL ? item_first(e, out) : NULL;
    if (name != NULL)
        snprintf(t->fd, sizeof t->fd, "%.31s", item_name(e, name));
}

/* Lines were taken back, and with them what some steps were about: those come again. */
static void
rewind_to(struct tour *t, int64_t seq)
{
    for (int i = 0; i < t->at; i++)
        if (t->done_seq[i] > seq) {
            t->at = i;
            t->done = false;
            t->shown_seq[i] = -1;
            return;
        }
}

/* What was taken back on purpose does not come again. */
static void
forget_after(struct tour *t, int64_t seq)
{
    for (int i = 0; i < t->at; i++)
        if (t->done_seq[i] > seq)
            t->done_seq[i] = 0;
}

void
tour_event(void *ctx, const struct event *e)
{
    struct tour *t = ctx;

    if (t->starts) {
        t->done |= field_is(e, "ev", "reset");
        return;
    }
    if (!t->done && ends_step(t, e)) {
        t->done = true;
        t->done_seq[t->at] = t->s->seq - 1;
        learn(t, e);
        if (event_get_int(e, NULL, "lines", 0) == 1) /* the one that was there to be taken back */
            forget_after(t, event_get_int(e, NULL, "to", INT64_MAX));
    } else if (field_is(e, "ev", "reset")) {
        t->at = 0;
        t->shown_seq[0] = -1;
    }
    if (field_is(e, "ev", "undo"))
        rewind_to(t, event_get_int(e, NULL, "to", INT64_MAX));
}
