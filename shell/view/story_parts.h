/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the story share: the calls that somebody is in, what is known of objects, and
 * the way back when lines are undone. */
#ifndef VIEW_STORY_PARTS_H
#define VIEW_STORY_PARTS_H
#include "view/row.h"
#include "view/story.h"

enum { STATE_MAX_LISTS = 4 };

/* What is known of an object: never changed, but replaced by another one. */
struct state {
    struct {
        int *who; /* actors */
        int n;
    } lists[STATE_MAX_LISTS]; /* of those who hold an end */
    int nlists;
    char *shape; /* "  5 B  W\1 R\2": where a list's count goes, its number from 1 */
};

struct object {
    char *name;
    struct state *state; /* NULL: nothing is known */
    int64_t logged;      /* input in which its way back was noted */
};

/* A call that an actor is in, or was in when a line was typed that may be taken back. */
struct call {
    struct pending words;
    bool kept;              /* the way back needs it */
    int child;              /* that it has made and that was not told; -1: none */
    const char *born;       /* what that child has */
    struct call *next;      /* of all */
    struct call *next_idle; /* of those to be used again */
};

/* The part of an actor that nobody else sees. */
struct inside {
    char *name;        /* as the trace has it */
    struct call *call; /* NULL: idle */
    int64_t logged;
};

/* How something was before the line that changed it. */
struct before {
    int64_t seq; /* of the event that changed it */
    int actor;   /* -1: of an object */
    int object;
    struct story_actor was;
    struct call *call;
    struct state *state;
};

struct story_memory {
    struct lines words; /* what the words of calls need: the catalogue, and ASCII */
    struct text_block *blocks;
    struct buf text; /* one in the making */
    struct inside *inside;
    struct object *objects;
    int nobjects, cap_objects;
    struct call *calls; /* all of them */
    struct call *idle;  /* to be used again */
    struct before *log;
    size_t nlog, cap_log;
    int cap_actors, cap_moments;
    int *slots; /* actors by the hash of their names; -1: free */
    unsigned nslots;
    int held;                    /* actor whose fork is to be told when it comes back; -1: none */
    int64_t input;               /* number of input lines so far */
    int64_t seq;                 /* of the event that is read */
    struct moment_object *about; /* of the moment in the making */
    int nabout, cap_about;
};

/* story_text.c */
const char *story_keep(struct story *s, const char *text, size_t n);
const char *story_take(struct story *s); /* keeps memory->text, and empties it */
void *story_room(struct story *s, size_t n);
void story_forget_texts(struct story *s);

/* story_state.c: objects. `about` gets what the moment in the making is about. */
/* The state that the event tells of its object. */
void state_told(struct story *s, const struct event *e);
/* What a fork, and the end of a process, change in the lists of holders. */
void state_forked(struct story *s, int parent, int child);
void state_ended(struct story *s, int actor);
void state_free(struct state *st);
void state_forget_all(struct story *s);

/* story_undo.c: notes how it was before the line, once a line. */
void before_actor(struct story *s, int actor);
void before_object(struct story *s, int object);
/* Goes back to how it was after event `to`. */
void before_restore(struct story *s, int64_t to);

/* story_call.c */
void story_enter(struct story *s, struct row *r);
void story_block(struct story *s, struct row *r);
void story_exit(struct story *s, struct row *r);
/* The call that the actor is in, in full or as one that goes on: <... read>. */
void story_call_words(struct story *s, struct row *r, int actor, const char *name);
void story_leave(struct story *s, int actor); /* is in no call any more */
void story_notes(struct story *s, struct row *r, int actor);
void story_calls_release(struct story *s);

/* story_process.c */
void story_process(struct story *s, struct row *r);
void story_tell_held(struct story *s); /* the fork that is held, without its call's result */

/* story_verdict.c */
const struct moment_verdict *story_verdict(struct story *s, struct row *r);

/* story_actor.c: the number of an actor of this name. story_actor: which may be new; -1: no name.
 * story_find: -1 when there is none. */
int story_actor(struct story *s, const char *name);
int story_find(const struct story *s, const char *name);

/* story.c: a new moment, about what state_ functions have named since the last one. */
struct moment *story_add(struct story *s, enum moment_kind kind, int actor);
const char *story_text(const struct row *r, const char *name); /* of the event; "" when absent */
#endif
