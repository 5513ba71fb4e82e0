/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading plugins: the one place with dlopen, linked into the launcher alone, which runs neither
 * Lua nor the line editor. A plugin stays loaded until the process ends: its records point into
 * it, and its destructors are nobody's business.
 *
 * A file is believed step by step: its folder and owner, then that it is a whole shared object for
 * this machine, then the ABI it was built for (read from the file, no code of it runs), then what
 * its constructors do and what its records say. The last step is taken first by a child that is
 * thrown away, unless the file comes from the folder that was installed with ipclab. */
#ifndef PROC_LOADER_H
#define PROC_LOADER_H
#include <stdbool.h>

#include "call/catalog.h"

enum { LOADER_LIMIT_MS = 2000 /* for loading a plugin in the child that is thrown away */ };

struct loader {
    struct catalog_source *sources; /* index is the plugin's number on the wire */
    char **paths;                   /* of the sources; absolute */
    int n;
    char **refused; /* one line each: "FILE: reason" */
    int nrefused;
};

void loader_init(struct loader *l);
/* Frees the lists. What is loaded stays loaded. */
void loader_release(struct loader *l);
/* Loads each NAME.so of a folder in the order of their names. dir must be absolute; what was given
 * on the command line is made so by the caller with realpath(3). trusted: the folder that came
 * with ipclab. What was not taken is in refused. */
void loader_add_dir(struct loader *l, const char *dir, bool trusted);
/* Loads one file; a relative path is made absolute here. 0, or -1 and one more line in refused. */
int loader_add_file(struct loader *l, const char *path, bool trusted);
/* Loads the open file of a plugin that the launcher has loaded and found fit, in a process where
 * its path may lead nowhere. 0 or -1. */
int loader_add_checked(struct loader *l, int fd, const char *path);
#endif
