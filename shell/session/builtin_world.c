/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builtins that act on the world: spawn, interrupt, wait, reset, undo, load. */
#include <errno.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/actor_fd.h"
#include "session/builtin.h"
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
    if (builtin_find(name) != NULL || catalog_call(&s->launcher.catalog, name, NULL) != NULL)
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it is a %s", name,
                       builtin_find(name) != NULL ? "builtin" : "call");
    if (other != NULL && actor_alive(other))
        return err_set(err, STATUS_USAGE, "actor %s already exists", name);
    return 0;
}

int
builtin_spawn(struct session *s, const char *rest, struct err *err)
{
    size_t size = strlen(rest) + 1;
    char *room = mem_alloc(size);
    const char **names = mem_alloc(sizeof *names * WORLD_MAX_ACTORS);
    int n = builtin_words(rest, room, size, names, WORLD_MAX_ACTORS), result = 0;

    if (n < 0)
        result = err_set(err, STATUS_USAGE, "too many actors: the limit is %d", WORLD_MAX_ACTORS);
    else if (n == 0)
        result = err_set(err, STATUS_USAGE, "spawn takes names: spawn server client");
    for (int i = 0; i < n && result == 0; i++) {
        size_t at = (size_t)(names[i] - room);

        result = check_new_name(s, names[i], err);
        for (int k = 0; k < i && result == 0; k++)
            if (strcmp(names[i], names[k]) == 0)
                result = err_set(err, STATUS_USAGE, "actor %s is named twice", names[i]);
        if (result < 0) {
            err->col = (int)at + 1;
            err->end = (int)(at + strlen(names[i]));
        }
    }
    if (result == 0)
        result = run_spawn(s, names, n, err);
    free(names);
    free(room);
    return result;
}

static int
interrupt_await(struct session *s, struct actor *a)
{
    a->awaiting = false;
    a->replied = true;
    a->state = ACTOR_IDLE;
    a->ret = -1;
    a->error = EINTR;
    narrate_exit(s, a, 0);
    a->replied = false;
    plan_release(a->plan);
    free(a->plan);
    a->plan = NULL;
    return 0;
}

int
builtin_interrupt(struct session *s, const char *rest, struct err *err)
{
    struct actor *a = rest[0] != '\0' ? session_actor(s, rest, err) : NULL;
    int64_t step;
    int result;

    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE, "interrupt takes the name of an actor that waits");
    if (a == NULL)
        return -1;
    s->stuck = false;
    if (a->awaiting)
        return interrupt_await(s, a);
    if (a->state != ACTOR_BUSY && a->state != ACTOR_FOREIGN)
        return err_set(err, STATUS_USAGE, "%s does not wait in any call", a->name);
    if (syscall(SYS_pidfd_send_signal, a->pidfd, SIGRTMAX, NULL, 0) < 0)
        return err_set(err, STATUS_MACHINE, "interrupting %s: %s", a->name, strerror(errno));
    step = a->step;
    a->waits = false;
    s->world.touch.all = true;
    result = run_aftermath(s, a, 0, err);
    if (result == 0 && a->state == ACTOR_BUSY && a->step == step)
        session_note(s, "%s still waits: POSIX never ends %s with EINTR", a->name, a->call_name);
    return result;
}

static bool
ends_by_itself(const struct actor *a)
{
    return (a->state == ACTOR_BUSY && (a->timed || !a->waits) && !a->awaiting) ||
           a->state == ACTOR_FOREIGN;
}

int
builtin_wait(struct session *s, const char *rest, struct err *err)
{
    struct actor *only = NULL;
    bool waited = false;

    if (rest[0] != '\0') {
        only = world_actor(&s->world, rest);
        if (only == NULL)
            return session_actor(s, rest, err) == NULL ? -1 : 0;
        if (only->state == ACTOR_BUSY && !ends_by_itself(only))
            return err_set(err, STATUS_USAGE,
                           "%s waits in %s, which does not end by itself; `why %s` says who could "
                           "end it",
                           only->name, only->call_name, only->name);
    }
    for (;;) {
        enum settle how;
        bool any = false;
        int result;

        for (int i = 0; i < s->world.nactors; i++)
            any |=
                (only == NULL || only == s->world.actors[i]) && ends_by_itself(s->world.actors[i]);
        if (!any && !waited && only == NULL)
            session_say(s, "      nobody is in a call that ends by itself\n");
        else if (!any && !waited)
            session_say(s, "      %s %s\n", only->name,
                        actor_alive(only) ? "is in no call" : "has ended already");
        if (!any)
            return 0;
        waited = true;
        how = stepper_wait_event(&s->world, s->limit_ms);
        if (how == SETTLE_INTERRUPTED && s->interactive)
            return 0;
        if (how == SETTLE_INTERRUPTED)
            return err_set(err, STATUS_INTERRUPTED, "interrupted while waiting");
        if (how == SETTLE_TIMEOUT)
            return err_set(err, STATUS_STUCK,
                           "nothing happened in %lld s; --timeout gives it longer",
                           (long long)(s->limit_ms / 1000));
        result = run_aftermath(s, NULL, 0, err);
        if (result < 0)
            return result;
    }
}

int
builtin_reset(struct session *s, const char *rest, struct err *err)
{
    (void)rest;
    session_poll(s); /* what happened before still belongs to this world */
    run_tell_over(s);
    if (session_new_world(s, err) < 0)
        return -1;
    free(s->subject);
    s->subject = NULL;
    event_start(&s->event, "reset");
    session_tell(s);
    return 0;
}

/* Runs the lines that are kept again in a fresh world, and nobody is told. */
static int
run_prefix(struct session *s, int keep, struct err *err)
{
    int from = 0, result = 0;

    for (int i = 0; i < keep; i++)
        if (strcmp(s->inputs[i].text, "reset") == 0)
            from = i + 1;
    s->muted++;
    result = session_new_world(s, err);
    for (int i = from; i < keep && result == 0; i++) {
        struct err ignored;

        s->steps = s->inputs[i].before_step;
        /* A line that failed then fails now, and leaves the same world behind. */
        session_line(s, s->inputs[i].text, strlen(s->inputs[i].text), &ignored);
        if (ignored.status == STATUS_INTERRUPTED)
            result = err_set(err, STATUS_INTERRUPTED,
                             "interrupted in the middle of undo; `reset` "
                             "makes a fresh world");
    }
    s->muted--;
    return result;
}

int
builtin_undo(struct session *s, const char *rest, struct err *err)
{
    int64_t steps = s->steps, to;
    char *end, text[64];
    long n = rest[0] == '\0' ? 1 : strtol(rest, &end, 10);
    int keep, result;

    if (rest[0] != '\0' && (*end != '\0' || n < 1))
        return err_set(err, STATUS_USAGE, "undo takes the number of lines to take back");
    if (s->ninputs == 0)
        return err_set(err, STATUS_USAGE, "there is no line to take back");
    if (n > s->ninputs)
        return err_set(err, STATUS_USAGE, "there %s only %d line%s to take back",
                       s->ninputs == 1 ? "is" : "are", s->ninputs, s->ninputs == 1 ? "" : "s");
    keep = s->ninputs - (int)n;
    to = s->inputs[keep].before_seq - 1;
    event_start(&s->event, "input");
    snprintf(text, sizeof text, n == 1 ? "undo" : "undo %ld", n);
    event_text(&s->event, "text", text);
    session_tell(s);
    result = run_prefix(s, keep, err);
    s->steps = steps;
    event_start(&s->event, "undo");
    event_int(&s->event, "lines", n);
    event_int(&s->event, "to", to);
    event_text(&s->event, "first", s->inputs[keep].text);
    session_tell(s);
    for (int i = keep; i < s->ninputs; i++)
        free(s->inputs[i].text);
    s->ninputs = keep;
    return result;
}

int
builtin_load(struct session *s, const char *rest, struct err *err)
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
