/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A call begins: its arguments as the call itself sees them, or as they were typed where they are
 * addresses. */
#include "session/narrate_parts.h"

static bool
is_null(const struct step_arg *source)
{
    return source->text != NULL && strcmp(source->text, "NULL") == 0;
}

static bool
is_number(const char *source)
{
    return source[0] == '-' || (source[0] >= '0' && source[0] <= '9');
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

/* Is it told as a number, whatever its name in C is? */
static bool
has_number(const struct ipclab_arg *spec)
{
    return spec != NULL &&
           (spec->type == IPCLAB_OBJECT || spec->type == IPCLAB_ANY || spec->type == IPCLAB_INT);
}

/* A number that was given by one of the names that the record has for it: IPC_RMID. */
static bool
is_constant(const struct ipclab_arg *spec, const struct step_arg *source)
{
    const struct ipclab_constant *k = spec != NULL ? spec->constants : NULL;

    while (source->text != NULL && k != NULL && k->name != NULL)
        if (strcmp((k++)->name, source->text) == 0)
            return true;
    return false;
}

/* An address, by the source of what has it. */
static void
put_named(struct event *e, const char *source)
{
    event_object(e, NULL);
    event_text(e, "name", source);
    event_close(e);
}

static void
put_arg(struct session *s, const struct ipclab_arg *spec, const struct step_arg *source,
        const struct fact_item *value, const struct fact_item *bytes)
{
    struct event *e = &s->event;
    struct buf text = {0};
    char room[32];
    const struct actor *other;

    if (bytes != NULL) {
        event_data(e, NULL, bytes->data, bytes->n, bytes->total);
        return;
    }
    if (spec != NULL && (spec->flags & IPCLAB_NULLABLE) && value->value == 0 && is_null(source)) {
        event_text(e, NULL, "NULL");
        return;
    }
    switch (spec != NULL ? spec->type : IPCLAB_INT) {
    case IPCLAB_FLAGS:
        catalog_flags_text(&text, spec, value->value);
        event_text(e, NULL, buf_text(&text));
        break;
    case IPCLAB_MODE:
        buf_printf(&text, "%#llo", (unsigned long long)value->value);
        event_text(e, NULL, buf_text(&text));
        break;
    case IPCLAB_SIGNAL:
        if (value->value == 0) /* kill(pid, 0) sends none */
            event_int(e, NULL, 0);
        else
            event_text(e, NULL, narrate_signal((int)value->value, room, sizeof room));
        break;
    case IPCLAB_PROCESS:
        other = value->value > 0 ? world_actor_by_pid(&s->world, (pid_t)value->value) : NULL;
        if (other != NULL)
            event_text(e, NULL, other->name);
        else
            event_int(e, NULL, value->value);
        break;
    case IPCLAB_OBJECT:
        /* What the kernel numbered is another number in each run, what was typed is not. */
        if (narrate_is_shared(s) && source->text != NULL && !is_number(source->text))
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
            spec->type != IPCLAB_BUFFER && spec->type != IPCLAB_INTS && spec->type != IPCLAB_STREAM)
            put_named(e, source->text);
        else
            put_source(e, source, value->value);
        break;
    case IPCLAB_HANDLER:
        if (source->text != NULL)
            event_text(e, NULL, source->text);
        else
            event_int(e, NULL, value->value);
        break;
    case IPCLAB_ANY:
        if (source->address && source->text != NULL)
            put_named(e, source->text);
        else
            event_int(e, NULL, value->value);
        break;
    case IPCLAB_NEWNAME:
        break;
    default:
        if (is_constant(spec, source))
            event_text(e, NULL, source->text);
        else
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
        const struct ipclab_arg *spec = catalog_arg(step->call, i);

        if (spec != NULL && spec->type == IPCLAB_NEWNAME) {
            if (step->new_actor != NULL)
                event_text(&s->event, NULL, step->new_actor);
        } else if (has_value[i]) {
            put_arg(s, spec, &step->args[i], &values[i], has_bytes[i] ? &bytes[i] : NULL);
        } else { /* it died before the call began: what was typed */
            put_source(&s->event, &step->args[i], 0);
        }
    }
    event_close(&s->event);
}

/* Arguments that the kernel may have numbered, which a shared world tells as they were typed. */
static void
put_names(struct session *s, struct actor *a, const struct plan_step *step)
{
    struct event *e = &s->event;
    struct fact_item f;
    struct wire_in in;

    if (!s->tells_names)
        return;
    event_object(e, "names");
    event_array(e, "args");
    facts_open(&in, &a->enter);
    while (facts_next(&in, &f)) {
        const struct step_arg *source = f.arg < step->nargs ? &step->args[f.arg] : NULL;

        const struct ipclab_arg *spec = catalog_arg(step->call, f.arg);

        if (f.kind != FACT_ARG || source == NULL || source->text == NULL || source->address ||
            is_number(source->text) || !has_number(spec) ||
            (spec->type != IPCLAB_OBJECT && !narrate_is_number_of_kernel(s, f.value)))
            continue;
        event_object(e, NULL);
        event_int(e, "at", f.arg);
        event_int(e, "value", f.value);
        event_text(e, "text", source->text);
        event_close(e);
    }
    event_close(e);
    event_close(e);
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

    narrate_begin(s, "enter", a);
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
    if (step->kind == STEP_CALL)
        put_names(s, a, step);
    session_tell(s);
}
