/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ps: the processes of the world. */
#include <sys/wait.h>

#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/look.h"

/* Dead, and its parent has not asked for it. What process 1 adopts is asked for at once. */
static bool
is_zombie(const struct session *s, const struct actor *a)
{
    return a->parent >= 0 && actor_alive(s->world.actors[a->parent]) && !a->reaped &&
           a->host != 0 && probe_state_letter(a->host) == 'Z';
}

void
look_doing(const struct session *s, const struct actor *a, struct buf *out)
{
    const char *sig;

    switch (a->state) {
    case ACTOR_IDLE:
        buf_puts(out, a->stopped ? "stopped" : "idle");
        break;
    case ACTOR_BUSY:
        buf_printf(out, "%s in %s since step %lld",
                   a->stopped    ? "stopped"
                   : a->restless ? "runs"
                   : a->timed    ? "sleeps"
                                 : "waits",
                   a->call_name != NULL ? a->call_name : "?", (long long)a->step);
        if (a->waits_text.len > 0)
            buf_printf(out, ": %s", buf_text(&a->waits_text));
        break;
    case ACTOR_FOREIGN:
        buf_puts(out, "runs ");
        text_escape(out, a->exe, strlen(a->exe), false);
        break;
    case ACTOR_STARTING:
        buf_puts(out, "starts");
        break;
    case ACTOR_DEAD:
        buf_puts(out, is_zombie(s, a) ? "zombie, nobody has waited for it yet: " : "");
        sig = a->status_known && WIFSIGNALED(a->wait_status)
                  ? sigabbrev_np(WTERMSIG(a->wait_status))
                  : NULL;
        if (sig != NULL)
            buf_printf(out, "killed by SIG%s", sig);
        else if (a->status_known)
            buf_printf(out, "exited %d", WEXITSTATUS(a->wait_status));
        else
            buf_puts(out, "dead");
        break;
    }
}

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
        look_doing(s, a, &out);
        buf_putc(&out, '\n');
    }
    session_say(s, "%s", buf_text(&out));
    buf_release(&out);
    return 0;
}

const struct builtin builtin_ps = {
    .name = "ps",
    .usage = "",
    .summary = "the processes of the world and what each is doing",
    .flags = BUILTIN_LOOKS,
    .run = on_ps,
};
