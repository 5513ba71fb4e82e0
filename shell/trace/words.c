/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C library's sentences begin with a capital letter and ours do not. They are asked for by
 * strerrordesc_np, which no locale translates: a trace reads the same everywhere. */
#include "trace/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LAST_ERRNO = 133 };

static struct words
description(int number)
{
    const char *text = strerrordesc_np(number);
    struct words w;

    snprintf(w.text, sizeof w.text, "%s", text != NULL ? text : "unknown error");
    /* "Invalid argument", but "RPC version wrong". */
    if (!isupper((unsigned char)w.text[1]))
        w.text[0] = (char)tolower((unsigned char)w.text[0]);
    return w;
}

struct words
words_errno(int number)
{
    const char *name = strerrorname_np(number);
    struct words w, inner = description(number);

    snprintf(w.text, sizeof w.text, "%.24s (%.64s)", name != NULL ? name : "error", inner.text);
    return w;
}

struct words
words_errno_name(const char *name)
{
    for (int number = 1; number <= LAST_ERRNO; number++) {
        const char *known = strerrorname_np(number);

        if (known != NULL && strcmp(known, name) == 0)
            return description(number);
    }
    return (struct words){.text = ""};
}
