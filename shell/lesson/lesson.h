/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A guided lab in a session: which task it is, what was done, hints, points. The lesson listens to
 * the events of the session as everything else does, and what it decides becomes events too; its
 * own state changes by events alone, so that a recorded session leads to the same place. */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H
#include "lua/guided.h"
#include "session/session.h"

/* LEFT: the session began after it; it is neither done nor failed. */
enum task_state { TASK_OPEN, TASK_DONE, TASK_SKIPPED, TASK_LEFT };

struct lesson_task {
    enum task_state state;
    int64_t began;   /* seq of the event with which it began; -1: it has not */
    int hints;       /* that were taken */
    int cost;        /* of them */
    bool shown;      /* the solution was */
    bool broken;     /* its check has a fault, which is the lab's */
    bool stopped;    /* it did not come back, and is not asked again */
    bool not_judged; /* at the end: a task that it needs is missing */
    int points;      /* when done or skipped, those of the question not included */
    int asked;       /* how often `check` said "not yet" */
    char *why;       /* what it said last; may be NULL */
    int64_t *seqs;   /* events on which its verdict rests */
    int nseqs;
    /* Its question: */
    char *answer; /* as it was typed; NULL: none yet */
    bool judged;  /* the truth is known */
    bool right;
    int predict_points;
};

/* A verb that costs something is told twice at a prompt. */
enum lesson_ask { ASK_NOTHING, ASK_HINT, ASK_SOLUTION, ASK_SKIP };

struct lesson {
    struct session *s;
    struct lab *lab;
    const struct guided *g;
    struct listener listener;
    struct history history;
    struct lesson_task *tasks;
    int current;  /* index; ntasks: none is left */
    bool ended;   /* the end was told */
    bool busy;    /* it runs lines itself, or judges */
    bool moved;   /* something happened on which the last verdict rests */
    bool respawn; /* actors of the lab may be gone: an undo, a reset */
    int64_t back; /* that led back to where this event was the last */
    enum lesson_ask ask;
    struct lab_verdict verdict; /* of the check that was asked last */
    struct lab_verdict truth;   /* the same of the question */
    struct buf text;            /* room */
    enum status status;         /* STATUS_LAB: a check is broken, and nobody is there to skip it */
    char fault[400];            /* what is */
    /* Writes what is to be handed in, path NULL: where it belongs; *shown gets its name. Given by
     * the front; NULL: nothing is written. 0, or -1 and *err. */
    int (*hand_in)(void *ctx, const char *path, struct buf *shown, struct err *err);
    void *hand_in_ctx;
};

/* Begins the lab in a session that stands, and tells its first task, or the one with the id `from`
 * (NULL: the first), before which the model solution was played for no points. 0, or -1 and *err.
 */
int lesson_start(struct session *s, struct lab *lab, const char *from, struct err *err);
/* The same of a session that was recorded and goes on: the events so far say how it stands, and the
 * lines that still hold are run again in the fresh world, quietly. again: a line that has to be run
 * once more, NULL: none. 0, or -1 and *err. */
int lesson_resume(struct session *s, struct lab *lab, const struct event *events, int n,
                  const char *again, struct err *err);
/* The lesson of a session, of which nothing was told yet. */
struct lesson *lesson_attach(struct session *s, struct lab *lab);
/* Something has happened, as event s->seq - 1. */
void lesson_event(struct lesson *l, const struct event *e);
/* Takes the lesson from the session; the lab stays. */
void lesson_end(struct session *s);

/* Of all tasks, as it stands. */
int lesson_points(const struct lesson *l);
/* What the next hint of a task costs. A hint never takes the last point. */
int lesson_hint_cost(const struct lesson *l, int task);
/* The task it is about, or NULL and *err: none is left. */
const struct guided_task *lesson_task(const struct lesson *l, struct err *err);
int lesson_index(const struct lesson *l, const char *id); /* -1: there is no such task */

/* state.c: an event changes the state. */
void lesson_take(struct lesson *l, const struct event *e);

/* judge.c: after a line: looks whether the task is done, and tells what follows. */
void lesson_settled(struct lesson *l);
/* At the end: the tasks that are not done, each on its own. */
void lesson_judge_rest(struct lesson *l);
/* The process before this one was stopped in a check: that is told, and it is not asked again. */
void lesson_take_stopped(struct lesson *l);
/* `check`: what is missing. */
void lesson_ask_check(struct lesson *l);

/* believe.c: an event of a session that was recorded, as if it happened now: what processes did is
 * believed, what was said of points is not. */
void lesson_believe(struct lesson *l, const struct event *e, int64_t seq);

/* tell.c: events of the lesson. */
void lesson_tell_lab(struct lesson *l, const char *from);
void lesson_tell_task(struct lesson *l, int task);
void lesson_tell_check(struct lesson *l, int task, const struct lab_verdict *v, bool judged);
void lesson_tell_not_judged(struct lesson *l, int task, const char *why);
/* submitted, ends: how the lab stands as a whole; text: its last words. */
void lesson_tell_whole(struct lesson *l, const char *what, const char *text);
void lesson_tell_end(struct lesson *l);
/* What was used, for the end: calls with their man pages, constants. */
void lesson_recap(struct lesson *l, struct buf *out);
/* An input line of the lesson's own verbs. */
void lesson_tell_input(struct session *s, const char *text);

/* question.c */
/* An answer as it is typed, for the question of this task: "b", "2", "the text of a choice", "2 1
 * 3". 0 and its normal form, or -1 and *err. */
int question_read(const struct guided_predict *p, const char *text, struct buf *out,
                  struct err *err);
/* An answer or a truth as a person reads it: "b) it waits", "b, a, c". */
void question_words(const struct guided_predict *p, const char *text, struct buf *out);
/* Tells the question, with its choices. */
void question_tell(struct lesson *l, int task);
/* The truth is known: tells how it was, and whether the answer was right. */
void question_judge(struct lesson *l, int task, const char *truth);

/* say.c: the task once more, with the hints that were taken. */
void lesson_say_task(struct lesson *l, int task);
int lesson_width(const struct session *s); /* columns for paragraphs */

/* from.c: plays the model solution of all tasks before this one, which are skipped then. */
int lesson_from(struct lesson *l, const char *task, struct err *err);

/* verbs.c: what the student types. Each is a builtin; rest are the words behind it. */
int lesson_verb_task(struct session *s, const char *rest, struct err *err);
int lesson_verb_check(struct session *s, const char *rest, struct err *err);
int lesson_verb_hint(struct session *s, const char *rest, struct err *err);
int lesson_verb_solution(struct session *s, const char *rest, struct err *err);
int lesson_verb_skip(struct session *s, const char *rest, struct err *err);
int lesson_verb_answer(struct session *s, const char *rest, struct err *err);
int lesson_verb_submit(struct session *s, const char *rest, struct err *err);
/* Runs a line of the lab's own as if it were typed; `from` says whose it is. */
int lesson_line(struct lesson *l, const char *from, const char *text, struct err *err);
/* All lines of a solution but answers to questions. */
int lesson_lines(struct lesson *l, const char *from, const struct guided_lines *lines,
                 struct err *err);
/* Runs the solution of a task. Where it does not fit to what was done before (names of variables
 * above all), a fresh world gets the solutions of all tasks up to it. */
int lesson_run_solution(struct lesson *l, int task, struct err *err);
#endif
