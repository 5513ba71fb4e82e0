/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the parser share. Everything points into one pool, which the line owns. */
#ifndef LANG_PARSE_IN_H
#define LANG_PARSE_IN_H
#include "lang/lex.h"
#include "lang/parse.h"

/* An abbreviated name that is stored as the full word. */
struct line_edit {
    size_t at, n;
    const char *full;
    struct line_edit *next;
};

struct line_memory {
    struct pool pool;
    const char *text; /* the line as it came, for slices */
    struct line_edit *edits, **last_edit;
};

struct parser {
    struct lex lex;
    struct line *line;
    struct line_memory *memory;
    const struct parse_env *env;
    struct err *err;
    size_t end;   /* of what may be read of the text */
    size_t start; /* where the statement begins */
    size_t stop;  /* where the statement ends: before `;`, a comment, a pasted result */
    bool pasted;  /* a line of strace, which shows what a call stored */
    int nodes, depth;
};

/* Bytes [from, to) of the line as they are recorded, full words for abbreviated ones. */
void line_slice(const struct line *line, size_t from, size_t to, struct buf *out);

struct node *parse_node(struct parser *p, enum node_kind kind, size_t from, size_t to);
/* An expression from the token in front, or NULL and *err. */
struct node *parse_expr(struct parser *p);
/* The bytes at the token in front are unexpected; the text says what to do. Always -1. */
int parse_unexpected(struct parser *p);
/* The same where a value may be what is unexpected; the hint goes with that. Always -1. */
int parse_unexpected_value(struct parser *p, const char *hint);
/* A type from the token in front: its words and stars. 0, or -1 and *err. */
int parse_type(struct parser *p, struct type *type);
bool parse_is_type(const struct parser *p); /* is the token in front a word of a type? */
/* Finds the call of this name, or of the name that it abbreviates; then *name is the full one. */
const struct ipclab_call *parse_find_call(struct parser *p, const char **name, size_t from,
                                          struct call_ref *ref);
/* The error for a name that is no call. Always -1. */
int parse_no_call(struct parser *p, const char *name, size_t from);
/* NAME word word: a call as a shell would write it, from its name at pos. */
struct node *parse_shell_call(struct parser *p, size_t pos);
/* The record of argument i of a call, or NULL. */
const struct ipclab_arg *parse_argument_record(const struct ipclab_call *call, int i);

/* parse_pasted.c */
/* Is what stands at pos the result of a call, as strace and we print it? */
bool parse_is_result(const char *text, size_t pos, size_t end);
/* Is it a call with its result after it? */
bool parse_is_pasted(const struct parser *p, size_t pos);
/* An argument from the token in front, as parse_expr. What was stored in one that the call fills
 * becomes a name, which parse_name_outs finds once all arguments are known. */
struct node *parse_argument(struct parser *p, const struct ipclab_arg *arg);
void parse_name_outs(struct parser *p, struct node *call);
/* What the actor does, from pos; fills the line, sets start and stop. */
int parse_statement(struct parser *p, size_t pos);
/* The error for a first word that is nothing, or for one after ',' that is no actor. Always -1. */
int parse_no_subject(struct parser *p, size_t from, size_t n);
#endif
