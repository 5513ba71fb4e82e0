/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lab file can call, ask and say, as records: what is registered in the state of a lab is
 * registered from them, and a field that they have not is refused. What editors know of it is
 * written from them, too. Without lua.h. */
#ifndef LUA_API_H
#define LUA_API_H
#include <stdbool.h>

#include "call/catalog.h"

struct lua_State;

/* A method, or a field. Types are as LuaLS writes them. */
struct api_entry {
    const char *name;                 /* NULL ends */
    int (*call)(struct lua_State *L); /* of a method; NULL: a field, or made elsewhere */
    const char *takes;                /* "text: string; value: any", `name?` may be left out; NULL:
                                         it is a field, and `gives` its type, with
                                         a ? before it when it may be missing */
    const char *gives;                /* "boolean"; "string text; integer n"; "": nothing */
    const char *summary;              /* one line, no full stop */
};

struct api_class {
    const char *name;    /* "ipclab.Session" */
    const char *summary; /* one line */
    const struct api_entry *entries;
    const char *const *more; /* further lines of LuaLS about it, NULL ends; may be NULL */
};

extern const struct api_class *const api_classes[]; /* NULL ends */

/* signature.c: how a call stands in Lua. */
/* Does it only give back the address that it was given, as strcpy does? Then Lua gets nothing. */
bool signature_returns_argument(const struct ipclab_call *call);
/* Its entry; the texts are in *room, which is emptied before. */
struct api_entry signature_of(const struct ipclab_call *call, struct buf *room);

/* definitions.c: all of it, as LuaLS reads it. */
void definitions_write(const struct catalog *c, struct buf *out);
#endif
