/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab generate: what other programs want to know of the records, in their own languages. */
#include "builtin/help.h"
#include "front/authors.h"
#include "front/generate.h"
#include "lua/api.h"

static void
put_name(void *ctx, const struct help_entry *e)
{
    buf_printf(ctx, "%s\n", e->name);
}

static void
put_benches(const struct catalog *c, struct buf *out)
{
    for (int i = 0; i < c->nplugins; i++)
        for (int k = 0; k < c->plugins[i].nbenches; k++)
            buf_printf(out, "%s\n", c->plugins[i].p.benches[k].name);
}

static void
put_lab(void *ctx, const char *name)
{
    buf_printf(ctx, "%s\n", name);
}

enum status
command_generate(const struct options *o, const struct catalog *c, const struct places *places,
                 struct err *err)
{
    const char *what = o->args[0], *page = o->nargs > 1 ? o->args[1] : NULL;
    bool man = strcmp(what, "man") == 0;
    struct buf out = {0};
    int result = 0;

    if (man != (page != NULL))
        result = err_set(err, STATUS_USAGE,
                         man ? "generate man takes the file name of a page: ipclab.1, "
                               "ipclab-trace.5, ipclab-pipe.7"
                             : "generate %s takes no further word",
                         what);
    else if (man)
        result = generate_man(c, page, &out, err);
    else if (strcmp(what, "completion") == 0)
        generate_completion(&out);
    else if (strcmp(what, "json") == 0)
        generate_json(c, &out);
    else if (strcmp(what, "topics") == 0)
        help_each(c, put_name, &out);
    else if (strcmp(what, "lua-definitions") == 0)
        definitions_write(c, &out);
    else if (strcmp(what, "benches") == 0)
        put_benches(c, &out);
    else if (strcmp(what, "labs") == 0)
        authors_each(places, put_lab, &out);
    else
        result = err_set(err, STATUS_USAGE, "generate takes %s", command_find("generate")->usage);
    if (result == 0)
        fwrite(buf_text(&out), 1, out.len, stdout);
    buf_release(&out);
    return result < 0 ? err->status : STATUS_OK;
}
