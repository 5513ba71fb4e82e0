/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies that nobody honest sends: each must be refused, and every cut and every changed byte of
 * an honest one must be refused or be safe to hold. */
#include <sys/mman.h>

#include "lang/eval.h"
#include "lang/prog.h"
#include "lang/symtab.h"

static int failed;

struct piece {
    const char *name;
    const char *code;
    size_t n;
    bool good;
};

#define CODE(...) (const char[]){__VA_ARGS__}, sizeof((const char[]){__VA_ARGS__})
#define ZERO 0, 0, 0, 0, 0, 0, 0, 0
static const struct piece pieces[] = {
    {"one number", CODE(OP_INT, ZERO), true},
    {"a sum", CODE(OP_INT, ZERO, OP_INT, ZERO, OP_ADD), true},
    {"and", CODE(OP_INT, ZERO, OP_AND_THEN, 10, 0, 0, 0, OP_INT, ZERO, OP_BOOL), true},
    {"nothing", "", 0, false},
    {"no such opcode", CODE(OP_INT, ZERO, 99), false},
    {"opcode 0", CODE(0), false},
    {"a result that was not filled in", CODE(OP_RESULT, ZERO), false},
    {"two numbers left", CODE(OP_INT, ZERO, OP_INT, ZERO), false},
    {"underflow", CODE(OP_NOT), false},
    {"underflow of two", CODE(OP_INT, ZERO, OP_ADD), false},
    {"a number cut off", CODE(OP_INT, 0, 0), false},
    {"a jump cut off", CODE(OP_INT, ZERO, OP_AND_THEN, 1, 0), false},
    {"a jump beyond the end", CODE(OP_INT, ZERO, OP_AND_THEN, 11, 0, 0, 0, OP_INT, ZERO, OP_BOOL),
     false},
    {"a jump far away", CODE(OP_INT, ZERO, OP_AND_THEN, -1, -1, -1, -1, OP_INT, ZERO), false},
    {"a jump into a number", CODE(OP_INT, ZERO, OP_AND_THEN, 3, 0, 0, 0, OP_INT, ZERO), false},
    {"a jump to itself", CODE(OP_INT, ZERO, OP_AND_THEN, 0, 0, 0, 0, OP_INT, ZERO), false},
    {"a jump that changes the depth",
     CODE(OP_INT, ZERO, OP_OR_ELSE, 9, 0, 0, 0, OP_INT, ZERO, OP_INT, ZERO, OP_ADD), true},
    {"a jump to another depth",
     CODE(OP_INT, ZERO, OP_OR_ELSE, 18, 0, 0, 0, OP_INT, ZERO, OP_INT, ZERO, OP_ADD), false},
};

static void
put(struct buf *out, uint64_t value, int width)
{
    for (int i = 0; i < width; i++)
        buf_putc(out, (char)(value >> 8 * i));
}

struct body {
    int kind, nargs, width, shape;
    uint64_t poke;
    uint32_t poke_n;
    const char *code;
    size_t n;
};

static void
build(struct buf *out, const struct body *b)
{
    buf_clear(out);
    put(out, (uint64_t)b->kind, 1);
    put(out, (uint64_t)b->nargs, 1);
    put(out, 0, 4);
    put(out, (uint64_t)b->width, 1);
    put(out, (uint64_t)b->shape, 1);
    put(out, 0, 4);
    put(out, 3, 1);
    buf_put(out, "kid", 4);
    put(out, b->poke != 0 ? 12 + b->poke_n : 0, 4);
    if (b->poke != 0) {
        put(out, b->poke, 8);
        put(out, b->poke_n, 4);
        for (uint32_t i = 0; i < b->poke_n; i++)
            buf_putc(out, 'p');
    }
    put(out, 0, 4);
    for (int i = 0; i < b->nargs; i++) {
        put(out, b->n, 4);
        buf_put(out, b->code, b->n);
    }
}

static void
expect(const char *name, const struct buf *body, bool good)
{
    struct eval_step step;
    char *exact = malloc(body->len); /* so that a sanitizer sees one byte too many */

    memcpy(exact, body->data, body->len);
    if (eval_decode(&step, exact, body->len) != good) {
        fprintf(stderr, "FAIL %s: %s\n", name, good ? "refused" : "accepted");
        failed++;
    }
    free(exact);
}

static void
check_bodies(void)
{
    static const char one[] = {OP_INT, ZERO};
    static const struct {
        const char *name;
        struct body body;
        bool good;
    } bodies[] = {
        {"a call", {STEP_CALL, 2, 0, 0, 0, 0, one, 9}, true},
        {"no arguments", {STEP_CALL, 0, 0, 0, 0, 0, one, 9}, true},
        {"13 arguments", {STEP_CALL, 13, 0, 0, 0, 0, one, 9}, false},
        {"kind 0", {0, 1, 0, 0, 0, 0, one, 9}, false},
        {"kind 5", {5, 1, 0, 0, 0, 0, one, 9}, false},
        {"print of two", {STEP_PRINT, 2, 0, 1, 0, 0, one, 9}, false},
        {"print", {STEP_PRINT, 1, 0, SHAPE_LONGS, 0, 0, one, 9}, true},
        {"print of shape 6", {STEP_PRINT, 1, 0, 6, 0, 0, one, 9}, false},
        {"print of shape 0", {STEP_PRINT, 1, 0, 0, 0, 0, one, 9}, false},
        {"await with a shape", {STEP_AWAIT, 1, 0, 1, 0, 0, one, 9}, false},
        {"a width and no target", {STEP_SET, 1, 4, 0, 0, 0, one, 9}, false},
        {"a poke", {STEP_SET, 1, 0, 0, LITERAL_BASE, 5, one, 9}, true},
        {"the last byte", {STEP_SET, 1, 0, 0, LITERAL_BASE + LITERAL_SIZE - 1, 1, one, 9}, true},
        {"beyond it", {STEP_SET, 1, 0, 0, LITERAL_BASE + LITERAL_SIZE - 1, 2, one, 9}, false},
        {"far beyond", {STEP_SET, 1, 0, 0, UINT64_MAX - 2, 9, one, 9}, false},
        {"a poke at a variable", {STEP_SET, 1, 0, 0, LITERAL_BASE - 1, 1, one, 9}, false},
    };
    struct buf body = {0};

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        build(&body, &bodies[i].body);
        expect(bodies[i].name, &body, bodies[i].good);
    }
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        build(&body, &(struct body){STEP_SET, 1, 0, 0, 0, 0, pieces[i].code, pieces[i].n});
        expect(pieces[i].name, &body, pieces[i].good);
    }
    buf_release(&body);
}

/* Every prefix of a body is refused, and so is what has a byte more. */
static void
check_cuts(void)
{
    static const char one[] = {OP_INT, ZERO};
    struct buf body = {0};
    struct eval_step step;

    build(&body, &(struct body){STEP_CALL, 3, 0, 0, LITERAL_BASE, 7, one, 9});
    for (size_t n = 0; n < body.len; n++) {
        struct buf cut = {.data = body.data, .len = n};

        expect("a body cut off", &cut, false);
    }
    if (!eval_decode(&step, body.data, body.len) || strcmp(step.new_actor, "kid") != 0 ||
        memcmp((const void *)LITERAL_BASE, "ppppppp", 7) != 0) {
        fprintf(stderr, "FAIL the whole body\n");
        failed++;
    }
    buf_putc(&body, 'x');
    expect("a byte too many", &body, false);
    for (size_t i = 0; i < body.len - 1; i++) {
        struct buf changed = {0};

        for (int bit = 0; bit < 8; bit++) {
            buf_clear(&changed);
            buf_put(&changed, body.data, body.len - 1);
            changed.data[i] ^= (char)(1 << bit);
            eval_decode(&step, changed.data, changed.len);
        }
        buf_release(&changed);
    }
    buf_release(&body);
}

/* Too deep for the stack, and more jumps open than there may be. */
static void
check_depth(void)
{
    for (int deep = PROG_STACK; deep <= PROG_STACK + 1; deep++) {
        struct buf code = {0}, body = {0};

        for (int i = 0; i < deep; i++)
            buf_put(&code, (const char[]){OP_INT, ZERO}, 9);
        for (int i = 1; i < deep; i++)
            buf_putc(&code, OP_ADD);
        build(&body, &(struct body){STEP_SET, 1, 0, 0, 0, 0, code.data, code.len});
        expect("a deep stack", &body, deep == PROG_STACK);
        buf_release(&code);
        buf_release(&body);
    }
    for (int deep = PROG_JUMPS; deep <= PROG_JUMPS + 1; deep++) {
        struct buf code = {0}, body = {0};

        for (int i = 0; i < deep; i++) {
            buf_put(&code, (const char[]){OP_INT, ZERO, OP_AND_THEN}, 10);
            put(&code, (uint64_t)(14 * (deep - 1 - i) + 9), 4);
        }
        buf_put(&code, (const char[]){OP_INT, ZERO}, 9);
        build(&body, &(struct body){STEP_SET, 1, 0, 0, 0, 0, code.data, code.len});
        expect("many jumps", &body, deep == PROG_JUMPS);
        buf_release(&code);
        buf_release(&body);
    }
}

int
main(void)
{
    struct buf early = {0};

    build(&early,
          &(struct body){STEP_SET, 1, 0, 0, LITERAL_BASE, 1, (const char[]){OP_INT, ZERO}, 9});
    expect("a poke before there is a place for it", &early, false);
    buf_release(&early);
    if (eval_start() < 0)
        return 1;
    if (eval_start() == 0) {
        fprintf(stderr, "FAIL mapped over what was there\n");
        failed++;
    }
    check_bodies();
    check_cuts();
    check_depth();
    return failed > 0;
}
