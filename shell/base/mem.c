/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*on_out)(void) __attribute__((noreturn));

void
mem_on_out(void (*handler)(void) __attribute__((noreturn)))
{
    on_out = handler;
}

static void *
checked(void *p)
{
    static const char text[] = "ipclab: out of memory\n";

    if (p != NULL)
        return p;
    if (on_out != NULL)
        on_out();
    if (write(2, text, sizeof text - 1) < 0)
        _exit(5);
    _exit(5);
}

void *
mem_alloc(size_t n)
{
    return checked(calloc(1, n ? n : 1));
}

void *
mem_grow(void *p, size_t n)
{
    return checked(realloc(p, n ? n : 1));
}

char *
mem_copy(const char *s)
{
    return checked(strdup(s));
}

char *
mem_copy_n(const char *s, size_t n)
{
    return checked(strndup(s, n));
}
