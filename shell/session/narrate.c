/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From facts of an actor to events of the trace (interface 5). What cannot repeat goes under "vol"
 * here, where it is told, and nowhere else. */
#include <errno.h>
#include <sys/wait.h>

#include "proc/facts.h"
#include "session/run.h"

enum { OUTPUT_CHUNK = EVENT_DATA_MAX };

static bool
is_shared(const struct session *s)
{
    return s->world.kind == WORLD_SHARED;
}

static const char *
signal_name(int sig, char *room, size_t n)
{
    const char *name = sigabbrev_np(sig);

    if (name != NULL)
        snprintf(room, n, "SIG%s", name);
    else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
        snprintf(room, n, sig == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+%d", sig - SIGRTMIN);
    else
        snprintf(room, n, "signal %d", sig);
    return room;
}

static void
begin(struct session *s, const char *kind, const struct actor *a)
{
    event_start(&s->event, kind);
    if (a->step > 0)
        event_int(&s->event, "step", a->step);
    event_text(&s->event, "actor", a->name);
    if (a->call_name != NULL)
        event_text(&s->event, "call", a->call_name);
}

/* ---- enter --------------------------------------------------------------------------------- */

static const struct ipclab_arg *
spec_of(const struct ipclab_call *call, int i)
{
    int n = catalog_nargs(call), first = 0;

    while (first < n && (call->args[first].flags & IPCLAB_REST) == 0)
        first++;
    if (i < first)
        return &call->args[i];
    return first < n ? &call->args[first + (i - first) % (n - first)] : NULL;
}

static void
put_source(struct event *e, const struct step_arg *arg, int64_t value)
{
    if (arg->text != NULL)
        event_text(e, NULL, arg->text);
    else if (value == 0)
        event_text(e, NULL, "NULL");
    else
        event_int(e, NULL, value);
}

static void
put_arg(struct session *s, const struct actor *a, const struct ipclab_arg *spec,
        const struct step_arg *source, const struct fact_item *value, const struct fact_item *bytes)
{
    struct event *e = &s->event;
    struct buf text = {0};
    char room[32];
    const struct actor *other;

    (void)a;
    if (bytes != NULL) {
        event_data(e, NULL, bytes->data, bytes->n, bytes->total);
        return;
    }
    switch (spec != NULL ? spec->type : IPCLAB_INT) {
    case IPCLAB_FLAGS:
        catalog_flags_text(&text, spec, value->value);
        event_text(e, NULL, buf_text(&text));
        break;
    case IPCLAB_MODE:
        buf_printf(&text, "0%llo", (unsigned long long)value->value);
        event_text(e, NULL, buf_text(&text));
        break;
    case IPCLAB_SIGNAL:
        event_text(e, NULL, signal_name((int)value->value, room, sizeof room));
        break;
    case IPCLAB_PROCESS:
        other = value->value > 0 ? world_actor_by_pid(&s->world, (pid_t)value->value) : NULL;
        if (other != NULL)
            event_text(e, NULL, other->name);
        else
            event_int(e, NULL, value->value);
        break;
    case IPCLAB_OBJECT:
        if (is_shared(s) && source->text != NULL && source->plain)
            event_text(e, NULL, source->text);
        else
            event_int(e, NULL, value->value);
        break;
    case IPCLAB_POINTER:
    case IPCLAB_BYTES:
    case IPCLAB_BUFFER:
    case IPCLAB_STRING:
    case IPCLAB_PATH:
    case IPCLAB_INTS:
    case IPCLAB_STREAM:
        if (source->text != NULL && source->plain && spec->type != IPCLAB_POINTER &&
            spec->type != IPCLAB_BUFFER && spec->type != IPCLAB_INTS &&
            spec->type != IPCLAB_STREAM) {
            event_object(e, NULL);
            event_text(e, "name", source->text);
            event_close(e);
        } else {
            put_source(e, source, value->value);
        }
        break;
    case IPCLAB_NEWNAME:
        break;
    default:
        event_int(e, NULL, value->value);
    }
    buf_release(&text);
}

static void
put_args(struct session *s, struct actor *a, const struct plan_step *step)
{
    struct fact_item values[IPCLAB_MAX_ARGS] = {{0}}, bytes[IPCLAB_MAX_ARGS] = {{0}}, f;
    bool has_value[IPCLAB_MAX_ARGS] = {false}, has_bytes[IPCLAB_MAX_ARGS] = {false};
    struct wire_in in;

    facts_open(&in, &a->enter);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_ARG && f.arg < IPCLAB_MAX_ARGS) {
            values[f.arg] = f;
            has_value[f.arg] = true;
        } else if (f.kind == FACT_ARG_BYTES && f.arg < IPCLAB_MAX_ARGS) {
            bytes[f.arg] = f;
            has_bytes[f.arg] = true;
        }
    }
    event_array(&s->event, "args");
    for (int i = 0; i < step->nargs; i++) {
        const struct ipclab_arg *spec = spec_of(step->call, i);

        if (spec != NULL && spec->type == IPCLAB_NEWNAME) {
            if (step->new_actor != NULL)
                event_text(&s->event, NULL, step->new_actor);
        } else if (has_value[i]) {
            put_arg(s, a, spec, &step->args[i], &values[i], has_bytes[i] ? &bytes[i] : NULL);
        } else { /* it died before the call began: what was typed */
            put_source(&s->event, &step->args[i], 0);
        }
    }
    event_close(&s->event);
}

/* As it was typed: what print, = and await did not evaluate to. */
static const char *
statement_text(struct session *s, const struct plan_step *step)
{
    buf_clear(&s->text);
    if (step->kind == STEP_SET)
        buf_printf(&s->text, "%s = %s", step->target_text, step->args[0].text);
    else
        buf_printf(&s->text, "%s %s", step->name, step->args[0].text);
    return buf_text(&s->text);
}

void
narrate_enter(struct session *s, struct actor *a, const struct plan_step *step)
{
    struct event *e = &s->event;

    begin(s, "enter", a);
    if (step->kind == STEP_CALL) {
        put_args(s, a, step);
    } else {
        event_array(e, "args");
        if (step->target_text != NULL)
            event_text(e, NULL, step->target_text);
        if (step->args[0].text != NULL)
            event_text(e, NULL, step->args[0].text);
        event_close(e);
        event_text(e, "text", statement_text(s, step));
    }
    if (step->kind == STEP_CALL && step->target_text != NULL)
        event_text(e, "to", step->target_text);
    session_tell(s);
}

/* ---- state --------------------------------------------------------------------------------- */

static void
put_holders(struct session *s, const struct object *o, char access, const char *field)
{
    char last[64] = "";

    event_array(&s->event, field);
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        for (int k = 0; k < a->nfds; k++)
            if (a->fds[k].ino == o->key && a->fds[k].dev == o->key2 &&
                (access == 0 || a->fds[k].access == access || a->fds[k].access == 'u') &&
                strcmp(last, a->name) != 0) {
                event_text(&s->event, NULL, a->name);
                snprintf(last, sizeof last, "%s", a->name);
            }
    }
    event_close(&s->event);
}

/* The mark of an actor that does not know the others' names (look.c). */
static const char *
resolve_name(const struct session *s, const char *text, char *room, size_t n)
{
    const struct actor *a;

    if (text[0] != '@')
        return text;
    a = world_actor_by_pid(&s->world, (pid_t)strtol(text + 1, NULL, 10));
    if (a != NULL)
        return a->name;
    if (strcmp(text, "@0") == 0)
        return "";
    snprintf(room, n, "pid %s", text + 1);
    return room;
}

void
narrate_state(struct session *s, int object)
{
    const struct object *o = &s->world.objects[object];
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    char room[32];
    bool any_volatile = false;

    event_object(e, "state");
    facts_open(&in, &o->state);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_STATE_INT)
            event_int(e, f.name, f.value);
        else if (f.kind == FACT_STATE_TEXT)
            event_text(e, f.name, resolve_name(s, f.text, room, sizeof room));
        else if (f.kind == FACT_STATE_BYTES)
            event_data(e, f.name, f.data, f.n, f.total);
        else if (f.kind == FACT_STATE_VOLATILE)
            any_volatile = true;
    }
    if (o->kind->line != NULL && strstr(o->kind->line, "$w") != NULL)
        put_holders(s, o, 'w', "w");
    if (o->kind->line != NULL && strstr(o->kind->line, "$r") != NULL)
        put_holders(s, o, 'r', "r");
    if (o->kind->line != NULL && strstr(o->kind->line, "$holders") != NULL)
        put_holders(s, o, 0, "holders");
    event_close(e);
    (void)any_volatile;
}

/* ---- exit ---------------------------------------------------------------------------------- */

/* Is this number one that differs from run to run in a shared world: a pid or a kernel id? */
static bool
is_volatile_number(const struct session *s, int64_t value)
{
    if (!is_shared(s))
        return false;
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->pid == value && value != 0)
            return true;
    for (int i = 0; i < s->world.nobjects; i++)
        if ((int64_t)s->world.objects[i].key == value)
            return true;
    return false;
}

static bool
is_volatile_result(const struct session *s, const struct actor *a)
{
    if (a->call == NULL)
        return false;
    if ((a->call->flags & IPCLAB_VOLATILE) != 0 || a->call->result == IPCLAB_POINTER ||
        a->call->result == IPCLAB_STREAM)
        return a->error == 0;
    if (!is_shared(s) || a->ret <= 0)
        return is_shared(s) && (a->call->flags & IPCLAB_PIDS) != 0 && a->ret == 0 &&
               a->call->result == IPCLAB_OBJECT && a->error == 0;
    return (a->call->flags & IPCLAB_PIDS) != 0;
}

static void
put_ints(struct event *e, const char *name, const struct fact_item *f)
{
    event_array(e, name);
    for (size_t at = 0; at + sizeof(int) <= f->n; at += sizeof(int)) {
        int v;

        memcpy(&v, (const char *)f->data + at, sizeof v);
        event_int(e, NULL, v);
    }
    event_close(e);
}

static void
put_outs(struct session *s, const struct actor *a, const struct plan_step *step)
{
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    bool open = false;

    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        const struct ipclab_arg *spec;
        const char *name = NULL;

        if (f.kind != FACT_OUT_BYTES && f.kind != FACT_OUT_INT)
            continue;
        if (f.arg < step->nargs && step->args[f.arg].plain)
            name = step->args[f.arg].text;
        spec = spec_of(step->call, f.arg);
        if (name == NULL)
            name = spec != NULL ? spec->name : "out";
        if (name[0] == '&')
            name++;
        if (!open)
            event_object(e, "out");
        open = true;
        if (f.kind == FACT_OUT_BYTES && spec != NULL && spec->type == IPCLAB_INTS)
            put_ints(e, name, &f);
        else if (f.kind == FACT_OUT_BYTES)
            event_data(e, name, f.data, f.n, f.total);
        else
            event_int(e, name, f.value);
    }
    if (open)
        event_close(e);
}

static void
put_facts(struct session *s, const struct actor *a)
{
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    char room[32];
    bool open = false;

    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind != FACT_INT && f.kind != FACT_TEXT)
            continue;
        if (!open)
            event_object(e, "facts");
        open = true;
        if (f.kind == FACT_INT)
            event_int(e, f.name, f.value);
        else
            event_text(e, f.name, resolve_name(s, f.text, room, sizeof room));
    }
    if (open)
        event_close(e);
    open = false;
    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind != FACT_NOTE)
            continue;
        if (!open)
            event_array(e, "note");
        open = true;
        event_text(e, NULL, f.name);
    }
    if (open)
        event_close(e);
}

/* The object that the call is about: the first that it named, or that its entering named. */
static int
main_object(struct session *s, const struct actor *a, bool *created, int64_t *flow)
{
    struct wire_in in;
    struct fact_item f;
    int object = -1, last = -1;

    *created = false;
    *flow = 0;
    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_OBJECT) {
            last = world_object(&s->world, f.name, f.key, f.key2, false);
            if (object < 0)
                object = last;
        } else if (f.kind == FACT_CREATED) {
            *created = true;
        } else if (f.kind == FACT_FLOW) {
            *flow += f.value;
            object = last;
        }
    }
    return object >= 0 ? object : a->nobjects > 0 ? a->objects[0] : -1;
}

static void
put_value(struct session *s, const struct actor *a, const struct plan_step *step)
{
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;

    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_VALUE_TEXT) {
            event_data(e, "value", f.data, f.n, f.total);
            return;
        }
        if (f.kind == FACT_VALUE_INTS) {
            event_array(e, "value");
            for (size_t i = 0; i < f.n; i++) {
                int64_t v;

                memcpy(&v, (const char *)f.data + i * sizeof v, sizeof v);
                event_int(e, NULL, v);
            }
            event_close(e);
            return;
        }
    }
    event_int(e, "value", a->ret);
    if (type_is_address(step->value_type) || is_volatile_number(s, a->ret)) {
        event_object(e, "vol");
        event_int(e, "value", a->ret);
        event_close(e);
    }
}

static void
put_volatile(struct session *s, const struct actor *a)
{
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    bool open = is_volatile_result(s, a);

    if (open) {
        event_object(e, "vol");
        event_int(e, "ret", a->ret);
    }
    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind != FACT_VOLATILE)
            continue;
        if (!open)
            event_object(e, "vol");
        open = true;
        event_int(e, f.name, f.value);
    }
    if (open)
        event_close(e);
}

void
narrate_exit(struct session *s, struct actor *a, int64_t by)
{
    const struct plan_step *step = &a->plan->steps[a->pc];
    struct event *e = &s->event;
    bool created;
    int64_t flow;
    int object;

    begin(s, "exit", a);
    if (step->kind == STEP_PRINT) {
        put_value(s, a, step);
        session_tell(s);
        return;
    }
    event_int(e, "ret", a->ret);
    if (a->error != 0)
        event_text(e, "errno", strerrorname_np(a->error));
    if (step->kind == STEP_SET && type_is_address(step->value_type)) {
        event_object(e, "vol");
        event_int(e, "ret", a->ret);
        event_close(e);
    }
    if (step->kind == STEP_CALL) {
        object = main_object(s, a, &created, &flow);
        if (object >= 0) {
            event_text(e, "obj", s->world.objects[object].name);
            if (created)
                event_bool(e, "created", true);
            if (flow != 0)
                event_int(e, "flow", flow);
        }
        put_outs(s, a, step);
        put_facts(s, a);
        if (object >= 0 && s->world.objects[object].state.len > 0)
            narrate_state(s, object);
        put_volatile(s, a);
    }
    if (by > 0 && by != a->step)
        event_int(e, "by", by);
    session_tell(s);
}

/* ---- processes and output ------------------------------------------------------------------ */

void
narrate_process(struct session *s, struct actor *a, const char *what)
{
    struct event *e = &s->event;

    event_start(e, "process");
    event_text(e, "actor", a->name);
    event_text(e, "what", what);
    if (a->parent >= 0)
        event_text(e, "parent", s->world.actors[a->parent]->name);
    if (strcmp(what, "spawn") == 0 || strcmp(what, "fork") == 0) {
        event_int(e, "pid", a->pid);
        if (is_shared(s)) {
            event_object(e, "vol");
            event_int(e, "pid", a->pid);
            event_close(e);
        }
    }
    if (strcmp(what, "exec") == 0)
        event_text(e, "path", a->exe);
    session_tell(s);
}

void
narrate_death(struct session *s, struct actor *a)
{
    struct event *e = &s->event;
    bool killed = a->status_known && WIFSIGNALED(a->wait_status);
    char room[32];

    event_start(e, "process");
    event_text(e, "actor", a->name);
    event_text(e, "what", killed || a->violated ? "killed" : "exit");
    if (a->parent >= 0)
        event_text(e, "parent", s->world.actors[a->parent]->name);
    if (killed)
        event_text(e, "sig", signal_name(WTERMSIG(a->wait_status), room, sizeof room));
    else if (a->status_known && !a->violated)
        event_int(e, "status", WEXITSTATUS(a->wait_status));
    if (a->call != NULL && !a->replied && a->step > 0 && (a->call->flags & IPCLAB_ENDS) == 0 &&
        a->plan != NULL)
        event_text(e, "during", a->call_name);
    if (a->violated)
        event_text(e, "text", a->violation);
    if (killed && a->faulted) {
        event_object(e, "vol");
        event_int(e, "addr", a->fault_address);
        event_close(e);
    }
    session_tell(s);
    a->end_told = true;
}

void
narrate_output(struct session *s, struct actor *a)
{
    for (int i = 0; i < 2; i++) {
        struct buf *out = &a->output[i];

        for (size_t at = 0; at < out->len;) {
            size_t n = out->len - at < OUTPUT_CHUNK ? out->len - at : OUTPUT_CHUNK;
            const char *newline = memrchr(out->data + at, '\n', n);

            if (newline != NULL)
                n = (size_t)(newline - (out->data + at)) + 1;
            else /* never in the middle of a character */
                for (size_t back = 1; n == OUTPUT_CHUNK && back <= 3; back++)
                    if (((unsigned char)out->data[at + n - back] & 0xc0) == 0xc0) {
                        n -= back;
                        break;
                    }
            event_start(&s->event, "output");
            event_text(&s->event, "actor", a->name);
            event_int(&s->event, "fd", i + 1);
            event_data(&s->event, "text", out->data + at, n, n);
            session_tell(s);
            at += n;
        }
        buf_clear(out);
        if (a->dropped[i] > 0)
            session_note(s, "%s printed %lld bytes more than are kept of one step (%d)", a->name,
                         (long long)a->dropped[i], OUTPUT_MAX);
        a->dropped[i] = 0;
    }
}
