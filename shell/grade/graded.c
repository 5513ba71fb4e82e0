/* SPDX-License-Identifier: GPL-3.0-or-later
 * See graded.h. */
#include "grade/graded.h"

#include "base/mem.h"

static int64_t
number_of(const json_t *v)
{
    return (int64_t)json_number_value(v); /* 0 of what is none */
}

/* ---- Reading ------------------------------------------------------------------------------- */

static enum outcome
outcome_of(const struct graded *g, const json_t *passed)
{
    if (!g->judged)
        return OUTCOME_UNKNOWN;
    if (json_is_true(passed))
        return OUTCOME_PASSED;
    return json_is_false(passed) ? OUTCOME_FAILED : OUTCOME_NOT_REACHED;
}

static void
read_task(const struct graded *g, struct graded_task *t, const json_t *task)
{
    *t = (struct graded_task){
        .id = report_text(task, "id"),
        .title = report_text(task, "title"),
        .outcome = outcome_of(g, json_object_get(task, "passed")),
        .points = number_of(json_object_get(task, "points")),
        .max = number_of(json_object_get(task, "max")),
        .rationale = report_text(task, "rationale"),
        .help = report_text(task, "help"),
        .expected = report_text(task, "expected"),
        .actual = report_text(task, "actual"),
        .events = json_object_get(task, "events"),
        .hints = (int)number_of(json_object_get(task, "hints_used")),
        .hidden = json_is_true(json_object_get(task, "hidden")),
        .skipped = json_is_true(json_object_get(task, "skipped")),
    };
    if (t->title[0] == '\0')
        t->title = t->id;
}

void
graded_read(struct graded *g, const json_t *report, const json_t *lab)
{
    const json_t *tasks = json_object_get(report, "tasks"), *of = json_object_get(report, "lab");
    bool whole; /* what was lost was lost at once */

    *g = (struct graded){
        .report = report,
        .student = report_text(report, "student"),
        .lab = report_text(of, "id"),
        .title = report_text(lab, "title"),
        .status = report_get_status(report),
        .reason = report_text(report, "reason"),
        .score = number_of(json_object_get(report, "score")),
        .max = number_of(json_object_get(report, "max_score")),
        .seconds = json_number_value(json_object_get(report, "duration")),
        .flags = json_object_get(report, "flags"),
        .replay = json_object_get(report, "replay"),
    };
    g->judged = g->status != GRADER_ERROR && json_is_number(json_object_get(report, "score"));
    if (g->title[0] == '\0')
        g->title = g->lab;
    whole = json_array_size(tasks) == 0;
    if (whole)
        tasks = json_object_get(lab, "tasks");
    g->ntasks = (int)json_array_size(tasks);
    g->tasks = mem_alloc(sizeof *g->tasks * (size_t)(g->ntasks + 1));
    for (int i = 0; i < g->ntasks; i++) {
        read_task(g, &g->tasks[i], json_array_get(tasks, (size_t)i));
        if (whole)
            g->tasks[i].rationale = g->reason;
    }
}

void
graded_release(struct graded *g)
{
    free(g->tasks);
    *g = (struct graded){0};
}

const struct graded_task *
graded_find(const struct graded *g, const char *id)
{
    for (int i = 0; i < g->ntasks; i++)
        if (strcmp(g->tasks[i].id, id) == 0)
            return &g->tasks[i];
    return NULL;
}

/* ---- In words ------------------------------------------------------------------------------ */

static void
put_line(struct buf *out, const char *before, const char *text)
{
    if (text[0] != '\0')
        buf_printf(out, "%s%s%s", out->len > 0 ? "\n" : "", before, text);
}

void
graded_why(const struct graded_task *t, struct buf *out)
{
    struct buf lines = {0};

    if (t->outcome == OUTCOME_PASSED)
        return;
    put_line(&lines, "", t->rationale);
    if (t->outcome == OUTCOME_NOT_REACHED && t->rationale[0] == '\0')
        put_line(&lines, "", "could not be judged, because an earlier task is missing");
    if (t->skipped)
        put_line(&lines, "", "it was skipped");
    put_line(&lines, "to do: ", t->expected);
    put_line(&lines, "what came of it: ", t->actual);
    put_line(&lines, "hint: ", t->help);
    buf_puts(out, buf_text(&lines));
    buf_release(&lines);
}

void
graded_sum(const struct graded *g, struct buf *out)
{
    if (g->judged)
        buf_printf(out, "%lld of %lld points%s%s", (long long)g->score, (long long)g->max,
                   g->reason[0] != '\0' ? "; " : "", g->reason);
    else
        buf_printf(out, "could not be graded: %s",
                   g->reason[0] != '\0' ? g->reason : "the grader had trouble");
}
