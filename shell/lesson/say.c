/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lesson says again when it is asked, as text: the events were told before. */
#include "base/columns.h"
#include "base/text.h"
#include "lesson/lesson.h"

enum { NARROW = 40, WIDE = 80, INDENT = 6 };

int
lesson_width(const struct session *s)
{
    int width = s->settings.width > 0 ? s->settings.width : s->columns;

    return width <= 0 || width > WIDE ? WIDE : width < NARROW ? NARROW : width;
}

static void
put_paragraph(struct lesson *l, const char *text, struct buf *out)
{
    struct buf clean = {0};

    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        buf_clear(&clean);
        text_escape(&clean, text, n, l->s->ascii);
        buf_printf(out, "%*s", INDENT, "");
        columns_wrap(out, buf_text(&clean), INDENT, INDENT, lesson_width(l->s));
        text += n + (text[n] == '\n');
    }
    buf_release(&clean);
}

void
lesson_say_task(struct lesson *l, int task)
{
    const struct guided_task *g = &l->g->tasks[task];
    const struct lesson_task *t = &l->tasks[task];
    struct buf out = {0}, title = {0};

    text_escape(&title, g->title, strlen(g->title), l->s->ascii);
    buf_printf(&out, "task %d/%d  %s  (%d of %d point%s)\n", task + 1, l->g->ntasks,
               buf_text(&title), t->shown ? 0 : g->points - t->cost, g->points,
               g->points == 1 ? "" : "s");
    put_paragraph(l, g->say, &out);
    if (g->predict.kind != QUESTION_NONE && !t->judged) {
        put_paragraph(l, g->predict.ask, &out);
        for (int i = 0; i < g->predict.nchoices; i++) {
            buf_clear(&title);
            buf_printf(&title, "%c) %s", 'a' + i, g->predict.choices[i]);
            put_paragraph(l, buf_text(&title), &out);
        }
        if (t->answer != NULL) {
            buf_clear(&title);
            buf_puts(&title, "you said ");
            question_words(&g->predict, t->answer, &title);
            put_paragraph(l, buf_text(&title), &out);
        }
    }
    for (int i = 0; i < t->hints; i++) {
        buf_clear(&title);
        buf_printf(&title, "hint %d: %s", i + 1, g->hints[i].text);
        put_paragraph(l, buf_text(&title), &out);
    }
    session_say(l->s, "%s", buf_text(&out));
    buf_release(&out);
    buf_release(&title);
}
