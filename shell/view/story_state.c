/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Objects and their state in short, for a column: of those who hold an end only how many there are.
 * A fork copies all descriptors and an end closes them all, so that both change the counts without
 * an event that says so. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "view/story_parts.h"

enum { LEVEL_WIDTH = 3 }; /* of the number that a state begins with */

struct shaping {
    struct row *r;
    struct story *s;
    const struct item *fields;
    struct state *state;
    size_t last; /* behind the last list */
};

void
state_free(struct state *st)
{
    if (st == NULL)
        return;
    for (int i = 0; i < st->nlists; i++)
        free(st->lists[i].who);
    free(st->shape);
    free(st);
}

void
state_forget_all(struct story *s)
{
    for (int i = 0; i < s->memory->nobjects; i++)
        if (s->memory->objects[i].state != NULL)
            before_object(s, i);
}

static int
find_object(struct story *s, const char *name)
{
    struct story_memory *m = s->memory;

    for (int i = m->nobjects - 1; i >= 0; i--)
        if (strcmp(m->objects[i].name, name) == 0)
            return i;
    if (m->nobjects == m->cap_objects) {
        m->cap_objects = m->cap_objects == 0 ? 16 : m->cap_objects * 2;
        m->objects = mem_grow(m->objects, (size_t)m->cap_objects * sizeof *m->objects);
    }
    m->objects[m->nobjects] = (struct object){.name = mem_copy(name), .logged = -1};
    return m->nobjects++;
}

/* What the moment in the making is about: the object as it is now. */
static void
add_about(struct story *s, int object)
{
    struct story_memory *m = s->memory;
    const struct object *o = &m->objects[object];
    struct buf text = {0};

    for (const char *c = o->state != NULL ? o->state->shape : ""; *c != '\0'; c++)
        if (*c <= STATE_MAX_LISTS && *c > 0)
            buf_printf(&text, "%d", o->state->lists[*c - 1].n);
        else
            buf_putc(&text, *c);
    if (m->nabout == m->cap_about) {
        m->cap_about = m->cap_about == 0 ? 8 : m->cap_about * 2;
        m->about = mem_grow(m->about, (size_t)m->cap_about * sizeof *m->about);
    }
    m->about[m->nabout++] = (struct moment_object){
        story_keep(s, o->name, strlen(o->name)),
        story_keep(s, buf_text(&text), text.len),
    };
    buf_release(&text);
}

/* "W: $w  R: $r" is "W2 R1": the label stands before its count, one blank between two of them. */
static void
put_list(struct shaping *sh, const struct item *list)
{
    struct state *st = sh->state;
    struct buf *out = sh->r->out;
    int n = 0, k = st->nlists++;

    for (const struct item *i = item_first(sh->r->e, list); i != NULL; i = item_next(sh->r->e, i))
        n++;
    st->lists[k].who = mem_alloc((size_t)(n + 1) * sizeof(int));
    st->lists[k].n = n;
    n = 0;
    for (const struct item *i = item_first(sh->r->e, list); i != NULL; i = item_next(sh->r->e, i))
        st->lists[k].who[n++] =
            i->kind == ITEM_TEXT ? story_find(sh->s, item_text(sh->r->e, i)) : -1;
    if (out->len >= 2 && memcmp(out->data + out->len - 2, ": ", 2) == 0)
        row_cut(sh->r, out->len - 2);
    if (sh->last > 0 && out->len > sh->last + 2 && memcmp(out->data + sh->last, "  ", 2) == 0) {
        memmove(out->data + sh->last, out->data + sh->last + 1, out->len - sh->last);
        out->len--;
    }
    buf_putc(out, (char)(k + 1));
    sh->last = out->len;
}

static void
put_plain(struct shaping *sh, const struct item *i)
{
    if (i->kind == ITEM_INT && sh->r->out->len == 0)
        buf_printf(sh->r->out, "%*lld", LEVEL_WIDTH, (long long)i->value);
    else if (i->kind == ITEM_TEXT && !i->b64 && !i->cut)
        row_text(sh->r, i->len > 0 ? item_text(sh->r->e, i) : "-");
    else if (!row_messages(sh->r, i))
        row_value(sh->r, i);
}

static void
put_field(struct shaping *sh, const struct item *i)
{
    const struct item *first;

    if (i == NULL) /* not in this state */
        return;
    first = item_first(sh->r->e, i);
    if (i->kind == ITEM_ARRAY && (first == NULL || first->kind == ITEM_TEXT) &&
        sh->state->nlists < STATE_MAX_LISTS)
        put_list(sh, i);
    else
        put_plain(sh, i);
}

static bool
put_named(struct row *r, void *ctx, const char *name, size_t n)
{
    struct shaping *sh = ctx;
    char copy[64];

    (void)r;
    if (n >= sizeof copy)
        return false;
    memcpy(copy, name, n);
    copy[n] = '\0';
    put_field(sh, event_get(sh->r->e, sh->fields, copy));
    return true;
}

static struct state *
read_state(struct story *s, const struct event *e, const char *obj, const struct item *fields)
{
    struct buf shape = {0};
    struct row r = {.l = &s->memory->words, .out = &shape, .e = e};
    struct shaping sh = {&r, s, fields, mem_alloc(sizeof(struct state)), 0};
    const struct ipclab_kind *kind = state_kind(&r, obj);

    if (kind != NULL && kind->line != NULL) {
        state_fill_in(&r, kind->line, put_named, &sh);
    } else {
        for (const struct item *i = item_first(e, fields); i != NULL; i = item_next(e, i)) {
            row_puts(&r, shape.len > 0 ? "  " : "");
            row_text(&r, item_name(e, i));
            row_puts(&r, " ");
            put_field(&sh, i);
        }
    }
    while (shape.len > 0 && shape.data[shape.len - 1] == ' ')
        row_cut(&r, shape.len - 1);
    sh.state->shape = mem_copy(buf_text(&shape));
    buf_release(&shape);
    return sh.state;
}

void
state_told(struct story *s, const struct event *e)
{
    const char *obj = event_get_text(e, NULL, "obj");
    const struct item *fields = event_get(e, NULL, "state");
    struct buf name = {0};
    int object;

    if (obj == NULL || obj[0] == '\0')
        return;
    text_escape(&name, obj, strlen(obj), s->options.ascii);
    object = find_object(s, buf_text(&name));
    buf_release(&name);
    if (fields != NULL && fields->kind == ITEM_OBJECT) {
        struct state *now = read_state(s, e, obj, fields);

        before_object(s, object);
        s->memory->objects[object].state = now;
    }
    add_about(s, object);
}

static bool
holds(const struct state *st, int list, int actor)
{
    for (int i = 0; i < st->lists[list].n; i++)
        if (st->lists[list].who[i] == actor)
            return true;
    return false;
}

/* A copy in which `more` holds what actor holds; -1: in which actor holds nothing. */
static struct state *
changed(const struct state *st, int actor, int more)
{
    struct state *now = mem_alloc(sizeof *now);

    now->shape = mem_copy(st->shape);
    now->nlists = st->nlists;
    for (int k = 0; k < st->nlists; k++) {
        int n = 0;

        now->lists[k].who = mem_alloc((size_t)(st->lists[k].n + 1) * sizeof(int));
        for (int i = 0; i < st->lists[k].n; i++)
            if (more >= 0 || st->lists[k].who[i] != actor)
                now->lists[k].who[n++] = st->lists[k].who[i];
        if (more >= 0 && holds(st, k, actor) && !holds(st, k, more))
            now->lists[k].who[n++] = more;
        now->lists[k].n = n;
    }
    return now;
}

static void
change_all(struct story *s, int actor, int more)
{
    struct story_memory *m = s->memory;

    for (int i = 0; i < m->nobjects; i++) {
        const struct state *st = m->objects[i].state;
        struct state *now;
        bool any = false;

        for (int k = 0; st != NULL && k < st->nlists; k++)
            any |= holds(st, k, actor);
        if (!any)
            continue;
        now = changed(st, actor, more);
        before_object(s, i);
        m->objects[i].state = now;
        add_about(s, i);
    }
}

void
state_forked(struct story *s, int parent, int child)
{
    if (parent >= 0)
        change_all(s, parent, child);
}

void
state_ended(struct story *s, int actor)
{
    change_all(s, actor, -1);
}
