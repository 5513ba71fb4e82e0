/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The event of a verdict, with all that is needed to draw it or to say it, in this order:
 *
 *   "waits"    who waits in which call since when, on what, and why
 *   "holders"  what keeps the calls from ending: whose descriptor, or who took what they need, and
 *              since when and how
 *   "cycle"    those who wait for each other in a ring; one name: it waits for itself
 *   "says"     whole sentences. The first says what the call needs, and stands before the holders;
 *              the others come after them, the last says who is left
 *   "next"     lines to type, one after the other: those that help now, or `undo N` and then what
 *              should have come before the call
 *   "undo"     how many input lines to take back so that the call has not been made yet
 *
 * Everything in it repeats from run to run: names, steps and descriptors, no pids. */
#include <sys/wait.h>

#include "session/explain.h"
#include "session/narrate_parts.h"

enum {
    TOLD_MAX = 64,      /* waiting actors and holders in one event */
    EXPLAINED_MAX = 16, /* actors that are asked about */
    SAID_MAX = 4,       /* actors with a sentence of their own */
    NAMED_MAX = 8,      /* actors in one sentence */
};

struct verdict {
    struct session *s;
    struct actor **waiting;
    int n;
    json_t *facts[EXPLAINED_MAX]; /* of waiting[order[i]]; the first is what it is mostly about */
    struct actor *who[EXPLAINED_MAX];
    int nfacts;
    int ring[EXPLAINED_MAX]; /* indices of facts */
    int nring;
};

/* ---- Who waits for whom -------------------------------------------------------------------- */

static const char *
text_of(const json_t *facts, const char *name)
{
    const char *text = json_string_value(json_object_get(facts, name));

    return text != NULL ? text : "";
}

static int
index_of(const struct verdict *v, const char *name)
{
    for (int i = 0; i < v->nfacts; i++)
        if (strcmp(v->who[i]->name, name) == 0)
            return i;
    return -1;
}

/* Looks for a way from the last of the path back into it; a ring stays in v->ring. */
static bool
find_ring(struct verdict *v, int *path, int n, bool *seen)
{
    const json_t *could = json_object_get(v->facts[path[n - 1]], "could"), *name;
    size_t k;

    json_array_foreach(could, k, name)
    {
        int to = index_of(v, json_string_value(name));

        for (int i = 0; i < n && to >= 0; i++)
            if (path[i] == to) {
                v->nring = n - i;
                memcpy(v->ring, path + i, sizeof *path * (size_t)v->nring);
                return true;
            }
        if (to < 0 || seen[to])
            continue;
        seen[to] = true;
        path[n] = to;
        if (find_ring(v, path, n + 1, seen))
            return true;
    }
    return false;
}

/* ---- Asking -------------------------------------------------------------------------------- */

static int
latest_first(const void *a, const void *b)
{
    const struct actor *x = *(struct actor *const *)a, *y = *(struct actor *const *)b;

    return x->step != y->step ? (x->step > y->step ? -1 : 1) : y->id - x->id;
}

/* What the verdict is mostly about comes first: whose call another line before it would have
 * helped, else the call that was made last. */
static void
put_focus_first(struct verdict *v)
{
    for (int i = 1; i < v->nfacts; i++)
        if (json_array_size(json_object_get(v->facts[0], "before")) == 0 &&
            json_array_size(json_object_get(v->facts[i], "before")) > 0) {
            json_t *facts = v->facts[i];
            struct actor *who = v->who[i];

            v->facts[i] = v->facts[0];
            v->who[i] = v->who[0];
            v->facts[0] = facts;
            v->who[0] = who;
        }
}

static void
ask(struct verdict *v)
{
    bool seen[EXPLAINED_MAX] = {false};
    int path[EXPLAINED_MAX + 1] = {0};

    qsort(v->waiting, (size_t)v->n, sizeof(struct actor *), latest_first);
    for (int i = 0; i < v->n && i < EXPLAINED_MAX; i++) {
        explain_refresh(v->s, v->waiting[i]);
        v->who[v->nfacts] = v->waiting[i];
        v->facts[v->nfacts++] = explain_facts(v->s, v->waiting[i]);
    }
    put_focus_first(v);
    for (int i = 0; i < v->nfacts && v->nring == 0; i++) {
        path[0] = i;
        seen[i] = true;
        find_ring(v, path, 1, seen);
    }
}

/* ---- Fields -------------------------------------------------------------------------------- */

static void
put_waits(struct verdict *v)
{
    struct event *e = &v->s->event;
    int told = 0;

    event_array(e, "waits");
    for (int i = 0; i < v->s->world.nactors && told < TOLD_MAX; i++) {
        const struct actor *a = v->s->world.actors[i];
        bool waiting = false;

        for (int k = 0; k < v->n && !waiting; k++)
            waiting = v->waiting[k] == a;
        if (!waiting)
            continue;
        told++;
        event_object(e, NULL);
        event_text(e, "actor", a->name);
        event_text(e, "call", a->call_name);
        event_int(e, "step", a->step);
        if (a->nobjects > 0)
            event_text(e, "obj", v->s->world.objects[a->objects[explain_object(a)]].name);
        event_text(e, "why", a->why);
        event_text(e, "text", buf_text(&a->waits_text));
        event_close(e);
    }
    event_close(e);
}

/* Is this descriptor among the holders of facts before this one? Two may wait on one object. */
static bool
was_told(const struct verdict *v, int before, const json_t *holder)
{
    for (int i = 0; i < before; i++) {
        const json_t *list = json_object_get(v->facts[i], "holders"), *other;
        size_t k;

        json_array_foreach(list, k, other) if (json_equal(other, holder)) return true;
    }
    return false;
}

static void
put_holders(struct verdict *v)
{
    struct event *e = &v->s->event;
    int told = 0;

    event_array(e, "holders");
    for (int i = 0; i < v->nfacts; i++) {
        const json_t *list = json_object_get(v->facts[i], "holders"), *h;
        size_t k;

        json_array_foreach(list, k, h)
        {
            if (was_told(v, i, h) || told++ >= TOLD_MAX)
                continue;
            event_object(e, NULL);
            event_text(e, "actor", text_of(h, "actor"));
            if (json_object_get(h, "fd") != NULL) {
                event_int(e, "fd", json_integer_value(json_object_get(h, "fd")));
                event_text(e, "mode", text_of(h, "mode"));
            }
            event_text(e, "obj", text_of(v->facts[i], "obj"));
            event_int(e, "since", json_integer_value(json_object_get(h, "since")));
            event_text(e, "how", text_of(h, "how"));
            event_close(e);
        }
    }
    event_close(e);
}

static void
put_ring(struct verdict *v)
{
    if (v->nring == 0)
        return;
    event_array(&v->s->event, "cycle");
    for (int i = 0; i < v->nring; i++)
        event_text(&v->s->event, NULL, v->who[v->ring[i]]->name);
    event_close(&v->s->event);
}

/* ---- Sentences ----------------------------------------------------------------------------- */

/* "a waits for b, b for c, and c for a." */
static void
say_ring(struct verdict *v)
{
    struct buf text = {0};

    if (v->nring < 2)
        return;
    for (int i = 0; i < v->nring; i++)
        buf_printf(&text, "%s%s%s %s%s",
                   i == 0              ? ""
                   : i == v->nring - 1 ? ", and "
                                       : ", ",
                   v->who[v->ring[i]]->name, i == 0 || v->nring == 2 ? " waits" : "", "for ",
                   v->who[v->ring[(i + 1) % v->nring]]->name);
    buf_putc(&text, '.');
    event_text(&v->s->event, NULL, buf_text(&text));
    buf_release(&text);
}

static bool
is_in_ring(const struct verdict *v, const struct actor *a)
{
    for (int i = 0; i < v->nring; i++)
        if (v->who[v->ring[i]] == a)
            return v->nring > 1;
    return false;
}

static void
put_end(const struct actor *a, struct buf *text)
{
    char room[32];

    buf_puts(text, a->name);
    if (a->status_known && WIFSIGNALED(a->wait_status))
        buf_printf(text, " was killed by %s",
                   narrate_signal(WTERMSIG(a->wait_status), room, sizeof room));
    else
        buf_puts(text, " has exited");
}

static void
put_waiting(const struct verdict *v, const struct actor *a, struct buf *text)
{
    int i = a->stopped ? -1 : index_of(v, a->name);
    const char *whom =
        i >= 0 ? json_string_value(json_array_get(json_object_get(v->facts[i], "could"), 0)) : NULL;

    if (a->stopped)
        buf_printf(text, "%s is stopped", a->name);
    else if (whom == NULL)
        buf_printf(text, "%s waits in %s", a->name, a->call_name);
    else
        buf_printf(text, "%s waits for %s", a->name, strcmp(whom, a->name) == 0 ? "itself" : whom);
}

/* Who is left, for `stuck`: nobody who could do anything. */
static void
say_who_is_left(struct verdict *v)
{
    struct buf text = {0};
    int n = 0;

    for (int i = 0; i < v->s->world.nactors; i++) {
        const struct actor *a = v->s->world.actors[i];

        if (is_in_ring(v, a) || world_actor(&v->s->world, a->name) != a)
            continue;
        if (n++ >= NAMED_MAX)
            continue;
        buf_puts(&text, n > 1 ? ", " : "Nobody who could end that is left: ");
        if (actor_alive(a))
            put_waiting(v, a, &text);
        else
            put_end(a, &text);
    }
    if (n > NAMED_MAX)
        buf_printf(&text, ", and %d more", n - NAMED_MAX);
    buf_puts(&text, n > 0 ? "." : "Nobody else is alive.");
    event_text(&v->s->event, NULL, buf_text(&text));
    buf_release(&text);
}

static void
put_says(struct verdict *v, bool stuck)
{
    struct event *e = &v->s->event;

    event_array(e, "says");
    for (int i = 0; i < v->nfacts && i < SAID_MAX; i++) {
        const char *rule = text_of(v->facts[i], "rule");
        struct buf text = {0};

        buf_printf(&text, "%s cannot go on: %s.", v->who[i]->name,
                   rule[0] != '\0' ? rule : text_of(v->facts[i], "waits"));
        event_text(e, NULL, buf_text(&text));
        buf_release(&text);
    }
    say_ring(v);
    if (stuck)
        say_who_is_left(v);
    else
        event_text(e, NULL, "Nothing that others hold can end this call.");
    event_close(e);
}

static void
put_next(struct verdict *v)
{
    struct event *e = &v->s->event;
    const json_t *before = json_object_get(v->facts[0], "before"), *line;
    json_int_t undo = json_integer_value(json_object_get(v->facts[0], "undo"));
    const json_t *lines = before;
    char text[32];
    size_t i;

    event_array(e, "next");
    if (json_array_size(before) > 0 && undo > 0) {
        snprintf(text, sizeof text, "undo %lld", (long long)undo);
        event_text(e, NULL, text);
    } else {
        lines = json_object_get(v->facts[0], "next");
    }
    json_array_foreach(lines, i, line) event_text(e, NULL, json_string_value(line));
    event_close(e);
    if (undo > 0)
        event_int(e, "undo", undo);
}

/* ---- In one text --------------------------------------------------------------------------- */

static void
put_text(struct verdict *v, bool stuck)
{
    struct buf text = {0};
    const struct actor *a = v->waiting[0];
    int n = 0;

    if (!stuck)
        buf_printf(&text, "%s's %s (step %lld) can never end: %s", a->name, a->call_name,
                   (long long)a->step, buf_text(&a->waits_text));
    for (int i = 0; i < v->s->world.nactors && stuck; i++) {
        a = v->s->world.actors[i];
        if (!actor_alive(a) || n++ >= NAMED_MAX)
            continue;
        if (a->stopped)
            buf_printf(&text, "%s%s is stopped", n > 1 ? "; " : "", a->name);
        else
            buf_printf(&text, "%s%s waits in %s since step %lld (%s)", n > 1 ? "; " : "", a->name,
                       a->call_name, (long long)a->step, buf_text(&a->waits_text));
    }
    if (n > NAMED_MAX)
        buf_printf(&text, "; and %d more", n - NAMED_MAX);
    if (stuck)
        buf_printf(&text, ". Nobody is left who could move: %s",
                   n == 1 ? "it is the only one alive" : "each waits for another");
    event_text(&v->s->event, "text", buf_text(&text));
    buf_release(&text);
}

void
verdict_tell(struct session *s, const char *kind, struct actor **waiting, int n)
{
    struct verdict v = {.s = s, .waiting = waiting, .n = n};
    struct event *e = &s->event;
    bool stuck = strcmp(kind, "stuck") == 0;

    ask(&v);
    event_start(e, "verdict");
    event_text(e, "kind", kind);
    event_array(e, "actors");
    for (int i = 0; i < s->world.nactors; i++)
        if (stuck ? actor_alive(s->world.actors[i]) : s->world.actors[i] == waiting[0])
            event_text(e, NULL, s->world.actors[i]->name);
    event_close(e);
    if (text_of(v.facts[0], "obj")[0] != '\0')
        event_text(e, "obj", text_of(v.facts[0], "obj"));
    put_text(&v, stuck);
    put_waits(&v);
    put_holders(&v);
    put_ring(&v);
    put_says(&v, stuck);
    put_next(&v);
    session_tell(s);
    for (int i = 0; i < v.nfacts; i++)
        json_decref(v.facts[i]);
}
