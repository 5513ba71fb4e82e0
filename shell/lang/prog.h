/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs that the shell compiles and an actor runs, and the frame body that carries them:
 * what plan.c writes and eval.c reads. A program is bytes for a stack of 64-bit numbers: an opcode
 * and, where the list says so, an operand in the machine's byte order. Jumps only go forward and
 * nest, so that one pass verifies a program and every program ends.
 *
 * Body: u8 kind, u8 nargs, u16 plugin, u16 call, u8 target width, u8 shape, u32 count,
 * u8 length of the new actor's name, the name and a NUL, u32 bytes of pokes, the pokes
 * (u64 address, u32 n, n bytes), u32 length and code of the target, then of each argument. */
#ifndef LANG_PROG_H
#define LANG_PROG_H

enum step_kind { STEP_CALL = 1, STEP_SET, STEP_PRINT, STEP_AWAIT };

enum {
    PROG_STACK = 1024, /* numbers; an expression of legal nesting needs fewer */
    PROG_JUMPS = 256,  /* jumps that are open at one place */
};

enum op {
    OP_INT = 1, /* i64: pushes it */
    OP_RESULT,  /* i64: the step whose result this is; becomes OP_INT when a step is encoded */
    OP_LOAD1,   /* address -> value, sign extended */
    OP_LOAD4,
    OP_LOAD8,
    OP_STRLEN, /* address -> length of the text there */
    OP_NEGATE,
    OP_NOT,
    OP_INVERT,
    OP_BOOL, /* value -> 0 or 1 */
    OP_CHAR, /* value -> as a char, an int holds it */
    OP_WORD,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_REMAINDER,
    OP_ADD,
    OP_SUBTRACT,
    OP_LEFT,
    OP_RIGHT,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_EQUAL,
    OP_UNEQUAL,
    OP_AND,
    OP_XOR,
    OP_OR,
    OP_AND_THEN, /* u32 distance: false stays as 0 and jumps, true is dropped */
    OP_OR_ELSE,  /* u32 distance: true stays as 1 and jumps, false is dropped */
};
#endif
