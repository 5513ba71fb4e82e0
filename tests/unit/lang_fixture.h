/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small catalogue and session for the tests of the language: records as a plugin has them, made
 * into a catalogue by the way that the shell takes, two actors, one of them with a variable. */
#ifndef LANG_FIXTURE_H
#define LANG_FIXTURE_H
#include <stdio.h>
#include <string.h>

#include "lang/parse.h"
#include "lang/plan.h"

static int64_t
fixture_run(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame, (void)args;
    return 0;
}

#define ARG(n, t, ...)                                                                             \
    {                                                                                              \
        .name = n, .type = IPCLAB_##t, .summary = "an argument", __VA_ARGS__                       \
    }
#define ARGS(...)                                                                                  \
    (const struct ipclab_arg[])                                                                    \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            .name = NULL, .type = IPCLAB_END                                                       \
        }                                                                                          \
    }
#define CALL(n, proto, res, ...)                                                                   \
    {                                                                                              \
        .name = n, .prototype = proto, .summary = "a call", .help = "What it does.",               \
        .man = "x(2)", .result = IPCLAB_##res, .failure = -1, .run = fixture_run,                  \
        .examples = fixture_examples, __VA_ARGS__                                                  \
    }

static const struct ipclab_constant fixture_ipc[] = {
    {"IPC_CREAT", 01000, "make it"}, {"IPC_EXCL", 02000, "only if new"}, {0}};
static const struct ipclab_constant fixture_signals[] = {
    {"SIGUSR1", 10, "for users"}, {"SIGKILL", 9, "ends"}, {0}};
static const struct ipclab_arg fixture_none[] = {{.name = NULL, .type = IPCLAB_END}};
static const char *const fixture_examples[] = {"spawn a", NULL};
static const char *const fixture_man[] = {"x(7)", NULL};

static const struct ipclab_call fixture_calls[] = {
    CALL("shmget", "int shmget(key_t key, size_t size, int shmflg)", OBJECT,
         .args = ARGS(ARG("key", INT), ARG("size", SIZE),
                      ARG("shmflg", FLAGS, .flags = IPCLAB_HAS_MODE | IPCLAB_OPTIONAL, .def = 0666,
                          .constants = fixture_ipc))),
    CALL("shmat", "void *shmat(int shmid, const void *shmaddr, int shmflg)", POINTER,
         .args = ARGS(ARG("shmid", OBJECT),
                      ARG("shmaddr", POINTER, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE),
                      ARG("shmflg", FLAGS, .flags = IPCLAB_OPTIONAL))),
    CALL("strcpy", "char *strcpy(char *dest, const char *src)", POINTER,
         .args = ARGS(ARG("dest", POINTER), ARG("src", STRING))),
    CALL("pipe", "int pipe(int pipefd[2])", INT, .args = ARGS(ARG("pipefd", INTS, .count = 2))),
    CALL("fork", "pid_t fork(void)", PROCESS,
         .args = ARGS(ARG("name", NEWNAME, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE))),
    CALL("wait", "pid_t wait(int *wstatus)", PROCESS,
         .args =
             ARGS(ARG("wstatus", INTS, .count = 1, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE))),
    CALL("waitpid", "pid_t waitpid(pid_t pid, int *wstatus, int options)", PROCESS,
         .args = ARGS(ARG("pid", PROCESS),
                      ARG("wstatus", INTS, .count = 1, .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE),
                      ARG("options", FLAGS, .flags = IPCLAB_OPTIONAL))),
    CALL("kill", "int kill(pid_t pid, int sig)", INT,
         .args = ARGS(ARG("pid", PROCESS),
                      ARG("sig", SIGNAL, .min = 0, .max = 64, .constants = fixture_signals))),
    CALL("close", "int close(int fd)", INT, .args = ARGS(ARG("fd", FD))),
    CALL("read", "ssize_t read(int fd, void *buf, size_t count)", SIZE,
         .args = ARGS(ARG("fd", FD), ARG("buf", BUFFER, .size_arg = 2),
                      ARG("count", SIZE, .flags = IPCLAB_OPTIONAL, .def = 4096))),
    CALL("write", "ssize_t write(int fd, const void *buf, size_t count)", SIZE,
         .args = ARGS(ARG("fd", FD), ARG("buf", BYTES, .size_arg = 2),
                      ARG("count", SIZE, .flags = IPCLAB_COUNTED | IPCLAB_OPTIONAL))),
    CALL("open", "int open(const char *path, int flags, mode_t mode)", FD,
         .args = ARGS(ARG("path", PATH), ARG("flags", FLAGS, .flags = IPCLAB_OPTIONAL),
                      ARG("mode", MODE, .flags = IPCLAB_OPTIONAL, .def = 0644))),
    CALL("fdopen", "FILE *fdopen(int fd, const char *mode)", STREAM,
         .args = ARGS(ARG("fd", FD), ARG("mode", STRING))),
    CALL("fprintf", "int fprintf(FILE *stream, const char *format, ...)", INT,
         .args = ARGS(ARG("stream", STREAM), ARG("format", STRING),
                      ARG("values", ANY, .flags = IPCLAB_REST))),
    CALL("fscanf", "int fscanf(FILE *stream, const char *format, ...)", INT,
         .args = ARGS(ARG("stream", STREAM), ARG("format", STRING),
                      ARG("targets", BUFFER, .size_arg = -1, .flags = IPCLAB_REST))),
    CALL("execve", "int execve(const char *path, char *const argv[], ...)", INT,
         .args = ARGS(ARG("path", PATH), ARG("argv", STRING, .flags = IPCLAB_REST))),
    CALL("getpid", "pid_t getpid(void)", PROCESS, .args = fixture_none),
    CALL("exit", "void exit(int status)", VOID,
         .args = ARGS(ARG("status", INT, .flags = IPCLAB_OPTIONAL))),
    {0},
};

static const struct ipclab_plugin fixture_plugin = {
    IPCLAB_PLUGIN_HEAD,           .name = "fixture",          .version = "1.0",
    .summary = "calls for tests", .help = "Calls for tests.", .man = fixture_man,
    .calls = fixture_calls};

static struct catalog fixture_catalog;
static const char *fixture_actors[] = {"parent", "child", "server", "client", NULL};
static const char *fixture_owner; /* has the variable `shmid`, when set */

static bool
fixture_is_actor(void *ctx, const char *name)
{
    (void)ctx;
    for (int i = 0; fixture_actors[i] != NULL; i++)
        if (strcmp(fixture_actors[i], name) == 0)
            return true;
    return false;
}

static void
fixture_each_actor(void *ctx, void (*fn)(void *fnctx, const char *name), void *fnctx)
{
    (void)ctx;
    for (int i = 0; fixture_actors[i] != NULL; i++)
        fn(fnctx, fixture_actors[i]);
}

static const char *
fixture_actor_of_pid(void *ctx, int64_t pid)
{
    (void)ctx;
    return pid == 41 ? "server" : NULL;
}

static bool
fixture_pid_of(void *ctx, const char *name, int64_t *pid)
{
    *pid = 41;
    return fixture_is_actor(ctx, name);
}

static const char *
fixture_owner_of(void *ctx, const char *variable)
{
    (void)ctx;
    return strcmp(variable, "shmid") == 0 ? fixture_owner : NULL;
}

static const char *const fixture_builtins[] = {"spawn", "ps",  "show", "wait", "use", "undo",
                                               "help",  "lua", "!",    "quit", "log", NULL};

static inline struct parse_env
fixture_parse_env(const char *subject, bool interactive)
{
    return (struct parse_env){.catalog = &fixture_catalog,
                              .is_actor = fixture_is_actor,
                              .each_actor = fixture_each_actor,
                              .actor_of_pid = fixture_actor_of_pid,
                              .builtins = fixture_builtins,
                              .subject = subject,
                              .interactive = interactive};
}

static inline struct plan_env
fixture_plan_env(struct symtab *symtab, const char *actor)
{
    return (struct plan_env){.catalog = &fixture_catalog,
                             .symtab = symtab,
                             .actor = actor,
                             .pid_of = fixture_pid_of,
                             .owner_of = fixture_owner_of,
                             .each_actor = fixture_each_actor};
}

static int
fixture_start(void)
{
    struct catalog_source source = {&fixture_plugin, "/fixture.so"};
    struct buf blob = {0};
    struct err err;

    catalog_encode(&blob, &source, 1, NULL, 0);
    if (catalog_decode(&fixture_catalog, blob.data, blob.len, &err) < 0) {
        fprintf(stderr, "catalogue: %s\n", err.text);
        return -1;
    }
    buf_release(&blob);
    return 0;
}
#endif
