/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hint: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_hint = {
    .name = "hint",
    .usage = "",
    .summary = "the next hint for the task",
    .help = "What a hint costs is said before it is shown: at a prompt it has to be asked for "
            "twice. A hint never takes the last point of a task.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_NONE,
    .run = lesson_verb_hint,
};
