/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help on what is no call: plugins, kinds of objects, builtins, settings, topics. */
#include "builtin/help.h"
#include "builtin/settings.h"

void
help_kind(const struct ipclab_kind *k, struct page *p)
{
    struct buf text = {0};

    buf_puts(&text, k->summary);
    if (k->line != NULL)
        buf_printf(&text, "; shown as `%s`", k->line);
    page_item(p, k->name, buf_text(&text));
    buf_release(&text);
}

void
help_plugin(const struct catalog_plugin *plugin, struct page *p)
{
    page_text(p, plugin->p.help);
    page_heading(p, 3, "Calls");
    page_list(p, 12);
    for (const struct ipclab_call *c = plugin->p.calls; c->name != NULL; c++)
        page_item(p, c->name, c->summary);
    page_list_end(p);
    if (plugin->nkinds > 0) {
        page_heading(p, 3, "Kernel objects");
        page_list(p, 12);
        for (const struct ipclab_kind *k = plugin->p.kinds; k->name != NULL; k++)
            help_kind(k, p);
        page_list_end(p);
    }
    if (plugin->nbenches > 0) {
        page_heading(p, 3, "Measured by `bench`");
        page_list(p, 12);
        for (const struct ipclab_bench *m = plugin->p.benches; m->name != NULL; m++)
            page_item(p, m->name, m->summary);
        page_list_end(p);
    }
    help_blocking(plugin->p.blocking, "Waiting or not", p);
    if (p->form == PAGE_TEXT && plugin->p.man != NULL && plugin->p.man[0] != NULL) {
        struct buf text = {0};

        buf_puts(&text, "Man pages: ");
        for (int i = 0; plugin->p.man[i] != NULL; i++)
            buf_printf(&text, "%s, ", plugin->p.man[i]);
        buf_printf(&text, "ipclab-%s(7)", plugin->p.name);
        buf_putc(p->out, '\n');
        page_text(p, buf_text(&text));
        buf_release(&text);
    }
}

void
help_builtin(const struct builtin *b, struct page *p)
{
    struct buf usage = {0};

    buf_printf(&usage, "%s%s%s", b->name, b->usage[0] != '\0' ? " " : "", b->usage);
    page_list(p, 10);
    page_item(p, "typed", buf_text(&usage));
    page_list_end(p);
    buf_release(&usage);
    if (p->form == PAGE_TEXT && b->help != NULL)
        buf_putc(p->out, '\n');
    if (b->help != NULL)
        page_text(p, b->help);
    help_examples(b->examples, p);
}

void
help_setting(const struct setting *s, struct page *p)
{
    struct buf text = {0};

    page_list(p, 10);
    settings_takes(s, &text);
    page_item(p, "takes", buf_text(&text));
    page_item(p, "at first", s->value);
    buf_clear(&text);
    buf_printf(&text, "set %s %s", s->name, s->choices != NULL ? s->choices[1] : "72");
    page_item(p, "typed", buf_text(&text));
    page_list_end(p);
    buf_release(&text);
    if (p->form == PAGE_TEXT)
        buf_putc(p->out, '\n');
    page_text(p, s->help);
}

void
help_topic_page(const struct catalog *c, const struct topic *t, struct page *p)
{
    if (t->help != NULL)
        page_text(p, t->help);
    if (t->rows != NULL) {
        if (p->form == PAGE_TEXT && t->help != NULL)
            buf_putc(p->out, '\n');
        page_list(p, 18);
        for (const struct topic_row *r = t->rows; r->term != NULL; r++)
            page_item(p, r->term, r->text);
        page_list_end(p);
    }
    if (t->more != NULL) {
        if (p->form == PAGE_TEXT && t->help != NULL)
            buf_putc(p->out, '\n');
        t->more(c, p);
    }
    help_examples(t->examples, p);
}
