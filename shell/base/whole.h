/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of the person's own that is written as a whole or not at all. */
#ifndef BASE_WHOLE_H
#define BASE_WHOLE_H
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* All of data to a descriptor. 0, or -1 and errno. */
int whole_put(int fd, const struct buf *data);
/* Writes data beside path and puts it in its place once it is there; what is there already is left
 * alone unless `anew`, and a link is replaced, not followed. 0, or -1 and *err. */
int whole_write(const char *path, const struct buf *data, bool anew, struct err *err);
#endif
