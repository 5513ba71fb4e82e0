/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The descriptors of the actors, and where each comes from. The kernel tells what is there; what
 * was not there before came by what the process did last. An entry whose object is another than
 * before is a new one under an old number (dup2, or close and open). */
#include "proc/actor_fd.h"
#include "proc/world.h"

const char *
fd_birth_word(enum fd_birth birth)
{
    static const char *const words[] = {
        [FD_SPAWNED] = "spawn", [FD_CALLED] = "call", [FD_FORKED] = "fork", [FD_OPENED] = "exec"};

    return words[birth];
}

static enum fd_birth
birth_now(const struct actor *a)
{
    if (a->state == ACTOR_FOREIGN)
        return FD_OPENED;
    if (a->fds_known)
        return FD_CALLED;
    return a->parent >= 0 ? FD_FORKED : FD_SPAWNED;
}

/* Both lists are in the order of their numbers. */
static void
keep_births(const struct actor *a, struct fd_entry *now, int n)
{
    enum fd_birth birth = birth_now(a);
    int k = 0;

    for (int i = 0; i < n; i++) {
        while (k < a->nfds && a->fds[k].fd < now[i].fd)
            k++;
        now[i].birth = birth;
        now[i].since = birth == FD_SPAWNED ? 0 : a->step;
        if (k < a->nfds && a->fds[k].fd == now[i].fd && a->fds[k].ino == now[i].ino &&
            a->fds[k].dev == now[i].dev) {
            now[i].birth = a->fds[k].birth;
            now[i].since = a->fds[k].since;
        }
    }
}

static void
refresh(struct actor *a)
{
    static struct fd_entry *list; /* changes places with the actor's own */
    static int cap;
    struct fd_entry *old = a->fds;
    int n = probe_fds(a->host, ACTOR_FD_BASE, &list, &cap), old_cap = a->fds_cap;

    if (n < 0)
        n = 0;
    keep_births(a, list, n);
    a->fds = list;
    a->fds_cap = cap;
    a->nfds = n;
    list = old;
    cap = old_cap;
    a->fds_stale = false;
    a->fds_known = true;
}

void
world_refresh_fds(struct world *w)
{
    for (int i = 0; i < w->nactors; i++) {
        struct actor *a = w->actors[i];

        if (actor_alive(a) && a->host != 0 && (a->fds_stale || a->state == ACTOR_FOREIGN))
            refresh(a);
    }
}

void
world_first_fds(struct actor *a)
{
    if (!a->fds_known && a->host != 0)
        refresh(a);
}
