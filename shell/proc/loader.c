/* SPDX-License-Identifier: GPL-3.0-or-later
 * See loader.h. */
#include "proc/loader.h"

#include <assert.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>

#include "base/mem.h"
#include "base/text.h"
#include "proc/loader_parts.h"

void
loader_init(struct loader *l)
{
    *l = (struct loader){0};
}

void
loader_release(struct loader *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->paths[i]);
    for (int i = 0; i < l->nrefused; i++)
        free(l->refused[i]);
    free(l->paths);
    free(l->sources);
    free(l->refused);
    loader_init(l);
}

static int
refuse(struct loader *l, const char *path, const char *reason)
{
    struct buf line = {0};

    text_escape(&line, path, strlen(path), false);
    buf_puts(&line, ": ");
    text_escape(&line, reason, strlen(reason), false);
    l->refused = mem_grow(l->refused, (size_t)(l->nrefused + 1) * sizeof *l->refused);
    l->refused[l->nrefused++] = mem_copy(buf_text(&line));
    buf_release(&line);
    return -1;
}

/* Does the file's stem say what the plugin calls itself? */
static int
check_stem(const char *path, const struct ipclab_plugin *plugin, struct err *err)
{
    const char *file = strrchr(path, '/') + 1;
    size_t n = strlen(plugin->name);

    if (strncmp(file, plugin->name, n) == 0 && strcmp(file + n, ".so") == 0)
        return 0;
    return err_set(err, STATUS_MACHINE, "calls itself %s: the file must be called %s.so",
                   plugin->name, plugin->name);
}

/* An array that ends with a record without a name, each `old` bytes, as one of records of `now`
 * bytes: what the old ones lack is left out. Names come first in calls and kinds. */
static void *
widen(const void *array, size_t old, size_t now)
{
    const char *from = array;
    char *to;
    size_t n = 0;

    if (array == NULL)
        return NULL;
    while (n <= CATALOG_MAX_CALLS && *(const char *const *)(const void *)(from + n * old) != NULL)
        n++;
    to = mem_alloc((n + 1) * now);
    for (size_t i = 0; i < n; i++)
        memcpy(to + i * now, from + i * old, old);
    return to;
}

/* A plugin of an older minor as one of this. It stays as long as the plugin does: for good. */
static const struct ipclab_plugin *
adopt(const struct ipclab_plugin *plugin)
{
    struct ipclab_plugin *copy;

    static_assert(offsetof(struct ipclab_call, name) == 0 &&
                      offsetof(struct ipclab_kind, name) == 0 &&
                      offsetof(struct ipclab_bench, name) == 0,
                  "widen looks for the name there");
    if (plugin->plugin_size == sizeof *plugin && plugin->call_size == sizeof(struct ipclab_call) &&
        plugin->kind_size == sizeof(struct ipclab_kind) &&
        plugin->bench_size == sizeof(struct ipclab_bench))
        return plugin;
    copy = mem_alloc(sizeof *copy);
    memcpy(copy, plugin, plugin->plugin_size);
    copy->plugin_size = sizeof *copy;
    copy->calls = widen(plugin->calls, plugin->call_size, sizeof(struct ipclab_call));
    copy->kinds = widen(plugin->kinds, plugin->kind_size, sizeof(struct ipclab_kind));
    copy->call_size = sizeof(struct ipclab_call);
    copy->kind_size = sizeof(struct ipclab_kind);
    copy->benches = widen(copy->benches, copy->bench_size, sizeof(struct ipclab_bench));
    copy->bench_size = sizeof(struct ipclab_bench);
    return copy;
}

/* The one dlopen, of file, which is path or a way to it. The records are checked before anything
 * else looks at them. */
static const struct ipclab_plugin *
open_plugin(const char *file, const char *path, struct err *err)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    const struct ipclab_plugin *plugin;
    size_t n = strlen(file);

    if (handle == NULL) {
        const char *why = dlerror();

        if (strncmp(why, file, n) == 0 && why[n] == ':')
            why += n + 1 + strspn(why + n + 1, " ");
        err_set(err, STATUS_MACHINE, "cannot be loaded: %s", why);
        return NULL;
    }
    plugin = dlsym(handle, "ipclab_plugin");
    if (plugin == NULL) {
        err_set(err, STATUS_MACHINE, "has no ipclab_plugin");
        return NULL;
    }
    if (loader_check_head(plugin, err) < 0)
        return NULL;
    plugin = adopt(plugin);
    if (catalog_check(plugin, err) < 0 || check_stem(path, plugin, err) < 0)
        return NULL;
    return plugin;
}

static int
try_plugin(const char *path, struct err *err)
{
    return open_plugin(path, path, err) != NULL ? 0 : -1;
}

static bool
has_call(const struct ipclab_plugin *p, const char *name)
{
    for (const struct ipclab_call *c = p->calls; c != NULL && c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return true;
    return false;
}

static bool
has_kind(const struct ipclab_plugin *p, const char *name)
{
    for (const struct ipclab_kind *k = p->kinds; k != NULL && k->name != NULL; k++)
        if (strcmp(k->name, name) == 0)
            return true;
    return false;
}

static bool
has_bench(const struct ipclab_plugin *p, const char *name)
{
    for (const struct ipclab_bench *m = p->benches; m != NULL && m->name != NULL; m++)
        if (strcmp(m->name, name) == 0)
            return true;
    return false;
}

/* A name means one thing: what is loaded first keeps it. */
static int
check_unique(const struct loader *l, const struct ipclab_plugin *p, struct err *err)
{
    for (int i = 0; i < l->n; i++) {
        const struct ipclab_plugin *other = l->sources[i].plugin;

        if (strcmp(other->name, p->name) == 0)
            return err_set(err, STATUS_MACHINE, "plugin %s is loaded already, from %s", p->name,
                           l->paths[i]);
        for (const struct ipclab_call *c = p->calls; c != NULL && c->name != NULL; c++)
            if (has_call(other, c->name))
                return err_set(err, STATUS_MACHINE, "its call %s is there already, from %s",
                               c->name, l->paths[i]);
        for (const struct ipclab_kind *k = p->kinds; k != NULL && k->name != NULL; k++)
            if (has_kind(other, k->name))
                return err_set(err, STATUS_MACHINE, "its kind %s is there already, from %s",
                               k->name, l->paths[i]);
        for (const struct ipclab_bench *m = p->benches; m != NULL && m->name != NULL; m++)
            if (has_bench(other, m->name))
                return err_set(err, STATUS_MACHINE, "its bench %s is there already, from %s",
                               m->name, l->paths[i]);
    }
    return 0;
}

static int
check_file(const char *path, bool trusted, struct err *err)
{
    int fd = loader_open(path, trusted, err), result;

    if (fd < 0)
        return -1;
    result = loader_check_elf(fd, err);
    close(fd);
    if (result == 0 && !trusted)
        result = loader_probe(path, try_plugin, err);
    return result;
}

static void
append(struct loader *l, const struct ipclab_plugin *plugin, const char *path)
{
    l->sources = mem_grow(l->sources, (size_t)(l->n + 1) * sizeof *l->sources);
    l->paths = mem_grow(l->paths, (size_t)(l->n + 1) * sizeof *l->paths);
    l->paths[l->n] = mem_copy(path);
    l->sources[l->n] = (struct catalog_source){.plugin = plugin, .path = l->paths[l->n]};
    l->n++;
}

/* path is absolute and without links. */
static int
add(struct loader *l, const char *path, bool trusted)
{
    const struct ipclab_plugin *plugin;
    struct err err;

    if (l->n == CATALOG_MAX_PLUGINS)
        return refuse(l, path, "more plugins than ipclab takes");
    for (int i = 0; i < l->n; i++)
        if (strcmp(l->paths[i], path) == 0)
            return refuse(l, path, "is loaded already");
    if (check_file(path, trusted, &err) < 0 || (plugin = open_plugin(path, path, &err)) == NULL ||
        check_unique(l, plugin, &err) < 0)
        return refuse(l, path, err.text);
    append(l, plugin, path);
    return 0;
}

int
loader_add_checked(struct loader *l, int fd, const char *path)
{
    const struct ipclab_plugin *plugin;
    char file[32];
    struct err err;

    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    plugin = l->n < CATALOG_MAX_PLUGINS ? open_plugin(file, path, &err) : NULL;
    if (plugin == NULL)
        return -1;
    append(l, plugin, path);
    return 0;
}
/* The folder of an absolute path. */
static int
check_folder_of(const char *path, struct err *err)
{
    char *dir = mem_copy_n(path, (size_t)(strrchr(path, '/') - path));
    int result = loader_check_folder(dir[0] != '\0' ? dir : "/", err);

    free(dir);
    return result;
}

int
loader_add_file(struct loader *l, const char *path, bool trusted)
{
    char *real = realpath(path, NULL);
    struct err err;
    int result;

    if (real == NULL)
        return refuse(l, path, errno == ENOENT ? "no such file" : strerror(errno));
    if (!trusted && check_folder_of(real, &err) < 0)
        result = refuse(l, real, err.text);
    else
        result = add(l, real, trusted);
    free(real);
    return result;
}

static int
is_plugin_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".so") == 0;
}

/* By bytes, whatever the locale: plugins have the same numbers everywhere. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
add_all(struct loader *l, const char *dir, bool trusted)
{
    struct dirent **files = NULL;
    int n = scandir(dir, &files, is_plugin_file, by_name);

    if (n < 0)
        refuse(l, dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        struct buf path = {0};

        buf_printf(&path, "%s/%s", dir, files[i]->d_name);
        /* A link leads to a file in a folder of its own, with rules of its own. What is none has
         * its name already, and its folder was looked at. */
        if (files[i]->d_type == DT_REG)
            add(l, path.data, trusted);
        else
            loader_add_file(l, path.data, trusted);
        buf_release(&path);
        free(files[i]);
    }
    free(files);
}

void
loader_add_dir(struct loader *l, const char *dir, bool trusted)
{
    struct err err;
    char *real;

    if (dir[0] != '/') {
        refuse(l, dir[0] != '\0' ? dir : "\"\"",
               "not a full path: plugins are only looked for in folders named from / on");
        return;
    }
    real = realpath(dir, NULL);
    if (real == NULL)
        refuse(l, dir, errno == ENOENT ? "no such folder" : strerror(errno));
    else if (!trusted && loader_check_folder(real, &err) < 0)
        refuse(l, real, err.text);
    else
        add_all(l, real, trusted);
    free(real);
}
