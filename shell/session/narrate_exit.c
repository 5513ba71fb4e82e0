/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A call comes back: its result, what it stored, and the object that it was about. */
#include "session/narrate_parts.h"

/* Is this number one that differs from run to run in a shared world: a pid or a kernel id? */
static bool
is_volatile_number(const struct session *s, int64_t value)
{
    return narrate_is_shared(s) && narrate_is_number_of_kernel(s, value);
}

/* Is the result a pid or a kernel id? */
static bool
is_number_of_kernel(const struct actor *a)
{
    return a->call != NULL && (a->call->flags & IPCLAB_PIDS) != 0 && a->error == 0 &&
           (a->ret > 0 || (a->ret == 0 && a->call->result == IPCLAB_OBJECT));
}

static bool
is_volatile_result(const struct session *s, const struct actor *a)
{
    if (a->call == NULL)
        return false;
    if ((a->call->flags & IPCLAB_VOLATILE) != 0 || a->call->result == IPCLAB_POINTER ||
        a->call->result == IPCLAB_STREAM)
        return a->error == 0;
    return narrate_is_shared(s) && is_number_of_kernel(a);
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
        spec = catalog_arg(step->call, f.arg);
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

/* The object that the call is about: what it made or moved data of, else the first that it named,
 * or that its entering named. */
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
            object = last;
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
    if (!type_is_address(step->value_type) && narrate_is_number_of_kernel(s, a->ret))
        narrate_named(s, "value", "", 0);
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

/* Of what kind the result is, where the kernel may have numbered it. */
static void
put_name(struct session *s, const struct actor *a, const struct plan_step *step, int object)
{
    const char *name = object >= 0 ? s->world.objects[object].name : "";

    if (step->kind == STEP_CALL && is_number_of_kernel(a) && a->call->result == IPCLAB_OBJECT)
        narrate_named(s, "ret", name, strcspn(name, "#"));
    else if (step->kind == STEP_CALL && is_number_of_kernel(a))
        narrate_named(s, "ret", "pid", 3);
    else if (!type_is_address(step->value_type) && a->error == 0 &&
             narrate_is_number_of_kernel(s, a->ret))
        narrate_named(s, "ret", "", 0);
}

void
narrate_exit(struct session *s, struct actor *a, int64_t by)
{
    const struct plan_step *step = &a->plan->steps[a->pc];
    struct event *e = &s->event;
    bool created;
    int64_t flow;
    int object = -1;

    narrate_begin(s, "exit", a);
    if (step->kind == STEP_PRINT) {
        put_value(s, a, step);
        session_tell(s);
        return;
    }
    event_int(e, "ret", a->ret);
    if (a->error != 0)
        event_text(e, "errno", strerrorname_np(a->error));
    if (step->kind == STEP_SET &&
        (type_is_address(step->value_type) || is_volatile_number(s, a->ret))) {
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
        narrate_facts(s, &a->reply);
        if (object >= 0 && s->world.objects[object].state.len > 0)
            narrate_state(s, object);
        put_volatile(s, a);
    }
    put_name(s, a, step, object);
    if (by > 0 && by != a->step)
        event_int(e, "by", by);
    session_tell(s);
}
