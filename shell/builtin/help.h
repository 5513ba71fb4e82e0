/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help from the records of calls, builtins, plugins, settings and topics, also for the command
 * line. Each page is written once; page.h shapes it. */
#ifndef BUILTIN_HELP_H
#define BUILTIN_HELP_H
#include "builtin/page.h"
#include "call/catalog.h"
#include "session/builtin.h"

enum { HELP_WIDTH = 80 }; /* columns of paragraphs */

/* Everything of this name, as text for `width` columns. 0, or -1 and *err with the near miss. */
int help_topic(const struct catalog *c, const char *topic, int width, struct buf *out,
               struct err *err);
/* The catalogue as JSON, for tools, and as text. */
void help_catalog_json(const struct catalog *c, struct buf *out);
void help_plugins_text(const struct catalog *c, bool verbose, struct buf *out);

/* A name that help knows: what it is ("call", "builtin", "plugin", "constant", "object",
 * "setting", "topic") and its one line. */
struct help_entry {
    const char *name;
    const char *sort;
    const char *summary;
    const void *record; /* of its sort */
};
/* Calls fn for every name, a constant that several arguments have as often. */
void help_each(const struct catalog *c, void (*fn)(void *ctx, const struct help_entry *e),
               void *ctx);
/* "there is no help on 'x'; did you mean y?" Always -1. */
int help_unknown(const struct catalog *c, const char *what, const char *name, struct err *err);

/* first_minute.c: what `help` alone says. */
extern const char *const first_minute_examples[]; /* NULL ends */
void first_minute(const struct catalog *c, int width, struct buf *out);

/* help_call.c, help_record.c, help_blocking.c: pages without their titles. */
void help_call(const struct ipclab_call *call, struct page *p);
void help_constant(const struct catalog *c, const char *name, struct page *p);
void help_plugin(const struct catalog_plugin *plugin, struct page *p);
/* Where calls of a plugin wait: each reason with its forms, headed by "PREFIX: when". */
void help_blocking(const struct ipclab_blocking *blocking, const char *prefix, struct page *p);
void help_kind(const struct ipclab_kind *k, struct page *p);
void help_builtin(const struct builtin *b, struct page *p);
void help_setting(const struct setting *s, struct page *p);
void help_topic_page(const struct catalog *c, const struct topic *t, struct page *p);
void help_examples(const char *const *examples, struct page *p);

/* spelling.c: a call as it is typed, from its first example: "id = shmget(5678, 27, IPC_CREAT)",
 * and by words: "shmget 5678 27 IPC_CREAT". */
void spelling_in_c(const struct ipclab_call *call, struct buf *out);
void spelling_by_words(const struct ipclab_call *call, struct buf *out);
#endif
