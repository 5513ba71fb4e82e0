/* SPDX-License-Identifier: GPL-3.0-or-later
 * See builtin.h. */
#include "session/builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.h"
#include "session/source.h"

static int
builtin_use(struct session *s, const char *rest, struct err *err)
{
    if (rest[0] == '\0') {
        free(s->subject);
        s->subject = NULL;
        session_say(s, "      lines name their actor again\n");
        return 0;
    }
    if (session_actor(s, rest, err) == NULL)
        return -1;
    free(s->subject);
    s->subject = strdup(rest);
    session_say(s, "      lines that name nobody are %s's; `use` alone ends that\n", rest);
    return 0;
}

static int
builtin_quit(struct session *s, const char *rest, struct err *err)
{
    (void)rest;
    (void)err;
    s->quit = true;
    return 0;
}

const struct builtin builtins[] = {
    {"spawn", "NAME...", "make real processes, one for each name",
     "Each actor is a process of its own, a child of the world's process 1, with its own memory, "
     "descriptors (0, 1 and 2 are open) and signals. A name is lower-case letters, digits and _.",
     true, builtin_spawn},
    {"ps", "", "the processes of the world and what each is doing", NULL, false, builtin_ps},
    {"why", "[ACTOR]", "why an actor waits, who could wake it, what to type next",
     "Names the call, the object, the rule of the man page and every process that holds the other "
     "end. Without a name: all that wait.",
     false, builtin_why},
    {"undo", "[N]", "take back the last N lines (1)",
     "A fresh world is made and the lines before are run again in it: real processes cannot go "
     "back, but they can be led to the same place.",
     true, builtin_undo},
    {"help", "[TOPIC]", "this, or about a builtin, a plugin, a call or a constant", NULL, false,
     builtin_help},
    {"vars", "[ACTOR]", "the variables of an actor, where they are and what they hold", NULL, false,
     builtin_vars},
    {"interrupt", "ACTOR", "end the call in which an actor waits, with EINTR",
     "Sends a reserved signal whose handler does nothing. Most calls return -1 EINTR then; those "
     "that POSIX never ends so (a mutex) say it.",
     true, builtin_interrupt},
    {"wait", "[ACTOR]", "wait for what ends by itself: a sleep, a timeout, a program", NULL, true,
     builtin_wait},
    {"reset", "", "a fresh world without any actor", NULL, true, builtin_reset},
    {"use", "[ACTOR]", "lines that name nobody are that actor's; alone: no longer", NULL, false,
     builtin_use},
    {"plugins", "[-v]", "the mechanisms that are loaded and their calls", NULL, false,
     builtin_plugins},
    {"load", "FILE", "load one more plugin",
     "The file is tried in a throw-away process first. Actors made afterwards have its calls.",
     false, builtin_load},
    {"source", "FILE", "run the lines of a file", NULL, false, builtin_source},
    {"quit", "", "leave; everything is removed", NULL, false, builtin_quit},
    {0},
};

const char *const builtin_names[] = {"spawn",   "ps",        "why",    "undo",  "help",
                                     "vars",    "interrupt", "wait",   "reset", "use",
                                     "plugins", "load",      "source", "quit",  NULL};

const struct builtin *
builtin_find(const char *name)
{
    for (const struct builtin *b = builtins; b->name != NULL; b++)
        if (strcmp(b->name, name) == 0)
            return b;
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

static void
offer_actor(struct session *s, struct near *near)
{
    for (int i = 0; i < s->world.nactors; i++)
        if (actor_alive(s->world.actors[i]))
            near_offer(near, s->world.actors[i]->name);
}

struct actor *
session_actor(struct session *s, const char *name, struct err *err)
{
    struct actor *a = world_actor(&s->world, name);
    struct buf shown = {0};
    struct near near;

    if (a != NULL && actor_alive(a))
        return a;
    if (a != NULL) {
        err_set(err, STATUS_USAGE, "%s is dead; `spawn %s` makes a new process", name, name);
        return NULL;
    }
    text_escape(&shown, name, strlen(name), true);
    near_init(&near, name);
    offer_actor(s, &near);
    if (near.best[0] != '\0')
        err_set(err, STATUS_USAGE, "there is no actor '%.60s'; did you mean %s?", buf_text(&shown),
                near.best);
    else
        err_set(err, STATUS_USAGE, "there is no actor '%.60s'; `ps` shows who there is",
                buf_text(&shown));
    buf_release(&shown);
    return NULL;
}
