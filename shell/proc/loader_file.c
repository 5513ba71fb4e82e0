/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who could have written this file? What a plugin does, the user does; so a plugin of a folder
 * that others can write is refused, as sshd does with keys. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>

#include "base/mem.h"
#include "proc/loader_parts.h"

static int
check_owner(const struct stat *st, const char *what, struct err *err)
{
    if (st->st_uid != 0 && st->st_uid != getuid())
        return err_set(err, STATUS_MACHINE,
                       "%s belongs to user %u; only plugins of root%s are loaded", what,
                       (unsigned)st->st_uid, getuid() != 0 ? " or of this user" : "");
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return err_set(
            err, STATUS_MACHINE, "%s can be written by %s (mode %04o): chmod go-w it first", what,
            st->st_mode & S_IWOTH ? "everybody" : "its group", (unsigned)st->st_mode & 07777);
    return 0;
}

/* A folder above may be open to all only with the sticky bit, as /tmp: there nobody can rename
 * what belongs to another. */
static int
check_parents(const char *path, struct err *err)
{
    char *copy = mem_copy(path), *up = copy;
    int result = 0;

    do {
        struct stat st;

        up = dirname(up);
        if (stat(up, &st) < 0)
            result = err_set(err, STATUS_MACHINE, "%s above it: %s", up, strerror(errno));
        else if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
            result =
                err_set(err, STATUS_MACHINE, "%s above it can be written by everybody (mode %04o)",
                        up, (unsigned)st.st_mode & 07777);
    } while (result == 0 && strcmp(up, "/") != 0);
    free(copy);
    return result;
}

int
loader_check_folder(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return err_set(err, STATUS_MACHINE, "%s",
                       errno == ENOENT ? "no such folder" : strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err, STATUS_MACHINE, "is no folder");
    if (check_owner(&st, "the folder", err) < 0)
        return -1;
    return check_parents(path, err);
}

static const char *
type_name(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

int
loader_open(const char *path, bool trusted, struct err *err)
{
    struct stat st;
    int fd, result = 0;

    /* Looked at first: to open a device may already do something. */
    if (stat(path, &st) < 0)
        return err_set(err, STATUS_MACHINE, "%s",
                       errno == ENOENT ? "no such file" : strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, STATUS_MACHINE, "is %s, not a regular file", type_name(st.st_mode));
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set(err, STATUS_MACHINE, "cannot be read: %s", strerror(errno));
    if (fstat(fd, &st) < 0)
        result = err_set(err, STATUS_MACHINE, "fstat: %s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        result = err_set(err, STATUS_MACHINE, "is %s, not a regular file", type_name(st.st_mode));
    else if (!trusted)
        result = check_owner(&st, "the file", err);
    if (result < 0) {
        close(fd);
        return -1;
    }
    return fd;
}
