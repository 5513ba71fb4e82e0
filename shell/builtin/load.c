/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * load: one more plugin. */
#include "builtin/builtins.h"

static int
on_load(struct session *s, const char *rest, struct err *err)
{
    int before = s->launcher.catalog.nplugins;

    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE, "load takes the file of a plugin");
    if (launcher_load(&s->launcher, rest, err) < 0)
        return -1;
    for (int i = before; i < s->launcher.catalog.nplugins; i++) {
        world_load(&s->world, s->launcher.catalog.plugins[i].path);
        session_say(s, "loaded %s: %s; actors made from now on have its calls\n",
                    s->launcher.catalog.plugins[i].p.name,
                    s->launcher.catalog.plugins[i].p.summary);
    }
    return 0;
}

const struct builtin builtin_load = {
    .name = "load",
    .usage = "FILE",
    .summary = "load one more plugin",
    .help =
        "The file is tried in a throw-away process first. Actors made afterwards have its calls.",
    .word = WORD_FILE,
    .run = on_load,
};
