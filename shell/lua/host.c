/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One lab, one Lua state: made, run under one protected call, judged, dropped. */
#include "lua/host.h"

static int
boot(lua_State *L)
{
    struct host *h = host_of(L);
    int status;

    sandbox_open(L);
    limits_start(L);
    lua_pushfstring(L, "@%s", h->file->shown);
    status = luaL_loadbufferx(L, h->file->text, h->file->n, lua_tostring(L, -1), "t");
    if (status == LUA_ERRMEM)
        return fault_raise(L, STATUS_STUCK, "%s: memory limit (%d MB)", h->file->shown,
                           HOST_MEMORY >> 20);
    if (status != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    object_run(L, lua_gettop(L));
    return 0;
}

static void
say_lines(void (*say)(const char *fmt, ...), const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        say("%.*s", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static enum status
say_failure(struct host *h, int result, void (*say)(const char *fmt, ...))
{
    enum status status = h->over ? STATUS_STUCK : h->fault.status;

    if (result == LUA_ERRMEM) {
        say("%s: memory limit (%d MB)",
            h->memory_place[0] != '\0' ? h->memory_place : h->file->shown, HOST_MEMORY >> 20);
        return STATUS_STUCK;
    }
    if (lua_type(h->L, -1) == LUA_TSTRING)
        say_lines(say, lua_tostring(h->L, -1));
    else
        say("%s: (error object is a %s value)", h->file->shown, luaL_typename(h->L, -1));
    if (result != LUA_ERRRUN)
        return h->over ? STATUS_STUCK : STATUS_LAB;
    say_lines(say, buf_text(&h->fault.frames));
    if (h->fault.nframes > HOST_FRAMES)
        say("    and %d more", h->fault.nframes - HOST_FRAMES);
    return status == STATUS_OK ? STATUS_LAB : status;
}

static enum status
run(struct host *h, void (*say)(const char *fmt, ...))
{
    int result;

    h->L = lua_newstate(limits_alloc, h);
    if (h->L == NULL) {
        say("no memory for Lua");
        return STATUS_MACHINE;
    }
    *(struct host **)lua_getextraspace(h->L) = h;
    h->running = h->L;
    lua_pushcfunction(h->L, fault_handler);
    lua_pushcfunction(h->L, boot);
    result = lua_pcall(h->L, 0, 0, 1);
    if (result != LUA_OK)
        return say_failure(h, result, say);
    if (h->over) {
        say("%s: a limit was reached, and the lab went on",
            h->over_place[0] != '\0' ? h->over_place : h->file->shown);
        return STATUS_STUCK;
    }
    return h->failed ? STATUS_DIFFERS : STATUS_OK;
}

enum status
lab_run(struct session *s, const struct lab_file *f, void (*say)(const char *fmt, ...))
{
    struct host h = {.s = s, .file = f};
    enum status status;

    deed_listen(&h);
    status = run(&h, say);
    programs_release(&h);
    order_release(&h);
    limits_release(&h);
    deed_unlisten(&h);
    buf_release(&h.fault.frames);
    buf_release(&h.scratch);
    buf_release(&h.line);
    buf_release(&h.text);
    free(h.kept);
    free(h.born);
    return status;
}
