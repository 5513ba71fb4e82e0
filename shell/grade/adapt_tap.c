/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Test Anything Protocol, version 13, which prove(1) reads: a test for each task, and a block
 * of YAML behind it. Trouble of the grader bails out, which no harness counts as a failed test. */
#include "grade/adapters.h"

#include "base/quote.h"
#include "base/text.h"

/* In quotes, with escapes that YAML has too. */
static void
put_text(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_printf(out, "  %s: ", name);
    text_quote(out, text, strlen(text), false);
    buf_putc(out, '\n');
}

static void
put_events(struct buf *out, const json_t *events)
{
    const json_t *seq;
    size_t i;

    if (json_array_size(events) > 0)
        buf_puts(out, "  events:\n");
    json_array_foreach((json_t *)(uintptr_t)events, i, seq)
    {
        buf_printf(out, "    - %lld\n", (long long)json_integer_value(seq));
    }
}

static void
put_task(struct buf *out, const struct graded_task *t, int number)
{
    buf_printf(out, "%sok %d - ", t->outcome == OUTCOME_PASSED ? "" : "not ", number);
    quote_tap(out, t->title, false);
    buf_puts(out, "\n  ---\n");
    put_text(out, "id", t->id);
    buf_printf(out, "  points: %lld\n  max: %lld\n", (long long)t->points, (long long)t->max);
    buf_printf(out, "  judged: %s\n", t->outcome == OUTCOME_NOT_REACHED ? "false" : "true");
    if (t->hints > 0)
        buf_printf(out, "  hints_used: %d\n", t->hints);
    put_text(out, "message", t->rationale);
    put_text(out, "expected", t->outcome == OUTCOME_PASSED ? "" : t->expected);
    put_text(out, "actual", t->actual);
    put_text(out, "help", t->help);
    put_events(out, t->events);
    buf_puts(out, "  ...\n");
}

static void
one(struct buf *out, const struct graded *g)
{
    struct buf sum = {0};

    graded_sum(g, &sum);
    buf_puts(out, "TAP version 13\n");
    if (!g->judged) {
        buf_puts(out, "1..1\nBail out!  ");
        text_escape(out, buf_text(&sum), sum.len, false);
        buf_putc(out, '\n');
    } else {
        buf_printf(out, "1..%d\n# ", g->ntasks);
        text_escape(out, g->student, strlen(g->student), false);
        buf_puts(out, ": ");
        text_escape(out, buf_text(&sum), sum.len, false);
        buf_putc(out, '\n');
    }
    for (int i = 0; i < g->ntasks && g->judged; i++)
        put_task(out, &g->tasks[i], i + 1);
    buf_release(&sum);
}

const struct adapter adapt_tap = {
    .name = "tap",
    .file = "report.tap",
    .summary = "TAP 13 for prove(1), a test for each task",
    .one = one,
};
