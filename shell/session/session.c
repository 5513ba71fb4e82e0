/* SPDX-License-Identifier: GPL-3.0-or-later
 * See session.h. */
#include "session/session.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "base/text.h"
#include "session/builtin.h"
#include "session/run.h"

/* ---- Telling ------------------------------------------------------------------------------- */

void
session_listen(struct session *s, struct listener *l)
{
    struct listener **at = &s->listeners;

    while (*at != NULL)
        at = &(*at)->next;
    l->next = NULL;
    *at = l;
}

void
session_listen_first(struct session *s, struct listener *l)
{
    l->next = s->listeners;
    s->listeners = l;
}

void
session_ignore(struct session *s, struct listener *l)
{
    struct listener **at = &s->listeners;

    while (*at != NULL && *at != l)
        at = &(*at)->next;
    if (*at != NULL)
        *at = l->next;
}

void
session_tell(struct session *s)
{
    if (s->muted > 0)
        return;
    s->seq++;
    for (struct listener *l = s->listeners; l != NULL; l = l->next)
        if (l->event != NULL)
            l->event(l->ctx, &s->event);
}

void
session_say(struct session *s, const char *fmt, ...)
{
    va_list ap;
    char *text;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    for (struct listener *l = s->listeners; l != NULL && s->muted == 0; l = l->next)
        if (l->text != NULL)
            l->text(l->ctx, text, (size_t)n);
    free(text);
}

void
session_page(struct session *s, const char *text, size_t n)
{
    for (struct listener *l = s->listeners; l != NULL && s->muted == 0; l = l->next)
        if (l->page != NULL || l->text != NULL)
            (l->page != NULL ? l->page : l->text)(l->ctx, text, n);
}

void
session_note(struct session *s, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    event_start(&s->event, "note");
    event_text(&s->event, "text", text);
    session_tell(s);
}

static void
tell_session(struct session *s)
{
    struct event *e = &s->event;
    struct utsname u;

    event_start(e, "session");
    event_int(e, "ipclab", 1);
    event_text(e, "version", IPCLAB_VERSION);
    if (s->lab != NULL)
        event_text(e, "lab", s->lab);
    if (s->lab_sha256 != NULL)
        event_text(e, "lab_sha256", s->lab_sha256);
    if (s->student != NULL)
        event_text(e, "student", s->student);
    event_int(e, "seed", s->seed);
    if (uname(&u) == 0) {
        event_text(e, "kernel", u.release);
        event_text(e, "arch", u.machine);
    }
    event_text(e, "world", world_kind_name(&s->world));
    if (s->world.kind == WORLD_SHARED) {
        event_text(e, "why_shared",
                   s->world.why_not_sealed[0] != '\0' ? s->world.why_not_sealed : "asked for");
        event_text(e, "ipc_private", "a fresh key");
    }
    event_object(e, "plugins");
    for (int i = 0; i < s->launcher.catalog.nplugins; i++)
        event_text(e, s->launcher.catalog.plugins[i].p.name,
                   s->launcher.catalog.plugins[i].p.version);
    event_close(e);
    session_tell(s);
}

static void
on_pause(void *ctx)
{
    struct session *s = ctx;

    const struct actor *a = s->current;

    for (struct listener *l = s->listeners; l != NULL; l = l->next)
        if (l->pause != NULL)
            l->pause(l->ctx);
    if (s->interactive && a != NULL && a->timed && a->state == ACTOR_BUSY) {
        s->current = NULL; /* once is enough */
        session_say(s,
                    "      %s is in %s, which ends by itself; Ctrl-C stops the waiting, not %s\n",
                    a->name, a->call_name, a->name);
    }
}

/* ---- Names --------------------------------------------------------------------------------- */

const struct builtin *
session_builtin(const struct session *s, const char *name)
{
    for (int i = 0; s->builtins != NULL && s->builtins[i] != NULL; i++)
        if (strcmp(s->builtins[i]->name, name) == 0)
            return s->builtins[i];
    return NULL;
}

/* Back to what was given. */
static void
withdraw_builtins(struct session *s)
{
    if (s->all_builtins == NULL)
        return;
    free((void *)(uintptr_t)s->builtins);
    free(s->builtin_names);
    s->builtins = s->all_builtins;
    s->all_builtins = NULL;
    s->builtin_names = NULL;
}

/* Those of guided labs only where there is one: elsewhere actors may be called like them. */
static void
offer_builtins(struct session *s)
{
    static const struct builtin *const none[] = {NULL};
    const struct builtin *const *all = s->all_builtins != NULL ? s->all_builtins
                                       : s->builtins != NULL   ? s->builtins
                                                               : none;
    const struct builtin **offered;
    int n = 0, k = 0;

    while (all[n] != NULL)
        n++;
    withdraw_builtins(s);
    offered = mem_alloc(sizeof *offered * (size_t)(n + 1));
    s->builtin_names = mem_alloc(sizeof *s->builtin_names * (size_t)(n + 1));
    for (int i = 0; i < n; i++) {
        if ((all[i]->flags & BUILTIN_GUIDED) != 0 && !s->guided)
            continue;
        s->builtin_names[k] = all[i]->name;
        offered[k++] = all[i];
    }
    s->all_builtins = all;
    s->builtins = offered;
}

void
session_guide(struct session *s)
{
    s->guided = true;
    offer_builtins(s);
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

/* ---- Starting and ending ------------------------------------------------------------------- */

int
session_new_world(struct session *s, struct err *err)
{
    if (s->has_world)
        world_release(&s->world);
    s->has_world = false;
    if (world_make(&s->world, &s->launcher, s->wanted_world, err) < 0)
        return -1;
    s->world.interrupted = s->interrupted;
    s->world.pause = on_pause;
    s->world.pause_ctx = s;
    s->has_world = true;
    s->stuck = false;
    return 0;
}

int
session_launch(struct session *s, const struct launcher_options *options, struct err *err)
{
    event_init(&s->event);
    offer_builtins(s);
    return launcher_start(&s->launcher, options, err);
}

int
session_begin(struct session *s, struct err *err)
{
    if (session_new_world(s, err) < 0)
        return -1;
    tell_session(s);
    return 0;
}

int
session_start(struct session *s, const struct launcher_options *options, struct err *err)
{
    return session_launch(s, options, err) < 0 ? -1 : session_begin(s, err);
}

void
session_release(struct session *s)
{
    if (s->has_world)
        world_release(&s->world);
    s->has_world = false;
    for (struct listener *l = s->listeners, *next; l != NULL; l = next) {
        next = l->next;
        if (l->release != NULL)
            l->release(l->ctx);
    }
    s->listeners = NULL;
    launcher_release(&s->launcher);
    event_release(&s->event);
    buf_release(&s->text);
    for (int i = 0; i < s->ninputs; i++)
        free(s->inputs[i].text);
    free(s->inputs);
    free(s->subject);
    withdraw_builtins(s);
    free(s->suggestion);
    free(s->tour);
    s->tour = NULL;
    s->suggestion = NULL;
    s->inputs = NULL;
    s->subject = NULL;
}

enum status
session_finish(struct session *s, struct err *err)
{
    struct buf text = {0};
    int n = 0;

    for (int i = 0; i < s->world.nactors && !s->stuck; i++) {
        const struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_BUSY && a->blocked_told)
            buf_printf(&text, "%s%s in %s since step %lld", n++ ? ", " : "", a->name, a->call_name,
                       (long long)a->step);
    }
    if (n > 0)
        session_note(s, "at the end %s still wait%s: %s", n == 1 ? "one actor" : "some actors",
                     n == 1 ? "s" : "", buf_text(&text));
    buf_release(&text);
    if (s->disagreements > 0) {
        err_set(err, STATUS_MACHINE,
                "an actor moved %d time(s) though no step was seen to wake it: "
                "this is a fault of ipclab",
                s->disagreements);
        return STATUS_MACHINE;
    }
    if (s->stuck) {
        err_set(err, STATUS_STUCK, "stuck at the end: every living actor waits for another");
        return STATUS_STUCK;
    }
    return STATUS_OK;
}
