/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C types that lines of the grammar know: char, int, long, FILE and pointers and arrays of
 * them. Typedef names of the man pages (pid_t, key_t, size_t, ...) are spellings of these. */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum type_base { TYPE_VOID, TYPE_CHAR, TYPE_INT, TYPE_LONG, TYPE_FILE };

struct type {
    uint8_t base;   /* enum type_base */
    uint8_t stars;  /* levels of pointer, at most 4 */
    uint32_t count; /* elements when it is an array, else 0 */
};

size_t type_size(struct type t); /* of an object of it: char 1, int 4, long and pointers 8 */
size_t type_element_size(struct type t); /* of what a[0] or *p is; 0 where that makes no sense */
struct type type_element(struct type t);
bool type_is_text(struct type t);    /* char array or char pointer: prints as a string */
bool type_is_address(struct type t); /* pointer or array */
bool type_by_name(const char *name, struct type *t); /* "int", "pid_t", "size_t", "FILE" ... */
const char *type_name(int i);                        /* the i-th of these names, or NULL */
void type_text(struct buf *out, struct type t, const char *name); /* "int pipefd[2]", "char *shm" */
#endif
