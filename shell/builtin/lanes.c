/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lanes: the session so far, processes beside each other. */
#include "builtin/builtins.h"
#include "builtin/past.h"

static int
on_lanes(struct session *s, const char *rest, struct err *err)
{
    const char *names[PAST_NAMES + 1];
    char room[4096];
    int n = builtin_words(rest, room, sizeof room, names, PAST_NAMES);
    struct past past = {.kind = &view_lanes};

    if (n < 0)
        return err_set(err, STATUS_USAGE, "lanes takes at most %d actors", PAST_NAMES);
    names[n] = NULL;
    if (n > 0)
        past.only = names;
    return past_show(s, &past, err);
}

static const char *const examples[] = {
    "spawn parent\nparent pipe(p)\nparent fork(child)\nchild write(p[1], \"hello\")\n"
    "parent read(p[0], buf, 32)\nlanes",
    "spawn a b c\na pipe(p)\nlanes a b",
    NULL,
};

const struct builtin builtin_lanes = {
    .name = "lanes",
    .usage = "[ACTOR...]",
    .summary = "the session so far, one column for each process",
    .help = "Time runs down. A call that waits draws a bar in its lane until it comes back, arrows "
            "show which way data went, and the last column has the state of the object: \"5 B  W2 "
            "R1\" is a pipe with 5 bytes, two processes that hold a write end and one that holds a "
            "read end. With names only those have a lane. Where the lanes do not fit beside each "
            "other the gutter is drawn instead. Lines that were undone are left out.",
    .flags = BUILTIN_LOOKS | BUILTIN_REPEATS,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_lanes,
};
