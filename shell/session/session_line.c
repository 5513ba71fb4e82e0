/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line of a session: read, recorded, compiled for each of its actors, and run. */
#include "base/mem.h"
#include "session/builtin.h"
#include "session/run.h"

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

static const struct symtab *
env_symtab_of(void *ctx, const char *name)
{
    struct session *s = ctx;
    const struct actor *a = world_actor(&s->world, name);

    return a != NULL ? &a->symtab : NULL;
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
    buf_clear(&s->text);
    if (line->may_fail)
        buf_puts(&s->text, "- ");
    buf_puts(&s->text, line->source);
    session_keep_input(s, buf_text(&s->text), s->seq);
    event_start(e, "input");
    event_text(e, "text", buf_text(&s->text));
    if (s->input_from != NULL)
        event_text(e, "from", s->input_from);
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
            return err_set(err, STATUS_USAGE,
                           "%s does not answer: it is stopped, until another sends it SIGCONT",
                           name);
        return 0;
    case ACTOR_DEAD:
        return err_set(err, STATUS_USAGE, "%s is dead; `spawn %s` makes a new process", name, name);
    case ACTOR_FOREIGN:
        return err_set(err, STATUS_USAGE, "%s runs %.100s since its execve and takes no more calls",
                       name, a->exe);
    default:
        if (a->restless)
            return err_set(err, STATUS_USAGE, "%s still runs in %s since step %lld", name,
                           a->call_name != NULL ? a->call_name : "a call", (long long)a->step);
        return err_set(err, STATUS_USAGE,
                       "%s waits in %s since step %lld; `why %s` says why, `interrupt %s` ends it",
                       name, a->call_name != NULL ? a->call_name : "a call", (long long)a->step,
                       name, name);
    }
}

/* Gives an error of usage that has no place yet the one of what it is about. Always -1. */
static int
place_error(struct err *err, struct span at)
{
    if (err->status == STATUS_USAGE && err->col == 0 && at.col > 0) {
        err->col = at.col;
        err->end = at.end < at.col ? at.col : at.end;
    }
    return -1;
}

static int
check_child_name(struct session *s, const struct plan_step *step, struct err *err)
{
    struct actor *other = world_actor(&s->world, step->new_actor);

    if (other != NULL && actor_alive(other))
        return err_set(err, STATUS_USAGE, "actor %s already exists; give the child another name",
                       step->new_actor);
    if (strcmp(step->new_actor, "print") == 0 || strcmp(step->new_actor, "await") == 0)
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it begins a statement",
                       step->new_actor);
    if (session_builtin(s, step->new_actor) != NULL ||
        catalog_call(&s->launcher.catalog, step->new_actor, NULL) != NULL ||
        !parse_actor_name_ok(step->new_actor))
        return err_set(err, STATUS_USAGE, "'%s' cannot name an actor: it is a call or a builtin",
                       step->new_actor);
    return 0;
}

/* fork's child gets its name before it lives. */
static int
name_children(struct session *s, struct plan *plan, struct err *err)
{
    for (int i = 0; i < plan->n; i++) {
        struct plan_step *step = &plan->steps[i];
        char name[SYMTAB_NAME_MAX + 1] = "child";

        if (step->call == NULL || (step->call->flags & IPCLAB_MAKES_PROCESS) == 0)
            continue;
        for (int n = 2; step->new_actor == NULL && world_actor(&s->world, name) != NULL; n++)
            snprintf(name, sizeof name, "child%d", n);
        if (step->new_actor == NULL)
            step->new_actor = mem_copy(name);
        if (check_child_name(s, step, err) < 0)
            return place_error(err, step->new_actor_at);
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

/* What an error without a place of its own is about: what is done, if the line says it. */
static struct span
who_or_what(const struct line *line)
{
    const struct node *node = line->expr != NULL ? line->expr : line->target;

    if (line->kind == LINE_STATEMENT && node != NULL)
        return (struct span){node->col, node->end};
    if (line->kind == LINE_BUILTIN && line->rest[0] != '\0')
        return (struct span){line->rest_col, line->rest_col + (int)strlen(line->rest) - 1};
    return (struct span){line->who_col, line->who_col + (int)strlen(line->builtin) - 1};
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
        if ((result = can_act(s, who[i], err)) < 0 && !line->everyone)
            place_error(err, line->who_at[i]);
    for (int i = 0; i < n && result == 0; i++)
        result = compile_for(s, line, who[i], &plans[i], err);
    if (result == 0)
        record(s, line);
    for (int i = n - 1; i >= 0 && result < 0; i--)
        if (plans[i] != NULL) /* as if the line had never been: no name of it stays known */
            symtab_rollback(&world_actor(&s->world, who[i])->symtab, &plans[i]->before);
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
    if (result < 0)
        place_error(err, who_or_what(line));
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
    const struct builtin *b = session_builtin(s, line->builtin);

    if (b == NULL)
        return err_set(err, STATUS_USAGE, "there is no builtin '%s'", line->builtin);
    if (s->only_recorded && (b->flags & BUILTIN_RECORDED) == 0)
        return err_set(err, STATUS_TRACE, "'%s' is never recorded to be run again", b->name);
    if (b->usage[0] == '\0' && line->rest[0] != '\0') {
        err_set(err, STATUS_USAGE, "%s stands alone on its line", b->name);
        return place_error(err, who_or_what(line));
    }
    if ((b->flags & (BUILTIN_RECORDED | BUILTIN_OWN_INPUT)) == BUILTIN_RECORDED)
        record(s, line);
    if (b->run(s, line->rest, err) == 0)
        return 0;
    if (err->col > 0) { /* in the words it was given */
        err->col += line->rest_col - 1;
        err->end += line->rest_col - 1;
    }
    return place_error(err, who_or_what(line));
}

/* A line of which the trace has the input has its error too, beside what replay compares. */
static void
tell_failure(struct session *s, const struct line *line, const struct err *err)
{
    const struct builtin *b = line->kind == LINE_BUILTIN ? session_builtin(s, line->builtin) : NULL;

    if (b != NULL && (b->flags & BUILTIN_RECORDED) == 0)
        return;
    event_start(&s->event, "note");
    event_text(&s->event, "kind", "failed");
    event_text(&s->event, "text", err->text);
    session_tell(s);
}

int
session_run_line(struct session *s, const struct line *line, struct err *err)
{
    int64_t told = s->seq;
    int result = 0;

    err_clear(err);
    if (line->kind == LINE_STATEMENT)
        result = run_statement(s, line, err);
    else if (line->kind == LINE_BUILTIN)
        result = run_builtin(s, line, err);
    if (result < 0 && s->seq > told)
        tell_failure(s, line, err);
    if (line->kind != LINE_EMPTY && s->has_world)
        run_verdicts(s);
    return result;
}

struct parse_env
session_parse_env(struct session *s)
{
    return (struct parse_env){
        .catalog = &s->launcher.catalog,
        .ctx = s,
        .is_actor = env_is_actor,
        .each_actor = env_each_actor,
        .actor_of_pid = env_actor_of_pid,
        .symtab_of = env_symtab_of,
        .builtins = s->builtin_names,
        .subject = s->subject,
        .interactive = s->interactive,
    };
}

static void
tell_line(struct session *s, const char *text, size_t n, const struct err *err)
{
    if (s->muted > 0 || s->depth > 0)
        return;
    for (struct listener *l = s->listeners, *next; l != NULL; l = next) {
        next = l->next;
        if (err == NULL && l->line != NULL)
            l->line(l->ctx, text, n);
        else if (err != NULL && l->error != NULL)
            l->error(l->ctx, err);
    }
}

static void
tell_settled(struct session *s)
{
    for (struct listener *l = s->listeners, *next; l != NULL && s->muted == 0; l = next) {
        next = l->next;
        if (l->settled != NULL)
            l->settled(l->ctx);
    }
}

/* Of lines that strangers wrote. */
static bool
has_too_many_steps(struct session *s, struct err *err)
{
    if (s->launcher.options.judged == NULL || s->steps < JUDGED_STEPS)
        return false;
    err_set(err, STATUS_USAGE, "too many steps: a judged session may have %d", JUDGED_STEPS);
    launcher_reached(&s->launcher, err->text);
    return true;
}

int
session_line(struct session *s, const char *text, size_t n, struct err *err)
{
    struct parse_env env = session_parse_env(s);
    struct line line;
    int result;

    err_clear(err);
    if (has_too_many_steps(s, err))
        return -1;
    if (s->has_world && s->world.timers) /* what came by itself is not due to this line */
        session_poll(s);
    tell_line(s, text, n, NULL);
    if (parse_line(&line, text, n, &env, err) < 0) {
        tell_line(s, text, n, err);
        return -1;
    }
    result = session_run_line(s, &line, err);
    if (result < 0 && line.may_fail && err->status != STATUS_INTERRUPTED) {
        session_say(s, "      (allowed to fail) %s\n", err->text);
        result = 0;
    }
    if (result < 0)
        tell_line(s, text, n, err);
    line_release(&line);
    tell_settled(s);
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
    tell_settled(s);
    return true;
}
