/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who has other points than in an earlier grading, such as before the lab was mended, and in which
 * tasks. Who is only in one of the two is told too. */
#include <dirent.h>

#include "grade/adapters.h"
#include "grade/kept.h"

static void
put_score(struct rows *r, const struct graded *g)
{
    if (g == NULL)
        rows_cell(r, "none");
    else if (!g->judged)
        rows_cell(r, "- of %lld", (long long)g->max);
    else
        rows_cell(r, "%lld of %lld", (long long)g->score, (long long)g->max);
}

/* ---- One student --------------------------------------------------------------------------- */

static void
put_points(struct buf *out, const struct graded_task *t)
{
    if (t == NULL)
        buf_puts(out, "no such task");
    else if (t->outcome == OUTCOME_PASSED || t->outcome == OUTCOME_FAILED)
        buf_printf(out, "%lld", (long long)t->points);
    else
        buf_putc(out, '-');
}

static void
put_task(struct buf *out, const char *id, const struct graded_task *was,
         const struct graded_task *now)
{
    struct buf a = {0}, b = {0};

    put_points(&a, was);
    put_points(&b, now);
    if (strcmp(a.data, b.data) != 0)
        buf_printf(out, "%s%s %s -> %s", out->len > 0 ? ", " : "", id, a.data, b.data);
    buf_release(&a);
    buf_release(&b);
}

/* Which tasks went otherwise; or else that it is no longer judged, or is at last. */
static void
put_difference(struct buf *out, const struct graded *was, const struct graded *now)
{
    for (int i = 0; i < now->ntasks; i++)
        put_task(out, now->tasks[i].id, graded_find(was, now->tasks[i].id), &now->tasks[i]);
    for (int i = 0; i < was->ntasks; i++)
        if (graded_find(now, was->tasks[i].id) == NULL)
            put_task(out, was->tasks[i].id, &was->tasks[i], NULL);
    if (was->status != now->status)
        buf_printf(out, "%s%s -> %s", out->len > 0 ? "; " : "", grade_status_names[was->status],
                   grade_status_names[now->status]);
    if (was->max != now->max)
        buf_printf(out, "%sthe lab has other points", out->len > 0 ? "; " : "");
}

static void
put_row(struct sheet *s, const char *student, const struct graded *was, const struct graded *now,
        const char *difference)
{
    struct rows *r = &s->rows;
    bool both = was != NULL && now != NULL && was->judged && now->judged;

    rows_cell(r, "%s", student);
    put_score(r, was);
    put_score(r, now);
    if (both)
        rows_cell(r, "%+lld", (long long)(now->score - was->score));
    else
        rows_cell(r, "%s", "");
    rows_cell(r, "%s", difference);
    s->up += both && now->score > was->score;
    s->down += both && now->score < was->score;
    s->other += !both || now->score == was->score;
}

static void
each(struct sheet *s, const struct graded *now)
{
    json_t *report = kept_read(s->reports->earlier, s->reports->folder(s->reports->ctx, s->at));
    struct buf difference = {0};
    struct graded was;

    if (report == NULL) {
        put_row(s, now->student, NULL, now, "only here");
        return;
    }
    graded_read(&was, report, s->reports->lab);
    put_difference(&difference, &was, now);
    s->compared++;
    if (difference.len > 0)
        put_row(s, now->student, &was, now, difference.data);
    buf_release(&difference);
    graded_release(&was);
    json_decref(report);
}

/* ---- The class ----------------------------------------------------------------------------- */

static void
begin(struct sheet *s)
{
    static const char *const head[] = {"STUDENT", "WAS", "NOW", "CHANGE", "WHAT"};

    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        rows_cell(&s->rows, "%s", head[i]);
}

static bool
is_here(const struct reports *r, const char *folder)
{
    for (int i = 0; i < r->n; i++)
        if (strcmp(r->folder(r->ctx, i), folder) == 0)
            return true;
    return false;
}

static void
put_gone(struct sheet *s, const char *folder)
{
    json_t *report = kept_read(s->reports->earlier, folder);
    struct graded was;

    if (report == NULL)
        return;
    graded_read(&was, report, s->reports->lab);
    put_row(s, was.student, &was, NULL, "only there");
    graded_release(&was);
    json_decref(report);
}

static void
end(struct sheet *s)
{
    struct dirent **list = NULL;
    int n = scandir(s->reports->earlier, &list, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.' && !is_here(s->reports, list[i]->d_name))
            put_gone(s, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    buf_printf(s->out, "\n%d in both: %d got more, %d got less; %d differ otherwise\n", s->compared,
               s->up, s->down, s->other);
}

const struct adapter adapt_diff = {
    .name = "diff",
    .file = "diff.txt",
    .summary = "who has other points than in an earlier grading (--diff)",
    .begin = begin,
    .each = each,
    .end = end,
    .columns = "<>>><",
    .compares = true,
};
