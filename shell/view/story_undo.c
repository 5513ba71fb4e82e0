/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The way back. `undo` leads the real processes to where they were by running the lines before
 * again, and tells nothing of it; so what the story knows goes back by notes: how each actor and
 * object was before the line that first changed it. */
#include <stdlib.h>

#include "base/mem.h"
#include "view/story_parts.h"

static struct before *
note(struct story *s)
{
    struct story_memory *m = s->memory;
    struct before *b;

    if (m->nlog == m->cap_log) {
        m->cap_log = m->cap_log == 0 ? 64 : m->cap_log * 2;
        m->log = mem_grow(m->log, m->cap_log * sizeof *m->log);
    }
    b = &m->log[m->nlog++];
    *b = (struct before){.seq = m->seq, .actor = -1, .object = -1};
    return b;
}

void
before_actor(struct story *s, int actor)
{
    struct inside *in = &s->memory->inside[actor];
    struct before *b;

    if (in->logged == s->memory->input)
        return;
    in->logged = s->memory->input;
    b = note(s);
    b->actor = actor;
    b->was = s->actors[actor];
    b->call = in->call;
    if (in->call != NULL)
        in->call->kept = true;
}

void
before_object(struct story *s, int object)
{
    struct object *o = &s->memory->objects[object];
    struct before *b;

    if (o->logged == s->memory->input) {
        state_free(o->state);
        o->state = NULL;
        return;
    }
    o->logged = s->memory->input;
    b = note(s);
    b->object = object;
    b->state = o->state;
    o->state = NULL;
}

void
before_restore(struct story *s, int64_t to)
{
    struct story_memory *m = s->memory;

    while (m->nlog > 0 && m->log[m->nlog - 1].seq > to) {
        struct before *b = &m->log[--m->nlog];

        if (b->actor >= 0) {
            s->actors[b->actor].alive = b->was.alive;
            s->actors[b->actor].waits = b->was.waits;
            s->actors[b->actor].parent = b->was.parent;
            m->inside[b->actor].call = b->call;
        } else {
            state_free(m->objects[b->object].state);
            m->objects[b->object].state = b->state;
        }
    }
    m->input++;
}
