/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actor's half of the language: runs the programs of a step over this process's own memory.
 * A load or store of an address that is not mapped is a real one, and the process dies of it. */
#ifndef LANG_EVAL_H
#define LANG_EVAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../plugins/plugin.h"
#include "base/buf.h"

struct eval_prog {
    const uint8_t *code;
    size_t n;
};

struct eval_step {
    int kind; /* enum step_kind of plan.h */
    int plugin, call;
    int nargs;
    struct eval_prog args[IPCLAB_MAX_ARGS];
    struct eval_prog target; /* n 0: none */
    int target_width;        /* bytes to store: 1, 4 or 8 */
    int value_shape;         /* enum eval_shape, PRINT */
    uint32_t value_count;    /* elements of an array that is printed */
    const char *new_actor;   /* "" when none */
};

enum eval_shape { SHAPE_NUMBER = 1, SHAPE_TEXT, SHAPE_ADDRESS, SHAPE_INTS, SHAPE_LONGS };

/* Maps the arena and the literals; once in each actor before the first step. 0 or -1 and errno. */
int eval_start(void);
/* Reads a body written by plan_encode and puts its literals in place. false: malformed; nothing
 * beyond n is read, and programs are verified (stack, jumps, ends), so that eval_run cannot run
 * astray. step points into body. */
bool eval_decode(struct eval_step *step, const void *body, size_t n);
int64_t eval_run(struct eval_prog prog);
void eval_store(uint64_t address, int width, int64_t value);
/* Did a run since the last call of this read or write outside the arena and the literals, in
 * memory that another process could change? */
bool eval_left_arena(void);
#endif
