/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * task: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

static const char *const choices[] = {"list", "again", NULL};

const struct builtin builtin_task = {
    .name = "task",
    .usage = "[list | again]",
    .summary = "what is to be done now",
    .help = "With `list`: all tasks, which of them are done, and the points. With `again`: the "
            "lines of this task are taken back, so that it can be tried anew from where it began.",
    .flags = BUILTIN_GUIDED,
    .word = WORD_CHOICE,
    .choices = choices,
    .run = lesson_verb_task,
};
