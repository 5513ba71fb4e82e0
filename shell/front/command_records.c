/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The commands of the command line, in the order in which they are shown, and which options mean
 * something to each. */
#include "builtin/bench.h"
#include "front/options.h"

static const char *const session_options[] = {
    "c",       "trace", "json",  "stable", "echo", "keep-going", "quiet",       "world", "judged",
    "timeout", "width", "color", "linear", "seed", "student",    "plugin-path", NULL};
static const char *const run_options[] = {
    "c",     "trace",   "json",   "stable", "echo",   "keep-going",  "quiet",
    "world", "timeout", "width",  "color",  "linear", "seed",        "student",
    "lang",  "fresh",   "resume", "from",   "judged", "plugin-path", NULL};
static const char *const lab_options[] = {
    "verbose", "format",  "jobs", "json",    "kind", "output", "teacher",     "trace", "stable",
    "world",   "timeout", "seed", "student", "lang", "width",  "plugin-path", NULL};
static const char *const grade_options[] = {
    "lab",        "out",        "user",   "resume", "shard",   "jobs",        "timeout",
    "fail-under", "from-trace", "json",   "world",  "student", "plugin-path", "format",
    "diff",       "fill",       "column", "key",    "width",   NULL};
static const char *const replay_options[] = {
    "to",     "step",       "trace", "stable", "world",  "timeout",     "trust",
    "judged", "keep-going", "width", "color",  "linear", "plugin-path", NULL};
static const char *const diff_options[] = {"width", "color", "plugin-path", NULL};
static const char *const show_options[] = {"as",   "output", "width",       "color", "stable",
                                           "echo", "quiet",  "plugin-path", NULL};
static const char *const plugins_options[] = {"verbose", "json", "plugin-path", NULL};
static const char *const bench_options[] = {"sizes", "seconds", "rounds",      "svg",
                                            "json",  "world",   "plugin-path", NULL};
static const char *const help_options[] = {"json", "width", "plugin-path", NULL};
static const char *const no_options[] = {NULL};

static const struct option_choice generated[] = {
    {"man", 0},    {"completion", 0}, {"json", 0},    {"lua-definitions", 0},
    {"topics", 0}, {"labs", 0},       {"benches", 0}, {0}};

static const struct option_choice lab_words[] = {
    {"list", 0}, {"new", 0}, {"check", 0}, {"doc", 0}, {0}};

const struct command_record command_records[] = {
    {.name = "",
     .command = COMMAND_SESSION,
     .usage = "[-c LINES | FILE | -]",
     .max = 1,
     .word = WORD_IS_FILE,
     .options = session_options,
     .summary = "a session: at the terminal, of lines, of a script, of standard input",
     .help = "Without lines and without a file it is a session at the terminal, or reads lines "
             "from standard input where that is no terminal."},
    {.name = "run",
     .command = COMMAND_RUN,
     .usage = "LAB",
     .min = 1,
     .max = 1,
     .word = WORD_IS_LAB,
     .options = run_options,
     .summary = "a lab, by its name or its file",
     .help = "A guided lab is led by lines, at the terminal or from standard input or with -c; all "
             "others lead themselves. Off a terminal a guardian process with a clock stands over "
             "the lab, because its author is not the person at the keyboard."},
    {.name = "lab",
     .command = COMMAND_LAB,
     .usage = "list | new NAME | check LAB... | doc LAB",
     .min = 1,
     .max = 1000,
     .word = WORD_IS_CHOICE,
     .choices = lab_words,
     .then = WORD_IS_LAB,
     .options = lab_options,
     .summary = "tools for authors: which labs there are, a new one, labs that prove themselves",
     .help =
         "`lab list` is a table of all labs, or of those named. `lab new NAME` makes a folder with "
         "a lab that passes `lab check` at once, and what continuous integration and editors need "
         "for it. `lab doc LAB` is a handout, as Markdown, or with -o FILE.html as a page that "
         "needs "
         "nothing else, with lanes of what the model solution does; --teacher is the edition with "
         "the solutions. `lab check` plays a guided lab: its model solution, which must get all "
         "points; "
         "the empty session, none; each of `also`, exactly its points; and the solution without "
         "each of its lines, which must cost something. Hints that look like lines must be lines, "
         "and nothing may sleep. A lab that leads itself must do what it expects. Of both the same "
         "bytes must come twice, a replay must be the same, and so must golden.trace where there "
         "is one. Status 3 when something does not hold; -v tells also what does. --json is a "
         "line for each thing that was tried, --trace the trace of the model solution."},
    {.name = "replay",
     .command = COMMAND_REPLAY,
     .usage = "TRACE",
     .min = 1,
     .max = 1,
     .word = WORD_IS_FILE,
     .options = replay_options,
     .summary = "run a trace again and compare",
     .help = "Its lines are run in a fresh world on the real kernel, and every event is compared "
             "with the recorded one. Pids and kernel ids may be others, one to one; what differs "
             "from run to run plays no part. Status 1, both sides and the lanes around the first "
             "difference when they differ; 5 when the machine cannot do it, or a timer ran out at "
             "another moment three times; 6 when it is no trace, or a damaged one. --to stops in "
             "the middle and --step after each line, and both hand over the prompt; what is done "
             "then is a session like any other, recorded from its first event on."},
    {.name = "diff",
     .command = COMMAND_DIFF,
     .usage = "TRACE TRACE",
     .min = 2,
     .max = 2,
     .word = WORD_IS_FILE,
     .then = WORD_IS_FILE,
     .options = diff_options,
     .summary = "the first step at which two traces part, and what led to it",
     .help = "Nothing is run. What happened is compared, event by event, as `replay` does, and not "
             "how it was typed: pids and kernel ids may be others, one to one, and what differs "
             "from run to run plays no part. Status 0 when they are the same, as far as the "
             "shorter one goes where that was cut; 1 and the lanes of both when they part; 6 when "
             "one is no trace, or a damaged one."},
    {.name = "grade",
     .command = COMMAND_GRADE,
     .usage = "PATH... --lab LAB | --out FOLDER",
     .max = 100000,
     .word = WORD_IS_FILE,
     .options = grade_options,
     .summary = "what students handed in, run again and judged",
     .help =
         "Each PATH is a trace, or a folder of traces (.trace, .jsonl) and of folders of one "
         "student "
         "each with one trace in it. The lines of each are run again in a sealed world of their "
         "own, and what happens there is judged by the checks of the lab; the observations in the "
         "trace are only compared. Only lines that are recorded in a session are ever run. A line "
         "a "
         "submission on standard error, one table on standard output, both in the order in which "
         "they were handed in. What could not be judged is an empty cell and status 5, never a "
         "zero. --json: the reports, one a line; without PATH, what there is to be graded in the "
         "lab. With --out and without PATH nothing is graded, and tables and files are made of the "
         "reports that are in FOLDER."},
    {.name = "show",
     .command = COMMAND_SHOW,
     .usage = "TRACE",
     .min = 1,
     .max = 1,
     .word = WORD_IS_FILE,
     .options = show_options,
     .summary = "a trace as lines, or as another view (--as)"},
    {.name = "plugins",
     .command = COMMAND_PLUGINS,
     .usage = "",
     .options = plugins_options,
     .summary = "the mechanisms and their calls",
     .help = "Says also which plugin was refused, and why."},
    {.name = "bench",
     .command = COMMAND_BENCH,
     .usage = "[MECHANISM...]",
     .max = BENCH_NAMES,
     .word = WORD_IS_BENCH,
     .options = bench_options,
     .summary = "what a message costs by each mechanism, measured",
     .help = "The same as the builtin of that name: two processes pass messages in plain loops, on "
             "one core and on two. Without names all mechanisms are measured. `ipclab help "
             "measuring` says what exactly, and how well it agrees with other programs. Status "
             "5 when one that should work did not."},
    {.name = "doctor",
     .command = COMMAND_DOCTOR,
     .usage = "",
     .options = no_options,
     .summary = "what this machine allows, and what follows"},
    {.name = "gc",
     .command = COMMAND_GC,
     .usage = "",
     .options = no_options,
     .summary = "remove what killed sessions left (shared worlds)"},
    {.name = "help",
     .command = COMMAND_HELP,
     .usage = "[TOPIC]",
     .max = 1,
     .word = WORD_IS_TOPIC,
     .options = help_options,
     .summary = "the first minute, or about a call, a builtin, a plugin ..."},
    {.name = "generate",
     .command = COMMAND_GENERATE,
     .usage = "man PAGE | completion | json | lua-definitions | topics | labs | benches",
     .min = 1,
     .max = 2,
     .word = WORD_IS_CHOICE,
     .choices = generated,
     .options = no_options,
     .summary = "texts made from the records, for tools",
     .help = "`man PAGE` is the source of a man page, such as ipclab.1, ipclab-trace.5 or "
             "ipclab-pipe.7. `completion` is what bash-completion(7) loads. `json` is every "
             "record: builtins, settings, topics, options, events, plugins. `lua-definitions` is "
             "what LuaLS "
             "reads to complete and check lab files. `topics`, `labs` "
             "and `benches` are names, one a line."},
    {0},
};
