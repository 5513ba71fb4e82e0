/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab: tools for authors of labs. A file each. */
#ifndef FRONT_AUTHORS_H
#define FRONT_AUTHORS_H
#include "front/commands.h"
#include "front/recorded.h"
#include "lesson/play.h"

/* lab list [LAB...] */
enum status authors_list(const struct options *o, const struct places *places, struct err *err);
/* lab new NAME */
enum status authors_new(const struct options *o, const struct places *places, struct err *err);
/* lab doc LAB: a handout. */
enum status authors_doc(const struct options *o, const struct places *places, struct err *err);
/* lab check LAB...: each in a process of its own, which is authors_prove. */
enum status authors_check(const struct options *o, const struct places *places, struct err *err);
/* lab check --json LAB: a line of JSON for each thing that was tried. */
enum status authors_prove(const struct options *o, const struct places *places, struct err *err);

/* authors_open.c: a lab that was loaded to be looked at, in a session that has not begun. */
struct opened {
    struct launcher_options launcher;
    struct lab_file file;
    struct session session;
    struct lab *lab;
    struct buf said; /* what is wrong with it, a line each */
};

/* Launches the session, once for as many labs as are loaded one after the other. 0, or -1 and
 * *err. */
int authors_open(struct opened *l, const struct options *o, const struct places *places,
                 struct err *err);
/* Finds and loads this lab in place of the one before. OK; LAB: it is broken, and l->said; else
 * *err. */
enum status authors_open_next(struct opened *l, const char *name, const struct places *places,
                              struct err *err);
void authors_close(struct opened *l);
/* How sessions of a lab are played that nobody sits at. */
struct play authors_play(const struct opened *l, const struct options *o);
/* Runs one that leads itself, in a session of its own that *r records; *said gets what went wrong.
 * The status as of `ipclab run`. */
enum status authors_run(const struct options *o, const struct places *places, const char *name,
                        struct recorded *r, struct buf *said, struct err *err);
/* Calls each with the name of every folder of labs, as it is typed, in order. */
void authors_each(const struct places *places, void (*each)(void *ctx, const char *name),
                  void *ctx);
#endif
