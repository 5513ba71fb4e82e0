/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of views share: a few calls and two kinds of object, as a plugin would have
 * them. */
#ifndef VIEW_FIXTURE_H
#define VIEW_FIXTURE_H
#include "call/catalog.h"
#include "trace_check.h"

static const struct ipclab_arg read_args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "descriptor"},
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "room", .size_arg = 2},
    {.name = "count", .type = IPCLAB_SIZE, .summary = "bytes"},
    {0},
};
static const struct ipclab_arg write_args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "descriptor"},
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "bytes", .size_arg = 2},
    {.name = "count", .type = IPCLAB_SIZE, .summary = "bytes"},
    {0},
};
static const struct ipclab_constant shmget_flags[] = {
    {"IPC_CREAT", 01000, "make it"},
    {0},
};
static const struct ipclab_arg shmget_args[] = {
    {.name = "key", .type = IPCLAB_INT, .summary = "key"},
    {.name = "size", .type = IPCLAB_SIZE, .summary = "bytes"},
    {.name = "shmflg",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_HAS_MODE,
     .summary = "flags",
     .constants = shmget_flags},
    {0},
};
static const struct ipclab_error shmget_errors[] = {
    {"ENOENT", "no segment has key $key"},
    {0},
};
static const struct ipclab_arg shmat_args[] = {
    {.name = "shmid", .type = IPCLAB_OBJECT, .summary = "id"},
    {.name = "shmaddr", .type = IPCLAB_POINTER, .summary = "where"},
    {0},
};
static const struct ipclab_arg printf_args[] = {
    {.name = "format", .type = IPCLAB_STRING, .summary = "format"},
    {.name = "value", .type = IPCLAB_ANY, .flags = IPCLAB_REST, .summary = "values"},
    {0},
};
static const struct ipclab_arg close_args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "descriptor"},
    {0},
};
static const struct ipclab_arg exit_args[] = {
    {.name = "status", .type = IPCLAB_INT, .summary = "status"},
    {0},
};
static const struct ipclab_arg fork_args[] = {
    {.name = "child", .type = IPCLAB_NEWNAME, .summary = "name"},
    {0},
};
static const struct ipclab_arg none[] = {{0}};
static const char *const examples[] = {"spawn a", NULL};
static const char *const man[] = {"pipe(7)", NULL};

#define CALL(n, r, a)                                                                              \
    .name = n, .prototype = n "()", .summary = n, .help = n, .man = n "(2)", .result = r,          \
    .args = a, .failure = -1, .examples = examples

static const struct ipclab_call calls[] = {
    {CALL("read", IPCLAB_INT, read_args)},
    {CALL("write", IPCLAB_INT, write_args)},
    {CALL("close", IPCLAB_INT, close_args)},
    {CALL("exit", IPCLAB_VOID, exit_args), .flags = IPCLAB_ENDS},
    {CALL("fork", IPCLAB_PROCESS, fork_args)},
    {CALL("shmget", IPCLAB_OBJECT, shmget_args), .errors = shmget_errors},
    {CALL("shmat", IPCLAB_POINTER, shmat_args)},
    {CALL("printf", IPCLAB_INT, printf_args)},
    {CALL("getpid", IPCLAB_PROCESS, none)},
    {CALL("perror", IPCLAB_VOID, none)},
    {0},
};
static const struct ipclab_kind kinds[] = {
    {.name = "pipe", .summary = "a pipe", .level = "bytes", .line = "$bytes B  W: $w  R: $r"},
    {.name = "shm", .summary = "a segment", .line = "key $key, $size bytes, nattch $nattch"},
    {0},
};
static const struct ipclab_plugin plugin = {
    IPCLAB_PLUGIN_HEAD,      .name = "test", .version = "1", .summary = "for this test",
    .help = "for this test", .man = man,     .calls = calls, .kinds = kinds,
};

static struct catalog catalog;

static inline void
fixture_catalog(void)
{
    struct catalog_source source = {.plugin = &plugin, .path = "/test.so"};
    struct buf blob = {0};
    struct err err;

    catalog_init(&catalog);
    catalog_encode(&blob, &source, 1, NULL, 0);
    CHECK(catalog_decode(&catalog, blob.data, blob.len, &err) == 0);
    buf_release(&blob);
}
#endif
