/* SPDX-License-Identifier: GPL-3.0-or-later
 * See room.h. */
#include "grade/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/mem.h"

static const char prefix[] = "ipclab-grade-";

/* One of ours that nobody holds any more. */
static bool
is_left(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    bool left = fd >= 0 && fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
                flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (fd >= 0)
        close(fd);
    return left;
}

static void
sweep(const char *folder)
{
    DIR *d = opendir(folder);
    const struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && is_left(dirfd(d), entry->d_name))
            folder_remove(dirfd(d), entry->d_name);
    if (d != NULL)
        closedir(d);
}

/* Between mkdtemp and the lock another may take it for one that was left: then it is gone, and we
 * try again. */
static bool
hold(struct room *r)
{
    struct stat here, there;

    r->fd = open(r->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (r->fd >= 0 && flock(r->fd, LOCK_EX | LOCK_NB) == 0 && fstat(r->fd, &here) == 0 &&
        lstat(r->path, &there) == 0 && here.st_ino == there.st_ino)
        return true;
    if (r->fd >= 0)
        close(r->fd);
    return false;
}

int
room_make(struct room *r)
{
    const char *folder = getenv("TMPDIR");
    struct buf path = {0};
    bool held = false;

    if (folder == NULL || folder[0] != '/')
        folder = "/tmp";
    sweep(folder);
    for (int i = 0; i < 10 && !held; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s/%sXXXXXX", folder, prefix);
        if (mkdtemp(path.data) == NULL)
            break;
        r->path = path.data;
        held = hold(r) && fchmod(r->fd, 0711) == 0;
    }
    if (held) {
        r->path = mem_copy(path.data);
        buf_release(&path);
        return 0;
    }
    r->path = NULL;
    buf_release(&path);
    return -1;
}

void
room_remove(struct room *r)
{
    const char *name;
    int dir = r->path != NULL ? folder_parent(r->path, &name) : -1;

    if (dir >= 0) {
        folder_remove(dir, name);
        close(dir);
    }
    if (r->path != NULL)
        close(r->fd);
    free(r->path);
    *r = (struct room){0};
}
