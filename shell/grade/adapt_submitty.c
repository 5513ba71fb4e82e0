/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Submitty: what a validator of one's own leaves in validation_results.json. The score is a part of
 * the points that the configuration of the course gives. */
#include "grade/adapters.h"

static json_t *
message(const char *text, const char *status)
{
    return json_pack("{s:o, s:s}", "message", adapt_lines(text), "status", status);
}

static json_t *
message_of(const struct graded_task *t)
{
    struct buf text = {0};
    json_t *result;

    buf_printf(&text, "%s: %lld of %lld", t->title, (long long)t->points, (long long)t->max);
    if (t->outcome != OUTCOME_PASSED)
        buf_putc(&text, '\n');
    graded_why(t, &text);
    result = message(buf_text(&text), t->outcome == OUTCOME_PASSED   ? "success"
                                      : t->outcome == OUTCOME_FAILED ? "failure"
                                                                     : "warning");
    buf_release(&text);
    return result;
}

static void
one(struct buf *out, const struct graded *g)
{
    double part = g->max > 0 ? (double)g->score / (double)g->max : 0;
    json_t *messages = json_array();
    struct buf sum = {0};

    graded_sum(g, &sum);
    json_array_append_new(messages, message(buf_text(&sum), "information"));
    for (int i = 0; i < g->ntasks; i++)
        if (!g->tasks[i].hidden)
            json_array_append_new(messages, message_of(&g->tasks[i]));
    if (g->judged)
        adapt_json(json_pack("{s:s, s:{s:f, s:O}}", "status", "success", "data", "score",
                             part < 0   ? 0.0
                             : part > 1 ? 1.0
                                        : part,
                             "message", messages),
                   false, out);
    else
        adapt_json(
            json_pack("{s:s, s:o}", "status", "failure", "message", adapt_lines(buf_text(&sum))),
            false, out);
    json_decref(messages);
    buf_release(&sum);
}

const struct adapter adapt_submitty = {
    .name = "submitty",
    .file = "validation_results.json",
    .summary = "what a custom validator of Submitty writes",
    .one = one,
};
