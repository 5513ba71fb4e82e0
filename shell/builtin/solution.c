/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * solution: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_solution = {
    .name = "solution",
    .usage = "",
    .summary = "the lines that do the task, for all its points",
    .help = "They are shown, not run. The points of the task are gone then, those of its question "
            "are not.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_NONE,
    .run = lesson_verb_solution,
};
