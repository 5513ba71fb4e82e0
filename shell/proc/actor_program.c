/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which programs a process may become. In a judged world those that the lab names, and no other
 * is there to be found either; elsewhere whatever the student's own machine would run. */
#include <errno.h>
#include <sys/stat.h>

#include "proc/actor.h"

/* The names of all, as far as there is room. */
static void
list_programs(char *const *programs, char *room, size_t n)
{
    size_t at = 0;

    room[0] = '\0';
    for (int i = 0; programs[i] != NULL && at < n; i++)
        at += (size_t)snprintf(room + at, n - at, "%s%s", i > 0 ? ", " : "", programs[i]);
}

/* By whatever name: /bin is a link to /usr/bin on most machines. */
static bool
is_same_file(const char *a, const char *b)
{
    struct stat one, other;

    return strcmp(a, b) == 0 || (stat(a, &one) == 0 && stat(b, &other) == 0 &&
                                 one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

int
host_may_run(struct ipclab_frame *f, const char *path)
{
    char *const *programs = f->rt->programs;
    char names[400];

    if (programs == NULL)
        return 1;
    for (int i = 0; programs[i] != NULL; i++)
        if (is_same_file(programs[i], path))
            return 1;
    list_programs(programs, names, sizeof names);
    if (names[0] != '\0')
        actor_host.note(f, "refused: where this is judged only what the lab allows is run: %s",
                        names);
    else
        actor_host.note(f, "refused: where this is judged no program is run; the lab allows none");
    errno = EPERM;
    return 0;
}
