/* SPDX-License-Identifier: GPL-3.0-or-later
 * See place.h. */
#include "front/place.h"

#include <errno.h>
#include <limits.h>

#include "base/mem.h"
#include "front/console.h"

static void
join(char *to, size_t room, const char *folder, const char *name)
{
    snprintf(to, room, "%s/%s", folder, name);
}

/* Relative folders are only what was given on the command line: an environment variable with `.`
 * in it is an old trap. */
static void
add_dirs(struct places *p, int *n, const char *path, const char *from, bool relative_ok)
{
    char *copy = mem_copy(path), *save = NULL;

    for (char *dir = strtok_r(copy, ":", &save); dir != NULL; dir = strtok_r(NULL, ":", &save)) {
        char *real;

        if (*n == (int)(sizeof p->dirs / sizeof p->dirs[0]) - 1)
            break;
        if (dir[0] != '/' && !relative_ok) {
            console_message("%s: '%s' is relative and is not searched for plugins", from, dir);
            continue;
        }
        real = realpath(dir, NULL);
        if (real == NULL)
            console_message("%s: %s: %s", from, dir, strerror(errno));
        else
            p->dirs[(*n)++] = real;
    }
    free(copy);
}

static void
add_data_dir(struct places *p, int *n)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char path[512], *real;

    if (data != NULL && data[0] == '/')
        snprintf(path, sizeof path, "%s/ipclab/plugins", data);
    else if (home != NULL && home[0] == '/')
        snprintf(path, sizeof path, "%s/.local/share/ipclab/plugins", home);
    else
        return;
    real = realpath(path, NULL);
    if (real != NULL && *n < (int)(sizeof p->dirs / sizeof p->dirs[0]) - 1)
        p->dirs[(*n)++] = real;
}

void
places_find(struct places *p, const char *plugin_path)
{
    char self[PATH_MAX], *slash;
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *from_environment = getenv("IPCLAB_PLUGIN_PATH");
    int n = 0;

    memset(p, 0, sizeof *p);
    self[len > 0 ? len : 0] = '\0';
    slash = strrchr(self, '/');
    if (slash != NULL)
        *slash = '\0';
    join(p->program, sizeof p->program, self, "ipclab-launcher");
    join(p->unpacker, sizeof p->unpacker, self, "ipclab-unpack");
    if (access(p->program, X_OK) == 0) {
        join(p->plugins, sizeof p->plugins, self, "plugins");
        join(p->labs, sizeof p->labs, self, "labs");
        join(p->man, sizeof p->man, self, "share/man");
        join(p->templates, sizeof p->templates, self, "templates");
        join(p->definitions, sizeof p->definitions, self, "share/lua");
    } else {
        join(p->program, sizeof p->program, IPCLAB_LIBEXECDIR, "ipclab-launcher");
        join(p->unpacker, sizeof p->unpacker, IPCLAB_LIBEXECDIR, "ipclab-unpack");
        snprintf(p->plugins, sizeof p->plugins, "%s", IPCLAB_PLUGINDIR);
        join(p->labs, sizeof p->labs, IPCLAB_DATADIR, "labs");
        join(p->templates, sizeof p->templates, IPCLAB_DATADIR, "templates");
        join(p->definitions, sizeof p->definitions, IPCLAB_DATADIR, "lua");
        snprintf(p->man, sizeof p->man, "%s", IPCLAB_MANDIR);
    }
    if (plugin_path != NULL)
        add_dirs(p, &n, plugin_path, "--plugin-path", true);
    if (from_environment != NULL && strlen(from_environment) < 65536)
        add_dirs(p, &n, from_environment, "IPCLAB_PLUGIN_PATH", false);
    add_data_dir(p, &n);
}

struct launcher_options
places_launcher(const struct places *p)
{
    return (struct launcher_options){
        .trusted = p->plugins, .dirs = (const char *const *)p->dirs, .program = p->program};
}
