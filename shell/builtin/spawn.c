/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * spawn: real processes, children of the world's process 1. */
#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "session/run.h"

static int
check_new_name(struct session *s, const char *name, struct err *err)
{
    struct actor *other = world_actor(&s->world, name);
    struct buf shown = {0};

    if (!parse_actor_name_ok(name)) {
        text_escape(&shown, name, strlen(name), true);
        err_set(err, STATUS_USAGE,
                "'%.100s' cannot name an actor: a letter a-z, then letters, "
                "digits and _, at most %d",
                buf_text(&shown), SYMTAB_NAME_MAX);
        buf_release(&shown);
        return -1;
    }
    if (strcmp(name, "print") == 0 || strcmp(name, "await") == 0)
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it begins a statement", name);
    if (session_builtin(s, name) != NULL || catalog_call(&s->launcher.catalog, name, NULL) != NULL)
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it is a %s", name,
                       session_builtin(s, name) != NULL ? "builtin" : "call");
    if (other != NULL && actor_alive(other))
        return err_set(err, STATUS_USAGE, "actor %s already exists", name);
    return 0;
}

static int
on_spawn(struct session *s, const char *rest, struct err *err)
{
    size_t size = strlen(rest) + 1;
    char *room = mem_alloc(size);
    const char **names = mem_alloc(sizeof *names * WORLD_MAX_ACTORS);
    int n = builtin_words(rest, room, size, names, WORLD_MAX_ACTORS), result = 0;

    if (n < 0)
        result = err_set(err, STATUS_USAGE, "too many actors: the limit is %d", WORLD_MAX_ACTORS);
    else if (n == 0)
        result = err_set(err, STATUS_USAGE, "spawn takes names: spawn server client");
    for (int i = 0; i < n && result == 0; i++) {
        size_t at = (size_t)(names[i] - room);

        result = check_new_name(s, names[i], err);
        for (int k = 0; k < i && result == 0; k++)
            if (strcmp(names[i], names[k]) == 0)
                result = err_set(err, STATUS_USAGE, "actor %s is named twice", names[i]);
        if (result < 0) {
            err->col = (int)at + 1;
            err->end = (int)(at + strlen(names[i]));
        }
    }
    if (result == 0)
        result = run_spawn(s, names, n, err);
    free(names);
    free(room);
    return result;
}

static const char *const examples[] = {"spawn server client", "spawn a\nspawn b\nps", NULL};

const struct builtin builtin_spawn = {
    .name = "spawn",
    .usage = "NAME...",
    .summary = "make real processes, one for each name",
    .help = "Each actor is a process of its own, a child of the world's process 1, with its own "
            "memory, "
            "descriptors (0, 1 and 2 are open) and signals. A name is lower-case letters, digits "
            "and _.",
    .flags = BUILTIN_RECORDED | BUILTIN_REPEATS,
    .examples = examples,
    .run = on_spawn,
};
