/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where things are: beside the program in the build tree, else where `make install` put them. */
#ifndef FRONT_PLACE_H
#define FRONT_PLACE_H
#include "proc/launcher.h"

struct places {
    char program[512];  /* ipclab-launcher */
    char unpacker[512]; /* ipclab-unpack, which may not be there */
    char plugins[512];  /* the folder that came with the shell */
    char labs[512];
    char man[512];         /* man pages of ours */
    char templates[512];   /* of new labs */
    char definitions[512]; /* for editors: the folder of ipclab.lua */
    char *dirs[32];        /* further plugin folders, absolute; NULL ends */
};
/* plugin_path: --plugin-path, may be NULL. Elements that cannot be are said on stderr. */
void places_find(struct places *p, const char *plugin_path);
/* What is needed to start a launcher from there; good as long as the places are. */
struct launcher_options places_launcher(const struct places *p);
#endif
