/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the table of a guided lab, field by field. Each function makes data of what is there and
 * says what is wrong with it. */
#ifndef LUA_GUIDED_PARTS_H
#define LUA_GUIDED_PARTS_H
#include "base/text.h"
#include "lua/guided.h"
#include "lua/guided_place.h"
#include "lua/host.h"

struct reading {
    lua_State *L;
    struct host *h;
    struct guided *g;
    struct guided_place place; /* where in the file we are */
    char what[80];             /* " task create", or "" */
    char key[64];              /* of its texts: "create" */
    int hint_cost, skip;       /* of the lab, for tasks that say nothing */
};

/* guided_tables.c: what the frame has beside what all have. */
extern const struct frame_field guided_frame_fields[];

/* One more fault, at the field of that name, NULL: at the beginning of what is being read. */
void guided_wrong(struct reading *r, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "; did you mean x?", or nothing. */
const char *guided_near(const struct near *near, char room[80]);
/* Is there a field in the table on top of the stack that its class has not, beside `listed`
 * elements? */
void guided_known(struct reading *r, const struct api_class *class, int listed);
/* Pushes a field of the table on top of the stack; its type. */
int guided_field(struct reading *r, const char *name);
/* A text; NULL when it is missing or none. */
char *guided_text(struct reading *r, const char *name, bool required);
/* A whole number from min to max, or `otherwise` when it is missing. */
int guided_number(struct reading *r, const char *name, int min, int max, int otherwise,
                  bool required);
void guided_strings(struct reading *r, const char *name, char ***to, int *n);
void guided_function(struct reading *r, const char *name);
/* A text with lines, or a list of them. */
void guided_lines_of(struct reading *r, const char *name, bool required,
                     struct guided_lines *lines);
#endif
