/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * quit: the end of the session. */
#include "builtin/builtins.h"

bool
quit_asks(struct session *s)
{
    struct buf names = {0};
    int n = 0;

    if (!s->interactive || !s->settings.confirm || s->leaving)
        return false;
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->state == ACTOR_BUSY)
            buf_printf(&names, "%s%s", n++ > 0 ? ", " : "", s->world.actors[i]->name);
    if (n > 0)
        session_say(s, "      %s still %s; leaving ends %s. Once more leaves\n", buf_text(&names),
                    n > 1 ? "wait" : "waits", n > 1 ? "them" : "it");
    buf_release(&names);
    s->leaving = n > 0;
    return n > 0;
}

static int
on_quit(struct session *s, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    s->quit = !quit_asks(s);
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
