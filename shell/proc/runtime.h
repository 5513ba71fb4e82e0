/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the processes of the launcher's binary share: the launcher forks worlds' inits and
 * observers, an init forks actors, all from one exec'd, single-threaded image with the plugins
 * loaded. Nothing here is known to the shell's binary but the enums. */
#ifndef PROC_RUNTIME_H
#define PROC_RUNTIME_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum world_kind {
    WORLD_SEALED,      /* namespaces of its own, /proc of its own */
    WORLD_SEALED_BARE, /* the same where /proc cannot be mounted (masked in some containers) */
    WORLD_SHARED,      /* no namespaces: ledger and sweeper */
};

struct loader;

struct runtime {
    struct loader *plugins;
    struct rlimit files; /* RLIMIT_NOFILE as the user had it: what actors get */
    uid_t uid;           /* the user, as seen from outside: who the world is mapped to */
    gid_t gid;
    enum world_kind kind; /* of the world that this process is in */
    int ledger;           /* shared worlds: where intents are written; else -1 */
    bool judged;          /* its worlds are for lines of strangers (judged.h) */
    char **programs;      /* judged: what execve may run, NULL ends; NULL: anything */
    char cwd[108];        /* the world's folder */
};

/* The first process of a world; never returns. Sets the world up, then serves control until its
 * end of file, which ends the world. */
void init_run(struct runtime *rt, int control) __attribute__((noreturn));
/* One actor; never returns. board is the descriptor of its board. */
void actor_run(struct runtime *rt, int control, int board) __attribute__((noreturn));
/* An observer of the world whose init is init_pid (in the launcher's view); never returns. */
void observer_run(struct runtime *rt, int control, pid_t init_pid) __attribute__((noreturn));

/* One measurement in a process of its own, for who asked over reply; never returns. request is the
 * body of a FRAME_BENCH. */
struct wire_in;
void bench_case_run(struct runtime *rt, int reply, struct wire_in *request)
    __attribute__((noreturn));

/* actor_host.c: what a plugin tells before it makes an object; see ipclab_host.intend. */
int runtime_intend(const struct runtime *rt, const char *kind, uint64_t key, const char *text);

/* world_make.c: everything that seals the world, called by its pid 1 after clone. 0, or -1 with
 * errno and *step, the name of what did not work. */
int world_seal(struct runtime *rt, const char **step);
int world_clone_flags(enum world_kind kind);
/* In a new user namespace: the only user and group there are, and who they are outside. */
int world_map_ids(uid_t inside, uid_t uid, gid_t inside_group, gid_t gid);
/* Gives up what init may and actors may not: capabilities, for good. 0 or -1 and errno. */
int world_drop_rights(void);
#endif
