/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GitHub Classroom: the result of a grader that its reporter is given, JSON in base64. The reporter
 * adds up what has a max_score and tells nothing of what has none: so trouble has max_score 0, and
 * fails the workflow by its status alone. */
#include "grade/adapters.h"

#include "base/mem.h"
#include "base/quote.h"

/* The log of a workflow is read by everybody: of what is hidden it has the points. */
static json_t *
test_of(const struct graded_task *t, int number)
{
    bool passed = t->outcome == OUTCOME_PASSED;
    struct buf why = {0};
    char hidden[32];
    json_t *test;

    snprintf(hidden, sizeof hidden, "hidden task %d", number);
    if (!t->hidden)
        graded_why(t, &why);
    test = json_pack("{s:o, s:s, s:I, s:o}", "name", adapt_lines(t->hidden ? hidden : t->title),
                     "status", passed ? "pass" : "fail", "score", (json_int_t)t->points, "message",
                     passed || t->hidden ? json_null() : adapt_lines(buf_text(&why)));
    buf_release(&why);
    return test;
}

static json_t *
result_of(const struct graded *g)
{
    json_t *tests = json_array();
    bool all = g->status == GRADED;

    for (int i = 0; i < g->ntasks; i++) {
        json_array_append_new(tests, test_of(&g->tasks[i], i + 1));
        all = all && g->tasks[i].outcome == OUTCOME_PASSED;
    }
    return json_pack("{s:i, s:s, s:I, s:o}", "version", 1, "status", all ? "pass" : "fail",
                     "max_score", (json_int_t)g->max, "tests", tests);
}

static json_t *
result_of_trouble(const struct graded *g)
{
    struct buf sum = {0};
    json_t *result;

    graded_sum(g, &sum);
    result = json_pack("{s:i, s:s, s:i, s:[{s:o, s:s, s:n, s:o}]}", "version", 1, "status", "error",
                       "max_score", 0, "tests", "name", adapt_lines(g->title), "status", "error",
                       "score", "message", adapt_lines(buf_text(&sum)));
    buf_release(&sum);
    return result;
}

static void
one(struct buf *out, const struct graded *g)
{
    struct buf json = {0};
    char *text;

    adapt_json(g->judged ? result_of(g) : result_of_trouble(g), true, &json);
    json.len--; /* the newline is none of it */
    text = mem_alloc(json.len / 3 * 4 + 8);
    quote_base64(text, json.data, json.len);
    buf_printf(out, "%s\n", text);
    free(text);
    buf_release(&json);
}

const struct adapter adapt_classroom = {
    .name = "classroom",
    .file = "classroom.txt",
    .summary = "the result that the reporter of GitHub Classroom takes, in base64",
    .one = one,
};
