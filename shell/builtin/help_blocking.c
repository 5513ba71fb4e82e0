/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * To wait or not to wait: one reason to wait and the three forms of the call, one below the other,
 * each with what it returns. The tests run every line of it. */
#include "builtin/help.h"
#include "builtin/topics.h"

/* One block of lines, in which what calls return stands in one column. */
struct forms {
    struct buf text;
    int column;
};

static void
look_at(struct forms *f, const char *lines)
{
    for (; lines != NULL && *lines != '\0'; lines += strcspn(lines, "\n")) {
        lines += *lines == '\n';
        if ((int)strcspn(lines, "\n") > f->column)
            f->column = (int)strcspn(lines, "\n");
    }
}

/* Lines behind a term; behind the last of them what it comes to. */
static void
put_lines(struct forms *f, const char *term, const char *lines, const char *comes_to)
{
    while (*lines != '\0') {
        int n = (int)strcspn(lines, "\n");
        bool last = lines[n] == '\0';

        buf_printf(&f->text, "%-9s%.*s", term, n, lines);
        if (last && comes_to != NULL)
            buf_printf(&f->text, "%*s  %s", f->column - n, "", comes_to);
        buf_putc(&f->text, '\n');
        lines += n + !last;
        term = "";
    }
}

static void
put_form(struct forms *f, const char *term, const struct ipclab_form *form, const char *ends)
{
    struct buf comes_to = {0};

    buf_printf(&comes_to, "= %s%s", form->returns, ends != NULL ? ", once" : "");
    if (form->lines == NULL)
        buf_printf(&f->text, "%-9s-\n", term);
    else
        put_lines(f, term, form->lines, buf_text(&comes_to));
    if (ends != NULL)
        put_lines(f, "", ends, NULL);
    buf_release(&comes_to);
}

static void
put_note(const char *term, const struct ipclab_form *form, struct page *p)
{
    struct buf text = {0};

    if (form->note == NULL)
        return;
    buf_printf(&text, "%s: %s.", term, form->note);
    page_text(p, buf_text(&text));
    buf_release(&text);
}

static void
put_reason(const struct ipclab_blocking *w, struct page *p)
{
    struct forms f = {0};

    look_at(&f, w->waits.lines);
    look_at(&f, w->at_once.lines);
    look_at(&f, w->timed.lines);
    put_lines(&f, "after", w->before, NULL);
    put_form(&f, "waits", &w->waits, w->ends);
    put_form(&f, "at once", &w->at_once, NULL);
    put_form(&f, "timed", &w->timed, NULL);
    page_lines(p, buf_text(&f.text));
    put_note("waits", &w->waits, p);
    put_note("at once", &w->at_once, p);
    put_note("timed", &w->timed, p);
    buf_release(&f.text);
}

void
help_blocking(const struct ipclab_blocking *w, const char *prefix, struct page *p)
{
    for (; w != NULL && w->when != NULL; w++) {
        struct buf heading = {0};

        buf_printf(&heading, "%s: %s", prefix, w->when);
        page_heading(p, 3, buf_text(&heading));
        put_reason(w, p);
        buf_release(&heading);
    }
}

void
topics_blocking(const struct catalog *c, struct page *p)
{
    for (int i = 0; i < c->nplugins; i++)
        help_blocking(c->plugins[i].p.blocking, c->plugins[i].p.name, p);
}
