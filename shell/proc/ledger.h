/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger of a shared world: a line for every object that outlives processes, written before
 * the object is made, so that whoever comes after a crash knows what to look for. One file a
 * session in the ledgers' folder, locked (flock) as long as the session lives; the file itself is
 * removed by whoever has swept it. Lines:
 *
 *   session ID                the value of IPCLAB_SESSION in the environment of its processes
 *   SECONDS shm KEY           System V segment (realtime of the intent)
 *   SECONDS dir PATH          folder of the world with all in it
 */
#ifndef PROC_LEDGER_H
#define PROC_LEDGER_H
#include <stdint.h>

/* Writes an intent. 0 or -1 and errno: then the object must not be made. */
int ledger_intend(int ledger, const char *kind, uint64_t key, const char *text);
/* Removes all that the ledger names and that is ours: the owner is this user and it is not older
 * than the intent. */
void ledger_sweep(int ledger);
/* Opens a new ledger in folder, locked. -1 and errno. */
int ledger_open(const char *folder, const char *session);
/* Sweeps what dead sessions left in folder: their processes (by the marker in their environment),
 * their objects, their ledgers. Returns how many sessions it cleaned up after. */
int ledger_sweep_dead(const char *folder);
#endif
