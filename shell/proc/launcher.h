/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shell's end of the launcher: starts it, asks it for worlds and observers, gets the call
 * records of the plugins that it loaded. When the launcher dies a new one is started when next
 * one is needed; living worlds do not depend on it. */
#ifndef PROC_LAUNCHER_H
#define PROC_LAUNCHER_H
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "call/catalog.h"
#include "proc/judged.h"
#include "proc/runtime.h"

struct launcher_options {
    const char *trusted;         /* folder of the plugins that came with the shell */
    const char *const *dirs;     /* further folders, NULL ends */
    const char *program;         /* path of ipclab-launcher */
    const struct judged *judged; /* NULL: worlds for the lines of whoever sits here */
};

struct launcher {
    struct launcher_options options;
    char **files; /* plugins loaded by `load`, to be loaded again by a new launcher */
    int nfiles;
    char **programs; /* of judged worlds: what execve may run there; NULL: anything */
    int nprograms;
    char reached[200]; /* the first limit of a judged world that was run into; "": none */
    int sock;          /* -1: not running */
    pid_t pid;
    uint32_t request;
    struct catalog catalog;
    struct catalog *retired; /* older ones: records that calls under way still point to */
    int nretired;
    struct rlimit limit; /* RLIMIT_NOFILE as the user had it */
    char exe[512];       /* what /proc/PID/exe says of every process that is still ours */
    char judged[32];     /* UID,GID of who it becomes for judged worlds */
    char session[64];    /* marker in the environment of all that it starts */
};

/* Starts it and reads the catalogue. 0, or -1 and *err (STATUS_MACHINE). */
int launcher_start(struct launcher *l, const struct launcher_options *options, struct err *err);
/* Ends it and waits for it. */
void launcher_release(struct launcher *l);
/* A fresh world: *sock is the control socket of its first process, *pid that process in our view.
 * What does not work inside the world comes later over *sock. */
int launcher_world(struct launcher *l, enum world_kind kind, const char *cwd, int ledger, int *sock,
                   pid_t *pid, struct err *err);
int launcher_observer(struct launcher *l, enum world_kind kind, pid_t init, int *sock,
                      struct err *err);
/* Before the first judged world: what execve may run there, absolute paths. Not called: anything.
 */
void launcher_allow(struct launcher *l, char *const *programs, int n);
/* Lines of a judged world ran into a limit; the first is kept. */
void launcher_reached(struct launcher *l, const char *what);
/* Loads one more plugin; the catalogue is read anew. Acts on actors made afterwards. */
int launcher_load(struct launcher *l, const char *path, struct err *err);
#endif
