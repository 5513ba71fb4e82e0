/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places for trace files. A file is locked by flock: unlike a record lock it survives that the
 * shell itself opens and closes its own trace to show it. */
#include "trace/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"
#include "trace/words.h"

enum { LOCK_TRIES = 100 }; /* each means that another session ended at that very moment */

static int
fail(struct err *err, const char *what, const char *path, int number)
{
    struct buf shown = {0};

    text_escape(&shown, path, strlen(path), false);
    err_set(err, STATUS_USAGE, "%s %.300s: %s", what, buf_text(&shown), words_errno(number).text);
    buf_release(&shown);
    return -1;
}

/* A folder of ours below that of the state: names in each other, NULL ends. */
static char *
state_folder(const char *const *names, struct err *err)
{
    struct buf path = {0}, shown = {0};
    char *result = NULL;
    int fd;

    if (!folder_xdg(&path, "XDG_STATE_HOME", "/.local/state")) {
        err_set(err, STATUS_USAGE, "no %s folder: HOME is not set to an absolute path", names[1]);
        return NULL;
    }
    text_escape(&shown, path.data, path.len, false);
    if (folder_make(path.data, err) < 0)
        goto out;
    fd = open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        fail(err, "cannot open", path.data, errno);
        goto out;
    }
    for (int i = 0; names[i] != NULL && fd >= 0; i++) {
        fd = folder_enter(fd, names[i], buf_text(&shown), err);
        buf_printf(&path, "/%s", names[i]);
    }
    if (fd < 0)
        goto out;
    close(fd);
    result = mem_copy(path.data);
out:
    buf_release(&path);
    buf_release(&shown);
    return result;
}

char *
place_sessions(struct err *err)
{
    static const char *const names[] = {"ipclab", "sessions", NULL};

    return state_folder(names, err);
}

/* A name that is one wherever it came from: other bytes become %2F. */
static char *
file_name(const char *from, const char *ending)
{
    struct buf name = {0};
    char *result;

    for (const char *c = from; *c != '\0' && name.len < 200; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("-_@+", *c) != NULL ||
                     (*c == '.' && c > from);

        if (plain)
            buf_putc(&name, *c);
        else
            buf_printf(&name, "%%%02X", (unsigned)(unsigned char)*c);
    }
    buf_puts(&name, ending);
    result = mem_copy(buf_text(&name));
    buf_release(&name);
    return result;
}

char *
place_progress(const char *lab, const char *student, struct err *err)
{
    char *name = file_name(lab, ""), *file = file_name(student, ".trace");
    const char *const names[] = {"ipclab", "labs", name, NULL};
    char *folder = state_folder(names, err), *path = NULL;

    if (folder != NULL && asprintf(&path, "%s/%s", folder, file) < 0)
        path = NULL;
    free(folder);
    free(name);
    free(file);
    return path;
}

/* Who holds the flock on this file, or 0. */
static long
locked_by(const struct stat *st)
{
    FILE *f = fopen("/proc/locks", "re");
    char line[256];
    long found = 0;

    while (f != NULL && found == 0 && fgets(line, sizeof line, f) != NULL) {
        unsigned major_, minor_;
        unsigned long inode;
        long pid;

        if (sscanf(line, "%*s FLOCK %*s %*s %ld %x:%x:%lu", &pid, &major_, &minor_, &inode) == 4 &&
            inode == st->st_ino && major_ == major(st->st_dev) && minor_ == minor(st->st_dev))
            found = pid;
    }
    if (f != NULL)
        fclose(f);
    return found;
}

static int
busy_error(struct err *err, const char *path, const struct stat *st)
{
    struct buf shown = {0};
    long pid = locked_by(st);

    text_escape(&shown, path, strlen(path), false);
    if (pid > 0)
        err_set(err, STATUS_USAGE, "%.400s is being written by pid %ld", buf_text(&shown), pid);
    else
        err_set(err, STATUS_USAGE, "%.400s is being written by another session", buf_text(&shown));
    buf_release(&shown);
    return -1;
}

/* File systems without locks (some FUSE and NFS mounts) are used all the same. */
static bool
lockless(int number)
{
    return number == EOPNOTSUPP || number == ENOSYS || number == ENOLCK;
}

/* Opens and locks a file; path is what it is called in the end. The fd, or -1. */
static int
open_locked(const char *file, const char *path, bool *busy, struct err *err)
{
    struct stat st, now;

    for (int i = 0; i < LOCK_TRIES; i++) {
        int fd =
            open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);

        if (fd < 0)
            return fail(err, "cannot write the trace", file, errno);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
            close(fd);
            return err_set(err, STATUS_USAGE, "cannot write the trace: %s is not a regular file",
                           strcmp(file, path) == 0 ? "it" : "its .partial");
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0 && !lockless(errno)) {
            int number = errno;

            close(fd);
            *busy = number == EWOULDBLOCK;
            return *busy ? busy_error(err, path, &st)
                         : fail(err, "cannot lock the trace", file, number);
        }
        /* The one who had it may have renamed it in between: then it is no longer ours. */
        if (lstat(file, &now) == 0 && now.st_ino == st.st_ino && now.st_dev == st.st_dev)
            return fd;
        close(fd);
    }
    *busy = true;
    return busy_error(err, path, &st);
}

int
place_append(const char *path, bool *busy, struct err *err)
{
    *busy = false;
    return open_locked(path, path, busy, err);
}

int
place_open(const char *path, char **partial, bool *busy, struct err *err)
{
    struct buf name = {0};
    struct stat st;
    int fd;

    *busy = false;
    buf_puts(&name, path);
    buf_puts(&name, ".partial");
    *partial = mem_copy(name.data);
    buf_release(&name);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(err, STATUS_USAGE,
                       "cannot write the trace: what stands there is not a regular file");
    fd = open_locked(*partial, path, busy, err);
    if (fd < 0 || ftruncate(fd, 0) == 0)
        return fd;
    fail(err, "cannot empty", *partial, errno);
    close(fd);
    return -1;
}
