/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A world as the shell knows it: its actors, what each is doing, the kernel objects that calls
 * named. One producer of facts: frames of actors (never believed beyond their form) and the
 * kernel's own files. Stepping it is stepper.h. */
#ifndef PROC_WORLD_H
#define PROC_WORLD_H
#include "lang/plan.h"
#include "proc/board.h"
#include "proc/holds.h"
#include "proc/launcher.h"
#include "proc/mailbox.h"
#include "proc/network.h"
#include "proc/probe.h"
#include "proc/signals.h"
#include "proc/wire.h"

enum {
    WORLD_MAX_ACTORS = 4096,
    ACTOR_MAX_OBJECTS = 16, /* objects of one call that the shell keeps track of */
    OUTPUT_MAX = 1 << 16,   /* bytes of output kept of one actor in one step; the rest is counted */
};

/* What ends a call by itself. */
enum timed {
    TIMED_BY_CALL = 1 << 0,   /* a time that it was given, or an alarm of its process */
    TIMED_BY_OBJECT = 1 << 1, /* a timer of what it waits for, which others may set and stop */
};

/* Events of epoll carry this. */
enum watch { WATCH_CONTROL, WATCH_OUT, WATCH_ERR, WATCH_PIDFD, WATCH_INIT };

enum actor_state {
    ACTOR_STARTING, /* made, its hello has not come */
    ACTOR_IDLE,     /* waits for a step */
    ACTOR_BUSY,     /* in a step */
    ACTOR_FOREIGN,  /* became another program by execve */
    ACTOR_DEAD,
};

struct actor {
    char name[SYMTAB_NAME_MAX + 1];
    int id; /* index in world.actors */
    enum actor_state state;
    pid_t pid;                    /* in the world */
    pid_t host;                   /* in the shell's view */
    pid_t parent_pid;             /* in the world, when it was made */
    int parent;                   /* id of the actor that forked it; -1: spawned */
    int network;                  /* the host it is on, in world.networks; -1: none */
    int pidfd, control, out, err; /* -1 when closed */
    struct board *board;          /* NULL when it is gone */
    bool stopped;
    bool reaped; /* nobody can wait for it any more */
    bool status_known;
    int wait_status; /* of the dead */
    bool violated;   /* killed by us because it broke the protocol */
    char violation[96];
    bool faulted; /* it told of a fault: signal, address, how */
    int fault_signal;
    int64_t fault_address;
    int fault_code;      /* si_code of sigaction(2) */
    char fault_access;   /* 'r', 'w'; 0: unknown */
    bool became_program; /* by execve; it may have ended since */
    char exe[128];       /* the program, as execve was told */
    struct symtab symtab;
    struct probe probe;
    struct signals signals;

    /* the line under way */
    struct plan *plan; /* NULL: none */
    int pc;            /* step of the plan */
    int64_t results[PLAN_MAX_STEPS];
    bool may_fail; /* "-" before the line */

    /* the step under way */
    int64_t step; /* its number */
    const struct ipclab_call *call;
    struct call_ref ref;
    const char *call_name; /* also "=", "print", "await" */
    uint32_t request;
    struct buf enter; /* what its board says of the call that began */
    bool replied;
    struct buf reply; /* facts of the answer */
    int64_t ret;
    int error;
    unsigned timed;    /* ends by itself: enum timed; 0: does not */
    bool awaiting;     /* an await whose condition did not hold */
    bool await_shared; /* ... that looked at memory which others could change */
    bool blocked_told; /* a block event was written */
    bool waits;        /* proven to wait, and not moved since */
    bool moved;        /* it ran and waits again in the same call */
    bool restless;     /* it gave no rest within the limit: not waited for until it does */
    bool never;        /* its explanation promised that nothing can end it */
    bool later;        /* ... that a timer of the kernel may (a retransmission) */
    char why[32];      /* the word of its block event */
    bool never_told;
    bool fresh;    /* has not been told of: spawned or forked just now */
    bool end_told; /* its death was told */
    bool exec_told;
    bool stop_told;
    struct buf waits_text;          /* the clause of its block event */
    int objects[ACTOR_MAX_OBJECTS]; /* indices into world.objects */
    int object_fds[ACTOR_MAX_OBJECTS];
    int nobjects;
    int waits_on; /* which of them it waits on; -1: none */
    uint64_t other_end,
        other_end2;    /* of a linked kind: keys of what its holders hold; 0: unknown */
    int objects_known; /* objects of the world when the step began */
    int child;         /* id of the actor that this step makes; -1 */

    /* what the kernel said of its descriptors */
    struct fd_entry *fds;
    int nfds, fds_cap;
    bool fds_stale;
    bool fds_known; /* asked for at least once */

    /* output not yet told: of descriptors 1 and 2 */
    struct buf output[2];
    int64_t dropped[2];
};

enum transport { TRANSPORT_UNKNOWN, TRANSPORT_TCP, TRANSPORT_OTHER };

struct object {
    char name[48]; /* "pipe#1" */
    const struct ipclab_kind *kind;
    uint64_t key, key2;
    struct buf state; /* facts FACT_STATE_* as last told */
    struct mailbox mailbox;
    struct holds holds;
    enum transport transport; /* of a linked kind (flight.c) */
};

/* What its first process answered to the last question about a host. */
struct network_answer {
    uint32_t request; /* of which it is awaited; 0: none is */
    int error;        /* 0: it is done */
    char step[64];    /* what did not work */
    struct network made;
};

/* What the step under way may have touched. */
struct touch {
    bool all;
    int objects[64];
    int n;
};

struct world {
    struct launcher *launcher;
    enum world_kind kind;
    char why_not_sealed[200]; /* what did not work, when the world is not sealed */
    char cwd[108];
    int ledger;
    int init_sock; /* -1: the world is over */
    pid_t init;
    int init_pidfd;
    bool over; /* its first process died */
    bool over_told;
    char limit[200]; /* of a judged world, run into and not told yet; "": none */
    int observer;    /* -1: not started */
    bool blind;      /* told that none could be made */
    int epoll;
    uint32_t request;
    struct actor **actors;
    int nactors, cap_actors;
    int *by_name; /* hash of names to ids; private to world.c */
    int by_name_cap;
    struct object *objects;
    int nobjects, cap_objects;
    struct touch touch;
    int deaths, deaths_told;       /* so far, and so far when it was last told */
    int exec_count;                /* actors that became programs and still live */
    bool foreign_seen;             /* some program may have left processes that are no actors */
    uint64_t programs_seen;        /* what the last look at them found */
    bool unexplained;              /* one that waited answered, though this step did not reach it */
    bool looking;                  /* somebody was sent a signal: signals.look is set somewhere */
    bool timers;                   /* some actor set one: things may come by themselves */
    struct network_table networks; /* the hosts */
    struct network_answer network_answer;
    bool lossy; /* a cable was pulled: what was lost is sent again when a timer of the kernel says
                   so */
    bool programs_restless;   /* they gave no rest within the limit: not waited for until they do */
    bool descriptors_sent;    /* some may travel, and be closed with the message that they are in */
    bool sockets_sent;        /* of these some were sockets, in which others may travel */
    char spawn_failed[160];   /* what init said of a spawn that did not work */
    void (*pause)(void *ctx); /* called before the shell sleeps; may be NULL */
    void *pause_ctx;
    bool (*interrupted)(void); /* Ctrl-C was pressed; may be NULL */
};

/* wanted: -1 auto (the best that this machine allows), else an enum world_kind (SEALED takes
 * SEALED_BARE too). 0 or -1 and *err; *w is then as after release. */
int world_make(struct world *w, struct launcher *l, int wanted, struct err *err);
/* Ends it: everything in it is killed; waits (bounded) until its first process is gone. */
void world_release(struct world *w);
const char *world_kind_name(const struct world *w); /* "sealed", "shared" */

/* A new actor of pid 1, on the host of this number, -1: on none. NULL and *err. */
struct actor *world_spawn(struct world *w, const char *name, int network, struct err *err);
/* world_network.c: makes one more host; its number, or -1 and *err. */
int world_network(struct world *w, const char *name, struct err *err);
/* Plugs or pulls the cable of a host. 0, or -1 and *err. */
int world_cable(struct world *w, int network, bool plugged, struct err *err);
/* What its first process says of a host that it was asked for: kept until the asker looks. */
void world_take_network(struct world *w, struct wire_in *in);
/* May a timer of the kernel end the call of this actor, though no step was seen to? */
bool actor_may_end_late(const struct world *w, const struct actor *a);
/* A plugin that the launcher has loaded just now: for actors made from now on. */
void world_load(struct world *w, const char *path);
/* world_limit.c: limits of a judged world. What its first process says of its memory. */
void world_take_limit(struct world *w, struct wire_in *in);
/* May it have one more actor? 0, or -1 and *err. */
int world_may_have_more(struct world *w, struct err *err);
/* An actor died, or was answered: perhaps of a limit. */
void world_note_death(struct world *w, const struct actor *a);
void world_note_answer(struct world *w, const struct actor *a);
/* Room for an actor that another will fork: its descriptors for the other end are in far. */
struct actor *world_expect_child(struct world *w, const char *name, int parent, int far[4],
                                 struct err *err);
/* An expected child that did not come to be. */
void world_forget(struct world *w, struct actor *a);
struct actor *world_actor(const struct world *w, const char *name); /* the living, else the last
                                                                       of this name, else NULL */
struct actor *world_actor_by_pid(const struct world *w, pid_t pid); /* in the world; living first */
void actor_close(struct world *w, struct actor *a); /* its descriptors; state becomes DEAD */
bool actor_alive(const struct actor *a);
void actor_free(struct world *w, struct actor *a);
/* Events of fd come with what and the actor's id. */
void world_watch(struct world *w, int fd, enum watch what, int id);

/* The object of this identity, named now if it is new; fresh: it came into being just now, so a
 * known one of the same identity is another that is gone. */
int world_object(struct world *w, const char *kind, uint64_t key, uint64_t key2, bool fresh);
/* world_fds.c: asks the kernel for the descriptors of actors whose list may have changed. */
void world_refresh_fds(struct world *w);
/* Before an actor's first step: what it has now it did not get by a call. */
void world_first_fds(struct actor *a);
const char *fd_birth_word(enum fd_birth birth); /* "call", "fork", "exec", "spawn" */

#endif
