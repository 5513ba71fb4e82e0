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
    if (strcmp(name, "on") == 0)
        return err_set(err, STATUS_USAGE, "'on' stands before a host: spawn server on host1");
    if (session_builtin(s, name) != NULL || catalog_call(&s->launcher.catalog, name, NULL) != NULL)
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it is a %s", name,
                       session_builtin(s, name) != NULL ? "builtin" : "call");
    if (other != NULL && actor_alive(other))
        return err_set(err, STATUS_USAGE, "actor %s already exists", name);
    return 0;
}

static int
check_new_host(const struct session *s, const char *name, struct err *err)
{
    struct buf shown = {0};

    if (parse_actor_name_ok(name) && strlen(name) < NETWORK_NAME_ROOM) {
        if (strcmp(name, "localhost") != 0 && strcmp(name, "on") != 0)
            return s->world.networks.n < NETWORKS_MAX
                       ? 0
                       : err_set(err, STATUS_USAGE,
                                 "too many hosts: the limit is %d in one world; `reset` makes a "
                                 "fresh one",
                                 NETWORKS_MAX);
        return err_set(err, STATUS_USAGE, "'%s' cannot name a host: it means something else", name);
    }
    text_escape(&shown, name, strlen(name), true);
    err_set(err, STATUS_USAGE,
            "'%.100s' cannot name a host: a letter a-z, then letters, digits and _, at most %d",
            buf_text(&shown), NETWORK_NAME_ROOM - 1);
    buf_release(&shown);
    return -1;
}

/* The host of this name, made now if it is new. */
static int
need_host(struct session *s, const char *name, struct err *err)
{
    int network = network_find(&s->world.networks, name);

    if (network >= 0)
        return network;
    network = world_network(&s->world, name, err);
    if (network >= 0)
        narrate_host(s, network, "made");
    return network;
}

static void
place(struct err *err, const char *room, const char *word)
{
    err->col = (int)(word - room) + 1;
    err->end = (int)(word - room) + (int)strlen(word);
}

static int
on_spawn(struct session *s, const char *rest, struct err *err)
{
    size_t size = strlen(rest) + 1;
    char *room = mem_alloc(size);
    const char **names = mem_alloc(sizeof *names * WORLD_MAX_ACTORS);
    int n = builtin_words(rest, room, size, names, WORLD_MAX_ACTORS), result = 0, network = -1;
    const char *host = NULL;

    if (n > 1 && strcmp(names[n - 2], "on") == 0) {
        host = names[n - 1];
        n -= 2;
    }

    if (n < 0)
        result = err_set(err, STATUS_USAGE, "too many actors: the limit is %d", WORLD_MAX_ACTORS);
    else if (n == 0)
        result = err_set(err, STATUS_USAGE, "spawn takes names: spawn server client");
    for (int i = 0; i < n && result == 0; i++) {
        result = check_new_name(s, names[i], err);
        for (int k = 0; k < i && result == 0; k++)
            if (strcmp(names[i], names[k]) == 0)
                result = err_set(err, STATUS_USAGE, "actor %s is named twice", names[i]);
        if (result < 0)
            place(err, room, names[i]);
    }
    if (host != NULL && result == 0 && network_find(&s->world.networks, host) < 0 &&
        (result = check_new_host(s, host, err)) < 0)
        place(err, room, host);
    if (host != NULL && result == 0 && (network = need_host(s, host, err)) < 0)
        result = -1;
    if (result == 0)
        result = run_spawn(s, names, n, network, err);
    free(names);
    free(room);
    return result;
}

static const char *const examples[] = {"spawn server client", "spawn a\nspawn b\nps",
                                       "spawn server on host1\nspawn a b on host2\nps", NULL};

const struct builtin builtin_spawn = {
    .name = "spawn",
    .usage = "NAME... [on HOST]",
    .summary = "make real processes, one for each name",
    .help =
        "Each actor is a process of its own, a child of the world's process 1, with its own "
        "memory, "
        "descriptors (0, 1 and 2 are open) and signals. A name is lower-case letters, digits "
        "and _.\n"
        "on HOST puts them on a host, which is made when it is first named: a network namespace "
        "with addresses and a cable of its own (`help hosts`). Without it they are in the "
        "world's own network, which is only a loopback. A forked child is where its parent is.",
    .flags = BUILTIN_RECORDED | BUILTIN_REPEATS,
    .word = WORD_NEW_ON_HOST,
    .examples = examples,
    .run = on_spawn,
};
