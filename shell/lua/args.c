/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arguments of a method as they stand in a line of the grammar, by the types of the record.
 * Texts become C literals in which every byte survives; flags are words; what a call fills is not
 * written in Lua at all: a variable is made for it here. */
#include "base/mem.h"
#include "base/text.h"
#include "lang/number.h"
#include "lua/host.h"

enum { ROOM_LEFT_OUT = 4096, ROOM_UNKNOWN = 65536 };

struct piece {
    const struct ipclab_arg *arg;
    size_t at, n;  /* in host.text; n 0: left out */
    int64_t value; /* of a number, else -1 */
    bool fill;     /* a variable is to be made for it */
};

struct site {
    lua_State *L;
    struct host *h;
    struct deed *d;
    struct actor *a;
    int index, top; /* the next argument in Lua, and the last */
    struct piece pieces[IPCLAB_MAX_ARGS];
    int n;
};

static void
wrong(struct site *s, const struct ipclab_arg *arg, const char *wanted, int index)
{
    char is[40];

    snprintf(is, sizeof is, "a %s", luaL_typename(s->L, index));
    if (handle_is(s->L, index))
        snprintf(is, sizeof is, "an address");
    else if (actor_name(s->L, index) != NULL)
        snprintf(is, sizeof is, "an actor");
    else if (lua_type(s->L, index) == LUA_TNUMBER)
        snprintf(is, sizeof is, "%.14g", lua_tonumber(s->L, index));
    fault_raise(s->L, STATUS_LAB, "%s: %s is %s, this is %s", s->d->name, arg->name, wanted, is);
}

/* ---- Texts --------------------------------------------------------------------------------- */

/* Three octal digits end where they end, whatever follows; \x would take more. */
static void
put_literal(struct buf *out, const char *s, size_t n, char quote)
{
    buf_putc(out, quote);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c == '\n')
            buf_puts(out, "\\n");
        else if (c < 0x20 || c >= 0x7f)
            buf_printf(out, "\\%03o", c);
        else if (c == '"' || c == '\'' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_putc(out, (char)c);
    }
    buf_putc(out, quote);
}

static void
put_text(struct site *s, const struct ipclab_arg *arg, int index)
{
    size_t n;
    const char *text;

    if (handle_is(s->L, index)) {
        handle_put(s->L, index, s->a, &s->h->text);
        return;
    }
    if (lua_type(s->L, index) != LUA_TSTRING)
        wrong(s, arg, "a string", index);
    text = lua_tolstring(s->L, index, &n);
    if ((arg->type == IPCLAB_STRING || arg->type == IPCLAB_PATH) && strlen(text) != n)
        fault_raise(s->L, STATUS_LAB, "%s: %s ends at its first NUL byte, and there is one inside",
                    s->d->name, arg->name);
    put_literal(&s->h->text, text, n, '"');
}

/* ---- Numbers and words --------------------------------------------------------------------- */

static void
offer_constant(void *ctx, const struct ipclab_constant *k)
{
    near_offer(ctx, k->name);
}

static void
check_word(struct site *s, const struct ipclab_arg *arg, const char *from, size_t n)
{
    const struct catalog *c = &s->h->s->launcher.catalog;
    const struct actor *other;
    char word[64];
    struct near near;
    int64_t value;

    snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), from);
    other = world_actor(&s->h->s->world, word);
    if (catalog_constant(c, word, &value) || (arg->type == IPCLAB_PROCESS && other != NULL))
        return;
    near_init(&near, word);
    catalog_each_constant(c, offer_constant, &near);
    fault_raise(s->L, STATUS_LAB, "%s: %s: '%s' is no constant%s%s%s", s->d->name, arg->name, word,
                near.best[0] != '\0' ? "; did you mean " : "", near.best,
                near.best[0] != '\0' ? "?" : "");
}

static void
put_words(struct site *s, const struct ipclab_arg *arg, int index)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t n;
    const char *text = lua_tolstring(s->L, index, &n);
    struct buf shown = {0};

    for (size_t i = 0; i < n;) {
        size_t length = strspn(text + i, name);

        if (length > 0 && (text[i] < '0' || text[i] > '9'))
            check_word(s, arg, text + i, length);
        if (length == 0 && strchr("| -", text[i]) == NULL) {
            text_escape(&shown, text + i, 1, true);
            buf_clear(&s->h->scratch);
            buf_puts(&s->h->scratch, buf_text(&shown));
            buf_release(&shown);
            fault_raise(s->L, STATUS_LAB, "%s: %s is made of constants, numbers and |, not of '%s'",
                        s->d->name, arg->name, buf_text(&s->h->scratch));
        }
        i += length > 0 ? length : 1;
    }
    if (strspn(text, " ") == n || strlen(text) != n)
        fault_raise(s->L, STATUS_LAB, "%s: %s is a number or words such as %s, not an empty text",
                    s->d->name, arg->name,
                    arg->constants != NULL ? arg->constants[0].name : "IPC_CREAT|0666");
    buf_put(&s->h->text, text, n);
}

/* A number, as the variable that holds it where it may be another in the next run. */
static void
put_number(struct site *s, const struct ipclab_arg *arg, int index, struct piece *p)
{
    const char *other = actor_name(s->L, index);
    const struct actor *named;
    const struct kept *k;
    int exact;

    if (lua_type(s->L, index) == LUA_TSTRING) {
        put_words(s, arg, index);
        return;
    }
    if (other != NULL && (arg->type == IPCLAB_PROCESS || arg->type == IPCLAB_ANY)) {
        buf_puts(&s->h->text, other);
        return;
    }
    p->value = lua_type(s->L, index) == LUA_TNUMBER ? lua_tointegerx(s->L, index, &exact) : 0;
    if (lua_type(s->L, index) != LUA_TNUMBER || !exact)
        wrong(s, arg,
              arg->type == IPCLAB_PROCESS ? "an actor or a number"
              : arg->type == IPCLAB_FLAGS || arg->type == IPCLAB_MODE
                  ? "a number or words as a string"
                  : "a whole number",
              index);
    k = arg->type == IPCLAB_OBJECT ? kept_find_object(s->h, s->a, s->d->plugin, p->value) : NULL;
    named = arg->type == IPCLAB_PROCESS && p->value > 0
                ? world_actor_by_pid(&s->h->s->world, (pid_t)p->value)
                : NULL;
    if (k != NULL)
        buf_puts(&s->h->text, k->name);
    else if (named != NULL)
        buf_puts(&s->h->text, named->name);
    else
        buf_int(&s->h->text, p->value);
}

static void
put_address(struct site *s, const struct ipclab_arg *arg, int index)
{
    const struct kept *k = handle_kept(s->L, index);

    if (k == NULL && arg->type == IPCLAB_POINTER && lua_isinteger(s->L, index)) {
        buf_int(&s->h->text, lua_tointeger(s->L, index));
        return;
    }
    if (k == NULL || (k->type == IPCLAB_STREAM) != (arg->type == IPCLAB_STREAM))
        wrong(s, arg,
              arg->type == IPCLAB_STREAM ? "a stream, as fdopen returns it"
                                         : "an address, as shmat returns it",
              index);
    handle_put(s->L, index, s->a, &s->h->text);
}

/* SIG_IGN, or what a handler is called. */
static void
put_name(struct site *s, const struct ipclab_arg *arg, int index)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const char *text = lua_tostring(s->L, index);

    if (text[0] == '\0' || (text[0] >= '0' && text[0] <= '9') ||
        text[strspn(text, letters)] != '\0')
        wrong(s, arg, "SIG_DFL, SIG_IGN or a name", index);
    buf_puts(&s->h->text, text);
}

static void
put_value(struct site *s, const struct ipclab_arg *arg, int index, struct piece *p)
{
    switch (arg->type) {
    case IPCLAB_BYTES:
    case IPCLAB_STRING:
    case IPCLAB_PATH:
        put_text(s, arg, index);
        break;
    case IPCLAB_POINTER:
    case IPCLAB_STREAM:
    case IPCLAB_BUFFER:
    case IPCLAB_INTS:
        put_address(s, arg, index);
        break;
    case IPCLAB_HANDLER:
        if (lua_type(s->L, index) == LUA_TSTRING)
            put_name(s, arg, index);
        else
            put_number(s, arg, index, p);
        break;
    case IPCLAB_NEWNAME:
        if (lua_type(s->L, index) != LUA_TSTRING || !parse_actor_name_ok(lua_tostring(s->L, index)))
            wrong(s, arg, "the name of the new actor: a letter a-z, then letters, digits and _",
                  index);
        buf_puts(&s->h->text, lua_tostring(s->L, index));
        break;
    case IPCLAB_ANY:
        if (lua_type(s->L, index) == LUA_TSTRING || handle_is(s->L, index))
            put_text(s, arg, index);
        else
            put_number(s, arg, index, p);
        break;
    default:
        put_number(s, arg, index, p);
    }
}

/* ---- Which argument goes where ------------------------------------------------------------- */

static struct piece *
new_piece(struct site *s, const struct ipclab_arg *arg)
{
    struct piece *p;

    if (s->n == IPCLAB_MAX_ARGS)
        fault_raise(s->L, STATUS_LAB, "%s takes at most %d arguments", s->d->name, IPCLAB_MAX_ARGS);
    p = &s->pieces[s->n++];
    *p = (struct piece){.arg = arg, .at = s->h->text.len, .value = -1};
    return p;
}

static void
take(struct site *s, const struct ipclab_arg *arg)
{
    struct piece *p = new_piece(s, arg);

    if (s->index > s->top || lua_isnil(s->L, s->index)) {
        s->index++;
        return;
    }
    put_value(s, arg, s->index, p);
    p->n = s->h->text.len - p->at;
    s->index++;
}

/* Filled by the call: the author may say where, and else says nothing. */
static void
take_filled(struct site *s, const struct ipclab_arg *arg)
{
    if (s->index <= s->top && handle_is(s->L, s->index)) {
        take(s, arg);
        return;
    }
    if (s->index <= s->top && lua_isnil(s->L, s->index))
        s->index++;
    new_piece(s, arg)->fill = true;
}

/* How many things a scanf format fills. */
static int
conversions(const char *format)
{
    int n = 0;

    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%')
            continue;
        at++;
        if (*at == '\0')
            break;
        n += *at != '%' && *at != '*';
    }
    return n;
}

static void
take_rest(struct site *s, const struct ipclab_arg *arg)
{
    int before = s->index - 1;

    if (arg->type == IPCLAB_BUFFER && s->index > s->top && before > 0 &&
        lua_type(s->L, before) == LUA_TSTRING) {
        for (int n = conversions(lua_tostring(s->L, before)); n > 0; n--)
            new_piece(s, arg)->fill = true;
        return;
    }
    while (s->index <= s->top)
        take(s, arg);
}

static void
take_all(struct site *s)
{
    const struct ipclab_arg *arg = s->d->call->args;

    for (; arg != NULL && arg->type != IPCLAB_END; arg++) {
        if (arg->flags & IPCLAB_REST)
            take_rest(s, arg);
        else if (arg->type == IPCLAB_BUFFER || arg->type == IPCLAB_INTS)
            take_filled(s, arg);
        else
            take(s, arg);
    }
    while (s->top >= s->index && lua_isnil(s->L, s->top))
        s->top--;
    if (s->index <= s->top)
        fault_raise(s->L, STATUS_LAB, "%s: argument %d is one too many: %s", s->d->name,
                    s->index - 1, s->d->call->prototype);
}

/* ---- Variables for what is filled ---------------------------------------------------------- */

static int64_t
room_wanted(const struct site *s, const struct ipclab_arg *arg)
{
    const struct piece *size;

    if (arg->size_arg < 0 || arg->size_arg >= s->n || (arg->flags & IPCLAB_REST))
        return ROOM_LEFT_OUT;
    size = &s->pieces[arg->size_arg];
    return size->n == 0 ? ROOM_LEFT_OUT : size->value >= 0 ? size->value : ROOM_UNKNOWN;
}

/* One that was made before serves again where nothing of it can be missed: a buffer with room
 * enough, a single int. Several ints, such as two descriptors, keep their name. */
static bool
serves(const struct site *s, const struct ipclab_arg *arg, const struct var *var)
{
    if (arg->flags & IPCLAB_REST)
        return false;
    if (arg->type == IPCLAB_INTS)
        return arg->count == 1 && var->type.base == TYPE_INT && var->type.stars == 0 &&
               var->type.count == 0;
    return var->type.base == TYPE_CHAR && var->type.stars == 0 &&
           (int64_t)var->type.count >= room_wanted(s, arg);
}

static void
name_fresh(struct site *s, const struct piece *p)
{
    struct fresh *f = &s->d->fresh[s->d->nfresh++];

    f->arg = p->arg;
    for (int n = 1;; n++) {
        const struct var *var;
        bool taken = false;

        snprintf(f->name, sizeof f->name, "%.20s%d", p->arg->name, n);
        for (int i = 0; i < s->d->nfresh - 1; i++)
            taken |= strcmp(s->d->fresh[i].name, f->name) == 0;
        if (taken || world_actor(&s->h->s->world, f->name) != NULL)
            continue;
        var = symtab_find(&s->a->symtab, f->name);
        if (var == NULL || serves(s, p->arg, var))
            return;
    }
}

/* What stands for an argument that was left out before one that was not. */
static void
put_left_out(struct site *s, const struct piece *p)
{
    const struct ipclab_arg *arg = p->arg;
    struct buf *line = &s->h->line;

    if (!(arg->flags & (IPCLAB_OPTIONAL | IPCLAB_NULLABLE | IPCLAB_COUNTED)))
        fault_raise(s->L, STATUS_LAB, "%s: %s is missing: %s", s->d->name, arg->name,
                    s->d->call->prototype);
    switch (arg->type) {
    case IPCLAB_BYTES:
    case IPCLAB_STRING:
    case IPCLAB_PATH:
    case IPCLAB_POINTER:
    case IPCLAB_STREAM:
    case IPCLAB_NEWNAME:
        buf_puts(line, "NULL");
        break;
    default:
        if (arg->type == IPCLAB_MODE || (arg->flags & IPCLAB_HAS_MODE))
            buf_printf(line, "0%llo", (unsigned long long)arg->def);
        else
            buf_int(line, arg->def);
    }
}

void
args_put(lua_State *L, struct deed *d, struct actor *a, int index)
{
    struct host *h = host_of(L);
    struct site s = {.L = L, .h = h, .d = d, .a = a, .index = index, .top = lua_gettop(L)};

    buf_clear(&h->text);
    take_all(&s);
    while (s.n > 0 && s.pieces[s.n - 1].n == 0 && !s.pieces[s.n - 1].fill)
        s.n--;
    for (int i = 0; i < s.n; i++) {
        const struct piece *p = &s.pieces[i];

        if (i > 0)
            buf_puts(&h->line, ", ");
        if (p->fill) {
            name_fresh(&s, p);
            buf_puts(&h->line, d->fresh[d->nfresh - 1].name);
        } else if (p->n == 0) {
            put_left_out(&s, p);
        } else {
            buf_put(&h->line, h->text.data + p->at, p->n);
        }
    }
}
