/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lab file sees of Lua: the language, string, table, math, utf8, coroutine. Nothing that
 * reaches a file, a process or the state's own inside is there at all, and code is text: damaged
 * bytecode crashes the interpreter. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <lualib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/text.h"
#include "lua/host.h"

#define LOADED "ipclab.loaded"

enum { COROUTINE_COSTS = 1000 }; /* instructions that one is charged: many short ones add up */

/* ---- print, load --------------------------------------------------------------------------- */

/* Newlines stay, everything else that a terminal might obey is shown as what it is. */
static void
put_shown(struct buf *out, const char *s, size_t n)
{
    for (const char *line = s, *end = s + n; line <= end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = newline != NULL ? (size_t)(newline - line) : (size_t)(end - line);

        text_escape(out, line, length, false);
        if (newline != NULL)
            buf_putc(out, '\n');
        line += length + 1;
    }
}

static int
print(lua_State *L)
{
    struct host *h = host_of(L);
    int n = lua_gettop(L);

    if (h->printed > HOST_PRINTED)
        return 0;
    buf_clear(&h->text);
    for (int i = 1; i <= n; i++) {
        size_t length;
        const char *s = luaL_tolstring(L, i, &length);

        if (i > 1)
            buf_putc(&h->text, '\t');
        if (length > HOST_PRINTED)
            length = HOST_PRINTED;
        put_shown(&h->text, s, length);
        h->printed += length;
        lua_pop(L, 1);
    }
    h->printed++;
    session_say(h->s, "%s\n", buf_text(&h->text));
    if (h->printed > HOST_PRINTED)
        session_say(h->s, "note: the lab printed more than %d bytes, the rest is not shown\n",
                    HOST_PRINTED);
    return 0;
}

/* The real one, with the mode that allows text only. */
static int
load(lua_State *L)
{
    int n = lua_gettop(L) < 3 ? 3 : lua_gettop(L);

    lua_settop(L, n);
    lua_pushstring(L, "t");
    lua_replace(L, 3);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, n, LUA_MULTRET);
    return lua_gettop(L);
}

/* ---- Coroutines ---------------------------------------------------------------------------- */

static int
create(lua_State *L)
{
    limits_charge(L, COROUTINE_COSTS);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* What coroutine.wrap returns. An error keeps its object, and where it came from is noted. */
static int
resume(lua_State *L)
{
    lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
    int status, n = lua_gettop(L);

    if (lua_status(thread) == LUA_OK && lua_gettop(thread) == 0)
        return fault_raise(L, STATUS_LAB, "cannot resume dead coroutine");
    if (lua_status(thread) == LUA_OK && thread == L)
        return fault_raise(L, STATUS_LAB, "cannot resume non-suspended coroutine");
    if (!lua_checkstack(thread, n + 1))
        return fault_raise(L, STATUS_LAB, "too many arguments to resume");
    lua_xmove(L, thread, n);
    host_of(L)->running = thread;
    status = lua_resume(thread, L, n, &n);
    host_of(L)->running = L;
    if (status == LUA_OK || status == LUA_YIELD) {
        luaL_checkstack(L, n + 1, "too many results to resume");
        lua_xmove(thread, L, n);
        return n;
    }
    if (lua_type(thread, -1) == LUA_TSTRING &&
        strcmp(lua_tostring(thread, -1), "C stack overflow") == 0) /* it has not even begun */
        return fault_raise(L, STATUS_LAB, "too many coroutines within each other");
    lua_pushvalue(thread, -1);
    lua_xmove(thread, L, 1);
    fault_passed(L, thread, "in a coroutine", "");
    if (lua_resetthread(thread) != LUA_OK)
        lua_settop(thread, 0);
    return lua_error(L);
}

static int
wrap(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    limits_charge(L, COROUTINE_COSTS);
    lua_xmove(L, lua_newthread(L), 0);
    lua_pushvalue(L, 1);
    lua_xmove(L, lua_tothread(L, 2), 1);
    lua_pushcclosure(L, resume, 1);
    return 1;
}

/* ---- xpcall -------------------------------------------------------------------------------- */

/* The handler runs once the error has unwound, and not where it happened: there hooks are off when
 * it was a hook that raised, and a handler that loops would loop for ever. */
static int
handle(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    if (status == LUA_OK || status == LUA_YIELD) {
        lua_pushboolean(L, 1);
        lua_replace(L, 1);
        return lua_gettop(L);
    }
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_call(L, 1, LUA_MULTRET);
    lua_pushboolean(L, 0);
    lua_replace(L, 1);
    return lua_gettop(L);
}

static int
xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_replace(L, 1);
    lua_replace(L, 2);
    return handle(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, handle), 0);
}

/* ---- require ------------------------------------------------------------------------------- */

static bool
is_module_name(const char *name)
{
    return name[0] != '\0' && strlen(name) < 200 && name[0] != '.' && strstr(name, "..") == NULL &&
           name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")] == '\0';
}

/* Opens FOLDER/a/b.lua for "a.b", and nothing that is outside the folder by a link. */
static int
open_module(const struct lab_file *f, const char *name, char shown[256])
{
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int dir = open(f->folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

    snprintf(shown, 256, "%s.lua", name);
    for (char *dot = shown; dot < shown + strlen(name); dot++)
        if (*dot == '.')
            *dot = '/';
    if (dir < 0)
        return -1;
    fd = (int)syscall(SYS_openat2, dir, shown, &how, sizeof how);
    close(dir);
    return fd;
}

/* The text into host.text. NULL, or what is wrong. */
static const char *
read_module(struct host *h, int fd)
{
    char block[16384];
    struct stat st;
    ssize_t got;

    buf_clear(&h->text);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "not a file";
    while ((got = read(fd, block, sizeof block)) > 0) {
        if (h->text.len + (size_t)got > LAB_MAX_BYTES)
            return "larger than 1 MB";
        buf_put(&h->text, block, (size_t)got);
    }
    return got < 0 ? strerror(errno) : NULL;
}

static void
load_module(lua_State *L, const char *name)
{
    struct host *h = host_of(L);
    char shown[256];
    const char *wrong;
    int fd = open_module(h->file, name, shown);

    if (fd < 0)
        fault_raise(L, STATUS_LAB, "require: there is no file %s beside the lab (%s)", shown,
                    errno == EXDEV ? "it is outside its folder" : strerror(errno));
    wrong = read_module(h, fd);
    close(fd);
    if (wrong != NULL)
        fault_raise(L, STATUS_LAB, "require: %s: %s", shown, wrong);
    lua_pushfstring(L, "@%s", shown);
    if (luaL_loadbufferx(L, buf_text(&h->text), h->text.len, lua_tostring(L, -1), "t") != LUA_OK)
        lua_error(L);
    lua_remove(L, -2);
}

static int
require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LOADED);
    if (lua_getfield(L, 2, name) == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        return fault_raise(L, STATUS_LAB, "require: %s requires itself", name);
    if (!lua_isnil(L, -1))
        return 1;
    if (!is_module_name(name))
        return fault_raise(L, STATUS_LAB,
                           "require takes \"ipclab\" or the name of a file beside "
                           "the lab, without its .lua");
    lua_pushboolean(L, 0);
    lua_setfield(L, 2, name);
    load_module(L, name);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

/* ---- The whole ----------------------------------------------------------------------------- */

/* Replaces table.field by fn, whose upvalue is what was there. */
static void
replace(lua_State *L, const char *table, const char *field, lua_CFunction fn)
{
    lua_getglobal(L, table);
    lua_getfield(L, -1, field);
    lua_pushcclosure(L, fn, 1);
    lua_setfield(L, -2, field);
    lua_pop(L, 1);
}

static void
seed_random(lua_State *L)
{
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, host_of(L)->s->seed);
    lua_call(L, 1, 0); /* runs of one seed are the same */
    lua_pop(L, 1);
}

void
sandbox_open(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_COLIBNAME, luaopen_coroutine},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_TABLIBNAME, luaopen_table},
        {LUA_MATHLIBNAME, luaopen_math},  {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    static const char *const absent[] = {"dofile", "loadfile", "warn"};

    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        lua_pushnil(L);
        lua_setglobal(L, absent[i]);
    }
    lua_getglobal(L, "string");
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    lua_pop(L, 1);
    replace(L, LUA_GNAME, "load", load);
    replace(L, "coroutine", "create", create);
    replace(L, "coroutine", "wrap", wrap);
    seed_random(L);
    lua_register(L, "xpcall", xpcall);
    lua_register(L, "print", print);
    lua_register(L, "require", require);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LOADED);
    object_open(L);
    lua_setfield(L, -2, "ipclab");
    lua_pop(L, 1);
}
