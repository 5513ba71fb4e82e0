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

    for (struct listener *l = s->listeners; l != NULL; l = l->next)
        if (l->pause != NULL)
            l->pause(l->ctx);
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

/* ---- Lines --------------------------------------------------------------------------------- */

static bool
env_is_actor(void *ctx, const char *name)
{
    struct session *s = ctx;

    return world_actor(&s->world, name) != NULL;
}

static void
env_each_actor(void *ctx, void (*fn)(void *fnctx, const char *name), void *fnctx)
{
    struct session *s = ctx;

    for (int i = 0; i < s->world.nactors; i++)
        if (actor_alive(s->world.actors[i]))
            fn(fnctx, s->world.actors[i]->name);
}

static const char *
env_actor_of_pid(void *ctx, int64_t pid)
{
    struct session *s = ctx;
    const struct actor *a = world_actor_by_pid(&s->world, (pid_t)pid);

    return a != NULL ? a->name : NULL;
}

static bool
env_pid_of(void *ctx, const char *name, int64_t *pid)
{
    struct session *s = ctx;
    const struct actor *a = world_actor(&s->world, name);

    if (a == NULL)
        return false;
    *pid = a->pid;
    return true;
}

static const char *
env_owner_of(void *ctx, const char *variable)
{
    struct session *s = ctx;

    for (int i = 0; i < s->world.nactors; i++)
        if (actor_alive(s->world.actors[i]) &&
            symtab_find(&s->world.actors[i]->symtab, variable) != NULL)
            return s->world.actors[i]->name;
    return NULL;
}

static void
record(struct session *s, const struct line *line)
{
    struct event *e = &s->event;

    if (s->muted > 0)
        return;
    if (s->ninputs == s->cap_inputs) {
        s->cap_inputs = s->cap_inputs ? s->cap_inputs * 2 : 64;
        s->inputs = mem_grow(s->inputs, sizeof *s->inputs * (size_t)s->cap_inputs);
    }
    buf_clear(&s->text);
    if (line->may_fail)
        buf_puts(&s->text, "- ");
    buf_puts(&s->text, line->source);
    s->inputs[s->ninputs++] = (struct input){mem_copy(buf_text(&s->text)), s->steps, s->seq};
    event_start(e, "input");
    event_text(e, "text", buf_text(&s->text));
    session_tell(s);
}

/* May this actor be told something now? */
static int
can_act(struct session *s, const char *name, struct err *err)
{
    struct actor *a = world_actor(&s->world, name);

    (void)s;
    if (a == NULL)
        return err_set(err, STATUS_USAGE, "there is no actor '%s'", name);
    switch (a->state) {
    case ACTOR_IDLE:
        if (a->stopped)
            return err_set(err, STATUS_USAGE, "%s does not answer: it is stopped", name);
        return 0;
    case ACTOR_DEAD:
        return err_set(err, STATUS_USAGE, "%s is dead; `spawn %s` makes a new process", name, name);
    case ACTOR_FOREIGN:
        return err_set(err, STATUS_USAGE, "%s runs %.100s since its execve and takes no more calls",
                       name, a->exe);
    default:
        return err_set(err, STATUS_USAGE,
                       "%s waits in %s since step %lld; `why %s` says why, `interrupt %s` ends it",
                       name, a->call_name != NULL ? a->call_name : "a call", (long long)a->step,
                       name, name);
    }
}

/* fork's child gets its name before it lives. */
static int
name_children(struct session *s, struct plan *plan, struct err *err)
{
    for (int i = 0; i < plan->n; i++) {
        struct plan_step *step = &plan->steps[i];
        struct actor *other;
        char name[SYMTAB_NAME_MAX + 1] = "child";

        if (step->call == NULL || (step->call->flags & IPCLAB_MAKES_PROCESS) == 0)
            continue;
        for (int n = 2; step->new_actor == NULL && world_actor(&s->world, name) != NULL; n++)
            snprintf(name, sizeof name, "child%d", n);
        if (step->new_actor == NULL)
            step->new_actor = mem_copy(name);
        other = world_actor(&s->world, step->new_actor);
        if (other != NULL && actor_alive(other))
            return err_set(err, STATUS_USAGE,
                           "actor %s already exists; give the child another "
                           "name",
                           step->new_actor);
        if (builtin_find(step->new_actor) != NULL ||
            catalog_call(&s->launcher.catalog, step->new_actor, NULL) != NULL ||
            !parse_actor_name_ok(step->new_actor))
            return err_set(err, STATUS_USAGE,
                           "'%s' cannot name an actor: it is a call or a builtin", step->new_actor);
    }
    return 0;
}

static int
compile_for(struct session *s, const struct line *line, const char *name, struct plan **plan,
            struct err *err)
{
    struct actor *a = world_actor(&s->world, name);
    struct plan_env env = {
        .catalog = &s->launcher.catalog,
        .symtab = &a->symtab,
        .actor = a->name,
        .ctx = s,
        .pid_of = env_pid_of,
        .owner_of = env_owner_of,
        .each_actor = env_each_actor,
    };

    *plan = mem_alloc(sizeof **plan);
    if (plan_compile(*plan, line, &env, err) < 0) {
        free(*plan);
        *plan = NULL;
        return -1;
    }
    return name_children(s, *plan, err);
}

static int
run_statement(struct session *s, const struct line *line, struct err *err)
{
    char(*who)[SYMTAB_NAME_MAX + 1] = line->who;
    int n = line->nwho, result = 0;
    struct plan **plans;

    if (line->everyone) {
        n = 0;
        who = mem_alloc(sizeof *who * (size_t)(s->world.nactors + 1));
        for (int i = 0; i < s->world.nactors; i++)
            if (s->world.actors[i]->state == ACTOR_IDLE)
                snprintf(who[n++], sizeof *who, "%s", s->world.actors[i]->name);
        if (n == 0)
            result = err_set(err, STATUS_USAGE, "nobody can act: no actor is idle");
    }
    plans = mem_alloc(sizeof *plans * (size_t)(n + 1));
    for (int i = 0; i < n && result == 0; i++)
        result = can_act(s, who[i], err);
    for (int i = 0; i < n && result == 0; i++)
        result = compile_for(s, line, who[i], &plans[i], err);
    if (result == 0)
        record(s, line);
    for (int i = 0; i < n && result == 0; i++) {
        struct actor *a = world_actor(&s->world, who[i]);

        if (a->state != ACTOR_IDLE)
            continue; /* what another of this line did took it along */
        a->plan = plans[i];
        a->pc = 0;
        a->may_fail = line->may_fail;
        plans[i] = NULL;
        if (a->plan->n == 0) { /* a declaration: there is nothing to do */
            plan_release(a->plan);
            free(a->plan);
            a->plan = NULL;
            continue;
        }
        result = run_plan(s, a, err);
    }
    for (int i = 0; i < n; i++)
        if (plans[i] != NULL) {
            plan_release(plans[i]);
            free(plans[i]);
        }
    free(plans);
    if (line->everyone)
        free(who);
    return result;
}

static int
run_builtin(struct session *s, const struct line *line, struct err *err)
{
    const struct builtin *b = builtin_find(line->builtin);

    if (b == NULL)
        return err_set(err, STATUS_USAGE, "there is no builtin '%s'", line->builtin);
    if (b->recorded && b->run != builtin_undo)
        record(s, line);
    return b->run(s, line->rest, err);
}

int
session_run_line(struct session *s, const struct line *line, struct err *err)
{
    int result = 0;

    err_clear(err);
    if (line->kind == LINE_STATEMENT)
        result = run_statement(s, line, err);
    else if (line->kind == LINE_BUILTIN)
        result = run_builtin(s, line, err);
    if (line->kind != LINE_EMPTY && s->has_world)
        run_verdicts(s);
    return result;
}

int
session_line(struct session *s, const char *text, size_t n, struct err *err)
{
    struct parse_env env = {
        .catalog = &s->launcher.catalog,
        .ctx = s,
        .is_actor = env_is_actor,
        .each_actor = env_each_actor,
        .actor_of_pid = env_actor_of_pid,
        .builtins = builtin_names,
        .subject = s->subject,
        .interactive = s->interactive,
    };
    struct line line;
    int result;

    err_clear(err);
    if (parse_line(&line, text, n, &env, err) < 0)
        return -1;
    result = session_run_line(s, &line, err);
    if (result < 0 && line.may_fail && err->status != STATUS_INTERRUPTED) {
        session_say(s, "      (allowed to fail) %s\n", err->text);
        result = 0;
    }
    line_release(&line);
    return result;
}

bool
session_poll(struct session *s)
{
    struct err err;

    if (!s->has_world || !stepper_poll(&s->world))
        return false;
    run_aftermath(s, NULL, 0, &err);
    run_verdicts(s);
    return true;
}
