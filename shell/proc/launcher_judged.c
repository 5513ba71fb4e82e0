/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a launcher of judged worlds has of its own, on the shell's side. */
#include "base/mem.h"
#include "proc/launcher.h"
#include "proc/launcher_parts.h"

extern char **environ;

/* The environment with the session's mark, which sweepers look for; the texts stay where they are.
 * What whoever judges has in his is no business of the judged. */
char **
launcher_environment(const struct launcher *l, char *mark, size_t room)
{
    static char *clean[] = {"PATH=/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C.UTF-8", NULL};
    char *const *from = l->options.judged != NULL ? clean : environ;
    char **env;
    int n = 0, kept = 0;

    while (from != NULL && from[n] != NULL)
        n++;
    env = mem_alloc(sizeof *env * (size_t)(n + 2));
    for (int i = 0; i < n; i++)
        if (strncmp(from[i], "IPCLAB_SESSION=", 15) != 0)
            env[kept++] = from[i];
    snprintf(mark, room, "IPCLAB_SESSION=%s", l->session);
    env[kept] = mark;
    return env;
}

void
launcher_allow(struct launcher *l, char *const *programs, int n)
{
    l->programs = mem_grow(l->programs, sizeof *l->programs * (size_t)(n + 1));
    for (int i = 0; i < n; i++)
        l->programs[l->nprograms++] = mem_copy(programs[i]);
}

void
launcher_reached(struct launcher *l, const char *what)
{
    if (l->reached[0] == '\0')
        snprintf(l->reached, sizeof l->reached, "%s", what);
}
