/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One lab, one Lua state: loaded under one protected call, run or asked under others, dropped. */
#include "lua/guardian.h"
#include "lua/lab_parts.h"

#include "base/mem.h"

/* ---- Failures ------------------------------------------------------------------------------ */

/* Whoever hears what is wrong. */
struct hearer {
    lab_say_fn *say;
    void *ctx;
};

static void say(const struct hearer *to, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Each line of it on its own. */
static void
say(const struct hearer *to, const char *fmt, ...)
{
    char *text, *save = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        to->say(to->ctx, line);
    free(text);
}

static enum status
say_failure(struct host *h, int result, const struct hearer *to)
{
    enum status status = h->over ? STATUS_STUCK : h->fault.status;

    if (result == LUA_ERRMEM) {
        say(to, "%s: memory limit (%d MB)",
            h->memory_place[0] != '\0' ? h->memory_place : h->file->shown, HOST_MEMORY >> 20);
        return STATUS_STUCK;
    }
    if (lua_type(h->L, -1) == LUA_TSTRING)
        say(to, "%s", lua_tostring(h->L, -1));
    else
        say(to, "%s: (error object is a %s value)", h->file->shown, luaL_typename(h->L, -1));
    if (result != LUA_ERRRUN)
        return h->over ? STATUS_STUCK : STATUS_LAB;
    say(to, "%s", buf_text(&h->fault.frames));
    if (h->fault.nframes > HOST_FRAMES)
        say(to, "    and %d more", h->fault.nframes - HOST_FRAMES);
    return status == STATUS_OK ? STATUS_LAB : status;
}

/* Calls fn, a C function without arguments, under protection. */
static enum status
protect(struct host *h, lua_CFunction fn, const struct hearer *to)
{
    int result;

    lua_settop(h->L, 0);
    lua_pushcfunction(h->L, fault_handler);
    lua_pushcfunction(h->L, fn);
    result = lua_pcall(h->L, 0, 0, 1);
    if (result != LUA_OK)
        return say_failure(h, result, to);
    if (h->over) {
        say(to, "%s: a limit was reached, and the lab went on",
            h->over_place[0] != '\0' ? h->over_place : h->file->shown);
        return STATUS_STUCK;
    }
    return STATUS_OK;
}

/* ---- Loading ------------------------------------------------------------------------------- */

static int
boot(lua_State *L)
{
    struct host *h = host_of(L);
    struct lab *lab = (struct lab *)h;
    int status;

    sandbox_open(L);
    limits_start(L);
    texts_load(L);
    lua_pushfstring(L, "@%s", h->file->shown);
    status = luaL_loadbufferx(L, h->file->text, h->file->n, lua_tostring(L, -1), "t");
    if (status == LUA_ERRMEM)
        return fault_raise(L, STATUS_STUCK, "%s: memory limit (%d MB)", h->file->shown,
                           HOST_MEMORY >> 20);
    if (status != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    lab->frame = frame_of(L, -1);
    if (lab->frame == NULL)
        return fault_raise(L, STATUS_LAB,
                           "%s:1: a lab file returns lab.orchestrated { ... } or another of its "
                           "kind, this one returns a %s value",
                           h->file->shown, luaL_typename(L, -1));
    guided_common(L, lua_gettop(L), &lab->guided);
    if (lab->frame == &frame_guided)
        guided_read(L, lua_gettop(L), &lab->guided);
    lua_getfield(L, -1, "stuck");
    lab->stuck = lua_toboolean(L, -1);
    lua_pop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, LAB_TABLE);
    return 0;
}

struct lab *
lab_load(struct session *s, const struct lab_file *f, lab_say_fn *say_line, void *ctx,
         enum status *status)
{
    const struct hearer to = {say_line, ctx};
    struct lab *lab = mem_alloc(sizeof *lab);
    struct host *h = &lab->host;

    h->s = s;
    h->file = f;
    h->guided = &lab->guided;
    h->L = lua_newstate(limits_alloc, h);
    if (h->L == NULL) {
        say(&to, "no memory for Lua");
        *status = STATUS_MACHINE;
    } else {
        *(struct host **)lua_getextraspace(h->L) = h;
        h->running = h->L;
        guardian_begin(GUARDIAN_LOADS);
        *status = protect(h, boot, &to);
        guardian_end();
    }
    if (*status == STATUS_OK)
        return lab;
    lab_free(lab);
    return NULL;
}

const char *
lab_kind(const struct lab *lab)
{
    return lab->frame->name;
}

const struct guided *
lab_about(const struct lab *lab)
{
    return &lab->guided;
}

bool
lab_ends_stuck(const struct lab *lab)
{
    return lab->stuck;
}

const struct guided *
lab_guided(const struct lab *lab)
{
    return lab->frame == &frame_guided ? &lab->guided : NULL;
}

void
lab_free(struct lab *lab)
{
    struct host *h;

    if (lab == NULL)
        return;
    h = &lab->host;
    programs_release(h);
    order_release(h);
    limits_release(h);
    if (lab->listens)
        deed_unlisten(h);
    guided_release(&lab->guided);
    buf_release(&h->fault.frames);
    buf_release(&h->scratch);
    buf_release(&h->line);
    buf_release(&h->text);
    free(h->kept);
    free(h->born);
    free(lab);
}

/* ---- Running ------------------------------------------------------------------------------- */

static int
run(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LAB_TABLE);
    object_run(L, lua_gettop(L));
    return 0;
}

enum status
lab_run(struct lab *lab, lab_say_fn *say_line, void *ctx)
{
    const struct hearer to = {say_line, ctx};
    enum status status;

    deed_listen(&lab->host);
    lab->listens = true;
    status = protect(&lab->host, run, &to);
    return status == STATUS_OK && lab->host.failed ? STATUS_DIFFERS : status;
}
