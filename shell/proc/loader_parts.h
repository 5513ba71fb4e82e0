/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of loading a plugin before the dlopen of loader.c. Each returns 0, or -1 with the
 * reason in words that follow "FILE: ". Private to the loader. */
#ifndef PROC_LOADER_PARTS_H
#define PROC_LOADER_PARTS_H
#include <stdbool.h>
#include <sys/stat.h>

#include "../plugins/plugin.h"
#include "base/err.h"

/* May files of this folder be loaded by this user? path is absolute and without links. */
int loader_check_folder(const char *path, struct err *err);
/* Opens a plugin's file for reading: a regular file, and, unless trusted, one that nobody else can
 * change. A descriptor, or -1. */
int loader_open(const char *path, bool trusted, struct err *err);
/* Is it a whole shared object for this machine with an ipclab_plugin of this ABI? Runs nothing. */
int loader_check_elf(int fd, struct err *err);
/* magic, versions and sizes at the start of the exported object; shared by both ways to read it. */
int loader_check_head(const struct ipclab_plugin *head, struct err *err);
/* Runs load(path) in a child that is thrown away, within LOADER_LIMIT_MS. */
int loader_probe(const char *path, int (*load)(const char *path, struct err *err), struct err *err);
#endif
