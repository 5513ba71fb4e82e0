/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A statement compiled for one actor: its steps in order, inner calls first, each with programs
 * that the actor runs over its own memory (eval.h). Names are resolved and checked here, before
 * anything runs; out-parameters come into being here. */
#ifndef LANG_PLAN_H
#define LANG_PLAN_H
#include "lang/parse.h"
#include "lang/prog.h"

enum { PLAN_MAX_STEPS = 64 };

struct plan_env {
    const struct catalog *catalog;
    struct symtab *symtab; /* of the actor; new variables are added */
    const char *actor;
    void *ctx;
    bool (*pid_of)(void *ctx, const char *name, int64_t *pid); /* an actor's name as its pid */
    /* The name of some other actor that has this variable, or NULL: for the message that
     * processes share no memory. */
    const char *(*owner_of)(void *ctx, const char *variable);
    void (*each_actor)(void *ctx, void (*fn)(void *fnctx, const char *name), void *fnctx);
};

struct step_arg {
    char *text;   /* the source of the argument; NULL when it was left out */
    bool plain;   /* text is a name or an lvalue: shown instead of an address */
    bool address; /* where a number may stand too: its value is an address */
    struct buf prog;
};

struct plan_step {
    enum step_kind kind;
    const struct ipclab_call *call; /* STEP_CALL */
    struct call_ref ref;
    const char *name; /* "shmget", "=", "print", "await" */
    int nargs;
    struct step_arg args[IPCLAB_MAX_ARGS]; /* STEP_CALL; others: args[0] is the value */
    char *target_text;                     /* what the result is assigned to; NULL: nothing */
    struct buf target;                     /* program that leaves its address */
    struct type target_type;
    struct type value_type; /* PRINT: what is printed; CALL: the result */
    char *new_actor;        /* fork: the name given, or NULL */
    struct span new_actor_at;
    struct buf pokes; /* string literals that the actor has to have first */
};

struct plan {
    struct plan_step *steps;
    int n;
    char *source;              /* for the trace */
    struct symtab_mark before; /* the table of names before it was compiled */
};

/* 0, or -1 and *err (the symbol table is then as before). A declaration without a value has no
 * steps. */
int plan_compile(struct plan *plan, const struct line *line, const struct plan_env *env,
                 struct err *err);
void plan_release(struct plan *plan);

/* The body of the frame that asks an actor for step i. results are those of the steps before. */
void plan_encode(struct buf *out, const struct plan *plan, int i, const int64_t *results);
#endif
