/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * submit: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_submit = {
    .name = "submit",
    .usage = "[FILE]",
    .summary = "write what is to be handed in",
    .help = "All tasks are judged once more, and the trace so far is written as a whole. The "
            "session goes on, and may submit again.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_FILE,
    .run = lesson_verb_submit,
};
