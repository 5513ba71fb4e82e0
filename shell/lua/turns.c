/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The turns of lab.programs: who can move, who does, and what it means that none can. */
#include "lua/programs.h"

#include "base/mem.h"

enum { STANDING_MAX = 6 }; /* lines that say where programs stand */

/* ---- Who can move -------------------------------------------------------------------------- */

static bool
can_move(const struct host *h, const struct program *p)
{
    const struct actor *a = world_actor(&h->s->world, p->name);

    return p->state == PROGRAM_READY && a != NULL && a->state == ACTOR_IDLE && !a->stopped;
}

static int
collect_ready(const struct host *h, int *ready)
{
    int n = 0;

    for (int i = 0; i < h->programs->n; i++)
        if (can_move(h, &h->programs->list[i]))
            ready[n++] = i;
    return n;
}

/* ---- Who moves ----------------------------------------------------------------------------- */

static void
put_names(const struct programs *all, const int *which, int n, struct buf *out)
{
    for (int i = 0; i < n; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", all->list[which[i]].name);
}

/* The next name of the lab's own list; NULL behind its end. */
static const char *
next_given(lua_State *L, struct programs *all)
{
    const char *name = all->listed ? frame_element(L, all->lab, "schedule", all->given + 1) : NULL;

    all->listed = name != NULL;
    all->given += name != NULL;
    return name;
}

static int
decide(lua_State *L, const int *ready, int n)
{
    struct host *h = host_of(L);
    struct programs *all = h->programs;
    const char *name = next_given(L, all);

    if (name == NULL)
        return schedule_next(&all->schedule, ready, n);
    for (int i = 0; i < n; i++)
        if (strcmp(all->list[ready[i]].name, name) == 0)
            return schedule_take(&all->schedule, ready, n, i);
    buf_clear(&h->text);
    put_names(all, ready, n, &h->text);
    return fault_raise(L, STATUS_LAB, "%s: schedule[%d] is %s, who cannot move now; who can: %s",
                       h->file->shown, all->given, name, buf_text(&h->text));
}

static void
tell_schedule(lua_State *L, const struct programs *all)
{
    struct session *s = host_of(L)->s;

    event_start(&s->event, "schedule");
    event_text(&s->event, "kind", all->listed ? "list" : all->schedule.kind->name);
    event_array(&s->event, "programs");
    for (int i = 0; i < all->n; i++)
        event_text(&s->event, NULL, all->list[i].name);
    event_close(&s->event);
    session_tell(s);
}

static void
tell_turn(lua_State *L, const struct programs *all, int taken, const int *ready, int n)
{
    struct session *s = host_of(L)->s;

    event_start(&s->event, "turn");
    event_text(&s->event, "actor", all->list[taken].name);
    event_array(&s->event, "ready");
    for (int i = 0; i < n; i++)
        event_text(&s->event, NULL, all->list[ready[i]].name);
    event_close(&s->event);
    session_tell(s);
}

/* ---- The whole ----------------------------------------------------------------------------- */

/* None can move: true when something went on by itself and it is worth another look. */
static bool
wait_for_anything(lua_State *L)
{
    struct session *s = host_of(L)->s;
    int64_t seq = s->seq;
    struct err err;

    if (!pending_goes_on(s))
        return false;
    if (session_line(s, "wait", 4, &err) < 0)
        fault_raise_err(L, &err);
    return s->seq > seq + 1; /* more than the line itself */
}

/* Says where programs stand that have not ended; how many there are. */
static int
tell_standing(const struct host *h, struct buf *out)
{
    char place[128];
    int n = 0;

    for (int i = 0; i < h->programs->n; i++) {
        const struct program *p = &h->programs->list[i];
        const struct actor *a = world_actor(&h->s->world, p->name);

        if (p->state == PROGRAM_STOPPED)
            continue;
        if (n++ >= STANDING_MAX)
            continue;
        if (!fault_where(p->thread, place, sizeof place))
            snprintf(place, sizeof place, "%s", h->file->shown);
        buf_printf(out, "\n%s: %s ", place, p->name);
        if (p->state == PROGRAM_READY)
            buf_puts(out, "is stopped");
        else
            buf_printf(out, "waits in %s", p->deed->name);
        if (p->state == PROGRAM_WAITS && a != NULL && a->waits_text.len > 0)
            buf_printf(out, " (%s)", buf_text(&a->waits_text));
    }
    if (n > STANDING_MAX)
        buf_printf(out, "\n    and %d more", n - STANDING_MAX);
    return n;
}

static void
turns(lua_State *L)
{
    struct host *h = host_of(L);
    struct programs *all = h->programs;
    int *ready, n, taken;

    for (;;) {
        programs_settle(L);
        ready = lua_newuserdatauv(L, sizeof *ready * (size_t)all->n, 0);
        n = collect_ready(h, ready);
        if (n > 0) {
            taken = decide(L, ready, n);
            tell_turn(L, all, taken, ready, n);
            programs_advance(L, &all->list[taken]);
        } else if (!wait_for_anything(L)) {
            lua_pop(L, 1);
            return;
        }
        lua_pop(L, 1);
        limits_charge(L, 0);
    }
}

static void
start(lua_State *L, struct programs *all)
{
    const char *name;
    int type = (lua_pushstring(L, "schedule"), lua_rawget(L, all->lab));

    all->listed = type == LUA_TTABLE;
    all->schedule.kind = &schedule_round_robin;
    for (int i = 0; type == LUA_TSTRING && schedule_kinds[i] != NULL; i++)
        if (strcmp(schedule_kinds[i]->name, lua_tostring(L, -1)) == 0)
            all->schedule.kind = schedule_kinds[i];
    lua_pushstring(L, "programs");
    lua_rawget(L, all->lab);
    for (int i = 1; (name = frame_element(L, all->lab, "actors", i)) != NULL; i++) {
        lua_pushstring(L, name);
        lua_rawget(L, -2);
        programs_add(L, name);
    }
    lua_pop(L, 2);
    tell_schedule(L, all);
}

void
turns_run(lua_State *L, int lab)
{
    struct host *h = host_of(L);
    struct programs *all = mem_alloc(sizeof *all);
    int stuck;

    all->lab = lab;
    all->running = -1;
    all->schedule.seed = (uint64_t)h->s->seed;
    all->schedule.last = -1;
    h->programs = all; /* released with the host */
    start(L, all);
    turns(L);
    buf_clear(&h->text);
    stuck = tell_standing(h, &h->text);
    lua_pushstring(L, buf_text(&h->text)); /* what follows may need the buffer */
    if (lua_pushstring(L, "after"), lua_rawget(L, lab) == LUA_TFUNCTION) {
        object_push_session(L);
        lua_call(L, 1, 0);
    } else {
        lua_pop(L, 1);
    }
    if (stuck > 0)
        fault_raise(L, STATUS_STUCK, "%s: stuck: no program can move%s", h->file->shown,
                    lua_tostring(L, -1));
}
