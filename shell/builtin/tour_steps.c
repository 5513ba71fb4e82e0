/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two minutes. */
#include "builtin/tour.h"

const struct tour_step tour_steps[] = {
    {.say = "Every process here has a name. `spawn` makes a real one, with memory and "
            "descriptors of its own. Nothing of it is left when you leave.",
     .line = "spawn parent",
     .event = "process",
     .is = "spawn"},
    {.say = "A line says who acts, then what it does, as in that process's C program. pipe(2) "
            "makes a queue of bytes in the kernel. At the end of its line stands who can write "
            "to it (W) and who can read from it (R).",
     .line = "$p pipe(fd)",
     .event = "exit",
     .is = "pipe"},
    {.say = "fork(2) makes a copy of the process: same variables, same open descriptors. From "
            "now on two processes hold both ends of the pipe.",
     .line = "$p fork(child)",
     .event = "process",
     .is = "fork"},
    {.say = "Let the parent read. The pipe is empty, so the call waits, as it would in any "
            "program. You get the prompt back at once, and the line says why it waits.",
     .line = "$p read($fd[0], buf, 32)",
     .event = "block",
     .is = "read"},
    {.say = "Ask for the whole story: the rule, who could end the wait, and a line to type.",
     .line = "why $p",
     .builtin = "why"},
    {.say = "Now the child writes. Two things happen: the write returns, and the read that "
            "waited comes back with what was written.",
     .line = "$c write($fd[1], \"hello\")",
     .event = "exit",
     .is = "read"},
    {.say = "The same once more with a column for each process, time running down. The last "
            "column is the pipe.",
     .line = "lanes",
     .builtin = "lanes"},
    {.say = "Real processes cannot go back in time, but they can be led to the same place again. "
            "`undo` takes back the last line: the parent waits as before.",
     .line = "undo",
     .event = "undo"},
    {.say = "What if the child ends without a word? Is that the end of the file for the parent? "
            "Guess first, then look.",
     .line = "$c exit(0)",
     .event = "verdict"},
    {.say = "Stuck: the parent itself still holds a write end, so the pipe could still be written "
            "to, and read(2) waits for ever. That is why programs close what they do not use. "
            "`reset` makes a fresh world.",
     .line = "reset",
     .event = "reset"},
    {0},
};

const char tour_farewell[] =
    "That was the tour. `help` is one screen with all of it, `help line` says what may stand on a "
    "line, and `tour CALL` plays the example of a call: `tour shmget`.";
