/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of files: of an actor's folder, as it sees it, or of the person's. Folders are listed,
 * nothing else is opened. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assist/offer.h"
#include "base/mem.h"
#include "base/text.h"

enum {
    ENTRIES_READ = 1024,
    FOLDER_MAX = 1024, /* bytes of the path that is typed */
};

static const char *
kind_words(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "folder";
    case S_IFIFO:
        return "FIFO";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
    case S_IFBLK:
        return "device";
    case S_IFLNK:
        return "link";
    default:
        return NULL;
    }
}

/* Can it be typed as it is? */
static bool
is_plain(const char *name, bool quoted)
{
    for (const char *p = name; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '"' || *p == '\\' || *p == '\'')
            return false;
        if (!quoted && strchr(" #;()[],&*", *p) != NULL)
            return false;
    }
    return text_is_utf8(name, strlen(name));
}

struct place {
    size_t last;      /* where the last part of the path begins */
    const char *open; /* put before a name */
    const char *close;
    char append;
    bool quoted;
};

static void
put_entry(struct offers *o, int folder, const char *name, const struct place *p)
{
    struct buf text = {0}, *about;
    struct stat st;

    if (!is_plain(name, p->quoted) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    buf_printf(&text, "%s%s%s", p->open, name, S_ISDIR(st.st_mode) ? "/" : p->close);
    about = offer(o, buf_text(&text), S_ISDIR(st.st_mode) ? '\0' : p->append);
    buf_release(&text);
    if (about == NULL)
        return;
    if (kind_words(st.st_mode) != NULL)
        buf_puts(about, kind_words(st.st_mode));
    else
        buf_printf(about, "%lld bytes", (long long)st.st_size);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder that go with the word; returns how many. */
static int
read_names(const struct offers *o, int folder, char *names[ENTRIES_READ])
{
    DIR *d = fdopendir(folder);
    const struct dirent *e;
    int n = 0;

    if (d == NULL) {
        close(folder);
        return 0;
    }
    while (n < ENTRIES_READ && (e = readdir(d)) != NULL)
        if (offer_fits(o, e->d_name) && (e->d_name[0] != '.' || (o->n > 0 && o->word[0] == '.')) &&
            strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            names[n++] = mem_copy(e->d_name);
    closedir(d);
    qsort(names, (size_t)n, sizeof names[0], by_name);
    return n;
}

static void
list(struct offers *o, int folder, const struct place *p)
{
    char *names[ENTRIES_READ];
    int copy = folder >= 0 ? fcntl(folder, F_DUPFD_CLOEXEC, 0) : -1, n;

    o->c->from = p->last;
    o->word = o->scene->line + p->last;
    o->n = o->scene->n - p->last;
    n = copy >= 0 ? read_names(o, copy, names) : 0;
    for (int i = 0; i < n; i++) {
        put_entry(o, folder, names[i], p);
        free(names[i]);
    }
    if (folder >= 0)
        close(folder);
}

/* The folder of the path that begins at from, and where its last part begins. */
static const char *
split(const struct scene *sc, size_t from, char room[FOLDER_MAX], size_t *last)
{
    *last = from;
    for (size_t i = from; i < sc->n; i++)
        if (sc->line[i] == '/')
            *last = i + 1;
    if (*last - from >= FOLDER_MAX || memchr(sc->line + from, '\0', *last - from) != NULL)
        return NULL;
    memcpy(room, sc->line + from, *last - from);
    room[*last - from] = '\0';
    return room;
}

/* A folder as this process would find it, with its root and not with ours. */
static int
folder_of(const struct actor *a, const char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_MAGICLINKS};
    bool absolute = path[0] == '/';
    char base[64];
    int fd, folder;

    snprintf(base, sizeof base, "/proc/%d/%s", (int)a->host, absolute ? "root" : "cwd");
    folder = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -1;
    how.resolve |= absolute ? RESOLVE_IN_ROOT : RESOLVE_BENEATH;
    fd = (int)syscall(SYS_openat2, folder, path[0] != '\0' ? path : ".", &how, sizeof how);
    close(folder);
    return fd;
}

void
offer_files_of(struct offers *o, const struct actor *a, size_t from, enum path_form form)
{
    static const struct place places[] = {
        [PATH_QUOTED] = {.open = "", .close = "", .append = '"', .quoted = true},
        [PATH_WORD] = {.open = "", .close = "", .append = ' ', .quoted = false},
        [PATH_UNQUOTED] = {.open = "\"", .close = "\"", .append = '\0', .quoted = true},
    };
    struct place p = places[form];
    char room[FOLDER_MAX];
    const char *path = split(o->scene, from, room, &p.last);

    if (path != NULL)
        list(o, folder_of(a, path), &p);
}

void
offer_own_files(struct offers *o, size_t from)
{
    struct place p = {.open = "", .close = "", .quoted = true};
    char room[FOLDER_MAX], home[2 * FOLDER_MAX];
    const char *path = split(o->scene, from, room, &p.last), *base = getenv("HOME");

    if (path == NULL)
        return;
    if (path[0] == '~' && path[1] == '/' && base != NULL) {
        snprintf(home, sizeof home, "%s%s", base, path + 1);
        path = home;
    }
    list(o, open(path[0] != '\0' ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK),
         &p);
}
