/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help from the records of calls and builtins, also for the command line. */
#ifndef BUILTIN_HELP_H
#define BUILTIN_HELP_H
#include "call/catalog.h"

enum { HELP_WIDTH = 80 }; /* columns of paragraphs */

int help_topic(const struct catalog *c, const char *topic, struct buf *out, struct err *err);
/* The catalogue as JSON, for tools, and as text. */
void help_catalog_json(const struct catalog *c, struct buf *out);
void help_plugins_text(const struct catalog *c, bool verbose, struct buf *out);
#endif
