/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fifo - named pipes: mkfifo. What follows is open, read, write, close and unlink of `file`.
 *
 * A FIFO is the pipe of processes that are no relatives: its name is in a folder, its bytes are in
 * the kernel. As long as anybody may open it by its name, nobody can be sure that no writer will
 * come: only once the name is gone a wait here has a verdict of its own. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin.h"

enum { LISTED = 4 }; /* processes that a clause names */

/* ---- Handlers ---------------------------------------------------------------------------- */

static int64_t
run_mkfifo(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *path = args->v[0].s;
    struct stat st;

    if (host->intend(frame, "path", 0, path) < 0 || mkfifo(path, (mode_t)args->v[1].i) < 0)
        return -1;
    if (stat(path, &st) == 0) {
        host->object(frame, "fifo", st.st_ino, st.st_dev);
        host->created(frame);
    }
    return 0;
}

/* ---- State ------------------------------------------------------------------------------- */

static int
owns(mode_t mode, int anonymous)
{
    return S_ISFIFO(mode) && !anonymous;
}

/* Only through a descriptor: while nobody has it open it holds nothing. */
static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    int bytes = 0;

    (void)key, (void)key2;
    if (fd >= 0 && ioctl(fd, FIONREAD, &bytes) < 0)
        return;
    host->number(look, "bytes", bytes);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

static bool
is_other_end(const struct ipclab_wait *wait, int i, bool reads)
{
    return !wait->processes[wait->holders[i].process].zombie &&
           wait->holders[i].mode != (reads ? 'r' : 'w');
}

/* Whoever is free to act, for the line to type; -1: nobody. */
static int
an_idle_one(const struct ipclab_wait *wait)
{
    for (int i = 0; i < wait->nprocesses; i++) {
        const struct ipclab_process *p = &wait->processes[i];

        if (i != wait->self && !p->waits && !p->zombie && !p->foreign)
            return i;
    }
    return -1;
}

static void
explain_open(const struct ipclab_look_host *host, struct ipclab_look *look,
             const struct ipclab_wait *wait)
{
    bool writes = (wait->args.v[1].i & O_ACCMODE) == O_WRONLY;
    const char *others = writes ? "reading" : "writing", *flag = writes ? "O_RDONLY" : "O_WRONLY";
    const char *path = wait->args.v[0].s;
    int idle = an_idle_one(wait);

    host->why(look, writes ? "no reader" : "no writer");
    host->waits(look, "nobody has opened the FIFO for %s yet", others);
    host->rule(look, "open(2) of a FIFO waits for the other end, and nobody has opened it for %s",
               others);
    host->say(look, "fifo(7): open waits until the other end is opened too, so that both sides "
                    "start together");
    host->say(look,
              writes ? "with O_NONBLOCK it would not wait but fail: ENXIO, nobody reads"
                     : "with O_NONBLOCK it would not wait but succeed: reading is possible before "
                       "anybody writes");
    if (idle < 0) {
        host->say(look, "no process is free to open the other end");
        host->next(look, "interrupt %s", wait->processes[wait->self].name);
        return;
    }
    host->say(look, "%s is free and could open the same path with %s", wait->processes[idle].name,
              flag);
    if (path != NULL && path[strcspn(path, "\"\\")] == '\0')
        host->next(look, "%s fd = open(\"%s\", %s)", wait->processes[idle].name, path, flag);
    else
        host->next(look, "%s fd = open(\"...\", %s), with the path that %s opens",
                   wait->processes[idle].name, flag, wait->processes[wait->self].name);
}

static void
say_holders(const struct ipclab_look_host *host, struct ipclab_look *look,
            const struct ipclab_wait *wait, bool reads)
{
    bool told = false;

    for (int i = 0; i < wait->nholders; i++) {
        const struct ipclab_holder *h = &wait->holders[i];
        const struct ipclab_process *p = &wait->processes[h->process];
        const char *end = reads ? "write end" : "read end";

        if (!is_other_end(wait, i, reads))
            continue;
        if (h->process == wait->self) {
            host->say(look, "%s holds a %s itself (fd %d), and cannot use it while it waits",
                      p->name, end, h->fd);
            continue;
        }
        host->could_end(look, h->process);
        host->say(look, "%s holds a %s (fd %d)%s%s", p->name, end, h->fd,
                  p->waits ? ", but waits itself, in " : " and can go on", p->waits ? p->call : "");
        if (!p->waits && !p->foreign && !told) {
            host->next(look, reads ? "%s write(%d, \"x\")" : "%s read(%d, buf)", p->name, h->fd);
            told = true;
        }
    }
    if (!told)
        host->next(look, "interrupt %s", wait->processes[wait->self].name);
}

/* "writer (fd 3), b (fd 4) and 2 more", others only. */
static int
list_others(const struct ipclab_wait *wait, bool reads, char *text, size_t room)
{
    int others = 0;
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < wait->nholders; i++) {
        const struct ipclab_holder *h = &wait->holders[i];

        if (!is_other_end(wait, i, reads) || h->process == wait->self)
            continue;
        if (others++ < LISTED)
            n += (size_t)snprintf(text + n, room - n, "%s%.64s (fd %d)", n > 0 ? ", " : "",
                                  wait->processes[h->process].name, h->fd);
    }
    if (others > LISTED)
        snprintf(text + n, room - n, " and %d more", others - LISTED);
    return others;
}

static bool
is_unlinked(int fd)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0;
}

/* The mode of the end through which the call waits. */
static bool
waits_to_read(const struct ipclab_wait *wait)
{
    for (int k = 0; k < wait->args.n; k++)
        for (int i = 0; i < wait->nholders; i++)
            if (wait->holders[i].process == wait->self && wait->holders[i].fd == wait->args.v[k].i)
                return wait->holders[i].mode == 'r' ||
                       (wait->holders[i].mode == 'u' && strcmp(wait->call, "write") != 0);
    return strcmp(wait->call, "write") != 0;
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    char list[LISTED * 96];
    bool reads;
    int bytes = 0, others;

    (void)key, (void)key2;
    if (strcmp(wait->call, "open") == 0) {
        explain_open(host, look, wait);
        return;
    }
    reads = waits_to_read(wait);
    if (fd < 0 || ioctl(fd, FIONREAD, &bytes) < 0)
        bytes = 0;
    others = list_others(wait, reads, list, sizeof list);
    host->why(look, reads ? "empty" : "full");
    host->waits(look, "%s; %s%s", reads ? "the FIFO is empty" : "the FIFO has no room for that",
                others == 0 ? ""
                : reads     ? "write end open in "
                            : "read end open in ",
                others == 0 ? "nobody else has its other end open" : list);
    if (others > 0 && !reads)
        host->say(look, "%d bytes are in it", bytes);
    host->rule(look,
               reads ? "the FIFO is empty, and read(2) reports end of file only when no process "
                       "has it open for writing any more"
                     : "the FIFO is full, and write(2) waits until somebody has read enough");
    say_holders(host, look, wait, reads);
    if (!is_unlinked(fd))
        host->say(look, "anybody else can still open it by its name");
    else if (others == 0 && !wait->processes[wait->self].foreign)
        host->never(look);
}

/* For poll and its like. */
static enum ipclab_chance
watched(const struct ipclab_look_host *host, struct ipclab_look *look,
        const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text, size_t room)
{
    bool reads = (fcntl(copy, F_GETFL) & O_ACCMODE) == O_RDONLY || (events & POLLIN) != 0;
    char list[LISTED * 96];
    int others = host->others(look, copy, reads ? 'w' : 'r',
                              reads ? "write($0, \"x\")" : "read($0, buf)", list, sizeof list);

    (void)wait, (void)fd;
    if (others == 0)
        snprintf(text, room, "the FIFO is %s, and nobody else has its other end open",
                 reads ? "empty" : "full");
    else
        snprintf(text, room, "the FIFO is %s; %s could %s it", reads ? "empty" : "full", list,
                 reads ? "write to" : "read from");
    if (!is_unlinked(copy))
        return IPCLAB_UNKNOWN;
    return others > 0 ? IPCLAB_SOMEBODY : IPCLAB_NOBODY;
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_arg mkfifo_args[] = {
    {.name = "path", .type = IPCLAB_PATH, .summary = "the name it gets"},
    {.name = "mode",
     .type = IPCLAB_MODE,
     .flags = IPCLAB_OPTIONAL,
     .summary = "permission bits, less those of the umask",
     .def = 0666,
     .max = 07777},
    {0},
};

static const struct ipclab_error mkfifo_errors[] = {
    {"EEXIST", "$path exists already, as a FIFO or as something else"},
    {"ENOENT", "a folder on the way to $path does not exist"},
    {"ENOTDIR", "something on the way to $path is no folder"},
    {"EACCES", "this process may not write into the folder of $path"},
    {"EROFS", "$path is on a file system that is read-only"},
    {"ENAMETOOLONG", "$path or a part of it is too long"},
    {"ENOSPC", "the file system of $path is full"},
    {0},
};

static const char *const mkfifo_examples[] = {
    "spawn writer reader\nwriter mkfifo(\"box\", 0666)\nwriter fd = open(\"box\", O_WRONLY)\n"
    "reader fd = open(\"box\", O_RDONLY)\nwriter write(fd, \"hello\")\n"
    "reader read(fd, buf, 64)\nwriter close(fd)\nreader read(fd, buf, 64)",
    "spawn a\na mkfifo(\"box\")\na open(\"box\", O_WRONLY|O_NONBLOCK)\n"
    "a fd = open(\"box\", O_RDONLY|O_NONBLOCK)\na read(fd, buf, 8)\na unlink(\"box\")",
    "spawn a\na mkfifo(\"box\")\na mkfifo(\"box\")",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "mkfifo",
     .prototype = "int mkfifo(const char *path, mode_t mode)",
     .summary = "make a FIFO: a pipe that has a name",
     .help = "Makes a file of a special kind in a folder. Nothing written to it is ever on the "
             "disk: the name is only where processes meet, and the bytes are in the kernel as "
             "those of a pipe. Each process opens it, to read or to write; the open waits until "
             "the other side has come too. The name stays until unlink(), also when nobody has it "
             "open.",
     .man = "mkfifo(3)",
     .flags = IPCLAB_PURE,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = mkfifo_args,
     .errors = mkfifo_errors,
     .returns = "0",
     .examples = mkfifo_examples,
     .run = run_mkfifo},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "fifo",
     .summary = "a pipe with a name: bytes from those who write to those who read",
     .level = "bytes",
     .line = "$bytes B  W: $w  R: $r",
     .owns = owns,
     .state = state,
     .explain = explain,
     .watched = watched},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

struct bench_fifos {
    char names[2][32]; /* there and back */
    int out, in;
};

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_fifos *b = malloc(sizeof *b);

    run->state = b;
    for (int i = 0; i < 2 && b != NULL; i++) {
        snprintf(b->names[i], sizeof b->names[i], "bench.%d.%d", getpid(), i);
        if (host->intend(run, "path", 0, b->names[i]) < 0 || mkfifo(b->names[i], 0600) < 0)
            return -1;
    }
    return b == NULL ? -1 : 0;
}

/* Each open waits for the other side's, so both take the FIFOs in the same order. */
static int
bench_begin(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_fifos *b = run->state;

    (void)host;
    if (run->side == 0) {
        b->out = open(b->names[0], O_WRONLY);
        b->in = open(b->names[1], O_RDONLY);
    } else {
        b->in = open(b->names[0], O_RDONLY);
        b->out = open(b->names[1], O_WRONLY);
    }
    return b->in < 0 || b->out < 0 ? -1 : 0;
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    const struct bench_fifos *b = run->state;

    while (n > 0) {
        ssize_t did = write(b->out, data, n);

        if (did < 0)
            return -1;
        data = (const char *)data + did;
        n -= (size_t)did;
    }
    return 0;
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    const struct bench_fifos *b = run->state;

    while (n > 0) {
        ssize_t did = read(b->in, data, n);

        if (did <= 0)
            return -1;
        data = (char *)data + did;
        n -= (size_t)did;
    }
    return 0;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_fifos *b = run->state;

    for (int i = 0; i < 2; i++)
        unlink(b->names[i]);
}

static const struct ipclab_bench benches[] = {
    {.name = "fifo",
     .summary = "two FIFOs: write and read",
     .setup = bench_setup,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"mkfifo(3)", "fifo(7)", "open(2)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "open for reading, and nobody writes",
     .before = "spawn a\n"
               "a mkfifo(\"f\", 0666)\n"
               "a fork(b)",
     .waits = {.lines = "a open(\"f\", O_RDONLY)", .returns = "3"},
     .ends = "b open(\"f\", O_WRONLY)",
     .at_once = {.lines = "a open(\"f\", O_RDONLY|O_NONBLOCK)",
                 .returns = "3",
                 .note = "it succeeds: a reader may be the first"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a open(\"f\", O_RDONLY)",
               .returns = "-1 EINTR",
               .note = "open has no timed form; a timer's signal ends it, again and again in case "
                       "one is too early"}},
    {.when = "open for writing, and nobody reads",
     .before = "spawn a\n"
               "a mkfifo(\"f\", 0666)\n"
               "a fork(b)",
     .waits = {.lines = "a open(\"f\", O_WRONLY)", .returns = "3"},
     .ends = "b open(\"f\", O_RDONLY)",
     .at_once = {.lines = "a open(\"f\", O_WRONLY|O_NONBLOCK)", .returns = "-1 ENXIO"},
     .timed = {.lines = "a sigaction(SIGALRM, handler, 0)\n"
                        "a setitimer(ITIMER_REAL, 100, 100)\n"
                        "a open(\"f\", O_WRONLY)",
               .returns = "-1 EINTR",
               .note = "open has no timed form; a timer's signal ends it, again and again in case "
                       "one is too early"}},
    {.when = "read, and the FIFO is empty",
     .before = "spawn a\n"
               "a mkfifo(\"f\", 0666)\n"
               "a f = open(\"f\", O_RDWR)\n"
               "a fork(b)",
     .waits = {.lines = "a read(f, buf, 8)", .returns = "5"},
     .ends = "b write(f, \"hello\")",
     .at_once = {.lines = "a fcntl(f, F_SETFL, O_NONBLOCK)\n"
                          "a read(f, buf, 8)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(f, POLLIN, 100)", .returns = "0"}},
    {.when = "write, and the FIFO is full",
     .before = "spawn a\n"
               "a mkfifo(\"f\", 0666)\n"
               "a f = open(\"f\", O_RDWR)\n"
               "a fcntl(f, F_SETPIPE_SZ, 4096)\n"
               "a char page[4096]\n"
               "a write(f, page, 4096)\n"
               "a fork(b)",
     .waits = {.lines = "a write(f, \"x\")", .returns = "1"},
     .ends = "b read(f, page, 4096)",
     .at_once = {.lines = "a fcntl(f, F_SETFL, O_NONBLOCK)\n"
                          "a write(f, \"x\")",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(f, POLLOUT, 100)", .returns = "0"}},
    {0},
};

static const char *const fields[] = {"bytes", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "fifo",
    .version = "1.0",
    .summary = "FIFOs: pipes with a name, for processes that are no relatives",
    .help =
        "A pipe has no name, so only relatives can share one. A FIFO has one: mkfifo() puts it "
        "into a folder, and any process that may can open() it, read() and write() as with a "
        "pipe. It is one-way and unordered between several writers, but for writes of up to "
        "PIPE_BUF bytes, which stay whole.\n"
        "Opening waits for the other side; open(path, O_RDWR) never waits (Linux), and keeps end "
        "of "
        "file away. Reading an empty one waits while somebody has it open for writing; when the "
        "last writer has closed it, it is end of file.\n"
        "What goes wrong: both sides open two FIFOs in the opposite order, and each waits in its "
        "first open for ever; a writer dies and the reader takes the end of file for the end of "
        "the work; the name is left behind.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
