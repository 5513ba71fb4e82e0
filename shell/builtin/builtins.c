/* SPDX-License-Identifier: GPL-3.0-or-later
 * See builtins.h. */
#include "builtin/builtins.h"

const struct builtin *const builtins[] = {
    &builtin_spawn,     &builtin_ps,       &builtin_why,
    &builtin_undo,      &builtin_help,     &builtin_fds,
    &builtin_vars,      &builtin_maps,     &builtin_objects,
    &builtin_interrupt, &builtin_wait,     &builtin_unplug,
    &builtin_plug,      &builtin_reset,    &builtin_use,
    &builtin_plugins,   &builtin_load,     &builtin_source,
    &builtin_apropos,   &builtin_man,      &builtin_tour,
    &builtin_task,      &builtin_check,    &builtin_hint,
    &builtin_answer,    &builtin_solution, &builtin_skip,
    &builtin_submit,    &builtin_lanes,    &builtin_trace,
    &builtin_set,       &builtin_show,     &builtin_log,
    &builtin_export,    &builtin_bench,    &builtin_lua,
    &builtin_bang,      &builtin_quit,     NULL,
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

const char *
builtin_file(const char *rest, struct buf *path, struct err *err)
{
    char quote = *rest == '"' || *rest == '\'' ? *rest++ : '\0';
    size_t n = quote != '\0' ? strcspn(rest, quote == '"' ? "\"" : "'") : strcspn(rest, " \t");
    const char *home = getenv("HOME");

    buf_clear(path);
    if (quote != '\0' && rest[n] == '\0') {
        err_set(err, STATUS_USAGE, "the quote %c is never closed", quote);
        return NULL;
    }
    if (quote == '\0' && strncmp(rest, "~/", 2) == 0 && home != NULL) {
        buf_puts(path, home);
        rest++;
        n--;
    }
    buf_put(path, rest, n);
    rest += n + (quote != '\0');
    return rest + strspn(rest, " \t");
}
