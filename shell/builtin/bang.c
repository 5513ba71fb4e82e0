/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * !: a command of the person's own shell. It runs beside the world, not in it, with the rights and
 * the folder of the person, as in any program that has an escape to the shell. */
#include <sys/wait.h>

#include "builtin/builtins.h"

static int
on_bang(struct session *s, const char *rest, struct err *err)
{
    const char *shell = getenv("SHELL");
    const char *argv[] = {shell != NULL && shell[0] == '/' ? shell : "/bin/sh", "-c", rest, NULL};
    int status;

    if (s->outside == NULL)
        return err_set(err, STATUS_USAGE, "`!` reaches outside the lab, and is not for this");
    if (rest[0] == '\0' && !s->interactive)
        return err_set(err, STATUS_USAGE, "! takes a command of your own shell: ! ls");
    if (rest[0] == '\0')
        argv[1] = NULL;
    status = s->outside(s->recall_ctx, argv, err);
    if (status < 0)
        return -1;
    if (WIFSIGNALED(status))
        session_say(s, "      killed by SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        session_say(s, "      exit status %d\n", WEXITSTATUS(status));
    return 0;
}

static const char *const examples[] = {"! echo this is my own shell\n! exit 3", NULL};

const struct builtin builtin_bang = {
    .name = "!",
    .usage = "CMD",
    .summary = "run a command of your own shell, outside the world",
    .help = "The line goes to $SHELL as it is. It runs with your rights in your folder; no process "
            "of the lab sees it. Alone at the prompt it starts your shell; leave that to come "
            "back. Never in a lab, and never run again by replay.",
    .examples = examples,
    .run = on_bang,
};
