/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab doc LAB: a handout of a lab, from what it says of itself and from what happens when
 * its model solution is played. --teacher is the edition that is not handed out. */
#include "base/whole.h"
#include "front/doc.h"

enum { WIDTH = 100 };

/* -o FILE.html is a page, all else is Markdown. */
static int
find_form(const char *path, bool *html, struct err *err)
{
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;

    *html = dot != NULL && (strcmp(dot, ".html") == 0 || strcmp(dot, ".htm") == 0);
    if (path == NULL || *html ||
        (dot != NULL && (strcmp(dot, ".md") == 0 || strcmp(dot, ".markdown") == 0)))
        return 0;
    return err_set(err, STATUS_USAGE, "a handout is a .md or a .html file");
}

/* "de_DE.UTF-8" is "de-DE" in HTML. */
static void
put_language(const char *language, char room[16])
{
    size_t n = language != NULL ? strcspn(language, ".@") : 0;

    snprintf(room, 16, "%.*s", (int)n, n > 0 ? language : "");
    for (char *c = room; *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c;
    if (room[0] == '\0')
        snprintf(room, 16, "en");
}

static void
put_names(struct doc *d, const char *title, char *const *names, int n)
{
    struct buf text = {0};

    for (int i = 0; i < n; i++)
        buf_printf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
    if (n > 0)
        paper_fact(&d->paper, title, buf_text(&text));
    buf_release(&text);
}

static void
put_head(struct doc *d)
{
    const struct guided *about = lab_about(d->opened.lab);
    char lang[16], text[128];

    put_language(d->options->language, lang);
    paper_begin(&d->paper, about->title, lang);
    if (d->options->teacher)
        paper_fact(&d->paper, "Edition", "for teachers, not to be handed out");
    snprintf(text, sizeof text, "`ipclab run %s`", d->opened.file.name);
    paper_fact(&d->paper, "To start it", text);
    put_names(d, "Processes", about->actors, about->nactors);
    snprintf(text, sizeof text, "about %d minutes", about->minutes);
    if (about->minutes > 0)
        paper_fact(&d->paper, "Time", text);
    snprintf(text, sizeof text, "%d", about->points);
    if (about->points > 0)
        paper_fact(&d->paper, "Points", text);
    put_names(d, "To read on", about->man, about->nman);
}

static enum status
write_doc(struct doc *d, const struct buf *out, struct err *err)
{
    if (d->options->output != NULL)
        return whole_write(d->options->output, out, true, err) < 0 ? err->status : STATUS_OK;
    whole_put(1, out);
    return STATUS_OK;
}

static enum status
make(struct doc *d, struct err *err)
{
    enum status status;

    put_head(d);
    status = lab_guided(d->opened.lab) != NULL ? doc_guided(d, err) : doc_led(d, err);
    paper_end(&d->paper);
    return status;
}

enum status
authors_doc(const struct options *o, const struct places *places, struct err *err)
{
    struct buf out = {0};
    struct doc d = {.options = o,
                    .places = places,
                    .paper = {.out = &out, .ascii = console_is_ascii()},
                    .figures = {.width = o->width > 0 ? o->width : WIDTH}};
    enum status status;

    if (find_form(o->output, &d.paper.html, err) < 0)
        return err->status;
    d.figures.paper = &d.paper;
    d.figures.recorded = &d.model;
    d.figures.catalog = &d.opened.session.launcher.catalog;
    status = authors_open(&d.opened, o, places, err) < 0
                 ? err->status
                 : authors_open_next(&d.opened, o->args[1], places, err);
    if (status == STATUS_LAB)
        err_set(err, status, "%s", buf_text(&d.opened.said));
    if (status == STATUS_OK)
        status = make(&d, err);
    if (status == STATUS_OK)
        status = write_doc(&d, &out, err);
    recorded_release(&d.model);
    authors_close(&d.opened);
    buf_release(&out);
    return status;
}
