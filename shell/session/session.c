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
session_start(struct session *s, const struct launcher_options *options, struct err *err)
{
    event_init(&s->event);
    if (launcher_start(&s->launcher, options, err) < 0 || session_new_world(s, err) < 0)
        return -1;
    tell_session(s);
    return 0;
}

void
session_release(struct session *s)
{
    if (s->has_world)
        world_release(&s->world);
    s->has_world = false;
    launcher_release(&s->launcher);
    event_release(&s->event);
    buf_release(&s->text);
    for (int i = 0; i < s->ninputs; i++)
        free(s->inputs[i].text);
    free(s->inputs);
    free(s->subject);
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
