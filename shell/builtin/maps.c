/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * maps: the memory of processes side by side, and what is shared with whom. */
#include "builtin/maps.h"
#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"
#include "session/segments.h"
#include "session/text_json.h"

/* The segments of one actor. */
struct memory {
    const struct actor *actor;
    struct segment *list;
    int n;
};

/* ---- Who shares ---------------------------------------------------------------------------- */

/* The actor at the beginning of the forks that led to this one. */
static const struct actor *
root_of(const struct session *s, const struct actor *a)
{
    while (a->parent >= 0)
        a = s->world.actors[a->parent];
    return a;
}

static bool
is_by_fork(const struct session *s, const struct actor *a, const struct actor *b)
{
    return root_of(s, a) == root_of(s, b) && !a->became_program && !b->became_program;
}

static bool
is_file(const struct segment *g)
{
    return g->kind == SEGMENT_PROGRAM || g->kind == SEGMENT_LIBRARIES ||
           g->kind == SEGMENT_KERNEL || (g->kind == SEGMENT_FILE && g->path[0] != '\0');
}

static const char *
sharing_of(const struct segment *g)
{
    return g->perms[3] == 's' ? "shared" : is_file(g) ? "file" : "private";
}

static bool
is_same(const struct session *s, const struct memory *m, const struct segment *g,
        const struct memory *other, const struct segment *o)
{
    if (g->kind != o->kind || g->perms[3] != o->perms[3])
        return false;
    if (g->perms[3] == 's')
        return g->dev == o->dev && g->inode == o->inode && strcmp(g->path, o->path) == 0;
    return !is_file(g) && g->from == o->from && is_by_fork(s, m->actor, other->actor);
}

static json_t *
with_whom(const struct session *s, const struct memory *all, int n, const struct memory *m,
          const struct segment *g)
{
    json_t *names = json_array();

    for (int i = 0; i < n; i++)
        for (int k = 0; k < all[i].n && &all[i] != m && !is_file(g); k++)
            if (is_same(s, m, g, &all[i], &all[i].list[k])) {
                json_array_append_new(names, json_string(all[i].actor->name));
                break;
            }
    return names;
}

/* ---- Facts --------------------------------------------------------------------------------- */

static json_t *
segment_facts(const struct session *s, const struct memory *all, int n, const struct memory *m,
              const struct segment *g)
{
    json_t *with = with_whom(s, all, n, m, g);
    const char *sharing = sharing_of(g);

    if (strcmp(sharing, "private") == 0 && json_array_size(with) > 0)
        sharing = "copy-on-write";
    return json_pack("{s:s, s:s*, s:o*, s:o, s:o, s:I, s:s, s:i, s:s, s:o}", "what",
                     segment_word(g->kind), "object", g->kind == SEGMENT_OBJECT ? g->name : NULL,
                     "path",
                     g->kind == SEGMENT_FILE && g->path[0] != '\0' ? text_json(g->path) : NULL,
                     "from", json_sprintf("0x%llx", (unsigned long long)g->from), "to",
                     json_sprintf("0x%llx", (unsigned long long)g->to), "size", (json_int_t)g->size,
                     "perms", g->perms, "regions", g->regions, "sharing", sharing, "with", with);
}

static bool
is_wanted(const struct actor *a, struct actor *const *actors, int n)
{
    for (int i = 0; i < n; i++)
        if (actors[i] == a)
            return true;
    return false;
}

static json_t *
facts_of(struct session *s, struct actor *const *actors, int wanted)
{
    struct memory *all = mem_alloc(sizeof *all * (size_t)(s->world.nactors + 1));
    struct inventory inv;
    json_t *processes = json_array();
    int n = 0;

    inventory_take(s, &inv);
    for (int i = 0; i < s->world.nactors; i++) {
        all[n].actor = s->world.actors[i];
        if (actor_alive(all[n].actor) &&
            (all[n].n = segments_read(&inv, all[n].actor, &all[n].list)) >= 0)
            n++;
    }
    for (int i = 0; i < n; i++) {
        json_t *list = json_array();

        for (int k = 0; k < all[i].n && is_wanted(all[i].actor, actors, wanted); k++)
            json_array_append_new(list, segment_facts(s, all, n, &all[i], &all[i].list[k]));
        if (json_array_size(list) > 0)
            json_array_append_new(processes,
                                  json_pack("{s:s, s:i, s:o}", "actor", all[i].actor->name, "pid",
                                            all[i].actor->pid, "segments", list));
        else
            json_decref(list);
    }
    for (int i = 0; i < n; i++)
        free(all[i].list);
    free(all);
    inventory_release(&inv);
    return json_pack("{s:o}", "processes", processes);
}

static int
on_maps(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    struct actor **actors;
    struct buf out = {0};
    json_t *facts;
    int n;

    actors = look_actors(s, rest, &n, err);
    if (actors == NULL)
        return -1;
    facts = facts_of(s, actors, n);
    free(actors);
    if (json) {
        look_tell_json(s, facts);
        return 0;
    }
    if (s->settings.linear)
        look_say_maps(facts, &out);
    else
        maps_draw(facts, page_width(s), look_ascii(), &out);
    session_page(s, buf_text(&out), out.len);
    buf_release(&out);
    json_decref(facts);
    return 0;
}

static const char *const examples[] = {
    "spawn a\na shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\na fork(b)\nmaps",
    "spawn a b\nmaps --json a", NULL};

const struct builtin builtin_maps = {
    .name = "maps",
    .usage = "[--json] [ACTOR...]",
    .summary = "the memory of processes side by side: segments, and what is shared with whom",
    .help =
        "One row a segment, in the order of addresses: where the variables of the session lie, "
        "the literals, program, libraries, heap and stack, attached objects under their names. "
        "The same address in two processes is not the same memory: after fork each has its own "
        "copy (*: copy on write, a page is copied when one of them writes to it). Only what is "
        "`shared` is one memory for all who have it.\n"
        "--json: {processes}, each with actor, pid and segments: what (variables, literals, "
        "program, libraries, kernel, ipclab, heap, stack, object, file, anonymous), object or "
        "path, from and to, size in bytes, perms as /proc has them (of several regions each kind "
        "once), regions (how many lines of "
        "/proc/PID/maps it is), sharing (shared, copy-on-write, file: all have the pages of one "
        "file, private) and with, the other actors.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON | BUILTIN_REPEATS,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_maps,
};
