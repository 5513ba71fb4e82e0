/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * help: finds what a name stands for, in every sort of record. */
#include "builtin/help.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/settings.h"
#include "builtin/topics.h"

static void
each_constant(const struct ipclab_constant *k, void (*fn)(void *ctx, const struct help_entry *e),
              void *ctx)
{
    for (; k != NULL && k->name != NULL; k++)
        fn(ctx, &(struct help_entry){k->name, "constant", k->summary, k});
}

void
help_each(const struct catalog *c, void (*fn)(void *ctx, const struct help_entry *e), void *ctx)
{
    for (int i = 0; builtins[i] != NULL; i++)
        fn(ctx,
           &(struct help_entry){builtins[i]->name, "builtin", builtins[i]->summary, builtins[i]});
    for (const struct topic *t = topics; t->name != NULL; t++)
        fn(ctx, &(struct help_entry){t->name, "topic", t->summary, t});
    for (const struct setting *s = settings; s->name != NULL; s++)
        fn(ctx, &(struct help_entry){s->name, "setting", s->summary, s});
    for (int i = 0; i < c->nplugins; i++) {
        const struct catalog_plugin *p = &c->plugins[i];

        fn(ctx, &(struct help_entry){p->p.name, "plugin", p->p.summary, p});
        for (const struct ipclab_call *call = p->p.calls; call->name != NULL; call++)
            fn(ctx, &(struct help_entry){call->name, "call", call->summary, call});
        for (const struct ipclab_kind *k = p->p.kinds; k != NULL && k->name != NULL; k++)
            fn(ctx, &(struct help_entry){k->name, "object", k->summary, k});
    }
    for (int i = 0; i < c->nplugins; i++) {
        for (const struct ipclab_call *call = c->plugins[i].p.calls; call->name != NULL; call++)
            for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
                each_constant(a->constants, fn, ctx);
        each_constant(c->plugins[i].p.constants, fn, ctx);
    }
}

static void
offer(void *ctx, const struct help_entry *e)
{
    near_offer(ctx, e->name);
}

int
help_unknown(const struct catalog *c, const char *what, const char *name, struct err *err)
{
    struct buf shown = {0};
    struct near near;

    near_init(&near, name);
    help_each(c, offer, &near);
    text_escape(&shown, name, strlen(name), true);
    err_set(err, STATUS_USAGE, "there is no %s '%.60s'; %s%s%s", what, buf_text(&shown),
            near.best[0] != '\0' ? "did you mean " : "`apropos WORD` finds what has a word in it",
            near.best, near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return -1;
}

/* ---- The pages of one name ----------------------------------------------------------------- */

struct found {
    const struct catalog *c;
    const char *name;
    struct page *p;
    bool constant; /* told already: it is there for each of its arguments */
};

static void
title(struct found *f, const struct help_entry *e)
{
    if (f->p->out->len > 0)
        buf_putc(f->p->out, '\n');
    page_title(f->p, e->name, e->summary);
    buf_putc(f->p->out, '\n');
}

static void
put_call_page(struct found *f, const struct ipclab_call *call)
{
    struct buf text = {0};

    help_call(call, f->p);
    buf_printf(&text, "`tour %s` plays the example", call->name);
    if (call->man[0] != '\0')
        buf_printf(&text, "; `man %s` opens %s", call->name, call->man);
    buf_putc(f->p->out, '\n');
    page_text(f->p, buf_text(&text));
    buf_release(&text);
}

static void
put_found(void *ctx, const struct help_entry *e)
{
    struct found *f = ctx;

    if (strcmp(e->name, f->name) != 0)
        return;
    if (strcmp(e->sort, "constant") == 0) {
        if (!f->constant)
            help_constant(f->c, e->name, f->p);
        f->constant = true;
        return;
    }
    if (strcmp(e->sort, "object") == 0) {
        if (f->p->out->len > 0)
            return; /* of the plugin of that name, which lists it */
        title(f, e);
        page_list(f->p, 12);
        help_kind(e->record, f->p);
        page_list_end(f->p);
        return;
    }
    title(f, e);
    if (strcmp(e->sort, "builtin") == 0)
        help_builtin(e->record, f->p);
    else if (strcmp(e->sort, "topic") == 0)
        help_topic_page(f->c, e->record, f->p);
    else if (strcmp(e->sort, "setting") == 0)
        help_setting(e->record, f->p);
    else if (strcmp(e->sort, "plugin") == 0)
        help_plugin(e->record, f->p);
    else
        put_call_page(f, e->record);
}

int
help_topic(const struct catalog *c, const char *topic, int width, struct buf *out, struct err *err)
{
    struct page p;
    struct found found = {.c = c, .name = topic, .p = &p};

    page_init(&p, out, PAGE_TEXT, width);
    if (topic[0] == '\0') {
        first_minute(c, p.width, out);
        return 0;
    }
    help_each(c, put_found, &found);
    return out->len > 0 ? 0 : help_unknown(c, "help on", topic, err);
}

/* ---- The builtin --------------------------------------------------------------------------- */

static int
on_help(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};
    int result = help_topic(&s->launcher.catalog, rest, page_width(s), &out, err);

    if (result == 0)
        session_page(s, out.data, out.len);
    buf_release(&out);
    return result;
}

static const char *const examples[] = {"help", "help shmget\nhelp IPC_CREAT\nhelp pipe",
                                       "help line\nhelp undo\nhelp view", NULL};

const struct builtin builtin_help = {
    .name = "help",
    .usage = "[TOPIC]",
    .summary = "the first minute, or about a call, plugin, constant, builtin ...",
    .help = "TOPIC is the name of a call (`help shmget`), a plugin (`help pipe`), a constant "
            "(`help IPC_CREAT`), a builtin (`help undo`), a setting (`help view`) or one of the "
            "topics that `help topics` lists.",
    .flags = BUILTIN_LOOKS,
    .word = WORD_TOPIC,
    .examples = examples,
    .run = on_help,
};
