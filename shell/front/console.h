/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person or a pipe sees: the listener that shows events as lines, messages with their
 * place, and the recording. Made once by main. */
#ifndef FRONT_CONSOLE_H
#define FRONT_CONSOLE_H
#include "front/options.h"
#include "session/session.h"
#include "session/source.h"
#include "trace/writer.h"
#include "view/lines.h"

struct console {
    const struct options *options;
    struct session *session;
    struct listener listener;
    struct lines lines;
    struct writer writer;
    struct buf out;
    bool ascii; /* the locale is not UTF-8 */
    bool lost_told;
    bool shows;                /* lines on stdout; not with --json */
    void (*before_text)(void); /* the prompt: leaves the line being typed */
    void (*after_text)(void);
    struct source_options source;
};

/* Opens the trace; a session that cannot be recorded says so and goes on, but --trace FILE that
 * cannot be written is an error. */
int console_start(struct console *c, const struct options *o, struct session *s, struct err *err);
void console_catalog(struct console *c); /* once the session has its call records */
/* Writes the end of the trace. Returns STATUS_TRACE when it could not be recorded. */
enum status console_finish(struct console *c);
void console_text(struct console *c, const char *text, size_t n);
/* An error of a line at its place, on stderr. */
void console_error(void *ctx, const char *name, int line, const char *text, size_t n,
                   const struct err *err);
/* "ipclab: ..." on stderr. */
void console_message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool console_colour(const struct options *o, int fd);
#endif
