/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Candidates on their way into a completion: what does not go with the word that is typed is left
 * out before anything is found out about it. */
#ifndef ASSIST_OFFER_H
#define ASSIST_OFFER_H
#include "assist/complete.h"
#include "assist/scene.h"
#include "session/peek.h"

enum offer_match { OFFER_PREFIX, OFFER_CASELESS, OFFER_INSIDE };

struct offers {
    struct completion *c;
    const struct scene *scene;
    const char *word; /* n bytes of the line */
    size_t n;
    enum offer_match match;
    struct buf about; /* of the last one */
    bool open;        /* about is still being written */
};

/* Does this text go with the word? */
bool offer_fits(const struct offers *o, const char *text);
/* Offers it if it fits; then returns where what it is can be written until the next one is offered.
 * NULL: not taken. */
struct buf *offer(struct offers *o, const char *text, char append);
/* The same with what it is in one go. about may be NULL. */
void offer_text(struct offers *o, const char *text, char append, const char *about);
void offer_end(struct offers *o);
/* Is it among the candidates from that index on? */
bool offer_has(const struct offers *o, int from, const char *text);

/* complete_name.c: names that stand for something. */
void offer_pid(struct offers *o, const struct actor *a);
void offer_calls(struct offers *o);
void offer_constants(struct offers *o, const struct ipclab_constant *k);
void offer_statement(struct offers *o);  /* what an actor may do */
void offer_expression(struct offers *o); /* what a value may be */
/* complete_var.c: variables of who acts. take says which; NULL: all. */
typedef bool (*var_filter)(const struct scene *sc, const struct actor *a, const struct var *v);
void offer_vars(struct offers *o, var_filter take, char append);
void offer_descriptors(struct offers *o); /* and the variables and elements that hold one */
void offer_elements(struct offers *o, const struct scene_frame *index);
/* complete_object.c: ids of objects, attached memory. */
void offer_objects(struct offers *o, const struct scene_frame *f);
void offer_known_values(struct offers *o, const struct scene_frame *f);
void offer_memory(struct offers *o);
/* complete_file.c: files of the actor's own folder, and of the person's. from: where the path
 * begins. Only the last part of it is replaced. */
enum path_form { PATH_QUOTED, PATH_WORD, PATH_UNQUOTED };
void offer_files_of(struct offers *o, const struct actor *a, size_t from, enum path_form form);
void offer_own_files(struct offers *o, size_t from);
/* complete_host.c: hosts, and the first part of an address that is being typed in quotes. */
void offer_hosts(struct offers *o);
void offer_new_host(struct offers *o);
void offer_address_of_host(struct offers *o);
/* complete_argument.c, complete_builtin.c */
void offer_argument(struct offers *o, const struct scene_frame *f);
void offer_builtin_word(struct offers *o);
#endif
