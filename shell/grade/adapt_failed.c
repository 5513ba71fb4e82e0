/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which students did not pass which task, and why; those who lost everything at once come last, a
 * row for each. */
#include "grade/adapters.h"

static void
put_head(struct sheet *s)
{
    static const char *const head[] = {"TASK", "STUDENT", "POINTS", "WHY"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        rows_cell(&s->rows, "%s", head[i]);
}

static void
put_row(struct sheet *s, const struct graded *g, const struct graded_task *t)
{
    struct rows *r = &s->rows;
    struct buf why = {0};

    rows_cell(r, "%s", t->id);
    rows_cell(r, "%s", g->student);
    if (t->outcome == OUTCOME_FAILED)
        rows_cell(r, "%lld of %lld", (long long)t->points, (long long)t->max);
    else
        rows_cell(r, "- of %lld", (long long)t->max);
    buf_puts(&why, t->rationale[0] != '\0'             ? t->rationale
                   : t->skipped                        ? "it was skipped"
                   : t->outcome == OUTCOME_NOT_REACHED ? "an earlier task is missing"
                                                       : "");
    for (size_t i = 0; i < why.len; i++)
        if (why.data[i] == '\n')
            why.data[i] = ' ';
    rows_cell(r, "%s", buf_text(&why));
    buf_release(&why);
}

static void
put_whole(struct sheet *s, const struct graded *g)
{
    struct rows *r = &s->rows;

    rows_cell(r, "-");
    rows_cell(r, "%s", g->student);
    if (g->judged)
        rows_cell(r, "%lld of %lld", (long long)g->score, (long long)g->max);
    else
        rows_cell(r, "- of %lld", (long long)g->max);
    rows_cell(r, "%s: %s", grade_status_names[g->status], g->reason);
}

static void
each(struct sheet *s, const struct graded *g)
{
    bool whole = !g->judged || g->status == STUDENT_ERROR;
    const struct graded_task *t;

    if (s->task == s->tally->ntasks) {
        if (whole)
            put_whole(s, g);
        return;
    }
    t = graded_find(g, s->tally->tasks[s->task].id);
    if (!whole && t != NULL && (t->outcome == OUTCOME_FAILED || t->outcome == OUTCOME_NOT_REACHED))
        put_row(s, g, t);
}

const struct adapter adapt_failed = {
    .name = "failed",
    .file = "failed.txt",
    .summary = "who did not pass which task, and why",
    .begin = put_head,
    .each = each,
    .by_task = true,
    .columns = "<<><",
};
