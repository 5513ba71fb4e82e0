/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * set and show: what a person may choose about the shell itself. */
#include <jansson.h>

#include "base/columns.h"
#include "builtin/builtins.h"
#include "builtin/page.h"
#include "builtin/settings.h"

static void
put_setting(struct session *s, const struct setting *which, struct buf *out)
{
    struct buf value = {0};

    settings_value(&s->settings, which, &value);
    buf_printf(out, "  %-8s %-7s ", which->name, buf_text(&value));
    columns_wrap(out, which->summary, 19, 19, page_width(s));
    buf_printf(out, "%19s", "");
    buf_clear(&value);
    settings_takes(which, &value);
    buf_printf(&value, "; at first %s", which->value);
    columns_wrap(out, buf_text(&value), 19, 19, page_width(s));
    buf_release(&value);
}

static int
list(struct session *s)
{
    struct buf out = {0};

    for (const struct setting *i = settings; i->name != NULL; i++)
        put_setting(s, i, &out);
    buf_puts(&out, "`help NAME` says more; `set NAME VALUE` changes one, `set --save NAME VALUE` "
                   "for good\n");
    session_page(s, out.data, out.len);
    buf_release(&out);
    return 0;
}

/* ---- set ----------------------------------------------------------------------------------- */

/* Those that are not as they were at first. */
static int
changed(const struct session *s, const struct setting *which[])
{
    int n = 0;

    for (const struct setting *i = settings; i->name != NULL; i++) {
        struct buf value = {0};

        settings_value(&s->settings, i, &value);
        if (strcmp(buf_text(&value), i->value) != 0)
            which[n++] = i;
        buf_release(&value);
    }
    return n;
}

static int
save(struct session *s, const struct setting *one, struct err *err)
{
    const struct setting *which[32];
    struct buf path = {0};
    int n = 1, result;

    _Static_assert(offsetof(struct settings, colour) < sizeof which / sizeof which[0] * sizeof(int),
                   "there is room for every setting");
    which[0] = one;
    if (one == NULL && (n = changed(s, which)) == 0) {
        session_say(s, "      every setting is as it was at first: there is nothing to save\n");
        return 0;
    }
    result = rc_save(s, which, n, err);
    if (result == 0 && rc_path(&path, err) == 0) {
        session_say(s, "      saved in %s, which each session at a terminal reads first\n",
                    buf_text(&path));
    }
    buf_release(&path);
    return result;
}

/* The error is about this word of rest. Always -1. */
static int
at_word(struct err *err, const char *room, const char *word)
{
    err->col = (int)(word - room) + 1;
    err->end = err->col + (int)strlen(word) - 1;
    return -1;
}

static int
on_set(struct session *s, const char *rest, struct err *err)
{
    const struct setting *which = NULL;
    const char *words[4];
    char room[256];
    struct buf takes = {0};
    int n = builtin_words(rest, room, sizeof room, words, 4), at = 0;
    bool saves = n > 0 && strcmp(words[0], "--save") == 0;

    if (n == 0)
        return list(s);
    at += saves;
    if (n > at && words[at][0] == '-') {
        err_set(err, STATUS_USAGE, "set has one option, --save; `help set` says what it does");
        return at_word(err, room, words[at]);
    }
    if (n < 0 || n - at > 2)
        return err_set(err, STATUS_USAGE, "set takes a setting and its value: set view lanes");
    if (n > at && (which = settings_find(words[at], err)) == NULL)
        return at_word(err, room, words[at]);
    if (n == at + 1 && !saves) {
        settings_takes(which, &takes);
        err_set(err, STATUS_USAGE, "set %s takes a value: %s", which->name, buf_text(&takes));
        buf_release(&takes);
        return -1;
    }
    if (n == at + 2) {
        if (settings_set(&s->settings, which, words[at + 1], err) < 0)
            return at_word(err, room, words[at + 1]);
        if (s->settings_changed != NULL)
            s->settings_changed(s->recall_ctx);
    }
    return saves ? save(s, which, err) : 0;
}

static const char *const set_examples[] = {"set view lines\nset width 72\nshow width",
                                           "set hints off\nset", NULL};

const struct builtin builtin_set = {
    .name = "set",
    .usage = "[--save] [NAME VALUE]",
    .summary = "change a setting, for this session or for good",
    .help = "Alone it lists the settings as `show` does. With --save the setting is also written "
            "into the rc file, whose lines are run whenever a session at a terminal begins; `set "
            "--save` alone writes all that are not as they were at first. `help settings` lists "
            "what there is.",
    .word = WORD_SETTING,
    .examples = set_examples,
    .run = on_set,
};

/* ---- show ---------------------------------------------------------------------------------- */

static int
show_json(struct session *s)
{
    json_t *all = json_object();
    char *text;

    for (const struct setting *i = settings; i->name != NULL; i++) {
        struct buf value = {0};
        json_t *json;

        settings_value(&s->settings, i, &value);
        json = i->kind == SETTING_NUMBER   ? json_integer(strtol(buf_text(&value), NULL, 10))
               : i->kind == SETTING_SWITCH ? json_boolean(strcmp(buf_text(&value), "on") == 0)
                                           : json_string(buf_text(&value));
        json_object_set_new(all, i->name, json);
        buf_release(&value);
    }
    text = json_dumps(all, JSON_COMPACT);
    session_say(s, "%s\n", text != NULL ? text : "{}");
    free(text);
    json_decref(all);
    return 0;
}

static int
on_show(struct session *s, const char *rest, struct err *err)
{
    const struct setting *which;
    struct buf out = {0};

    if (rest[0] == '\0')
        return list(s);
    if (strcmp(rest, "--json") == 0)
        return show_json(s);
    if ((which = settings_find(rest, err)) == NULL)
        return -1;
    put_setting(s, which, &out);
    session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return 0;
}

static const char *const show_examples[] = {"show", "set predict on\nshow predict", NULL};

const struct builtin builtin_show = {
    .name = "show",
    .usage = "[--json | NAME]",
    .summary = "the settings and what each is set to",
    .help = "With --json as one JSON object for tools. A trace is shown by the command line: "
            "`ipclab show TRACE`; the session's own by `trace` and `lanes`.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON,
    .word = WORD_SETTING,
    .examples = show_examples,
    .run = on_show,
};
