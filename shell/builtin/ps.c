/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ps: the processes of the world. */
#include "builtin/builtins.h"
#include "session/peek.h"

/* The parent that the kernel names now: orphans have another one than they had. */
static pid_t
parent_now(const struct session *s, const struct actor *a)
{
    char path[64], line[256];
    pid_t host_parent = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", a->host);
    f = fopen(path, "re");
    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "PPid: %d", &host_parent) == 1)
            break;
    fclose(f);
    if (host_parent == s->world.init)
        return s->world.kind == WORLD_SHARED ? s->world.init : 1;
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->host == host_parent)
            return s->world.actors[i]->pid;
    return a->parent_pid;
}

static int
on_ps(struct session *s, const char *rest, struct err *err)
{
    struct buf out = {0};
    int width = 5;

    (void)rest;
    (void)err;
    for (int i = 0; i < s->world.nactors; i++)
        if ((int)strlen(s->world.actors[i]->name) > width)
            width = (int)strlen(s->world.actors[i]->name);
    if (s->world.nactors == 0)
        buf_puts(&out, "no actors yet; `spawn server client` makes two\n");
    else
        buf_printf(&out, "%-*s  %5s  %5s  %s\n", width, "ACTOR", "PID", "PPID", "DOING");
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_DEAD && a->reaped && world_actor(&s->world, a->name) != a)
            continue; /* a namesake came after it */
        buf_printf(&out, "%-*s  %5d  ", width, a->name, a->pid);
        if (actor_alive(a))
            buf_printf(&out, "%5d  ", parent_now(s, a));
        else
            buf_puts(&out, "    -  ");
        peek_doing(s, a, &out);
        buf_putc(&out, '\n');
    }
    session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return 0;
}

static const char *const examples[] = {"spawn server client\nps", NULL};

const struct builtin builtin_ps = {
    .name = "ps",
    .usage = "",
    .summary = "the processes of the world and what each is doing",
    .flags = BUILTIN_LOOKS,
    .examples = examples,
    .run = on_ps,
};
