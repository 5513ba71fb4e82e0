/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session without a world behind it, for what needs records that no plugin has and for fuzzing:
 * the catalogue of lang_fixture.h, and actors whose memory and descriptors are this program's own.
 */
#ifndef ASSIST_FAKE_H
#define ASSIST_FAKE_H
#include <sys/mman.h>

#include "assist/complete.h"
#include "assist/hint.h"
#include "base/mem.h"
#include "lang_fixture.h"
#include "session/builtin.h"

static struct session fake;
static int fake_by_name[64];
static struct actor *fake_actors[3];

/* As world_actor looks for it. */
static void
fake_name(int id)
{
    uint32_t h = 2166136261u;

    for (const char *c = fake_actors[id]->name; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * 16777619u;
    for (h &= 63; fake_by_name[h] >= 0;)
        h = (h + 1) & 63;
    fake_by_name[h] = id;
}

static void
fake_actor(int id, const char *name, enum actor_state state)
{
    struct actor *a = fake_actors[id] = mem_alloc(sizeof *a);

    snprintf(a->name, sizeof a->name, "%s", name);
    a->id = id;
    a->state = state;
    a->pid = 2 + id;
    a->host = getpid(); /* this program's own memory and descriptors stand for the actor's */
    a->parent = -1;
    a->fds_stale = true;
    a->call_name = "read";
    symtab_init(&a->symtab);
    fake_name(id);
}

static void
fake_start(void)
{
    static const struct builtin spawn = {.name = "spawn",
                                         .usage = "NAME...",
                                         .summary = "make one"},
                                why = {.name = "why",
                                       .usage = "[--json] [ACTOR]",
                                       .summary = "explain",
                                       .flags = BUILTIN_JSON,
                                       .word = WORD_ACTOR},
                                help = {.name = "help",
                                        .usage = "[TOPIC]",
                                        .summary = "say more",
                                        .word = WORD_TOPIC};
    static const struct builtin *const records[] = {&spawn, &why, &help, NULL};

    if (fixture_start() < 0 ||
        mmap((void *)ARENA_BASE, ARENA_SIZE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1,
             0) != (void *)ARENA_BASE)
        abort();
    for (int i = 0; i < 64; i++)
        fake_by_name[i] = -1;
    fake_actor(0, "server", ACTOR_IDLE);
    fake_actor(1, "child", ACTOR_BUSY);
    fake_actor(2, "gone", ACTOR_DEAD);
    symtab_add(&fake_actors[0]->symtab, "pipefd", (struct type){.base = TYPE_INT, .count = 2});
    symtab_add(&fake_actors[0]->symtab, "text", (struct type){.base = TYPE_CHAR, .count = 32});
    symtab_add(&fake_actors[0]->symtab, "shm", (struct type){.base = TYPE_CHAR, .stars = 1});
    fake.launcher.catalog = fixture_catalog;
    fake.world = (struct world){.actors = fake_actors,
                                .nactors = 3,
                                .by_name = fake_by_name,
                                .by_name_cap = 64,
                                .launcher = &fake.launcher};
    fake.has_world = true;
    fake.builtins = records;
}

#endif
