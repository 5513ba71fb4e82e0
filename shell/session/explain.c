/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why an actor waits: the observer of the world is asked, in which the plugin of the mechanism
 * explains; the shell adds who is who. An await explains itself here. */
#include <errno.h>
#include <poll.h>

#include "base/mem.h"
#include "proc/facts.h"
#include "session/run.h"

enum {
    EXPLAIN_MS = 2000,    /* an observer that takes longer is replaced */
    TELL_EVERYBODY = 256, /* processes told to the observer when there are not more */
};

static void
forget_observer(struct world *w)
{
    if (w->observer >= 0)
        close(w->observer);
    w->observer = -1;
}

static bool
matters(const struct session *s, const struct actor *a, const struct actor *self, int object)
{
    if (s->world.nactors <= TELL_EVERYBODY || a == self || a->parent == self->id)
        return true;
    for (int k = 0; k < a->nfds && object >= 0; k++)
        if (a->fds[k].ino == s->world.objects[object].key &&
            a->fds[k].dev == s->world.objects[object].key2)
            return true;
    return false;
}

static void
put_process(struct buf *b, const struct actor *a)
{
    bool zombie = a->state == ACTOR_DEAD && !a->reaped && probe_state_letter(a->host) == 'Z';

    wire_text(b, a->name);
    wire_i64(b, a->host);
    wire_i64(b, a->pid);
    wire_i64(b, a->parent_pid);
    wire_u8(b, a->state == ACTOR_BUSY);
    wire_u8(b, zombie);
    wire_u8(b, a->state == ACTOR_FOREIGN);
    wire_text(b, a->state == ACTOR_BUSY && a->call_name != NULL ? a->call_name : "");
}

/* Which object the call waits on: of several the first whose kind can explain is tried first. */
static void
put_question(struct session *s, const struct actor *a, struct buf *b)
{
    struct world *w = &s->world;
    int object = a->nobjects > 0 ? a->objects[a->nobjects - 1] : -1;
    int fd = a->nobjects > 0 ? a->object_fds[a->nobjects - 1] : -1;
    int *index = mem_alloc(sizeof *index * (size_t)(w->nactors + 1));
    struct wire_in in;
    struct fact_item f;
    struct buf args = {0};
    uint32_t n = 0, nholders = 0;
    uint8_t nargs = 0;
    size_t count_at;

    facts_open(&in, &a->enter);
    while (facts_next(&in, &f))
        if (f.kind == FACT_ARG && nargs < IPCLAB_MAX_ARGS) {
            wire_i64(&args, f.value);
            nargs++;
        }
    for (int i = 0; i < w->nactors; i++) {
        const struct actor *p = w->actors[i];
        bool gone = p->state == ACTOR_DEAD &&
                    (p->reaped || p->host == 0 || probe_state_letter(p->host) != 'Z');

        index[i] = !gone && matters(s, p, a, object) ? (int)n++ : -1;
    }
    wire_u32(b, (uint32_t)a->ref.plugin);
    wire_u32(b, (uint32_t)a->ref.call);
    wire_u32(b, (uint32_t)index[a->id]);
    wire_u8(b, nargs);
    buf_put(b, buf_text(&args), args.len);
    wire_text(b, object >= 0 ? w->objects[object].kind->name : "");
    wire_i64(b, object >= 0 ? (int64_t)w->objects[object].key : 0);
    wire_i64(b, object >= 0 ? (int64_t)w->objects[object].key2 : 0);
    wire_u32(b, (uint32_t)fd);
    wire_u32(b, n);
    for (int i = 0; i < w->nactors; i++)
        if (index[i] >= 0)
            put_process(b, w->actors[i]);
    count_at = b->len;
    wire_u32(b, 0);
    for (int i = 0; i < w->nactors && object >= 0; i++)
        for (int k = 0; k < w->actors[i]->nfds && index[i] >= 0; k++) {
            const struct fd_entry *e = &w->actors[i]->fds[k];

            if (e->ino != w->objects[object].key || e->dev != w->objects[object].key2)
                continue;
            wire_u32(b, (uint32_t)index[i]);
            wire_u32(b, (uint32_t)e->fd);
            wire_u8(b, (uint8_t)e->access);
            nholders++;
        }
    memcpy(b->data + count_at, &nholders, sizeof nholders);
    buf_release(&args);
    free(index);
}

static bool
receive_answer(struct world *w, uint32_t request, struct buf *out)
{
    static char frame[WIRE_MAX];
    struct pollfd p = {.fd = w->observer, .events = POLLIN};
    struct wire_in in;

    for (;;) {
        ssize_t n;
        int ready = poll(&p, 1, EXPLAIN_MS);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        n = wire_receive(w->observer, frame, sizeof frame, false, NULL, NULL, NULL);
        if (n <= 0)
            return false;
        if (wire_open(&in, frame, (size_t)n) && in.type == FRAME_EXPLANATION &&
            in.request == request) {
            buf_put(out, in.p, in.left);
            return true;
        }
    }
}

void
explain_wait(struct session *s, struct actor *a, struct buf *out)
{
    static struct buf frame;
    struct world *w = &s->world;
    struct err err;

    buf_clear(out);
    if (a->call == NULL)
        return;
    world_refresh_fds(w);
    if (w->observer < 0 &&
        launcher_observer(&s->launcher, w->kind, w->init, &w->observer, &err) < 0) {
        w->observer = -1;
        return;
    }
    wire_begin(&frame, FRAME_EXPLAIN, ++w->request);
    put_question(s, a, &frame);
    if (wire_send_wait(w->observer, &frame, NULL, 0) < 0 || !receive_answer(w, w->request, out)) {
        forget_observer(w); /* it crashed or looped; the next question gets a new one */
        buf_clear(out);
    }
}

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
                   s->world.objects[a->objects[a->nobjects - 1]].name);
    else
        buf_printf(out, "asleep in %s", a->call_name);
}

static void
take_state(struct session *s, const struct actor *a, const struct buf *facts)
{
    struct wire_in in, before;
    struct fact_item f;
    struct buf state = {0};

    if (a->nobjects == 0)
        return;
    facts_open(&in, facts);
    for (before = in; facts_next(&in, &f); before = in)
        if (f.kind == FACT_STATE_INT || f.kind == FACT_STATE_TEXT || f.kind == FACT_STATE_BYTES)
            buf_put(&state, before.p, (size_t)(in.p - before.p));
    if (state.len > 0) {
        buf_release(&s->world.objects[a->objects[a->nobjects - 1]].state);
        s->world.objects[a->objects[a->nobjects - 1]].state = state;
    }
}

/* Those who hold another end of the object than the waiting actor does. */
static void
put_holders(struct session *s, const struct actor *a)
{
    const struct object *o = &s->world.objects[a->objects[a->nobjects - 1]];
    char own = 0;

    for (int k = 0; k < a->nfds; k++)
        if (a->fds[k].fd == a->object_fds[a->nobjects - 1])
            own = a->fds[k].access;
    event_array(&s->event, "holders");
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *h = s->world.actors[i];

        for (int k = 0; k < h->nfds; k++) {
            char mode[2] = {h->fds[k].access, 0};

            if (h->fds[k].ino != o->key || h->fds[k].dev != o->key2 ||
                (own != 'u' && h->fds[k].access == own))
                continue;
            event_object(&s->event, NULL);
            event_text(&s->event, "actor", h->name);
            event_int(&s->event, "fd", h->fds[k].fd);
            event_text(&s->event, "mode", mode);
            event_close(&s->event);
        }
    }
    event_close(&s->event);
}

/* Reads an explanation into the actor: the clause of its wait, whether anything can end it. The
 * word for the trace is returned; it lives as long as facts. */
static const char *
take_explanation(struct session *s, struct actor *a, const struct buf *facts)
{
    struct wire_in in;
    struct fact_item f;
    const char *why = "";

    a->never = step_of(a)->kind == STEP_AWAIT && !a->await_shared;
    buf_clear(&a->waits_text);
    facts_open(&in, facts);
    while (facts_next(&in, &f)) {
        if (f.kind == FACT_WHY)
            why = f.name;
        else if (f.kind == FACT_NEVER)
            a->never = true;
        else if (f.kind == FACT_WAITS && a->waits_text.len == 0)
            buf_puts(&a->waits_text, f.name);
    }
    if (a->waits_text.len == 0)
        default_clause(s, a, &a->waits_text);
    if (step_of(a)->kind == STEP_AWAIT)
        return "condition";
    return a->timed ? "time" : why[0] != '\0' ? why : "waits";
}

void
explain_refresh(struct session *s, struct actor *a)
{
    static struct buf facts;

    explain_wait(s, a, &facts);
    take_explanation(s, a, &facts);
}

void
narrate_block(struct session *s, struct actor *a)
{
    static struct buf facts;
    struct event *e = &s->event;
    int object = a->nobjects > 0 ? a->objects[a->nobjects - 1] : -1;
    const char *why;

    explain_wait(s, a, &facts);
    take_state(s, a, &facts);
    why = take_explanation(s, a, &facts);
    event_start(e, "block");
    event_int(e, "step", a->step);
    event_text(e, "actor", a->name);
    event_text(e, "call", a->call_name);
    if (object >= 0)
        event_text(e, "obj", s->world.objects[object].name);
    event_text(e, "why", why);
    event_text(e, "waits", buf_text(&a->waits_text));
    if (object >= 0 && a->object_fds[a->nobjects - 1] >= 0)
        put_holders(s, a);
    if (object >= 0 && s->world.objects[object].state.len > 0)
        narrate_state(s, object);
    session_tell(s);
    a->blocked_told = true;
}

/* For `LEFT == RIGHT`: an idle actor that has the variables too could make it hold. */
static void
next_for_await(const struct session *s, const struct actor *a, struct buf *out)
{
    const char *text = step_of(a)->args[0].text, *is = strstr(text, " == ");
    const char *from = text + strspn(text, "*( ");
    char name[SYMTAB_NAME_MAX + 1] = "";
    size_t n = strspn(from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    if (is != NULL && strpbrk(is + 4, "&|=") == NULL && n < sizeof name)
        memcpy(name, from, n);
    for (int i = 0; i < s->world.nactors && name[0] != '\0'; i++) {
        const struct actor *other = s->world.actors[i];

        if (other->state != ACTOR_IDLE || symtab_find(&other->symtab, name) == NULL)
            continue;
        buf_printf(out, "  Next, if %s is the same memory there: %s %.*s = %s\n", name, other->name,
                   (int)(is - text), text, is + 4);
        return;
    }
    buf_puts(out, "  Next: let another process attach that memory too and write there.\n");
}

static void
await_text(const struct session *s, const struct actor *a, struct buf *out)
{
    buf_printf(out, "%s waits in step %lld: await %s is `while (!(%s)) sleep(1);`.\n", a->name,
               (long long)a->step, step_of(a)->args[0].text, step_of(a)->args[0].text);
    if (!a->await_shared) {
        buf_printf(out,
                   "  The condition did not hold. It reads only %s's own memory, which no other "
                   "process can change: "
                   "it will never end by itself.\n  Next: interrupt %s\n",
                   a->name, a->name);
    } else {
        buf_printf(out, "  The condition did not hold when it looked last; it looks again after "
                        "each step of anyone.\n");
        buf_printf(out, "  It reads memory that others may share: whoever writes there can end "
                        "it.\n");
        next_for_await(s, a, out);
    }
}

void
explain_text(struct session *s, struct actor *a, struct buf *out)
{
    static struct buf facts;
    struct wire_in in;
    struct fact_item f;

    if (step_of(a)->kind == STEP_AWAIT) {
        await_text(s, a, out);
        return;
    }
    explain_wait(s, a, &facts);
    buf_printf(out, "%s waits in %s since step %lld", a->name, a->call_name, (long long)a->step);
    facts_open(&in, &facts);
    while (facts_next(&in, &f))
        if (f.kind == FACT_WAITS)
            buf_printf(out, ": %s", f.name);
    buf_puts(out, ".\n");
    facts_open(&in, &facts);
    while (facts_next(&in, &f))
        if (f.kind == FACT_SAY)
            buf_printf(out, "  %s%s\n", f.name,
                       f.name[0] != '\0' && strchr(".!?", f.name[strlen(f.name) - 1]) ? "" : ".");
    if (a->timed)
        buf_printf(out, "  It ends by itself when its time is over: wait %s\n", a->name);
    facts_open(&in, &facts);
    while (facts_next(&in, &f))
        if (f.kind == FACT_NEVER)
            buf_puts(out, "  Nothing that others hold can end this call.\n");
    facts_open(&in, &facts);
    while (facts_next(&in, &f))
        if (f.kind == FACT_NEXT)
            buf_printf(out, "  Next: %s\n", f.name);
    if (facts.len <= 1)
        buf_printf(out, "  There is no explanation for this call; `interrupt %s` gives it back.\n",
                   a->name);
}
