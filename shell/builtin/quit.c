/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * quit: the end of the session. */
#include "builtin/builtins.h"

static int
on_quit(struct session *s, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    s->quit = true;
    return 0;
}

static const char *const examples[] = {"spawn a\nquit", NULL};

const struct builtin builtin_quit = {
    .name = "quit",
    .usage = "",
    .summary = "leave; everything is removed",
    .examples = examples,
    .run = on_quit,
};
