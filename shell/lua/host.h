/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the Lua layer share. One state a lab, one host a state. Lua errors unwind by
 * longjmp: whatever a function that can raise needs for a while lives in the host, which is
 * released whatever happens. The session is never unwound: it calls no Lua. */
#ifndef LUA_HOST_H
#define LUA_HOST_H
#include <lauxlib.h>
#include <lua.h>

#include "lua/api.h"
#include "lua/history.h"
#include "lua/lab.h"
#include "view/lines.h"

enum {
    HOST_MEMORY = 64 << 20,            /* bytes of one state */
    HOST_INSTRUCTIONS = 200 * 1000000, /* of the whole lab, in all its coroutines */
    HOST_HOOK_EVERY = 1000,            /* instructions between two looks at the limits */
    HOST_PRINTED = 64 << 10,           /* bytes that print may show */
    HOST_FRAMES = 12,                  /* lines of a traceback */
    HOST_FRESH = IPCLAB_MAX_ARGS,
};

/* Something that a call stored, or the value of print. */
struct out {
    char name[SYMTAB_NAME_MAX + 1]; /* of the variable; "" for elements of a value */
    bool number;
    bool cut; /* only a part of the bytes could be had */
    int64_t value;
    size_t at, n; /* bytes in deed.bytes */
};

/* A variable that was made to take what a call stores. */
struct fresh {
    char name[SYMTAB_NAME_MAX + 1];
    const struct ipclab_arg *arg;
};

enum deed_state { DEED_RUNS, DEED_DONE, DEED_DIED };

/* One call (or print, or await) that an actor was asked for, and what became of it: filled by
 * the events of its step. */
struct deed {
    struct deed *next;
    enum deed_state state;
    bool blocked; /* a block event was told */
    int64_t step;
    char actor[SYMTAB_NAME_MAX + 1];
    const struct ipclab_call *call; /* NULL: print, await */
    int plugin;                     /* number of the one that has the call */
    char name[SYMTAB_NAME_MAX + 1]; /* "shmget", "print", "await" */
    struct fresh fresh[HOST_FRESH];
    int nfresh;
    int kept; /* where its result is kept: index in host.kept, or -1 */
    int64_t ret;
    char error[24];                  /* "ENOENT", or "" */
    char child[SYMTAB_NAME_MAX + 1]; /* the actor that it made */
    struct event enter;              /* of its step */
    struct buf words; /* "shmget(5678, 27, 0666) = -1 ENOENT (no segment has key 5678)" */
    struct buf bytes;
    struct out *outs;
    int nouts, cap_outs;
};

/* A result that differs from run to run lives in a variable of its actor, so that the lines of the
 * trace can be run again. */
struct kept {
    char name[SYMTAB_NAME_MAX + 1];
    int actor, world; /* id, and in which world */
    int64_t step;     /* that set it */
    enum ipclab_type type;
    int plugin; /* number of the one whose call gave it; -1: a variable of the author */
    int64_t value;
    bool known; /* value is what it holds; not so for variables of the author */
    bool spare; /* holds nothing anyone has: may be set again */
};

/* What is known of the error on its way up. */
struct fault {
    const void *of; /* identity of the error object */
    enum status status;
    struct buf frames; /* where it came from, a line each */
    int nframes;
};

struct block;
struct frame;
struct programs;
struct guided;
struct look;

struct host {
    lua_State *L;
    struct session *s;
    const struct lab_file *file;
    lua_State *running;        /* the thread that runs now, for whoever asks from outside */
    struct programs *programs; /* those of lab.programs while they run, else NULL */
    const struct frame *frame; /* the one that is being checked */
    char frame_place[128];     /* where the lab wrote it */
    struct guided *guided;     /* where a guided lab is read into */
    struct look *look;         /* of the check that runs; NULL: none does */
    struct block *blocks;      /* all memory of the state */
    size_t memory;
    char memory_place[128]; /* where it was refused */
    int64_t instructions;
    bool over;            /* a limit was reached; said again by every hook from then on */
    char over_place[128]; /* where */
    struct fault fault;
    bool failed; /* an expectation did not hold */
    size_t printed;
    struct listener listener;
    struct lines lines; /* for the words of failures */
    struct buf scratch, line, text;
    struct deed *deeds; /* those that last */
    struct deed now;    /* of a plain method */
    struct kept *kept;
    int nkept, cap_kept;
    int world;            /* counts resets */
    struct history *past; /* as far as it was asked for */
    int64_t *born;        /* step at which the actor of this id was forked */
    int nborn;
};

static inline struct host *
host_of(lua_State *L)
{
    return *(struct host **)lua_getextraspace(L);
}

/* fault.c: errors at the place of the lab that they are due to. */
/* "FILE:LINE" of the innermost Lua function; false when there is none. */
bool fault_where(lua_State *L, char *room, size_t n);
int fault_raise(lua_State *L, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of a text that has its places in it. */
int fault_raise_text(lua_State *L, enum status status, const char *text);
/* Raises what a line of the session ended with. */
int fault_raise_err(lua_State *L, const struct err *err);
/* Adds the frames of a thread that the error object on top of L passed, and what it was. */
void fault_passed(lua_State *L, lua_State *thread, const char *what, const char *name);
int fault_handler(lua_State *L); /* of lua_pcall: the error object becomes a message */
/* A table as `try` returns it: name, errno, text; and its text, or NULL if it is none. */
void fault_push(lua_State *L, const char *name, const char *text);

/* sandbox.c: what a lab file may use of Lua. */
void sandbox_open(lua_State *L);
/* limits.c */
void *limits_alloc(void *host, void *old, size_t size, size_t wanted);
void limits_start(lua_State *L);
void limits_charge(lua_State *L, int64_t instructions);
void limits_release(struct host *h);

/* frame.c: the table that a lab file returns, of one kind or another. */
enum { FRAME_ANY = -2 }; /* its check looks at what it is */

struct frame_field {
    const char *name; /* NULL ends */
    int type;         /* of Lua, or FRAME_ANY */
    bool list;        /* of strings */
    bool required;
    const char *is;      /* its type for editors: "fun(s: ipclab.Session)" */
    const char *summary; /* one line, no full stop */
};

struct frame {
    const char *name;                            /* lab.NAME makes it */
    const char *type;                            /* of its metatable */
    const char *class, *summary;                 /* for editors: of the table that it takes */
    const struct frame_field *fields;            /* beside those that every kind has */
    void (*check)(lua_State *L, struct host *h); /* beyond the types, of the table at 1; or NULL */
    void (*run)(lua_State *L, int lab);          /* its actors live; NULL: it is led by lines */
};

extern const struct frame *const frames[];      /* NULL ends */
extern const struct frame_field frame_common[]; /* fields of all kinds; a name of NULL ends */
/* guided.c: the tables that a guided lab has in it. */
extern const struct api_class api_task, api_hint, api_predict, api_also;
extern const struct frame frame_orchestrated, frame_programs, frame_guided;
void frame_open(lua_State *L); /* pushes the module: a function for each kind */
const struct frame *frame_of(lua_State *L, int index); /* NULL: no lab */
/* One more thing that is wrong; the text goes on after "lab.NAME". */
void frame_fault(struct host *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Each string of the list lab[name], by index from 1; NULL at its end. Stays in the table. */
const char *frame_element(lua_State *L, int lab, const char *name, int i);

/* guided.c: the lab at index as data, what every kind has and then the rest of a guided one; what
 * is wrong with it through frame_fault. */
void guided_common(lua_State *L, int index, struct guided *g);
void guided_read(lua_State *L, int index, struct guided *g);

/* texts.c: what a lab says in other languages, and what differs from student to student. */
void texts_open(lua_State *L, int module); /* adds to the module at this index */
void texts_load(lua_State *L); /* the file of the session's language, if the lab has one */
/* The text with this key ("create.say"), else the one that is there; both stay in their tables. */
const char *texts_get(lua_State *L, const char *key, const char *otherwise);
/* The same of element i, from 1, of a list with this key. */
const char *texts_element(lua_State *L, const char *key, int i, const char *otherwise);

/* look.c: what a check gets. */
void look_open(lua_State *L);
void look_push(lua_State *L);

/* object.c: require "ipclab", the session object. */
void object_open(lua_State *L);           /* pushes the module */
void object_run(lua_State *L, int index); /* the lab at index */
void object_push_session(lua_State *L);
void object_check(struct host *h, const char *text, bool passed); /* a check event */
/* Raises where the first argument is not of this type: `how` is how the method is called. */
void object_self(lua_State *L, const char *type, const char *how);
/* __index of the metatable on top, with the near misses of what is not there. */
void object_methods(lua_State *L, const struct api_class *class, const char *what);
/* Those methods of the class that are functions, into the table on top. */
void object_set(lua_State *L, const struct api_class *class);
/* What lab.text and its kin, the session, actors ... have; a file each. */
extern const struct api_class api_module, api_session, api_trace, api_actor, api_pending, api_look;

/* match.c: does the record have all that the table at index says? */
bool match_record(lua_State *L, int index, const struct record *r);
void match_check(lua_State *L, int index); /* raises where no record could ever have that */
void match_words(lua_State *L, int index, struct buf *out);

/* order.c: s.trace. */
void order_open(lua_State *L);
void order_push(lua_State *L);
void order_release(struct host *h);

/* leaks.c: pushes a list of what would stay behind. */
void leaks_push(lua_State *L);

/* actor.c */
void actor_open(lua_State *L);
void actor_push(lua_State *L, const char *name);
const char *actor_name(lua_State *L, int index); /* NULL: no actor */
struct actor *actor_get(lua_State *L, const char *name);

/* call.c: performing a call and giving back what it returned. */
/* The line for call with the arguments from index on, in host.line; fills the deed. */
void call_prepare(lua_State *L, struct deed *d, const char *actor, const char *name, int index);
void call_perform(lua_State *L, struct deed *d);
bool call_failed(const struct deed *d);
bool call_ends(const struct deed *d); /* is it one that never comes back, such as exit? */
/* Pushes the results of a deed that is done; how many. */
int call_results(lua_State *L, const struct deed *d);
/* Raises for a deed that failed, died or waits. */
void call_check(lua_State *L, const struct deed *d);

/* args.c */
void args_put(lua_State *L, struct deed *d, struct actor *a, int index);

/* deed.c */
struct deed *deed_now(struct host *h); /* the one of plain methods, empty again */
struct deed *deed_new(struct host *h); /* one that lasts; freed with the host at the latest */
void deed_again(struct deed *d);       /* empty again */
void deed_free(struct host *h, struct deed *d);
void deed_listen(struct host *h);
void deed_unlisten(struct host *h); /* releases all deeds */

/* handle.c: addresses and streams of an actor. */
void handle_open(lua_State *L);
void handle_push(lua_State *L, int kept, int64_t offset);
bool handle_is(lua_State *L, int index);
/* Writes the expression; raises when it is another actor's. */
void handle_put(lua_State *L, int index, struct actor *a, struct buf *out);
const struct kept *handle_kept(lua_State *L, int index);
/* handle + n elements, as `await addr[n]` says it. */
void handle_put_element(lua_State *L, int index, struct actor *a, int64_t n, struct buf *out);
/* A variable for what the deed's call gives back; index in host.kept. */
int kept_new(struct host *h, struct actor *a, const struct deed *d);
void kept_set(struct host *h, int kept, const struct deed *d);
/* The variable in which this actor has that id as a call of this plugin gave it, or NULL: a segment
 * and a semaphore set may have the same id. */
const struct kept *kept_find_object(struct host *h, const struct actor *a, int plugin, int64_t id);
int kept_variable(struct host *h, const struct actor *a, const struct var *var);

/* pending.c */
void pending_open(lua_State *L);
int pending_start(lua_State *L); /* actor:start(name, ...) */
/* Is there anybody who could still do something without being told? */
bool pending_goes_on(const struct session *s);

/* programs.c: lab.programs. */
bool programs_have(lua_State *L); /* does a program have control? */
/* Raises where one has: `what` has no place in it. */
void programs_refuse(lua_State *L, const char *what);
/* Before the program that has control gives it up to make this call: raises where it may not. */
void programs_before(lua_State *L, const char *actor, const char *name);
void programs_wait(lua_State *L);          /* its call has not come back, and may never */
struct deed *programs_deed(lua_State *L);  /* of the program that has control, empty */
struct deed *programs_after(lua_State *L); /* the same once the call has come back */
/* A program for this actor: the function on top, which is taken away. */
void programs_add(lua_State *L, const char *name);
void programs_release(struct host *h);
#endif
