/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a teacher should look at: edited traces, observations that do not come again, traces that
 * are nearly those of others. None of it has cost a point. */
#include "grade/adapters.h"

static void
begin(struct sheet *s)
{
    static const char *const head[] = {"STUDENT", "FLAG", "WHAT"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        rows_cell(&s->rows, "%s", head[i]);
}

static void
each(struct sheet *s, const struct graded *g)
{
    const json_t *flag;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)g->flags, i, flag)
    {
        rows_cell(&s->rows, "%s", g->student);
        rows_cell(&s->rows, "%s", report_text(flag, "kind"));
        rows_cell(&s->rows, "%s", report_text(flag, "text"));
    }
}

const struct adapter adapt_flags = {
    .name = "flags",
    .file = "flags.txt",
    .summary = "what is odd about submissions, and should be looked at",
    .begin = begin,
    .each = each,
    .columns = "<<<",
};
