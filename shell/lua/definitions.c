/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The definitions that LuaLS reads (`ipclab.lua` in the workspace.library of .luarc.json): every
 * class of api.h, every frame, every call of the plugins, every field of an event. */
#include "lua/host.h"
#include "trace/kinds.h"

/* What an editor shows in one line stays in one. */
static void
put_line(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_putc(out, *text == '\n' ? ' ' : *text);
}

static void
put_comment(struct buf *out, const char *text)
{
    buf_puts(out, "---");
    put_line(out, text);
    buf_putc(out, '\n');
}

/* A word of Lua cannot name a parameter. */
static void
put_name(struct buf *out, const char *name, size_t n)
{
    static const char *const words[] = {"and",   "break", "do",       "else", "elseif", "end",
                                        "false", "for",   "function", "goto", "if",     "in",
                                        "local", "nil",   "not",      "or",   "repeat", "return",
                                        "then",  "true",  "until",    "while"};

    buf_put(out, name, n);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], name, n) == 0)
            buf_putc(out, '_');
}

/* ---- Methods ------------------------------------------------------------------------------- */

/* The next of a list whose elements are apart by "; "; *n is its length; NULL: no more. */
static const char *
next_of(const char **list, size_t *n)
{
    const char *from = *list, *end;

    if (from == NULL || *from == '\0')
        return NULL;
    end = strstr(from, "; ");
    *n = end != NULL ? (size_t)(end - from) : strlen(from);
    *list = end != NULL ? end + 2 : "";
    return from;
}

static bool
is_optional(const char *parameter)
{
    return parameter[strcspn(parameter, "?:")] == '?';
}

/* Is there one behind it that must be given? Then it cannot be left out, but be nil. */
static bool
has_required(const char *list)
{
    const char *p;
    size_t n;

    while ((p = next_of(&list, &n)) != NULL)
        if (!is_optional(p) && strncmp(p, "...", 3) != 0)
            return true;
    return false;
}

static void
put_parameters(struct buf *out, const char *takes)
{
    const char *p;
    size_t n;

    while ((p = next_of(&takes, &n)) != NULL) {
        size_t name = strcspn(p, "?:");
        const char *type = p + name + strspn(p + name, "?: ");
        bool nil = is_optional(p);

        buf_puts(out, "---@param ");
        put_name(out, p, name);
        buf_printf(out, "%s %.*s%s\n", nil && !has_required(takes) ? "?" : "", (int)(p + n - type),
                   type, nil && has_required(takes) ? "|nil" : "");
    }
}

static void
put_method(struct buf *out, const char *of, char sign, const struct api_entry *e)
{
    const char *list = e->gives, *p, *apart = "";
    size_t n;

    if (strchr(e->takes, 'T') != NULL && strncmp(e->gives, "T", 2) == 0)
        buf_puts(out, "---@generic T\n");
    put_comment(out, e->summary);
    put_parameters(out, e->takes);
    while ((p = next_of(&list, &n)) != NULL)
        buf_printf(out, "---@return %.*s\n", (int)n, p);
    buf_printf(out, "function %s%c%s(", of, sign, e->name);
    list = e->takes;
    while ((p = next_of(&list, &n)) != NULL) {
        buf_puts(out, apart);
        put_name(out, p, strcspn(p, "?:"));
        apart = ", ";
    }
    buf_puts(out, ") end\n\n");
}

/* ---- Classes ------------------------------------------------------------------------------- */

static void
put_field(struct buf *out, const char *name, bool optional, const char *type, const char *summary)
{
    buf_printf(out, "---@field %s%s %s ", name, optional ? "?" : "", type);
    put_line(out, summary);
    buf_putc(out, '\n');
}

static void
put_head(struct buf *out, const char *name, const char *summary)
{
    put_comment(out, summary);
    buf_printf(out, "---@class %s\n", name);
}

/* Fields, then the table and its methods; `of` is what it is called in this file. */
static void
put_class(struct buf *out, const struct api_class *class, const char *of)
{
    put_head(out, class->name, class->summary);
    for (const struct api_entry *e = class->entries; e->name != NULL; e++)
        if (e->takes == NULL)
            put_field(out, e->name, e->gives[0] == '?', e->gives + (e->gives[0] == '?'),
                      e->summary);
    for (int i = 0; class->more != NULL && class->more[i] != NULL; i++)
        buf_printf(out, "%s\n", class->more[i]);
    buf_printf(out, "local %s = {}\n\n", of);
    for (const struct api_entry *e = class->entries; e->name != NULL; e++)
        if (e->takes != NULL)
            put_method(out, of, class == &api_module ? '.' : ':', e);
}

static const char *
last_part(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL ? dot + 1 : name;
}

static void
put_calls(struct buf *out, const struct catalog *c)
{
    struct buf room = {0};

    for (int i = 0; i < c->nplugins; i++)
        for (int k = 0; k < c->plugins[i].ncalls; k++) {
            const struct ipclab_call *call = &c->plugins[i].p.calls[k];
            struct api_entry e = signature_of(call, &room);

            put_comment(out, call->prototype);
            put_comment(out, "");
            if (call->returns != NULL && call->returns[0] != '\0') {
                buf_puts(out, "---Returns ");
                put_line(out, call->returns);
                buf_puts(out, ".\n---\n");
            }
            put_method(out, last_part(api_actor.name), ':', &e);
        }
    buf_release(&room);
}

/* lab.guided { ... } and its like. */
static void
put_frames(struct buf *out)
{
    for (int i = 0; frames[i] != NULL; i++) {
        const struct frame *frame = frames[i];
        struct buf takes = {0};
        struct api_entry make = {
            .name = frame->name, .gives = "ipclab.Lab", .summary = frame->summary};

        put_head(out, frame->class, frame->summary);
        for (const struct frame_field *f = frame_common; f->name != NULL; f++)
            put_field(out, f->name, !f->required, f->is, f->summary);
        for (const struct frame_field *f = frame->fields; f->name != NULL; f++)
            put_field(out, f->name, !f->required, f->is, f->summary);
        buf_putc(out, '\n');
        buf_printf(&takes, "lab: %s", frame->class);
        make.takes = buf_text(&takes);
        put_method(out, api_module.name, '.', &make);
        buf_release(&takes);
    }
}

/* ---- Events -------------------------------------------------------------------------------- */

static const char *
type_of(const struct event_field *f)
{
    static const char *const types[][2] = {{"number", "integer"},
                                           {"text", "string"},
                                           {"list", "any[]"},
                                           {"object", "table<string, any>"},
                                           {"true or false", "boolean"}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i][0], f->type) == 0)
            return types[i][1];
    return "any";
}

/* Is it the first of this name among all kinds? */
static bool
is_first(const struct event_field *field)
{
    for (const struct event_field *f = event_common; f->name != NULL; f++)
        if (strcmp(f->name, field->name) == 0)
            return f == field;
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        for (const struct event_field *f = k->fields; f->name != NULL; f++)
            if (strcmp(f->name, field->name) == 0)
                return f == field;
    return true;
}

static void
put_event_field(struct buf *out, const struct event_field *f, bool query)
{
    if (is_first(f) && strcmp(f->name, "call") != 0 && strcmp(f->name, "ev") != 0)
        put_field(out, f->name, true, query ? "any" : type_of(f), f->summary);
}

/* In a query each may be a value, a list of which it is one, or a function that says whether. */
static void
put_event_class(struct buf *out, const char *name, const char *summary, bool query)
{
    put_head(out, name, summary);
    put_field(out, "call", true, query ? "ipclab.Call|string[]|function" : "ipclab.Call",
              "of a step");
    put_field(out, "ev", true, query ? "ipclab.Kind|string[]|function" : "ipclab.Kind",
              "its kind; a step has the call");
    for (const struct event_field *f = event_common; f->name != NULL; f++)
        put_event_field(out, f, query);
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        for (const struct event_field *f = k->fields; f->name != NULL; f++)
            put_event_field(out, f, query);
    put_field(out, "done", true, "boolean", "of a step: it came back");
    put_field(out, "blocked", true, "boolean", "of a step: it had to wait");
    put_field(out, "waits", true, "boolean", "of a step: it still does");
    if (query) {
        put_field(out, "after", true, "ipclab.Event|integer", "it came after that event");
        put_field(out, "before", true, "ipclab.Event|integer", "it came before that event");
    }
    buf_puts(out, "---@field [string] any parameters, what they took, fields of the state\n\n");
}

static void
put_call_name(void *ctx, const struct ipclab_call *call)
{
    buf_printf(ctx, "---| \"%s\"\n", call->name);
}

static void
put_events(struct buf *out, const struct catalog *c)
{
    buf_puts(out, "---@alias ipclab.Call string\n");
    catalog_each_call(c, put_call_name, out);
    buf_puts(out, "\n---@alias ipclab.Kind string\n");
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++)
        buf_printf(out, "---| \"%s\" # %s\n", k->name, k->summary);
    buf_putc(out, '\n');
    put_event_class(out, "ipclab.Event", "something that happened, as a check finds it", false);
    put_event_class(out, "ipclab.Query",
                    "what an event must be like: a value, a list of which it "
                    "is one, or a function that says whether it fits",
                    true);
    buf_puts(out, "---@alias ipclab.Match ipclab.Query\n\n");
}

void
definitions_write(const struct catalog *c, struct buf *out)
{
    buf_puts(out, "---@meta ipclab\n\n"
                  "-- What a lab file can call: definitions for LuaLS, which is asked for them by\n"
                  "-- workspace.library in .luarc.json. Written by `ipclab generate "
                  "lua-definitions`.\n\n");
    put_events(out, c);
    for (int i = 0; api_classes[i] != NULL; i++) {
        put_class(out, api_classes[i], last_part(api_classes[i]->name));
        if (api_classes[i] == &api_actor)
            put_calls(out, c);
    }
    put_class(out, &api_module, api_module.name);
    put_frames(out);
    buf_printf(out, "return %s\n", api_module.name);
}
