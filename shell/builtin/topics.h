/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Subjects of help that are no call, builtin, plugin, constant or setting. */
#ifndef BUILTIN_TOPICS_H
#define BUILTIN_TOPICS_H
#include "session/builtin.h"

extern const struct topic topics[]; /* a name of NULL ends */
const struct topic *topic_find(const char *name);

/* topic_lists.c, help_blocking.c: tables made from other records. */
void topics_builtins(const struct catalog *c, struct page *p);
void topics_calls(const struct catalog *c, struct page *p);
void topics_settings(const struct catalog *c, struct page *p);
void topics_statuses(const struct catalog *c, struct page *p);
void topics_views(const struct catalog *c, struct page *p);
void topics_trace(const struct catalog *c, struct page *p);
void topics_blocking(const struct catalog *c, struct page *p);
void topics_measuring(const struct catalog *c, struct page *p);
void topics_all(const struct catalog *c, struct page *p);
#endif
