/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * answer: a verb of guided labs. */
#include "lesson/lesson.h"

#include "builtin/builtins.h"

const struct builtin builtin_answer = {
    .name = "answer",
    .usage = "TEXT",
    .summary = "say what you expect, when a task asks",
    .help = "A choice by its letter or its number, an order by all its letters, a value as it is. "
            "What really happens then says whether it was right; until then the answer may be "
            "changed.",
    .flags = BUILTIN_RECORDED | BUILTIN_OWN_INPUT | BUILTIN_GUIDED,
    .word = WORD_NONE,
    .run = lesson_verb_answer,
};
