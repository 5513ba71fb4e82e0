/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hosts by the names that were given to them. */
#ifndef BUILTIN_HOSTS_H
#define BUILTIN_HOSTS_H
#include "session/session.h"

/* The number of this host, or -1 and *err with the near miss. */
int hosts_find(struct session *s, const char *name, struct err *err);
#endif
