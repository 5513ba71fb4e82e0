/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders of our own in places where others may write: made for this user alone, opened without
 * following links, and checked after they were opened, so that what was checked is what is used. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H
#include <stdbool.h>

#include "base/err.h"

struct buf;

/* Appends the absolute folder that an XDG variable names ("XDG_STATE_HOME"), or else below_home
 * ("/.local/state") under $HOME. False when neither is an absolute path. */
bool folder_xdg(struct buf *path, const char *variable, const char *below_home);
/* Makes every missing folder of an absolute path, for us alone. 0, or -1 and *err. */
int folder_make(const char *path, struct err *err);
/* Opens the folder name in dir, made with mode 0700 if need be; dir is closed. The descriptor, or
 * -1 and *err: a link, another's, or one that others can write to is "unsafe permissions". shown
 * is what dir is called in messages, already escaped. */
int folder_enter(int dir, const char *name, const char *shown, struct err *err);
/* The same for what must be there already: NULL, or why it is not ours alone. */
const char *folder_unsafe(int fd);
/* Opens the folder that holds the last part of an absolute path, no link anywhere on the way;
 * *name is that part. -1 and errno. */
int folder_parent(const char *path, const char **name);
/* Removes the folder name in dir with all in it: never through a link, never onto another file
 * system. True when it is gone. */
bool folder_remove(int dir, const char *name);
#endif
