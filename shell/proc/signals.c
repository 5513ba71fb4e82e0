/* SPDX-License-Identifier: GPL-3.0-or-later
 * See signals.h. */
#include "proc/signals.h"

#include <fcntl.h>

#include "base/clock.h"
#include "base/mem.h"
#include "proc/patience.h"
#include "proc/world.h"

enum { NS_PER_MS = 1000000 };

/* ---- What the kernel says ------------------------------------------------------------------ */

static uint64_t
set_of(const char *text, const char *field)
{
    const char *at = strstr(text, field);

    return at != NULL ? strtoull(at + strlen(field), NULL, 16) : 0;
}

bool
signals_ask(pid_t host, struct signal_sets *sets)
{
    char path[64], text[4096];
    int fd;
    ssize_t n;

    *sets = (struct signal_sets){0};
    snprintf(path, sizeof path, "/proc/%d/status", host);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    sets->pending = set_of(text, "\nSigPnd:\t") | set_of(text, "\nShdPnd:\t");
    sets->blocked = set_of(text, "\nSigBlk:\t");
    sets->ignored = set_of(text, "\nSigIgn:\t");
    sets->caught = set_of(text, "\nSigCgt:\t");
    return true;
}

bool
signals_has(uint64_t set, int sig)
{
    return sig > 0 && sig <= 64 && (set >> (sig - 1) & 1) != 0;
}

/* ---- Sent ---------------------------------------------------------------------------------- */

void
signals_before(struct world *w)
{
    for (int i = 0; i < w->nactors; i++)
        if (actor_alive(w->actors[i]) && w->actors[i]->host != 0)
            w->actors[i]->signals.group = getpgid(w->actors[i]->host);
}

/* The group that a pid of the world leads, as the shell sees it; 0: there is none. */
static pid_t
group_of(const struct world *w, const struct actor *sender, pid_t pid)
{
    const struct actor *leader;

    if (pid == 0)
        return sender->signals.group;
    leader = world_actor_by_pid(w, -pid);
    return leader != NULL ? leader->host : 0;
}

static bool
is_meant(const struct world *w, const struct actor *sender, const struct actor *a, pid_t pid)
{
    if (!actor_alive(a) || a->host == 0)
        return false;
    if (pid > 0)
        return a->pid == pid;
    if (pid == -1)
        return a != sender;
    return a->signals.group > 0 && a->signals.group == group_of(w, sender, pid);
}

/* A standard signal that is on its way already, and so still pending, is not sent twice. */
static bool
is_on_its_way(const struct signals *to, int sig)
{
    for (int i = 0; i < to->nsent; i++)
        if (to->sent[i].sig == sig && sig < SIGRTMIN)
            return true;
    return false;
}

void
signals_sent(struct world *w, const struct actor *sender, pid_t pid, int sig)
{
    for (int i = 0; i < w->nactors && sig > 0; i++) {
        struct signals *to = &w->actors[i]->signals;

        if (!is_meant(w, sender, w->actors[i], pid))
            continue;
        to->look = w->looking = true;
        if (to->nsent == SIGNALS_KEPT || is_on_its_way(to, sig))
            continue;
        if (to->nsent == to->cap_sent) {
            to->cap_sent = to->cap_sent ? to->cap_sent * 2 : 4;
            to->sent = mem_grow(to->sent, sizeof *to->sent * (size_t)to->cap_sent);
        }
        to->sent[to->nsent++] = (struct sent){sig, sender->id, sender->step, false};
    }
}

void
signals_not_sent(struct world *w, const struct actor *sender)
{
    for (int i = 0; i < w->nactors; i++) {
        struct signals *to = &w->actors[i]->signals;
        int kept = 0;

        for (int k = 0; k < to->nsent; k++)
            if (to->sent[k].from != sender->id || to->sent[k].step != sender->step)
                to->sent[kept++] = to->sent[k];
        to->nsent = kept;
    }
}

void
signals_child_changed(struct world *w, const struct actor *child)
{
    if (child->parent >= 0)
        w->actors[child->parent]->signals.look = w->looking = true;
}

/* ---- Handled ------------------------------------------------------------------------------- */

bool
signals_take(struct world *w, struct actor *a, struct wire_in *in)
{
    struct signals *s = &a->signals;
    struct handled h = {.in_call = in->request != 0 && in->request == a->request};

    h.sig = (int)wire_get_i64(in);
    h.code = (int)wire_get_i64(in);
    h.pid = (pid_t)wire_get_i64(in);
    h.value = wire_get_i64(in);
    h.restarts = wire_get_i64(in) != 0;
    if (in->bad || in->left != sizeof h.name || h.sig <= 0 || h.sig > 64)
        return false;
    memcpy(h.name, in->p, sizeof h.name);
    h.name[HANDLER_NAME_MAX] = '\0';
    s->look = w->looking = true; /* its call may have ended by it */
    if (s->timer.sig == h.sig && h.code == SI_KERNEL) {
        if (s->timer.interval_ms == 0)
            s->timer.sig = 0;
        s->timer.until_ms = now_ms() + s->timer.interval_ms;
    }
    if (s->nhandled == SIGNALS_KEPT) {
        s->lost++;
        return true;
    }
    if (s->nhandled == s->cap_handled) {
        s->cap_handled = s->cap_handled ? s->cap_handled * 2 : 4;
        s->handled = mem_grow(s->handled, sizeof *s->handled * (size_t)s->cap_handled);
    }
    s->handled[s->nhandled++] = h;
    return true;
}

/* ---- Timers -------------------------------------------------------------------------------- */

void
signals_take_timer(struct world *w, struct actor *a, int sig, int64_t ns, int64_t interval)
{
    w->timers |= ns > 0;
    a->signals.timer.sig = ns > 0 ? sig : 0;
    a->signals.timer.until_ms = now_ms() + ns / NS_PER_MS;
    a->signals.timer.interval_ms = interval / NS_PER_MS;
}

bool
signals_timer_runs(struct actor *a)
{
    struct signals *s = &a->signals;
    struct signal_sets sets;

    if (s->timer.sig == 0 || !actor_alive(a) || !signals_ask(a->host, &sets))
        return false;
    /* It has run out, and waits to be let in; one that is let in takes it in a moment. */
    if (signals_has(sets.pending, s->timer.sig) &&
        (signals_has(sets.blocked, s->timer.sig) || a->stopped)) {
        if (s->timer.interval_ms == 0)
            s->timer.sig = 0;
        return false;
    }
    return !signals_has(sets.ignored, s->timer.sig);
}

int64_t
signals_due(const struct world *w)
{
    int64_t due = 0, now = now_ms();

    for (int i = 0; i < w->nactors; i++) {
        const struct signals *s = &w->actors[i]->signals;
        int64_t left = s->timer.until_ms > now ? s->timer.until_ms - now : 1;

        if (s->timer.sig != 0 && actor_alive(w->actors[i]) && (due == 0 || left < due))
            due = left;
    }
    return due;
}

void
signals_release(struct signals *s)
{
    free(s->handled);
    free(s->sent);
    *s = (struct signals){0};
}
