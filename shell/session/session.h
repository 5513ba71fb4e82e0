/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session: lines go in, steps happen in a world, events come out. Prompt, scripts, labs and
 * replay all drive this one thing; whoever wants to see the events (trace file, views, replay,
 * checks of a lab) is a listener. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H
#include <sched.h>

#include "proc/stepper.h"
#include "trace/event.h"

struct listener {
    void (*event)(void *ctx, const struct event *e);
    /* Text that is no event: the answer of a builtin such as ps. */
    void (*text)(void *ctx, const char *text, size_t n);
    /* The same, of a text that may be longer than a screen (help, lanes); NULL: as text. */
    void (*page)(void *ctx, const char *text, size_t n);
    /* Something takes its time: what is held back should be let go. May be NULL, as the others. */
    void (*pause)(void *ctx);
    /* A line as it was typed, before it is run; and why it could not be. Not those that a file of
     * `source` has. */
    void (*line)(void *ctx, const char *text, size_t n);
    void (*error)(void *ctx, const struct err *err);
    /* A line, or what came by itself, is over with all that followed from it. */
    void (*settled)(void *ctx);
    void (*release)(void *ctx); /* when the session ends; NULL: whoever made it releases it */
    void *ctx;
    struct listener *next;
};

struct builtin;
struct setting;
struct topic;
struct tour;
struct chunks;
struct lesson;

/* What a person may change with `set`. The records of their names, choices and help are in
 * shell/builtin/settings.c; the front reads the values. */
enum view_choice { VIEW_AUTO, VIEW_LINES, VIEW_LANES, VIEW_GUTTER };
enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct settings {
    enum view_choice view;
    int width;    /* columns of what is shown; 0: the terminal's, 100 where there is none */
    bool hints;   /* grey rest of the prototype behind the cursor */
    bool predict; /* asks what will happen before each step */
    bool paging;  /* long answers through $PAGER */
    bool confirm; /* leaving while somebody waits asks once */
    bool linear;  /* everything as sentences, nothing in columns, nothing drawn anew */
    enum colour_choice colour;
};

struct input {
    char *text;
    int64_t before_step; /* number of the last step before it */
    int64_t before_seq;  /* events told before it */
};

struct session {
    struct launcher launcher;
    struct world world;
    bool has_world;
    int wanted_world; /* -1 auto */
    const char *lab, *lab_sha256, *student;
    const char *language; /* of texts, as LC_MESSAGES has it: "de_DE.UTF-8"; NULL: as written */
    int64_t seed;
    int64_t limit_ms; /* for a step outside the prompt; 0: none */
    bool interactive;
    bool only_recorded; /* lines are of a trace: builtins that are never recorded do not run */
    bool tells_names;   /* events have "names", for who compares them (trace/again.h) */
    bool (*interrupted)(void);
    /* NULL ends; given before session_start, from then on those that this session offers. */
    const struct builtin *const *builtins;
    const struct builtin *const *all_builtins; /* as they were given; private */
    const char **builtin_names;                /* of those offered, for the parser; private */
    /* What help, `set` and completion know of; a name of NULL ends; given before session_start,
     * may be NULL. */
    const struct setting *setting_records;
    const struct topic *topics;
    struct settings settings;
    int columns; /* of the terminal, as the front sees it; 0: there is none */
    bool ascii;  /* only ASCII may be shown: the locale is not UTF-8 */
    /* What Enter on an empty line at the prompt runs (a tour's next line); NULL: nothing. */
    char *suggestion;
    /* Runs it in place of session_line, of which it has the form; NULL: it is as if it was typed.
     */
    int (*run_suggestion)(struct session *s, const char *text, size_t n, struct err *err);
    /* Told after each line at the prompt was done, with its text; NULL: nobody asks. */
    void (*after_line)(struct session *s, const char *text, bool failed);
    /* Reads the events told so far once more, from the trace that is being written: calls each for
     * every one. 0, or -1 and *err where nothing records. Given by the front. */
    int (*recall)(void *ctx, void (*each)(void *each_ctx, const struct event *e), void *each_ctx,
                  struct err *err);
    void *recall_ctx;
    void (*settings_changed)(void *ctx); /* with recall_ctx; may be NULL */
    /* Runs a program of the person's own with the terminal, outside the world, and waits for it:
     * its wait status, or -1 and *err. Given by the front; NULL: nobody may (replay, labs). */
    int (*outside)(void *ctx, const char *const *argv, struct err *err); /* with recall_ctx */
    /* One line in place of the last one, where a person watches something that takes long; "":
     * none any more. With recall_ctx; NULL: nobody watches. */
    void (*progress)(void *ctx, const char *text);
    const cpu_set_t *cpus;  /* that the shell might use before it chose one; NULL: all its own */
    const char *man_folder; /* our man pages; NULL: nowhere */
    struct chunks *chunks;  /* Lua of the prompt; private to shell/lua */
    struct tour *tour;      /* what is under way; one block, private to shell/builtin */
    struct lesson *lesson;  /* the guided lab of this session; NULL: none */
    bool guided;            /* the verbs of guided labs are offered */
    const char *input_from; /* who gives the lines that are recorded now: "lab", "skip"; NULL: they
                               are typed */

    struct listener *listeners;
    struct event event; /* the one in the making */
    struct buf text;    /* room for a text in the making */
    int muted;          /* > 0: the prefix is run again, nobody is told */
    int hushed;         /* > 0: it is recorded, and need not be shown */

    struct actor *current; /* in the step that is being settled; NULL: none */
    int64_t seq;           /* events told */
    int64_t steps;         /* number of the last step */
    struct input *inputs;  /* lines that undo could take back */
    int ninputs, cap_inputs;
    char *subject; /* of `use` */
    int depth;     /* of source in source */
    bool stuck;    /* every living actor waits, and it was said */
    bool quit;
    bool leaving;      /* it was asked whether to leave: the next time it does */
    enum status worst; /* of lines without "-" */
    int disagreements; /* audits that found a faster world than we thought: a fault of ours */
};

/* Starts launcher and world and tells `session`. 0, or -1 and *err. */
int session_start(struct session *s, const struct launcher_options *options, struct err *err);
/* The same in two: between them the calls are known, and nothing was told. */
int session_launch(struct session *s, const struct launcher_options *options, struct err *err);
int session_begin(struct session *s, struct err *err);
/* Offers the verbs of guided labs from now on. */
void session_guide(struct session *s);
/* Says how it stands at the end (stuck, waiting actors), tells nothing any more, removes all. */
void session_release(struct session *s);
void session_listen(struct session *s, struct listener *l);
void session_listen_first(struct session *s, struct listener *l); /* is told before the others */
void session_ignore(struct session *s, struct listener *l);       /* listens no more */

/* The words the parser asks of this session. */
struct parse_env session_parse_env(struct session *s);
/* One line. 0, or -1 and *err; a failing line's status counts in s->worst unless it began with
 * "-", and what `-` allowed is still in err. n bytes at text. */
int session_line(struct session *s, const char *text, size_t n, struct err *err);
/* At the prompt, between lines: tells what came by itself. True when there was anything. */
bool session_poll(struct session *s);
/* All that can be said at the end of a script: waiting actors are a note, stuck is STATUS_STUCK. */
enum status session_finish(struct session *s, struct err *err);

/* Internal to shell/session and shell/lua. */
void session_tell(struct session *s); /* s->event to all listeners */
void session_say(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void session_page(struct session *s, const char *text, size_t n);
void session_note(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int session_new_world(struct session *s, struct err *err);
/* The world as it was before line `keep` of s->inputs: those before it are run again in a fresh
 * one, and nobody is told. The number of the last step is as it was then. */
int session_rewind(struct session *s, int keep, struct err *err);
/* Takes a line that was run into s->inputs; before_seq: events told before it. */
void session_keep_input(struct session *s, const char *text, int64_t before_seq);
int session_run_line(struct session *s, const struct line *line, struct err *err);
#endif
