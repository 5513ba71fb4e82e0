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
#include "view/view.h"

struct console {
    const struct options *options;
    struct session *session;
    struct listener listener;
    struct view_options view_options;
    const struct view_kind *kind; /* of view, by settings.view; auto is lines */
    void *view;
    struct writer writer;
    struct buf out;
    bool ascii; /* the locale is not UTF-8 */
    bool rich;  /* stdout is a terminal that understands escape sequences */
    bool lost_told;
    bool shows;                /* lines on stdout; not with --json */
    bool missed;               /* the view was told of what nobody has seen */
    void (*before_text)(void); /* the prompt: leaves the line being typed */
    void (*after_text)(void);
    struct source_options source;
};

void console_start(struct console *c, const struct options *o, struct session *s);
/* Opens the trace; a session that cannot be recorded says so and goes on, but --trace FILE that
 * cannot be written is an error. */
int console_record(struct console *c, struct err *err);
struct saved;
/* Goes on with the trace of a guided lab: what was in it is in *v then, and the view knows it. */
int console_go_on(struct console *c, const char *path, struct saved *v, struct err *err);
/* Writes the trace so far as a whole one. path NULL: into this folder; *shown gets its name. */
int console_hand_in(void *console, const char *path, struct buf *shown, struct err *err);
/* The terminal's columns by now; 0: none are known. */
void console_width(struct console *c, int columns);
/* Writes the end of the trace. Returns STATUS_TRACE when it could not be recorded. */
enum status console_finish(struct console *c);
void console_text(struct console *c, const char *text, size_t n);
/* The same of an answer: where everything is sentences, no line of it is indented. */
void console_answer(struct console *c, const char *text, size_t n);
/* An error of a line at its place, on stderr. name NULL: the line was typed just now. */
void console_error(void *ctx, const char *name, int line, const char *text, size_t n,
                   const struct err *err);
/* "ipclab: ..." on stderr. */
void console_message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool console_colour(const struct options *o, int fd);
bool console_colour_now(const struct console *c); /* on stdout, as `set colour` has it */
/* Is it a terminal that understands escape sequences? */
bool console_is_rich(int fd);
/* The locale is not UTF-8: only ASCII may come out. */
bool console_is_ascii(void);
/* Columns of the terminal on this fd; 0 when it is none. */
int console_columns(int fd);
#endif
