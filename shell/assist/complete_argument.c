/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What may stand at an argument, by the record that it has. */
#include "assist/offer.h"
#include "lang/lex.h"

/* ---- Which variables ---------------------------------------------------------------------------
 */

static bool
is_number(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return !type_is_address(v->type) && v->type.base != TYPE_FILE && v->addr != ARENA_ERRNO;
}

static bool
is_text(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return type_is_text(v->type);
}

static bool
is_pointer(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return v->type.stars > 0 && v->type.count == 0 && v->type.base != TYPE_FILE;
}

static bool
is_other_address(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return type_is_address(v->type) && !type_is_text(v->type) && v->type.base != TYPE_FILE;
}

static bool
is_array(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return v->type.count > 0;
}

static bool
is_stream(const struct scene *sc, const struct actor *a, const struct var *v)
{
    (void)sc, (void)a;
    return v->type.base == TYPE_FILE;
}

/* Room for the ints that a call fills: an array of enough, or one int, which C passes as &n. */
static bool
is_room_for_ints(const struct scene *sc, const struct actor *a, const struct var *v)
{
    const struct scene_frame *f = scene_argument(sc);
    const struct ipclab_arg *arg = catalog_arg(f->call, f->arg);

    (void)a;
    return v->type.base == TYPE_INT && v->type.stars == 0 && v->addr != ARENA_ERRNO &&
           (arg->count > 1 ? v->type.count >= (uint32_t)arg->count : v->type.count == 0);
}

static bool
is_pid(const struct scene *sc, const struct actor *a, const struct var *v)
{
    int64_t pid;

    return is_number(sc, a, v) && peek_number(a, v->type, v->addr, &pid) && pid > 0 &&
           world_actor_by_pid(&sc->s->world, (pid_t)pid) != NULL;
}

/* ---- Arguments ---------------------------------------------------------------------------------
 */

/* A name that the call gives to what it makes, if nothing has it yet. */
static void
offer_new(struct offers *o, const struct ipclab_arg *arg)
{
    const struct actor *a = scene_actor(o->scene);
    struct buf *about;

    if (a == NULL || symtab_find(&a->symtab, arg->name) != NULL ||
        world_actor(&o->scene->s->world, arg->name) != NULL ||
        (about = offer(o, arg->name, '\0')) == NULL)
        return;
    buf_puts(about, "a new variable: ");
    buf_puts(about, arg->summary);
}

static void
offer_child(struct offers *o)
{
    char name[SYMTAB_NAME_MAX + 1] = "child";

    for (int n = 2; world_actor(&o->scene->s->world, name) != NULL && n <= WORLD_MAX_ACTORS; n++)
        snprintf(name, sizeof name, "child%d", n);
    offer_text(o, name, '\0', "a name for the new actor");
}

static void
offer_mode(struct offers *o)
{
    static const struct {
        const char *text, *about;
    } modes[] = {
        {"0666", "rw-rw-rw-: everybody reads and writes"},
        {"0644", "rw-r--r--: the owner writes, everybody reads"},
        {"0600", "rw-------: only the owner"},
        {"0660", "rw-rw----: the owner and the group"},
        {"0444", "r--r--r--: everybody reads"},
    };

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        offer_text(o, modes[i].text, '\0', modes[i].about);
}

/* Is a number among what is ored before the word? */
static bool
has_number(const struct scene *sc, size_t from)
{
    for (size_t i = from; i < sc->word; i++)
        if (sc->line[i] >= '0' && sc->line[i] <= '9' &&
            (i == from || lex_name(sc->line, i - 1, i) == 0))
            return true;
    return false;
}

static void
offer_flags(struct offers *o, const struct ipclab_arg *arg, const struct scene_frame *f)
{
    offer_constants(o, arg->constants);
    if ((arg->flags & IPCLAB_HAS_MODE) && !has_number(o->scene, f->from))
        offer_mode(o);
    if (!o->scene->ored && (o->n > 0 || arg->constants == NULL))
        offer_vars(o, is_number, '\0');
}

/* The bytes of the array that this size goes with. */
static void
offer_room(struct offers *o, const struct scene_frame *f)
{
    const struct actor *a = scene_actor(o->scene);
    const struct scene *sc = o->scene;
    size_t pos = f->name_end;
    int nargs = catalog_nargs(f->call), of = -1;

    for (int i = 0; i < nargs && i < f->arg; i++)
        if ((f->call->args[i].type == IPCLAB_BUFFER || f->call->args[i].type == IPCLAB_BYTES) &&
            f->call->args[i].size_arg == f->arg)
            of = i;
    if (a == NULL || of < 0 || of != f->arg - 1)
        return;
    for (pos = f->from - 1;
         pos > f->name_end && (lex_blank(sc->line[pos]) || sc->line[pos] == ',');)
        pos--; /* the last byte of the argument before */
    for (int i = 0; i < a->symtab.n; i++) {
        const struct var *v = &a->symtab.vars[i];
        size_t n = strlen(v->name);
        struct buf text = {0}, *about;

        if (v->type.count == 0 || pos + 1 < f->name_end + n ||
            memcmp(sc->line + pos + 1 - n, v->name, n) != 0 ||
            lex_name(sc->line, pos - n, pos + 1) > 0)
            continue;
        buf_printf(&text, "sizeof(%s)", v->name);
        if ((about = offer(o, buf_text(&text), '\0')) != NULL)
            buf_printf(about, "= %zu, all of %s", type_size(v->type), v->name);
        buf_release(&text);
    }
}

/* Actors for their pids; the dead, whom somebody may still wait for, last. */
static void
offer_processes(struct offers *o, const struct ipclab_arg *arg)
{
    const struct world *w = &o->scene->s->world;
    const struct actor *self = scene_actor(o->scene);

    for (int pass = 0; pass < 3; pass++)
        for (int i = 0; i < w->nactors; i++) {
            const struct actor *a = w->actors[i];
            int when = !actor_alive(a) ? 2 : self != NULL && a->parent == self->id ? 0 : 1;

            if (when == pass && a->pid > 0 && world_actor(w, a->name) == a &&
                (when < 2 || !a->reaped))
                offer_pid(o, a);
        }
    offer_constants(o, arg->constants);
    offer_vars(o, is_pid, '\0');
}

/* A path that is being typed in quotes, or as a word of the shell form, or that would begin. */
static void
offer_path(struct offers *o, const struct scene_frame *f)
{
    const struct scene *sc = o->scene;
    const struct actor *a = scene_actor(sc);

    if (a == NULL || sc->quote == '\'')
        return;
    if (sc->quote == '"')
        offer_files_of(o, a, sc->quoted, PATH_QUOTED);
    else if (f->closer == '\0' && sc->word == f->from)
        offer_files_of(o, a, f->from, PATH_WORD);
    else if (o->n == 0 && sc->fresh)
        offer_files_of(o, a, sc->n, PATH_UNQUOTED);
}

static void
offer_null(struct offers *o, const struct ipclab_arg *arg)
{
    if (arg->flags & IPCLAB_NULLABLE)
        offer_text(o, "NULL", '\0', arg->summary);
}

static void
offer_address(struct offers *o, const struct ipclab_arg *arg)
{
    switch (arg->type) {
    case IPCLAB_BUFFER:
        offer_vars(o, is_text, '\0');
        offer_new(o, arg);
        offer_vars(o, is_other_address, '\0');
        break;
    case IPCLAB_POINTER:
        offer_vars(o, is_pointer, '\0');
        offer_null(o, arg);
        offer_vars(o, is_array, '\0');
        offer_memory(o);
        return;
    case IPCLAB_ANY:
        offer_vars(o, NULL, '\0');
        return;
    default:
        offer_vars(o, is_text, '\0');
        break;
    }
    offer_null(o, arg);
    if (arg->type == IPCLAB_BYTES || arg->type == IPCLAB_BUFFER)
        offer_memory(o);
}

static void
by_type(struct offers *o, const struct ipclab_arg *arg, const struct scene_frame *f)
{
    switch (arg->type) {
    case IPCLAB_FLAGS:
        offer_flags(o, arg, f);
        break;
    case IPCLAB_MODE:
        offer_mode(o);
        offer_constants(o, arg->constants);
        break;
    case IPCLAB_SIZE:
        offer_room(o, f);
        offer_known_values(o, f);
        offer_constants(o, arg->constants);
        offer_vars(o, is_number, '\0');
        break;
    case IPCLAB_FD:
        offer_descriptors(o);
        offer_constants(o, arg->constants);
        break;
    case IPCLAB_OBJECT:
        offer_objects(o, f);
        offer_constants(o, arg->constants);
        break;
    case IPCLAB_SIGNAL:
        offer_constants(o, arg->constants);
        break;
    case IPCLAB_PROCESS:
        offer_processes(o, arg);
        break;
    case IPCLAB_INTS:
        offer_vars(o, is_room_for_ints, '\0');
        offer_new(o, arg);
        if (arg->flags & IPCLAB_NULLABLE)
            offer_text(o, "NULL", '\0', "not wanted");
        break;
    case IPCLAB_STREAM:
        offer_vars(o, is_stream, '\0');
        offer_constants(o, arg->constants);
        if (arg->flags & IPCLAB_NULLABLE)
            offer_text(o, "NULL", '\0', arg->summary);
        break;
    case IPCLAB_NEWNAME:
        offer_child(o);
        break;
    case IPCLAB_HANDLER:
        offer_text(o, "handler", '\0', "a handler that tells when it runs; any name will do");
        offer_constants(o, arg->constants);
        break;
    case IPCLAB_INT:
        offer_constants(o, arg->constants);
        offer_known_values(o, f);
        offer_vars(o, is_number, '\0');
        break;
    default:
        offer_address(o, arg);
        offer_constants(o, arg->constants);
        break;
    }
}

void
offer_argument(struct offers *o, const struct scene_frame *f)
{
    const struct ipclab_arg *arg = catalog_arg(f->call, f->arg);
    const struct scene *sc = o->scene;
    int before = o->c->n;

    if (arg == NULL)
        return;
    if (arg->type == IPCLAB_PATH)
        offer_path(o, f);
    if (arg->flags & IPCLAB_HOSTS)
        offer_address_of_host(o);
    /* A word of the shell form is replaced from its last /, and only files are. */
    if (sc->quote != '\0' || o->c->from != sc->word)
        return;
    if (sc->ored && arg->type != IPCLAB_FLAGS) {
        offer_expression(o);
        return;
    }
    by_type(o, arg, f);
    if (o->n == 0 || arg->type == IPCLAB_NEWNAME)
        return;
    /* What begins with these letters and is not what the record has in mind may be meant too. */
    offer_calls(o);
    if (o->c->n == before)
        offer_expression(o);
}
