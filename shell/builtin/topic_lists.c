/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables of help that other records fill. */
#include "builtin/builtins.h"
#include "builtin/page.h"
#include "builtin/settings.h"
#include "builtin/topics.h"
#include "trace/kinds.h"
#include "view/view.h"

void
topics_builtins(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 18);
    for (int i = 0; builtins[i] != NULL; i++) {
        struct buf term = {0};

        buf_printf(&term, "%s%s%s", builtins[i]->name, builtins[i]->usage[0] != '\0' ? " " : "",
                   builtins[i]->usage);
        page_item(p, buf_text(&term), builtins[i]->summary);
        buf_release(&term);
    }
    page_list_end(p);
}

void
topics_calls(const struct catalog *c, struct page *p)
{
    for (int i = 0; i < c->nplugins; i++) {
        struct buf heading = {0};

        buf_printf(&heading, "%s: %s", c->plugins[i].p.name, c->plugins[i].p.summary);
        page_heading(p, 3, buf_text(&heading));
        buf_release(&heading);
        page_list(p, 12);
        for (const struct ipclab_call *call = c->plugins[i].p.calls; call->name != NULL; call++)
            page_item(p, call->name, call->summary);
        page_list_end(p);
    }
}

void
topics_settings(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 10);
    for (const struct setting *s = settings; s->name != NULL; s++) {
        struct buf text = {0};

        buf_printf(&text, "%s: ", s->summary);
        settings_takes(s, &text);
        buf_printf(&text, "; at first %s", s->value);
        page_item(p, s->name, buf_text(&text));
        buf_release(&text);
    }
    page_list_end(p);
}

void
topics_statuses(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 4);
    for (const struct status_record *s = status_records; s->last != NULL; s++) {
        char number[8];

        snprintf(number, sizeof number, "%d", s->status);
        page_item(p, number, s->meaning);
    }
    page_list_end(p);
}

void
topics_views(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 12);
    for (int i = 0; view_kinds[i] != NULL; i++) {
        struct buf text = {0};

        buf_printf(&text, "%s%s", view_kinds[i]->summary,
                   view_kinds[i]->is_live ? "; while you type too" : "");
        page_item(p, view_kinds[i]->name, buf_text(&text));
        buf_release(&text);
    }
    page_list_end(p);
}

void
topics_trace(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 10);
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        page_item(p, k->name, k->summary);
    page_list_end(p);
}

void
topics_measuring(const struct catalog *c, struct page *p)
{
    page_list(p, 16);
    for (int i = 0; i < c->nplugins; i++)
        for (int k = 0; k < c->plugins[i].nbenches; k++)
            page_item(p, c->plugins[i].p.benches[k].name, c->plugins[i].p.benches[k].summary);
    page_list_end(p);
}

void
topics_all(const struct catalog *c, struct page *p)
{
    (void)c;
    page_list(p, 12);
    for (const struct topic *t = topics; t->name != NULL; t++)
        page_item(p, t->name, t->summary);
    page_list_end(p);
}
