/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * use: who is meant by lines that name nobody. */
#include "builtin/builtins.h"

static int
on_use(struct session *s, const char *rest, struct err *err)
{
    if (rest[0] == '\0') {
        free(s->subject);
        s->subject = NULL;
        session_say(s, "      lines name their actor again\n");
        return 0;
    }
    if (session_actor(s, rest, err) == NULL)
        return -1;
    free(s->subject);
    s->subject = strdup(rest);
    session_say(s, "      lines that name nobody are %s's; `use` alone ends that\n", rest);
    return 0;
}

static const char *const examples[] = {"spawn a\nuse a\npipe(fd)\nprint fd[0]\nuse", NULL};

const struct builtin builtin_use = {
    .name = "use",
    .usage = "[ACTOR]",
    .summary = "lines that name nobody are that actor's; alone: no longer",
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_use,
};
