/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a tour says. */
#include "base/columns.h"
#include "base/mem.h"
#include "builtin/page.h"
#include "builtin/tour.h"

void
tour_line(const struct tour *t, const char *line, struct buf *out)
{
    const struct {
        const char *word, *value;
    } roles[] = {{"$p", t->parent}, {"$c", t->child}, {"$fd", t->fd}};

    for (; *line != '\0'; line++) {
        const char *value = NULL;

        for (size_t i = 0; i < 3 && value == NULL; i++)
            if (t->steps == tour_steps &&
                strncmp(line, roles[i].word, strlen(roles[i].word)) == 0) {
                value = roles[i].value;
                line += strlen(roles[i].word) - 1;
            }
        if (value != NULL)
            buf_puts(out, value);
        else
            buf_putc(out, *line);
    }
}

void
tour_suggest(struct tour *t)
{
    struct buf line = {0};

    tour_line(t, t->starts ? "reset" : t->steps[t->at].line, &line);
    free(t->s->suggestion);
    t->s->suggestion = mem_copy(buf_text(&line));
    buf_release(&line);
}

/* "Enter runs:  LINE"; on a narrow screen the line has a row of its own. */
static void
put_suggestion(const struct tour *t, int indent, const char *line, struct buf *out)
{
    const char *what = t->s->interactive ? "Enter runs:" : "line:";
    bool fits = indent + (int)strlen(what) + 2 + (int)strlen(line) <= page_width(t->s);

    buf_printf(out, "%*s%s%s%s\n", indent, "", what, fits ? "  " : "\n  ", line);
}

void
tour_show(struct tour *t)
{
    const struct tour_step *step = &t->steps[t->at];
    struct buf out = {0}, line = {0};
    char head[32];

    t->shown_seq[t->at] = t->s->seq;
    t->done_seq[t->at] = 0;
    snprintf(head, sizeof head, "tour %d/%d", t->at + 1, t->n);
    buf_printf(&out, "\n%-12s", head);
    if (step->say != NULL)
        columns_wrap(&out, step->say, 12, 12, page_width(t->s));
    tour_line(t, step->line, &line);
    put_suggestion(t, step->say != NULL ? 12 : 0, buf_text(&line), &out);
    session_say(t->s, "%s", buf_text(&out));
    buf_release(&out);
    buf_release(&line);
    tour_suggest(t);
}
