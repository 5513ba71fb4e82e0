/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The actors of a world in the shell's books: made with their ends of sockets, pipes and board,
 * found by name and pid, closed when they are gone. See world.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "proc/world.h"

void
actor_free(struct world *w, struct actor *a)
{
    actor_close(w, a);
    probe_release(&a->probe);
    symtab_release(&a->symtab);
    signals_release(&a->signals);
    if (a->plan != NULL) {
        plan_release(a->plan);
        free(a->plan);
    }
    buf_release(&a->enter);
    buf_release(&a->reply);
    buf_release(&a->waits_text);
    buf_release(&a->output[0]);
    buf_release(&a->output[1]);
    free(a->fds);
    free(a);
}

static uint32_t
hash_name(const char *s)
{
    uint32_t h = 2166136261u;

    while (*s != '\0')
        h = (h ^ (unsigned char)*s++) * 16777619u;
    return h;
}

static void
put_name(struct world *w, struct actor *a)
{
    uint32_t mask = (uint32_t)w->by_name_cap - 1, at = hash_name(a->name) & mask;

    while (w->by_name[at] >= 0 && strcmp(w->actors[w->by_name[at]]->name, a->name) != 0)
        at = (at + 1) & mask;
    w->by_name[at] = a->id; /* a later actor of the same name hides the dead one */
}

static void
index_name(struct world *w, struct actor *a)
{
    if (w->nactors * 2 > w->by_name_cap) {
        w->by_name_cap = w->by_name_cap ? w->by_name_cap * 2 : 64;
        w->by_name = mem_grow(w->by_name, sizeof *w->by_name * (size_t)w->by_name_cap);
        for (int i = 0; i < w->by_name_cap; i++)
            w->by_name[i] = -1;
        for (int i = 0; i < w->nactors; i++)
            put_name(w, w->actors[i]);
    } else {
        put_name(w, a);
    }
}

struct actor *
world_actor(const struct world *w, const char *name)
{
    uint32_t mask = (uint32_t)w->by_name_cap - 1, at;

    if (w->by_name_cap == 0)
        return NULL;
    for (at = hash_name(name) & mask; w->by_name[at] >= 0; at = (at + 1) & mask)
        if (strcmp(w->actors[w->by_name[at]]->name, name) == 0)
            return w->actors[w->by_name[at]];
    return NULL;
}

struct actor *
world_actor_by_pid(const struct world *w, pid_t pid)
{
    struct actor *dead = NULL;

    for (int i = w->nactors - 1; i >= 0; i--) {
        if (w->actors[i]->pid != pid || pid == 0)
            continue;
        if (actor_alive(w->actors[i]))
            return w->actors[i];
        if (dead == NULL)
            dead = w->actors[i];
    }
    return dead;
}

static int
out_of_descriptors(struct err *err, const char *what)
{
    int error = errno;

    if (error == EMFILE)
        return err_set(err, STATUS_MACHINE,
                       "%s: EMFILE: ipclab needs about 8 descriptors for itself and 4 for each "
                       "actor; the limit is too small (ulimit -n)",
                       what);
    return err_set(err, STATUS_MACHINE, "%s: %s (%s)", what, strerrorname_np(error),
                   strerror(error));
}

static void
close_ends(const int *fds, int n)
{
    for (int i = 0; i < n; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

/* A pipe that takes what an actor prints. One page: what a user's pipes may hold in all is limited
 * (pipe(7)), and beyond that limit the student's own would be smaller than they should be. */
static int
output_pipe(int pair[2])
{
    if (pipe2(pair, O_CLOEXEC) < 0)
        return -1;
    if (fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0) {
        close_ends(pair, 2);
        return -1;
    }
    fcntl(pair[0], F_SETPIPE_SZ, 4096); /* a larger one does as well */
    return 0;
}

/* near: our ends (control, out, err); far: the actor's, and its board. */
static int
make_ends(int near[3], int far[4], struct err *err)
{
    int pair[2], on = 1, made;

    for (made = 0; made < 3; made++) {
        if ((made == 0 ? wire_pair(pair) : output_pipe(pair)) < 0)
            break;
        near[made] = pair[0];
        far[made] = pair[1];
    }
    far[3] = made == 3 ? board_create() : -1;
    if (far[3] < 0) {
        out_of_descriptors(err, made == 0 ? "socketpair" : made < 3 ? "pipe" : "memfd_create");
        close_ends(near, made);
        close_ends(far, made);
        return -1;
    }
    setsockopt(near[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on); /* until its hello */
    return 0;
}

static struct actor *
new_actor(struct world *w, const char *name, int parent, int network, int far[4], struct err *err)
{
    struct actor *a;
    struct board *board;
    int near[3];

    if (w->nactors == WORLD_MAX_ACTORS) {
        err_set(err, STATUS_USAGE,
                "too many actors: the limit is %d in one world; `reset` makes a "
                "fresh one",
                WORLD_MAX_ACTORS);
        return NULL;
    }
    if (world_may_have_more(w, err) < 0 || make_ends(near, far, err) < 0)
        return NULL;
    board = board_map(far[3]);
    if (board == NULL) {
        out_of_descriptors(err, "mmap");
        close_ends(far, 4);
        close_ends(near, 3);
        return NULL;
    }
    if (w->nactors == w->cap_actors) {
        w->cap_actors = w->cap_actors ? w->cap_actors * 2 : 16;
        w->actors = mem_grow(w->actors, sizeof *w->actors * (size_t)w->cap_actors);
    }
    a = mem_alloc(sizeof *a);
    snprintf(a->name, sizeof a->name, "%s", name);
    a->id = w->nactors;
    a->parent = parent;
    a->network = parent >= 0 ? w->actors[parent]->network : network;
    a->pidfd = -1;
    a->control = near[0];
    a->out = near[1];
    a->err = near[2];
    a->board = board;
    board_tell_networks(board, &w->networks, a->network);
    a->child = -1;
    a->fds_stale = true;
    a->fresh = true;
    symtab_init(&a->symtab);
    probe_init(&a->probe, 0);
    w->actors[w->nactors++] = a;
    index_name(w, a);
    world_watch(w, a->control, WATCH_CONTROL, a->id);
    world_watch(w, a->out, WATCH_OUT, a->id);
    world_watch(w, a->err, WATCH_ERR, a->id);
    return a;
}

struct actor *
world_spawn(struct world *w, const char *name, int network, struct err *err)
{
    struct buf frame = {0};
    int far[4];
    struct actor *a;

    if (w->over) {
        err_set(err, STATUS_MACHINE,
                "this world has ended: its first process was killed; `reset` "
                "makes a fresh one");
        return NULL;
    }
    a = new_actor(w, name, -1, network, far, err);
    if (a == NULL)
        return NULL;
    wire_begin(&frame, FRAME_SPAWN, (uint32_t)a->id);
    wire_i64(&frame, network);
    if (wire_send_wait(w->init_sock, &frame, far, 4) < 0) {
        err_set(err, STATUS_MACHINE, "the world's first process does not listen: %s",
                strerror(errno));
        world_forget(w, a);
        a = NULL;
    }
    close_ends(far, 4);
    buf_release(&frame);
    return a;
}

void
world_load(struct world *w, const char *path)
{
    struct buf frame = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    wire_begin(&frame, FRAME_LOAD, 0);
    wire_text(&frame, path);
    if (fd >= 0 && w->init_sock >= 0)
        wire_send_wait(w->init_sock, &frame, &fd, 1);
    if (fd >= 0)
        close(fd);
    buf_release(&frame);
    if (w->observer >= 0)
        close(w->observer); /* the next one knows the plugin */
    w->observer = -1;
}

struct actor *
world_expect_child(struct world *w, const char *name, int parent, int far[4], struct err *err)
{
    struct actor *a = new_actor(w, name, parent, -1, far, err);

    if (a != NULL) {
        symtab_release(&a->symtab);
        symtab_copy(&a->symtab, &w->actors[parent]->symtab);
    }
    return a;
}

void
world_forget(struct world *w, struct actor *a)
{
    actor_close(w, a);
    if (a->id == w->nactors - 1) { /* as if it had never been, its name and number included */
        w->nactors--;
        actor_free(w, a);
        for (int i = 0; i < w->by_name_cap; i++)
            w->by_name[i] = -1;
        for (int i = 0; i < w->nactors; i++)
            put_name(w, w->actors[i]);
    }
}

void
actor_close(struct world *w, struct actor *a)
{
    int *fds[] = {&a->control, &a->out, &a->err, &a->pidfd};

    (void)w; /* closing takes a descriptor out of the epoll set by itself */
    for (int i = 0; i < 4; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
    board_unmap(a->board);
    a->board = NULL;
    probe_release(&a->probe);
    if (a->state == ACTOR_FOREIGN)
        w->exec_count--;
    a->state = ACTOR_DEAD;
    a->waits = false;
    a->nfds = 0;
}
