/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the cursor stands in a line that is not finished: who is meant, in which call, at which
 * argument, inside which brackets and quotes. The parser reads whole lines and ends at the first
 * error; this reads what is before the cursor, and what is odd there only makes it say less. */
#ifndef ASSIST_SCENE_H
#define ASSIST_SCENE_H
#include "session/builtin.h"

enum {
    SCENE_MAX_FRAMES = 64, /* open brackets */
    SCENE_MAX_WHO = 64,
};

enum scene_kind {
    SCENE_NOTHING,    /* a comment, the inside of a character, what is no line */
    SCENE_START,      /* the first word: who, or a builtin */
    SCENE_WHO,        /* one more actor, after "a," */
    SCENE_STATEMENT,  /* the first word of what an actor does */
    SCENE_ARGUMENT,   /* what an argument of a call begins with, or what is ored to it */
    SCENE_EXPRESSION, /* anywhere else where a value goes */
    SCENE_NEW_NAME,   /* after a type */
    SCENE_BUILTIN,    /* a word of a builtin */
};

enum scene_head { HEAD_OTHER, HEAD_PRINT, HEAD_AWAIT, HEAD_DECLARE };

/* An open bracket. */
struct scene_frame {
    char closer; /* ')' or ']'; 0: a call in shell form, which the line's end closes */
    const struct ipclab_call *call; /* whose arguments it holds; NULL: none that is known */
    struct call_ref ref;
    int arg;               /* index of the argument */
    size_t from;           /* where that argument begins */
    size_t name, name_end; /* what stands before the bracket */
    bool fresh, ored;      /* as of the scene where it was opened */
    bool type;             /* nothing but words of a type so far: a cast */
};

struct scene {
    struct session *s;
    const char *line;
    size_t n; /* only these bytes count */
    enum scene_kind kind;
    size_t word; /* where the word at the cursor begins; n when there is none */

    struct actor *who[SCENE_MAX_WHO]; /* as they are named, the dead too */
    int nwho;
    bool everyone;  /* "*" */
    bool by_use;    /* nobody is named: the subject of `use` */
    size_t subject; /* where a statement begins */
    enum scene_head head;

    const struct builtin *builtin;
    size_t words; /* where its words begin */
    int nth;      /* index of the word at the cursor */

    struct scene_frame frames[SCENE_MAX_FRAMES];
    int depth;
    bool after;    /* a value is complete before the word: an operator is next */
    bool fresh;    /* nothing but casts before the word in this argument */
    bool ored;     /* | is before the word */
    char quote;    /* of the text that is not closed; 0: none */
    size_t quoted; /* where that begins, after the quote */
};

void scene_read(struct scene *sc, struct session *s, const char *line, size_t n);
/* Goes through the C of [pos, sc->n). */
void scene_scan(struct scene *sc, size_t pos);
/* The call of this name, or the one that it abbreviates where that is understood. */
const struct ipclab_call *scene_call(const struct scene *sc, const char *name, size_t n,
                                     struct call_ref *ref);
/* The innermost call whose argument the cursor is in, looking out of brackets around the whole of
 * it; NULL: none. */
const struct scene_frame *scene_argument(const struct scene *sc);
/* Who acts, if it can say what its variables are: the first who is named. NULL: nobody. */
struct actor *scene_actor(const struct scene *sc);
/* How many of the words of a builtin before the cursor are options: --save; with numbers also those
 * that are one: `man 2`. */
int scene_options(const struct scene *sc, bool numbers);
/* The word of a builtin that begins at *pos; moves *pos to the next one, at most to the cursor's.
 */
size_t scene_word(const struct scene *sc, size_t *pos);
/* Can this actor be told something now? */
bool scene_can_act(const struct actor *a);
#endif
