/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See folder.h. A tree is removed with few descriptors however deep it is: what lies deeper than
 * DEPTH_MAX is moved up to its top and taken in a later pass. */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

enum { DEPTH_MAX = 24, PASSES_MAX = 4096 };

/* ---- Making -------------------------------------------------------------------------------- */

static int
fail(struct err *err, const char *what, const char *shown, int number)
{
    const char *name = strerrorname_np(number);

    return err_set(err, STATUS_USAGE, "%s %.300s: %s (%s)", what, shown,
                   name != NULL ? name : "error", strerrordesc_np(number));
}

bool
folder_xdg(struct buf *path, const char *variable, const char *below_home)
{
    const char *given = getenv(variable), *home = getenv("HOME");

    if (given != NULL && given[0] == '/') {
        buf_puts(path, given);
        return true;
    }
    if (home == NULL || home[0] != '/')
        return false;
    buf_puts(path, home);
    buf_puts(path, below_home);
    return true;
}

int
folder_make(const char *path, struct err *err)
{
    char *copy = mem_copy(path);
    int bad = 0;

    for (char *slash = strchr(copy + 1, '/'); bad == 0; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(copy, 0700) == 0) {
            chmod(copy, 0700); /* whatever the umask */
        } else if (errno != EEXIST && access(copy, F_OK) != 0) {
            struct buf shown = {0};
            int number = errno;

            text_escape(&shown, copy, strlen(copy), false);
            bad = fail(err, "cannot make", buf_text(&shown), number);
            buf_release(&shown);
        }
        if (slash == NULL)
            break;
        *slash = '/';
    }
    free(copy);
    return bad;
}

int
folder_enter(int dir, const char *name, const char *shown, struct err *err)
{
    struct stat st;
    int fd = -1, number;

    /* What the umask took away from a new one is given back. */
    if (mkdirat(dir, name, 0700) < 0 || fchmodat(dir, name, 0700, 0) == 0)
        fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    number = errno;
    close(dir);
    if (fd < 0 && (number == ELOOP || number == ENOTDIR))
        return err_set(err, STATUS_USAGE, "unsafe permissions: %s in %.300s is not a folder", name,
                       shown);
    if (fd < 0) {
        char what[300];

        snprintf(what, sizeof what, "cannot open the folder %.200s in", name);
        return fail(err, what, shown, number);
    }
    if (folder_unsafe(fd) == NULL)
        return fd;
    if (fstat(fd, &st) < 0 || st.st_uid != geteuid())
        err_set(err, STATUS_USAGE, "unsafe permissions: %s in %.300s belongs to user %u", name,
                shown, (unsigned)st.st_uid);
    else
        err_set(err, STATUS_USAGE,
                "unsafe permissions: others can write to %s in %.300s (mode %04o, expected 0700)",
                name, shown, (unsigned)(st.st_mode & 07777));
    close(fd);
    return -1;
}

const char *
folder_unsafe(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
        return "is not a folder";
    if (st.st_uid != geteuid())
        return "belongs to another user";
    return (st.st_mode & 022) != 0 ? "can be written by others" : NULL;
}

int
folder_parent(const char *path, const char **name)
{
    int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0) {
        size_t n;
        char part[256];
        int next;

        path += strspn(path, "/");
        n = strcspn(path, "/");
        *name = path;
        if (path[n] == '\0' && n > 0)
            return fd;
        if (n == 0 || n >= sizeof part) {
            close(fd);
            errno = n == 0 ? EINVAL : ENAMETOOLONG;
            return -1;
        }
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        path += n;
        next = openat(fd, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(fd);
        fd = next;
    }
    return -1;
}

/* ---- Removing ------------------------------------------------------------------------------ */

struct removal {
    int top;
    dev_t dev;
    int moved;    /* folders moved up so far: their new names */
    bool changed; /* in this pass */
};

static bool
same_file(int fd, const struct stat *st)
{
    struct stat now;

    return fstat(fd, &now) == 0 && now.st_ino == st->st_ino && now.st_dev == st->st_dev;
}

/* A folder that its owner may not read is made readable first. */
static int
open_folder(int dir, const char *name, const struct stat *st)
{
    char path[64];
    int handle = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1;

    if (handle < 0)
        return -1;
    if (same_file(handle, st)) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
        if ((st->st_mode & 0700) != 0700)
            chmod(path, 0700);
        fd = openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    close(handle);
    return fd;
}

static void remove_entry(struct removal *r, int dir, const char *name, int depth);

/* Takes fd over. */
static void
empty_folder(struct removal *r, int fd, int depth)
{
    DIR *list = fdopendir(fd);
    struct dirent *entry;

    if (list == NULL) {
        close(fd);
        return;
    }
    while ((entry = readdir(list)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_entry(r, fd, entry->d_name, depth);
    closedir(list);
}

static void
remove_entry(struct removal *r, int dir, const char *name, int depth)
{
    struct stat st;
    int fd;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != r->dev)
        return;
    if (!S_ISDIR(st.st_mode)) {
        r->changed |= unlinkat(dir, name, 0) == 0;
        return;
    }
    fd = open_folder(dir, name, &st);
    if (fd >= 0 && depth < DEPTH_MAX)
        empty_folder(r, fd, depth + 1);
    else if (fd >= 0)
        close(fd);
    if (unlinkat(dir, name, AT_REMOVEDIR) == 0) {
        r->changed = true;
    } else if (depth >= DEPTH_MAX) {
        char up[32];

        snprintf(up, sizeof up, ".deep-%d-%d", getpid(), r->moved++);
        r->changed |= renameat(dir, name, r->top, up) == 0;
    }
}

bool
folder_remove(int dir, const char *name)
{
    struct removal r = {.top = -1, .changed = true};
    struct stat st;
    bool gone;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT;
    if (!S_ISDIR(st.st_mode))
        return false;
    r.top = open_folder(dir, name, &st);
    r.dev = st.st_dev;
    gone = unlinkat(dir, name, AT_REMOVEDIR) == 0;
    for (int pass = 0; r.top >= 0 && !gone && r.changed && pass < PASSES_MAX; pass++) {
        int fd = openat(r.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        r.changed = false;
        if (fd >= 0)
            empty_folder(&r, fd, 0);
        gone = unlinkat(dir, name, AT_REMOVEDIR) == 0;
    }
    if (r.top >= 0)
        close(r.top);
    return gone;
}
