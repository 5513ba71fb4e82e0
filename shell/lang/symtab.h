/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names that one actor's program has. The variables themselves live in the actor's memory, in
 * its arena, at these addresses; this is what a compiler's symbol table is: names, types, places.
 * Addresses are handed out in order, so they repeat from run to run. fork copies the table as the
 * kernel copies the memory. */
#ifndef LANG_SYMTAB_H
#define LANG_SYMTAB_H
#include "lang/type.h"

enum {
    SYMTAB_NAME_MAX = 31, /* bytes of a variable's or actor's name */
    SYMTAB_MAX = 1024,    /* variables of one actor */
};
#define ARENA_BASE 0x10000000UL /* where each actor's variables begin */
#define ARENA_SIZE (4UL << 20)  /* bytes; private memory, mapped without reserve */
#define ARENA_ERRNO ARENA_BASE  /* int errno of the student's calls; in every table */
#define LITERAL_BASE (ARENA_BASE + ARENA_SIZE)
#define LITERAL_SIZE (16UL << 20) /* string literals: the same text, the same address */

struct var {
    char name[SYMTAB_NAME_MAX + 1];
    struct type type;
    uint64_t addr;
};

struct symtab {
    struct var *vars;
    int n, cap;
    uint16_t *sorted;         /* indices of vars by name */
    uint64_t next;            /* first free address of the arena */
    struct literal *literals; /* open hash by content, private to symtab.c */
    int nliterals, literals_cap;
    uint64_t next_literal;
};

void symtab_init(struct symtab *t); /* with errno */
void symtab_release(struct symtab *t);
void symtab_copy(struct symtab *to, const struct symtab *from); /* to is not initialised */
const struct var *symtab_find(const struct symtab *t, const char *name);
/* A new variable, 16-byte aligned; NULL when the arena or the table is full. A name that exists
 * already is given its new type and a new place, as a new scope does in C. */
const struct var *symtab_add(struct symtab *t, const char *name, struct type type);
/* The address of a string literal; *fresh says that the actor does not have its bytes yet.
 * 0 when the literals are full. */
uint64_t symtab_literal(struct symtab *t, const char *bytes, size_t n, bool *fresh);

/* Where a table stood, so that a line that does not compile leaves nothing behind. One name may be
 * declared anew between mark and rollback, and is said beforehand. */
struct symtab_mark {
    int n, nliterals;
    uint64_t next, next_literal;
    int retyped; /* index of the variable that is declared anew, or -1 */
    struct var old;
};
struct symtab_mark symtab_mark(const struct symtab *t);
void symtab_mark_retype(struct symtab_mark *m, const struct symtab *t, const char *name);
void symtab_rollback(struct symtab *t, const struct symtab_mark *m);
#endif
