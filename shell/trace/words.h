/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors of the system in words: "ENOENT (no such file or directory)". */
#ifndef TRACE_WORDS_H
#define TRACE_WORDS_H

struct words {
    char text[96];
};

struct words words_errno(int number);
/* Only what stands in the brackets, of an error given by its name; "" when it is none. */
struct words words_errno_name(const char *name);
#endif
