/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LESSON_AUDIT_PARTS_H
#define LESSON_AUDIT_PARTS_H
#include "lesson/audit.h"

/* A line of the model solution. */
struct audit_step {
    char *text;
    bool optional;
    int task;
};

struct audit_also {
    char *name;
    int points;
    char **lines;
    int n;
};

struct audit {
    struct play play;
    struct listener *listener; /* of the model solution; may be NULL */
    audit_tell_fn *tell;
    void *ctx;
    int failed; /* cases */
    bool over;  /* something came between; err says what */
    struct err err;
    int points;
    struct audit_step *steps;
    int nsteps;
    struct audit_also *also;
    int nalso;
};

void audit_case(struct audit *a, bool passed, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Plays lines; false: they could not be judged, and when not a->over it is the lab's fault. */
bool audit_play(struct audit *a, const char *const *lines, int n, struct result *r);

static inline bool
is_answer(const char *line)
{
    return strncmp(line, "answer ", 7) == 0;
}

/* audit_text.c */
/* Hints that look like lines are lines; ctx is the audit. While the solution's session stands. */
void audit_hints(void *ctx, struct lesson *l);
/* No line of the lab waits for time to pass. */
void audit_lines(struct audit *a);
/* Does it begin with an actor or a builtin of this session, and go on as a line does? */
bool audit_is_line(struct session *s, const char *text);
/* audit_languages.c: each language that the lab has is whole. */
void audit_languages(struct audit *a);
/* The lines of the model solution without step `without` (-1: all of them); freed by the caller. */
const char **audit_solution(const struct audit *a, int without, int *n);
#endif
