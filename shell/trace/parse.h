/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of JSON into one event; and a trace from a descriptor, for the fuzzer. */
#ifndef TRACE_PARSE_H
#define TRACE_PARSE_H
#include "base/err.h"
#include "trace/event.h"
#include "trace/read.h"

/* 0, or -1 and why in words. Nothing beyond n is read. */
int trace_parse(struct event *e, const char *line, size_t n, char why[256]);
/* As trace_open, of an open file that is closed with the reader (at once when it is refused). */
struct trace_reader *trace_open_fd(int fd, const char *name, struct err *err);
#endif
