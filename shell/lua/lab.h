/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lab file and its run. All that front needs of this layer, without lua.h. */
#ifndef LUA_LAB_H
#define LUA_LAB_H
#include "session/session.h"
#include "trace/sha.h"

enum { LAB_MAX_BYTES = 1 << 20 }; /* of a lab file, and of each file beside it */

struct lab_file {
    char name[64];  /* of the lab: its folder's without the number, or the file's */
    char *folder;   /* the only place that `require` reads from */
    char shown[64]; /* how messages call the file; Lua cuts what is longer */
    char *data;     /* as read; what is hashed */
    size_t size;
    const char *text; /* in data: without byte order mark and without a #! line */
    size_t n;
    char sha256[SHA_HEX];
};

/* NAME (a folder of labs, its number may be left out), or the path of a .lua file or of a folder
 * with lab.lua. 0, or -1 and *err. */
int lab_file_open(struct lab_file *f, const char *name, const char *labs, struct err *err);
void lab_file_release(struct lab_file *f);
/* Calls each with every language that the lab has beside that of the file itself, in order: "de",
 * as the file in the folder texts is called. */
void lab_languages(const struct lab_file *f, void (*each)(void *ctx, const char *name), void *ctx);

struct lab; /* a lab file that was loaded, with its state; private */

typedef void lab_say_fn(void *ctx, const char *line);

/* Loads it for a session that knows its calls (session_launch). What is wrong is told through say,
 * a line a call; then NULL and *status. The file stays open as long as the lab. */
struct lab *lab_load(struct session *s, const struct lab_file *f, lab_say_fn *say, void *ctx,
                     enum status *status);
/* Runs one that leads itself, in a started session. */
enum status lab_run(struct lab *lab, lab_say_fn *say, void *ctx);
void lab_free(struct lab *lab); /* may be NULL; before the session's own release */

/* A chunk of Lua typed at the prompt, in a state that lasts as long as the session; the values of
 * an expression are shown. 0, or -1 and *err. */
int chunk_run(struct session *s, const char *text, struct err *err);
void chunk_release(struct session *s); /* before the session's own release */
#endif
