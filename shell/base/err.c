/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct status_record status_records[] = {
    {STATUS_OK, "all is well",
     "everything that was asked for was done; system calls may well have failed, that is data"},
    {STATUS_DIFFERS, "a check failed", "a check failed, or a replay differs from its trace"},
    {STATUS_USAGE, "not understood",
     "usage: a bad option, bad syntax, an unknown call, actor or variable"},
    {STATUS_LAB, "the lab file is broken", "the lab file is broken: its author's fault"},
    {STATUS_STUCK, "stuck or out of time",
     "every process waits for another at the end of a script, or time ran out"},
    {STATUS_MACHINE, "this machine cannot do it, or ipclab failed",
     "this machine cannot do it, or ipclab itself failed; `ipclab doctor` may say why"},
    {STATUS_TRACE, "a trace is damaged or could not be recorded to its end",
     "a trace is damaged, or could not be recorded to its end"},
    {STATUS_INTERRUPTED, "interrupted", "Ctrl-C in a script"},
    {0},
};

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
err_errno(struct err *e, enum status status, const char *what)
{
    struct buf shown = {0};
    int error = errno;

    text_escape(&shown, what, strlen(what), true);
    err_set(e, status, "%.300s: %s (%s)", buf_text(&shown), strerrorname_np(error),
            strerror(error));
    buf_release(&shown);
    errno = error;
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
