/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From facts of an actor to events of the trace (interface 5): what all events have in common, and
 * the state of objects. What cannot repeat goes under "vol" where it is told, and nowhere else. */
#include <ctype.h>

#include "session/narrate_parts.h"

enum { MESSAGES_SHOWN = 6 }; /* of a queue, in the state of each step */

bool
narrate_is_shared(const struct session *s)
{
    return s->world.kind == WORLD_SHARED;
}

bool
narrate_is_number_of_kernel(const struct session *s, int64_t value)
{
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->pid == value && value != 0)
            return true;
    for (int i = 0; i < s->world.nobjects; i++)
        if ((int64_t)s->world.objects[i].key == value)
            return true;
    return false;
}

void
narrate_named(struct session *s, const char *field, const char *kind, size_t n)
{
    if (!s->tells_names)
        return;
    event_object(&s->event, "names");
    event_text_n(&s->event, field, kind, n, n);
    event_close(&s->event);
}

const char *
narrate_signal(int sig, char *room, size_t n)
{
    const char *name = sigabbrev_np(sig);

    if (name != NULL)
        snprintf(room, n, "SIG%s", name);
    else if (sig == SIGRTMAX)
        snprintf(room, n, "SIGRTMAX");
    else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
        snprintf(room, n, sig == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+%d", sig - SIGRTMIN);
    else
        snprintf(room, n, "signal %d", sig);
    return room;
}

void
narrate_begin(struct session *s, const char *kind, const struct actor *a)
{
    event_start(&s->event, kind);
    if (a->step > 0)
        event_int(&s->event, "step", a->step);
    event_text(&s->event, "actor", a->name);
    if (a->call_name != NULL)
        event_text(&s->event, "call", a->call_name);
}

static const char *
name_by_host(const struct session *s, pid_t host)
{
    for (int i = s->world.nactors - 1; i >= 0; i--)
        if (s->world.actors[i]->host == host)
            return s->world.actors[i]->name;
    return "";
}

const char *
narrate_name(const struct session *s, const char *text, char *room, size_t n)
{
    const struct actor *a;

    if (text[0] == LOOK_HOST_MARK)
        return name_by_host(s, (pid_t)strtol(text + 1, NULL, 10));
    if (text[0] != LOOK_PID_MARK)
        return text;
    a = world_actor_by_pid(&s->world, (pid_t)strtol(text + 1, NULL, 10));
    if (a != NULL)
        return a->name;
    if (strcmp(text + 1, "0") == 0)
        return "";
    snprintf(room, n, "pid %s", text + 1);
    return room;
}

void
narrate_facts(struct session *s, const struct buf *facts)
{
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    char room[32];
    bool open = false;

    facts_open(&in, facts);
    while (facts_next(&in, &f)) {
        if (f.kind != FACT_INT && f.kind != FACT_TEXT)
            continue;
        if (!open)
            event_object(e, "facts");
        open = true;
        if (f.kind == FACT_INT)
            event_int(e, f.name, f.value);
        else
            event_text(e, f.name, narrate_name(s, f.text, room, sizeof room));
    }
    if (open)
        event_close(e);
    open = false;
    facts_open(&in, facts);
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

static void
put_holders(struct session *s, const struct object *o, char access, const char *field)
{
    const struct actor *last = NULL;

    event_array(&s->event, field);
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        for (int k = 0; k < a->nfds; k++)
            if (a->fds[k].ino == o->key && a->fds[k].dev == o->key2 &&
                (access == 0 || a->fds[k].access == access || a->fds[k].access == 'u') &&
                last != a) {
                event_text(&s->event, NULL, a->name);
                last = a;
            }
    }
    event_close(&s->event);
}

/* What is in a queue, as far as it is known and agrees with the number of messages. */
static const struct mailbox *
known_messages(const struct object *o, int64_t level)
{
    const struct mailbox *m = &o->mailbox;

    return mailbox_known(m) && (int64_t)m->n == level ? m : NULL;
}

static void
put_messages(struct event *e, const struct mailbox *m)
{
    char more[64];

    if (m == NULL || m->n == 0)
        return;
    event_array(e, "queue");
    for (size_t i = 0; i < m->n && i < MESSAGES_SHOWN; i++) {
        const struct message *one = &m->list[i];

        event_object(e, NULL);
        event_int(e, m->word, one->number);
        event_int(e, "size", (int64_t)one->total);
        event_data(e, "text", one->data, one->n, one->total);
        event_close(e);
    }
    event_close(e);
    if (m->n > MESSAGES_SHOWN) {
        snprintf(more, sizeof more, "and %zu more", m->n - MESSAGES_SHOWN);
        event_text(e, "more", more);
    }
}

/* Does the kind's line show this field? */
static bool
line_names(const struct ipclab_kind *kind, const char *field)
{
    size_t n = strlen(field);

    for (const char *at = kind->line; at != NULL && (at = strchr(at, '$')) != NULL; at++)
        if (strncmp(at + 1, field, n) == 0 && !islower((unsigned char)at[1 + n]))
            return true;
    return false;
}

void
narrate_state(struct session *s, int object)
{
    const struct object *o = &s->world.objects[object];
    struct event *e = &s->event;
    struct wire_in in;
    struct fact_item f;
    char room[32];
    const char *text;
    const struct mailbox *known = NULL;

    event_object(e, "state");
    facts_open(&in, &o->state);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_STATE_INT && o->kind->level != NULL &&
            strcmp(f.name, o->kind->level) == 0)
            known = known_messages(o, f.value);
        if (f.kind == FACT_STATE_INT && known != NULL && strcmp(f.name, "bytes") == 0)
            event_int(e, f.name, mailbox_bytes(known));
        else if (f.kind == FACT_STATE_INT)
            event_int(e, f.name, f.value);
        else if (f.kind == FACT_STATE_TEXT) {
            text = narrate_name(s, f.text, room, sizeof room);
            if (text[0] != '\0' || f.text[0] != LOOK_HOST_MARK)
                event_text(e, f.name, text);
        } else if (f.kind == FACT_STATE_BYTES)
            event_data(e, f.name, f.data, f.n, f.total);
    }
    put_messages(e, known);
    if (line_names(o->kind, "w"))
        put_holders(s, o, 'w', "w");
    if (line_names(o->kind, "r"))
        put_holders(s, o, 'r', "r");
    if (line_names(o->kind, "holders"))
        put_holders(s, o, 0, "holders");
    event_close(e);
}
