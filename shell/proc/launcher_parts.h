/* SPDX-License-Identifier: GPL-3.0-or-later */
/* launcher_judged.c, for launcher.c. */
#ifndef PROC_LAUNCHER_PARTS_H
#define PROC_LAUNCHER_PARTS_H
#include "proc/launcher.h"

/* What the launcher is started with; mark holds the session's. */
char **launcher_environment(const struct launcher *l, char *mark, size_t room);
#endif
