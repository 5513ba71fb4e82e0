/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arguments as C writes them: "size_t size", from the prototype of a record. Calls that are
 * flattened here (poll, fcntl) have arguments that their prototype does not name; those are written
 * from their own records. */
#ifndef ASSIST_PROTOTYPE_H
#define ASSIST_PROTOTYPE_H
#include "base/buf.h"
#include "call/catalog.h"

/* "size_t size", "int pipefd[2]"; in brackets when it may be left out, dots behind what repeats. */
void prototype_argument(const struct ipclab_call *call, const struct ipclab_arg *arg,
                        struct buf *out);
/* The same without its type, as the shell form has it: "size", "[count]". */
void prototype_word(const struct ipclab_arg *arg, struct buf *out);
#endif
