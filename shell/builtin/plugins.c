/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plugins: what is loaded, as text and as JSON for tools. */
#include <jansson.h>

#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/help.h"

static void
put_plugin_line(const struct ipclab_plugin *p, struct buf *out)
{
    int width = 0;

    buf_printf(out, "  %-10s %s\n    ", p->name, p->summary);
    for (const struct ipclab_call *c = p->calls; c->name != NULL; c++) {
        if (width > 70) {
            buf_puts(out, "\n    ");
            width = 0;
        }
        buf_printf(out, "%s%s", c->name, c[1].name != NULL ? " " : "\n");
        width += (int)strlen(c->name) + 1;
    }
}

void
help_plugins_text(const struct catalog *c, bool verbose, struct buf *out)
{
    for (int i = 0; i < c->nplugins; i++) {
        put_plugin_line(&c->plugins[i].p, out);
        if (verbose)
            buf_printf(out, "    version %s from %s\n", c->plugins[i].p.version,
                       c->plugins[i].path);
    }
    for (int i = 0; i < c->nrefused; i++) {
        buf_puts(out, "  refused: ");
        text_escape(out, c->refused[i], strlen(c->refused[i]), false);
        buf_putc(out, '\n');
    }
}

static int
on_plugins(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};

    if (rest[0] != '\0' && strcmp(rest, "-v") != 0)
        return err_set(err, STATUS_USAGE, "plugins takes -v or nothing");
    help_plugins_text(&s->launcher.catalog, rest[0] != '\0', &out);
    session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return 0;
}

/* ---- For tools ----------------------------------------------------------------------------- */

static json_t *
text_list(const char *const *list)
{
    json_t *array = json_array();

    for (int i = 0; list != NULL && list[i] != NULL; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static json_t *
constants_json(const struct ipclab_constant *k)
{
    json_t *array = json_array();

    for (; k != NULL && k->name != NULL; k++)
        json_array_append_new(array, json_pack("{s:s, s:I, s:s?}", "name", k->name, "value",
                                               (json_int_t)k->value, "summary", k->summary));
    return array;
}

static json_t *
arg_json(const struct ipclab_arg *a)
{
    return json_pack("{s:s, s:s, s:i, s:b, s:b, s:I, s:I, s:I, s:o}", "name", a->name, "summary",
                     a->summary, "type", (int)a->type, "optional",
                     (a->flags & IPCLAB_OPTIONAL) != 0, "rest", (a->flags & IPCLAB_REST) != 0,
                     "default", (json_int_t)a->def, "min", (json_int_t)a->min, "max",
                     (json_int_t)a->max, "constants", constants_json(a->constants));
}

static json_t *
call_json(const struct ipclab_call *c)
{
    json_t *args = json_array(), *errors = json_array();

    for (const struct ipclab_arg *a = c->args; a->type != IPCLAB_END; a++)
        json_array_append_new(args, arg_json(a));
    for (const struct ipclab_error *e = c->errors; e != NULL && e->name != NULL; e++)
        json_array_append_new(errors,
                              json_pack("{s:s, s:s}", "name", e->name, "sentence", e->sentence));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s?, s:s?, s:o, s:o, s:o}", "name", c->name,
                     "prototype", c->prototype, "summary", c->summary, "help",
                     c->help != NULL ? c->help : "", "man", c->man, "waits",
                     (c->flags & IPCLAB_WAITS) != 0, "returns", c->returns, "waits_while", c->waits,
                     "args", args, "errors", errors, "examples", text_list(c->examples));
}

static json_t *
form_json(const struct ipclab_form *f)
{
    return json_pack("{s:s?, s:s?, s:s?}", "lines", f->lines, "returns", f->returns, "note",
                     f->note);
}

static json_t *
blocking_json(const struct ipclab_blocking *w)
{
    json_t *array = json_array();

    for (; w != NULL && w->when != NULL; w++)
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "when", w->when,
                                               "before", w->before, "waits", form_json(&w->waits),
                                               "ends", w->ends, "at_once", form_json(&w->at_once),
                                               "timed", form_json(&w->timed)));
    return array;
}

static json_t *
benches_json(const struct catalog_plugin *p)
{
    json_t *array = json_array();

    for (int i = 0; i < p->nbenches; i++)
        json_array_append_new(
            array, json_pack("{s:s, s:s, s:b, s:s?, s:s?}", "name", p->p.benches[i].name, "summary",
                             p->p.benches[i].summary, "memory",
                             (p->bench_traits[i] & BENCH_HAS_MEMORY) != 0, "limit",
                             p->p.benches[i].limit, "answered", p->p.benches[i].answered));
    return array;
}

void
help_catalog_json(const struct catalog *c, struct buf *out)
{
    json_t *plugins = json_array();
    char *text;

    for (int i = 0; i < c->nplugins; i++) {
        const struct catalog_plugin *p = &c->plugins[i];
        json_t *calls = json_array(), *kinds = json_array();

        for (const struct ipclab_call *call = p->p.calls; call->name != NULL; call++)
            json_array_append_new(calls, call_json(call));
        for (const struct ipclab_kind *k = p->p.kinds; k != NULL && k->name != NULL; k++)
            json_array_append_new(kinds,
                                  json_pack("{s:s, s:s}", "name", k->name, "summary", k->summary));
        json_array_append_new(
            plugins, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                               p->p.name, "version", p->p.version, "summary", p->p.summary, "path",
                               p->path, "man", text_list(p->p.man), "calls", calls, "kinds", kinds,
                               "blocking", blocking_json(p->p.blocking), "benches", benches_json(p),
                               "fields", text_list(p->p.fields)));
    }
    text = json_dumps(plugins, JSON_INDENT(1));
    buf_puts(out, text != NULL ? text : "[]");
    buf_putc(out, '\n');
    free(text);
    json_decref(plugins);
}

static const char *const examples[] = {"plugins", NULL};

const struct builtin builtin_plugins = {
    .name = "plugins",
    .usage = "[-v]",
    .summary = "the mechanisms that are loaded and their calls",
    .flags = BUILTIN_LOOKS,
    .examples = examples,
    .run = on_plugins,
};
