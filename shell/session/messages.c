/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages that calls put into queues and took out of them, as the calls told it. */
#include "proc/facts.h"
#include "session/run.h"

void
messages_pass(struct session *s, const struct buf *reply)
{
    struct wire_in in;
    struct fact_item f;
    int last = -1;

    facts_open(&in, reply);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_OBJECT)
            last = world_object(&s->world, f.name, f.key, f.key2, false);
        else if (f.kind == FACT_MESSAGE && last >= 0)
            mailbox_pass(&s->world.objects[last].mailbox, (enum ipclab_passing)f.arg, f.name,
                         f.value, f.data, f.n, f.total);
    }
}

/* What a call did with a message; object -1: it is no call of messages. A call has at most one. */
struct passed {
    int object;
    int64_t number;
    int by; /* 1: put, -1: taken */
};

static struct passed
passed_by(struct session *s, const struct actor *a)
{
    struct passed p = {.object = -1};
    struct wire_in in;
    struct fact_item f;
    int last = -1;

    facts_open(&in, &a->reply);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_OBJECT)
            last = world_object(&s->world, f.name, f.key, f.key2, false);
        else if (f.kind == FACT_MESSAGE)
            p = (struct passed){last, f.value, f.arg == IPCLAB_TAKE ? -1 : 1};
    }
    return p;
}

/* Has the queue such a message when the first n exits are told? */
static bool
is_there(struct session *s, struct actor *const *exits, int n, const struct passed *taken)
{
    const struct mailbox *m = &s->world.objects[taken->object].mailbox;
    int count = 0;

    for (size_t i = 0; i < m->n; i++)
        count += m->list[i].number == taken->number;
    for (int i = 0; i < n; i++) {
        struct passed p = passed_by(s, exits[i]);

        if (p.object == taken->object && p.number == taken->number)
            count += p.by;
    }
    return count > 0;
}

void
messages_order(struct session *s, struct actor **exits, int from, int n)
{
    for (int i = from; i + 1 < n; i++) {
        struct passed taken = passed_by(s, exits[i]);

        if (taken.object < 0 || taken.by > 0 || is_there(s, exits, i, &taken))
            continue;
        for (int j = i + 1; j < n; j++) {
            struct passed p = passed_by(s, exits[j]);
            struct actor *a = exits[j];

            if (p.object != taken.object || p.number != taken.number || p.by < 0)
                continue;
            memmove(&exits[i + 1], &exits[i], sizeof *exits * (size_t)(j - i));
            exits[i] = a;
            break;
        }
    }
}
