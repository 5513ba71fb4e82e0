/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab list: all labs that came with the shell, or those that were named, by what they say of
 * themselves. One that is broken is said, and does not hide the others. */
#include <jansson.h>

#include "base/mem.h"
#include "builtin/table.h"
#include "front/authors.h"

struct names {
    char **list;
    int n;
};

static void
add_name(void *ctx, const char *name)
{
    struct names *names = ctx;

    names->list = mem_grow(names->list, sizeof *names->list * (size_t)(names->n + 1));
    names->list[names->n++] = mem_copy(name);
}

/* Of the lab's texts, beside that of the file itself. */
static void
add_language(void *ctx, const char *name)
{
    json_array_append_new(ctx, json_string(name));
}

static json_t *
facts(const struct opened *l)
{
    const struct guided *about = lab_about(l->lab);
    json_t *languages = json_array();

    lab_languages(&l->file, add_language, languages);
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:o}", "id", l->file.name, "kind",
                     lab_kind(l->lab), "title", about->title, "minutes", about->minutes, "tasks",
                     about->ntasks, "points", about->points, "languages", languages);
}

static void
put_number(struct table *t, const json_t *lab, const char *name)
{
    long long n = json_integer_value(json_object_get(lab, name));

    if (n > 0)
        table_cell(t, "%lld", n);
    else
        table_cell(t, "-");
}

static void
put_languages(struct table *t, const json_t *list)
{
    struct buf names = {0};
    const json_t *name;
    size_t i;

    json_array_foreach(list, i, name)
    {
        buf_printf(&names, "%s%s", i > 0 ? " " : "", json_string_value(name));
    }
    table_cell(t, "%s", names.len > 0 ? buf_text(&names) : "-");
    buf_release(&names);
}

static void
put_table(const json_t *labs, int width)
{
    static const char *const head[] = {"LAB",    "KIND",      "MINUTES", "TASKS",
                                       "POINTS", "LANGUAGES", "TITLE"};
    struct buf out = {0};
    struct table t;
    const json_t *lab;
    size_t i;

    table_init(&t, "<<>>><<", console_is_ascii());
    for (i = 0; i < sizeof head / sizeof *head; i++)
        table_cell(&t, "%s", head[i]);
    json_array_foreach(labs, i, lab)
    {
        table_cell(&t, "%s", json_string_value(json_object_get(lab, "id")));
        table_cell(&t, "%s", json_string_value(json_object_get(lab, "kind")));
        put_number(&t, lab, "minutes");
        put_number(&t, lab, "tasks");
        put_number(&t, lab, "points");
        put_languages(&t, json_object_get(lab, "languages"));
        table_cell(&t, "%s", json_string_value(json_object_get(lab, "title")));
    }
    table_end(&t, &out, 0, width);
    fputs(buf_text(&out), stdout);
    buf_release(&out);
}

static void
put_json(const json_t *labs)
{
    char *text = json_dumps(labs, JSON_INDENT(1) | JSON_PRESERVE_ORDER);

    printf("%s\n", text != NULL ? text : "[]");
    free(text);
}

/* The status of the worst; OK and LAB go on. */
static enum status
look_at_all(struct opened *l, const struct names *names, const struct places *places, json_t *labs,
            struct err *err)
{
    enum status worst = STATUS_OK;

    for (int i = 0; i < names->n; i++) {
        enum status status = authors_open_next(l, names->list[i], places, err);

        if (status == STATUS_OK)
            json_array_append_new(labs, facts(l));
        else if (status != STATUS_LAB)
            return status;
        else
            worst = status;
        for (char *save = NULL,
                  *line = status == STATUS_LAB ? strtok_r(l->said.data, "\n", &save) : NULL;
             line != NULL; line = strtok_r(NULL, "\n", &save))
            console_message("%s", line);
    }
    return worst;
}

enum status
authors_list(const struct options *o, const struct places *places, struct err *err)
{
    int width = o->width > 0 ? o->width : console_columns(1);
    json_t *labs = json_array();
    struct names names = {0};
    struct opened l;
    enum status status;

    for (int i = 1; i < o->nargs; i++)
        add_name(&names, o->args[i]);
    if (names.n == 0)
        authors_each(places, add_name, &names);
    status = authors_open(&l, o, places, err) < 0 ? err->status
                                                  : look_at_all(&l, &names, places, labs, err);
    authors_close(&l);
    if (status == STATUS_OK || status == STATUS_LAB) {
        if (o->json)
            put_json(labs);
        else
            put_table(labs, width);
    }
    if (status == STATUS_LAB)
        err_set(err, status, "not every lab could be loaded");
    json_decref(labs);
    for (int i = 0; i < names.n; i++)
        free(names.list[i]);
    free(names.list);
    return status;
}
