/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript: each line behind the prompt, and below it what it showed behind `| `. The grammar
 * passes over both, so that a transcript is a script; what it leaves behind has the same
 * transcript. Therefore nothing is in it that would be another in the next run: addresses, what
 * belongs to a lab and not to its lines, the width of a terminal. A line that failed gets a `-`, so
 * that the script goes on as the session did. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/lines.h"
#include "view/view.h"

struct transcript {
    struct lines lines;
    struct buf input; /* the line that is being told; "" before the first */
    struct buf shown; /* what came of it */
    bool failed;
};

static bool
is(const struct event *e, const char *name, const char *value)
{
    const char *text = event_get_text(e, NULL, name);

    return text != NULL && strcmp(text, value) == 0;
}

/* Lines of a lab come with what it has to say to them; a script has nobody who would say it. */
static bool
is_beside(const struct event *e)
{
    static const char *const kinds[] = {"task", "hint", "predict", "check"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is(e, "ev", kinds[i]))
            return true;
    return is(e, "ev", "note") && event_get(e, NULL, "kind") != NULL && !is(e, "kind", "failed");
}

static void
put_block(struct transcript *t, struct buf *out)
{
    const char *s = buf_text(&t->shown);

    if (t->input.len > 0) {
        bool allowed = t->input.data[0] == '-';

        buf_puts(out, "ipclab> ");
        buf_puts(out, t->failed && !allowed ? "- " : "");
        text_source(out, t->input.data, t->input.len, t->lines.ascii);
        buf_putc(out, '\n');
    }
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");

        buf_puts(out, "| ");
        buf_put(out, s, n);
        buf_putc(out, '\n');
        s += n + (s[n] == '\n');
    }
    buf_clear(&t->input);
    buf_clear(&t->shown);
    t->failed = false;
}

static void
event(void *view, const struct event *e, struct buf *out)
{
    struct transcript *t = view;
    const struct item *text;

    if (is_beside(e))
        return;
    if (!is(e, "ev", "input")) {
        t->failed |= is(e, "kind", "failed");
        lines_event(&t->lines, e, &t->shown);
        return;
    }
    put_block(t, out);
    text = event_get(e, NULL, "text");
    if (text != NULL && text->kind == ITEM_TEXT)
        buf_put(&t->input, item_text(e, text), text->len);
}

static void *
start(const struct view_options *o)
{
    struct transcript *t = mem_alloc(sizeof *t);

    *t = (struct transcript){0};
    lines_init(&t->lines, o->catalog);
    t->lines.ascii = o->ascii;
    t->lines.quiet = o->quiet;
    t->lines.stable = true;
    return t;
}

static void
finish(void *view, struct buf *out)
{
    struct transcript *t = view;

    put_block(t, out);
    lines_release(&t->lines);
    buf_release(&t->input);
    buf_release(&t->shown);
    free(t);
}

const struct view_kind view_transcript = {
    .name = "transcript",
    .summary = "lines and what they showed; a script that reproduces itself",
    .extension = "ipc",
    .start = start,
    .event = event,
    .finish = finish,
};
