/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trace: the events so far, once more. */
#include <errno.h>

#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/past.h"

enum { STEPS_MOST = 1000000 };

static const struct view_kind *
current_view(const struct session *s)
{
    switch (s->settings.view) {
    case VIEW_LANES:
        return &view_lanes;
    case VIEW_GUTTER:
        return &view_gutter;
    default:
        return &view_lines;
    }
}

static int
read_steps(struct past *p, const char *word, struct err *err)
{
    struct buf shown = {0};
    char *end;

    errno = 0;
    p->steps = strtoll(word, &end, 10);
    if (errno == 0 && *end == '\0' && p->steps >= 1 && p->steps <= STEPS_MOST)
        return 0;
    text_escape(&shown, word, strlen(word), true);
    err_set(err, STATUS_USAGE,
            "trace takes the number of steps to go back, or `as VIEW`, and not '%.60s'",
            buf_text(&shown));
    buf_release(&shown);
    return -1;
}

static int
read_view(struct past *p, const char *word, struct err *err)
{
    struct buf names = {0};

    p->kind = word != NULL ? view_find(word) : NULL;
    if (p->kind != NULL)
        return 0;
    view_names(&names, false);
    err_set(err, STATUS_USAGE, "trace as takes one of %s", buf_text(&names));
    buf_release(&names);
    return -1;
}

static int
on_trace(struct session *s, const char *rest, struct err *err)
{
    struct past past = {.kind = current_view(s)};
    const char *words[8];
    char room[1024];
    int n = builtin_words(rest, room, sizeof room, words, 8);

    if (n < 0)
        return err_set(err, STATUS_USAGE, "trace takes [--json] [N] [as VIEW]");
    for (int i = 0; i < n; i++) {
        int result = 0;

        if (strcmp(words[i], "--json") == 0)
            past.kind = &view_json;
        else if (strcmp(words[i], "as") == 0)
            result = read_view(&past, ++i < n ? words[i] : NULL, err);
        else
            result = read_steps(&past, words[i], err);
        if (result < 0)
            return -1;
    }
    return past_show(s, &past, err);
}

static const char *const choices[] = {"as", NULL};
static const char *const examples[] = {
    "spawn a\na getpid()\ntrace",
    "spawn a\na n = 1\na n = 2\ntrace 1",
    "spawn a b\na pipe(p)\ntrace as gutter",
    "spawn a\ntrace --json",
    NULL,
};

const struct builtin builtin_trace = {
    .name = "trace",
    .usage = "[--json] [N] [as VIEW]",
    .summary = "what happened so far, in the current view or as another",
    .help =
        "N goes back only that many steps. VIEW is one that `ipclab show --as` knows: lines, "
        "lanes, gutter, strace and others. With --json it is the events themselves, one a line, "
        "as they stand in the trace file.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON,
    .word = WORD_CHOICE,
    .choices = choices,
    .examples = examples,
    .run = on_trace,
};
