/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The options and commands of the command line, in the order in which they are shown. */
#include "builtin/bench.h"
#include "front/options.h"
#include "proc/runtime.h"

#define AT(field) .at = offsetof(struct options, field), .size = sizeof((struct options *)0)->field

static const struct option_choice worlds[] = {
    {"auto", -1}, {"sealed", WORLD_SEALED}, {"shared", WORLD_SHARED}, {0}};
static const struct option_choice colours[] = {{"auto", -1}, {"always", 1}, {"never", 0}, {0}};

static const struct option_choice lab_formats[] = {
    {"text", LAB_TEXT}, {"tap", LAB_TAP}, {"junit", LAB_JUNIT}, {0}};
static const struct option_choice new_kinds[] = {
    {"guided", NEW_GUIDED}, {"orchestrated", NEW_ORCHESTRATED}, {"programs", NEW_PROGRAMS}, {0}};

const struct option_record option_records[] = {
    {.letter = 'c',
     .kind = WORD_IS_TEXT,
     .argument = "LINES",
     .summary = "run these lines, apart by ; or newlines, then exit",
     AT(lines)},
    {.name = "trace",
     .kind = WORD_IS_FILE,
     .argument = "FILE",
     .summary = "write the trace there, not into the sessions folder",
     .help = "While the session lasts the file is called FILE.partial. Readers take that too.",
     AT(trace)},
    {.name = "json",
     .kind = WORD_IS_FLAG,
     .summary = "the trace on standard output and nothing else; `plugins`, `bench`, `lab`: for "
                "tools",
     AT(json)},
    {.name = "stable",
     .kind = WORD_IS_FLAG,
     .summary = "leave out what differs from run to run",
     .help = "Addresses, times, and in a shared world pids and ids. Two runs of one script with "
             "--stable write the same bytes.",
     AT(stable)},
    {.name = "echo",
     .letter = 'x',
     .kind = WORD_IS_FLAG,
     .summary = "show each line before what it did",
     AT(echo)},
    {.name = "keep-going",
     .letter = 'k',
     .kind = WORD_IS_FLAG,
     .summary = "go on after an error in a script",
     .help = "Without it the first error ends the script. A failing system call is no error.",
     AT(keep_going)},
    {.name = "quiet",
     .letter = 'q',
     .kind = WORD_IS_FLAG,
     .summary = "show only what matters: failures, output, verdicts",
     AT(quiet)},
    {.name = "world",
     .kind = WORD_IS_CHOICE,
     .argument = "KIND",
     .summary = "auto, sealed or shared",
     .help = "A sealed world is cut off from the machine by namespaces: pids and ids begin with "
             "the same numbers each time, and nothing can be left behind. A shared world does the "
             "same work with a ledger and a sweeper where namespaces are not allowed. auto takes "
             "the best that this machine allows; `ipclab doctor` says which.",
     .choices = worlds,
     AT(world)},
    {.name = "timeout",
     .kind = WORD_IS_NUMBER,
     .argument = "SECONDS",
     .summary = "for one step outside the prompt (10; 0: no limit); `grade`: for a submission (60)",
     .max = 1000000,
     .scale = 1000,
     AT(timeout_ms)},
    {.name = "plugin-path",
     .kind = WORD_IS_FOLDER,
     .argument = "DIR",
     .summary = "further plugins, before $IPCLAB_PLUGIN_PATH",
     .help = "Several folders are apart by colons.",
     AT(plugin_path)},
    {.name = "seed",
     .kind = WORD_IS_NUMBER,
     .argument = "N",
     .summary = "what random choices begin with (0)",
     .max = INT64_MAX,
     AT(seed)},
    {.name = "student",
     .kind = WORD_IS_TEXT,
     .argument = "ID",
     .summary = "who this is; it stands in the first line of the trace",
     .help = "`grade --json` with it grades one file, and the report is on standard output.",
     AT(student)},
    {.name = "fresh",
     .kind = WORD_IS_FLAG,
     .summary = "a guided lab from its beginning; what was done before is kept beside it",
     AT(fresh)},
    {.name = "resume",
     .kind = WORD_IS_FLAG,
     .summary = "a guided lab from where it was left, not at a terminal too; `grade`: what is not "
                "graded yet",
     .help = "At a terminal that is so anyway, unless --trace says where to write: what is done in "
             "a guided lab is kept in ~/.local/state/ipclab/labs, one file for each lab and "
             "student, and the next session goes on with it. `grade` goes by the reports in the "
             "folder of --out: one of the same file by the same lab is left as it is.",
     AT(resume)},
    {.name = "from",
     .kind = WORD_IS_TEXT,
     .argument = "TASK",
     .summary = "`run`: begin a guided lab with that task",
     .help = "The model solution of the tasks before it is played first, quietly, and they give no "
             "points. Such a session is one of its own: what was done before is neither used nor "
             "changed.",
     AT(from)},
    {.name = "lang",
     .kind = WORD_IS_TEXT,
     .argument = "LANG",
     .summary = "language of a lab's texts, such as de, if it has it",
     .help = "Without it what the environment says: LC_ALL, LC_MESSAGES or LANG.",
     AT(language)},
    {.name = "trust",
     .kind = WORD_IS_FLAG,
     .summary = "run lines of others in a shared world too",
     .help = "A shared world does not keep them from this machine. Only for traces whose author "
             "you trust.",
     AT(trust)},
    {.name = "judged",
     .kind = WORD_IS_FLAG,
     .summary = "in a world such as those in which lines of others are judged",
     .help = "A sealed world that has no file of this machine but programs, limits of processes, "
             "memory, time and disk, and a filter of system calls; root becomes another user "
             "first. The programs are those in /usr, of a guided lab those that it names. A trace "
             "that used more than that differs.",
     AT(judged)},
    {.name = "as",
     .kind = WORD_IS_VIEW,
     .argument = "VIEW",
     .summary = "how `show` shows a trace: lines, lanes, gutter, json ...",
     AT(as)},
    {.name = "output",
     .letter = 'o',
     .kind = WORD_IS_FILE,
     .argument = "FILE",
     .summary = "`show`: into that file, as the view of its ending unless --as says another; `lab "
                "doc`: .md or .html",
     .help = ".svg, .mmd, .txt, .strace, .ipc and .jsonl. The file is written as a whole or not at "
             "all; one that is there is replaced.",
     AT(output)},
    {.name = "sizes",
     .kind = WORD_IS_TEXT,
     .argument = "N,N...",
     .summary = "`bench`: bytes of a message (1,64,4K,64K)",
     AT(sizes)},
    {.name = "seconds",
     .kind = WORD_IS_NUMBER,
     .argument = "N",
     .summary = "`bench`: that all should take (about 20 for all mechanisms)",
     .min = 1,
     .max = BENCH_SECONDS_MAX,
     AT(seconds)},
    {.name = "rounds",
     .kind = WORD_IS_NUMBER,
     .argument = "N",
     .summary = "`bench`: how often everything is measured (5); figures are medians",
     .min = 1,
     .max = BENCH_ROUNDS_MAX,
     AT(rounds)},
    {.name = "svg",
     .kind = WORD_IS_FILE,
     .argument = "FILE",
     .summary = "`bench`: also a picture into that file",
     AT(svg)},
    {.name = "format",
     .kind = WORD_IS_CHOICE,
     .argument = "FORMAT",
     .summary = "`lab check`: text, tap or junit",
     .help = "TAP is version 13, which prove(1) reads: `prove -e 'ipclab lab check --format tap' "
             "FOLDER/lab.lua`. JUnit is the XML that servers for continuous integration show.",
     .choices = lab_formats,
     AT(format)},
    {.name = "jobs",
     .letter = 'j',
     .kind = WORD_IS_NUMBER,
     .argument = "N",
     .summary = "`lab check`: so many labs side by side (1); `grade`: submissions (one a CPU)",
     .min = 1,
     .max = 64,
     AT(jobs)},
    {.name = "lab",
     .kind = WORD_IS_LAB,
     .argument = "LAB",
     .summary = "`grade`: the lab that was to be done, by its name or its file",
     AT(lab)},
    {.name = "out",
     .kind = WORD_IS_FOLDER,
     .argument = "FOLDER",
     .summary = "`grade`: keep each report there, as STUDENT/report.json",
     .help = "The folder is made where it is missing. Each file is written as a whole or not at "
             "all.",
     AT(out)},
    {.name = "shard",
     .kind = WORD_IS_TEXT,
     .argument = "I/N",
     .summary = "`grade`: of every N submissions only number I",
     .help = "The same commands with 1/N to N/N, on one machine or many, write the reports of a "
             "class into one folder. It does no harm when one runs twice.",
     AT(shard)},
    {.name = "from-trace",
     .kind = WORD_IS_FLAG,
     .summary = "`grade`: judge the events that were handed in, and run nothing",
     .help = "Quick, and to be believed as far as the file is: whoever can write a file can write "
             "any events into it.",
     AT(from_trace)},
    {.name = "fail-under",
     .kind = WORD_IS_NUMBER,
     .argument = "PERCENT",
     .summary = "`grade`: status 1 when a submission has less than that of all points",
     .max = 100,
     AT(fail_under)},
    {.name = "user",
     .kind = WORD_IS_TEXT,
     .argument = "USER",
     .summary = "`grade`: as whom root grades, a name or UID:GID",
     .help = "What students wrote is never run as root. Without it the owner of the --out folder, "
             "and where that is root or there is none, nobody. Who is not root grades as himself.",
     AT(user)},
    {.name = "kind",
     .kind = WORD_IS_CHOICE,
     .argument = "KIND",
     .summary = "`lab new`: guided, orchestrated or programs",
     .choices = new_kinds,
     AT(kind)},
    {.name = "teacher",
     .kind = WORD_IS_FLAG,
     .summary = "`lab doc`: also solutions, hints, checks and the other sessions",
     AT(teacher)},
    {.name = "width",
     .kind = WORD_IS_NUMBER,
     .argument = "N",
     .summary = "columns of what is shown (0: those of the terminal, else 100)",
     .max = 400,
     AT(width)},
    {.name = "linear",
     .kind = WORD_IS_FLAG,
     .summary = "sentences instead of columns and pictures, for a screen reader",
     AT(linear)},
    {.name = "color",
     .alias = "colour",
     .kind = WORD_IS_CHOICE,
     .argument = "WHEN",
     .summary = "auto, always or never",
     .help = "auto means on a terminal, unless NO_COLOR is set or TERM is dumb.",
     .choices = colours,
     AT(colour)},
    {.name = "verbose",
     .letter = 'v',
     .kind = WORD_IS_FLAG,
     .summary = "`plugins`: also versions and files",
     AT(verbose)},
    {.name = "help",
     .letter = 'h',
     .kind = WORD_IS_FLAG,
     .summary = "this text; after a command its own",
     AT(help)},
    {.name = "version", .kind = WORD_IS_FLAG, .summary = "print the version", AT(version)},
    {0},
};

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
    "lab",        "out",        "user", "resume", "shard",   "jobs",        "timeout",
    "fail-under", "from-trace", "json", "world",  "student", "plugin-path", NULL};
static const char *const replay_options[] = {"world", "timeout", "trust",       "judged",
                                             "width", "color",   "plugin-path", NULL};
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
             "another moment three times; 6 when it is no trace, or a damaged one."},
    {.name = "grade",
     .command = COMMAND_GRADE,
     .usage = "PATH... --lab LAB",
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
         "lab."},
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
