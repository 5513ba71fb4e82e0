/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab WORD: the tools for authors of labs, by the word that names them. */
#include "base/text.h"
#include "front/authors.h"
#include "lua/guardian.h"

struct tool {
    const char *name, *usage;
    int min, max;    /* words behind it */
    bool is_guarded; /* it runs what an author wrote: a clock stands over it */
    enum status (*run)(const struct options *o, const struct places *places, struct err *err);
};

static const struct tool tools[] = {
    {"list", "lab list [LAB...]", 0, 1000, true, authors_list},
    {"new", "lab new NAME", 1, 1, false, authors_new},
    {"doc", "lab doc LAB", 1, 1, true, authors_doc},
    {"check", "lab check LAB...", 1, 1000, false, authors_check},
    {0},
};

static const struct tool one_lab = {"check", "lab check --json LAB", 1, 1, true, authors_prove};

static const struct tool *
find(const struct options *o, struct err *err)
{
    const struct tool *t = tools;
    struct buf shown = {0};
    struct near near;

    near_init(&near, o->args[0]);
    for (; t->name != NULL && strcmp(t->name, o->args[0]) != 0; t++)
        near_offer(&near, t->name);
    if (t->name == NULL) {
        text_escape(&shown, o->args[0], strlen(o->args[0]), true);
        err_set(err, STATUS_USAGE, "ipclab lab takes %s, not '%.40s'%s%s%s",
                command_find("lab")->usage, buf_text(&shown),
                near.best[0] != '\0' ? "; did you mean " : "", near.best,
                near.best[0] != '\0' ? "?" : "");
        buf_release(&shown);
        return NULL;
    }
    if (o->nargs - 1 < t->min || o->nargs - 1 > t->max) {
        err_set(err, STATUS_USAGE, "it is ipclab %s", t->usage);
        return NULL;
    }
    return t->run == authors_check && o->json && o->nargs == 2 ? &one_lab : t;
}

enum status
command_lab(const struct options *o, const struct places *places, struct err *err)
{
    const struct tool *t = find(o, err);

    if (t == NULL)
        return err->status;
    if (t->is_guarded)
        guardian_watch(o->nargs > 1 ? o->args[1] : "lab list", true);
    err_clear(err);
    return t->run(o, places, err);
}
