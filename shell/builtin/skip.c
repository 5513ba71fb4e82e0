/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * skip: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_skip = {
    .name = "skip",
    .usage = "",
    .summary = "leave the task out, if the lab allows it",
    .help = "The lines of the solution are run, so that the next task begins where it should. "
            "What that gives is said before: mostly nothing.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_NONE,
    .run = lesson_verb_skip,
};
