/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and escapes as C writes them; what C would warn about is refused, with its place. */
#ifndef LANG_NUMBER_H
#define LANG_NUMBER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Reads the number at *pos, which is a digit. 0, or -1 and *err. */
int number_read(const char *text, size_t *pos, size_t end, int64_t *value, bool *decimal,
                struct err *err);
/* Writes bytes [from, to) of text with C escapes resolved, and a NUL; out has to - from + 1. */
int number_unescape(const char *text, size_t from, size_t to, char *out, size_t *n,
                    struct err *err);
/* 666 for a mode: decimal, but all its three digits are octal ones. */
bool number_looks_octal(int64_t value);
#endif
