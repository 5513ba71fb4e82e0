/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files share that let a check look at what happened. */
#ifndef LUA_LOOK_H
#define LUA_LOOK_H
#include "base/text.h"
#include "lua/guided.h"
#include "lua/host.h"

#define LOOK_TYPE "ipclab.look"
#define EVENT_TYPE "ipclab.event" /* userdata: the seq of a record */

enum { LOOK_QUERY = 2 }; /* index of the query on the stack of a method */

/* One check that runs. */
struct look {
    const struct lab_past *past;
    struct lab_verdict *verdict;
    bool refused; /* a need was not met: whatever the check does after it, it does not hold */
};

struct look *look_of(lua_State *L); /* raises when none runs */

/* look_query.c */
/* What every record is looked at for before anything is made of it. */
struct look_filter {
    const char *actor, *call, *ev;    /* when they are plain texts, else NULL */
    const struct ipclab_call *record; /* of call; NULL: print, =, await */
    int64_t after, before;
};

/* Reads the query of this method, and raises what is wrong with it. */
void look_query(lua_State *L, struct look_filter *q, const char *method);
bool look_matches(lua_State *L, const struct look_filter *q, const struct record *r);
/* Raises for a name that no event ever has: a check that rests on it could not fail. */
void look_check_name(lua_State *L, const char *name);
void look_check_call(lua_State *L, const char *name); /* raises when there is no such call */
/* Is the value on top of the stack as the one below it wants it? Both go. */
bool look_fits(lua_State *L);
void look_check_names(lua_State *L); /* of a query that found nothing, each once */

/* look_field.c: pushes a field of a record: of its exit, a parameter by its name, of the state, a
 * fact; nil when it has none of that name. */
void look_push_field(lua_State *L, const struct record *r, const char *name);
/* Could there be a record with a field of this name? near gets what there is. */
bool look_knows_field(lua_State *L, const char *name, struct near *near);

/* look_object.c: h:object("pipe#1"). */
int look_object(lua_State *L);
#endif
