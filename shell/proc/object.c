/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which kernel object stands behind a descriptor: asked of the kernel by fstat(2), named by the
 * kind of plugin that owns such a file. The identity is inode number and file system. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "proc/actor.h"
#include "proc/fd_mark.h"
#include "proc/loader.h"

enum { MQUEUE_MAGIC = 0x19800202 }; /* of statfs(2); no header has it */

/* Files that the kernel made without a path are on file systems without a device. A message queue
 * looks like a regular file, and only its file system tells it from one. */
static int
is_anonymous(int fd, const struct stat *st)
{
    static dev_t pipefs;
    struct statfs fs;

    if (S_ISREG(st->st_mode) && major(st->st_dev) == 0)
        return fstatfs(fd, &fs) == 0 && fs.f_type == MQUEUE_MAGIC ? IPCLAB_ON_MQUEUE : 0;
    if (S_ISSOCK(st->st_mode))
        return major(st->st_dev) == 0;
    if (!S_ISFIFO(st->st_mode))
        return 0;
    if (pipefs == 0) {
        int fds[2];
        struct stat own;

        if (pipe2(fds, O_CLOEXEC) < 0)
            return major(st->st_dev) == 0;
        if (fstat(fds[0], &own) == 0)
            pipefs = own.st_dev;
        close(fds[0]);
        close(fds[1]);
    }
    return st->st_dev == pipefs;
}

/* Which of its kind it is, where many share an inode. What a kind says itself depends on the
 * process, which the observer of a world is not. */
static bool
is_identified(const struct ipclab_kind *k, int fd, uint64_t *key, uint64_t *key2)
{
    if (k->identify != NULL)
        return !fd_mark_is_outside() && k->identify(fd, key, key2) == 0;
    if (fd_mark_needed(*key, *key2))
        *key = fd_mark(fd);
    return *key != 0;
}

/* The kind whose descriptors /proc shows by this link. */
static const struct ipclab_kind *
kind_of_link(const struct loader *plugins, int fd)
{
    char link[64];

    if (!fd_mark_link(fd, link, sizeof link))
        return NULL;
    for (int i = 0; i < plugins->n; i++) {
        const struct ipclab_kind *k = plugins->sources[i].plugin->kinds;

        for (; k != NULL && k->name != NULL; k++)
            if (k->link != NULL && strcmp(k->link, link) == 0)
                return k;
    }
    return NULL;
}

static const struct ipclab_kind *
kind_of(const struct loader *plugins, int fd, const struct stat *st)
{
    int anonymous;

    if ((st->st_mode & S_IFMT) == 0)
        return kind_of_link(plugins, fd);
    anonymous = is_anonymous(fd, st);
    for (int i = 0; i < plugins->n; i++) {
        const struct ipclab_kind *k = plugins->sources[i].plugin->kinds;

        for (; k != NULL && k->name != NULL; k++)
            if (k->owns != NULL && k->owns(st->st_mode, anonymous))
                return k;
    }
    return NULL;
}

const struct ipclab_kind *
kind_of_fd(const struct loader *plugins, int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 ? kind_of(plugins, fd, &st) : NULL;
}

const struct ipclab_kind *
object_of_fd(const struct loader *plugins, int fd, uint64_t *key, uint64_t *key2)
{
    const struct ipclab_kind *k;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return NULL;
    *key = st.st_ino;
    *key2 = st.st_dev;
    k = kind_of(plugins, fd, &st);
    return k == NULL || k->link == NULL || is_identified(k, fd, key, key2) ? k : NULL;
}

const struct ipclab_kind *
kind_by_name(const struct loader *plugins, const char *name)
{
    for (int i = 0; i < plugins->n; i++) {
        const struct ipclab_kind *k = plugins->sources[i].plugin->kinds;

        for (; k != NULL && k->name != NULL; k++)
            if (strcmp(k->name, name) == 0)
                return k;
    }
    return NULL;
}
