/* SPDX-License-Identifier: GPL-3.0-or-later
 * See topics.h. */
#include "builtin/topics.h"

static const char *const line_examples[] = {
    "spawn a b\na n = 5\na,b print 6 * 7\n* getpid()\n- a close(99) # may fail",
    "spawn a\na char buf[64]\na strcpy(buf, \"hello\")\na print buf\na print buf[0] == 'h'",
    "spawn a\nuse a\npipe(fd)\nwrite(fd[1], \"x\")\nuse",
    NULL,
};

static const struct topic_row line_rows[] = {
    {"ACTOR CALL(...)", "a system call, as in C: `server shmget(5678, 27, IPC_CREAT|0666)`"},
    {"ACTOR CALL WORDS", "the same by words: `server shmget 5678 27 IPC_CREAT|0666`"},
    {"ACTOR NAME = EXPR", "a variable of that process; `*p = 'x'` and `a[2] = 7` work too"},
    {"ACTOR TYPE NAME", "a declaration: `char buf[64]`, `int n = 5`, `long x`"},
    {"ACTOR print EXPR", "what an expression is worth there; see `help print`"},
    {"ACTOR await EXPR", "waits until it holds; see `help await`"},
    {"a,b STATEMENT", "several actors, one after the other; `*` is all that are idle"},
    {"BUILTIN WORDS", "for the shell itself; `help builtins` lists them"},
    {"- LINE", "in a script: the line may fail, and the script goes on"},
    {"LINE # TEXT", "a comment"},
    {0},
};

static const char *const print_examples[] = {
    "spawn a\na n = 40\na print n + 2\na print O_RDWR|O_CREAT",
    "spawn a\na char s[8]\na strcpy(s, \"abc\")\na print s\na print s[1]\na print s[0] == 97",
    NULL};

static const char *const await_examples[] = {
    "spawn server client\nserver shm = shmat(shmget(5678, 27, IPC_CREAT|0666))\n"
    "server await *shm == '*'\nclient shm = shmat(shmget(5678, 27, 0666))\nclient *shm = '*'",
    NULL,
};

static const struct topic_row key_rows[] = {
    {"Tab", "completes the word, or lists what fits with a few words about each"},
    {"Enter", "runs the line; on an empty line in a tour it runs the line that is suggested"},
    {"Up, Down", "earlier lines"},
    {"Ctrl-R", "finds an earlier line by a part of it"},
    {"Ctrl-A, Ctrl-E", "to the beginning, to the end of the line"},
    {"Ctrl-W, Ctrl-U", "removes the word, everything before the cursor"},
    {"Ctrl-L", "clears the screen"},
    {"Ctrl-C", "drops the line; while something is waited for it stops the waiting. It never "
               "reaches a process of the lab: `interrupt NAME` does"},
    {"Ctrl-D", "on an empty line: leaves; everything that was made is removed"},
    {"Ctrl-Z", "stops the shell as any program; `fg` brings it back"},
    {0},
};

static const struct topic_row host_rows[] = {
    {"connect() of TCP",
     "waits for an answer; the kernel asks again after a second and then in ever "
     "longer intervals (tcp_syn_retries), for about two minutes, then it is "
     "ETIMEDOUT"},
    {"send() of TCP",
     "puts the bytes into the send queue and returns; they are sent again after a "
     "fifth of a second and then in ever longer intervals (tcp_retries2), for about "
     "a quarter of an hour"},
    {"recv() of TCP", "waits; `why` says whether anything is on its way"},
    {"sendto() of UDP", "returns as always, and the datagram is lost"},
    {"an address that no host has", "connect() is EHOSTUNREACH after three seconds: nobody answers "
                                    "to the question who has it"},
    {"from no host to a host", "connect() is ENETUNREACH at once: no way leads there"},
    {"after plug", "TCP sends what it holds back when its timer says so, not at once. `wait ACTOR` "
                   "waits for it; nobody is called stuck while anything is on its way"},
    {0},
};

static const char *const host_examples[] = {
    "spawn server on host1\nspawn client on host2\nserver s = socket(AF_INET, SOCK_STREAM)\n"
    "server bind(s, \"*:5001\")\nserver listen(s)\nserver c = accept(s)\n"
    "client s = socket(AF_INET, SOCK_STREAM)\nclient connect(s, \"host1:5001\")\n"
    "client getsockname(s)\nserver recv(c, buf)\nunplug host2\nclient send(s, \"hello\")\n"
    "why server\nplug host2\nwait server",
    "spawn a on host1\nspawn b on host2\na,b s = socket(AF_INET6, SOCK_DGRAM)\n"
    "a bind(s, \"*:5002\")\nb bind(s, \"*:5002\")\nb sendto(s, \"same port, other host\", "
    "\"host1:5002\")\na recvfrom(s, buf)",
    "spawn a on host1\nspawn b on host2\na,b s = socket(AF_UNIX, SOCK_DGRAM)\n"
    "a bind(s, \"@box\")\nb sendto(s, \"x\", \"@box\")\nb bind(s, \"@box\")",
    NULL,
};

static const struct topic_row file_rows[] = {
    {"$XDG_CONFIG_HOME/ipclab/rc", "lines that every session at a terminal runs first (else "
                                   "~/.config/ipclab/rc); `set --save` writes settings into it"},
    {"$XDG_STATE_HOME/ipclab/history", "lines that were typed at a terminal (else "
                                       "~/.local/state/ipclab/history)"},
    {"$XDG_STATE_HOME/ipclab/sessions", "the traces of sessions, newest last"},
    {"$XDG_DATA_HOME/ipclab/plugins", "plugins of your own (else ~/.local/share/ipclab/plugins)"},
    {"~/.inputrc", "keys, as for every program with readline; `$if ipclab` begins lines for this "
                   "one"},
    {0},
};

static const struct topic_row environment_rows[] = {
    {"IPCLAB_PLUGIN_PATH", "folders with further plugins, absolute, apart by colons"},
    {"IPCLAB_HISTFILE", "the history file; empty: no history is kept"},
    {"NO_COLOR", "if it is not empty, no colour is used"},
    {"TERM", "dumb: no colours, no hints, no movements of the cursor"},
    {"LC_ALL, LC_CTYPE, LANG", "where the locale is not UTF-8, only ASCII comes out"},
    {"PAGER", "shows what is longer than the screen (else less, more)"},
    {"SHELL", "what `!` hands its line to (else /bin/sh)"},
    {"XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME", "where the files are; see there"},
    {0},
};

static const struct topic_row page_rows[] = {
    {"ipclab(1)", "options, commands, builtins, statuses, files, environment"},
    {"ipclab-trace(5)", "every kind of event in a trace and its fields"},
    {"ipclab-plugin(7)", "how a plugin is written"},
    {"ipclab-NAME(7)", "one for each plugin, such as ipclab-pipe(7), with all of its calls"},
    {0},
};

const struct topic topics[] = {
    {.name = "line",
     .summary = "what may stand on a line: who acts, then what it does, as in C",
     .help = "First who acts, then what it does, as it would stand in that process's C program. "
             "Names of calls, the order of arguments and flags are the real ones. Arguments at "
             "the end that have an obvious value may be left out: `write(fd, \"text\")` counts "
             "the bytes itself.\n"
             "Variables live in the memory of that process. Nobody else sees them; fork(2) copies "
             "them. An actor's name stands for its pid wherever a pid is wanted.\n"
             "In EXPR: numbers (10, 0x1f, 0666 octal, 'c'), \"texts\", names, NULL, constants, "
             "a call, a[i], *p, &a, and the operators of C from ! to ||.",
     .rows = line_rows,
     .examples = line_examples},
    {.name = "print",
     .summary = "ACTOR print EXPR: what a C expression is worth in that process",
     .help = "Texts are shown as texts, the rest as numbers. The process itself reads its memory, "
             "so that print of a bad pointer is a segmentation fault, as in any program.",
     .examples = print_examples},
    {.name = "await",
     .summary = "ACTOR await EXPR: waits until an expression holds",
     .help = "It is `while (!(EXPR)) sleep(1);` of C, but nobody sleeps: the process looks again "
             "after each step of anyone. EXPR contains no calls. `interrupt ACTOR` ends it.",
     .examples = await_examples},
    {.name = "waiting",
     .summary = "when a call waits, when nobody can go on, and what to do then",
     .help =
         "A call that cannot go on yet waits, as in any program. The prompt comes back at "
         "once and says why. `why ACTOR` says it in full: the rule of the man page, who could "
         "end it, and one line to type. When another process does that, the call returns by "
         "itself and is shown with the step that ended it.\n"
         "`stuck` means that every living process waits for another one (a deadlock, or somebody "
         "is missing): nobody can move any more. `never` means that this one call cannot be ended "
         "by anybody. Then `undo` takes "
         "lines back, `interrupt ACTOR` ends the call as a signal would, `spawn` brings a new "
         "process, `reset` starts afresh."},
    {.name = "blocking",
     .summary = "each call that waits, its non-blocking form and its timed form, side by side",
     .help = "A call that cannot go on yet can do three things: wait (blocking), fail at once "
             "(non-blocking), or wait so long and no longer (timed). Which of them is decided by a "
             "flag of the open file (O_NONBLOCK, which every copy of the descriptor shares), by a "
             "flag of the one call (MSG_DONTWAIT, IPC_NOWAIT), or by the name of the call "
             "(sem_trywait, sem_timedwait).\n"
             "EAGAIN (or EBUSY, ENOMSG, ENXIO) says that it would have waited: try again later, or "
             "ask poll when. ETIMEDOUT, or EAGAIN again, says that the time is over. EINTR says "
             "that a handler ran: where a call has no timed form, a timer's signal makes one. "
             "Here times are milliseconds from now; in C some are points of the calendar.\n"
             "Below, for each reason to wait: the three forms, what each returns, and the lines "
             "after which they do.",
     .more = topics_blocking},
    {.name = "hosts",
     .summary = "several hosts in a world: spawn NAME on HOST, addresses, a cable to pull",
     .help =
         "`spawn server on host1` puts a process on a host, which is made when it is first named; "
         "there may be 8. The first has the addresses 10.0.0.1 and fd00::1, the second 10.0.0.2 "
         "and fd00::2, and so on. Each has a loopback of its own and a cable to a switch that all "
         "share. In an address a host's name stands for its number: connect(s, \"host2:5001\"). A "
         "forked child is on the host of its parent. Who is on no host has the world's own "
         "network, which is a loopback and nothing else.\n"
         "A host is a network namespace, not another machine. It has of its own what the kernel "
         "keeps for each network: interfaces, addresses, routes, ports, and the abstract names of "
         "Unix sockets (\"@door\"). All else belongs to the whole world, as on one machine: files, "
         "and so Unix sockets whose names are paths, which are reached from every host; System V "
         "and POSIX objects; pids and signals; the clock.\n"
         "So that a session repeats, the hosts know each other's hardware addresses: there is no "
         "ARP between them, and a packet has arrived when the call that sent it returns.\n"
         "`unplug host1` pulls its cable, `plug host1` puts it back. As on a real network nobody "
         "is told:",
     .rows = host_rows,
     .examples = host_examples},
    {.name = "builtins",
     .summary = "everything that the shell itself understands",
     .more = topics_builtins},
    {.name = "calls",
     .summary = "every call that an actor can make, by plugin",
     .more = topics_calls},
    {.name = "settings",
     .summary = "what `set` changes",
     .help = "`set NAME VALUE` changes a setting for this session, `set --save NAME VALUE` for "
             "good. `show` says what each is now.",
     .more = topics_settings},
    {.name = "views",
     .summary = "the ways in which events can be shown",
     .help = "`set view` chooses one for the session, `ipclab show TRACE --as VIEW` one for a "
             "trace. Every view says the same; none needs colour.",
     .more = topics_views},
    {.name = "trace",
     .summary = "the record of a session: one event a line, in JSON",
     .help = "Each session is recorded while it runs, in the sessions folder or where --trace "
             "says. `ipclab show TRACE` shows one, `ipclab replay TRACE` runs it again on the real "
             "kernel and compares; with --to SEQ it stops at an event and hands over the prompt, "
             "with --step each Enter runs one line. `ipclab diff A B` says at which step two "
             "traces part. ipclab-trace(5) describes every field. Kinds of events:",
     .more = topics_trace},
    {.name = "measuring",
     .summary = "what exactly `bench` measures, and how well it agrees with other programs",
     .help =
         "There and back: one process sends a message, the other receives it and answers with as "
         "many bytes; the time is that between two readings of the clock around both. p50 is the "
         "median of all trips, p99 what 99 of 100 stay within. One way: one process sends as fast "
         "as it can, the other receives; bytes by time, from before the first is sent until the "
         "last is there. On one core both are pinned to one CPU, so that each message costs a "
         "change of processes; on two cores each has its own, so that it costs waking another "
         "CPU.\n"
         "Every byte that comes is compared with what was sent, and each message differs from "
         "those before it. What comparing and reading the clock cost is measured too, and taken "
         "out of there and back; one way it is part of it, as in any program that reads what it "
         "gets. By shared memory a message is copied in by one and out by the other; the memory "
         "holds several, so that one way the sender need not wait for each.\n"
         "What is longer than a mechanism takes is sent in pieces, as a program would, and said. "
         "Each round goes once through everything, so that what else the machine does meets all "
         "alike. A machine that is busy with other things shows in p99 and on two cores first. A "
         "flag at "
         "which a process only looks (spin) is the fastest where both run at once; on one core the "
         "other cannot run while it looks, and a message costs whole time slices.\n"
         "Held against others by tests/bench/agree.py, in turns on the same CPUs with the same "
         "sizes, median of seven: on one core pipes are at 0.94 to 1.04 of what perf bench sched "
         "pipe, lmbench (lat_pipe, bw_pipe) and rigtorp/ipc-bench say, Unix sockets at 0.95 to "
         "1.00 of lmbench (lat_unix, bw_unix) and the latter, TCP at 0.92 to 0.98 and UDP at 0.90 "
         "to 0.94 of sockperf, qperf and rigtorp/ipc-bench, System V messages at 0.91 to 1.07 of "
         "goldsborough/ipc-bench; on two cores TCP and UDP at 0.99 to 1.06 of sockperf, memory "
         "with a flag at 0.96 (64 B) and 1.16 (4 KiB, which the other fills with one byte instead "
         "of copying) of goldsborough/ipc-bench. Those that count one way only were doubled; "
         "bandwidth is compared without the comparing of bytes. For POSIX queues, semaphores, "
         "signals and eventfd no program was found that measures the same.",
     .more = topics_measuring},
    {.name = "keys",
     .summary = "what the keys at the prompt do",
     .help = "Editing is readline's, as in bash. `~/.inputrc` changes keys.",
     .rows = key_rows},
    {.name = "statuses",
     .summary = "what the exit status of ipclab means",
     .more = topics_statuses},
    {.name = "files", .summary = "files that ipclab reads and writes", .rows = file_rows},
    {.name = "environment",
     .summary = "environment variables that ipclab looks at",
     .rows = environment_rows},
    {.name = "pages",
     .summary = "the man pages of ipclab",
     .help = "`man ipclab` opens one, here and in your own shell.",
     .rows = page_rows},
    {.name = "topics", .summary = "this list", .more = topics_all},
    {0},
};

const struct topic *
topic_find(const char *name)
{
    for (const struct topic *t = topics; t->name != NULL; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}
