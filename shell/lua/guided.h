/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A guided lab as data, and asking its checks. All that the lesson needs of this layer, without
 * lua.h: the texts are copies, and the functions stay in the state of the lab. */
#ifndef LUA_GUIDED_H
#define LUA_GUIDED_H
#include "lua/history.h"
#include "lua/lab.h"

enum {
    GUIDED_TASKS = 64, /* of a lab */
    GUIDED_HINTS = 4,  /* of a task */
    GUIDED_CHOICES = 8,
    GUIDED_PROGRAMS = 64,
    GUIDED_PROGRAM_PATH = 255,
    GUIDED_POINTS = 10000, /* of a task */
    SKIP_NEVER = -1,
};

struct guided_lines {
    struct guided_line {
        char *text;
        bool optional; /* `# optional` behind it: leaving it out costs nothing */
    } * list;
    int n;
};

struct guided_hint {
    char *text;
    int cost; /* points; what the student pays is hint_cost() of the lesson */
};

/* What the student foresees before it happens. */
enum question { QUESTION_NONE, QUESTION_CHOICE, QUESTION_VALUE, QUESTION_ORDER };

struct guided_predict {
    enum question kind;
    char *ask;
    char *choices[GUIDED_CHOICES]; /* of a choice; what is put in order */
    int nchoices;
    int points; /* for the right answer, beside those of the task */
};

struct guided_task {
    char *id, *title, *say;
    int points;
    struct guided_hint hints[GUIDED_HINTS];
    int nhints;
    struct guided_lines solution;
    struct guided_predict predict;
    int skip;       /* points that skipping gives, or SKIP_NEVER */
    uint64_t needs; /* bit i: task i has to be passed for this one to be judged */
};

/* Another session, and exactly the points that it gets. */
struct guided_also {
    char *name;
    int points;
    struct guided_lines play;
};

struct guided {
    char *id, *title, *intro, *outro;
    int minutes; /* 0: not said */
    char **actors, **man, **programs;
    int nactors, nman, nprograms;
    struct guided_task *tasks;
    int ntasks;
    struct guided_also *also;
    int nalso;
    int points; /* all of them, those of questions included */
};

void guided_release(struct guided *g);

/* The kind of a lab, as the file has it behind `lab.`: "guided". */
const char *lab_kind(const struct lab *lab);
/* What every lab says of itself: id, title, actors, man, minutes. */
const struct guided *lab_about(const struct lab *lab);
/* Is one that leads itself meant to end with nobody who can move? */
bool lab_ends_stuck(const struct lab *lab);
/* The lab as data; NULL: it is none that is led by lines. */
const struct guided *lab_guided(const struct lab *lab);

/* What a check sees. */
struct lab_past {
    const struct history *history;
    int64_t since; /* seq of the event with which the task began */
};

/* STOPPED: it did not come back, and its process was ended. */
enum lab_answer { LAB_HOLDS, LAB_NOT_YET, LAB_BROKEN, LAB_STOPPED };

enum { LAB_INTERESTS = 32 };

/* What a check asked about: as long as nothing like that happens, its answer stays the same. */
struct lab_interest {
    char actor[SYMTAB_NAME_MAX + 1], call[CATALOG_MAX_NAME + 1], ev[12]; /* "": any */
};

struct lab_verdict {
    enum lab_answer how;
    struct buf text; /* not yet: what is missing, may be empty; broken: FILE:LINE: what */
    int64_t *seqs;   /* of the events that the check found, in their order */
    int nseqs, cap_seqs;
    struct lab_interest interests[LAB_INTERESTS];
    int ninterests;
    bool all; /* it asked about more than they say */
};

void lab_verdict_release(struct lab_verdict *v);
/* Could this record change the verdict? */
bool lab_verdict_rests(const struct lab_verdict *v, const struct record *r);
/* Asks the check of a task. The verdict is emptied before. */
void lab_check(struct lab *lab, int task, const struct lab_past *past, struct lab_verdict *v);
/* Asks what the truth of its question is: HOLDS when it is known, and then text has it: the
 * number of a choice, from 1; a value; the numbers of an order, apart by blanks. */
void lab_truth(struct lab *lab, int task, const struct lab_past *past, struct lab_verdict *v);
/* The lines of its file, from 1, in which the check of a task stands; false: it is elsewhere. */
bool lab_check_lines(struct lab *lab, int task, int *first, int *last);
/* Each text that was asked for in a language, by its key, and whether there is one. */
void lab_texts(struct lab *lab, void (*each)(void *ctx, const char *key, bool there), void *ctx);
/* Each text in the file of the language that nobody has asked for so far. */
void lab_texts_unused(struct lab *lab, void (*each)(void *ctx, const char *key), void *ctx);
#endif
