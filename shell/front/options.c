/* SPDX-License-Identifier: GPL-3.0-or-later
 * See options.h. */
#include "front/options.h"

#include <errno.h>
#include <getopt.h>

#include "base/text.h"
#include "session/session.h"
#include "view/view.h"

enum { OPTIONS_MAX = 64, VALUE = 256 }; /* what getopt gives is VALUE and the record's index */

static const struct options defaults = {.world = -1, .timeout_ms = -1, .colour = -1, .to = -1};

/* The records as getopt wants them. */
struct tables {
    struct option longs[2 * OPTIONS_MAX];
    char shorts[2 * OPTIONS_MAX + 4];
};

static bool
is_end(const struct option_record *r)
{
    return r->name == NULL && r->letter == 0;
}

static void
make_tables(struct tables *t)
{
    size_t n = 0, s = 0;

    t->shorts[s++] = ':'; /* a missing value is told from an unknown option */
    for (int i = 0; !is_end(&option_records[i]) && i < OPTIONS_MAX - 1; i++) {
        const struct option_record *r = &option_records[i];
        int takes = r->kind == WORD_IS_FLAG ? no_argument : required_argument;

        if (r->name != NULL)
            t->longs[n++] = (struct option){r->name, takes, NULL, VALUE + i};
        if (r->alias != NULL)
            t->longs[n++] = (struct option){r->alias, takes, NULL, VALUE + i};
        if (r->letter != 0) {
            t->shorts[s++] = r->letter;
            if (takes == required_argument)
                t->shorts[s++] = ':';
        }
    }
    t->longs[n] = (struct option){0};
    t->shorts[s] = '\0';
}

const struct option_record *
option_find(const char *name)
{
    for (const struct option_record *r = option_records; !is_end(r); r++)
        if ((r->name != NULL && strcmp(r->name, name) == 0) ||
            (r->letter != 0 && name[0] == r->letter && name[1] == '\0'))
            return r;
    return NULL;
}

const struct command_record *
command_find(const char *name)
{
    for (const struct command_record *r = command_records; r->name != NULL; r++)
        if (strcmp(r->name, name) == 0)
            return r;
    return NULL;
}

void
option_spelling(const struct option_record *o, struct buf *out)
{
    if (o->letter != 0)
        buf_printf(out, "-%c%s", o->letter, o->name != NULL ? ", " : "");
    if (o->name != NULL)
        buf_printf(out, "--%s", o->name);
    if (o->argument != NULL)
        buf_printf(out, " %s", o->argument);
}

/* ---- Values -------------------------------------------------------------------------------- */

/* Its name in messages. */
static const char *
called(const struct option_record *r, char room[40])
{
    if (r->name != NULL)
        snprintf(room, 40, "--%s", r->name);
    else
        snprintf(room, 40, "-%c", r->letter);
    return room;
}

static int
read_number(const struct option_record *r, const char *text, void *to, struct err *err)
{
    char *end, name[40];
    int64_t n;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < r->min || n > r->max || *text == ' ' ||
        *text == '+')
        return err_set(err, STATUS_USAGE, "%s takes a whole number from %lld to %lld",
                       called(r, name), (long long)r->min, (long long)r->max);
    n *= r->scale != 0 ? r->scale : 1;
    if (r->size == sizeof(int))
        *(int *)to = (int)n;
    else
        *(int64_t *)to = n;
    return 0;
}

int
option_choose(const struct option_record *r, const char *text, int *to, struct err *err)
{
    struct buf words = {0};
    char name[40];

    for (const struct option_choice *c = r->choices; c->name != NULL; c++) {
        if (strcmp(text, c->name) == 0) {
            *to = c->value;
            buf_release(&words);
            return 0;
        }
        buf_printf(&words, "%s%s",
                   c == r->choices     ? ""
                   : c[1].name == NULL ? " or "
                                       : ", ",
                   c->name);
    }
    err_set(err, STATUS_USAGE, "%s takes %s", called(r, name), buf_text(&words));
    buf_release(&words);
    return -1;
}

static int
read_view(const char *text, const char **to, struct err *err)
{
    struct buf names = {0}, shown = {0};
    struct near near;

    *to = text;
    if (view_find(text) != NULL)
        return 0;
    near_init(&near, text);
    for (int i = 0; view_kinds[i] != NULL; i++)
        near_offer(&near, view_kinds[i]->name);
    view_names(&names, false);
    text_escape(&shown, text, strlen(text), true);
    err_set(err, STATUS_USAGE, "--as takes one of %s, not '%.60s'%s%s%s", buf_text(&names),
            buf_text(&shown), near.best[0] != '\0' ? "; did you mean " : "", near.best,
            near.best[0] != '\0' ? "?" : "");
    buf_release(&names);
    buf_release(&shown);
    return -1;
}

/* Behind those that were given before. */
static int
add_formats(const char *names, const char **list, struct err *err)
{
    int n = 0;

    while (list[n] != NULL)
        n++;
    if (n == OPTION_FORMATS)
        return err_set(err, STATUS_USAGE, "--format is given more than %d times", OPTION_FORMATS);
    list[n] = names;
    return 0;
}

static int
read_value(struct options *o, const struct option_record *r, struct err *err)
{
    void *to = (char *)o + r->at;

    switch (r->kind) {
    case WORD_IS_FLAG:
        *(bool *)to = true;
        return 0;
    case WORD_IS_NUMBER:
        return read_number(r, optarg, to, err);
    case WORD_IS_CHOICE:
        return option_choose(r, optarg, to, err);
    case WORD_IS_VIEW:
        return read_view(optarg, to, err);
    case WORD_IS_FORMATS:
        return add_formats(optarg, to, err);
    default:
        *(const char **)to = optarg;
        return 0;
    }
}

/* ---- Words --------------------------------------------------------------------------------- */

static int
bad_option(char **argv, struct err *err)
{
    const char *given = argv[optind - 1];
    struct buf shown = {0};
    struct near near;

    text_escape(&shown, given, strlen(given), true);
    near_init(&near, strncmp(given, "--", 2) == 0 ? given + 2 : given);
    for (const struct option_record *r = option_records; !is_end(r); r++)
        if (r->name != NULL)
            near_offer(&near, r->name);
    err_set(err, STATUS_USAGE, "%s: no such option%s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean --" : "", near.best,
            near.best[0] != '\0' ? "?" : "; --help lists them");
    buf_release(&shown);
    return -1;
}

const char *
options_near_command(const char *word, struct buf *room)
{
    struct near near;

    near_init(&near, word);
    for (const struct command_record *r = command_records + 1; r->name != NULL; r++)
        near_offer(&near, r->name);
    buf_clear(room);
    buf_puts(room, near.best);
    return buf_text(room);
}

static int
read_command(struct options *o, struct err *err)
{
    const struct command_record *r = o->args[0][0] != '\0' ? command_find(o->args[0]) : NULL;
    struct buf near = {0};

    if (r != NULL) {
        o->command = r->command;
        o->args++;
        o->nargs--;
        if (!o->help && (o->nargs < r->min || o->nargs > r->max))
            return err_set(err, STATUS_USAGE, "ipclab %s takes %s; `ipclab %s --help` shows how",
                           r->name,
                           r->min == 1 && r->max == 1 ? "one argument"
                           : r->max > 2               ? "several arguments"
                           : r->max == 1              ? "at most one argument"
                           : r->max == 2              ? "one or two arguments"
                           : r->max > 2               ? "not so many arguments"
                                                      : "no argument",
                           r->name);
        return 0;
    }
    o->file = o->args[0];
    if (o->nargs == 1)
        return 0;
    if (access(o->file, F_OK) != 0 && options_near_command(o->file, &near)[0] != '\0')
        err_set(err, STATUS_USAGE, "there is no command '%.60s'; did you mean %s?", o->file,
                buf_text(&near));
    else
        err_set(err, STATUS_USAGE, "one script at a time; --help shows how");
    buf_release(&near);
    return -1;
}

int
options_read(struct options *o, int argc, char **argv, struct err *err)
{
    struct tables tables;
    int opt;

    make_tables(&tables);
    *o = defaults;
    opterr = 0;
    while ((opt = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        const struct option_record *r = NULL;
        char letter[2] = {(char)opt, '\0'};

        if (opt == ':')
            return err_set(err, STATUS_USAGE, "%.100s takes a value; --help shows how",
                           argv[optind - 1]);
        r = opt >= VALUE ? &option_records[opt - VALUE] : opt != '?' ? option_find(letter) : NULL;
        if (r == NULL)
            return bad_option(argv, err);
        if (read_value(o, r, err) < 0)
            return -1;
    }
    o->args = argv + optind;
    o->nargs = argc - optind;
    if (o->lines != NULL && o->nargs > 0 && strcmp(o->args[0], "run") != 0)
        return err_set(err, STATUS_USAGE, "-c already says what to run; %.100s is left over",
                       o->args[0]);
    return o->nargs > 0 ? read_command(o, err) : 0;
}

/* Its value as it is given on a command line; false: it was not given. */
static bool
put_value(const struct options *o, const struct option_record *r, struct buf *out)
{
    const char *at = (const char *)o + r->at;
    int64_t n = 0;

    if (memcmp(at, (const char *)&defaults + r->at, r->size) == 0)
        return false;
    switch (r->kind) {
    case WORD_IS_FLAG:
        return true;
    case WORD_IS_NUMBER:
        n = r->size == sizeof(int) ? *(const int *)at : *(const int64_t *)at;
        buf_printf(out, "=%lld", (long long)(n / (r->scale != 0 ? r->scale : 1)));
        return true;
    case WORD_IS_CHOICE:
        for (const struct option_choice *c = r->choices; c->name != NULL; c++)
            if (c->value == *(const int *)at)
                buf_printf(out, "=%s", c->name);
        return true;
    case WORD_IS_FORMATS:
        for (const char *const *list = (const void *)at; *list != NULL; list++)
            buf_printf(out, "%c%s", out->len == 0 ? '=' : ',', *list);
        return true;
    default:
        buf_printf(out, "=%s", *(const char *const *)at);
        return true;
    }
}

static bool
is_among(const char *name, const char *const *list)
{
    while (*list != NULL && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

void
options_again(const struct options *o, const struct command_record *r, const char *const *without,
              struct buf *out)
{
    for (int i = 0; r->options[i] != NULL; i++) {
        const struct option_record *option = option_find(r->options[i]);
        struct buf value = {0};

        if (option->name != NULL && !is_among(option->name, without) &&
            put_value(o, option, &value)) {
            buf_printf(out, "--%s%s", option->name, buf_text(&value));
            buf_putc(out, '\0');
        }
        buf_release(&value);
    }
}

void
options_settings(const struct options *o, struct settings *to)
{
    if (o->width > 0)
        to->width = o->width;
    to->linear |= o->linear;
    if (o->colour >= 0)
        to->colour = o->colour == 1 ? COLOUR_ALWAYS : COLOUR_NEVER;
}
