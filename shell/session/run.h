/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Running the plans of actors step by step, and telling what happened. */
#ifndef SESSION_RUN_H
#define SESSION_RUN_H
#include "session/session.h"

/* Runs the actor's plan until it is done or waits, and all that follows from it. */
int run_plan(struct session *s, struct actor *a, struct err *err);
/* After something happened without a step (a signal, a timer, a death): settle and tell. by: the
 * step that it is due to, 0 none. */
int run_aftermath(struct session *s, struct actor *trigger, int64_t by, struct err *err);
/* Spawned actors say hello and are told. network: the host they are on, -1 none. */
int run_spawn(struct session *s, const char *const *names, int n, int network, struct err *err);
/* Says, once, that the world has ended by itself. */
void run_tell_over(struct session *s);
/* Verdicts after a line. */
void run_verdicts(struct session *s);

/* narrate.c: events of one actor. */
void narrate_enter(struct session *s, struct actor *a, const struct plan_step *step);
void narrate_exit(struct session *s, struct actor *a, int64_t by);
void narrate_block(struct session *s, struct actor *a);
void narrate_process(struct session *s, struct actor *a, const char *what);
/* Whom the call has waited for: its result says so (waitpid), or a fact (waitid). 0: nobody. */
pid_t process_waited_for(const struct actor *a);
void narrate_host(struct session *s, int network, const char *what);
void narrate_death(struct session *s, struct actor *a);
void narrate_output(struct session *s, struct actor *a);
/* narrate_signal.c: signals that came to the actor. Before the exit of its step those that came in
 * its call; else all but SIGCHLD, and what became of those that were sent to it; last, when all
 * ends were told, what children's ends did. by: the step, 0 none. */
void narrate_signals_inside(struct session *s, struct actor *a, int64_t by);
void narrate_signals(struct session *s, struct actor *a, int64_t by);
void narrate_continuing(struct session *s, struct actor *a); /* SIGCONT, by its default action */
void narrate_signals_of_children(struct session *s, int64_t by);
/* The state fields of an object and who holds it, as field "state". */
void narrate_state(struct session *s, int object);

/* objects.c: brings the states of the objects of exits[i] up to the moment of that exit. Called for
 * each in the order in which they are told, before it is told. */
void objects_before_exit(struct session *s, struct actor *const *exits, int n, int i);

/* messages.c: the messages that the call of this reply put and took are so from now on. */
void messages_pass(struct session *s, const struct buf *reply);
/* Exits from one to n in an order in which nobody takes a message before it was put: who waits to
 * receive may have begun to wait before him who sends. */
void messages_order(struct session *s, struct actor **exits, int from, int n);

/* explain.c: asks the observer again why the actor waits and remembers what it says now (never,
 * and the clause of its wait). */
void explain_refresh(struct session *s, struct actor *a);
/* The actor has run and waits again in the same call: a second block event when that is on another
 * of its objects, as of one that was signalled and now needs the mutex. */
void narrate_moved(struct session *s, struct actor *a);
#endif
