/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences of labs, and how any sentence of the linear view is made. */
#include <string.h>

#include "base/text.h"
#include "view/linear_parts.h"

const char *
linear_text_of(const struct row *r, const char *name)
{
    const char *s = event_get_text(r->e, NULL, name);

    return s != NULL ? s : "";
}

bool
linear_is(const struct row *r, const char *name, const char *value)
{
    return strcmp(linear_text_of(r, name), value) == 0;
}

int
linear_number(const struct row *r, const char *name)
{
    return (int)event_get_int(r->e, NULL, name, 0);
}

void
linear_put_number(struct row *r, const char *before, int64_t n, const char *after)
{
    buf_printf(r->out, "%s%lld%s", before, (long long)n, after);
}

void
linear_stop(struct row *r)
{
    while (r->out->len > r->start && strchr(" \n,", r->out->data[r->out->len - 1]) != NULL)
        r->out->len--;
    if (r->out->len > r->start && strchr(".?!:", r->out->data[r->out->len - 1]) == NULL)
        buf_putc(r->out, '.');
    buf_putc(r->out, '\n');
    r->start = r->out->len;
}

void
linear_lines(struct row *r, const char *word, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        if (n > 0) {
            buf_puts(r->out, word);
            text_escape(r->out, text, n, r->l->ascii);
            linear_stop(r);
        }
        text += n + (text[n] == '\n');
    }
}

/* ---- Labs ---------------------------------------------------------------------------------- */

static void
put_points(struct row *r, int n)
{
    buf_printf(r->out, "%d point%s", n, n == 1 ? "" : "s");
}

/* Of the task that it is about. */
static void
put_title(struct row *r)
{
    const char *title = linear_text_of(r, "title"), *task = linear_text_of(r, "task");

    row_text(r, title[0] != '\0' ? title : task[0] != '\0' ? task : linear_text_of(r, "id"));
}

void
linear_check(struct row *r)
{
    const struct item *passed = event_get(r->e, NULL, "passed");
    bool judged = passed != NULL && passed->kind == ITEM_BOOL, good = judged && passed->value;
    bool task = linear_text_of(r, "task")[0] != '\0';

    r->important = !good || task;
    if (!task) {
        row_puts(r, good     ? "Check, holds: "
                    : judged ? "Check, does not hold: "
                             : "Check, not judged: ");
        row_text(r, linear_text_of(r, "text"));
        linear_stop(r);
        return;
    }
    if (!good && event_get(r->e, NULL, "begun") != NULL) {
        row_puts(r, "Not begun: task ");
        put_title(r);
        linear_stop(r);
        return;
    }
    row_puts(r, good ? "Done: task " : judged ? "Not yet: task " : "Not judged: task ");
    put_title(r);
    if (good) {
        linear_put_number(r, ", ", linear_number(r, "points"), " of ");
        put_points(r, linear_number(r, "max"));
    }
    linear_stop(r);
    linear_lines(r, "", linear_text_of(r, "text"));
    linear_lines(r, "", linear_text_of(r, "fault"));
}

void
linear_task(struct row *r)
{
    r->important = true;
    if (linear_is(r, "what", "begins")) {
        linear_put_number(r, "Task ", linear_number(r, "n"), " of ");
        linear_put_number(r, "", linear_number(r, "of"), ": ");
        row_text(r, linear_text_of(r, "title"));
        linear_stop(r);
        row_puts(r, "It gives ");
        put_points(r, linear_number(r, "max"));
        linear_put_number(r, " and has ", linear_number(r, "hints"),
                          linear_number(r, "hints") == 1 ? " hint" : " hints");
    } else if (linear_is(r, "what", "opens")) {
        row_puts(r, "Lab: ");
        row_text(r, linear_text_of(r, "title"));
        linear_stop(r);
        linear_put_number(r, "It has ", linear_number(r, "of"),
                          linear_number(r, "of") == 1 ? " task and " : " tasks and ");
        put_points(r, linear_number(r, "max"));
    } else if (linear_is(r, "what", "shown")) {
        linear_lines(r, "Solution, line: ", linear_text_of(r, "text"));
        return;
    } else if (linear_is(r, "what", "left")) {
        row_puts(r, "Left out: task ");
        put_title(r);
    } else {
        row_puts(r, linear_is(r, "what", "skipped")     ? "Skipped: task "
                    : linear_is(r, "what", "submitted") ? "Submitted"
                                                        : "The end of all tasks");
        put_title(r);
        linear_put_number(r, ", ", linear_number(r, "points"), " of ");
        put_points(r, linear_number(r, "max"));
    }
    linear_stop(r);
    linear_lines(r, "", linear_text_of(r, "text"));
}

void
linear_hint(struct row *r)
{
    r->important = true;
    linear_put_number(r, "Hint ", linear_number(r, "n"), " of ");
    linear_put_number(r, "", linear_number(r, "of"), "");
    if (linear_number(r, "cost") > 0) {
        row_puts(r, ", for ");
        put_points(r, linear_number(r, "cost"));
    }
    row_puts(r, ": ");
    row_text(r, linear_text_of(r, "text"));
    linear_stop(r);
}

void
linear_predict(struct row *r)
{
    r->important = true;
    linear_lines(
        r, linear_is(r, "what", "asks") ? "Question: " : "Answer: ", linear_text_of(r, "text"));
}
