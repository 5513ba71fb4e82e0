/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fds: which descriptor leads through which open file description to which object. Descriptors that
 * a fork or dup copied lead to the same description, and so share offset and flags; kcmp(2) tells
 * which do. */
#include "builtin/fds.h"

#include <fcntl.h>

#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/page.h"
#include "proc/fd_info.h"
#include "session/inventory.h"
#include "session/text_json.h"

/* One fds --json in the making. */
struct scene {
    struct session *s;
    struct inventory inv;
    json_t *files, *objects;
    struct open_file {
        const struct actor *actor; /* the first that was seen to have it */
        const struct fd_entry *fd;
    } * seen;
    int nseen, cap;
    bool unknown; /* the kernel does not say what is shared */
};

/* The number of the description behind this descriptor; 0: it was not seen yet. */
static int
find_file(struct scene *c, const struct actor *a, const struct fd_entry *fd)
{
    for (int i = 0; i < c->nseen; i++) {
        const struct open_file *f = &c->seen[i];
        int same;

        if (f->fd->ino != fd->ino || f->fd->dev != fd->dev)
            continue;
        same = fd_info_same(f->actor->host, f->fd->fd, a->host, fd->fd);
        c->unknown |= same < 0;
        if (same > 0)
            return i + 1;
    }
    return 0;
}

static json_t *
holders_of(const struct session *s, const struct fd_entry *fd)
{
    json_t *list = json_array();

    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        for (int k = 0; k < a->nfds; k++)
            if (a->fds[k].ino == fd->ino && a->fds[k].dev == fd->dev)
                json_array_append_new(list, json_pack("{s:s, s:i, s:s#}", "actor", a->name, "fd",
                                                      a->fds[k].fd, "mode", &a->fds[k].access, 1));
    }
    return list;
}

/* The number of the object behind the descriptor; it is told now if it was not yet. */
static int
object_number(struct scene *c, const struct fd_entry *fd, const char *target)
{
    const struct thing *t = inventory_behind(&c->inv, fd);
    bool captured = inventory_is_captured(&c->inv, fd);
    json_t *state, *o;
    size_t i;

    json_array_foreach(
        c->objects, i,
        o) if ((uint64_t)json_integer_value(json_object_get(o, "inode")) == fd->ino &&
               (uint64_t)json_integer_value(json_object_get(o, "dev")) == fd->dev) return (int)i +
        1;
    state = json_object();
    if (t != NULL)
        inventory_fields(c->s, &t->state, state);
    o = json_pack("{s:i, s:s*, s:s*, s:b, s:b, s:o, s:I, s:I, s:o, s:o}", "object",
                  (int)json_array_size(c->objects) + 1, "name",
                  t != NULL && t->name[0] != '\0' ? t->name : NULL, "kind",
                  t != NULL && t->kind != NULL ? t->kind->name : NULL, "named",
                  t != NULL && t->named, "captured", captured, "target", text_json(target), "inode",
                  (json_int_t)fd->ino, "dev", (json_int_t)fd->dev, "state", state, "holders",
                  holders_of(c->s, fd));
    json_array_append_new(c->objects, o);
    return (int)json_array_size(c->objects);
}

static int
add_file(struct scene *c, const struct actor *a, const struct fd_entry *fd,
         const struct fd_info *info)
{
    const char *words[8];
    int n = fd_info_words(info->flags, words, 8);
    json_t *flags = json_array();

    for (int i = 0; i < n; i++)
        json_array_append_new(flags, json_string(words[i]));
    if (c->nseen == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 32;
        c->seen = mem_grow(c->seen, sizeof *c->seen * (size_t)c->cap);
    }
    c->seen[c->nseen++] = (struct open_file){a, fd};
    json_array_append_new(c->files,
                          json_pack("{s:i, s:i, s:s#, s:o, s:I, s:[]}", "file", c->nseen, "object",
                                    object_number(c, fd, info->target), "mode", &fd->access, 1,
                                    "flags", flags, "offset", (json_int_t)info->offset, "fds"));
    return c->nseen;
}

static json_t *
descriptors_of(struct scene *c, const struct actor *a)
{
    json_t *list = json_array();

    for (int i = 0; i < a->nfds; i++) {
        const struct fd_entry *fd = &a->fds[i];
        struct fd_info info;
        int file;

        if (!fd_info_read(a->host, fd->fd, &info))
            continue;
        file = find_file(c, a, fd);
        if (file == 0)
            file = add_file(c, a, fd, &info);
        json_array_append_new(json_object_get(json_array_get(c->files, (size_t)file - 1), "fds"),
                              json_pack("{s:s, s:i}", "actor", a->name, "fd", fd->fd));
        json_array_append_new(list, json_pack("{s:i, s:i, s:I, s:s, s:b}", "fd", fd->fd, "file",
                                              file, "since", (json_int_t)fd->since, "how",
                                              fd_birth_word(fd->birth), "cloexec",
                                              (info.flags & O_CLOEXEC) != 0));
    }
    return list;
}

/* Numbers the files anew, those of one object one after the other, as they are drawn. */
static json_t *
sort_files(struct scene *c, json_t *processes)
{
    json_t *sorted = json_array(), *o, *file, *p, *fd;
    int *number = mem_alloc(sizeof *number * (size_t)(c->nseen + 1));
    size_t i, k;

    json_array_foreach(c->objects, i, o) json_array_foreach(c->files, k, file)
    {
        if (json_integer_value(json_object_get(file, "object")) != (json_int_t)i + 1)
            continue;
        json_array_append(sorted, file);
        number[k] = (int)json_array_size(sorted);
        json_object_set_new(file, "file", json_integer(number[k]));
    }
    json_array_foreach(processes, i, p) json_array_foreach(json_object_get(p, "fds"), k, fd)
        json_object_set_new(
            fd, "file", json_integer(number[json_integer_value(json_object_get(fd, "file")) - 1]));
    free(number);
    json_decref(c->files);
    return sorted;
}

json_t *
fds_facts(struct session *s, struct actor *const *actors, int n)
{
    struct scene c = {.s = s, .files = json_array(), .objects = json_array()};
    json_t *processes = json_array();

    inventory_take(s, &c.inv);
    for (int i = 0; i < n; i++)
        json_array_append_new(processes,
                              json_pack("{s:s, s:i, s:o}", "actor", actors[i]->name, "pid",
                                        actors[i]->pid, "fds", descriptors_of(&c, actors[i])));
    c.files = sort_files(&c, processes);
    inventory_release(&c.inv);
    free(c.seen);
    return json_pack("{s:s, s:o, s:o, s:o}", "sharing", c.unknown ? "unknown" : "kcmp", "processes",
                     processes, "files", c.files, "objects", c.objects);
}

static int
on_fds(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    struct actor **actors;
    struct buf out = {0};
    json_t *facts;
    int n;

    actors = look_actors(s, rest, &n, err);
    if (actors == NULL)
        return -1;
    facts = fds_facts(s, actors, n);
    free(actors);
    if (json) {
        look_tell_json(s, facts);
        return 0;
    }
    if (s->settings.linear)
        look_say_fds(facts, &out);
    else
        fds_draw(s, facts, page_width(s), look_ascii(), &out);
    session_page(s, n > 0 ? buf_text(&out) : "nobody is alive\n",
                 n > 0 ? out.len : strlen("nobody is alive\n"));
    buf_release(&out);
    json_decref(facts);
    return 0;
}

static const char *const examples[] = {
    "spawn parent\nparent pipe(p)\nparent fork(child)\nfds",
    "spawn a\na fd = open(\"f\", O_RDWR|O_CREAT)\na dup(fd)\nfds --json a", NULL};

const struct builtin builtin_fds = {
    .name = "fds",
    .usage = "[--json] [ACTOR...]",
    .summary = "which descriptor leads to which open file and object, and who shares them",
    .help =
        "The picture of the textbook: the descriptor table of each process, the open files that "
        "descriptors lead to, and the objects behind them. Descriptors that were copied by fork or "
        "dup lead to one open file (#N) and share its offset and flags; two opens of one file "
        "do not. SINCE is the step from which the descriptor is open and how it came: by a call "
        "of its process, by fork, or opened by the program after execve; `start`: it was there "
        "from the beginning.\n"
        "--json: {sharing, processes, files, objects}. processes: actor, pid, and fds, each with "
        "fd, file, since (a step, 0: from the beginning), how (call, fork, exec, spawn) and "
        "cloexec. files: file (its number), object (a number), mode (r, w, u for both), flags, "
        "offset, and fds, each with actor and fd. objects: object (its number), name and kind as "
        "far as they are known, named, captured (ipclab takes what is printed there), target as "
        "/proc has it, state, holders (in the whole world). sharing is `unknown` where the kernel "
        "does not tell what is shared; then each descriptor has a file of its own.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON | BUILTIN_REPEATS,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_fds,
};
