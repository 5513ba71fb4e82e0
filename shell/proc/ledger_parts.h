/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the ledger share: the lines (ledger.c), the kinds of object (ledger_kind.c),
 * the processes of a session (ledger_kill.c), dead sessions (ledger_dead.c). */
#ifndef PROC_LEDGER_PARTS_H
#define PROC_LEDGER_PARTS_H
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { LEDGER_ID_MAX = 63, LEDGER_LINE_MAX = 3 * PATH_MAX + 128 };

struct intent {
    int64_t seconds; /* realtime, when it was written */
    int key;         /* kinds with a key */
    pid_t pid;
    int old;          /* id of the object that had the key already; -1: none */
    const char *name; /* other kinds */
};

struct ledger_kind {
    const char *name;
    bool outlives_boot;
    int (*id_of_key)(int key);       /* -1: none; NULL: the kind has names */
    bool (*taken)(const char *name); /* is something there under this name? */
    bool (*remove)(const struct ledger_kind *kind, const struct intent *intent); /* none of ours is
                                                                                    left */
    const char *table; /* System V: file of /proc with all of them */
    int (*remove_id)(int id);
    const char *folder, *prefix; /* names: where the kernel shows them, and how */
};

const struct ledger_kind *ledger_kind(const char *name);

struct ledger_head {
    char session[LEDGER_ID_MAX + 1]; /* "" when not known */
    bool this_boot;
};
void ledger_read_head(int ledger, struct ledger_head *head);
/* As ledger_sweep; false when something of ours could not be removed. */
bool ledger_sweep_all(int ledger);

/* Ends all processes with the marker of this session, but none for which spare says true; NULL
 * spares none. This process is spared in any case. False when some could not be ended. */
bool ledger_kill_session(const char *session, bool (*spare)(pid_t pid, void *ctx), void *ctx);
#endif
