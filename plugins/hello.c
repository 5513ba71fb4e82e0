/* SPDX-License-Identifier: MIT
 *
 * hello.c - the plugin to copy. It has two calls: one that only computes, and one that waits. A
 * plugin is data that describes calls, and one function for each of them; everything that people
 * see of it is made from the data.
 *
 * Build it anywhere:  cc -shared -fPIC $(pkg-config --cflags ipclab) -o hello.so hello.c
 * Try it:             ipclab --plugin-path=. -c 'spawn a; a hello("world")'
 */
#include "plugin.h"

#include <poll.h>
#include <string.h>

/* A handler. It runs inside the student's process, so that v[0].s is an address of that process:
 * the text is right there. It returns what the call returns. */
static int64_t
run_hello(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *who = args->v[0].s;
    size_t n = strlen(who);

    /* Facts go through the host: they become fields of the trace and words on the screen. */
    host->fact(frame, "letters", (int64_t)n);
    if (n == 0)
        host->note(frame, "nobody was greeted: the name is empty");
    return (int64_t)n;
}

/* A call that waits simply waits, as it would in a C program. The host notices that by itself. */
static int64_t
run_hello_nap(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host;
    (void)frame;
    return poll(NULL, 0, (int)args->v[0].i); /* 0, or -1 and errno, as the host expects it */
}

/* With IPCLAB_WAITS: does it end by itself? This one does, so nobody is ever called stuck in it. */
static int
hello_nap_timed(const struct ipclab_args *args)
{
    (void)args;
    return 1;
}

/* Why it waits. This runs in an observer, not in the process that waits: what `wait` holds may be
 * read, addresses among its arguments may not be followed. */
static void
hello_nap_explain(const struct ipclab_look_host *host, struct ipclab_look *look,
                  const struct ipclab_wait *wait)
{
    const char *self = wait->processes[wait->self].name;

    host->why(look, "timer");
    host->waits(look, "%lld ms have to pass", (long long)wait->args.v[0].i);
    host->say(look, "%s waits in hello_nap: nothing but the time, or a signal, ends it", self);
    host->next(look, "interrupt %s", self);
}

/* Arguments, in the order of the prototype. Checked before the handler runs. */
static const struct ipclab_arg hello_args[] = {
    {.name = "who", .type = IPCLAB_STRING, .summary = "whom to greet"},
    {0},
};

static const struct ipclab_arg hello_nap_args[] = {
    {.name = "ms",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "milliseconds to wait",
     .def = 10,
     .min = 0,
     .max = 60000},
    {0},
};

/* What can go wrong, in words that help in exactly this call. */
static const struct ipclab_error hello_nap_errors[] = {
    {"EINTR", "a signal came before $ms milliseconds had passed"},
    {0},
};

/* Whole scripts. The tests run each one alone; it must end well. */
static const char *const hello_examples[] = {
    "spawn a\na hello(\"world\")",
    "spawn a b\na n = hello(\"b\")\na print n",
    NULL,
};
static const char *const hello_nap_examples[] = {
    "spawn a\na hello_nap(20)",
    "spawn a\na hello_nap()\na hello(\"again\")",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "hello",
     .prototype = "int hello(const char *who)",
     .summary = "greet somebody and count the letters",
     .help = "Returns how many bytes the name has. It exists to be copied: one argument, one "
             "result, one fact for the trace, and a sentence for the student when something is "
             "worth one.",
     .man = "",
     .flags = IPCLAB_PURE, /* no other process can notice it */
     .result = IPCLAB_INT,
     .failure = -1,
     .args = hello_args,
     .returns = "how many bytes the name has",
     .examples = hello_examples,
     .run = run_hello},
    {.name = "hello_nap",
     .prototype = "int hello_nap(int ms)",
     .summary = "wait for some milliseconds",
     .help = "Waits in poll(2) without any descriptor until the time has passed. It shows what a "
             "call that may wait adds to its record: a flag, whether it ends by itself, and an "
             "explanation.",
     .man = "poll(2)",
     .flags = IPCLAB_WAITS | IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = hello_nap_args,
     .errors = hello_nap_errors,
     .returns = "0",
     .waits = "the time has not passed; time, or a signal, ends it",
     .examples = hello_nap_examples,
     .run = run_hello_nap,
     .timed = hello_nap_timed,
     .explain = hello_nap_explain},
    {0},
};

static const char *const man[] = {"poll(2)", NULL};

/* The one thing that is exported. Its name is the file's stem. */
static const char *const fields[] = {"letters", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "hello",
    .version = "1.0",
    .summary = "an example to copy",
    .help = "The smallest complete plugin: a call that computes and a call that waits. Copy "
            "hello.c, rename it, and replace its parts one by one.",
    .man = man,
    .calls = calls,
    .fields = fields,
};
