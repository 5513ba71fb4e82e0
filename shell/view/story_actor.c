/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Actors by their names. There may be thousands, and every event names some. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/story_parts.h"

static unsigned
hash(const char *name)
{
    unsigned h = 2166136261u;

    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* The slot where this name is, or could be. */
static int *
slot_of(const struct story *s, const char *name)
{
    const struct story_memory *m = s->memory;
    unsigned at = hash(name) & (m->nslots - 1);

    while (m->slots[at] >= 0 && strcmp(m->inside[m->slots[at]].name, name) != 0)
        at = (at + 1) & (m->nslots - 1);
    return &m->slots[at];
}

int
story_find(const struct story *s, const char *name)
{
    return s->nactors == 0 ? -1 : *slot_of(s, name);
}

/* Room for twice as many. */
static void
grow(struct story *s)
{
    struct story_memory *m = s->memory;

    m->cap_actors = m->cap_actors == 0 ? 8 : m->cap_actors * 2;
    s->actors = mem_grow(s->actors, (size_t)m->cap_actors * sizeof *s->actors);
    m->inside = mem_grow(m->inside, (size_t)m->cap_actors * sizeof *m->inside);
    m->nslots = (unsigned)m->cap_actors * 4;
    m->slots = mem_grow(m->slots, m->nslots * sizeof *m->slots);
    for (unsigned i = 0; i < m->nslots; i++)
        m->slots[i] = -1;
    for (int i = 0; i < s->nactors; i++)
        *slot_of(s, m->inside[i].name) = i;
}

int
story_actor(struct story *s, const char *name)
{
    struct story_memory *m = s->memory;
    struct buf shown = {0};
    int found;

    if (name == NULL || name[0] == '\0')
        return -1;
    found = story_find(s, name);
    if (found >= 0)
        return found;
    if (s->nactors == m->cap_actors)
        grow(s);
    text_escape(&shown, name, strlen(name), s->options.ascii);
    s->actors[s->nactors] = (struct story_actor){.name = mem_copy(buf_text(&shown)), .parent = -1};
    m->inside[s->nactors] = (struct inside){.name = mem_copy(name), .logged = -1};
    *slot_of(s, name) = s->nactors;
    buf_release(&shown);
    return s->nactors++;
}
