/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that is shown so that it can be typed again. */
#include "base/text.h"

#include "trace_check.h"

static struct buf out;

static const char *
source(const char *s, size_t n, bool ascii)
{
    buf_clear(&out);
    text_source(&out, s, n, ascii);
    return buf_text(&out);
}

#define SOURCE(s) source(s, sizeof(s) - 1, false)

int
main(void)
{
    static const struct {
        const char *typed, *shown;
    } cases[] = {
        {"a write(p[1], \"hi\\n\")", "a write(p[1], \"hi\\n\")"},
        {"a\tint\tx = '\t'", "a int x = '\\011'"}, /* blank outside, itself inside */
        {"a puts(\"\x01"
         "7\")",
         "a puts(\"\\0017\")"},                    /* three digits: none after them joins */
        {"a puts(\"\xff\")", "a puts(\"\\377\")"}, /* no UTF-8 */
        {"a puts(\"caf\u00e9\")", "a puts(\"caf\u00e9\")"},
        {"a puts(\"\u202e\")", "a puts(\"\\342\\200\\256\")"}, /* it would turn what is read */
        {"a puts(\"\\\"\t\")", "a puts(\"\\\"\\011\")"}, /* the quote behind \\ ends nothing */
        {"a puts(\"it's\t\")", "a puts(\"it's\\011\")"}, /* nor does one of the other sort */
        {"a puts(\"x\" \"y\")\t", "a puts(\"x\" \"y\") "},
        {"a puts(\"\\", "a puts(\"\\"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(source(cases[i].typed, strlen(cases[i].typed), false), cases[i].shown);
        /* What is shown is shown the same. */
        CHECK_TEXT(source(cases[i].shown, strlen(cases[i].shown), false), cases[i].shown);
    }
    CHECK_TEXT(source("a puts(\"\u00e9\")", strlen("a puts(\"\u00e9\")"), true),
               "a puts(\"\\303\\251\")");
    CHECK_TEXT(SOURCE("a puts(\"\0001\")"), "a puts(\"\\0001\")");
    buf_release(&out);
    return check_result();
}
