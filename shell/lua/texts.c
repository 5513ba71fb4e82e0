/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lab says, in the language of the student. The texts of the lab file are the original;
 * texts/LANG.lua beside it returns a table with the same texts in another language, by key: those
 * of the frame by their names (title, intro), those of a task below its id:
 *
 *   return { title = "...", create = { say = "...", hints = { "...", "..." }, early = "..." } }
 *
 * where `early` is what the lab itself asks for by lab.text("create.early", "the original"). And
 * what differs from student to student: lab.student, lab.param("key", 5000, 5999). */
#include "base/mem.h"
#include "lua/lab_parts.h"

#define TEXTS "ipclab.texts"
#define ASKED "ipclab.asked"

enum { KEY_MAX = 128 };

/* ---- The file ------------------------------------------------------------------------------ */

/* "de_DE.UTF-8" begins with a language and a country, which may be asked for alone. */
static bool
find_language(const struct host *h, char name[16])
{
    const char *language = h->s->language != NULL ? h->s->language : "";
    size_t n = strcspn(language, ".@"), cuts[] = {n, strcspn(language, "._@")};
    struct buf path = {0};
    bool found = false;

    for (size_t i = 0; i < 2 && !found; i++) {
        if (cuts[i] == 0 || cuts[i] >= 16 ||
            strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") < cuts[i])
            continue;
        snprintf(name, 16, "%.*s", (int)cuts[i], language);
        buf_clear(&path);
        buf_printf(&path, "%s/texts/%s.lua", h->file->folder, name);
        found = access(buf_text(&path), R_OK) == 0;
    }
    buf_release(&path);
    return found;
}

void
texts_load(lua_State *L)
{
    char name[16];

    if (!find_language(host_of(L), name))
        return;
    lua_getglobal(L, "require");
    lua_pushfstring(L, "texts.%s", name);
    lua_call(L, 1, 1);
    if (lua_type(L, -1) != LUA_TTABLE)
        fault_raise(L, STATUS_LAB, "texts/%s.lua:1: a file of texts returns a table, this one a %s",
                    name, luaL_typename(L, -1));
    lua_setfield(L, LUA_REGISTRYINDEX, TEXTS);
}

/* ---- Texts --------------------------------------------------------------------------------- */

/* Pushes what stands at a.b.c of the table of texts, or nil. */
static void
push(lua_State *L, const char *key)
{
    char part[KEY_MAX];

    lua_getfield(L, LUA_REGISTRYINDEX, TEXTS);
    while (*key != '\0' && lua_type(L, -1) == LUA_TTABLE) {
        size_t n = strcspn(key, ".");

        snprintf(part, sizeof part, "%.*s", (int)n, key);
        lua_pushstring(L, part);
        lua_rawget(L, -2);
        lua_remove(L, -2);
        key += n + (key[n] == '.');
    }
    if (*key != '\0') {
        lua_pop(L, 1);
        lua_pushnil(L);
    }
}

/* Remembers that this text was asked for, and whether it is there. */
static void
note(lua_State *L, const char *key, bool there)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, ASKED);
    lua_pushboolean(L, there);
    lua_setfield(L, -2, key);
    lua_pop(L, 1);
}

const char *
texts_get(lua_State *L, const char *key, const char *otherwise)
{
    const char *text = NULL;

    push(L, key);
    if (lua_type(L, -1) == LUA_TSTRING)
        text = lua_tostring(L, -1);
    lua_pop(L, 1);
    note(L, key, text != NULL);
    return text != NULL ? text : otherwise;
}

const char *
texts_element(lua_State *L, const char *key, int i, const char *otherwise)
{
    const char *text = NULL;
    char full[KEY_MAX + 16];

    push(L, key);
    if (lua_type(L, -1) == LUA_TTABLE) {
        if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
            text = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    snprintf(full, sizeof full, "%s[%d]", key, i);
    note(L, full, text != NULL);
    return text != NULL ? text : otherwise;
}

/* lab.text("key", "the original") */
static int
text(lua_State *L)
{
    const char *key = luaL_checkstring(L, 1), *original = luaL_checkstring(L, 2);

    if (strlen(key) >= KEY_MAX)
        return fault_raise(L, STATUS_LAB, "lab.text: a key has at most %d bytes", KEY_MAX - 1);
    lua_pushstring(L, texts_get(L, key, original));
    return 1;
}

/* ---- What was asked for -------------------------------------------------------------------- */

void
lab_texts(struct lab *lab, void (*each)(void *ctx, const char *key, bool there), void *ctx)
{
    lua_State *L = lab->host.L;

    lua_settop(L, 0);
    if (lua_getfield(L, LUA_REGISTRYINDEX, ASKED) == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
            each(ctx, lua_tostring(L, -2), lua_toboolean(L, -1));
    lua_settop(L, 0);
}

struct unused {
    void (*each)(void *ctx, const char *key);
    void *ctx;
};

/* All below the table on top of the stack, whose key ends with a dot unless it is the whole. */
static void
walk(lua_State *L, const struct unused *u, const char *key)
{
    char full[KEY_MAX * 2];

    if (lua_gettop(L) > 30)
        return;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            snprintf(full, sizeof full, "%s%s%s", key, key[0] != '\0' ? "." : "",
                     lua_tostring(L, -2));
        else
            snprintf(full, sizeof full, "%s[%d]", key, (int)lua_tointeger(L, -2));
        if (lua_type(L, -1) == LUA_TTABLE) {
            walk(L, u, full);
        } else if (lua_getfield(L, 1, full) == LUA_TNIL) {
            u->each(u->ctx, full);
            lua_pop(L, 1);
        } else {
            lua_pop(L, 1);
        }
    }
}

static int
walk_all(lua_State *L)
{
    const struct unused *u = lua_touserdata(L, 1);

    lua_settop(L, 0);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, ASKED);
    if (lua_getfield(L, LUA_REGISTRYINDEX, TEXTS) == LUA_TTABLE)
        walk(L, u, "");
    return 0;
}

void
lab_texts_unused(struct lab *lab, void (*each)(void *ctx, const char *key), void *ctx)
{
    struct unused u = {each, ctx};
    lua_State *L = lab->host.L;

    lua_settop(L, 0);
    lua_pushcfunction(L, walk_all);
    lua_pushlightuserdata(L, &u);
    lua_pcall(L, 1, 0, 0);
    lua_settop(L, 0);
}

/* ---- Students ------------------------------------------------------------------------------ */

/* FNV-1a, and once more through a mixer: neighbouring names give unrelated numbers. Never to be
 * changed: what is handed in was made with it. */
static uint64_t
hash(const char *student, const char *key)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (const char *c = student; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    h = (h ^ 0xff) * 0x100000001b3u; /* no byte of UTF-8 */
    for (const char *c = key; *c != '\0'; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001b3u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

static const char *
student_of(const struct host *h)
{
    return h->s->student != NULL ? h->s->student : "student";
}

/* lab.param("key", 5000, 5999), lab.param("key", { "a", "b" }) */
static int
param(lua_State *L)
{
    const char *key = luaL_checkstring(L, 1);
    uint64_t drawn = hash(student_of(host_of(L)), key);
    lua_Integer low, high;

    if (lua_type(L, 2) == LUA_TTABLE) {
        lua_Unsigned n = lua_rawlen(L, 2);

        if (n == 0)
            return fault_raise(L, STATUS_LAB, "lab.param: the list of %s is empty", key);
        lua_rawgeti(L, 2, (lua_Integer)(drawn % n) + 1);
        return 1;
    }
    low = luaL_checkinteger(L, 2);
    high = luaL_checkinteger(L, 3);
    if (low > high || (uint64_t)high - (uint64_t)low == UINT64_MAX)
        return fault_raise(L, STATUS_LAB, "lab.param: %s goes from %lld to %lld", key,
                           (long long)low, (long long)high);
    lua_pushinteger(L, low + (lua_Integer)(drawn % ((uint64_t)high - (uint64_t)low + 1)));
    return 1;
}

static const struct api_entry entries[] = {
    {"text", text, "key: string; original: string", "string",
     "the text of this key in the language of the session, else the original"},
    {"param", param, "key: string; low: integer|string[]; high?: integer", "integer|string",
     "a number from low to high, or one of a list, that is another for each student"},
    {"student", NULL, NULL, "string", "who it is, as --student says"},
    {0}};

const struct api_class api_module = {
    .name = "ipclab", .summary = "what `require \"ipclab\"` gives", .entries = entries};

void
texts_open(lua_State *L, int module)
{
    lua_pushvalue(L, module);
    object_set(L, &api_module);
    lua_pushstring(L, student_of(host_of(L)));
    lua_setfield(L, -2, "student");
    lua_pop(L, 1);
}
