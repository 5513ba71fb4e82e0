/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that does not fail: when memory is out, the handler given to mem_on_out runs (front
 * says so and ends with status 5); the worlds end by themselves when the shell is gone. */
#ifndef BASE_MEM_H
#define BASE_MEM_H
#include <stddef.h>
void *mem_alloc(size_t n);                 /* zeroed */
void *mem_grow(void *p, size_t n);         /* as realloc */
char *mem_copy(const char *s);             /* as strdup */
char *mem_copy_n(const char *s, size_t n); /* as strndup */
void mem_on_out(void (*handler)(void) __attribute__((noreturn)));
#endif
