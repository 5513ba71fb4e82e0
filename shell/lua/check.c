/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asking the functions of a guided lab: check and truth of a task. Each runs on its own, with
 * limits that are counted anew; what goes wrong in it is the lab's fault and no answer. */
#include "lua/look.h"

#include "lua/guardian.h"
#include "lua/lab_parts.h"

enum { CHECK_INSTRUCTIONS = 20 * 1000000 };

/* What is asked, as the protected function gets it. */
struct question_of {
    int task;
    bool truth;
};

/* Pushes tasks[i].check or tasks[i].predict.truth of the lab. */
static void
push_function(lua_State *L, const struct question_of *q)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LAB_TABLE);
    lua_pushliteral(L, "tasks");
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TTABLE)
        lua_rawgeti(L, -1, q->task + 1);
    if (lua_type(L, -1) == LUA_TTABLE && q->truth) {
        lua_pushliteral(L, "predict");
        lua_rawget(L, -2);
    }
    if (lua_type(L, -1) != LUA_TTABLE)
        fault_raise(L, STATUS_LAB, "%s: the lab took its tasks apart", host_of(L)->file->shown);
    lua_pushstring(L, q->truth ? "truth" : "check");
    lua_rawget(L, -2);
    lua_insert(L, 1);
    lua_settop(L, 1);
}

/* The numbers of a choice or an order, or a value. */
static void
take_truth(lua_State *L, struct buf *out)
{
    size_t n;
    const char *text;

    if (lua_type(L, -1) != LUA_TTABLE) {
        text = luaL_tolstring(L, -1, &n);
        buf_put(out, text, n);
        return;
    }
    for (lua_Unsigned i = 1; i <= lua_rawlen(L, -1); i++) {
        lua_rawgeti(L, -1, (lua_Integer)i);
        text = luaL_tolstring(L, -1, &n);
        buf_printf(out, "%s%s", i > 1 ? " " : "", text);
        lua_pop(L, 2);
    }
}

/* 1: what is asked. */
static int
ask(lua_State *L)
{
    const struct question_of *q = lua_touserdata(L, 1);
    struct lab_verdict *v = host_of(L)->look->verdict;

    lua_settop(L, 0);
    limits_start(L);
    push_function(L, q);
    look_push(L);
    lua_call(L, 1, LUA_MULTRET);
    if (!q->truth) { /* one that returns nothing has had its needs met */
        if (lua_gettop(L) > 0 && !lua_toboolean(L, 1))
            v->how = LAB_NOT_YET;
        return 0;
    }
    lua_settop(L, 1);
    if (lua_toboolean(L, -1)) /* `found and found.ret` is false or nil while it is not known */
        take_truth(L, &v->text);
    else
        v->how = LAB_NOT_YET;
    return 0;
}

static void
take_failure(struct host *h, int result, struct lab_verdict *v)
{
    v->how = LAB_BROKEN;
    buf_clear(&v->text);
    if (result == LUA_ERRMEM)
        buf_printf(&v->text, "%s: memory limit (%d MB)",
                   h->memory_place[0] != '\0' ? h->memory_place : h->file->shown,
                   HOST_MEMORY >> 20);
    else if (lua_type(h->L, -1) == LUA_TSTRING)
        buf_puts(&v->text, lua_tostring(h->L, -1));
    else
        buf_printf(&v->text, "%s: an error without words", h->file->shown);
}

static void
question(struct lab *lab, const struct question_of *q, const struct lab_past *past,
         struct lab_verdict *v)
{
    struct host *h = &lab->host;
    struct look look = {.past = past, .verdict = v};
    int result;

    v->how = LAB_HOLDS;
    v->nseqs = v->ninterests = 0;
    v->all = false;
    buf_clear(&v->text);
    h->look = &look;
    h->instructions = HOST_INSTRUCTIONS - CHECK_INSTRUCTIONS;
    h->over = false;
    h->printed = 0;
    h->fault.status = STATUS_OK;
    lua_settop(h->L, 0);
    lua_pushcfunction(h->L, fault_handler);
    lua_pushcfunction(h->L, ask);
    lua_pushlightuserdata(h->L, (void *)(uintptr_t)q);
    guardian_begin(2 * q->task + q->truth);
    result = lua_pcall(h->L, 1, 0, 1);
    guardian_end();
    if (h->over || (result != LUA_OK && !look.refused))
        take_failure(h, result, v);
    else if (look.refused)
        v->how = LAB_NOT_YET;
    h->look = NULL;
    lua_settop(h->L, 0);
}

void
lab_check(struct lab *lab, int task, const struct lab_past *past, struct lab_verdict *v)
{
    question(lab, &(struct question_of){task, false}, past, v);
}

void
lab_truth(struct lab *lab, int task, const struct lab_past *past, struct lab_verdict *v)
{
    question(lab, &(struct question_of){task, true}, past, v);
}

/* ---- Its text ------------------------------------------------------------------------------ */

struct lines_of {
    int task, first, last;
};

static int
find_lines(lua_State *L)
{
    struct lines_of *lines = lua_touserdata(L, 1);
    struct question_of q = {lines->task, false};
    lua_Debug ar;

    lua_settop(L, 0);
    push_function(L, &q);
    lua_getinfo(L, ">S", &ar);
    if (ar.source[0] == '@' && strcmp(ar.source + 1, host_of(L)->file->shown) == 0) {
        lines->first = ar.linedefined;
        lines->last = ar.lastlinedefined;
    }
    return 0;
}

bool
lab_check_lines(struct lab *lab, int task, int *first, int *last)
{
    struct lines_of lines = {.task = task};
    lua_State *L = lab->host.L;
    int result;

    lua_settop(L, 0);
    lua_pushcfunction(L, find_lines);
    lua_pushlightuserdata(L, &lines);
    result = lua_pcall(L, 1, 0, 0);
    lua_settop(L, 0);
    *first = lines.first;
    *last = lines.last;
    return result == LUA_OK && lines.first > 0;
}
