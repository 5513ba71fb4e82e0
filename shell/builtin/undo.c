/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * undo: back by running what came before again. */
#include "builtin/builtins.h"

static int
on_undo(struct session *s, const char *rest, struct err *err)
{
    int64_t steps = s->steps, to;
    char *end, text[64];
    long n = rest[0] == '\0' ? 1 : strtol(rest, &end, 10);
    int keep, result;

    if (rest[0] != '\0' && (*end != '\0' || n < 1))
        return err_set(err, STATUS_USAGE, "undo takes the number of lines to take back");
    if (s->ninputs == 0)
        return err_set(err, STATUS_USAGE, "there is no line to take back");
    if (n > s->ninputs)
        return err_set(err, STATUS_USAGE, "there %s only %d line%s to take back",
                       s->ninputs == 1 ? "is" : "are", s->ninputs, s->ninputs == 1 ? "" : "s");
    keep = s->ninputs - (int)n;
    to = s->inputs[keep].before_seq - 1;
    event_start(&s->event, "input");
    snprintf(text, sizeof text, n == 1 ? "undo" : "undo %ld", n);
    event_text(&s->event, "text", text);
    session_tell(s);
    result = session_rewind(s, keep, err);
    s->steps = steps;
    event_start(&s->event, "undo");
    event_int(&s->event, "lines", n);
    event_int(&s->event, "to", to);
    event_text(&s->event, "first", s->inputs[keep].text);
    session_tell(s);
    for (int i = keep; i < s->ninputs; i++)
        free(s->inputs[i].text);
    s->ninputs = keep;
    return result;
}

static const char *const examples[] = {"spawn a\na n = 1\nundo\nundo",
                                       "spawn a\na n = 1\na n = 2\nundo 2", NULL};

const struct builtin builtin_undo = {
    .name = "undo",
    .usage = "[N]",
    .summary = "take back the last N lines (1)",
    .help =
        "A fresh world is made and the lines before are run again in it: real processes cannot go "
        "back, but they can be led to the same place.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT,
    .examples = examples,
    .run = on_undo,
};
