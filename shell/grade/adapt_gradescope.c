/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gradescope: results.json, which it reads when run_autograder has ended. Each task is a test. A
 * file without a score of any kind counts as an autograder that failed, and nobody gets a zero from
 * it: so trouble has neither `score` nor tests. */
#include "grade/adapters.h"

static json_t *
test_of(const struct graded_task *t, int number)
{
    struct buf why = {0};
    char shown[16];
    json_t *test;

    graded_why(t, &why);
    snprintf(shown, sizeof shown, "%d", number);
    test =
        json_pack("{s:I, s:I, s:s, s:o, s:s, s:o, s:s, s:s, s:s}", "score", (json_int_t)t->points,
                  "max_score", (json_int_t)t->max, "status",
                  t->outcome == OUTCOME_PASSED ? "passed" : "failed", "name", adapt_lines(t->title),
                  "number", shown, "output", adapt_lines(buf_text(&why)), "output_format", "text",
                  "name_format", "text", "visibility", t->hidden ? "hidden" : "visible");
    buf_release(&why);
    return test;
}

static void
one(struct buf *out, const struct graded *g)
{
    struct buf sum = {0};
    json_t *results, *tests = json_array();

    graded_sum(g, &sum);
    results = json_pack("{s:o, s:s, s:f}", "output", adapt_lines(buf_text(&sum)), "output_format",
                        "text", "execution_time", g->seconds);
    if (g->judged) {
        json_object_set_new(results, "score", json_integer(g->score));
        for (int i = 0; i < g->ntasks; i++)
            json_array_append_new(tests, test_of(&g->tasks[i], i + 1));
        json_object_set(results, "tests", tests);
    }
    json_decref(tests);
    adapt_json(results, false, out);
    buf_release(&sum);
}

const struct adapter adapt_gradescope = {
    .name = "gradescope",
    .file = "results.json",
    .summary = "results.json of an autograder for Gradescope",
    .one = one,
    .early = true,
};
