/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line (interface 4). Options and commands are const records; reading, --help, the
 * man page and completion in other shells all come from them. */
#ifndef FRONT_OPTIONS_H
#define FRONT_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum command {
    COMMAND_SESSION,
    COMMAND_RUN,
    COMMAND_REPLAY,
    COMMAND_DIFF,
    COMMAND_SHOW,
    COMMAND_PLUGINS,
    COMMAND_BENCH,
    COMMAND_DOCTOR,
    COMMAND_HELP,
    COMMAND_GC,
    COMMAND_GENERATE,
    COMMAND_LAB,
    COMMAND_GRADE
};

enum { OPTION_FORMATS = 32 }; /* times that --format is given */

/* How `lab check` says what it found; which kind of lab `lab new` begins. */
enum lab_format { LAB_TEXT, LAB_TAP, LAB_JUNIT, LAB_JSON };
enum new_kind { NEW_GUIDED, NEW_ORCHESTRATED, NEW_PROGRAMS };

struct options {
    enum command command;
    const char *lines; /* -c */
    const char *file;  /* a script; "-" is standard input; NULL: a session at the terminal */
    char **args;       /* of the command */
    int nargs;
    const char *trace; /* --trace */
    bool json, stable, echo, keep_going, quiet, verbose, trust, judged, fresh, resume, linear,
        teacher;
    int64_t seed;
    const char *student;
    const char *language;    /* --lang */
    const char *from;        /* run --from */
    const char *plugin_path; /* --plugin-path */
    int world;               /* -1 auto, else enum world_kind */
    int64_t timeout_ms;      /* --timeout; -1: the default */
    int colour;              /* -1 auto, 0 never, 1 always */
    int64_t to;              /* replay --to; -1: to the end */
    bool step;               /* replay --step */
    const char *as;          /* show --as */
    const char *output;      /* show -o */
    int jobs;                /* --jobs; 0: one at a time */
    const char *lab;         /* grade --lab ... */
    const char *out;         /* --out */
    const char *diff;        /* --diff */
    const char *fill;        /* --fill */
    const char *column;      /* ... --column */
    const char *key;         /* ... --key */
    const char *shard;       /* --shard */
    int fail_under;          /* --fail-under, percent */
    bool from_trace;         /* --from-trace */
    const char *user;        /* grade --user */
    int kind;                /* lab new --kind: enum new_kind */
    const char *sizes;       /* bench --sizes ... */
    int64_t seconds;
    int rounds;
    const char *svg;
    int width; /* --width: columns; 0: the terminal's */
    bool version, help;
    const char *formats[OPTION_FORMATS + 1]; /* each --format: names, apart by commas; NULL ends */
};

/* ---- Records ------------------------------------------------------------------------------- */

/* What stands behind an option or a command: how it is read, and what completion offers. */
enum word_kind {
    WORD_IS_FLAG, /* nothing: a bool is set */
    WORD_IS_TEXT,
    WORD_IS_FILE,
    WORD_IS_FOLDER,
    WORD_IS_NUMBER,
    WORD_IS_CHOICE,
    WORD_IS_VIEW,    /* a name of view_kinds */
    WORD_IS_LAB,     /* a name of a lab, or its file */
    WORD_IS_TOPIC,   /* what help knows */
    WORD_IS_BENCH,   /* what bench measures */
    WORD_IS_FORMATS, /* names of formats, apart by commas; each time it is given adds to them */
};

struct option_choice {
    const char *name; /* NULL ends */
    int value;
};

struct option_record {
    const char *name;  /* without --; NULL: it has a letter only */
    const char *alias; /* another spelling of it, or NULL */
    char letter;       /* 0: none */
    enum word_kind kind;
    const char *argument; /* "FILE"; NULL for a flag */
    const char *summary;  /* one line, lower case, no full stop */
    const char *help;     /* more for the man page; NULL: the summary says it */
    size_t at;            /* its place in struct options */
    size_t size;          /* of that place: numbers are int or int64_t */
    int64_t min, max;     /* of a number */
    int64_t scale;        /* a number is kept times this; 0: as it is */
    const struct option_choice *choices;
};

struct command_record {
    const char *name; /* "" is the session itself, first in the table; NULL ends it */
    enum command command;
    const char *usage; /* "TRACE" */
    int min, max;      /* arguments */
    enum word_kind word;
    const struct option_choice *choices; /* of WORD_IS_CHOICE, the first argument */
    enum word_kind then;                 /* the arguments behind that one */
    const char *const *options;          /* names or letters of those that mean something to it */
    const char *summary;
    const char *help; /* more for the man page; may be NULL */
};

extern const struct option_record option_records[]; /* neither name nor letter ends */
extern const struct command_record command_records[];

/* The record of an option by its name or its letter, or NULL. */
const struct option_record *option_find(const char *name);
const struct command_record *command_find(const char *name); /* or NULL */
/* "-q, --quiet", "--trace FILE". */
/* The value of a choice. 0, or -1 and *err. */
int option_choose(const struct option_record *o, const char *text, int *to, struct err *err);
void option_spelling(const struct option_record *o, struct buf *out);

/* ---- Reading ------------------------------------------------------------------------------- */

/* 0, or -1 and *err. */
int options_read(struct options *o, int argc, char **argv, struct err *err);
struct settings;
/* What the command line says of settings, which is stronger than the rc file. */
void options_settings(const struct options *o, struct settings *to);
/* Appends the words that give another ipclab the same options, as far as they mean something to
 * this command, but for those in `without` (NULL ends). Each ends with a NUL. */
void options_again(const struct options *o, const struct command_record *r,
                   const char *const *without, struct buf *out);
/* What --help prints: all, or of one command. */
void options_usage(const struct options *o, struct buf *out);
/* A file is not there: the command that was perhaps meant, or "". */
const char *options_near_command(const char *word, struct buf *room);
#endif
