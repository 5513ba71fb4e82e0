/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts made from the records: `ipclab generate`. A file each. */
#ifndef FRONT_GENERATE_H
#define FRONT_GENERATE_H
#include "front/commands.h"

/* man_pages.c: the mdoc source of a page by its file name ("ipclab.1", "ipclab-pipe.7"), or of
 * ipclab-plugin(7) from the header at this path. 0, or -1 and *err. */
int generate_man(const struct catalog *c, const char *page, struct buf *out, struct err *err);
/* man_header.c: the comments of plugin.h as a page. */
int generate_man_header(const char *path, struct buf *out, struct err *err);
/* The first lines of a page: date, title, name. */
void generate_man_head(struct buf *out, const char *name, const char *section, const char *summary);
/* SEE ALSO, from names of pages such as "pipe(2)"; NULL ends. Put in order, each once. */
void generate_man_see(struct buf *out, const char *const *pages, int n);

/* completion_bash.c */
void generate_completion(struct buf *out);
/* records_json.c: builtins, settings, topics, options, commands, statuses, events, plugins. */
void generate_json(const struct catalog *c, struct buf *out);
#endif
