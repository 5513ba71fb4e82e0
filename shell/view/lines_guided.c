/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guided lab says, as lines: a head, and below it paragraphs as wide as one likes to read.
 */
#include "base/columns.h"
#include "base/text.h"
#include "view/lines.h"
#include "view/row.h"

enum { INDENT = 6, WIDE = 80, NARROW = 40 };

static const char *
text_of(const struct row *r, const char *name)
{
    const char *s = event_get_text(r->e, NULL, name);

    return s != NULL ? s : "";
}

/* Of the task that it is about. */
static void
put_title(struct row *r)
{
    const char *title = text_of(r, "title");

    row_text(r, title[0] != '\0'                ? title
                : text_of(r, "task")[0] != '\0' ? text_of(r, "task")
                                                : text_of(r, "id"));
}

static bool
is_what(const struct row *r, const char *what)
{
    return strcmp(text_of(r, "what"), what) == 0;
}

static int
number(const struct row *r, const char *name)
{
    return (int)event_get_int(r->e, NULL, name, 0);
}

/* Each line of the text a paragraph, the first from column `at` on; as_is: lines to be typed, which
 * are not broken. */
static void
put_text(struct row *r, const char *text, int at, bool as_is)
{
    int width = r->l->width <= 0 || r->l->width > WIDE ? WIDE : r->l->width;
    struct buf clean = {0};

    if (width < NARROW)
        width = NARROW;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        buf_clear(&clean);
        text_escape(&clean, text, n, r->l->ascii);
        if (at < INDENT)
            buf_printf(r->out, "%*s", INDENT - at, "");
        if (as_is)
            buf_printf(r->out, "%s\n", buf_text(&clean));
        else
            columns_wrap(r->out, buf_text(&clean), at < INDENT ? INDENT : at, INDENT, width);
        at = 0;
        text += n + (text[n] == '\n');
    }
    buf_release(&clean);
}

static void
put_points(struct row *r, int n)
{
    buf_printf(r->out, "%d point%s", n, n == 1 ? "" : "s");
}

/* task 2/5  Attach it  (2 points, 3 hints) */
static void
put_head(struct row *r)
{
    int hints = number(r, "hints");

    row_puts(r, "\n");
    row_tint(r, TINT_STATE);
    buf_printf(r->out, "task %d/%d  ", number(r, "n"), number(r, "of"));
    row_text(r, text_of(r, "title"));
    row_tint(r, TINT_NONE);
    row_puts(r, "  (");
    put_points(r, number(r, "max"));
    if (hints > 0)
        buf_printf(r->out, ", %d hint%s", hints, hints == 1 ? "" : "s");
    row_puts(r, ")\n");
}

/* Shared memory, hands on  (6 tasks, 10 points, about 20 minutes) */
static void
put_opening(struct row *r)
{
    int tasks = number(r, "of");

    row_tint(r, TINT_STATE);
    row_text(r, text_of(r, "title"));
    row_tint(r, TINT_NONE);
    buf_printf(r->out, "  (%d task%s, ", tasks, tasks == 1 ? "" : "s");
    put_points(r, number(r, "max"));
    if (number(r, "minutes") > 0)
        buf_printf(r->out, ", about %d minutes", number(r, "minutes"));
    row_puts(r, ")\n");
    put_text(r, text_of(r, "text"), 0, false);
}

void
guided_task(struct row *r)
{
    r->important = true;
    if (is_what(r, "opens")) {
        put_opening(r);
    } else if (is_what(r, "begins")) {
        put_head(r);
        put_text(r, text_of(r, "text"), 0, false);
    } else if (is_what(r, "shown")) {
        buf_printf(r->out, "%*ssolution:\n", INDENT, "");
        put_text(r, text_of(r, "text"), 0, true);
    } else if (is_what(r, "skipped")) {
        buf_printf(r->out, "%*sskipped: ", INDENT, "");
        put_title(r);
        buf_printf(r->out, ", %d of ", number(r, "points"));
        put_points(r, number(r, "max"));
        row_puts(r, "\n");
    } else if (is_what(r, "left")) {
        buf_printf(r->out, "%*sleft out: ", INDENT, "");
        put_title(r);
        row_puts(r, "\n");
    } else {
        buf_printf(r->out, "%s%s: %d of ", is_what(r, "ends") ? "\n" : "      ",
                   is_what(r, "ends") ? "all tasks are over" : "submitted", number(r, "points"));
        put_points(r, number(r, "max"));
        row_puts(r, "\n");
        put_text(r, text_of(r, "text"), 0, false);
    }
}

void
guided_hint(struct row *r)
{
    size_t before = r->out->len;

    r->important = true;
    buf_printf(r->out, "%*shint %d/%d", INDENT, "", number(r, "n"), number(r, "of"));
    if (number(r, "cost") > 0) {
        row_puts(r, " (for ");
        put_points(r, number(r, "cost"));
        row_puts(r, ")");
    }
    row_puts(r, ": ");
    put_text(r, text_of(r, "text"), (int)(r->out->len - before), false);
}

/* The verdict on a task. */
void
guided_check(struct row *r)
{
    const struct item *passed = event_get(r->e, NULL, "passed");
    const char *text = text_of(r, "text");
    size_t before = r->out->len;

    r->important = true;
    buf_printf(r->out, "%*s", INDENT, "");
    if (passed != NULL && passed->kind == ITEM_BOOL && passed->value) {
        row_tint(r, TINT_STATE);
        row_puts(r, "done: ");
        row_tint(r, TINT_NONE);
        put_title(r);
        buf_printf(r->out, ", %d of ", number(r, "points"));
        put_points(r, number(r, "max"));
        row_puts(r, "\n");
        return;
    }
    if (event_get(r->e, NULL, "begun") != NULL) {
        row_puts(r, "not begun: ");
        put_title(r);
        row_puts(r, "\n");
        return;
    }
    row_puts(r, passed != NULL && passed->kind == ITEM_BOOL ? "not yet: " : "not judged: ");
    put_title(r);
    row_puts(r, text[0] == '\0'                                        ? "\n"
                : strchr(".?!", r->out->data[r->out->len - 1]) != NULL ? " "
                                                                       : ". ");
    put_text(r, text, (int)columns_of(r->out->data + before, r->out->len - before), false);
    if (text_of(r, "fault")[0] != '\0')
        put_text(r, text_of(r, "fault"), 0, false);
}

void
guided_predict(struct row *r)
{
    size_t before = r->out->len;

    r->important = true;
    buf_printf(r->out, "%*s", INDENT, "");
    if (is_what(r, "asks")) {
        row_puts(r, "question");
        if (number(r, "max") > 0) {
            row_puts(r, " (");
            put_points(r, number(r, "max"));
            row_puts(r, ")");
        }
        row_puts(r, ": ");
    }
    put_text(r, text_of(r, "text"), (int)(r->out->len - before), false);
    if (is_what(r, "asks"))
        buf_printf(r->out, "%*s`answer ...` says what you expect, before you try it.\n", INDENT,
                   "");
}
