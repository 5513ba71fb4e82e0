/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small stack machine over the memory of the process that it runs in. Loads, stores and
 * divisions are the machine's own, unchecked on purpose: a wrong pointer or a division by zero
 * kills the student's process as it would kill the C program. Everything else is checked once,
 * when a body is read, so that running needs no checks. */
#include "lang/eval.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lang/prog.h"
#include "lang/symtab.h"

/* Real accesses at the student's addresses: nothing of ours may stand between. */
#define RAW __attribute__((no_sanitize("address", "undefined"), noinline))

static bool started;
static bool left; /* an access was outside the variables and literals */

int
eval_start(void)
{
    void *want = (void *)ARENA_BASE;
    void *got = mmap(want, ARENA_SIZE + LITERAL_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    if (got == MAP_FAILED)
        return -1;
    if (got != want) { /* a kernel before 4.17 takes the address as a hint */
        munmap(got, ARENA_SIZE + LITERAL_SIZE);
        errno = EEXIST;
        return -1;
    }
    started = true;
    return 0;
}

bool
eval_left_arena(void)
{
    bool was = left;

    left = false;
    return was;
}

static void
touch(uint64_t address, unsigned width)
{
    if (address < ARENA_BASE || address > LITERAL_BASE + LITERAL_SIZE - width)
        left = true;
}

/* ---- Reading a body ---------------------------------------------------------------------- */

struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static const uint8_t *
take(struct reader *r, size_t n)
{
    const uint8_t *at = r->at;

    if (n > r->left) {
        r->bad = true;
        return NULL;
    }
    r->at += n;
    r->left -= n;
    return at;
}

static uint64_t
take_number(struct reader *r, size_t width)
{
    const uint8_t *at = take(r, width);
    uint64_t value = 0;

    for (size_t i = width; at != NULL && i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

static struct eval_prog
take_prog(struct reader *r)
{
    size_t n = take_number(r, 4);
    const uint8_t *code = take(r, n);

    return (struct eval_prog){code, code != NULL ? n : 0};
}

/* What an instruction needs on the stack and how long it is; length 0: there is no such one. */
static void
shape_of(uint8_t op, int *pops, size_t *length)
{
    *length = 1;
    if (op == OP_INT)
        *pops = 0, *length = 9;
    else if (op >= OP_LOAD1 && op <= OP_WORD)
        *pops = 1;
    else if (op >= OP_MULTIPLY && op <= OP_OR)
        *pops = 2;
    else if (op == OP_AND_THEN || op == OP_OR_ELSE)
        *pops = 1, *length = 5;
    else
        *pops = 0, *length = 0;
}

/* Jumps nest and go forward only: those that are open form a stack, the nearest on top. */
struct jumps {
    int n;
    struct {
        size_t target;
        int depth;
    } open[PROG_JUMPS];
};

static bool
land(struct jumps *j, size_t pc, int depth)
{
    for (; j->n > 0 && j->open[j->n - 1].target <= pc; j->n--) {
        if (j->open[j->n - 1].target < pc || j->open[j->n - 1].depth != depth)
            return false;
    }
    return true;
}

static bool
jump(struct jumps *j, size_t target, size_t end, int depth)
{
    if (target > end || j->n == PROG_JUMPS || (j->n > 0 && target > j->open[j->n - 1].target))
        return false;
    j->open[j->n].target = target;
    j->open[j->n++].depth = depth;
    return true;
}

static bool
verify(struct eval_prog prog)
{
    struct jumps jumps = {.n = 0};
    size_t pc = 0, length;
    int depth = 0, pops;

    while (pc < prog.n) {
        uint8_t op = prog.code[pc];

        shape_of(op, &pops, &length);
        if (length == 0 || length > prog.n - pc || depth < pops || !land(&jumps, pc, depth))
            return false;
        pc += length;
        if (op == OP_AND_THEN || op == OP_OR_ELSE) {
            uint32_t distance;

            memcpy(&distance, prog.code + pc - 4, 4);
            if (distance == 0 || !jump(&jumps, pc + distance, prog.n, depth))
                return false;
            depth--;
        } else {
            depth += 1 - pops;
        }
        if (depth > PROG_STACK)
            return false;
    }
    return land(&jumps, pc, depth) && jumps.n == 0 && depth == 1;
}

static bool
fits(const struct eval_step *s)
{
    bool width = s->target_width == 1 || s->target_width == 4 || s->target_width == 8;

    if (s->kind < STEP_CALL || s->kind > STEP_AWAIT || s->nargs > IPCLAB_MAX_ARGS)
        return false;
    if (s->kind != STEP_CALL && s->nargs != 1)
        return false;
    if (s->kind == STEP_PRINT ? s->value_shape < SHAPE_NUMBER || s->value_shape > SHAPE_LONGS
                              : s->value_shape != 0)
        return false;
    return s->target.n > 0 ? width && verify(s->target) : s->target_width == 0;
}

/* Looks at the pokes, or with `really` puts them in place. */
static bool
poke(struct reader r, bool really)
{
    while (r.left > 0 && !r.bad) {
        uint64_t address = take_number(&r, 8);
        size_t n = take_number(&r, 4);
        const uint8_t *bytes = take(&r, n);

        if (bytes == NULL || !started || address < LITERAL_BASE ||
            address > LITERAL_BASE + LITERAL_SIZE || n > LITERAL_BASE + LITERAL_SIZE - address)
            return false;
        if (really && n > 0)
            memcpy((void *)address, bytes, n);
    }
    return !r.bad;
}

bool
eval_decode(struct eval_step *step, const void *body, size_t n)
{
    struct reader r = {.at = body, .left = n};
    struct reader pokes = {.at = NULL};
    const uint8_t *name;
    size_t len;

    memset(step, 0, sizeof *step);
    step->kind = (int)take_number(&r, 1);
    step->nargs = (int)take_number(&r, 1);
    step->plugin = (int)take_number(&r, 2);
    step->call = (int)take_number(&r, 2);
    step->target_width = (int)take_number(&r, 1);
    step->value_shape = (int)take_number(&r, 1);
    step->value_count = (uint32_t)take_number(&r, 4);
    len = take_number(&r, 1);
    name = take(&r, len + 1);
    if (name == NULL || strnlen((const char *)name, len + 1) != len)
        return false;
    step->new_actor = (const char *)name;
    pokes.left = take_number(&r, 4);
    pokes.at = take(&r, pokes.left);
    step->target = take_prog(&r);
    if (r.bad || !fits(step))
        return false;
    for (int i = 0; i < step->nargs; i++) {
        step->args[i] = take_prog(&r);
        if (r.bad || !verify(step->args[i]))
            return false;
    }
    return r.left == 0 && poke(pokes, false) && poke(pokes, true);
}

/* ---- Running ----------------------------------------------------------------------------- */

RAW static int64_t
load(uint64_t address, unsigned width)
{
    touch(address, width);
    if (width == 1)
        return *(volatile signed char *)address;
    if (width == 4)
        return *(volatile int32_t *)address;
    return *(volatile int64_t *)address;
}

RAW void
eval_store(uint64_t address, int width, int64_t value)
{
    touch(address, (unsigned)width);
    if (width == 1)
        *(volatile signed char *)address = (signed char)value;
    else if (width == 4)
        *(volatile int32_t *)address = (int32_t)value;
    else
        *(volatile int64_t *)address = value;
}

RAW static int64_t
text_length(uint64_t address)
{
    uint64_t at = address;

    touch(at, 1);
    while (*(volatile char *)at != '\0')
        at++;
    touch(at, 1);
    return (int64_t)(at - address);
}

/* The instruction itself, so that zero and the one overflow are the machine's SIGFPE whatever a
 * compiler makes of undefined behaviour; machines without such a trap get the signal. */
static int64_t
divide(int64_t a, int64_t b, bool remainder)
{
#if defined(__x86_64__)
    int64_t quotient = a, rest;

    __asm__ volatile("cqto\n\tidivq %2" : "+a"(quotient), "=&d"(rest) : "r"(b) : "cc");
    return remainder ? rest : quotient;
#else
    if (b == 0 || (b == -1 && a == INT64_MIN)) {
        raise(SIGFPE);
        return 0;
    }
    return remainder ? a % b : a / b;
#endif
}

static int64_t
unary(uint8_t op, int64_t a)
{
    switch (op) {
    case OP_LOAD1:
        return load((uint64_t)a, 1);
    case OP_LOAD4:
        return load((uint64_t)a, 4);
    case OP_LOAD8:
        return load((uint64_t)a, 8);
    case OP_STRLEN:
        return text_length((uint64_t)a);
    case OP_NEGATE:
        return (int64_t)(0 - (uint64_t)a);
    case OP_NOT:
        return !a;
    case OP_INVERT:
        return ~a;
    case OP_BOOL:
        return a != 0;
    case OP_CHAR:
        return (signed char)a;
    default: /* OP_WORD */
        return (int32_t)a;
    }
}

/* Sums wrap as the machine's do; a shift counts modulo 64 as the machine's does. */
static int64_t
binary(uint8_t op, int64_t a, int64_t b)
{
    uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

    switch (op) {
    case OP_MULTIPLY:
        return (int64_t)(ua * ub);
    case OP_DIVIDE:
        return divide(a, b, false);
    case OP_REMAINDER:
        return divide(a, b, true);
    case OP_ADD:
        return (int64_t)(ua + ub);
    case OP_SUBTRACT:
        return (int64_t)(ua - ub);
    case OP_LEFT:
        return (int64_t)(ua << (ub & 63));
    case OP_RIGHT:
        return a >> (ub & 63);
    case OP_LESS:
        return a < b;
    case OP_LESS_EQUAL:
        return a <= b;
    case OP_GREATER:
        return a > b;
    case OP_GREATER_EQUAL:
        return a >= b;
    case OP_EQUAL:
        return a == b;
    case OP_UNEQUAL:
        return a != b;
    case OP_AND:
        return a & b;
    case OP_XOR:
        return a ^ b;
    default: /* OP_OR */
        return a | b;
    }
}

int64_t
eval_run(struct eval_prog prog)
{
    int64_t stack[PROG_STACK];
    int64_t *top = stack; /* first free */
    const uint8_t *pc = prog.code, *end = prog.code + prog.n;
    uint32_t distance;

    while (pc < end) {
        uint8_t op = *pc++;

        if (op == OP_INT) {
            memcpy(top++, pc, 8);
            pc += 8;
        } else if (op == OP_AND_THEN || op == OP_OR_ELSE) {
            memcpy(&distance, pc, 4);
            pc += 4;
            if ((top[-1] != 0) == (op == OP_OR_ELSE)) {
                top[-1] = op == OP_OR_ELSE;
                pc += distance;
            } else {
                top--;
            }
        } else if (op < OP_MULTIPLY) {
            top[-1] = unary(op, top[-1]);
        } else {
            top--;
            top[-1] = binary(op, top[-1], top[0]);
        }
    }
    return stack[0];
}
