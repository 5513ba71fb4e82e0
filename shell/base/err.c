/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
err_clear(struct err *e)
{
    memset(e, 0, sizeof *e);
}

int
err_set(struct err *e, enum status status, const char *fmt, ...)
{
    va_list ap;

    err_clear(e);
    e->status = status;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -1;
}

int
err_at(struct err *e, int col, int end, const char *fmt, ...)
{
    va_list ap;

    err_clear(e);
    e->status = STATUS_USAGE;
    e->col = col;
    e->end = end < col ? col : end;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -1;
}
