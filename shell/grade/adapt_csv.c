/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One table of the class as CSV (RFC 4180): a row a submission, a column a task. A cell is empty
 * where there are no points to tell: the grader had trouble, or the task was not reached. */
#include "grade/adapters.h"

#include "base/quote.h"

static void
begin(struct sheet *s)
{
    buf_puts(s->out, "student,status,score,max_score");
    for (int i = 0; i < s->tally->ntasks; i++) {
        buf_putc(s->out, ',');
        quote_csv(s->out, s->tally->tasks[i].id);
    }
    buf_puts(s->out, ",flags,reason\r\n");
}

/* Each kind of flag once; those of a kind stand together. */
static void
put_flags(struct buf *out, const json_t *flags)
{
    struct buf kinds = {0};
    const char *last = "";
    const json_t *flag;
    size_t i;

    json_array_foreach((json_t *)(uintptr_t)flags, i, flag)
    {
        const char *kind = report_text(flag, "kind");

        if (strcmp(kind, last) != 0)
            buf_printf(&kinds, "%s%s", kinds.len > 0 ? " " : "", kind);
        last = kind;
    }
    quote_csv(out, buf_text(&kinds));
    buf_release(&kinds);
}

static void
each(struct sheet *s, const struct graded *g)
{
    struct buf *out = s->out;

    quote_csv(out, g->student);
    buf_printf(out, ",%s,", grade_status_names[g->status]);
    if (g->judged)
        buf_printf(out, "%lld", (long long)g->score);
    buf_printf(out, ",%lld", (long long)g->max);
    for (int i = 0; i < s->tally->ntasks; i++) {
        const struct graded_task *t = graded_find(g, s->tally->tasks[i].id);

        buf_putc(out, ',');
        if (t != NULL && (t->outcome == OUTCOME_PASSED || t->outcome == OUTCOME_FAILED))
            buf_printf(out, "%lld", (long long)t->points);
    }
    buf_putc(out, ',');
    put_flags(out, g->flags);
    buf_putc(out, ',');
    quote_csv(out, g->reason);
    buf_puts(out, "\r\n");
}

const struct adapter adapt_csv = {
    .name = "csv",
    .file = "grades.csv",
    .summary = "a table of students and tasks for spreadsheets",
    .begin = begin,
    .each = each,
};
