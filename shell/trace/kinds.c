/* SPDX-License-Identifier: GPL-3.0-or-later
 * See kinds.h. In the order in which a session tells them. */
#include "trace/kinds.h"

#include <stddef.h>

#define STEP                                                                                       \
    {                                                                                              \
        "step", "number", true, "which step; enter, block and exit of one step share it"           \
    }
#define ACTOR                                                                                      \
    {                                                                                              \
        "actor", "text", true, "whose step it is"                                                  \
    }
#define CALL                                                                                       \
    {                                                                                              \
        "call", "text", true, "the call, or print, =, await"                                       \
    }
#define OBJ                                                                                        \
    {                                                                                              \
        "obj", "text", false, "the kernel object it is about, by our name: pipe#1"                 \
    }
#define BY                                                                                         \
    {                                                                                              \
        "by", "number", false, "the step of another actor that ended the waiting"                  \
    }

const struct event_field event_common[] = {
    {"seq", "number", true, "place in the order of all events, from 0"},
    {"ev", "text", true, "the kind"},
    {"vol", "object", false,
     "fields that differ from run to run, by their names; the fields themselves are beside it too, "
     "and --stable leaves out both"},
    {0},
};

static const struct event_field session_fields[] = {
    {"ipclab", "number", true, "version of this format, 1; another one is refused"},
    {"version", "text", true, "of the program that wrote it"},
    {"lab", "text", false, "name of the lab"},
    {"lab_sha256", "text", false, "digest of the lab's file"},
    {"student", "text", false, "as --student gave it"},
    {"seed", "number", true, "as --seed gave it, else 0"},
    {"kernel", "text", false, "release of the kernel"},
    {"arch", "text", false, "the machine"},
    {"world", "text", true, "sealed or shared"},
    {"why_shared", "text", false, "why the world is not sealed"},
    {"ipc_private", "text", false, "what IPC_PRIVATE means in a shared world"},
    {"plugins", "object", true, "name and version of each plugin"},
    {0},
};

static const struct event_field input_fields[] = {
    {"text", "text", true, "the line, abbreviations in full; this is what replay runs"},
    {"from", "text", false,
     "who gave it, where it was not typed: lab (its actors), skip (the solution of a task), from "
     "(the solution before the task that --from names)"},
    {0},
};

static const struct event_field enter_fields[] = {
    STEP,
    ACTOR,
    CALL,
    {"args", "list", true, "what it was given: flags in the words of C, data as text"},
    {"text", "text", false, "of print, = and await: the expression as it was typed"},
    {"to", "text", false, "what the result is assigned to"},
    {0},
};

static const struct event_field block_fields[] = {
    STEP,
    ACTOR,
    CALL,
    OBJ,
    {"why", "text", true, "one word for the reason: empty, full, child"},
    {"waits", "text", true, "the reason as a clause"},
    {"later", "true or false", false,
     "a timer of the kernel may end the call by itself some time: TCP sends again what was lost"},
    {"state", "object", false, "the object as it is while the call waits"},
    {"holders", "list", false, "who has which end open: actor, fd and mode (r, w or u) of each"},
    {0},
};

static const struct event_field exit_fields[] = {
    STEP,
    ACTOR,
    CALL,
    {"ret", "number", false, "what the call returned; always there but for print, = and await"},
    {"errno", "text", false, "name of the error, when it failed"},
    OBJ,
    {"created", "true or false", false, "the object came into being by this call"},
    {"flow", "number", false, "how much went into (+) or out of (-) the object"},
    {"state", "object", false, "the object after the call; w, r and holders are actors"},
    {"out", "object", false, "what the call stored, by the names of the variables"},
    {"value", "any", false, "of print: a text, a number or a list of numbers"},
    {"facts", "object", false, "what the plugin adds, where a field of that name is there already"},
    {"note", "list", false, "sentences about what just happened"},
    BY,
    {0},
};

static const struct event_field signal_fields[] = {
    ACTOR,
    {"sig", "text", true, "SIGUSR1"},
    {"action", "text", true, "handler, default or ignored"},
    {"from", "text", false, "the actor that sent it"},
    {"handler", "text", false, "what the actor calls the handler that ran"},
    {"value", "number", false, "the value of sigqueue(3), where the handler sees it"},
    {"interrupted", "text", false, "the call, or await, in the middle of which the handler ran"},
    {"restarted", "true or false", false, "that call started again instead of failing with EINTR"},
    {0},
};

static const struct event_field process_fields[] = {
    {"actor", "text", true, "whose life it is about"},
    {"what", "text", true, "spawn, fork, exec, exit, killed, stopped, continued, reaped"},
    {"parent", "text", false, "the actor whose child it is"},
    {"pid", "number", false, "its pid in the world"},
    {"host", "text", false, "spawn, fork: the host it is on, in worlds that have any"},
    {"fds", "list", false, "fork: the descriptors that it has from its parent"},
    {"path", "text", false, "exec: the program"},
    {"status", "number", false, "exit: as the parent reads it with WEXITSTATUS"},
    {"sig", "text", false, "killed, stopped: the signal; of a stop only when an actor sent it"},
    {"during", "text", false, "killed: the call it was in"},
    {"addr", "number", false, "killed: the address that was touched"},
    {"text", "text", false, "killed: what it did that no actor may do"},
    {"facts", "object", false, "what the call that ended it adds"},
    {"note", "list", false, "sentences about what just happened"},
    BY,
    {0},
};

static const struct event_field host_fields[] = {
    {"host", "text", true, "its name"},
    {"what", "text", true, "made, unplugged, plugged"},
    {"addresses", "list", false, "made: its IPv4 and its IPv6 address"},
    {0},
};

static const struct event_field output_fields[] = {
    {"actor", "text", true, "who wrote it"},
    {"fd", "number", true, "1 or 2"},
    {"text", "text", true, "what was written"},
    {0},
};

static const struct event_field verdict_fields[] = {
    {"kind", "text", true,
     "stuck: nobody can move any more; never: this one call cannot be ended by others"},
    {"actors", "list", true, "who waits"},
    OBJ,
    {"text", "text", true, "the reason in words"},
    {"waits", "list", false, "of each who waits: actor, call, step, obj, why and text"},
    {"holders", "list", false,
     "who holds what they wait for: actor, fd, mode, obj, and since which step and how"},
    {"cycle", "list", false, "actors, each waiting for the next and the last for the first"},
    {"says", "list", false, "the same in sentences"},
    {"next", "list", false,
     "lines to type one after the other, `undo N` among them where it takes that"},
    {"undo", "number", false, "how many lines to take back for the call not to have been made"},
    {0},
};

static const struct event_field note_fields[] = {
    {"text", "text", true, "what the shell or the lab has to say"},
    {"kind", "text", false,
     "step: the lab begins a step of its story; failed: a line that failed and was allowed to"},
    {0},
};

static const struct event_field bench_fields[] = {
    {"mechanisms", "list", true, "what was measured"},
    {"sizes", "list", true, "bytes of a message"},
    {"results", "list", true,
     "figures of each: mechanism, size, cores (1 or 2), p50_ns and p99_ns of there and back, "
     "bytes_per_s of one way"},
    {0},
};

static const struct event_field predict_fields[] = {
    {"text", "text", true, "the question, or what was said and how it was"},
    {"task", "text", false, "the task of a guided lab that asks"},
    {"what", "text", false, "of such a task: asks, answered, judged"},
    {"step", "number", false, "the step it is about"},
    {"actor", "text", false, "whose step"},
    {"call", "text", false, "its call"},
    {"answer", "text", false,
     "what the student expected; of a choice its number, of an order the numbers in that order"},
    {"truth", "text", false, "what happened, in the same form"},
    {"right", "true or false", false, "whether they are the same"},
    {"points", "number", false, "that the answer gave"},
    {"max", "number", false, "that the right answer gives"},
    {0},
};

static const struct event_field undo_fields[] = {
    {"lines", "number", true, "how many were taken back"},
    {"to", "number", true, "seq of the last event that still holds"},
    {"first", "text", true, "the first line that was taken back"},
    {0},
};

static const struct event_field no_fields[] = {{0}};

static const struct event_field check_fields[] = {
    {"text", "text", true, "what was expected; of a task what is missing"},
    {"passed", "true or false", true, "whether it held; null: it could not be judged"},
    {"task", "text", false, "the task of a guided lab; when it passed, the task is done"},
    {"title", "text", false, "what that task is called"},
    {"begun", "true or false", false, "false: that task was not the student's turn yet"},
    {"points", "number", false, "that it gave, those of its question not included"},
    {"max", "number", false, "that it could have given"},
    {"events", "list", false, "seq of the events on which that rests"},
    {"fault", "text", false, "why the check of the lab could not be asked"},
    {"stopped", "true or false", false, "true: it did not come back, and is not asked again"},
    {0},
};

static const struct event_field schedule_fields[] = {
    {"kind", "text", true, "round robin, random (by the seed of the session), or list"},
    {"programs", "list", true, "the actors that have a program from the beginning"},
    {0},
};

static const struct event_field turn_fields[] = {
    {"actor", "text", true, "who makes the next call"},
    {"ready", "list", true, "all who could have made theirs"},
    {0},
};

static const struct event_field task_fields[] = {
    {"what", "text", true,
     "begins; shown: its solution was asked for; skipped; left: the session began after it; of the "
     "lab as a whole: opens, submitted, ends"},
    {"id", "text", false, "the task"},
    {"n", "number", false, "which one it is, from 1"},
    {"of", "number", false, "how many there are"},
    {"title", "text", false, "what it is called"},
    {"points", "number", false, "that were got: of the task, or of the whole lab so far"},
    {"max", "number", false, "that can be got"},
    {"hints", "number", false, "how many hints it has"},
    {"minutes", "number", false, "how long the lab takes"},
    {"from", "text", false, "opens: the task with which the session begins, as --from says"},
    {"text", "text", true, "what it says: the task, the solution, the last words"},
    {0},
};

static const struct event_field hint_fields[] = {
    {"id", "text", true, "the task"},          {"n", "number", true, "which of its hints, from 1"},
    {"of", "number", true, "how many it has"}, {"cost", "number", true, "points that it costs"},
    {"text", "text", true, "the hint"},        {0},
};

static const struct event_field end_fields[] = {
    {"events", "number", true, "how many events stand before this line"},
    {"sha256", "text", true, "digest of all bytes before this line"},
    {0},
};

const struct event_kind event_kinds[] = {
    {"session", "how and where it began; the first line", false, session_fields},
    {"input", "a line that was typed, if it can be run again", false, input_fields},
    {"enter", "a step begins: an actor enters a call", false, enter_fields},
    {"block", "the call waits, and why", false, block_fields},
    {"exit", "the step ends: what came of it", true, exit_fields},
    {"signal", "a signal was delivered", false, signal_fields},
    {"process", "an actor came to be, changed or ended", false, process_fields},
    {"host", "a host came to be, or its cable was pulled or plugged", false, host_fields},
    {"output", "an actor wrote to its standard output or error", false, output_fields},
    {"verdict", "nothing can end the waiting", false, verdict_fields},
    {"note", "a sentence beside what happens", false, note_fields},
    {"predict", "what the student expected, before the truth", false, predict_fields},
    {"undo", "lines were taken back", false, undo_fields},
    {"reset", "a fresh world", false, no_fields},
    {"check", "a lab looked, and said what it found", false, check_fields},
    {"schedule", "programs begin, and how it is decided who moves", false, schedule_fields},
    {"turn", "a program is given control until its call is made", false, turn_fields},
    {"task", "how it goes with a task of a guided lab, or with the lab", false, task_fields},
    {"hint", "a guided lab gave a hint", false, hint_fields},
    {"bench", "mechanisms were measured, in a world of their own", false, bench_fields},
    {"end", "the last line: the session was recorded to its end", false, end_fields},
    {0},
};
