/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One step: a call is given to one actor, and the world is watched until it is quiet: every actor
 * is idle, asleep in the kernel, stopped or dead, and nobody is about to run. No timeouts decide
 * this; the kernel is asked (design 2). After a step only those are asked whose wait it could have
 * ended; stepper_audit asks everybody. */
#ifndef PROC_STEPPER_H
#define PROC_STEPPER_H
#include "proc/world.h"

enum settle {
    SETTLE_QUIET,
    SETTLE_INTERRUPTED, /* Ctrl-C: somebody still runs, or a timed call still waits */
    SETTLE_TIMEOUT,
};

/* Gives the actor step pc of its plan under this number. 0, or -1 and *err. */
int stepper_give(struct world *w, struct actor *a, int64_t number, struct err *err);
/* Gives an await whose condition did not hold another look. */
void stepper_look_again(struct world *w, struct actor *a);
/* Until quiet. trigger may be NULL (something happened by itself). A timed call of the trigger is
 * waited for, until it returns or moves: then its time may be over (explain.c). limit_ms 0: no
 * limit. What changed stands in the actors: replied, state DEAD or FOREIGN, stopped. */
enum settle stepper_settle(struct world *w, struct actor *trigger, int64_t limit_ms);
/* Takes what came by itself, without waiting. True when anything changed. */
bool stepper_poll(struct world *w);
/* Waits until something comes by itself, a timed call moves, Ctrl-C, or the limit. */
enum settle stepper_wait_event(struct world *w, int64_t limit_ms);
/* Asks the kernel about every waiting actor, and says how many had moved though no step was seen
 * to wake them: more than 0 is a fault of ours. */
int stepper_audit(struct world *w);
/* Takes what a call has printed so far. */
void stepper_drain(struct world *w, struct actor *a);
/* Waits for the hello of an actor just spawned. */
int stepper_await_hello(struct world *w, struct actor *a, struct err *err);
/* Answers of state requests: asks an idle actor for the state of an object behind its descriptor
 * (fd -1: without). Facts are in a->reply; false when it died of it. */
bool stepper_ask_state(struct world *w, struct actor *a, const struct object *o, int fd);
/* Programs and processes that are no actors and live in the world. */
int stepper_foreigners(struct world *w);
#endif
