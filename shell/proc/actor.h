/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inside an actor: what its loop (actor.c), the call in the making (actor_call.c), the looks at
 * objects (look.c) and signals (actor_signal.c) share. One process, one call at a time. */
#ifndef PROC_ACTOR_H
#define PROC_ACTOR_H
#include <signal.h>

#include "../plugins/plugin.h"
#include "lang/eval.h"
#include "proc/actor_fd.h"
#include "proc/board.h"
#include "proc/runtime.h"
#include "proc/wire.h"

enum { FRAME_MAX_OBJECTS = 16 };

struct named_object {
    const struct ipclab_kind *kind;
    uint64_t key, key2;
    int fd; /* a descriptor of it, or -1 */
};

/* A call in the making, and what it told so far. */
struct ipclab_frame {
    struct runtime *rt;
    uint32_t request;
    const struct ipclab_call *call;
    struct ipclab_args args;
    struct named_object objects[FRAME_MAX_OBJECTS];
    int nobjects;
    struct buf facts; /* for the EXIT frame */
    bool running;     /* the handler runs: objects named now are told at once */
    int child_fds[4]; /* of a child to be, as of FRAME_SPAWN; -1 when none */
};

struct self {
    struct runtime *rt;
    int control;         /* far above the student's descriptors */
    struct board *board; /* where steps are asked for and answered */
    uint32_t last_bell;  /* the request it answered last */
    uint32_t running;    /* the request whose call runs now; 0: none. Handlers read it */
    pid_t init;          /* the first process of its world */
    ino_t out, err;      /* identity of the captured stdout and stderr */
    dev_t pipe_dev;      /* ... and the file system they are on */
};

extern const struct ipclab_host actor_host;

/* The kind that owns this descriptor, NULL when none does; fills key and key2. */
const struct ipclab_kind *object_of_fd(const struct loader *plugins, int fd, uint64_t *key,
                                       uint64_t *key2);
/* The same where its identity is not asked for, as it cannot be outside the process. */
const struct ipclab_kind *kind_of_fd(const struct loader *plugins, int fd);
const struct ipclab_kind *kind_by_name(const struct loader *plugins, const char *name);

/* actor_host.c: objects of the call in the making. */
void frame_put_object(struct buf *facts, const struct named_object *o);
void frame_add_object(struct ipclab_frame *f, const struct named_object *o);
const struct ipclab_kind *frame_object_behind(const struct ipclab_frame *f, int fd, uint64_t *key,
                                              uint64_t *key2);

/* actor_enter.c */
const struct ipclab_arg *frame_arg_spec(const struct ipclab_call *call, int i);
bool frame_in_bounds(const struct ipclab_frame *f, char *why, size_t room);
bool frame_runs_out(const struct ipclab_frame *f, const struct named_object *o);
void frame_enter(struct ipclab_frame *f); /* what begins, on the board */
/* actor_limit.c: which limit of the process or the machine made the call fail, if one did. */
void frame_note_limit(struct ipclab_frame *f, int error);

/* look.c: writes the state of an object as facts. */
void look_state(struct buf *facts, const struct ipclab_kind *kind, int fd, uint64_t key,
                uint64_t key2);

/* actor_call.c: one whole step. The answer frame is sent from there. */
void actor_step(struct self *a, const struct eval_step *step, uint32_t request, int *fds, int nfds);
void actor_tell_state(struct self *a, struct wire_in *in);

/* actor_signal.c */
void signals_start(int control); /* dispositions as after exec; fault reports; the interrupt */
void signals_forked(int control);
bool signals_timer_ends(struct buf *facts); /* will a timer of the process end what it begins? */
void host_handled(const char *name, int sig, int code, pid_t pid, int64_t value, int restarts);
void host_timer(struct ipclab_frame *f, int sig, int64_t ns, int64_t interval);

/* actor_reach.c */
int host_reaches(struct ipclab_frame *f, pid_t pid);

/* actor_program.c */
int host_may_run(struct ipclab_frame *f, const char *path);

/* actor_network.c: the hosts, as the board has them. */
const char *host_resolve(struct ipclab_frame *f, const char *name, int family);
int host_network(struct ipclab_frame *f, int n, struct ipclab_network *to);
int host_own_network(struct ipclab_frame *f);

/* In the child of host->fork: takes over the descriptors made for it. */
void actor_become_child(struct self *a, const int fds[4]);
void actor_hello(const struct self *a);
extern struct self self_process; /* the one of this process */
#endif
