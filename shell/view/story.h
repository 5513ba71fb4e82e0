/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one reading of events as moments: what happened, in whose lane, which way data went, and what
 * became of the object. Views that draw processes beside each other (lanes, gutter, diagrams) draw
 * moments and never look at events.
 *
 * All texts of a moment have passed text_escape or text_quote, and are ASCII where that was asked
 * for. They live as long as the story, or until story_drop. */
#ifndef VIEW_STORY_H
#define VIEW_STORY_H
#include "view/view.h"

enum moment_kind {
    MOMENT_CALL,    /* was done at once */
    MOMENT_WAIT,    /* starts to wait */
    MOMENT_BACK,    /* comes back from a wait; `by` is the step that ended it */
    MOMENT_SPAWN,   /* the actor begins */
    MOMENT_FORK,    /* the actor made `other`, which begins with what `born` says */
    MOMENT_EXEC,    /* is another program now */
    MOMENT_EXIT,    /* has ended by itself */
    MOMENT_KILLED,  /* has ended by a signal, or was ended */
    MOMENT_STOPPED, /* by a signal, or continued by one */
    MOMENT_REAPED,  /* its parent, `other`, has waited for it */
    MOMENT_SIGNAL,  /* was delivered; `other` sent it */
    MOMENT_OUTPUT,  /* printed: `more` has the lines, without their bar */
    MOMENT_VERDICT, /* stuck or never; see `verdict` */
    MOMENT_CHECK,   /* an expectation of a lab, met or not (`bad`) */
    MOMENT_WORDS,   /* note, task, hint, predict: `head` is "note: ..." */
    MOMENT_INPUT,   /* a line that was typed; only where options.echo asks for it */
    MOMENT_UNDO,    /* lines were taken back: the moments of those are `undone` */
    MOMENT_RESET,   /* a new world without processes and objects: new lanes */
};

/* Seen from the process: write puts data out of it, read takes data in. */
enum moment_flow { FLOW_NONE, FLOW_OUT, FLOW_IN };

struct moment_object {
    const char *name;  /* "pipe#1" */
    const char *state; /* short, for a column: "  5 B  W2 R1"; "" when nothing is known */
};

/* Who holds an end on which a verdict rests. */
struct moment_holder {
    const char *actor;
    int64_t fd;       /* -1: none */
    const char *mode; /* "r", "w", "rw" or "" */
    int64_t since;    /* step in which it came to be; -1: not known */
    const char *how;  /* "fork", "call", see story_birth; "" when not known */
    bool waits;       /* is itself one of those that wait: it holds up itself */
};

struct moment_verdict {
    const char *kind;          /* "stuck" or "never" */
    const char *const *actors; /* whom it is about; NULL ends */
    const char *const *says;   /* sentences that explain it; NULL ends */
    const char *call;          /* in which the one waits of whom the first sentence speaks; or "" */
    const struct moment_holder *holders;
    int nholders;
    const char *const *next; /* lines to type; NULL ends */
    int64_t undo;            /* input lines to take back so that the call was not made; 0: none */
};

struct moment {
    enum moment_kind kind;
    enum moment_flow flow;
    int64_t seq;      /* of the event that completed it */
    int64_t step;     /* -1: of none */
    int64_t by;       /* 0: none */
    int actor;        /* whose lane: index of story.actors; -1: nobody's */
    int other;        /* the other process concerned; -1: none */
    const char *head; /* write(4, "hello", 5) = 5; of a wait: read(3, 64) */
    const char *more; /* further text, lines joined by '\n': data, the sentence of an error */
    const char *why;  /* of a wait: "the pipe is empty; write end open in child (fd 4)" */
    const char *born; /* of a fork: what the child has from the beginning, "inherits r=3 w=4" */
    const struct moment_object *objects; /* that it is about, the main one first */
    int nobjects;
    const struct moment_verdict *verdict;
    int64_t lines;  /* of an undo: how many were taken back */
    bool bad;       /* an error, a death, a check that failed, a verdict */
    bool important; /* shown even where only what matters is */
    bool undone;    /* its line was taken back later: a whole rendering leaves it out */
    bool cut_short; /* of an end: it was waiting, or in a call that never came back */
};

struct story_actor {
    const char *name;
    int parent; /* -1: spawned */
    /* As it stands after the last event, undone lines taken back: */
    bool alive;
    bool waits;
};

struct story {
    struct view_options options;
    struct story_actor *actors; /* in the order in which they came; a name is one actor */
    int nactors;
    struct moment *moments;
    int n;
    struct story_memory *memory; /* private */
};

void story_init(struct story *s, const struct view_options *options);
void story_release(struct story *s);
/* Reads one event; moments that it completes are added. One event may complete none or several. */
void story_event(struct story *s, const struct event *e);
/* Adds what was held back for the next event: before a whole rendering. */
void story_end(struct story *s);
/* Forgets the moments, which were drawn; actors, objects and waiting calls stay. */
void story_drop(struct story *s);

/* How a descriptor came to be, of a holder's `how`: "inherited", "opened". */
const char *story_birth(const char *how);
/* The text of a call without the blanks behind its commas, where room is short. */
void story_tight(struct buf *out, const char *head);
#endif
