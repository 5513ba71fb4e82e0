/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signals of the shell itself. While a line runs Ctrl-C is a flag that whoever waits looks at; at
 * the prompt all signals come through one descriptor, so that the loop there has one place where
 * it sleeps and nothing can fall between a look and a sleep. */
#ifndef FRONT_SIGNALS_H
#define FRONT_SIGNALS_H
#include <stdbool.h>

/* Whatever was inherited: nothing is blocked, what must not be ignored is not, Ctrl-C is a flag. */
void front_signals_start(void);
bool front_signals_interrupted(void); /* Ctrl-C was pressed, or the session must end */
void front_signals_clear_interrupt(void);

/* For a session at a terminal: the descriptor that becomes readable when a signal came; -1 and
 * errno. suspend puts the terminal right, and is called in a handler too: only what
 * signal-safety(7) allows. */
int front_signals_open(void (*suspend)(bool resumed));
/* At the prompt signals wait in the descriptor; elsewhere they act. */
void front_signals_at_prompt(bool yes);

struct signals_taken {
    bool interrupt; /* Ctrl-C */
    bool resized;   /* the window has another size, or the session was stopped and goes on */
    bool resumed;
    int ends; /* SIGHUP or SIGTERM: the session must end; 0 */
};
/* What came since it was last asked; Ctrl-Z is obeyed in here. */
struct signals_taken front_signals_take(void);
int front_signals_ending(void); /* SIGHUP or SIGTERM came while a line ran; 0: none */
#endif
