/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lab.programs: each actor has a program, a Lua function that is written as its C program would be,
 * and a schedule decides who moves. A program runs as a coroutine and gives up control before each
 * call: one turn is one call, and what stands between two calls belongs to the first.
 *
 *   actors = { "p", "q" },
 *   programs = { p = function(p, s) ... end, q = function(q, s) ... end },
 *   schedule = "round robin" | "random" | { "p", "q", "q", ... },   round robin unless said
 *   after = function(s) ... end,                                    when no program can move
 *
 * p:fork("child", function(child, s) ... end) makes a process with a program of its own. Where a
 * program returns the process exits, with the number that it returned or 0. A call that waits takes
 * its actor out of the schedule until it comes back. When none can move and not all have ended,
 * and nothing goes on by itself, the lab is stuck: status 4.
 *
 * A list of names is the beginning of a schedule; behind its end it goes on in turn. The trace has
 * an event `schedule`, then a `turn` before each call. */
#ifndef LUA_PROGRAMS_H
#define LUA_PROGRAMS_H
#include "lua/host.h"
#include "lua/schedule.h"

enum program_state {
    PROGRAM_RUNS,    /* has control */
    PROGRAM_READY,   /* stands before a call */
    PROGRAM_WAITS,   /* in a call that has not come back */
    PROGRAM_STOPPED, /* its actor has ended, or is another program since its execve */
};

struct program {
    char name[SYMTAB_NAME_MAX + 1];
    enum program_state state;
    lua_State *thread; /* NULL once it has ended */
    int ref;           /* of the thread, in the registry */
    struct deed *deed; /* what it does, one thing after the other */
    int child;         /* the program of a child that it is about to make, in the registry */
};

struct programs {
    struct program *list; /* in the order in which they came to be */
    int n, cap;
    int running; /* the one that has control, -1: none */
    int lab;     /* the lab's table on the stack */
    int given;   /* names of its own schedule that were used */
    bool listed; /* there may be more of them */
    struct schedule schedule;
};

/* Gives it control until it stands before its next call, waits or has ended. */
void programs_advance(lua_State *L, struct program *p);
/* Those whose call has come back stand before the next one; those whose actor is gone are done. */
void programs_settle(lua_State *L);

/* turns.c: who moves, until none can. */
void turns_run(lua_State *L, int lab);
#endif
