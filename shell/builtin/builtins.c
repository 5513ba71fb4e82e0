/* SPDX-License-Identifier: GPL-3.0-or-later
 * See builtins.h. */
#include "builtin/builtins.h"

const struct builtin *const builtins[] = {
    &builtin_spawn,     &builtin_ps,
    &builtin_why,       &builtin_undo,
    &builtin_help,      &builtin_vars,
    &builtin_interrupt, &builtin_wait,
    &builtin_reset,     &builtin_use,
    &builtin_plugins,   &builtin_load,
    &builtin_source,    &builtin_apropos,
    &builtin_man,       &builtin_tour,
    &builtin_set,       &builtin_show,
    &builtin_lua,       &builtin_bang,
    &builtin_quit,      NULL,
};

const struct builtin *
builtin_find(const char *name)
{
    for (int i = 0; builtins[i] != NULL; i++)
        if (strcmp(builtins[i]->name, name) == 0)
            return builtins[i];
    return NULL;
}

int
builtin_words(const char *rest, char *room, size_t size, const char **words, int max)
{
    char *save = NULL;
    int n = 0;

    snprintf(room, size, "%s", rest);
    for (char *w = strtok_r(room, " \t,", &save); w != NULL; w = strtok_r(NULL, " \t,", &save)) {
        if (n == max)
            return -1;
        words[n++] = w;
    }
    return n;
}
