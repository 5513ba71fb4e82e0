/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lab.guided: its table as data. One walk over it both makes the data and says what is wrong, so
 * that nothing is read that was not looked at; while the lab is loaded the faults count, and all of
 * them are said at once. A table of Lua does not know its lines: they are searched for in the text
 * of the file, by the id of the task and the name of the field. */
#include "lua/guided_parts.h"

#include "base/mem.h"
#include "session/builtin.h"

/* ---- Parts of a task ----------------------------------------------------------------------- */

/* A text, or { "text", cost = 1 }. */
static void
read_hint(struct reading *r, int i, int cost)
{
    struct guided_task *t = &r->g->tasks[r->g->ntasks - 1];
    struct guided_hint *hint = &t->hints[t->nhints];
    lua_State *L = r->L;
    int type = lua_type(L, -1);
    char key[128];

    snprintf(key, sizeof key, "%s.hints", r->key);
    hint->cost = cost;
    if (type == LUA_TTABLE) {
        if (lua_rawgeti(L, -1, 1) == LUA_TSTRING)
            hint->text = mem_copy(texts_element(L, key, i, lua_tostring(L, -1)));
        else
            guided_wrong(r, "hints", "hints[%d] is a text or { \"text\", cost = 1 }", i);
        lua_pop(L, 1);
        hint->cost = guided_number(r, "cost", 0, GUIDED_POINTS, cost, false);
        guided_known(r, &api_hint, 1);
    } else if (type == LUA_TSTRING) {
        hint->text = mem_copy(texts_element(L, key, i, lua_tostring(L, -1)));
    } else {
        guided_wrong(r, "hints", "hints[%d] is a text or { \"text\", cost = 1 }, this is a %s", i,
                     lua_typename(L, type));
    }
    t->nhints += hint->text != NULL;
}

static void
read_hints(struct reading *r, int cost)
{
    lua_State *L = r->L;
    int type = guided_field(r, "hints"), n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;

    if (type != LUA_TNIL && type != LUA_TTABLE)
        guided_wrong(r, "hints", "hints is a list of texts, this is a %s", lua_typename(L, type));
    if (n > GUIDED_HINTS)
        guided_wrong(r, "hints", "has %d hints; a task has at most %d", n, GUIDED_HINTS);
    for (int i = 1; i <= n && i <= GUIDED_HINTS; i++) {
        lua_rawgeti(L, -1, i);
        read_hint(r, i, cost);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* false: never; true: for nothing; a number: for so many points. */
static int
read_skip(struct reading *r, int otherwise)
{
    lua_State *L = r->L;
    int type = guided_field(r, "skip"), skip = otherwise, is = 0;
    lua_Integer n = type == LUA_TNUMBER ? lua_tointegerx(L, -1, &is) : 0;

    if (type == LUA_TBOOLEAN)
        skip = lua_toboolean(L, -1) ? 0 : SKIP_NEVER;
    else if (type == LUA_TNUMBER && is && n >= 0 && n <= GUIDED_POINTS)
        skip = (int)n;
    else if (type != LUA_TNIL)
        guided_wrong(r, "skip", "skip is true, false or how many points it gives");
    lua_pop(L, 1);
    return skip;
}

static void
read_choices(struct reading *r, struct guided_predict *p, const char *name)
{
    lua_State *L = r->L;
    int n = guided_field(r, name) == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;
    char key[128];

    snprintf(key, sizeof key, "%s.%s", r->key, name);
    if (n < 2 || n > GUIDED_CHOICES)
        guided_wrong(r, name, "%s is a list of 2 to %d texts", name, GUIDED_CHOICES);
    for (int i = 1; i <= n && i <= GUIDED_CHOICES; i++) {
        if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
            p->choices[p->nchoices++] = mem_copy(texts_element(L, key, i, lua_tostring(L, -1)));
        else
            guided_wrong(r, name, "%s[%d] is a text, this is a %s", name, i, luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void
read_predict(struct reading *r, struct guided_predict *p)
{
    lua_State *L = r->L;
    int type = guided_field(r, "predict");
    char before[80];
    bool choice, order;

    memcpy(before, r->what, sizeof before);
    if (type == LUA_TTABLE) {
        snprintf(r->what, sizeof r->what, "%.60s: predict", before);
        guided_known(r, &api_predict, 0);
        choice = guided_field(r, "choices") != LUA_TNIL;
        lua_pop(L, 1);
        order = guided_field(r, "order") != LUA_TNIL;
        lua_pop(L, 1);
        if (choice && order)
            guided_wrong(r, "order", "has choices and an order; a question is one of both");
        p->kind = choice ? QUESTION_CHOICE : order ? QUESTION_ORDER : QUESTION_VALUE;
        p->ask = guided_text(r, "ask", true);
        if (p->kind != QUESTION_VALUE)
            read_choices(r, p, choice ? "choices" : "order");
        p->points = guided_number(r, "points", 0, GUIDED_POINTS, 0, false);
        guided_function(r, "truth");
    } else if (type != LUA_TNIL) {
        guided_wrong(r, "predict",
                     "predict is a table { ask = ..., truth = function(h) ... end }, this "
                     "is a %s",
                     lua_typename(L, type));
    }
    memcpy(r->what, before, sizeof before);
    lua_pop(L, 1);
}

/* Ids of tasks before this one. */
static void
read_needs(struct reading *r, struct guided_task *t)
{
    lua_State *L = r->L;
    int type = guided_field(r, "needs"), n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;
    char room[80];

    if (type != LUA_TNIL && type != LUA_TTABLE)
        guided_wrong(r, "needs", "needs is a list of ids of tasks, this is a %s",
                     lua_typename(L, type));
    for (int i = 1; i <= n; i++, lua_pop(L, 1)) {
        const char *id = lua_rawgeti(L, -1, i) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        struct near near;
        bool found = false;

        near_init(&near, id != NULL ? id : "");
        for (int k = 0; k < r->g->ntasks - 1 && id != NULL; k++) {
            if (r->g->tasks[k].id == NULL)
                continue;
            near_offer(&near, r->g->tasks[k].id);
            if (strcmp(r->g->tasks[k].id, id) == 0) {
                t->needs |= (uint64_t)1 << k;
                found = true;
            }
        }
        if (!found)
            guided_wrong(r, "needs", "needs '%.40s', which is no task before it%s",
                         id != NULL ? id : "?", guided_near(&near, room));
    }
    lua_pop(L, 1);
}

/* ---- Tasks --------------------------------------------------------------------------------- */

static bool
is_id(const char *id)
{
    return id[0] >= 'a' && id[0] <= 'z' && strlen(id) <= 31 &&
           id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* What the task is called from here on, and where it stands in the file. */
static void
enter_task(struct reading *r, int i)
{
    const char *id = guided_field(r, "id") == LUA_TSTRING ? lua_tostring(r->L, -1) : NULL;

    if (id != NULL && is_id(id)) {
        snprintf(r->what, sizeof r->what, " task %s", id);
        snprintf(r->key, sizeof r->key, "%s", id);
        guided_place_enter(&r->place, r->h->file, "id", id);
    } else {
        snprintf(r->what, sizeof r->what, " tasks[%d]", i);
        snprintf(r->key, sizeof r->key, "%d", i);
        guided_place_enter(&r->place, r->h->file, "id", "");
    }
    lua_pop(r->L, 1);
}

static void
check_id(struct reading *r, const struct guided_task *t)
{
    static const char *const taken[] = {"title", "intro", "outro"}; /* keys of texts */

    if (t->id == NULL)
        return;
    if (!is_id(t->id))
        guided_wrong(r, "id",
                     "id '%.40s' is a letter a-z, then letters, digits, _ and -, at most 31",
                     t->id);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(t->id, taken[i]) == 0)
            guided_wrong(r, "id", "cannot have the id '%s'", t->id);
    for (int i = 0; i < r->g->ntasks - 1; i++)
        if (r->g->tasks[i].id != NULL && strcmp(r->g->tasks[i].id, t->id) == 0)
            guided_wrong(r, "id", "is there twice");
}

static void
read_task(struct reading *r, int i)
{
    struct guided_task *t;

    r->g->tasks = mem_grow(r->g->tasks, sizeof *r->g->tasks * (size_t)(r->g->ntasks + 1));
    t = &r->g->tasks[r->g->ntasks++];
    *t = (struct guided_task){0};
    enter_task(r, i);
    guided_known(r, &api_task, 0);
    t->id = guided_text(r, "id", true);
    check_id(r, t);
    t->title = guided_text(r, "title", false);
    if (t->title == NULL)
        t->title = mem_copy(t->id != NULL ? t->id : "?");
    t->say = guided_text(r, "say", true);
    t->points = guided_number(r, "points", 0, GUIDED_POINTS, 0, true);
    read_hints(r, guided_number(r, "hint_cost", 0, GUIDED_POINTS, r->hint_cost, false));
    guided_function(r, "check");
    guided_lines_of(r, "solution", true, &t->solution);
    read_predict(r, &t->predict);
    t->skip = read_skip(r, r->skip);
    if (t->skip > t->points)
        guided_wrong(r, "skip", "skip gives %d points, more than the %d of the task", t->skip,
                     t->points);
    read_needs(r, t);
    r->g->points += t->points + t->predict.points;
}

static void
read_also(struct reading *r, int i)
{
    struct guided_also *a;
    const char *name = guided_field(r, "name") == LUA_TSTRING ? lua_tostring(r->L, -1) : NULL;

    snprintf(r->what, sizeof r->what, " also[%d]", i);
    guided_place_enter(&r->place, r->h->file, "name", name != NULL ? name : "");
    lua_pop(r->L, 1);
    r->key[0] = '\0';
    r->g->also = mem_grow(r->g->also, sizeof *r->g->also * (size_t)(r->g->nalso + 1));
    a = &r->g->also[r->g->nalso++];
    *a = (struct guided_also){0};
    guided_known(r, &api_also, 0);
    if (name == NULL)
        guided_wrong(r, NULL, "name is missing");
    a->name = mem_copy(name != NULL ? name : "?");
    a->points = guided_number(r, "points", 0, GUIDED_POINTS * GUIDED_TASKS, 0, true);
    guided_lines_of(r, "play", true, &a->play);
}

/* Each table of a list; the list is on top of the stack. */
static void
read_list(struct reading *r, const char *name, int max, bool required,
          void (*each)(struct reading *r, int i))
{
    lua_State *L = r->L;
    int type = guided_field(r, name), n = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 0;

    if (type == LUA_TTABLE && required && n == 0)
        guided_wrong(r, name, "%s is empty", name);
    if (n > max)
        guided_wrong(r, name, "%s has %d entries, at most %d", name, n, max);
    for (int i = 1; i <= n && i <= max; i++, lua_pop(L, 1)) {
        luaL_checkstack(L, 12, "lab");
        if (lua_rawgeti(L, -1, i) == LUA_TTABLE)
            each(r, i);
        else
            guided_wrong(r, name, "%s[%d] is a table, this is a %s", name, i, luaL_typename(L, -1));
        r->what[0] = r->key[0] = '\0';
        guided_place_leave(&r->place);
    }
    lua_pop(L, 1);
}

/* Actors that would hide a verb. */
static void
check_actors(struct reading *r)
{
    const struct builtin *const *all = r->h->s->all_builtins;

    for (int i = 0; i < r->g->nactors; i++)
        for (int k = 0; all != NULL && all[k] != NULL; k++)
            if ((all[k]->flags & BUILTIN_GUIDED) != 0 && strcmp(all[k]->name, r->g->actors[i]) == 0)
                guided_wrong(r, "actors", "'%s' cannot name an actor: it is a verb of guided labs",
                             r->g->actors[i]);
}

/* What execve may run where strangers' lines are judged. */
static void
read_programs(struct reading *r)
{
    struct guided *g = r->g;

    guided_strings(r, "programs", &g->programs, &g->nprograms);
    if (g->nprograms > GUIDED_PROGRAMS)
        guided_wrong(r, "programs", "programs has %d entries, at most %d", g->nprograms,
                     GUIDED_PROGRAMS);
    for (int i = 0; i < g->nprograms; i++)
        if (g->programs[i][0] != '/' || strlen(g->programs[i]) > GUIDED_PROGRAM_PATH ||
            strstr(g->programs[i], "/../") != NULL)
            guided_wrong(r, "programs",
                         "programs[%d] is the whole path of a file, such as /bin/echo", i + 1);
}

void
guided_common(lua_State *L, int index, struct guided *g)
{
    struct reading r = {.L = L, .h = host_of(L), .g = g};

    luaL_checkstack(L, 20, "lab");
    lua_pushvalue(L, index);
    guided_release(g);
    g->id = guided_text(&r, "id", false);
    g->title = guided_text(&r, "title", false);
    g->minutes = guided_number(&r, "minutes", 1, 600, 0, false);
    guided_strings(&r, "actors", &g->actors, &g->nactors);
    guided_strings(&r, "man", &g->man, &g->nman);
    lua_pop(L, 1);
}

void
guided_read(lua_State *L, int index, struct guided *g)
{
    struct reading r = {.L = L, .h = host_of(L), .g = g};

    lua_pushvalue(L, index);
    g->intro = guided_text(&r, "intro", false);
    g->outro = guided_text(&r, "outro", false);
    r.hint_cost = guided_number(&r, "hint_cost", 0, GUIDED_POINTS, 1, false);
    r.skip = read_skip(&r, 0);
    check_actors(&r);
    read_programs(&r);
    read_list(&r, "tasks", GUIDED_TASKS, true, read_task);
    read_list(&r, "also", 1000, false, read_also);
    lua_pop(L, 1);
}

/* ---- The frame ----------------------------------------------------------------------------- */

static void
check(lua_State *L, struct host *h)
{
    guided_read(L, 1, h->guided);
}

const struct frame frame_guided = {
    .name = "guided",
    .type = "ipclab.guided",
    .class = "ipclab.Guided",
    .summary = "a lab that leads a student from task to task",
    .fields = guided_frame_fields,
    .check = check,
};
