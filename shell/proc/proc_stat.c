/* SPDX-License-Identifier: GPL-3.0-or-later
 * See proc_stat.h. */
#include "proc/proc_stat.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char
proc_stat_letter(const char *text)
{
    const char *p = strrchr(text, ')');

    return p != NULL && p[1] == ' ' ? p[2] : 0;
}

bool
proc_stat_read(pid_t pid, struct proc_stat *st)
{
    enum { PARENT = 4, GROUP = 5, FLAGS = 9, START = 22, EXIT_CODE = 52 }; /* of proc(5) */
    enum { EXITING = 4 }; /* PF_EXITING of include/linux/sched.h */
    char path[64], text[1024], *p;
    int fd;
    ssize_t n;

    *st = (struct proc_stat){0};
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    st->state = proc_stat_letter(text);
    if (st->state == 0)
        return false;
    p = strrchr(text, ')') + 2;
    for (int field = 4; (p = strchr(p, ' ')) != NULL; field++) {
        p++;
        if (field == PARENT)
            st->parent = (pid_t)strtol(p, NULL, 10);
        else if (field == GROUP)
            st->group = (pid_t)strtol(p, NULL, 10);
        else if (field == FLAGS)
            st->dying = (strtoul(p, NULL, 10) & EXITING) != 0;
        else if (field == START)
            st->start = strtoull(p, NULL, 10);
        else if (field == EXIT_CODE)
            st->exit_code = (int)strtol(p, NULL, 10);
    }
    return true;
}

bool
proc_signals_read(pid_t pid, struct proc_signals *signals)
{
    char path[64], line[256];
    uint64_t mask;
    bool any = false;
    FILE *f;

    *signals = (struct proc_signals){0};
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    f = fopen(path, "re");
    if (f == NULL)
        return false;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "SigPnd: %" SCNx64, &mask) == 1 ||
            sscanf(line, "ShdPnd: %" SCNx64, &mask) == 1) {
            signals->pending |= mask;
        } else if (sscanf(line, "SigBlk: %" SCNx64, &mask) == 1) {
            signals->blocked = mask;
            any = true;
        }
    }
    fclose(f);
    return any;
}
