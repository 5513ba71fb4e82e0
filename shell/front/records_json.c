/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every record as JSON: for editors, for the pages of others, and for the tests. */
#include <jansson.h>

#include "builtin/builtins.h"
#include "builtin/help.h"
#include "builtin/settings.h"
#include "builtin/topics.h"
#include "front/generate.h"
#include "grade/adapt.h"
#include "trace/kinds.h"
#include "view/view.h"

static json_t *
texts(const char *const *list)
{
    json_t *array = json_array();

    for (int i = 0; list != NULL && list[i] != NULL; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

static json_t *
choices(const struct option_choice *c)
{
    json_t *array = json_array();

    for (; c != NULL && c->name != NULL; c++)
        json_array_append_new(array, json_string(c->name));
    return array;
}

static json_t *
all_builtins(void)
{
    json_t *array = json_array();

    for (int i = 0; builtins[i] != NULL; i++) {
        const struct builtin *b = builtins[i];

        json_array_append_new(
            array, json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:o}", "name", b->name, "usage",
                             b->usage, "summary", b->summary, "help", b->help, "json",
                             (b->flags & BUILTIN_JSON) != 0, "recorded",
                             (b->flags & BUILTIN_RECORDED) != 0, "examples", texts(b->examples)));
    }
    return array;
}

static json_t *
all_settings(void)
{
    json_t *array = json_array();

    for (const struct setting *s = settings; s->name != NULL; s++)
        json_array_append_new(array,
                              json_pack("{s:s, s:o, s:i, s:i, s:s, s:s, s:s}", "name", s->name,
                                        "choices", texts(s->choices), "min", s->min, "max", s->max,
                                        "value", s->value, "summary", s->summary, "help", s->help));
    return array;
}

static json_t *
all_topics(void)
{
    json_t *array = json_array();

    for (const struct topic *t = topics; t->name != NULL; t++)
        json_array_append_new(array, json_pack("{s:s, s:s, s:o}", "name", t->name, "summary",
                                               t->summary, "examples", texts(t->examples)));
    json_array_append_new(array,
                          json_pack("{s:s, s:s, s:o}", "name", "help", "summary",
                                    "the first minute", "examples", texts(first_minute_examples)));
    return array;
}

static json_t *
all_options(void)
{
    static const char *const kinds[] = {"FLAG", "TEXT", "FILE",  "FOLDER", "NUMBER", "CHOICE",
                                        "VIEW", "LAB",  "TOPIC", "BENCH",  "FORMATS"};
    json_t *array = json_array();

    for (const struct option_record *o = option_records; o->name != NULL || o->letter != 0; o++) {
        json_t *values = choices(o->choices);

        for (int i = 0; o->kind == WORD_IS_VIEW && view_kinds[i] != NULL; i++)
            json_array_append_new(values, json_string(view_kinds[i]->name));
        for (int i = 0; o->kind == WORD_IS_FORMATS && adapters[i] != NULL; i++)
            json_array_append_new(values, json_string(adapters[i]->name));
        json_array_append_new(array, json_pack("{s:s?, s:s#, s:s, s:s?, s:s, s:o}", "name", o->name,
                                               "letter", &o->letter, o->letter != 0 ? 1 : 0, "kind",
                                               kinds[o->kind], "argument", o->argument, "summary",
                                               o->summary, "choices", values));
    }
    return array;
}

static json_t *
all_commands(void)
{
    json_t *array = json_array();

    for (const struct command_record *r = command_records; r->name != NULL; r++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:o}", "name", r->name, "usage", r->usage,
                                        "summary", r->summary, "options", texts(r->options)));
    return array;
}

static json_t *
fields(const struct event_field *f)
{
    json_t *array = json_array();

    for (; f->name != NULL; f++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:b, s:s}", "name", f->name, "type", f->type,
                                        "always", f->always, "summary", f->summary));
    return array;
}

static json_t *
all_events(void)
{
    json_t *array = json_array();

    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:b, s:o}", "name", k->name, "summary",
                                        k->summary, "open", k->open, "fields", fields(k->fields)));
    return array;
}

static json_t *
all_statuses(void)
{
    json_t *array = json_array();

    for (const struct status_record *s = status_records; s->last != NULL; s++)
        json_array_append_new(
            array, json_pack("{s:i, s:s}", "status", (int)s->status, "meaning", s->meaning));
    return array;
}

void
generate_json(const struct catalog *c, struct buf *out)
{
    struct buf plugins = {0};
    json_t *all;
    char *text;

    help_catalog_json(c, &plugins);
    all = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "builtins", all_builtins(),
                    "settings", all_settings(), "topics", all_topics(), "options", all_options(),
                    "commands", all_commands(), "statuses", all_statuses(), "common",
                    fields(event_common), "events", all_events(), "plugins",
                    json_loads(buf_text(&plugins), 0, NULL));
    text = all != NULL ? json_dumps(all, JSON_INDENT(1)) : NULL;
    buf_printf(out, "%s\n", text != NULL ? text : "{}");
    free(text);
    json_decref(all);
    buf_release(&plugins);
}
