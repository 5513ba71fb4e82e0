/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of a host, in the words of every view. */
#ifndef VIEW_HOST_WORDS_H
#define VIEW_HOST_WORDS_H
#include "trace/event.h"

/* "host1: a new host, 10.0.0.1, fd00::1"; texts of the event as they are, to be escaped. */
void host_words(const struct event *e, struct buf *out);
#endif
