/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger of a shared world: a line for every object that outlives processes, written before
 * the object is made, so that whoever comes after a crash knows what to look for. One file a
 * session in the ledgers' folder, locked (flock) as long as any process of the session holds it;
 * the file itself is removed by whoever has swept it. Words are separated by blanks; bytes of a
 * name that could be mistaken are %XX. A line without its final dot was torn and says nothing: its
 * write did not succeed, so its object was not made.
 *
 *   session ID .              the value of IPCLAB_SESSION in the environment of its processes
 *   boot ID .                 the boot of the machine: only files outlive that
 *   SECONDS KIND KEY PID OLD .   shm, msg, sem: System V objects (realtime of the intent; who
 *                             is about to make it; the id that the key had before, -1: none)
 *   SECONDS KIND NAME .       path: a file; posix_shm, posix_sem, mq: names as their calls take
 *                             them; dir: the folder of the world with all in it */
#ifndef PROC_LEDGER_H
#define PROC_LEDGER_H
#include <stdint.h>

/* The folders that a ledger's dir lines may name: this, the user's number, "-", anything. */
#define LEDGER_WORLD_PREFIX "/tmp/ipclab-"

/* Writes an intent. 0 or -1 and errno: then the object must not be made. A name that is taken
 * already needs no line: what is there is not about to be made. */
int ledger_intend(int ledger, const char *kind, uint64_t key, const char *text);
/* Calls fn with each name below folder (/dev/shm) that the ledger has an intent for and that is
 * there: the file's, with its prefix. */
void ledger_each_name(int ledger, const char *folder, void (*fn)(void *ctx, const char *name),
                      void *ctx);
/* Removes all that the ledger names and that is ours: the owner is this user and it is not older
 * than the intent. When nothing is left the file of the ledger goes too. */
void ledger_sweep(int ledger);
/* Opens a new ledger in folder, locked. -1 and errno. */
int ledger_open(const char *folder, const char *session);
/* Sweeps what dead sessions left in folder: their processes (by the marker in their environment),
 * their objects, their ledgers. Returns how many sessions it cleaned up after. */
int ledger_sweep_dead(const char *folder);
/* How many dead sessions have something to be swept in folder. */
int ledger_count_dead(const char *folder);
#endif
