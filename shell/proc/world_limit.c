/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits of a judged world that were run into: said once in the session, and the first of them is
 * kept for whoever judges. See judged.h. */
#include <errno.h>
#include <stdarg.h>
#include <sys/wait.h>

#include "proc/world.h"

static void __attribute__((format(printf, 2, 3))) reached(struct world *w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(w->limit, sizeof w->limit, fmt, ap);
    va_end(ap);
    launcher_reached(w->launcher, w->limit);
}

static bool
is_judged(const struct world *w)
{
    return w->launcher->options.judged != NULL;
}

void
world_take_limit(struct world *w, struct wire_in *in)
{
    reached(w,
            "memory: the processes of this world had %lld MiB together, and a judged world may "
            "have %d MiB: something was killed",
            (long long)wire_get_i64(in) >> 20, JUDGED_WORLD_BYTES >> 20);
}

int
world_may_have_more(struct world *w, struct err *err)
{
    int living = 0;

    for (int i = 0; i < w->nactors && is_judged(w); i++)
        living += actor_alive(w->actors[i]);
    if (living < JUDGED_ACTORS)
        return 0;
    reached(w, "actors: a judged world may have %d at a time", JUDGED_ACTORS);
    return err_set(err, STATUS_USAGE, "too many %s", w->limit);
}

void
world_note_death(struct world *w, const struct actor *a)
{
    int sig = a->status_known && WIFSIGNALED(a->wait_status) ? WTERMSIG(a->wait_status) : 0;

    if (!is_judged(w))
        return;
    if (sig == SIGXCPU)
        reached(w,
                "time: %s was ended by SIGXCPU; a process of a judged world may have %d s of CPU",
                a->name, JUDGED_CPU_SECONDS);
    else if (sig == SIGXFSZ)
        reached(w, "disk: %s was ended by SIGXFSZ; a file of a judged world may have %d MiB",
                a->name, JUDGED_FILE_BYTES >> 20);
}

void
world_note_answer(struct world *w, const struct actor *a)
{
    if (is_judged(w) && a->error == EAGAIN && a->call != NULL &&
        (a->call->flags & IPCLAB_MAKES_PROCESS) != 0)
        reached(w, "processes: a judged world may have %d", JUDGED_PROCESSES);
}
