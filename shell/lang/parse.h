/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of the grammar (interface 1 and 8), read into a tree. No recursion without a bound, no
 * allocation by a length from the input beyond the limits below; every error has its place. */
#ifndef LANG_PARSE_H
#define LANG_PARSE_H
#include "base/err.h"
#include "call/catalog.h"
#include "lang/symtab.h"

enum {
    LINE_MAX_BYTES = 65536,
    LINE_MAX_NODES = 2048,
    LINE_MAX_NESTING = 64,
    LINE_MAX_WHO = 64,
    OUT_ROOM_LEFT_OUT = 4096, /* bytes of a buffer that is made for a call without a size */
    OUT_ROOM_UNKNOWN = 65536, /* and for one whose size is only known when it runs */
};

/* What the parser asks of the session. */
struct parse_env {
    const struct catalog *catalog;
    void *ctx;
    bool (*is_actor)(void *ctx, const char *name); /* has ever been one in this world */
    void (*each_actor)(void *ctx, void (*fn)(void *fnctx, const char *name), void *fnctx);
    /* The name of the actor with this pid in the world, or NULL: for pasted strace lines. */
    const char *(*actor_of_pid)(void *ctx, int64_t pid);
    /* The variables of an actor, or NULL: for the same. May be NULL itself. */
    const struct symtab *(*symtab_of)(void *ctx, const char *actor);
    const char *const *builtins; /* NULL ends */
    const char *subject;         /* of `use`, or NULL */
    bool interactive;            /* unique prefixes of builtins and calls are understood */
};

enum node_kind {
    NODE_INT,    /* value */
    NODE_STRING, /* text: the bytes after C escapes */
    NODE_NAME,   /* text: a variable, constant, actor or NULL */
    NODE_CALL,   /* text: name; call, ref; kids are arguments */
    NODE_UNARY,  /* op: '-', '!', '~', '*', '&', 's' for sizeof */
    NODE_BINARY, /* op: a character, or two as 'a' << 8 | 'b' */
    NODE_INDEX,  /* kids: array, index */
    NODE_CAST,   /* type; accepted and ignored but for its pointer type */
};

struct node {
    enum node_kind kind;
    int op;
    int64_t value;
    bool decimal;     /* NODE_INT written as a decimal number */
    bool word;        /* came bare in shell form: a path or word without quotes */
    const char *text; /* NUL-terminated; owned by the line */
    size_t len;       /* of text, which may hold NULs */
    struct type type; /* NODE_CAST; on a target: what a cast of its value says, else void */
    const struct ipclab_call *call;
    struct call_ref ref;
    struct node *first, *next; /* kids */
    int col, end;              /* bytes in the line, from 1, end included */
};

/* Bytes of the line, from 1, end included. */
struct span {
    int col, end;
};

enum line_kind { LINE_EMPTY, LINE_BUILTIN, LINE_STATEMENT };
enum statement_kind {
    STATEMENT_CALL,
    STATEMENT_SET,
    STATEMENT_PRINT,
    STATEMENT_AWAIT,
    STATEMENT_DECLARE
};

struct line {
    enum line_kind kind;
    bool may_fail;       /* began with "-" */
    const char *builtin; /* full name */
    const char *rest;    /* its words as typed, trimmed, without comment; NUL-terminated */
    int rest_col;
    char (*who)[SYMTAB_NAME_MAX + 1]; /* names in order */
    struct span *who_at;              /* where each of them is named */
    int nwho;
    bool everyone; /* "*" */
    int who_col;
    enum statement_kind statement;
    struct node *target;  /* SET, or CALL with a result: an lvalue; else NULL */
    struct node *expr;    /* the call, the value, what is printed or awaited; may be NULL */
    struct type declared; /* DECLARE: of target's name */
    const char *source;   /* the line without "-", prompt, pid and comment: what is recorded */
    void *memory;         /* owns all of the above; private */
};

/* 0, or -1 and *err. n bytes at text, which need not end with NUL. A line that needs nothing done
 * (empty, comment, transcript output) is LINE_EMPTY. */
int parse_line(struct line *line, const char *text, size_t n, const struct parse_env *env,
               struct err *err);
void line_release(struct line *line);
/* Splits the text of -c at `;` outside quotes; returns the length of the first line of text and
 * in *skip what to skip to reach the next. */
size_t parse_split(const char *text, size_t n, size_t *skip);
bool parse_actor_name_ok(const char *name); /* [a-z][a-z0-9_]*, at most 31 bytes */
#endif
