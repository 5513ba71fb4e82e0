/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pipes: pipe(2) and pipe2(2), what is in one, and why a call on one waits. Everything follows
 * from two rules of pipe(7): a reader waits while the pipe is empty and any write end is open, a
 * writer waits while it is full and any read end is open. Who holds which end decides, so the
 * explanation is mostly a list of them; the process that waits may be on it. */
#include "plugin.h"

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

enum { DEFAULT_CAPACITY = 65536 }; /* pipe(7); only another one is worth a word */

/* ---- Calls ------------------------------------------------------------------------------- */

static int64_t
make_pipe(const struct ipclab_host *host, struct ipclab_frame *frame, int *fds, int flags)
{
    struct stat st;

    if (pipe2(fds, flags) < 0)
        return -1;
    host->stored(frame, 0, fds, 2 * sizeof *fds);
    if (fstat(fds[0], &st) == 0) {
        host->object(frame, "pipe", st.st_ino, st.st_dev);
        host->created(frame);
    }
    return 0;
}

static int64_t
run_pipe(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return make_pipe(host, frame, args->v[0].p, 0);
}

static int64_t
run_pipe2(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return make_pipe(host, frame, args->v[0].p, (int)args->v[1].i);
}

/* ---- State ------------------------------------------------------------------------------- */

static int
owns(mode_t mode, int anonymous)
{
    return S_ISFIFO(mode) && anonymous;
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    int bytes, capacity;

    (void)key;
    (void)key2;
    if (ioctl(fd, FIONREAD, &bytes) < 0)
        return;
    host->number(look, "bytes", bytes);
    capacity = fcntl(fd, F_GETPIPE_SZ);
    if (capacity >= 0 && capacity != DEFAULT_CAPACITY)
        host->number(look, "capacity", capacity);
}

static void
detail(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
       uint64_t key2)
{
    struct stat st;
    int capacity = fcntl(fd, F_GETPIPE_SZ);

    (void)key;
    (void)key2;
    if (fstat(fd, &st) == 0)
        host->number(look, "owner", st.st_uid);
    if (capacity >= 0)
        host->number(look, "capacity", capacity);
}

/* ---- Why it waits ------------------------------------------------------------------------ */

/* One wait, taken apart. */
struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    const char *self; /* name of the waiting process */
    bool reads;       /* else it writes */
    int bytes, room;  /* in the pipe, and what still fits */
    int others, own;  /* open ends of the other side: of others, of the waiting process itself */
    char list[600];   /* "child (fd 4), b (fd 4)" */
};

static bool
is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* The mode of the end behind a descriptor of the waiting process; 0: it has none of this number. */
static char
own_mode(const struct ipclab_wait *wait, int64_t fd)
{
    for (int i = 0; i < wait->nholders; i++)
        if (wait->holders[i].process == wait->self && wait->holders[i].fd == fd)
            return wait->holders[i].mode;
    return 0;
}

/* Does the call wait to read? Its name says so, or the end that is among its arguments (poll). */
static bool
waits_to_read(const struct ipclab_wait *wait)
{
    static const char *const reading[] = {"read", "readv", "fscanf",  "scanf",   "fgets",  "fgetc",
                                          "getc", "fread", "getline", "getchar", "splice", NULL};
    static const char *const writing[] = {"write", "writev",  "fprintf", "fflush", "fputs",
                                          "fputc", "putc",    "fwrite",  "fclose", "printf",
                                          "puts",  "putchar", "exit",    NULL};
    bool reader = false;

    if (is_one_of(wait->call, reading))
        return true;
    if (is_one_of(wait->call, writing))
        return false;
    for (int i = 0; i < wait->args.n; i++) {
        char mode = own_mode(wait, wait->args.v[i].i);

        if (mode != 0)
            return mode != 'w';
    }
    for (int i = 0; i < wait->nholders; i++)
        reader |= wait->holders[i].process == wait->self && wait->holders[i].mode != 'w';
    return reader;
}

static bool
is_other_end(const struct scene *s, const struct ipclab_holder *h)
{
    return !s->wait->processes[h->process].zombie && h->mode != (s->reads ? 'r' : 'w');
}

/* Who holds the other side, others first, in one line that stays readable with many of them. */
static void
list_other_ends(struct scene *s)
{
    size_t n = 0;
    int shown = 0, total = 0;

    for (int own = 0; own <= 1; own++)
        for (int i = 0; i < s->wait->nholders; i++) {
            const struct ipclab_holder *h = &s->wait->holders[i];

            if (!is_other_end(s, h) || (h->process == s->wait->self) != own)
                continue;
            *(own ? &s->own : &s->others) += 1;
            total++;
            if (n >= sizeof s->list - 200)
                continue;
            n += (size_t)snprintf(s->list + n, sizeof s->list - n, "%s%.64s%s (fd %d)",
                                  n > 0 ? ", " : "", s->wait->processes[h->process].name,
                                  own ? " itself" : "", h->fd);
            shown++;
        }
    if (total > shown)
        snprintf(s->list + n, sizeof s->list - n, " and %d more", total - shown);
}

static void
say_state(struct scene *s)
{
    const char *end = s->reads ? "write end" : "read end";
    char what[120];

    if (s->reads)
        snprintf(what, sizeof what, "the pipe is empty");
    else if (s->room > 0)
        snprintf(what, sizeof what, "the pipe has no room for that (%d B in it)", s->bytes);
    else
        snprintf(what, sizeof what, "the pipe is full (%d B)", s->bytes);
    s->host->why(s->look, s->others == 0 && s->own > 0 ? (s->reads ? "empty-self" : "full-self")
                                                       : (s->reads ? "empty" : "full"));
    if (s->others == 0 && s->own > 0)
        s->host->waits(s->look, "%s; the only %s is open in %s", what, end, s->list);
    else if (s->others == 0)
        s->host->waits(s->look, "%s; its %s is held out of sight", what, end);
    else
        s->host->waits(s->look, "%s; %s open in %s", what, end, s->list);
}

static void
say_rule(struct scene *s)
{
    if (s->reads) {
        s->host->rule(s->look, "the pipe is empty, and read(2) reports end of file only when no "
                               "write end is open");
        s->host->say(s->look, "pipe(7): it goes on when data is written, and returns 0 (end of "
                              "file) once the last write end is closed");
        return;
    }
    s->host->rule(s->look, "the pipe has no room for what it writes, and write(2) waits until "
                           "enough has been read from it");
    s->host->say(s->look, "pipe(7): up to 4096 bytes are written all at once or not yet; when the "
                          "last read end closes, the writer gets SIGPIPE and EPIPE");
}

/* "fd 4, inherited in step 1, never closed" */
static void
describe(const struct scene *s, int holder, char *out, size_t size)
{
    const struct ipclab_birth *b = &s->wait->births[holder];
    long long step = b->step;
    int n = snprintf(out, size, "fd %d", s->wait->holders[holder].fd);

    if (strcmp(b->how, "fork") == 0)
        snprintf(out + n, size - (size_t)n, ", inherited in step %lld, never closed", step);
    else if (step > 0)
        snprintf(out + n, size - (size_t)n, ", open since step %lld", step);
}

/* One sentence about each process that holds the other end. */
static void
say_holder(struct scene *s, int holder)
{
    const struct ipclab_process *p = &s->wait->processes[s->wait->holders[holder].process];
    const struct ipclab_birth *b = &s->wait->births[holder];
    const char *end = s->reads ? "write end" : "read end";
    char open[80];

    describe(s, holder, open, sizeof open);
    if (s->wait->holders[holder].process == s->wait->self)
        s->host->say(
            s->look, "%s holds a %s itself (%s): while it waits it can neither use nor close it%s",
            p->name, end, open, s->reads ? ", and so it keeps its own end of file away" : "");
    else if (p->foreign)
        s->host->say(s->look, "%s holds a %s (%s) and runs a program of its own", p->name, end,
                     open);
    else if (s->reads && b->unwritten > 0)
        s->host->say(s->look,
                     "%s holds a %s (%s), and %lld B that it printed still wait in its own memory, "
                     "in a buffer of stdio%s%s",
                     p->name, end, open, (long long)b->unwritten, p->waits ? "; it waits in " : "",
                     p->waits ? p->call : "");
    else if (p->waits)
        s->host->say(s->look, "%s holds a %s (%s), but waits itself, in %s", p->name, end, open,
                     p->call);
    else
        s->host->say(s->look, "%s holds a %s (%s) and can go on", p->name, end, open);
}

/* A line for this holder that ends the wait. */
static void
say_next_of(struct scene *s, int holder)
{
    const char *name = s->wait->processes[s->wait->holders[holder].process].name;
    const struct ipclab_birth *b = &s->wait->births[holder];
    int fd = s->wait->holders[holder].fd;

    if (!s->reads)
        s->host->next(s->look, "%s read(%d, buf)", name, fd);
    else if (b->unwritten > 0)
        s->host->next(s->look, "%s fflush(%s)", name, b->stream);
    else
        s->host->next(s->look, "%s write(%d, \"x\")", name, fd);
}

/* Lines to type that help now: one for each other holder that can move, else for the one that
 * waits. */
static void
say_next(struct scene *s)
{
    bool helped = false;

    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (!is_other_end(s, h) || h->process == s->wait->self || p->waits || p->foreign || helped)
            continue;
        say_next_of(s, i);
        helped = true;
    }
    if (!helped)
        s->host->next(s->look, "interrupt %s", s->self);
}

/* Does anybody else hold the other end who could use it now? */
static bool
can_go_on_by_others(const struct scene *s)
{
    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (is_other_end(s, h) && h->process != s->wait->self && (p->foreign || !p->waits))
            return true;
    }
    return false;
}

/* What should have come before the call: who cannot use the end any more, for it waits, should have
 * closed it; a writer alone needs a reader. */
static void
say_before(struct scene *s)
{
    for (int i = 0; i < s->wait->nholders; i++) {
        const struct ipclab_holder *h = &s->wait->holders[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (!is_other_end(s, h) || p->foreign || (h->process != s->wait->self && !p->waits))
            continue;
        if (s->reads)
            s->host->before(s->look, "%s close(%d)", p->name, h->fd);
        else if (h->process == s->wait->self && s->others == 0 && s->bytes > 0)
            s->host->before(s->look, "%s read(%d, buf)", p->name, h->fd);
        else if (h->process == s->wait->self && s->others == 0)
            s->host->before(s->look, "%s fork(reader)", p->name);
    }
}

/* Sure that nobody else can end it? Nobody else holds the other end, and the call waits for
 * nothing but this pipe: poll and select may, with a time or with other descriptors. */
static bool
is_for_ever(const struct scene *s)
{
    const struct ipclab_args *args = &s->wait->args;

    if (s->others > 0 || s->own == 0 || s->wait->processes[s->wait->self].foreign)
        return false;
    if (strcmp(s->wait->call, "poll") == 0)
        return args->n == 3 && args->v[2].i < 0;
    return strcmp(s->wait->call, "select") != 0;
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    struct scene s = {.host = host, .look = look, .wait = wait};
    int capacity = fcntl(fd, F_GETPIPE_SZ);

    (void)key;
    (void)key2;
    if (ioctl(fd, FIONREAD, &s.bytes) < 0)
        s.bytes = 0;
    s.room = capacity > s.bytes ? capacity - s.bytes : 0;
    s.self = wait->processes[wait->self].name;
    s.reads = waits_to_read(wait);
    list_other_ends(&s);
    say_state(&s);
    say_rule(&s);
    for (int i = 0; i < wait->nholders; i++)
        if (is_other_end(&s, &wait->holders[i])) {
            say_holder(&s, i);
            host->could_end(look, wait->holders[i].process);
        }
    if (s.others == 0 && s.own == 0)
        host->say(look,
                  "no process that can be seen here holds a %s: it may be in a message that "
                  "nobody has received yet",
                  s.reads ? "write end" : "read end");
    say_next(&s);
    if (!can_go_on_by_others(&s))
        say_before(&s);
    if (is_for_ever(&s))
        host->never(look);
}

/* For poll and its like: who has the other end decides, as it does for read and write. That it was
 * closed is reported even when nothing else is asked for. */
static enum ipclab_chance
watched(const struct ipclab_look_host *host, struct ipclab_look *look,
        const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text, size_t room)
{
    bool reads = (fcntl(copy, F_GETFL) & O_ACCMODE) == O_RDONLY;
    bool asked = (events & (reads ? POLLIN : POLLOUT)) != 0;
    const char *does = !asked ? "close($0)" : reads ? "write($0, \"x\")" : "read($0, buf)";
    const char *state = !asked ? "has both ends open" : reads ? "is empty" : "is full";
    char others[400];

    (void)wait, (void)fd;
    if (host->others(look, copy, reads ? 'w' : 'r', does, others, sizeof others) == 0) {
        snprintf(text, room, "the pipe %s, and nobody else holds a %s end of it", state,
                 reads ? "write" : "read");
        return IPCLAB_NOBODY;
    }
    snprintf(text, room, "the pipe %s; %s could %s it", state, others,
             !asked  ? "close"
             : reads ? "write to"
                     : "read from");
    return IPCLAB_SOMEBODY;
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_constant pipe_flags[] = {
    {"O_CLOEXEC", O_CLOEXEC, "both ends are closed by execve"},
    {"O_NONBLOCK", O_NONBLOCK, "reading and writing fail with EAGAIN instead of waiting"},
    {"O_DIRECT", O_DIRECT, "each write is a packet of its own, read one by one"},
    {0},
};

static const struct ipclab_arg pipe_args[] = {
    {.name = "pipefd",
     .type = IPCLAB_INTS,
     .summary = "gets the read end and the write end",
     .count = 2},
    {0},
};

static const struct ipclab_arg pipe2_args[] = {
    {.name = "pipefd",
     .type = IPCLAB_INTS,
     .summary = "gets the read end and the write end",
     .count = 2},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how both ends behave",
     .constants = pipe_flags},
    {0},
};

#define LIMIT_ERRORS                                                                               \
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},               \
        {"ENFILE",                                                                                 \
         "the system has as many open files, or pipe buffers of this user, as it allows"},         \
    {                                                                                              \
        "EFAULT", "pipefd is no address of two ints in this process"                               \
    }

static const struct ipclab_error pipe_errors[] = {LIMIT_ERRORS, {0}};
static const struct ipclab_error pipe2_errors[] = {
    LIMIT_ERRORS,
    {"EINVAL", "$flags has a bit that pipe2 does not know"},
    {0},
};

static const char *const pipe_examples[] = {
    "spawn a\na pipe(fd)\na write(fd[1], \"hi\")\na read(fd[0], buf, 2)",
    "spawn parent\nparent pipe(pipefd)\nparent fork(child)\nchild close(pipefd[0])\n"
    "parent close(pipefd[1])\nparent read(pipefd[0], recv, 32)\n"
    "child write(pipefd[1], \"Hello World\\n\")",
    "spawn a\na pipe(fd)\na write(fd[1], \"last words\")\na close(fd[1])\n"
    "a read(fd[0], buf, 64)\na read(fd[0], buf, 64)",
    NULL,
};

static const char *const pipe2_examples[] = {
    "spawn a\na pipe2(fd, O_NONBLOCK)\na read(fd[0], buf, 8)",
    "spawn a\na pipe2(fd, O_DIRECT)\na write(fd[1], \"one\")\na write(fd[1], \"two\")\n"
    "a read(fd[0], buf, 64)\na read(fd[0], buf, 64)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "pipe",
     .prototype = "int pipe(int pipefd[2])",
     .summary = "make a pipe: two descriptors, one to read and one to write",
     .help = "A pipe is a queue of bytes inside the kernel. What is written to pipefd[1] can be "
             "read, in the same order and once, from pipefd[0]. Made alone it is of little use: "
             "the point is fork(), after which both processes have both ends. Each then closes "
             "the end that it does not use. That is not tidiness: read() reports end of file only "
             "when the last write end anywhere is closed, so a reader that keeps a write end open "
             "waits for itself for ever.",
     .man = "pipe(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = pipe_args,
     .errors = pipe_errors,
     .returns = "0",
     .examples = pipe_examples,
     .run = run_pipe},
    {.name = "pipe2",
     .prototype = "int pipe2(int pipefd[2], int flags)",
     .summary = "make a pipe with flags",
     .help = "As pipe(), and sets flags of both ends before anybody else can use them. With "
             "O_NONBLOCK a read from an empty pipe and a write to a full one fail with EAGAIN "
             "where they would have waited. With O_CLOEXEC a program started by execve() does not "
             "inherit the ends, and so cannot keep an end of file away by accident. With O_DIRECT "
             "each write is a packet, and each read takes one.",
     .man = "pipe2(2)",
     .flags = IPCLAB_FDS,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = pipe2_args,
     .errors = pipe2_errors,
     .returns = "0",
     .examples = pipe2_examples,
     .run = run_pipe2},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "pipe",
     .summary = "bytes on their way from write ends to read ends",
     .level = "bytes",
     .line = "$bytes B  W: $w  R: $r",
     .owns = owns,
     .state = state,
     .explain = explain,
     .watched = watched,
     .detail = detail},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

/* Two pipes, one for each direction. */
struct bench_pipes {
    int ends[2][2];
};

static int
bench_setup(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_pipes *b = malloc(sizeof *b);

    (void)host;
    run->state = b;
    return b == NULL || pipe(b->ends[0]) < 0 || pipe(b->ends[1]) < 0 ? -1 : 0;
}

static int
bench_begin(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    const struct bench_pipes *b = run->state;

    (void)host;
    close(b->ends[run->side][0]);
    close(b->ends[1 - run->side][1]);
    return 0;
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    const struct bench_pipes *b = run->state;

    while (n > 0) {
        ssize_t did = write(b->ends[run->side][1], data, n);

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
    const struct bench_pipes *b = run->state;

    while (n > 0) {
        ssize_t did = read(b->ends[1 - run->side][0], data, n);

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
    const struct bench_pipes *b = run->state;

    for (int i = 0; i < 4; i++)
        close(b->ends[i / 2][i % 2]);
}

static const struct ipclab_bench benches[] = {
    {.name = "pipe",
     .summary = "two pipes: write and read",
     .setup = bench_setup,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"pipe(2)", "pipe(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "read, and the pipe is empty",
     .before = "spawn a\n"
               "a pipe(p)\n"
               "a fork(b)",
     .waits = {.lines = "a read(p[0], buf, 8)", .returns = "5"},
     .ends = "b write(p[1], \"hello\")",
     .at_once = {.lines = "a fcntl(p[0], F_SETFL, O_NONBLOCK)\n"
                          "a read(p[0], buf, 8)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(p[0], POLLIN, 100)",
               .returns = "0",
               .note = "poll says 1 when read would not wait"}},
    {.when = "write, and the pipe is full",
     .before = "spawn a\n"
               "a pipe(p)\n"
               "a fcntl(p[1], F_SETPIPE_SZ, 4096)\n"
               "a char page[4096]\n"
               "a write(p[1], page, 4096)\n"
               "a fork(b)",
     .waits = {.lines = "a write(p[1], \"x\")", .returns = "1"},
     .ends = "b read(p[0], page, 4096)",
     .at_once = {.lines = "a fcntl(p[1], F_SETFL, O_NONBLOCK)\n"
                          "a write(p[1], \"x\")",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a poll(p[1], POLLOUT, 100)", .returns = "0"}},
    {0},
};

static const char *const fields[] = {"bytes", "capacity", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "pipe",
    .version = "1.0",
    .summary = "pipes: one-way byte streams between related processes",
    .help = "A pipe connects processes that have a common ancestor: it has no name, so the only "
            "way to get one is to make it or to inherit it. It is half-duplex; two directions take "
            "two pipes. It holds 65536 bytes as a rule, but only 8192 when its user has very "
            "many pipes; fcntl(fd, F_GETPIPE_SZ) says it, F_SETPIPE_SZ changes it. Bytes have no "
            "borders: two writes may be read as one. Writes of up to 4096 bytes (PIPE_BUF) are "
            "never mixed with those of others.\n"
            "What goes wrong: an end that nobody needs stays open. A forgotten write end keeps end "
            "of file away from the reader; a forgotten read end keeps SIGPIPE and EPIPE away from "
            "the writer, who then waits at a full pipe that nobody empties.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
