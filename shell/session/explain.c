/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an explanation of the observer means for the actor: the clause of its wait, the word for the
 * trace, the state of the object, and the `block` event. An await explains itself here. */
#include "session/explain.h"
#include "proc/facts.h"

static const struct plan_step *
step_of(const struct actor *a)
{
    return &a->plan->steps[a->pc];
}

/* The clause in <waits: ...> when the plugin said none. */
static void
default_clause(struct session *s, const struct actor *a, struct buf *out)
{
    if (step_of(a)->kind == STEP_AWAIT && !a->await_shared)
        buf_printf(out,
                   "%s does not hold; it reads only %s's own memory, which no other process can "
                   "change",
                   step_of(a)->args[0].text, a->name);
    else if (step_of(a)->kind == STEP_AWAIT)
        buf_printf(out, "%s does not hold yet; it looks again after each step",
                   step_of(a)->args[0].text);
    else if (a->nobjects > 0)
        buf_printf(out, "%s on %s", a->call_name,
                   s->world.objects[a->objects[explain_object(a)]].name);
    else
        buf_printf(out, "asleep in %s", a->call_name);
}

int
explain_object(const struct actor *a)
{
    return a->waits_on >= 0 && a->waits_on < a->nobjects ? a->waits_on : a->nobjects - 1;
}

/* Takes over what was told of the n-th object of the actor. */
static void
set_state(struct session *s, const struct actor *a, int n, struct buf *state)
{
    if (state->len == 0)
        return;
    buf_release(&s->world.objects[a->objects[n]].state);
    s->world.objects[a->objects[n]].state = *state;
    *state = (struct buf){0};
}

static void
take_state(struct session *s, const struct actor *a, const struct buf *facts)
{
    struct wire_in in, before;
    struct fact_item f;
    struct buf state = {0};
    int n = a->nobjects - 1;

    if (a->nobjects == 0)
        return;
    facts_open(&in, facts);
    for (before = in; facts_next(&in, &f); before = in) {
        if (f.kind == FACT_STATE_INT || f.kind == FACT_STATE_TEXT || f.kind == FACT_STATE_BYTES)
            buf_put(&state, before.p, (size_t)(in.p - before.p));
        if (f.kind == FACT_WAITS_ON && f.value >= 0 && f.value < a->nobjects) {
            set_state(s, a, n, &state);
            n = (int)f.value;
        }
    }
    set_state(s, a, n, &state);
}

/* The next descriptor of another end of the object than the waiting actor has; false: no more. The
 * other end of a linked one is another object. */
bool
explain_next_holder(const struct session *s, const struct actor *a, struct holder_at *at)
{
    const struct object *o;
    int object = explain_object(a);
    uint64_t key, key2;
    char own = 0;

    if (object < 0 || a->object_fds[object] < 0)
        return false;
    o = &s->world.objects[a->objects[object]];
    key = o->kind->linked == IPCLAB_LINKED ? a->other_end : o->key;
    key2 = o->kind->linked == IPCLAB_LINKED ? a->other_end2 : o->key2;
    for (int k = 0; k < a->nfds; k++)
        if (a->fds[k].fd == a->object_fds[object])
            own = a->fds[k].access;
    for (; at->id < s->world.nactors; at->id++, at->next = 0) {
        at->actor = s->world.actors[at->id];
        while (at->next < at->actor->nfds) {
            at->fd = &at->actor->fds[at->next++];
            if (at->fd->ino == key && at->fd->dev == key2 && (own == 'u' || at->fd->access != own))
                return true;
        }
    }
    return false;
}

/* Those who hold a descriptor of it, or what they took from it. */
static void
put_holders(struct session *s, const struct actor *a, const struct buf *facts)
{
    struct holder_at at = {0};
    struct wire_in in;
    struct fact_item f;

    event_array(&s->event, "holders");
    facts_open(&in, facts);
    while (facts_next(&in, &f)) {
        if (f.kind != FACT_HOLDER)
            continue;
        event_object(&s->event, NULL);
        event_text(&s->event, "actor", f.name);
        if (f.value > 0)
            event_int(&s->event, "since", f.value);
        event_close(&s->event);
    }
    while (explain_next_holder(s, a, &at)) {
        char mode[2] = {at.fd->access, 0};

        event_object(&s->event, NULL);
        event_text(&s->event, "actor", at.actor->name);
        event_int(&s->event, "fd", at.fd->fd);
        event_text(&s->event, "mode", mode);
        event_close(&s->event);
    }
    event_close(&s->event);
}

static bool
has_holders(const struct buf *facts)
{
    struct wire_in in;
    struct fact_item f;

    facts_open(&in, facts);
    while (facts_next(&in, &f))
        if (f.kind == FACT_HOLDER)
            return true;
    return false;
}

void
explain_take(struct session *s, struct actor *a, const struct buf *facts)
{
    struct wire_in in;
    struct fact_item f;
    const char *why = "waits";
    bool runs_out = false;

    a->never = step_of(a)->kind == STEP_AWAIT && !a->await_shared;
    a->later = false;
    a->waits_on = -1;
    a->other_end = a->other_end2 = 0;
    buf_clear(&a->waits_text);
    facts_open(&in, facts);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_WHY && f.name[0] != '\0')
            why = f.name;
        else if (f.kind == FACT_NEVER)
            a->never = true;
        else if (f.kind == FACT_LATER)
            a->later = true;
        else if (f.kind == FACT_WAITS_ON)
            a->waits_on = (int)f.value;
        else if (f.kind == FACT_RUNS_OUT)
            runs_out = true;
        else if (f.kind == FACT_OTHER_END) {
            a->other_end = f.key;
            a->other_end2 = f.key2;
        } else if (f.kind == FACT_WAITS && a->waits_text.len == 0)
            buf_puts(&a->waits_text, f.name);
    }
    if (a->waits_text.len == 0)
        default_clause(s, a, &a->waits_text);
    s->world.timers |= runs_out;
    a->timed = (a->waits_on < 0 ? a->timed & TIMED_BY_CALL : 0) | (runs_out ? TIMED_BY_OBJECT : 0);
    if (step_of(a)->kind == STEP_AWAIT)
        why = "condition";
    else if (a->timed)
        why = "time";
    snprintf(a->why, sizeof a->why, "%s", why);
}

void
narrate_moved(struct session *s, struct actor *a)
{
    int before = explain_object(a);

    a->moved = false;
    if (a->nobjects < 2 || a->object_fds[before] >= 0)
        return;
    explain_refresh(s, a);
    if (explain_object(a) != before)
        narrate_block(s, a);
}

void
explain_refresh(struct session *s, struct actor *a)
{
    static struct buf facts;

    explain_wait(s, a, &facts);
    explain_take(s, a, &facts);
}

void
narrate_block(struct session *s, struct actor *a)
{
    static struct buf facts;
    struct event *e = &s->event;
    int n, object;

    explain_wait(s, a, &facts);
    take_state(s, a, &facts);
    explain_take(s, a, &facts);
    n = explain_object(a);
    object = n >= 0 ? a->objects[n] : -1;
    event_start(e, "block");
    event_int(e, "step", a->step);
    event_text(e, "actor", a->name);
    event_text(e, "call", a->call_name);
    if (object >= 0)
        event_text(e, "obj", s->world.objects[object].name);
    event_text(e, "why", a->why);
    event_text(e, "waits", buf_text(&a->waits_text));
    if (a->later)
        event_bool(e, "later", true);
    if (object >= 0 && (a->object_fds[n] >= 0 || has_holders(&facts)))
        put_holders(s, a, &facts);
    if (object >= 0 && s->world.objects[object].state.len > 0)
        narrate_state(s, object);
    session_tell(s);
    a->blocked_told = true;
}
