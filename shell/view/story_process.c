/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes begin, become other programs, stop and end. */
#include <stdlib.h>
#include <string.h>

#include "view/story_parts.h"

/* "inherits r=3 w=4": what it has from its parent. */
static const char *
born_with(struct story *s, struct row *r)
{
    const struct item *fds = event_get(r->e, NULL, "fds");
    const char *before = "inherits ";

    if (fds == NULL)
        return "";
    for (const struct item *i = item_first(r->e, fds); i != NULL; i = item_next(r->e, i)) {
        const char *mode = event_get_text(r->e, i, "mode");

        row_puts(r, before);
        row_text(r, mode != NULL ? mode : "fd");
        buf_printf(r->out, "=%lld", (long long)event_get_int(r->e, i, "fd", -1));
        before = " ";
    }
    return story_take(s);
}

static void
add_fork(struct story *s, int parent, int child, const char *born)
{
    struct moment *m = story_add(s, MOMENT_FORK, parent);

    m->other = child;
    m->born = born;
}

void
story_tell_held(struct story *s)
{
    int parent = s->memory->held;
    const struct call *c = s->memory->inside[parent].call;

    s->memory->held = -1;
    add_fork(s, parent, c->child, c->born);
    s->moments[s->n - 1].step = c->words.step;
}

static void
read_fork(struct story *s, struct row *r, int child)
{
    int parent = story_find(s, story_text(r, "parent"));
    struct call *c = parent >= 0 ? s->memory->inside[parent].call : NULL;
    const char *born = born_with(s, r);

    before_actor(s, child);
    story_leave(s, child);
    s->actors[child].alive = true;
    s->actors[child].waits = false;
    s->actors[child].parent = parent;
    state_forked(s, parent, child);
    if (c == NULL || c->words.blocked) {
        add_fork(s, parent, child, born);
        return;
    }
    c->child = child;
    c->born = born;
    s->memory->held = parent;
}

static void
put_pid(struct row *r)
{
    int64_t pid = event_get_int(r->e, NULL, "pid", -1);

    if (pid >= 0 && !row_varies(r, "pid"))
        buf_printf(r->out, ", pid %lld", (long long)pid);
}

static void
read_spawn(struct story *s, struct row *r, int actor)
{
    before_actor(s, actor);
    story_leave(s, actor);
    s->actors[actor].alive = true;
    s->actors[actor].waits = false;
    s->actors[actor].parent = -1;
    row_puts(r, "begins");
    if (story_text(r, "host")[0] != '\0') {
        row_puts(r, " on ");
        row_text(r, story_text(r, "host"));
    }
    put_pid(r);
    story_add(s, MOMENT_SPAWN, actor)->head = story_take(s);
}

static void
put_killed(struct row *r)
{
    const struct item *vol = event_get(r->e, NULL, "vol");
    const struct item *addr = vol != NULL ? event_get(r->e, vol, "addr") : NULL;
    const char *sig = story_text(r, "sig");

    row_puts(r, "killed by ");
    row_text(r, sig[0] != '\0' ? sig : "a signal");
    if (addr == NULL)
        addr = event_get(r->e, NULL, "addr");
    if (addr == NULL || r->l->stable)
        return;
    row_puts(r, " at address ");
    if (addr->kind == ITEM_INT)
        buf_printf(r->out, "0x%llx", (unsigned long long)addr->value);
    else
        row_address(r, addr);
}

/* The end of a process is the end of its call. */
static void
read_end(struct story *s, struct row *r, int actor, bool killed)
{
    const struct call *c;
    struct moment *m;
    bool inside, alone;

    before_actor(s, actor);
    c = s->memory->inside[actor].call;
    inside = c != NULL && !c->words.blocked;
    alone = !inside;
    state_ended(s, actor);
    m = story_add(s, killed ? MOMENT_KILLED : MOMENT_EXIT, actor);
    m->bad = m->important = killed;
    m->cut_short = c != NULL && (killed || c->words.blocked);
    m->step = inside ? c->words.step : -1;
    m->other = story_find(s, story_text(r, "parent"));
    if (inside) {
        story_call_words(s, r, actor, "");
        m->head = story_take(s);
    }
    if (killed)
        put_killed(r);
    else if (alone)
        buf_printf(r->out, "exited %lld", (long long)event_get_int(r->e, NULL, "status", 0));
    *(alone ? &m->head : &m->more) = story_take(s);
    if (story_text(r, "text")[0] != '\0') {
        row_puts(r, m->more);
        row_puts(r, m->more[0] != '\0' ? "\n" : "");
        row_text(r, story_text(r, "text"));
        m->more = story_take(s);
    }
    s->actors[actor].alive = s->actors[actor].waits = false;
    story_leave(s, actor);
}

static void
read_exec(struct story *s, struct row *r, int actor)
{
    const struct call *c;
    struct moment *m = story_add(s, MOMENT_EXEC, actor);
    const char *path = story_text(r, "path");

    before_actor(s, actor);
    c = s->memory->inside[actor].call;
    if (c != NULL) {
        m->step = c->words.step;
        story_call_words(s, r, actor, "");
        m->head = story_take(s);
    }
    row_puts(r, "is another program now");
    if (path[0] != '\0') {
        row_puts(r, ": ");
        row_text(r, path);
    }
    *(c != NULL ? &m->more : &m->head) = story_take(s);
    s->actors[actor].waits = false;
    story_leave(s, actor);
}

static void
read_other(struct story *s, struct row *r, int actor, const char *what)
{
    const char *sig = story_text(r, "sig"), *parent = story_text(r, "parent");
    bool reaped = strcmp(what, "reaped") == 0;
    struct moment *m = story_add(s, reaped ? MOMENT_REAPED : MOMENT_STOPPED, actor);

    m->other = story_find(s, parent);
    row_text(r, what);
    if (sig[0] != '\0' || parent[0] != '\0') {
        row_puts(r, " by ");
        row_text(r, sig[0] != '\0' ? sig : parent);
    }
    m->head = story_take(s);
}

void
story_process(struct story *s, struct row *r)
{
    int actor = story_actor(s, story_text(r, "actor"));
    const char *what = story_text(r, "what");

    if (actor < 0)
        return;
    if (strcmp(what, "fork") == 0)
        read_fork(s, r, actor);
    else if (strcmp(what, "spawn") == 0)
        read_spawn(s, r, actor);
    else if (strcmp(what, "exit") == 0 || strcmp(what, "killed") == 0)
        read_end(s, r, actor, what[0] == 'k');
    else if (strcmp(what, "exec") == 0)
        read_exec(s, r, actor);
    else
        read_other(s, r, actor, what);
    story_notes(s, r, actor);
}
