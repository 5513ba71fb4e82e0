/* SPDX-License-Identifier: GPL-3.0-or-later
 * See guided_parts.h. */
#include "lua/guided_parts.h"

#include "base/mem.h"

/* ---- Faults -------------------------------------------------------------------------------- */

void
guided_wrong(struct reading *r, const char *field, const char *fmt, ...)
{
    char text[240];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    guided_place_line(&r->place, r->h->file, field, r->h->frame_place, sizeof r->h->frame_place);
    frame_fault(r->h, ":%s %s", r->what, text);
}

const char *
guided_near(const struct near *near, char room[80])
{
    room[0] = '\0';
    if (near->best[0] != '\0')
        snprintf(room, 80, "; did you mean %s?", near->best);
    return room;
}

/* ---- Fields -------------------------------------------------------------------------------- */

void
guided_known(struct reading *r, const struct api_class *class, int listed)
{
    lua_State *L = r->L;
    char room[80];

    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        struct near near;
        bool is = false;

        if (listed > 0 && lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 &&
            lua_tointeger(L, -2) <= listed)
            continue;
        near_init(&near, name != NULL ? name : "");
        for (const struct api_entry *e = class->entries; e->name != NULL; e++) {
            is |= name != NULL && strcmp(name, e->name) == 0;
            near_offer(&near, e->name);
        }
        if (name == NULL)
            guided_wrong(r, NULL, "has a value without a name, a %s", luaL_typename(L, -1));
        else if (!is)
            guided_wrong(r, name, "has no field '%.60s'%s", name, guided_near(&near, room));
    }
}

int
guided_field(struct reading *r, const char *name)
{
    lua_pushstring(r->L, name);
    return lua_rawget(r->L, -2);
}

char *
guided_text(struct reading *r, const char *name, bool required)
{
    lua_State *L = r->L;
    char *copy = NULL, key[128];
    int type = guided_field(r, name);

    snprintf(key, sizeof key, "%s%s%s", r->key, r->key[0] != '\0' ? "." : "", name);
    if (type == LUA_TSTRING)
        copy =
            mem_copy(strcmp(name, "id") == 0 ? lua_tostring(L, -1) /* the same in all languages */
                                             : texts_get(L, key, lua_tostring(L, -1)));
    else if (type != LUA_TNIL && r->what[0] != '\0') /* of the lab itself the frame has said it */
        guided_wrong(r, name, "%s is a text, this is a %s", name, lua_typename(L, type));
    else if (required)
        guided_wrong(r, NULL, "%s is missing", name);
    if (copy != NULL && required && copy[0] == '\0')
        guided_wrong(r, name, "%s is empty", name);
    lua_pop(L, 1);
    return copy;
}

int
guided_number(struct reading *r, const char *name, int min, int max, int otherwise, bool required)
{
    lua_State *L = r->L;
    int type = guided_field(r, name), is = 0;
    lua_Integer n = type == LUA_TNUMBER ? lua_tointegerx(L, -1, &is) : 0;

    if (type == LUA_TNIL && required)
        guided_wrong(r, NULL, "%s is missing", name);
    else if (type != LUA_TNIL && type != LUA_TNUMBER)
        guided_wrong(r, name, "%s is a whole number, this is a %s", name, lua_typename(L, type));
    else if (type == LUA_TNUMBER && (!is || n < min || n > max))
        guided_wrong(r, name, "%s is a whole number from %d to %d", name, min, max);
    lua_pop(L, 1);
    return is && n >= min && n <= max ? (int)n : otherwise;
}

void
guided_strings(struct reading *r, const char *name, char ***to, int *n)
{
    lua_State *L = r->L;

    int size = guided_field(r, name) == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;

    for (int i = 1; i <= size; i++, lua_pop(L, 1)) {
        if (lua_rawgeti(L, -1, i) != LUA_TSTRING)
            continue; /* told by the frame */
        *to = mem_grow(*to, sizeof **to * (size_t)(*n + 1));
        (*to)[(*n)++] = mem_copy(lua_tostring(L, -1));
    }
    lua_pop(L, 1);
}

void
guided_function(struct reading *r, const char *name)
{
    int type = guided_field(r, name);

    if (type == LUA_TNIL)
        guided_wrong(r, NULL, "%s is missing", name);
    else if (type != LUA_TFUNCTION)
        guided_wrong(r, name, "%s is a function, this is a %s", name, lua_typename(r->L, type));
    lua_pop(r->L, 1);
}

/* ---- Lines --------------------------------------------------------------------------------- */

/* `# optional` at the end of a line, and the line without it. */
static size_t
without_mark(const char *text, size_t n, bool *optional)
{
    static const char mark[] = "optional";
    size_t at = n;

    *optional = false;
    if (n < sizeof mark || memcmp(text + n - (sizeof mark - 1), mark, sizeof mark - 1) != 0)
        return n;
    for (at = n - (sizeof mark - 1); at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'); at--)
        ;
    if (at < 2 || text[at - 1] != '#' || (text[at - 2] != ' ' && text[at - 2] != '\t'))
        return n;
    for (at -= 1; at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'); at--)
        ;
    *optional = true;
    return at;
}

static void
add_lines(struct guided_lines *lines, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n"), from = strspn(text, " \t"), to;
        bool optional;

        for (to = n; to > from && strchr(" \t\r", text[to - 1]) != NULL; to--)
            ;
        if (to > from && text[from] != '#') {
            to = from + without_mark(text + from, to - from, &optional);
            lines->list = mem_grow(lines->list, sizeof *lines->list * (size_t)(lines->n + 1));
            lines->list[lines->n++] =
                (struct guided_line){mem_copy_n(text + from, to - from), optional};
        }
        text += n + (text[n] == '\n');
    }
}

void
guided_lines_of(struct reading *r, const char *name, bool required, struct guided_lines *lines)
{
    lua_State *L = r->L;
    int type = guided_field(r, name);

    if (type == LUA_TSTRING) {
        add_lines(lines, lua_tostring(L, -1));
    } else if (type == LUA_TTABLE) {
        for (int i = 1; i <= (int)lua_rawlen(L, -1); i++, lua_pop(L, 1)) {
            if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
                add_lines(lines, lua_tostring(L, -1));
            else
                guided_wrong(r, name, "%s[%d] is a line, this is a %s", name, i,
                             luaL_typename(L, -1));
        }
    } else if (type != LUA_TNIL) {
        guided_wrong(r, name, "%s is a text with lines or a list of lines, this is a %s", name,
                     lua_typename(L, type));
    } else if (required) {
        guided_wrong(r, NULL, "%s is missing", name);
    }
    if (required && (type == LUA_TSTRING || type == LUA_TTABLE) && lines->n == 0)
        guided_wrong(r, name, "%s has no line", name);
    lua_pop(L, 1);
}
