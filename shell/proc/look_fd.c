/* SPDX-License-Identifier: GPL-3.0-or-later
 * See look.h: what a look may ask about descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "proc/actor.h"
#include "proc/fd_mark.h"
#include "proc/look.h"
#include "proc/probe.h"

enum {
    COPIES_MAX = 8192,  /* of descriptors, in one look */
    SHARERS_MAX = 1024, /* descriptors of one object that are told */
    OTHER_MAX = 120,    /* bytes of one of them in a list */
};

/* Of the look that is under way. */
static struct copy {
    int process, number; /* which descriptor of which process; -1: of the one behind pidfd */
    int fd;
} * copies;
static int copies_cap;

/* What each process had open when the look first asked: nobody runs meanwhile, and who watches
 * much asks often. */
static struct table {
    struct fd_entry *fds;
    int n, cap; /* n -1: not asked yet */
} * tables;
static int ntables;

static bool
is_process(const struct ipclab_look *look, int process)
{
    return look->wait != NULL && process >= 0 && process < look->wait->nprocesses;
}

/* The copy of a descriptor that was made before; -1: none. */
static int
find_copy(const struct ipclab_look *look, int process, int number)
{
    for (int i = 0; i < look->ncopies; i++)
        if (copies[i].process == process && copies[i].number == number)
            return copies[i].fd;
    return -1;
}

static int
copy_from(struct ipclab_look *look, int process, int pidfd, int number)
{
    int copy;

    if (pidfd < 0 || look->ncopies == COPIES_MAX) {
        errno = EMFILE;
        return -1;
    }
    copy = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
    if (copy < 0)
        return -1;
    if (look->ncopies == copies_cap) {
        copies_cap = copies_cap ? copies_cap * 2 : 64;
        copies = mem_grow(copies, (size_t)copies_cap * sizeof *copies);
    }
    copies[look->ncopies].process = process;
    copies[look->ncopies].number = number;
    copies[look->ncopies++].fd = copy;
    return copy;
}

void
look_close_copies(struct ipclab_look *look)
{
    for (int i = 0; i < look->ncopies; i++)
        close(copies[i].fd);
    look->ncopies = 0;
    for (int i = 0; i < ntables; i++)
        tables[i].n = -1;
}

static const struct table *
table_of(const struct ipclab_look *look, int process)
{
    const struct ipclab_process *p = &look->wait->processes[process];
    struct table *t;

    if (ntables < look->wait->nprocesses) {
        tables = mem_grow(tables, (size_t)look->wait->nprocesses * sizeof *tables);
        for (; ntables < look->wait->nprocesses; ntables++)
            tables[ntables] = (struct table){.n = -1};
    }
    t = &tables[process];
    if (t->n < 0)
        t->n = p->zombie ? 0 : probe_fds(p->pid, ACTOR_FD_BASE, &t->fds, &t->cap);
    t->n = t->n < 0 ? 0 : t->n;
    return t;
}

int
look_descriptor(struct ipclab_look *look, int fd)
{
    int copy = find_copy(look, -1, fd);

    return copy >= 0 ? copy : copy_from(look, -1, look->pidfd, fd);
}

int
look_descriptor_of(struct ipclab_look *look, int process, int fd)
{
    int pidfd, copy;

    if (!is_process(look, process)) {
        errno = ESRCH;
        return -1;
    }
    if (process == look->wait->self && look->pidfd >= 0)
        return look_descriptor(look, fd);
    copy = find_copy(look, process, fd);
    if (copy >= 0)
        return copy;
    pidfd = (int)syscall(SYS_pidfd_open, look->wait->processes[process].pid, 0);
    copy = copy_from(look, process, pidfd, fd);
    if (pidfd >= 0)
        close(pidfd);
    return copy;
}

/* Has any process a descriptor of this file? A file behind memory is told by its number alone: the
 * device is written differently there. */
bool
look_has_file(struct ipclab_look *look, uint64_t inode)
{
    for (int i = 0; i < look->wait->nprocesses; i++) {
        const struct table *t = table_of(look, i);

        for (int k = 0; k < t->n; k++)
            if (t->fds[k].ino == inode)
                return true;
    }
    return false;
}

ssize_t
look_fdinfo(struct ipclab_look *look, int process, int fd, char *text, size_t room)
{
    if (process >= 0 && !is_process(look, process))
        return -1;
    return fd_mark_info(process < 0 ? 0 : look->wait->processes[process].pid, fd, text, room);
}

int
look_sharers(struct ipclab_look *look, int fd, struct ipclab_holder *list, int room)
{
    struct stat st;
    uint64_t ino;
    int n = 0;

    if (look->wait == NULL || fstat(fd, &st) < 0)
        return 0;
    ino = fd_mark_needed(st.st_ino, st.st_dev) ? fd_mark(fd) : st.st_ino;
    for (int i = 0; i < look->wait->nprocesses; i++) {
        const struct table *t = table_of(look, i);

        for (int k = 0; k < t->n; k++) {
            if (t->fds[k].ino != ino || t->fds[k].dev != st.st_dev)
                continue;
            if (n < room)
                list[n] = (struct ipclab_holder){i, t->fds[k].fd, t->fds[k].access};
            n++;
        }
    }
    return n;
}

/* Copies are of the waiting process: of another one only what /proc says is asked for. */
int
look_runs_out(struct ipclab_look *look, int process, int fd)
{
    const struct ipclab_kind *kind;
    uint64_t key, key2;
    int copy = fd, result = 0;

    if (look->plugins == NULL)
        return 0;
    if (process >= 0)
        copy = look_descriptor_of(look, process, fd);
    kind = object_of_fd(look->plugins, copy, &key, &key2);
    if (kind != NULL && kind->timed != NULL && look->depth++ < LOOK_DEPTH)
        result = kind->timed(&look_host, look, process, fd);
    look->depth = 0;
    return result;
}

/* The descriptors of the other objects of the kind; the caller frees them. */
static struct ipclab_holding *
other_objects(const struct ipclab_look *look, const struct ipclab_kind *kind,
              const struct stat *own, int *n)
{
    struct ipclab_holding *list = NULL;
    int cap = 0;

    *n = 0;
    for (int i = 0; i < look->wait->nprocesses; i++) {
        const struct table *t = table_of(look, i);

        for (int k = 0; k < t->n; k++) {
            const struct fd_entry *e = &t->fds[k];

            if ((e->ino == own->st_ino && e->dev == own->st_dev) || kind->owns == NULL ||
                !kind->owns(e->mode, 1))
                continue;
            if (*n == cap) {
                cap = cap ? cap * 2 : 64;
                list = mem_grow(list, (size_t)cap * sizeof *list);
            }
            list[(*n)++] = (struct ipclab_holding){e->ino, e->dev, i, e->fd};
        }
    }
    return list;
}

/* As the plugin would be told of the watched object if it alone were waited on. */
static enum ipclab_chance
ask_watched(struct ipclab_look *look, const struct ipclab_kind *kind, int fd, int copy,
            unsigned events, char *text, size_t room)
{
    struct ipclab_wait wait = *look->wait;
    struct ipclab_holding *linked = NULL;
    enum ipclab_chance chance;
    struct stat st;

    if (kind->linked == IPCLAB_LINKED && fstat(copy, &st) == 0) {
        linked = other_objects(look, kind, &st, &wait.nlinked);
        wait.linked = linked;
        look->beside = st.st_ino != look->key || st.st_dev != look->key2;
    }
    chance = kind->watched(&look_host, look, &wait, fd, copy, events, text, room);
    look->beside = false;
    free(linked);
    return chance;
}

enum ipclab_chance
look_watched(struct ipclab_look *look, int fd, unsigned events, char *text, size_t room)
{
    const struct ipclab_kind *kind;
    int copy = look_descriptor(look, fd);

    if (look->wait == NULL || look->plugins == NULL || copy < 0) {
        snprintf(text, room,
                 "it is closed here, but open in another process, which keeps it "
                 "watched");
        return IPCLAB_UNKNOWN;
    }
    kind = kind_of_fd(look->plugins, copy);
    if (kind != NULL && kind->watched != NULL)
        return ask_watched(look, kind, fd, copy, events, text, room);
    snprintf(text, room, "%s%s is not ready", kind != NULL ? "the " : "it",
             kind != NULL ? kind->name : "");
    return IPCLAB_UNKNOWN;
}

/* "NAME write(4, "x")" of "write($0, "x")". */
static void
propose(struct ipclab_look *look, const char *name, const char *does, int fd)
{
    const char *mark = strstr(does, "$0");

    if (mark == NULL)
        look_host.next(look, "%s %s", name, does);
    else
        look_host.next(look, "%s %.*s%d%s", name, (int)(mark - does), does, fd, mark + 2);
}

int
look_others(struct ipclab_look *look, int fd, char mode, const char *does, char *text, size_t room)
{
    struct ipclab_holder list[SHARERS_MAX];
    int n = look_sharers(look, fd, list, SHARERS_MAX), others = 0, shown = 0;
    bool proposed = false;
    size_t at = 0;

    text[0] = '\0';
    for (int i = 0; i < n && i < SHARERS_MAX; i++) {
        const struct ipclab_process *p = &look->wait->processes[list[i].process];

        if (list[i].process == look->wait->self ||
            (mode != 'u' && list[i].mode != mode && list[i].mode != 'u'))
            continue;
        others++;
        look_host.could_end(look, list[i].process);
        if (!proposed && does != NULL && !p->waits && !p->foreign) {
            propose(look, p->name, does, list[i].fd);
            proposed = true;
        }
        if (at + OTHER_MAX > room)
            continue;
        at += (size_t)snprintf(text + at, room - at, "%s%.64s (fd %d)", shown > 0 ? ", " : "",
                               p->name, list[i].fd);
        shown++;
    }
    if (others > shown)
        snprintf(text + at, room - at, " and %d more", others - shown);
    return others;
}
