/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The handout of a lab, piece by piece. */
#ifndef FRONT_DOC_H
#define FRONT_DOC_H
#include "front/authors.h"
#include "front/figure.h"

struct doc {
    const struct options *options;
    const struct places *places;
    struct opened opened;
    struct recorded model; /* the session of the model solution, or the run */
    struct paper paper;
    struct figures figures;
};

/* doc_guided.c, doc_led.c: all behind the head of it. Plays what it needs. OK, or *err. */
enum status doc_guided(struct doc *d, struct err *err);
enum status doc_led(struct doc *d, struct err *err);
#endif
