/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals, told when they are delivered and not when they are sent. A handler tells itself that it
 * ran, and the kernel told it from whom. Of all else that can become of a signal nothing is left to
 * ask for afterwards, so it follows from what was sent and what the kernel says of the receiver
 * once the world is quiet: it is dead of it, stopped, still pending, ignored, or it was taken by a
 * call (sigwaitinfo, a signalfd), which then says so itself. */
#include <errno.h>
#include <sys/wait.h>

#include "session/narrate_parts.h"

static const char *
sender_name(const struct session *s, int id)
{
    return id >= 0 && id < s->world.nactors ? s->world.actors[id]->name : "";
}

static void
begin(struct session *s, const struct actor *a, int sig, const char *action, const char *from)
{
    struct event *e = &s->event;
    char room[32];

    event_start(e, "signal");
    event_text(e, "actor", a->name);
    event_text(e, "sig", narrate_signal(sig, room, sizeof room));
    event_text(e, "action", action);
    if (from[0] != '\0')
        event_text(e, "from", from);
}

static void
forget_sent(struct signals *g, int i)
{
    g->nsent--;
    memmove(&g->sent[i], &g->sent[i + 1], sizeof *g->sent * (size_t)(g->nsent - i));
}

/* ---- Handlers ------------------------------------------------------------------------------ */

/* What a process did to itself, or the kernel to it in its own call. */
static bool
is_own(const struct actor *a, const struct handled *h)
{
    return h->pid == a->pid || h->pid == 0;
}

/* Is it about a child that ended or stopped just now, which is told first? */
static bool
is_of_untold_child(const struct session *s, const struct handled *h)
{
    const struct actor *child =
        h->sig == SIGCHLD && h->pid > 0 ? world_actor_by_pid(&s->world, h->pid) : NULL;

    if (child == NULL)
        return false;
    return actor_alive(child) ? child->stopped != child->stop_told : !child->end_told;
}

/* Did the handler run in the call of the step, and not by chance? A child's end may come while its
 * parent is still in the call that caused it, or just after. */
static bool
is_inside(const struct session *s, const struct actor *a, const struct handled *h)
{
    return h->in_call && a->call != NULL &&
           (!is_of_untold_child(s, h) || a->blocked_told || a->timed || a->error == EINTR);
}

/* wait(2) that returned a child, whose end is also the signal, was not interrupted by it. */
static bool
is_answered(const struct actor *a, const struct handled *h)
{
    return h->sig == SIGCHLD && a->replied && a->error == 0 && a->call->result == IPCLAB_PROCESS;
}

static bool
is_interrupting(const struct session *s, const struct actor *a, const struct handled *h)
{
    return is_inside(s, a, h) && (a->call->flags & IPCLAB_WAITS) != 0 && !is_answered(a, h) &&
           (a->blocked_told || a->timed || (a->replied && a->error == EINTR) || is_own(a, h));
}

static void
put_interrupted(struct session *s, const struct actor *a, const struct handled *h)
{
    if (a->awaiting) {
        event_text(&s->event, "interrupted", "await");
        event_bool(&s->event, "restarted", true);
    } else if (is_interrupting(s, a, h)) {
        event_text(&s->event, "interrupted", a->call_name);
        if (!a->replied && a->state == ACTOR_BUSY)
            event_bool(&s->event, "restarted", true);
    }
}

/* Who sent it. The kernel says of SIGPIPE and SIGXFSZ that the process sent them to itself. */
static const char *
handled_from(const struct session *s, const struct actor *a, const struct handled *h)
{
    const struct actor *from = h->pid > 0 ? world_actor_by_pid(&s->world, h->pid) : NULL;

    if (from == NULL || (from == a && (h->sig == SIGPIPE || h->sig == SIGXFSZ)))
        return "";
    return from->name;
}

static void
remember_early(const struct session *s, struct actor *a, const struct handled *h, int64_t by)
{
    a->signals.early.sig = h->sig;
    a->signals.early.step = by;
    snprintf(a->signals.early.from, sizeof a->signals.early.from, "%s", handled_from(s, a, h));
}

static void
tell_handled(struct session *s, struct actor *a, const struct handled *h, int64_t by)
{
    struct event *e = &s->event;
    struct signals *g = &a->signals;

    for (int i = 0; i < g->nsent; i++)
        if (g->sent[i].sig == h->sig &&
            strcmp(sender_name(s, g->sent[i].from), handled_from(s, a, h)) == 0) {
            forget_sent(g, i);
            break;
        }
    begin(s, a, h->sig, "handler", handled_from(s, a, h));
    event_text(e, "handler", h->name);
    if (h->code == SI_QUEUE)
        event_int(e, "value", h->value);
    put_interrupted(s, a, h);
    session_tell(s);
    if (!is_interrupting(s, a, h))
        remember_early(s, a, h, by);
}

/* A child's end is told before what it does to the parent. */
enum which { ONLY_INSIDE, NO_CHILDREN, ALL };

static bool
is_now(const struct session *s, const struct actor *a, const struct handled *h, enum which which)
{
    return which == ALL || (which == ONLY_INSIDE ? is_inside(s, a, h) : !is_of_untold_child(s, h));
}

/* In the order in which they ran: behind one that is held back the others are, too. */
static void
tell_all_handled(struct session *s, struct actor *a, int64_t by, enum which which)
{
    struct signals *g = &a->signals;
    int told = 0, kept;

    while (told < g->nhandled && is_now(s, a, &g->handled[told], which))
        tell_handled(s, a, &g->handled[told++], by);
    kept = g->nhandled - told;
    memmove(g->handled, g->handled + told, sizeof *g->handled * (size_t)kept);
    g->nhandled = kept;
    if (g->lost > 0)
        session_note(s, "%s took %d signals more than are kept of one step (%d)", a->name, g->lost,
                     SIGNALS_KEPT);
    g->lost = 0;
}

void
narrate_signals_inside(struct session *s, struct actor *a, int64_t by)
{
    if (a->signals.nhandled > 0)
        tell_all_handled(s, a, by, ONLY_INSIDE);
    if (a->call != NULL && (a->call->flags & IPCLAB_WAITS) != 0)
        a->signals.early.sig = 0;
}

/* ---- What became of what was sent ---------------------------------------------------------- */

static bool
stops(int sig)
{
    return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* By default these do nothing. */
static bool
does_nothing(int sig)
{
    return sig == SIGCHLD || sig == SIGURG || sig == SIGWINCH || sig == SIGCONT;
}

static void
tell_default(struct session *s, const struct actor *a, const struct sent *sent)
{
    begin(s, a, sent->sig, "default", sender_name(s, sent->from));
    session_tell(s);
}

/* It died. A timer is no sender, and of several that wait in a queue it cannot be said which one it
 * was: a handler that is there only once may have been about to take the first. */
static void
tell_last(struct session *s, struct actor *a)
{
    struct signals *g = &a->signals;
    int sig = a->status_known && WIFSIGNALED(a->wait_status) ? WTERMSIG(a->wait_status) : 0;
    bool sent = false;
    int from = -1;

    for (int i = 0; i < g->nsent && sig > 0; i++)
        if (g->sent[i].sig == sig) {
            from = !sent || from == g->sent[i].from ? g->sent[i].from : -1;
            sent = true;
        }
    g->end_sent = sent || (sig > 0 && g->timer.sig == sig);
    if (g->end_sent) {
        begin(s, a, sig, "default", sender_name(s, from));
        session_tell(s);
    }
    g->nsent = 0;
    g->timer.sig = 0;
}

/* What was pending may be gone because it took effect, because a call took it (sigwaitinfo) or
 * because a stop drops SIGCONT and the other way round. Only a call of its own that takes none says
 * which. */
static bool
is_unsure(const struct actor *a, const struct sent *sent, int64_t by)
{
    return sent->pending && (stops(sent->sig) || sent->sig == SIGCONT || by == 0 || a->step != by ||
                             a->call == NULL || (a->call->flags & IPCLAB_WAITS) != 0);
}

/* True when nothing more is to be said of it. */
static bool
tell_sent(struct session *s, struct actor *a, struct sent *sent, const struct signal_sets *sets,
          int64_t by)
{
    if (stops(sent->sig) && a->stopped && !a->stop_told && a->signals.stopped_by == 0 &&
        !signals_has(sets->pending, sent->sig)) {
        a->signals.stopped_by = sent->sig;
        tell_default(s, a, sent);
    } else if (signals_has(sets->pending, sent->sig)) {
        sent->pending = true;
        return false;
    } else if (signals_has(sets->blocked, sent->sig) && !sent->pending) {
        return true; /* it was not let in: a call took it */
    } else if (is_unsure(a, sent, by)) {
        return true;
    } else if (signals_has(sets->ignored, sent->sig)) {
        begin(s, a, sent->sig, "ignored", sender_name(s, sent->from));
        session_tell(s);
    } else if (signals_has(sets->caught, sent->sig)) {
        if (a->state == ACTOR_FOREIGN) { /* its handlers are its own and tell nothing */
            begin(s, a, sent->sig, "handler", sender_name(s, sent->from));
            session_tell(s);
        }
    } else if (does_nothing(sent->sig)) {
        tell_default(s, a, sent);
    }
    return true;
}

void
narrate_signals_of_children(struct session *s, int64_t by)
{
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->signals.nhandled > 0)
            tell_all_handled(s, s->world.actors[i], by, ALL);
}

void
narrate_continuing(struct session *s, struct actor *a)
{
    struct signals *g = &a->signals;
    struct signal_sets sets;

    for (int i = 0; i < g->nhandled; i++)
        if (g->handled[i].sig == SIGCONT) /* by a handler that was there only once */
            return;
    for (int i = 0; i < g->nsent; i++)
        if (g->sent[i].sig == SIGCONT && signals_ask(a->host, &sets) &&
            !signals_has(sets.caught, SIGCONT)) {
            tell_default(s, a, &g->sent[i]);
            forget_sent(g, i);
            return;
        }
}

void
narrate_signals(struct session *s, struct actor *a, int64_t by)
{
    struct signals *g = &a->signals;
    struct signal_sets sets;

    if (g->nhandled > 0 || g->lost > 0)
        tell_all_handled(s, a, by, NO_CHILDREN);
    if (a->state == ACTOR_DEAD) {
        if (!a->end_told && !a->fresh)
            tell_last(s, a);
        return;
    }
    if (g->nsent == 0 || !signals_ask(a->host, &sets))
        return;
    for (int i = 0; i < g->nsent;) {
        if (tell_sent(s, a, &g->sent[i], &sets, by))
            forget_sent(g, i);
        else
            i++;
    }
}
