/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The XML that comes from JUnit, which servers for continuous integration show: a suite for each
 * submission, a case for each task, points as properties of the case. A task that was not reached
 * is skipped, trouble of the grader is an error. Nothing in it says how long it took: twice the
 * same reports are the same bytes. */
#include "grade/adapters.h"

#include "base/quote.h"

static void
put_attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    quote_xml(out, value, false);
    buf_putc(out, '"');
}

static void
put_counts(struct buf *out, int tests, int failures, int errors)
{
    buf_printf(out, " tests=\"%d\" failures=\"%d\" errors=\"%d\"", tests, failures, errors);
}

/* How many cases of a suite went so. */
static int
count(const struct graded *g, enum outcome outcome)
{
    int n = 0;

    for (int i = 0; i < g->ntasks; i++)
        n += g->tasks[i].outcome == outcome;
    return n;
}

/* ---- A class ------------------------------------------------------------------------------- */

static void
begin(struct sheet *s)
{
    const struct tally *t = s->tally;
    int failures = t->wrong + t->late;

    for (int i = 0; i < t->ntasks; i++)
        failures += t->tasks[i].failed;
    buf_puts(s->out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ipclab grade\"");
    put_counts(s->out, t->cases, failures, t->trouble);
    buf_puts(s->out, ">\n");
}

static void
put_case(struct buf *out, const struct graded *g, const char *name)
{
    struct buf class = {0};

    buf_printf(&class, "%s.%s", g->lab, g->student);
    buf_puts(out, "    <testcase");
    put_attribute(out, "classname", buf_text(&class));
    put_attribute(out, "name", name);
    buf_puts(out, ">\n");
    buf_release(&class);
}

static void
put_verdict(struct buf *out, const char *element, const char *message, const char *text)
{
    buf_printf(out, "      <%s", element);
    put_attribute(out, "message", message);
    buf_putc(out, '>');
    quote_xml(out, text, false);
    buf_printf(out, "</%s>\n", element);
}

static void
put_property(struct buf *out, const char *name, int64_t value)
{
    buf_printf(out, "        <property name=\"%s\" value=\"%lld\"/>\n", name, (long long)value);
}

static void
put_task(struct buf *out, const struct graded *g, const struct graded_task *t)
{
    struct buf why = {0};

    put_case(out, g, t->title);
    buf_puts(out, "      <properties>\n");
    put_property(out, "points", t->points);
    put_property(out, "max", t->max);
    put_property(out, "hints_used", t->hints);
    buf_puts(out, "      </properties>\n");
    graded_why(t, &why);
    if (t->outcome == OUTCOME_FAILED)
        put_verdict(out, "failure", t->rationale, buf_text(&why));
    else if (t->outcome == OUTCOME_NOT_REACHED)
        put_verdict(out, "skipped",
                    t->rationale[0] != '\0' ? t->rationale : "an earlier task is missing",
                    buf_text(&why));
    buf_puts(out, "    </testcase>\n");
    buf_release(&why);
}

/* What cost the submission as a whole is a case of its own: all others may be skipped. */
static void
put_whole(struct buf *out, const struct graded *g)
{
    struct buf sum = {0};

    graded_sum(g, &sum);
    put_case(out, g, "the submission can be judged");
    put_verdict(out, g->judged ? "failure" : "error", buf_text(&sum), buf_text(&sum));
    buf_puts(out, "    </testcase>\n");
    buf_release(&sum);
}

static void
each(struct sheet *s, const struct graded *g)
{
    bool whole = g->status != GRADED;

    buf_puts(s->out, "  <testsuite");
    put_attribute(s->out, "name", g->student);
    put_counts(s->out, (g->judged ? g->ntasks : 0) + whole,
               count(g, OUTCOME_FAILED) + (whole && g->judged), !g->judged);
    buf_printf(s->out, " skipped=\"%d\">\n", count(g, OUTCOME_NOT_REACHED));
    if (whole)
        put_whole(s->out, g);
    for (int i = 0; i < g->ntasks && g->judged; i++)
        put_task(s->out, g, &g->tasks[i]);
    buf_puts(s->out, "  </testsuite>\n");
}

static void
end(struct sheet *s)
{
    buf_puts(s->out, "</testsuites>\n");
}

const struct adapter adapt_junit = {
    .name = "junit",
    .file = "junit.xml",
    .summary = "XML that servers for continuous integration show",
    .begin = begin,
    .each = each,
    .end = end,
};
