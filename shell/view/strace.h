/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the strace view share: its processes, its calls, and lines of output. */
#ifndef VIEW_STRACE_H
#define VIEW_STRACE_H
#include "view/strace_call.h"

struct process {
    char *name;
    int64_t pid; /* -1: the trace does not say */
};

struct strace {
    struct view_options options;
    struct strace_names names;
    struct process *processes; /* a name is the last process that had it */
    int nprocesses;
    struct strace_call *calls; /* in the order of their steps; undo makes old ones go on */
    int ncalls, cap_calls;
    int64_t seq; /* of the event that is read */
};

/* One event on its way out. */
struct telling {
    struct strace *s;
    const struct event *e;
    struct buf *out;
    size_t start; /* where its line begins */
};

/* strace.c: "[pid     3] ", as many columns as strace gives it. */
void strace_begin(struct telling *t, const char *actor);
/* Ends a comment whose text begins at from. */
void strace_end_comment(struct telling *t, size_t from);
/* A line that strace would not have. actor NULL: of nobody. */
void strace_comment(struct telling *t, const char *actor, const char *before, const char *s,
                    size_t n);
void strace_outside(struct telling *t, const char *s);
/* A text of the event, "" when it has none. */
const char *strace_text_of(const struct telling *t, const char *name);

/* strace_steps.c */
void strace_enter(struct telling *t);
void strace_block(struct telling *t);
void strace_exit(struct telling *t);
/* The call in which an actor is became another program: it is shown as one that worked. */
void strace_became(struct telling *t, const char *actor);
/* The end of the call in which an actor is was never seen: ... = ? */
void strace_cut_short(struct telling *t, const char *actor);
void strace_cut_all_short(struct telling *t);
/* Was the actor's last step a call of this name? */
bool strace_last_is(const struct strace *s, const char *actor, const char *name);
/* As it was after the event `to`: calls that were left later than that go on. */
void strace_back_to(struct strace *s, int64_t to);
void strace_forget_calls(struct strace *s);
#endif
