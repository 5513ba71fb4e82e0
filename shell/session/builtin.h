/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builtins: what is typed to the shell and not to an actor. One const record each, from which
 * dispatch, `help`, completion and man pages come. The session knows them by session.builtins; the
 * records and what they do are in shell/builtin, above this layer. */
#ifndef SESSION_BUILTIN_H
#define SESSION_BUILTIN_H
#include "session/session.h"

enum {
    BUILTIN_RECORDED = 1 << 0,  /* an input line of the trace: replay runs it again */
    BUILTIN_LOOKS = 1 << 1,     /* changes nothing and reads no file: labs may use it */
    BUILTIN_JSON = 1 << 2,      /* with --json as its first word it answers in JSON */
    BUILTIN_REPEATS = 1 << 3,   /* its words repeat: spawn a b c */
    BUILTIN_OWN_INPUT = 1 << 4, /* tells its input line itself, and undo does not count it */
    BUILTIN_GUIDED = 1 << 5,    /* a verb of guided labs, offered where there is one */
};

/* What a word of a builtin is, for completion. */
enum builtin_word {
    WORD_NONE,        /* nothing, or nothing that could be offered: a count, a new name */
    WORD_ACTOR,       /* a living actor */
    WORD_TOPIC,       /* of help: a plugin, call, builtin, constant, setting */
    WORD_CALL,        /* a call */
    WORD_FILE,        /* a file of the person's own */
    WORD_SETTING,     /* a setting, then its value */
    WORD_CHOICE,      /* one of `choices` */
    WORD_HOST,        /* a host of the world */
    WORD_NEW_ON_HOST, /* new names, then `on` and a host, which may be new */
    WORD_BENCH,       /* a mechanism that bench knows */
};

struct builtin {
    const char *name;
    const char *usage;   /* after the name: "[ACTOR]"; "" when it stands alone */
    const char *summary; /* one line, lower case, no full stop */
    const char *help;    /* a paragraph; NULL: the summary says it */
    unsigned flags;      /* BUILTIN_RECORDED ... */
    enum builtin_word word;
    const char *const *choices;  /* of WORD_CHOICE; NULL ends */
    const char *const *examples; /* whole scripts, lines joined by '\n'; NULL ends; may be NULL.
                                    Each runs alone in the tests and ends with status 0 */
    int (*run)(struct session *s, const char *rest, struct err *err); /* columns are of rest */
};

/* A setting: what `set` changes. */
enum setting_kind {
    SETTING_CHOICE, /* an enum: one of `choices`, which are in the order of its values */
    SETTING_SWITCH, /* a bool: choices are off and on */
    SETTING_NUMBER, /* an int: 0 or min to max */
};

struct setting {
    const char *name; /* NULL ends the table */
    enum setting_kind kind;
    const char *const *choices; /* NULL ends; of a number NULL */
    int min, max;
    const char *value;   /* at first, as it is typed */
    const char *summary; /* one line, lower case, no full stop */
    const char *help;    /* a paragraph: what each value does */
    size_t at;           /* its place in struct settings */
};

/* A subject of help that has no record of another sort. */
struct topic_row {
    const char *term; /* NULL ends */
    const char *text;
};

struct page;

struct topic {
    const char *name; /* NULL ends the table */
    const char *summary;
    const char *help;             /* paragraphs, apart by newlines; may be NULL */
    const struct topic_row *rows; /* a table below them; may be NULL */
    void (*more)(const struct catalog *c, struct page *p); /* rows of other records; may be NULL */
    const char *const *examples;                           /* as of a builtin; may be NULL */
};

/* The record of a builtin, or NULL. */
const struct builtin *session_builtin(const struct session *s, const char *name);
/* A living actor of this name, or NULL and *err with the near miss. */
struct actor *session_actor(struct session *s, const char *name, struct err *err);
#endif
