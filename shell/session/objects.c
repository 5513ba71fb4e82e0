/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of an object after each exit of one step. An actor reports the state right after its
 * call; where the call woke another, that one may already have run, and what the report shows is a
 * matter of luck. Nothing is lost or made in a kernel object, though: what was in it before plus
 * what the call moved is what was in it after. So in such a step every exit but the last gets its
 * level by that sum, and the last the truth, asked once more now that the world is quiet. */
#include "proc/facts.h"
#include "session/run.h"

/* The state facts of this object in an actor's reply. A call may name it twice, by two
 * descriptors: what was said last holds. */
static bool
reported_state(struct session *s, const struct buf *reply, int object, struct buf *state)
{
    struct wire_in in, before;
    struct fact_item f;
    bool ours = false, any = false, again = true;

    facts_open(&in, reply);
    for (before = in; facts_next(&in, &f); before = in) {
        if (f.kind == FACT_OBJECT) {
            ours = world_object(&s->world, f.name, f.key, f.key2, false) == object;
            again = true;
        }
        if (!ours || (f.kind != FACT_STATE_INT && f.kind != FACT_STATE_TEXT &&
                      f.kind != FACT_STATE_BYTES && f.kind != FACT_STATE_VOLATILE))
            continue;
        if (again)
            buf_clear(state);
        again = false;
        any = true;
        buf_put(state, before.p, (size_t)(in.p - before.p));
    }
    return any;
}

static int64_t
flow_of(struct session *s, const struct buf *reply, int object)
{
    struct wire_in in;
    struct fact_item f;
    int last = -1;
    int64_t flow = 0;

    facts_open(&in, reply);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_OBJECT)
            last = world_object(&s->world, f.name, f.key, f.key2, false);
        else if (f.kind == FACT_FLOW && last == object)
            flow += f.value;
    }
    return flow;
}

static bool
mentions(struct session *s, const struct actor *a, int object)
{
    struct wire_in in;
    struct fact_item f;

    for (int i = 0; i < a->nobjects; i++)
        if (a->objects[i] == object)
            return true;
    facts_open(&in, &a->reply);
    while (facts_next(&in, &f))
        if (f.kind == FACT_OBJECT &&
            world_object(&s->world, f.name, f.key, f.key2, false) == object)
            return true;
    return false;
}

static bool
read_level(const struct object *o, int64_t *level)
{
    struct wire_in in;
    struct fact_item f;

    facts_open(&in, &o->state);
    while (o->kind->level != NULL && facts_next(&in, &f))
        if (f.kind == FACT_STATE_INT && strcmp(f.name, o->kind->level) == 0) {
            *level = f.value;
            return true;
        }
    return false;
}

static void
write_level(struct object *o, int64_t level)
{
    struct buf state = {0};
    struct wire_in in, before;
    struct fact_item f;

    facts_open(&in, &o->state);
    for (before = in; facts_next(&in, &f); before = in) {
        if (f.kind == FACT_STATE_INT && strcmp(f.name, o->kind->level) == 0) {
            wire_u8(&state, FACT_STATE_INT);
            wire_text(&state, f.name);
            wire_i64(&state, level);
        } else {
            buf_put(&state, before.p, (size_t)(in.p - before.p));
        }
    }
    buf_release(&o->state);
    o->state = state;
}

/* Asks the first idle actor that can: one that holds a descriptor, or anyone where none is needed.
 * False: nobody told it. */
static bool
ask_now(struct session *s, int object)
{
    struct object *o = &s->world.objects[object];
    bool has_fds = (catalog_kind_traits(&s->launcher.catalog, o->kind) & KIND_HAS_FDS) != 0;

    world_refresh_fds(&s->world);
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];
        struct buf reply;
        int64_t ret = a->ret;
        int fd = -1, error = a->error;
        bool told, replied = a->replied;

        for (int k = 0; k < a->nfds && fd < 0; k++)
            if (a->fds[k].ino == o->key && a->fds[k].dev == o->key2)
                fd = a->fds[k].fd;
        if (a->state != ACTOR_IDLE || a->stopped || (fd < 0 && has_fds))
            continue;
        reply = a->reply; /* what it answered to its step is still to be told */
        a->reply = (struct buf){0};
        told = stepper_ask_state(&s->world, a, o, fd) &&
               reported_state(s, &a->reply, object, &o->state);
        buf_release(&a->reply);
        a->reply = reply;
        a->replied = replied;
        a->ret = ret;
        a->error = error;
        if (told || a->state != ACTOR_IDLE)
            return told;
    }
    return false;
}

/* Its state was asked for just now: does what is known of its messages agree? */
static void
check_messages(struct object *o)
{
    int64_t level;

    if (o->mailbox.word[0] != '\0' && read_level(o, &level))
        mailbox_check(&o->mailbox, level);
}

/* Who took what and who gave it back counts in the order in which the calls are told: it is the
 * same in every run, whoever of those that were woken answered first. */
static void
take_holds(struct session *s, const struct actor *a)
{
    struct wire_in in;
    struct fact_item f;
    int last = -1;

    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        bool until_death = f.kind == FACT_HOLD && f.arg != 0;

        if (f.kind == FACT_OBJECT)
            last = world_object(&s->world, f.name, f.key, f.key2, false);
        else if (f.kind == FACT_HOLD && last >= 0 && !(until_death && a->state == ACTOR_DEAD))
            holds_change(&s->world.objects[last].holds, a->id, f.value, f.amount, until_death,
                         a->step);
    }
}

/* Called for each exit in the order in which they are told, before it is told. */
void
objects_before_exit(struct session *s, struct actor *const *exits, int n, int i)
{
    struct wire_in in;
    struct fact_item f;
    int done[ACTOR_MAX_OBJECTS], ndone = 0;

    messages_pass(s, &exits[i]->reply);
    take_holds(s, exits[i]);
    facts_open(&in, &exits[i]->reply);
    while (facts_next(&in, &f)) {
        struct object *o;
        /* A program may have read or written before or after the report. */
        bool shared = s->world.exec_count > 0 || s->world.foreign_seen, later = false;
        const struct ipclab_call *call = exits[i]->call;
        int64_t level;
        int object;

        if (f.kind != FACT_OBJECT)
            continue;
        object = world_object(&s->world, f.name, f.key, f.key2, false);
        for (int k = 0; k < ndone; k++)
            if (done[k] == object)
                object = -1;
        if (object < 0 || ndone == ACTOR_MAX_OBJECTS)
            continue;
        done[ndone++] = object;
        o = &s->world.objects[object];
        /* Whom it was sent to may run its handler before or after the report. */
        shared |= call != NULL && (call->flags & IPCLAB_SIGNALS) != 0;
        for (int k = 0; k < n; k++) {
            if (k != i && mentions(s, exits[k], object)) {
                shared = true;
                later |= k > i;
            }
        }
        for (int k = 0; k < s->world.nactors && !shared; k++) {
            const struct actor *a = s->world.actors[k];

            shared = a->state == ACTOR_BUSY && !a->replied && a != exits[i] && !a->awaiting &&
                     mentions(s, a, object);
        }
        if (!shared && reported_state(s, &exits[i]->reply, object, &o->state)) {
            check_messages(o);
            continue;
        }
        if (!shared && o->state.len > 0)
            continue; /* a call that took its descriptor away left what was in it */
        if (later && read_level(o, &level))
            write_level(
                o, (int64_t)((uint64_t)level + (uint64_t)flow_of(s, &exits[i]->reply, object)));
        else if (ask_now(s, object))
            check_messages(o);
        else /* nobody else can tell, as of memory that only this one has */
            reported_state(s, &exits[i]->reply, object, &o->state);
    }
}
