/* The call records of all loaded plugins as the shell knows them: pure data, never a handler.
 *
 * Only the launcher loads plugins. It writes their records into one flat blob (catalog_encode),
 * which the shell reads back into the same structures (catalog_decode) with every handler NULL
 * and every string, count and bound checked: the shell believes nothing. */
#ifndef CALL_CATALOG_H
#define CALL_CATALOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../plugins/plugin.h"
#include "base/buf.h"
#include "base/err.h"

enum { /* limits of what a plugin may bring; a record beyond them is refused when it is loaded */
       CATALOG_MAX_PLUGINS = 256,
       CATALOG_MAX_CALLS = 512, /* of one plugin */
       CATALOG_MAX_NAME = 31,   /* bytes of a call's or plugin's name */
       CATALOG_MAX_TEXT = 65536,
};

/* What handlers a kind has, which the shell has not. */
enum { KIND_HAS_FDS = 1 << 0, KIND_IS_LISTED = 1 << 1 };
enum { BENCH_HAS_MEMORY = 1 << 0 }; /* of ipclab_bench: give and take */

struct catalog_plugin {
    struct ipclab_plugin p; /* calls, kinds, constants as arrays that end with { 0 } */
    int ncalls, nkinds;
    const uint32_t *kind_traits; /* of kinds: KIND_HAS_FDS ... */
    int nbenches;
    const uint32_t *bench_traits; /* of benches: BENCH_HAS_MEMORY */
    const char *path;             /* the file it came from, absolute */
};

struct catalog {
    struct catalog_plugin *plugins; /* index is the plugin's number on the wire */
    int nplugins;
    char **refused; /* one line each: "FILE: reason" */
    int nrefused;
    struct catalog_index *index; /* call and constant names; private */
    struct block *memory;        /* owns all of the above but the index; private */
    void *mapped;                /* as does this, where the texts are; may be NULL; private */
    size_t nmapped;
};

/* Where a call stands: plugin number and index of the record, as the wire carries them. */
struct call_ref {
    int plugin, call;
};

/* One loaded plugin as the launcher has it. */
struct catalog_source {
    const struct ipclab_plugin *plugin;
    const char *path;
};

/* Writes the blob, whole or part by part. refused are lines of plugins that were not taken. */
void catalog_encode_head(struct buf *blob, int n);
void catalog_encode_plugin(struct buf *blob, const struct catalog_source *source);
void catalog_encode_end(struct buf *blob, char *const *refused, int nrefused);
void catalog_encode(struct buf *blob, const struct catalog_source *sources, int n,
                    char *const *refused, int nrefused);
/* Is this record fit to be loaded? Names, bounds, limits. 0, or -1 with the reason. */
int catalog_check(const struct ipclab_plugin *plugin, struct err *err);
/* Reads a blob in a mapping that is private to this process and from now on *c's, which unmaps it
 * at its end. 0, or -1 with the reason; then *c is empty and the blob unmapped. */
int catalog_adopt(struct catalog *c, void *mapped, size_t n, struct err *err);
/* Reads a copy of a blob. 0, or -1 with the reason; then *c is empty. */
int catalog_decode(struct catalog *c, const void *blob, size_t n, struct err *err);
void catalog_init(struct catalog *c);
void catalog_release(struct catalog *c);

/* The record of a call by its name, or NULL. ref may be NULL. */
const struct ipclab_call *catalog_call(const struct catalog *c, const char *name,
                                       struct call_ref *ref);
const struct ipclab_kind *catalog_kind(const struct catalog *c, const char *name);
unsigned catalog_kind_traits(const struct catalog *c, const struct ipclab_kind *kind);
/* A constant that any record names (IPC_CREAT, O_NONBLOCK, SIGUSR1, NULL is not one). */
bool catalog_constant(const struct catalog *c, const char *name, int64_t *value);
/* Calls fn for every name, for near misses and completion. */
void catalog_each_call(const struct catalog *c,
                       void (*fn)(void *ctx, const struct ipclab_call *call), void *ctx);
void catalog_each_constant(const struct catalog *c,
                           void (*fn)(void *ctx, const struct ipclab_constant *k), void *ctx);
int catalog_nargs(const struct ipclab_call *call);
/* The record of argument i of a call, repeated ones included; NULL: it has none. */
const struct ipclab_arg *catalog_arg(const struct ipclab_call *call, int i);
/* A flags value in the words of its argument: "IPC_CREAT|0666", "O_RDONLY|O_NONBLOCK", "0". */
void catalog_flags_text(struct buf *out, const struct ipclab_arg *arg, int64_t value);
#endif
