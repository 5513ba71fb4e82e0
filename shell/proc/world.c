/* SPDX-License-Identifier: GPL-3.0-or-later
 * See world.h. */
#include "proc/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "proc/ledger.h"
#include "proc/shared_world.h"

enum { START_MS = 10000 };

const char *
world_kind_name(const struct world *w)
{
    return w->kind == WORLD_SHARED ? "shared" : "sealed";
}

bool
actor_alive(const struct actor *a)
{
    return a->state != ACTOR_DEAD;
}

/* ---- Making and ending --------------------------------------------------------------------- */

/* The first word of a world's init: it stands, or what did not work. */
static int
await_ready(struct world *w, struct err *err)
{
    char frame[1024];
    struct wire_in in;
    struct pollfd p = {.fd = w->init_sock, .events = POLLIN};
    ssize_t n;
    int ready;

    do
        ready = poll(&p, 1, START_MS);
    while (ready < 0 && errno == EINTR);
    n = ready > 0 ? wire_receive(w->init_sock, frame, sizeof frame, false, NULL, NULL, NULL) : -1;
    if (n <= 0 || !wire_open(&in, frame, (size_t)n))
        return err_set(err, STATUS_MACHINE, "the world's first process ended while it started");
    if (in.type == FRAME_FAILED) {
        int error = (int)wire_get_u32(&in);
        const char *step = wire_get_text(&in);

        return err_set(err, STATUS_MACHINE, "%s: %s (%s)", step, strerrorname_np(error),
                       strerror(error));
    }
    return 0;
}

void
world_watch(struct world *w, int fd, enum watch what, int id)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = (uint64_t)id << 8 | what};

    epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e);
}

static int
try_kind(struct world *w, enum world_kind kind, struct err *err)
{
    w->kind = kind;
    w->cwd[0] = '\0';
    if (kind == WORLD_SHARED && shared_world_prepare(w, err) < 0)
        return -1;
    if (launcher_world(w->launcher, kind, w->cwd, w->ledger, &w->init_sock, &w->init, err) < 0)
        return -1;
    w->init_pidfd = (int)syscall(SYS_pidfd_open, w->init, 0);
    if (await_ready(w, err) < 0) {
        close(w->init_sock);
        w->init_sock = -1;
        if (w->init_pidfd >= 0)
            close(w->init_pidfd);
        w->init_pidfd = -1;
        return -1;
    }
    world_watch(w, w->init_sock, WATCH_INIT, 0);
    return 0;
}

int
world_make(struct world *w, struct launcher *l, int wanted, struct err *err)
{
    *w = (struct world){
        .launcher = l, .ledger = -1, .init_sock = -1, .init_pidfd = -1, .observer = -1};
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0)
        return err_set(err, STATUS_MACHINE, "epoll_create1: %s", strerror(errno));
    for (int kind = wanted == WORLD_SHARED ? WORLD_SHARED : WORLD_SEALED; kind <= WORLD_SHARED;
         kind++) {
        if (kind == WORLD_SHARED && wanted >= 0 && wanted != WORLD_SHARED)
            break;
        if (kind == WORLD_SHARED && l->options.judged != NULL) {
            err_set(err, STATUS_MACHINE,
                    "lines of others are judged in sealed worlds only%s%s; `ipclab doctor` says "
                    "more",
                    w->why_not_sealed[0] != '\0' ? ", and none is possible here: " : "",
                    w->why_not_sealed);
            break;
        }
        if (try_kind(w, (enum world_kind)kind, err) == 0)
            return 0;
        if (kind == WORLD_SEALED || w->why_not_sealed[0] == '\0')
            snprintf(w->why_not_sealed, sizeof w->why_not_sealed, "%s", err->text);
    }
    world_release(w);
    return -1;
}

/* The end of the world's first process is the end of everything in a sealed world, and comes
 * after the sweep in a shared one. */
static void
await_end(struct world *w)
{
    struct pollfd p = {.fd = w->init_pidfd, .events = POLLIN};

    if (w->init_pidfd >= 0)
        while (poll(&p, 1, START_MS) < 0 && errno == EINTR)
            ;
}

void
world_release(struct world *w)
{
    if (w->init_sock >= 0)
        close(w->init_sock);
    w->init_sock = -1;
    if (w->observer >= 0)
        close(w->observer);
    w->observer = -1;
    if (w->kind == WORLD_SHARED)
        await_end(w);
    if (w->init_pidfd >= 0)
        close(w->init_pidfd);
    w->init_pidfd = -1;
    for (int i = 0; i < w->nactors; i++)
        actor_free(w, w->actors[i]);
    free(w->actors);
    for (int i = 0; i < w->nobjects; i++) {
        mailbox_release(&w->objects[i].mailbox);
        holds_release(&w->objects[i].holds);
    }
    for (int i = 0; i < w->nobjects; i++)
        buf_release(&w->objects[i].state);
    free(w->objects);
    free(w->by_name);
    if (w->epoll >= 0)
        close(w->epoll);
    w->epoll = -1;
    shared_world_release(w);
    w->actors = NULL;
    w->objects = NULL;
    w->by_name = NULL;
    w->nactors = w->nobjects = w->cap_actors = w->cap_objects = w->by_name_cap = 0;
}

/* ---- Objects ------------------------------------------------------------------------------- */

int
world_object(struct world *w, const char *kind, uint64_t key, uint64_t key2, bool fresh)
{
    const struct ipclab_kind *k;
    int same_kind = 0;
    struct object *o;

    for (int i = w->nobjects - 1; i >= 0 && !fresh; i--) {
        o = &w->objects[i];
        if (o->key == key && o->key2 == key2 && strcmp(o->kind->name, kind) == 0)
            return i;
    }
    k = catalog_kind(&w->launcher->catalog, kind);
    if (k == NULL)
        return -1;
    for (int i = 0; i < w->nobjects; i++)
        same_kind += strcmp(w->objects[i].kind->name, kind) == 0;
    if (w->nobjects == w->cap_objects) {
        w->cap_objects = w->cap_objects ? w->cap_objects * 2 : 16;
        w->objects = mem_grow(w->objects, sizeof *w->objects * (size_t)w->cap_objects);
    }
    o = &w->objects[w->nobjects];
    *o = (struct object){.kind = k, .key = key, .key2 = key2};
    snprintf(o->name, sizeof o->name, "%s#%d", kind, same_kind + 1);
    return w->nobjects++;
}
