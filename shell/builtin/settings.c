/* SPDX-License-Identifier: GPL-3.0-or-later
 * See settings.h. `help NAME`, `set`, `show`, completion and the man page come from this table. */
#include "builtin/settings.h"

#include <errno.h>

#include "base/text.h"

static const char *const views[] = {"auto", "lines", "lanes", "gutter", NULL};
static const char *const switches[] = {"off", "on", NULL};
static const char *const colours[] = {"auto", "always", "never", NULL};

#define AT(field) offsetof(struct settings, field)

const struct setting settings[] = {
    {.name = "view",
     .kind = SETTING_CHOICE,
     .choices = views,
     .value = "auto",
     .summary = "how what happens is shown",
     .help = "lines: one line for each event; it carries everything, also for a screen reader. "
             "lanes: a column for each process and the object's state in the last one, for two or "
             "three processes. gutter: a thin stroke for each process at the left, for any number. "
             "auto: lines while you type. `help views` shows them.",
     .at = AT(view)},
    {.name = "width",
     .kind = SETTING_NUMBER,
     .min = 40,
     .max = 400,
     .value = "0",
     .summary = "columns of what is shown; 0: as wide as the terminal",
     .help = "Where there is no terminal 0 means 100 columns. A fixed width makes what is shown "
             "look the same on every screen, as for a printed page.",
     .at = AT(width)},
    {.name = "hints",
     .kind = SETTING_SWITCH,
     .choices = switches,
     .value = "on",
     .summary = "grey text behind the cursor: what the line still needs",
     .help = "Inside a call it is the rest of the prototype, which grows shorter with each "
             "argument. In a tour it is the next line: Enter on the empty line runs it.",
     .at = AT(hints)},
    {.name = "predict",
     .kind = SETTING_SWITCH,
     .choices = switches,
     .value = "off",
     .summary = "asks what will happen before it shows what did",
     .help = "First say what the call will return, or that it will wait, then see. Both are in the "
             "trace. Only at the prompt.",
     .at = AT(predict)},
    {.name = "paging",
     .kind = SETTING_SWITCH,
     .choices = switches,
     .value = "on",
     .summary = "what is longer than the screen goes through $PAGER",
     .help = "Help, lanes and traces. Never in a script and never into a pipe.",
     .at = AT(paging)},
    {.name = "confirm",
     .kind = SETTING_SWITCH,
     .choices = switches,
     .value = "off",
     .summary = "leaving while a process waits asks once",
     .help = "Leaving ends every process and removes what they made. With confirm on, `quit` and "
             "Ctrl-D say first who still waits, and leave the second time.",
     .at = AT(confirm)},
    {.name = "linear",
     .kind = SETTING_SWITCH,
     .choices = switches,
     .value = "off",
     .summary = "sentences instead of columns and pictures, for a screen reader",
     .help = "Each line says what it is: Step, Object, Signal, Task. Tables and pictures become "
             "sentences too, and nothing on the line being typed is drawn anew: no grey hints. It "
             "goes before `view`. --linear on the command line is the same for one session.",
     .at = AT(linear)},
    {.name = "colour",
     .kind = SETTING_CHOICE,
     .choices = colours,
     .value = "auto",
     .summary = "whether colours are used",
     .help = "auto: on a terminal, unless NO_COLOR is set or TERM is dumb. Nothing is said by "
             "colour alone. --color on the command line is the same for one session.",
     .at = AT(colour)},
    {0},
};

static void *
place(const struct settings *of, const struct setting *which)
{
    return (char *)(uintptr_t)of + which->at;
}

/* As a number: of a choice its index. */
static int
get(const struct settings *from, const struct setting *which)
{
    int value;

    if (which->kind == SETTING_SWITCH)
        return *(bool *)place(from, which);
    memcpy(&value, place(from, which), sizeof value); /* an int, or an enum of that size */
    return value;
}

static void
put(struct settings *to, const struct setting *which, int value)
{
    _Static_assert(sizeof to->view == sizeof value && sizeof to->colour == sizeof value,
                   "an enum is as large as an int");
    if (which->kind == SETTING_SWITCH)
        *(bool *)place(to, which) = value != 0;
    else
        memcpy(place(to, which), &value, sizeof value);
}

void
settings_default(struct settings *to)
{
    struct err err;

    for (const struct setting *i = settings; i->name != NULL; i++)
        settings_set(to, i, i->value, &err);
}

const struct setting *
settings_find(const char *name, struct err *err)
{
    struct buf shown = {0};
    struct near near;

    near_init(&near, name);
    for (const struct setting *i = settings; i->name != NULL; i++) {
        if (strcmp(i->name, name) == 0)
            return i;
        near_offer(&near, i->name);
    }
    text_escape(&shown, name, strlen(name), true);
    err_set(err, STATUS_USAGE, "there is no setting '%.60s'; %s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "did you mean " : "`show` lists them", near.best,
            near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return NULL;
}

void
settings_value(const struct settings *from, const struct setting *which, struct buf *out)
{
    if (which->kind == SETTING_NUMBER)
        buf_int(out, get(from, which));
    else
        buf_puts(out, which->choices[get(from, which)]);
}

void
settings_takes(const struct setting *which, struct buf *out)
{
    if (which->kind == SETTING_NUMBER)
        buf_printf(out, "0, or a number from %d to %d", which->min, which->max);
    for (int i = 0; which->choices != NULL && which->choices[i] != NULL; i++)
        buf_printf(out, "%s%s",
                   i == 0                          ? ""
                   : which->choices[i + 1] == NULL ? " or "
                                                   : ", ",
                   which->choices[i]);
}

static int
set_number(struct settings *to, const struct setting *which, const char *value)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || value[0] < '0' || value[0] > '9' ||
        (n != 0 && (n < which->min || n > which->max)))
        return -1;
    put(to, which, (int)n);
    return 0;
}

int
settings_set(struct settings *to, const struct setting *which, const char *value, struct err *err)
{
    struct buf shown = {0}, takes = {0};
    struct near near;

    if (which->kind == SETTING_NUMBER && set_number(to, which, value) == 0)
        return 0;
    near_init(&near, value);
    for (int i = 0; which->choices != NULL && which->choices[i] != NULL; i++) {
        if (strcmp(which->choices[i], value) == 0) {
            put(to, which, i);
            return 0;
        }
        near_offer(&near, which->choices[i]);
    }
    settings_takes(which, &takes);
    text_escape(&shown, value, strlen(value), true);
    err_set(err, STATUS_USAGE, "%s takes %s, not '%.60s'%s%s%s", which->name, buf_text(&takes),
            buf_text(&shown), near.best[0] != '\0' ? "; did you mean " : "", near.best,
            near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    buf_release(&takes);
    return -1;
}
