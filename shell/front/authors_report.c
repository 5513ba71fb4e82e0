/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What `lab check` found: for people, as TAP, as the XML that comes from JUnit. */
#include "front/authors_report.h"

#include <string.h>

#include "base/quote.h"
#include "base/text.h"
#include "front/options.h"

/* Each line of a text behind this many blanks. */
static void
put_indented(struct buf *out, const char *text, int blanks, bool ascii)
{
    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, "\n");

        buf_printf(out, "%*s", blanks, "");
        text_escape(out, at, n, ascii);
        buf_putc(out, '\n');
        at += n + (at[n] == '\n');
    }
}

/* ---- Text ---------------------------------------------------------------------------------- */

static void
text_one(struct buf *out, const struct report_options *o, const struct lab_report *lab,
         const struct proven *c, int number)
{
    (void)number;
    if (c->passed && !o->verbose)
        return;
    buf_printf(out, "%s %s: ", c->passed ? "ok    " : "FAILED", lab->lab);
    text_escape(out, c->name, strlen(c->name), o->ascii);
    buf_putc(out, '\n');
    put_indented(out, c->text, 7, o->ascii);
}

static void
text_over(struct buf *out, const struct report_options *o, const struct lab_report *lab, int number)
{
    (void)o;
    (void)number;
    if (lab_was_judged(lab))
        buf_printf(out, "%s: %d of %d hold\n", lab->lab, lab->n - lab->failed, lab->n);
    else
        buf_printf(out, "%s: could not be judged\n", lab->lab);
}

static const struct report_format text_format = {.one = text_one, .over = text_over};

/* ---- TAP ----------------------------------------------------------------------------------- */

static void
tap_begin(struct buf *out)
{
    buf_puts(out, "TAP version 13\n");
}

/* As YAML has a text of several lines. */
static void
put_yaml(struct buf *out, const char *text, bool ascii)
{
    buf_puts(out, "  ---\n  message: |\n");
    put_indented(out, text, 4, ascii);
    buf_puts(out, "  ...\n");
}

static void
tap_one(struct buf *out, const struct report_options *o, const struct lab_report *lab,
        const struct proven *c, int number)
{
    buf_printf(out, "%sok %d - %s: ", c->passed ? "" : "not ", number, lab->lab);
    quote_tap(out, c->name, o->ascii);
    buf_putc(out, '\n');
    if (!c->passed)
        put_yaml(out, c->text, o->ascii);
}

static void
tap_over(struct buf *out, const struct report_options *o, const struct lab_report *lab, int number)
{
    if (lab_was_judged(lab))
        return;
    buf_printf(out, "not ok %d - %s: it could be judged\n", number, lab->lab);
    put_yaml(out, lab->reason, o->ascii);
}

static void
tap_end(struct buf *out, const struct report_options *o, const struct lab_report *labs, int n,
        int cases)
{
    (void)o;
    (void)labs;
    (void)n;
    buf_printf(out, "1..%d\n", cases);
}

static const struct report_format tap_format = {
    .begin = tap_begin, .one = tap_one, .over = tap_over, .end = tap_end};

/* ---- JUnit --------------------------------------------------------------------------------- */

static void
put_attribute(struct buf *out, const char *name, const char *value, bool ascii)
{
    buf_printf(out, " %s=\"", name);
    quote_xml(out, value, ascii);
    buf_putc(out, '"');
}

static void
put_counts(struct buf *out, int tests, int failures, int errors, int64_t ms)
{
    buf_printf(out,
               " tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"0\" time=\"%lld.%03lld\"",
               tests, failures, errors, (long long)(ms / 1000), (long long)(ms % 1000));
}

static int64_t
time_of(const struct lab_report *lab)
{
    int64_t ms = 0;

    for (int i = 0; i < lab->n; i++)
        ms += lab->cases[i].ms;
    return ms;
}

static void
put_case(struct buf *out, const struct lab_report *lab, const char *name, int64_t ms, bool ascii)
{
    buf_puts(out, "    <testcase");
    put_attribute(out, "classname", lab->lab, ascii);
    put_attribute(out, "name", name, ascii);
    buf_printf(out, " time=\"%lld.%03lld\"", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void
put_wrong(struct buf *out, const char *element, const char *text, bool ascii)
{
    buf_printf(out, ">\n      <%s", element);
    put_attribute(out, "message", text, ascii);
    buf_puts(out, "/>\n    </testcase>\n");
}

static void
put_suite(struct buf *out, const struct lab_report *lab, bool ascii)
{
    bool judged = lab_was_judged(lab);

    buf_puts(out, "  <testsuite");
    put_attribute(out, "name", lab->lab, ascii);
    put_counts(out, lab->n + !judged, lab->failed, !judged, time_of(lab));
    buf_puts(out, ">\n");
    for (int i = 0; i < lab->n; i++) {
        const struct proven *c = &lab->cases[i];

        put_case(out, lab, c->name, c->ms, ascii);
        if (c->passed)
            buf_puts(out, "/>\n");
        else
            put_wrong(out, "failure", c->text, ascii);
    }
    if (!judged) {
        put_case(out, lab, "it could be judged", 0, ascii);
        put_wrong(out, "error", lab->reason, ascii);
    }
    buf_puts(out, "  </testsuite>\n");
}

static void
junit_end(struct buf *out, const struct report_options *o, const struct lab_report *labs, int n,
          int cases)
{
    int failures = 0, errors = 0;
    int64_t ms = 0;

    for (int i = 0; i < n; i++) {
        failures += labs[i].failed;
        errors += !lab_was_judged(&labs[i]);
        ms += time_of(&labs[i]);
    }
    buf_puts(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ipclab lab check\"");
    put_counts(out, cases, failures, errors, ms);
    buf_puts(out, ">\n");
    for (int i = 0; i < n; i++)
        put_suite(out, &labs[i], o->ascii);
    buf_puts(out, "</testsuites>\n");
}

static const struct report_format junit_format = {.end = junit_end};

/* ---- JSON ---------------------------------------------------------------------------------- */

static void
json_one(struct buf *out, const struct report_options *o, const struct lab_report *lab,
         const struct proven *c, int number)
{
    (void)o;
    (void)lab;
    (void)number;
    buf_printf(out, "%s\n", c->line);
}

static const struct report_format json_format = {.one = json_one};

const struct report_format *const report_formats[] = {[LAB_JSON] = &json_format,
                                                      [LAB_TEXT] = &text_format,
                                                      [LAB_TAP] = &tap_format,
                                                      [LAB_JUNIT] = &junit_format};
