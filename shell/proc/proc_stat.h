/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * /proc/PID/stat and the masks of /proc/PID/status: what is needed of them. */
#ifndef PROC_PROC_STAT_H
#define PROC_PROC_STAT_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_stat {
    char state; /* R, S, D, T, t, Z, X */
    pid_t parent, group;
    bool dying;               /* it has begun to end: what it held is being given up */
    unsigned long long start; /* with the pid, this tells a process from a later one */
    int exit_code;            /* a wait status; of zombies only */
};

/* The letter in a text of stat; 0 when it has none. A name of a process may hold anything, so what
 * counts begins behind the last parenthesis. */
char proc_stat_letter(const char *text);
bool proc_stat_read(pid_t pid, struct proc_stat *st);

struct proc_signals {
    uint64_t blocked, pending; /* bit sig - 1; pending for a thread or the process */
};
bool proc_signals_read(pid_t pid, struct proc_signals *signals);
#endif
