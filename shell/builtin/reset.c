/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reset: a fresh world. */
#include "builtin/builtins.h"
#include "session/run.h"

static int
on_reset(struct session *s, const char *rest, struct err *err)
{
    (void)rest;
    session_poll(s); /* what happened before still belongs to this world */
    run_tell_over(s);
    if (session_new_world(s, err) < 0)
        return -1;
    free(s->subject);
    s->subject = NULL;
    event_start(&s->event, "reset");
    session_tell(s);
    return 0;
}

static const char *const examples[] = {"spawn a\nreset\nspawn a", NULL};

const struct builtin builtin_reset = {
    .name = "reset",
    .usage = "",
    .summary = "a fresh world without any actor",
    .flags = BUILTIN_RECORDED,
    .examples = examples,
    .run = on_reset,
};
