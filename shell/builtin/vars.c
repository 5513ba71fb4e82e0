/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vars: the variables of actors. Their values are read from outside, as a debugger does, so that
 * an actor that waits can be looked at too and looking is no step. Of several actors the variables
 * at one address stand together: after fork they are the same address and not the same memory. */
#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"
#include "builtin/table.h"
#include "session/peek.h"
#include "session/text_json.h"

/* ---- Facts --------------------------------------------------------------------------------- */

static json_t *
var_facts(const struct actor *a, const struct var *v)
{
    struct buf type = {0}, value = {0};
    int64_t number;
    json_t *o;

    type_text(&type, v->type, v->name);
    peek_var(a, v, &value);
    o = json_pack("{s:s, s:s, s:o, s:s}", "name", v->name, "type", buf_text(&type), "address",
                  json_sprintf("0x%llx", (unsigned long long)v->addr), "value", buf_text(&value));
    if (peek_number(a, v->type, v->addr, &number))
        json_object_set_new(o, "number", json_integer(number));
    buf_release(&type);
    buf_release(&value);
    return o;
}

/* One entry of those that have no variables says why: `program`. */
static json_t *
facts_of(struct actor *const *actors, int n)
{
    json_t *list = json_array();

    for (int i = 0; i < n; i++) {
        const struct actor *a = actors[i];
        json_t *vars = json_array();

        for (int k = 0; k < a->symtab.n && a->state != ACTOR_FOREIGN; k++)
            json_array_append_new(vars, var_facts(a, &a->symtab.vars[k]));
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:o*}", "actor", a->name, "vars", vars, "program",
                            a->state == ACTOR_FOREIGN ? text_json(a->exe) : NULL));
    }
    return list;
}

/* ---- Text ---------------------------------------------------------------------------------- */

static void
put_one(const json_t *facts, bool linear, int width, struct buf *out)
{
    const json_t *v;
    struct table t;
    size_t i;

    buf_printf(out, "%s, in its own memory:\n", look_text(facts, "actor"));
    table_init(&t, "<|", look_ascii());
    t.linear = linear;
    json_array_foreach(json_object_get(facts, "vars"), i, v)
    {
        table_cell(&t, "%s", look_text(v, "address"));
        table_cell(&t, "%s = %s", look_text(v, "type"), look_text(v, "value"));
    }
    table_end(&t, out, 2, width);
}

static const json_t *
same_variable(const json_t *facts, const json_t *v)
{
    const json_t *other;
    size_t i;

    json_array_foreach(
        json_object_get(facts, "vars"), i,
        other) if (strcmp(look_text(other, "address"), look_text(v, "address")) == 0 &&
                   strcmp(look_text(other, "type"), look_text(v, "type")) == 0) return other;
    return NULL;
}

/* A line for each actor that has the variable; address and name stand in the first. */
static void
put_together(const json_t *list, const json_t *v, size_t from, struct table *t)
{
    bool first = true;

    for (size_t i = from; i < json_array_size(list); i++) {
        const json_t *facts = json_array_get(list, i), *own = same_variable(facts, v);

        if (own == NULL)
            continue;
        table_cell(t, "%s", first ? look_text(v, "address") : "");
        table_cell(t, "%s", first ? look_text(v, "type") : "");
        table_cell(t, "%s", look_text(facts, "actor"));
        table_cell(t, "%s", look_text(own, "value"));
        first = false;
    }
}

static void
put_all(const json_t *list, bool ascii, int width, struct buf *out)
{
    const json_t *facts, *v;
    struct table t;
    size_t i, k;

    table_init(&t, "<<<|", ascii);
    table_cell(&t, "ADDRESS");
    table_cell(&t, "VARIABLE");
    table_cell(&t, "ACTOR");
    table_cell(&t, "VALUE");
    json_array_foreach(list, i, facts) json_array_foreach(json_object_get(facts, "vars"), k, v)
    {
        bool told = false;

        for (size_t before = 0; before < i && !told; before++)
            told = same_variable(json_array_get(list, before), v) != NULL;
        if (!told)
            put_together(list, v, i, &t);
    }
    table_end(&t, out, 0, width);
    buf_puts(out,
             "Each actor has memory of its own: one address, and in each what it put there.\n");
}

static void
say_vars(struct session *s, const json_t *list)
{
    struct buf out = {0};
    const json_t *facts;
    int with = 0;
    size_t i;

    json_array_foreach(list, i, facts)
    {
        const char *program = look_text(facts, "program");

        if (program[0] == '\0') {
            with++;
            continue;
        }
        buf_printf(&out, "%s runs another program since its execve: its variables are gone\n",
                   look_text(facts, "actor"));
    }
    if (with > 1 && !s->settings.linear)
        put_all(list, look_ascii(), page_width(s), &out);
    else
        json_array_foreach(list, i, facts) if (look_text(facts, "program")[0] == '\0')
            put_one(facts, s->settings.linear, page_width(s), &out);
    if (out.len == 0)
        buf_puts(&out, "nobody is alive\n");
    session_page(s, buf_text(&out), out.len);
    buf_release(&out);
}

static int
on_vars(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    struct actor **actors;
    json_t *list;
    int n;

    actors = look_actors(s, rest, &n, err);
    if (actors == NULL)
        return -1;
    list = facts_of(actors, n);
    free(actors);
    if (json) {
        look_tell_json(s, list);
        return 0;
    }
    say_vars(s, list);
    json_decref(list);
    return 0;
}

static const char *const examples[] = {
    "spawn parent\nparent int n = 1\nparent fork(child)\nparent n = 2\nvars parent child",
    "spawn a\na char buf[8]\nvars --json a", NULL};

const struct builtin builtin_vars = {
    .name = "vars",
    .usage = "[--json] [ACTOR...]",
    .summary = "the variables of actors, where they are and what they hold",
    .help = "Of several actors those at one address stand together: after fork a variable has the "
            "same address in both and is not the same memory.\n"
            "--json: an array with an object for each actor: actor and vars, each with name, type "
            "(as it is declared), address, value (as print shows it) and, of numbers and pointers, "
            "number; program, when the actor runs another one and has no variables any more.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON | BUILTIN_REPEATS,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_vars,
};
