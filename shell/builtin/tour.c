/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tour: leads through tour_steps, or through the example of a call. At the prompt it suggests a
 * line, which Enter alone runs; any other line is free play, and the tour stays where it is until
 * what its step is about has happened. Elsewhere it plays all lines itself. */
#include "builtin/tour.h"

#include "base/columns.h"
#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/help.h"

/* ---- Beginning and ending ------------------------------------------------------------------ */

static void
end(struct session *s)
{
    struct tour *t = s->tour;

    if (t == NULL)
        return;
    for (struct listener **at = &s->listeners; *at != NULL; at = &(*at)->next)
        if (*at == &t->listener) {
            *at = t->listener.next;
            break;
        }
    s->after_line = NULL;
    free(s->suggestion);
    s->suggestion = NULL;
    s->tour = NULL;
    free(t);
}

/* The step is over: the next one, or the end. */
static void
advance(struct tour *t)
{
    struct session *s = t->s;
    struct buf out = {0};

    t->done = false;
    if (t->starts)
        t->starts = false;
    else
        t->at++;
    if (t->steps[t->at].line != NULL) {
        tour_show(t);
        return;
    }
    if (t->steps == tour_steps)
        columns_wrap(&out, tour_farewell, 0, 0, page_width(s));
    else
        buf_puts(&out, "that was the example\n");
    session_say(s, "%s%s", s->interactive ? "" : "\n", buf_text(&out));
    buf_release(&out);
    end(s);
}

/* Is it a line for the builtin of the step? */
static bool
is_builtin_of(struct tour *t, const char *text)
{
    struct parse_env env = session_parse_env(t->s);
    struct line line;
    struct err err;
    bool is;

    if (t->starts || t->steps[t->at].builtin == NULL ||
        parse_line(&line, text, strlen(text), &env, &err) < 0)
        return false;
    is = line.kind == LINE_BUILTIN && strcmp(line.builtin, t->steps[t->at].builtin) == 0;
    line_release(&line);
    return is;
}

static void
after_line(struct session *s, const char *text, bool failed)
{
    struct tour *t = s->tour;
    const struct tour_step *step;

    if (t == NULL || s->quit)
        return;
    step = &t->steps[t->at];
    if (!failed && !t->done && step->event == NULL)
        t->done = step->builtin != NULL ? is_builtin_of(t, text)
                                        : s->suggestion == NULL && strcmp(text, step->line) == 0;
    if (t->done)
        advance(t);
    else if (t->shown_seq[t->at] < 0 && !t->starts)
        tour_show(t); /* the world went back, and the tour with it */
    else
        tour_suggest(t);
}

static struct tour *
begin(struct session *s, const char *lines)
{
    size_t size = lines != NULL ? strlen(lines) + 1 : 1;
    struct tour *t;

    end(s);
    t = mem_alloc(sizeof *t + size);
    t->s = s;
    t->steps = tour_steps;
    t->listener = (struct listener){.event = tour_event, .ctx = t};
    if (lines != NULL) {
        char *save = NULL;

        memcpy(t->text, lines, size);
        for (char *l = strtok_r(t->text, "\n", &save); l != NULL && t->n < STEPS_MAX - 1;
             l = strtok_r(NULL, "\n", &save))
            t->own[t->n++].line = l;
        t->steps = t->own;
    } else {
        while (tour_steps[t->n].line != NULL)
            t->n++;
    }
    snprintf(t->parent, sizeof t->parent, "parent");
    snprintf(t->child, sizeof t->child, "child");
    snprintf(t->fd, sizeof t->fd, "fd");
    s->tour = t;
    session_listen(s, &t->listener);
    s->after_line = after_line;
    return t;
}

/* Not at a prompt: every line is run here. */
static int
play(struct session *s, struct err *err)
{
    int result = 0;

    tour_show(s->tour);
    while (s->tour != NULL && result == 0 && !s->quit) {
        int at = s->tour->at;
        char *line = s->suggestion;

        s->suggestion = NULL;
        result = session_line(s, line, strlen(line), err);
        after_line(s, line, result < 0);
        if (result == 0 && s->tour != NULL && s->tour->at == at)
            result = err_set(err, STATUS_MACHINE,
                             "the tour's line '%.200s' did not do what it is "
                             "for",
                             line);
        free(line);
    }
    end(s);
    return result;
}

static void
living(const struct session *s, struct buf *out)
{
    for (int i = 0; i < s->world.nactors; i++)
        if (actor_alive(s->world.actors[i]))
            buf_printf(out, "%s%s", out->len > 0 ? ", " : "", s->world.actors[i]->name);
}

static int
start(struct session *s, const char *lines, struct err *err)
{
    struct buf names = {0};
    struct tour *t;

    living(s, &names);
    if (names.len > 0 && !s->interactive) {
        err_set(err, STATUS_USAGE,
                "a tour begins in a world without actors, and %.200s live%s here; `reset` first",
                buf_text(&names), strchr(buf_text(&names), ',') == NULL ? "s" : "");
        buf_release(&names);
        return -1;
    }
    t = begin(s, lines);
    t->starts = names.len > 0;
    if (t->starts) {
        struct buf out = {0};

        buf_printf(&out,
                   "A tour begins in a fresh world; what you have here (%s) would be gone. `tour "
                   "end` leaves all as it is.",
                   buf_text(&names));
        buf_clear(&names);
        columns_wrap(&names, buf_text(&out), 0, 0, page_width(s));
        session_say(s, "%s%12sEnter runs:  reset\n", buf_text(&names), "");
        buf_release(&out);
        tour_suggest(t);
    }
    buf_release(&names);
    if (!s->interactive)
        return play(s, err);
    if (!t->starts) {
        struct buf out = {0};

        columns_wrap(&out,
                     "Enter on the empty line runs what is suggested; any other line is yours. "
                     "`tour back` and `tour end` do what they say.",
                     0, 0, page_width(s));
        session_say(s, "%s", buf_text(&out));
        buf_release(&out);
        tour_show(t);
    }
    return 0;
}

/* ---- The builtin --------------------------------------------------------------------------- */

/* The world as it was when the step before was shown, and that step again. */
static int
back(struct tour *t, struct err *err)
{
    struct session *s = t->s;
    int to = t->at > 0 ? t->at - 1 : 0, n = 0;
    char line[32];

    if (t->starts || t->at == 0)
        return err_set(err, STATUS_USAGE, "this is where the tour begins");
    for (int i = 0; i < s->ninputs; i++)
        n += s->inputs[i].before_seq >= t->shown_seq[to];
    snprintf(line, sizeof line, "undo %d", n);
    if (n > 0 && session_line(s, line, strlen(line), err) < 0)
        return -1;
    t->at = to;
    t->done = false;
    tour_show(t);
    return 0;
}

static int
next(struct tour *t, struct err *err)
{
    struct session *s = t->s;
    char *line = s->suggestion;
    int result;

    if (line == NULL)
        return 0;
    s->suggestion = NULL;
    result = session_line(s, line, strlen(line), err);
    after_line(s, line, result < 0);
    free(line);
    return result;
}

static int
on_tour(struct session *s, const char *rest, struct err *err)
{
    bool word = strcmp(rest, "next") == 0 || strcmp(rest, "back") == 0 || strcmp(rest, "end") == 0;
    const struct ipclab_call *call;

    if (rest[0] == '\0')
        return start(s, NULL, err);
    if (word && s->tour == NULL)
        return err_set(err, STATUS_USAGE, "there is no tour under way; `tour` begins one");
    if (strcmp(rest, "next") == 0)
        return next(s->tour, err);
    if (strcmp(rest, "back") == 0)
        return back(s->tour, err);
    if (strcmp(rest, "end") == 0) {
        end(s);
        session_say(s, "      the tour is over; all that lives here stays\n");
        return 0;
    }
    call = catalog_call(&s->launcher.catalog, rest, NULL);
    if (call == NULL)
        return help_unknown(&s->launcher.catalog, "tour of", rest, err);
    return start(s, call->examples[0], err);
}

static const char *const examples[] = {"tour", "tour shmget", NULL};

const struct builtin builtin_tour = {
    .name = "tour",
    .usage = "[CALL | next | back | end]",
    .summary = "a guided walk of two minutes, or through the example of a call",
    .help = "Each step says what to look at and suggests a line. Enter on the empty line runs it; "
            "any other line runs as always, and the tour stays where it is. It notices when you "
            "do the suggested thing in your own words and with your own names. `tour next` runs "
            "the suggested line, `tour back` goes one step back with the world, `tour end` ends "
            "it and leaves the world as it is. In a script all of it is played.",
    .word = WORD_CALL,
    .examples = examples,
    .run = on_tour,
};
