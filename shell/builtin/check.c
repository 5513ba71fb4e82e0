/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * check: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_check = {
    .name = "check",
    .usage = "",
    .summary = "what is still missing for the task",
    .help = "Nothing waits for it: after each line the lab looks by itself whether the task is "
            "done. `check` says what is not there yet.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_NONE,
    .run = lesson_verb_check,
};
