/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builtins: what is typed to the shell and not to an actor. One const record each, from which
 * dispatch, `help` and completion come. */
#ifndef SESSION_BUILTIN_H
#define SESSION_BUILTIN_H
#include "session/session.h"

struct builtin {
    const char *name;
    const char *usage;   /* after the name */
    const char *summary; /* one line, lower case, no full stop */
    const char *help;    /* a paragraph; NULL: the summary says it */
    bool recorded;       /* an input line of the trace: replay runs it again */
    int (*run)(struct session *s, const char *rest, struct err *err); /* columns are of rest */
};

extern const struct builtin builtins[]; /* ends with { 0 }; the order is that of help */
extern const char *const builtin_names[];
const struct builtin *builtin_find(const char *name);

/* Splits rest at blanks into at most max words; the words point into room. -1: too many. */
int builtin_words(const char *rest, char *room, size_t size, const char **words, int max);

/* help.c */
int builtin_help(struct session *s, const char *rest, struct err *err);
int builtin_plugins(struct session *s, const char *rest, struct err *err);
/* The catalogue as JSON, for tools. */
void help_catalog_json(const struct catalog *c, struct buf *out);
void help_plugins_text(const struct catalog *c, bool verbose, struct buf *out);
/* Words that go on at this column, in lines of at most 80; further lines begin with hang blanks. */
void help_wrap(struct buf *out, const char *text, int at, int hang);
int help_topic(const struct catalog *c, const char *topic, struct buf *out, struct err *err);

/* builtin_look.c, builtin_vars.c: builtins that show something. */
int builtin_ps(struct session *s, const char *rest, struct err *err);
int builtin_vars(struct session *s, const char *rest, struct err *err);
int builtin_why(struct session *s, const char *rest, struct err *err);

/* builtin_world.c: builtins that act on the world. */
int builtin_spawn(struct session *s, const char *rest, struct err *err);
int builtin_interrupt(struct session *s, const char *rest, struct err *err);
int builtin_wait(struct session *s, const char *rest, struct err *err);
int builtin_reset(struct session *s, const char *rest, struct err *err);
int builtin_undo(struct session *s, const char *rest, struct err *err);
int builtin_load(struct session *s, const char *rest, struct err *err);

/* A living actor of this name, or NULL and *err with the near miss. */
struct actor *session_actor(struct session *s, const char *name, struct err *err);
#endif
