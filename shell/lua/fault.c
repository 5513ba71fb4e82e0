/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errors of a lab: at the lab's file and line, in the words of the prompt. An error is a plain
 * string on its way through Lua, so that pcall and error work as everywhere; which exit status it
 * stands for and which frames it came through is remembered beside it, by the string's identity.
 * Nothing of the lab runs to print an error object: a __tostring may loop for ever. */
#include <errno.h>
#include <stdarg.h>

#include "lua/host.h"

#define ERROR_TYPE "ipclab.error"

bool
fault_where(lua_State *L, char *room, size_t n)
{
    lua_Debug ar;

    for (int level = 0; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (ar.currentline > 0) {
            snprintf(room, n, "%s:%d", ar.short_src, ar.currentline);
            return true;
        }
    }
    return false;
}

/* The error object on top is a new one. */
static void
begin(lua_State *L, enum status status)
{
    struct fault *f = &host_of(L)->fault;

    f->of = lua_topointer(L, -1);
    f->status = status;
    buf_clear(&f->frames);
    f->nframes = 0;
}

int
fault_raise(lua_State *L, enum status status, const char *fmt, ...)
{
    char text[900], place[128];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (fault_where(L, place, sizeof place))
        lua_pushfstring(L, "%s: %s", place, text);
    else
        lua_pushstring(L, text);
    begin(L, status);
    return lua_error(L);
}

int
fault_raise_text(lua_State *L, enum status status, const char *text)
{
    lua_pushstring(L, text);
    begin(L, status);
    return lua_error(L);
}

int
fault_raise_err(lua_State *L, const struct err *err)
{
    return fault_raise(L, err->status == STATUS_USAGE ? STATUS_LAB : err->status, "%s", err->text);
}

/* The frames outside the place that the message itself names. */
static void
add_frames(struct fault *f, lua_State *thread, bool inner)
{
    lua_Debug ar;

    for (int level = 0; lua_getstack(thread, level, &ar); level++) {
        lua_getinfo(thread, "Sln", &ar);
        if (ar.currentline <= 0)
            continue;
        if (inner) {
            inner = false;
            continue;
        }
        if (f->nframes++ < HOST_FRAMES)
            buf_printf(&f->frames, "    called at %s:%d\n", ar.short_src, ar.currentline);
    }
}

void
fault_passed(lua_State *L, lua_State *thread, const char *what, const char *name)
{
    struct fault *f = &host_of(L)->fault;
    bool first = lua_topointer(L, -1) != f->of || lua_topointer(L, -1) == NULL;

    if (first)
        begin(L, STATUS_LAB);
    add_frames(f, thread, f->nframes == 0);
    if (f->nframes++ < HOST_FRAMES)
        buf_printf(&f->frames, "    %s%s\n", what, name);
}

/* The text of what `try` returned, when this is such a thing. */
static const char *
text_of_error(lua_State *L, int index)
{
    const char *text = NULL;

    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return NULL;
    luaL_getmetatable(L, ERROR_TYPE);
    if (lua_rawequal(L, -1, -2)) {
        lua_pushstring(L, "text");
        lua_rawget(L, index);
        text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        lua_pop(L, 1); /* the table keeps it */
    }
    lua_pop(L, 2);
    return text;
}

/* Does the message begin with the file of this place? */
static bool
has_place(const char *text, const char *place)
{
    const char *colon = strrchr(place, ':');

    return strncmp(text, place, (size_t)(colon - place) + 1) == 0;
}

int
fault_handler(lua_State *L)
{
    struct fault *f = &host_of(L)->fault;
    bool known = lua_topointer(L, 1) != NULL && lua_topointer(L, 1) == f->of;
    enum status status = known ? f->status : STATUS_LAB;
    const char *text;
    char place[128];

    lua_settop(L, 1);
    if (!known) {
        buf_clear(&f->frames);
        f->nframes = 0;
    }
    add_frames(f, L, f->nframes == 0);
    if (lua_type(L, 1) == LUA_TSTRING || lua_type(L, 1) == LUA_TNUMBER) {
        lua_tostring(L, 1);
        if (!known && fault_where(L, place, sizeof place) && !has_place(lua_tostring(L, 1), place))
            lua_pushfstring(L, "%s: %s", place, lua_tostring(L, 1));
    } else {
        text = text_of_error(L, 1);
        if (text == NULL)
            text = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
        if (fault_where(L, place, sizeof place))
            lua_pushfstring(L, "%s: %s", place, text);
        else
            lua_pushstring(L, text);
    }
    f->of = lua_topointer(L, -1);
    f->status = status;
    return 1;
}

static int
error_to_string(lua_State *L)
{
    const char *text = text_of_error(L, 1);

    lua_pushstring(L, text != NULL ? text : "error");
    return 1;
}

void
fault_push(lua_State *L, const char *name, const char *text)
{
    int number = 0;

    while (number < 200 &&
           (strerrorname_np(number) == NULL || strcmp(strerrorname_np(number), name) != 0))
        number++;
    lua_createtable(L, 0, 3);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, text);
    lua_setfield(L, -2, "text");
    if (number < 200) {
        lua_pushinteger(L, number);
        lua_setfield(L, -2, "errno");
    }
    if (luaL_newmetatable(L, ERROR_TYPE)) {
        lua_pushcfunction(L, error_to_string);
        lua_setfield(L, -2, "__tostring");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}
