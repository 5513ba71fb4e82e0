/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the plan compiler share. */
#ifndef LANG_PLAN_IN_H
#define LANG_PLAN_IN_H
#include "lang/parse_in.h"
#include "lang/plan.h"

struct gen {
    struct plan *plan;
    const struct line *line;
    const struct plan_env *env;
    struct err *err;
    struct buf pokes;             /* literals that are new to the actor */
    const struct ipclab_arg *arg; /* whose constants may be named; NULL outside of arguments */
    const char *no_calls;         /* why there may be no call here; NULL: there may */
};

/* What a name stands for. */
struct meaning {
    const struct var *var; /* or NULL: a number */
    int64_t value;
    bool constant; /* of a plugin, or of the argument itself */
    bool null;
};

/* plan_name.c */
bool gen_find(struct gen *g, const char *name, struct meaning *m);
int gen_unknown(struct gen *g, const struct node *node); /* its error; always -1 */
/* A new variable, or -1 and *err when it may not be called so or there is no room. */
int gen_new_var(struct gen *g, const struct node *name, struct type type, const struct var **var);
bool gen_const(struct gen *g, const struct node *node, int64_t *value); /* without running it? */
bool gen_is_null(const struct node *node);
bool gen_is_null_word(const struct node *node); /* NULL itself, not 0 */
/* An error at a node; always -1. */
#define gen_error(g, node, ...) err_at((g)->err, (node)->col, (node)->end, __VA_ARGS__)
const char *gen_type_text(struct type t, char text[32]);

/* plan_expr.c: append to out the program that leaves the value, or the address, of node. */
int gen_value(struct gen *g, const struct node *node, struct buf *out, struct type *type);
int gen_address(struct gen *g, const struct node *node, struct buf *out, struct type *type);
/* As gen_value, but *type stays an array where the value is the address of one. */
int gen_object(struct gen *g, const struct node *node, struct buf *out, struct type *type);
int gen_literal(struct gen *g, const struct node *node, const char *bytes, size_t n,
                struct buf *out);
void gen_int(struct buf *out, int64_t value);
void gen_op(struct buf *out, int op);
bool gen_is_place(const struct node *node);

/* plan_call.c: appends the steps of a call, its inner ones first. */
int gen_call(struct gen *g, const struct node *node, struct plan_step *step);
struct type gen_result_type(const struct ipclab_call *call);
struct plan_step *gen_append(struct gen *g, const struct node *node, struct plan_step *step);
char *gen_text(struct gen *g, const struct node *node);
void plan_step_release(struct plan_step *step);

/* plan_arg.c: argument i of the call, which node gives; node NULL: it was left out. */
struct arg_site {
    const struct ipclab_call *call;
    const struct ipclab_arg *arg;
    const struct node *node;
    const struct node *given[IPCLAB_MAX_ARGS]; /* all of them; NULL: left out */
    int index;
    struct plan_step *step;
};
int gen_argument(struct gen *g, const struct arg_site *site);
int gen_left_out(struct gen *g, const struct arg_site *site);

/* plan_out.c: arguments that the call fills. */
int gen_out(struct gen *g, const struct arg_site *site, struct buf *out);
#endif
