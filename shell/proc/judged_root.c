/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file system of judged worlds. It is put together once, by the launcher, in user and mount
 * namespaces of its own: a world then copies a dozen mounts and not all those of the machine, and
 * can undo none of them. Nothing of the machine is in it that was not put there: labs with their
 * solutions, results and home folders need not be hidden. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "proc/judged.h"
#include "proc/runtime.h"

/* Where it stands until it is the root; every machine has this folder, and needs it no more. */
static const char stage[] = "/tmp";

static const char *const always[] = {"/proc",     "/dev/null",   "/dev/zero",
                                     "/dev/full", "/dev/random", "/dev/urandom"};
/* What programs are linked with, and how to get there: often a link to another of them. */
static const char *const libraries[] = {"/bin",       "/sbin",       "/lib",          "/lib32",
                                        "/lib64",     "/libx32",     "/usr/lib",      "/usr/lib32",
                                        "/usr/lib64", "/usr/libx32", "/usr/local/lib"};
static const char *const folders[] = {"/dev", "/dev/shm", "/dev/mqueue", "/tmp",
                                      "/etc", "/usr",     "/usr/bin",    "/usr/sbin"};
/* Programs and lessons look into them; what they say is the same on every machine. */
static const struct {
    const char *path, *text;
} files[] = {
    {"/etc/passwd", "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n"},
    {"/etc/group", "root:x:0:\nnogroup:x:65534:\n"},
    {"/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
};

/* What it is to show of the machine. */
struct tree {
    struct entry {
        char *path;
        char *link; /* where it leads; NULL: none, it is */
        int fd;     /* this, opened before anything covered it */
    } * list;
    int n;
};

static void
release(struct tree *t)
{
    for (int i = 0; i < t->n; i++) {
        free(t->list[i].path);
        free(t->list[i].link);
        if (t->list[i].fd >= 0)
            close(t->list[i].fd);
    }
    free(t->list);
}

static struct entry *
add(struct tree *t, const char *path)
{
    t->list = mem_grow(t->list, sizeof *t->list * (size_t)(t->n + 1));
    t->list[t->n] = (struct entry){.path = mem_copy(path), .fd = -1};
    return &t->list[t->n++];
}

static int
show(struct tree *t, const char *path)
{
    struct entry *e = add(t, path);

    e->fd = open(path, O_PATH | O_CLOEXEC);
    return e->fd < 0 ? -1 : 0;
}

/* As it is here: a folder with programs in it only where all are to be seen. */
static int
show_library(struct tree *t, const char *path)
{
    char target[PATH_MAX];
    struct stat st;
    ssize_t n;

    if (lstat(path, &st) < 0)
        return 0; /* not on this machine */
    if (S_ISDIR(st.st_mode))
        return strstr(path, "bin") == NULL ? show(t, path) : 0;
    n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return 0;
    target[n] = '\0';
    /* Of a link in the root both forms mean the same, and one of them also while it is built. */
    add(t, path)->link =
        mem_copy(target[0] == '/' && strrchr(path, '/') == path ? target + 1 : target);
    return 0;
}

static int
choose(struct tree *t, const char *const *programs, const char **step)
{
    *step = "finding what a judged world shows";
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (show(t, always[i]) < 0 && i == 0)
            return -1;
    if (programs != NULL && programs[0] == NULL)
        return 0;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if ((programs != NULL || strncmp(libraries[i], "/usr/", 5) != 0) &&
            show_library(t, libraries[i]) < 0)
            return -1;
    if (programs == NULL)
        return show(t, "/usr");
    for (int i = 0; programs[i] != NULL; i++) {
        *step = programs[i];
        if (show(t, programs[i]) < 0)
            return -1;
    }
    return 0;
}

/* ---- Building it ----------------------------------------------------------------------------- */

static int
make_folder(const char *path)
{
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

static int
make_above(const char *path)
{
    char part[PATH_MAX];

    snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1; (at = strchr(at, '/')) != NULL; *at++ = '/') {
        *at = '\0';
        if (make_folder(part) < 0)
            return -1;
    }
    return 0;
}

static int
make_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t n = (ssize_t)strlen(text);

    if (fd < 0 || write(fd, text, (size_t)n) != n)
        return -1;
    return close(fd);
}

static int
put(const struct entry *e)
{
    char path[PATH_MAX], source[64];
    struct stat st;

    if (e->fd < 0 && e->link == NULL)
        return 0; /* a device that this machine has not got */
    snprintf(path, sizeof path, "%s%s", stage, e->path);
    if (make_above(path) < 0)
        return -1;
    if (e->link != NULL)
        return symlink(e->link, path);
    if (fstat(e->fd, &st) < 0 ||
        (S_ISDIR(st.st_mode) ? make_folder(path) : make_file(path, "")) < 0)
        return -1;
    snprintf(source, sizeof source, "/proc/self/fd/%d", e->fd);
    return mount(source, path, NULL, MS_BIND | MS_REC, NULL);
}

static int
build(const struct tree *t)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s%s", stage, folders[i]);
        if (make_folder(path) < 0)
            return -1;
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s%s", stage, files[i].path);
        if (make_file(path, files[i].text) < 0)
            return -1;
    }
    for (int i = 0; i < t->n; i++)
        if (put(&t->list[i]) < 0)
            return -1;
    return 0;
}

static int
make_root(const struct tree *t, const char **step)
{
    *step = "mounting the files of judged worlds";
    if (mount("tmpfs", stage, "tmpfs", MS_NOSUID, "size=1m,nr_inodes=1024,mode=755") < 0)
        return -1;
    *step = "putting together the files of judged worlds";
    if (build(t) < 0)
        return -1;
    *step = "leaving the file system of the machine";
    if (chdir(stage) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
        return -1;
    return chdir("/");
}

int
judged_leave(struct runtime *rt, const char *const *programs, const char **step)
{
    struct tree t = {0};
    int result;

    *step = "making a user namespace for judged worlds";
    /* It was root, or is another user in the namespace: what is asked of it in /proc is its own. */
    if (prctl(PR_SET_DUMPABLE, 1) < 0)
        return -1;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || world_map_ids(0, rt->uid, 0, rt->gid) < 0)
        return -1;
    *step = "making mounts private";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -1;
    result = choose(&t, programs, step);
    if (result == 0)
        result = make_root(&t, step);
    release(&t);
    rt->uid = rt->gid = 0;
    return result;
}
