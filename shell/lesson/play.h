/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session without a person: lines are played against a guided lab in a fresh world on the real
 * kernel, and what each task got is the result. `lab check` and grading both rest on it. */
#ifndef LESSON_PLAY_H
#define LESSON_PLAY_H
#include "lesson/lesson.h"

/* Where and for whom. */
struct play {
    const struct launcher_options *launcher;
    const struct builtin *const *builtins;
    const struct lab_file *file;
    const char *student, *language; /* may be NULL */
    const char *from;               /* the task that it begins with, NULL: the first */
    int64_t seed;
    int world;        /* as session.wanted_world */
    int64_t limit_ms; /* for a step */
    bool (*interrupted)(void);
    struct listener *listener; /* sees all events; NULL: nobody does */
    /* The lines are of a trace that was handed in: what is never recorded does not run. */
    bool handed_in;
    /* Each may be NULL. Once the world stands, before the lab begins: -1 and *err when it is not to
     * be played there. Before line i, and after the last
     * one with n. Is the time of all lines over? Then no other one is played,
     * and what was done by then is judged. */
    int (*at_begin)(void *ctx, struct session *s, struct err *err);
    void (*before_line)(void *ctx, int i);
    bool (*time_is_up)(void);
    /* Called when all lines were played and all tasks judged, while everything still stands. */
    void (*at_end)(void *ctx, struct lesson *l);
    void *ctx;
};

struct mark {
    char *id, *title;
    int points, max; /* those of its question included */
    int passed;      /* 1, 0; -1: it could not be judged: a task that it needs is
                        missing, or it was left out */
    bool skipped;
    char *say;       /* what was to be done */
    char *help;      /* the first hint that was not taken, or "" */
    char *rationale; /* what was missing, or "" */
    int hints;       /* that were taken */
    int64_t *seqs;   /* events on which it rests */
    int nseqs;
};

struct result {
    enum status status; /* OK: it could be judged; LAB: the lab is broken; else what came between */
    char text[4096];    /* of a status that is not OK */
    int points, max;
    struct mark *marks;
    int nmarks;
    /* The first limit of a judged world that was run into; "": none. */
    char limit[200];
    /* The first line that was an error, from 0; -1: none. */
    int failed;
    char failure[600];
    bool out_of_time; /* it was judged after that many lines */
};

/* Plays n lines: those that were typed. What the lab itself does is not among them. An error in a
 * line is noted, and the next one is played. The status of the result, too. */
enum status lesson_play(const struct play *p, const char *const *lines, int n, struct result *r);
/* The same of the events of a session that was recorded, and nothing is run. next tells the next
 * one with p->ctx; NULL: there are no more, or *err. */
enum status lesson_judge(const struct play *p,
                         const struct event *(*next)(void *ctx, struct err *err), struct result *r);
void result_release(struct result *r);
#endif
