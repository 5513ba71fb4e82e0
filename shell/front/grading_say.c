/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What grading says of a submission on standard error: "s17: 12 of 19", and what is to be looked
 * at. */
#include "base/text.h"
#include "base/whole.h"
#include "front/console.h"
#include "front/grading.h"
#include "front/progress.h"
#include "grade/report.h"

void
grading_say(const json_t *report)
{
    const char *student = report_text(report, "student"), *reason = report_text(report, "reason");
    const json_t *score = json_object_get(report, "score");
    bool ascii = console_is_ascii();
    struct buf line = {0};
    json_t *flag;
    size_t i;

    text_escape(&line, student, strlen(student), ascii);
    if (json_is_integer(score))
        buf_printf(&line, ": %lld of %lld", (long long)json_integer_value(score),
                   (long long)json_integer_value(json_object_get(report, "max_score")));
    if (report_get_status(report) != GRADED) {
        buf_printf(&line, ": %s: ", report_text(report, "status"));
        text_escape(&line, reason, strlen(reason), ascii);
    }
    json_array_foreach(json_object_get(report, "flags"), i, flag)
    {
        buf_puts(&line, "; ");
        text_escape(&line, report_text(flag, "text"), strlen(report_text(flag, "text")), ascii);
    }
    buf_putc(&line, '\n');
    progress_show(NULL, "");
    whole_put(2, &line); /* what nobody can see is no error */
    buf_release(&line);
}
