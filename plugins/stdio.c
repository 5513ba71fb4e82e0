/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stdio - the streams of the C library, and the buffers that they put between program and
 * descriptor.
 *
 * Handlers do the real calls in the student's own process, so that what is printed and not written
 * is really there, in its memory. What lies behind a FILE * is named here, before the call that
 * may wait. How much a stream moved through its descriptor is told by libc's own count of it, so
 * that printed and written stay two different things. In order: which streams there are, what one
 * holds, the formats, the calls, the kind of object, the records. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin.h"

/* ---- Which streams there are ------------------------------------------------------------- */

/* The streams that this process has used, so that an address that is none is refused, and so that
 * only the process itself looks into one. fork copies the list with the streams. */
struct known {
    FILE *stream;
    int is_closed;
    struct known *next;
};

static struct known *known;

/* The standard streams are known by these numbers, which can be no address. */
enum { STDIN_NUMBER = 1, STDOUT_NUMBER, STDERR_NUMBER };

static const struct ipclab_constant stream_names[] = {
    {"stdin", STDIN_NUMBER, "the standard input stream of the process"},
    {"stdout", STDOUT_NUMBER, "the standard output stream of the process"},
    {"stderr", STDERR_NUMBER, "the standard error stream of the process"},
    {0},
};

static struct known *
known_find(uint64_t address)
{
    for (struct known *k = known; k != NULL; k = k->next)
        if ((uint64_t)(uintptr_t)k->stream == address)
            return k;
    return NULL;
}

static struct known *
known_add(FILE *stream)
{
    struct known *k = malloc(sizeof *k);

    if (k == NULL)
        return NULL;
    *k = (struct known){.stream = stream, .next = known};
    known = k;
    return k;
}

/* A standard stream is there from the beginning, and comes into the list with its first use. */
static struct known *
known_standard(FILE *stream)
{
    struct known *k = known_find((uint64_t)(uintptr_t)stream);

    return k != NULL ? k : known_add(stream);
}

/* The stream that an argument stands for, or NULL with a note and errno. */
static FILE *
stream_of(const struct ipclab_host *host, struct ipclab_frame *frame, int64_t value)
{
    const struct known *k;

    if (value >= STDIN_NUMBER && value <= STDERR_NUMBER) {
        k = known_standard(value == STDIN_NUMBER    ? stdin
                           : value == STDOUT_NUMBER ? stdout
                                                    : stderr);
        if (k == NULL) {
            errno = ENOMEM;
            return NULL;
        }
    } else {
        k = known_find((uint64_t)value);
    }
    if (k != NULL && !k->is_closed)
        return k->stream;
    host->note(frame, k != NULL ? "this stream is closed; in C, using it now is undefined"
                                : "this is no stream that fdopen made in this process; in C, "
                                  "using it is undefined");
    errno = EBADF;
    return NULL;
}

/* ---- What a stream holds and what it moved ----------------------------------------------- */

/* libc shows how much a stream has to write (__fpending), but not how much it has read ahead;
 * both lie between these public pointers of its FILE. */
static size_t
unread(FILE *stream)
{
    return __freading(stream) ? (size_t)(stream->_IO_read_end - stream->_IO_read_ptr) : 0;
}

/* Counts what goes through the stream's descriptor during one call. For a descriptor that can
 * seek, the offset tells. For others libc leaves its own count of the position, _offset, switched
 * off (negative); a count begun at 0 is advanced by each read and write, and is put back. */
struct meter {
    FILE *stream;
    off_t offset;         /* of the descriptor before; -1: it cannot seek */
    __off64_t libc_count; /* as it was */
    size_t pending;       /* printed and not written before */
    int named;            /* the stream is among the objects of the call */
};

static struct meter
meter_start(FILE *stream)
{
    struct meter m = {.stream = stream};

    m.offset = lseek(fileno(stream), 0, SEEK_CUR);
    m.libc_count = stream->_offset;
    m.pending = __fpending(stream);
    if (m.offset < 0)
        stream->_offset = 0;
    errno = 0; /* what the call leaves there is its own */
    return m;
}

static int64_t
meter_stop(const struct meter *m)
{
    int said = errno;
    int64_t moved;

    if (m->offset >= 0) {
        off_t now = lseek(fileno(m->stream), 0, SEEK_CUR);

        moved = now > m->offset ? now - m->offset : 0;
    } else {
        size_t pending = __fpending(m->stream);

        /* A flush makes libc forget its count, and only then is what left the buffer all. */
        moved = m->stream->_offset;
        if (moved < 0)
            moved = m->pending > pending ? (int64_t)(m->pending - pending) : 0;
        m->stream->_offset = m->libc_count;
    }
    errno = said;
    return moved;
}

/* A standard stream is worth showing while it holds something; the others always are. */
static int
is_shown(FILE *stream)
{
    return (stream != stdin && stream != stdout && stream != stderr) || __fpending(stream) > 0 ||
           unread(stream) > 0;
}

static void
name_stream(const struct ipclab_host *host, struct ipclab_frame *frame, FILE *stream)
{
    host->object(frame, "stream", (uint64_t)(uintptr_t)stream, (uint64_t)getpid());
}

/* The stream first, then what lies behind it: flow goes to the object named last. */
static int
name_both(const struct ipclab_host *host, struct ipclab_frame *frame, FILE *stream)
{
    int shown = is_shown(stream);

    if (shown)
        name_stream(host, frame, stream);
    host->object(frame, NULL, (uint64_t)fileno(stream), 0);
    return shown;
}

/* What every call on a stream begins with. */
static struct meter
use_begin(const struct ipclab_host *host, struct ipclab_frame *frame, FILE *stream)
{
    int named = name_both(host, frame, stream);
    struct meter m = meter_start(stream);

    m.named = named;
    return m;
}

static const char *
what_ends_the_wait(FILE *stream)
{
    return __flbf(stream) ? "a newline, fflush, exit or a full buffer writes them"
                          : "fflush, fclose, exit or a full buffer writes them";
}

static void
report_output(const struct ipclab_host *host, struct ipclab_frame *frame, const struct meter *m)
{
    int64_t written = meter_stop(m);
    size_t pending = __fpending(m->stream);

    if (written > 0)
        host->flow(frame, written);
    if (!m->named && is_shown(m->stream))
        name_stream(host, frame, m->stream);
    if (m->named || is_shown(m->stream))
        host->fact(frame, "written", written);
    if (pending > 0)
        host->note(frame,
                   "%zu B printed but not written yet: they wait in the memory of this "
                   "process, where no other process sees them; %s",
                   pending, what_ends_the_wait(m->stream));
}

static const char *
why_no_more(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return "";
    return S_ISFIFO(st.st_mode)   ? ": the pipe is empty and no write end is open anywhere"
           : S_ISREG(st.st_mode)  ? ": the offset stands at or behind the last byte"
           : S_ISSOCK(st.st_mode) ? ": the peer sends no more"
                                  : "";
}

static void
report_input(const struct ipclab_host *host, struct ipclab_frame *frame, const struct meter *m)
{
    int64_t got = meter_stop(m);
    size_t ahead = unread(m->stream);

    if (got > 0)
        host->flow(frame, -got);
    if (ahead > 0)
        host->note(frame,
                   "the stream has read ahead: %zu B more are in the memory of this process "
                   "already, and no longer behind descriptor %d",
                   ahead, fileno(m->stream));
    if (feof(m->stream) && ahead == 0)
        host->note(frame, "the end of file was met%s", why_no_more(fileno(m->stream)));
}

/* ---- fdopen ------------------------------------------------------------------------------ */

static int64_t
run_fdopen(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct known *k;
    FILE *stream;

    errno = 0;
    stream = fdopen((int)args->v[0].i, args->v[1].s);
    if (stream == NULL)
        return 0;
    k = known_find((uint64_t)(uintptr_t)stream); /* one that is closed left its memory */
    if (k == NULL)
        k = known_add(stream);
    if (k == NULL) {
        host->note(frame, "no memory is left to keep track of the stream");
        errno = ENOMEM;
        return 0;
    }
    k->is_closed = 0;
    name_stream(host, frame, stream);
    host->created(frame);
    return (int64_t)(uintptr_t)stream;
}

/* ---- Formats ----------------------------------------------------------------------------- */

/* One conversion of a format of printf(3) or scanf(3). */
struct conversion {
    char kind;     /* 'd', 's', '[', ...; '\0': none is left */
    char size;     /* 'h', 'H' for hh, 'l', 'j', 'z', 't', 'q', 'L'; '\0': none */
    int starred;   /* how many * it has */
    int allocates; /* %ms of scanf */
    int width;     /* 0: none given */
};

/* Reads the conversion that comes next and returns where to go on. */
static const char *
conversion_next(const char *c, int is_scan, struct conversion *out)
{
    *out = (struct conversion){0};
    for (;;) {
        c = strchr(c, '%');
        if (c == NULL)
            return "";
        if (c[1] != '%')
            break;
        c += 2;
    }
    for (c++; *c != '\0' && strchr("#0- +'.*123456789mhlqjztL", *c) != NULL; c++) {
        if (*c == 'm' && !is_scan)
            break;
        out->starred += *c == '*';
        out->allocates |= *c == 'm';
        if (*c >= '0' && *c <= '9' && out->width < 1000000)
            out->width = out->width * 10 + (*c - '0');
        if (strchr("hlqjztL", *c) != NULL)
            out->size = *c == 'h' && out->size == 'h' ? 'H' : *c;
    }
    out->kind = *c;
    if (*c == '\0')
        return c;
    if (*c == '[') {
        c += c[1] == '^' ? 2 : 1;
        c += *c == ']';
        while (*c != '\0' && *c != ']')
            c++;
    }
    return *c == '\0' ? c : c + 1;
}

/* Can the values that came serve this format? Floats cannot: no value here is a double. */
static int
is_format_served(const struct ipclab_host *host, struct ipclab_frame *frame, const char *format,
                 int is_scan, int given)
{
    struct conversion c;
    int wanted = 0;

    for (format = conversion_next(format, is_scan, &c); c.kind != '\0';
         format = conversion_next(format, is_scan, &c)) {
        if (!is_scan && strchr("aAeEfFgG", c.kind) != NULL) {
            host->note(frame, "the format asks for a double, and every value here is an integer "
                              "or an address");
            errno = EINVAL;
            return 0;
        }
        if (is_scan)
            wanted += c.starred == 0;
        else
            wanted += c.starred + (c.kind != 'm');
    }
    if (wanted <= given)
        return 1;
    host->note(frame, "the format asks for %d values, %d came; in C that is undefined", wanted,
               given);
    errno = EINVAL;
    return 0;
}

/* ---- Printing ---------------------------------------------------------------------------- */

/* The format is argument `first`, its values follow. */
static int64_t
print(const struct ipclab_host *host, struct ipclab_frame *frame, FILE *stream,
      const struct ipclab_args *args, int first)
{
    const char *format = args->v[first].s;
    long v[IPCLAB_MAX_ARGS] = {0};
    struct meter meter;
    int n;

    if (!is_format_served(host, frame, format, 0, args->n - first - 1))
        return -1;
    for (int i = first + 1; i < args->n; i++)
        v[i - first - 1] = args->v[i].i;
    meter = use_begin(host, frame, stream);
    /* A format that comes from the student cannot be a literal; its values were counted above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    n = fprintf(stream, format, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]);
#pragma GCC diagnostic pop
    report_output(host, frame, &meter);
    return n;
}

static int64_t
run_fprintf(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, args->v[0].i);

    return stream != NULL ? print(host, frame, stream, args, 1) : -1;
}

static int64_t
run_printf(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, STDOUT_NUMBER);

    return stream != NULL ? print(host, frame, stream, args, 0) : -1;
}

static int64_t
run_putchar(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, STDOUT_NUMBER);
    struct meter meter;
    int result;

    if (stream == NULL)
        return -1;
    meter = use_begin(host, frame, stream);
    result = putchar((int)args->v[0].i);
    report_output(host, frame, &meter);
    return result;
}

static int64_t
run_puts(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, STDOUT_NUMBER);
    struct meter meter;
    int result;

    if (stream == NULL)
        return -1;
    meter = use_begin(host, frame, stream);
    result = puts(args->v[0].s);
    report_output(host, frame, &meter);
    return result;
}

static int64_t
run_perror(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int said = errno; /* the student's own, put back by the host */

    host->object(frame, NULL, STDERR_FILENO, 0);
    errno = said;
    perror(args->v[0].s);
    return 0;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static void
report_scanned(const struct ipclab_host *host, struct ipclab_frame *frame, int arg, void *target,
               const struct conversion *c)
{
    if (c->allocates)
        return; /* what was stored is an address, which differs from run to run */
    if (c->kind == 's' || c->kind == '[') {
        host->stored(frame, arg, target, strlen(target));
    } else if (c->kind == 'c') {
        host->stored(frame, arg, target, c->width > 0 ? (size_t)c->width : 1);
    } else if (strchr("diuoxXn", c->kind) != NULL) {
        if (c->size == 'H')
            host->stored_number(frame, arg, *(signed char *)target);
        else if (c->size == 'h')
            host->stored_number(frame, arg, *(short *)target);
        else if (c->size == '\0')
            host->stored_number(frame, arg, *(int *)target);
        else
            host->stored_number(frame, arg, *(long *)target);
    }
}

static int64_t
run_fscanf(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, args->v[0].i);
    const char *format = args->v[1].s;
    void *v[IPCLAB_MAX_ARGS] = {0};
    struct conversion c;
    struct meter meter;
    int n, done = 0;

    if (stream == NULL || !is_format_served(host, frame, format, 1, args->n - 2))
        return -1;
    for (int i = 2; i < args->n; i++)
        v[i - 2] = args->v[i].p;
    meter = use_begin(host, frame, stream);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    n = fscanf(stream, format, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]);
#pragma GCC diagnostic pop
    report_input(host, frame, &meter);
    for (int i = 2; i < args->n && done < n; i++) {
        do
            format = conversion_next(format, 1, &c);
        while (c.starred > 0);
        if (c.kind == '\0')
            break;
        report_scanned(host, frame, i, args->v[i].p, &c);
        done += c.kind != 'n';
    }
    if (n >= 0 && n < args->n - 2)
        host->note(frame, "%d of %d values were read: what came next did not fit the format", n,
                   args->n - 2);
    return n;
}

static int64_t
run_fgets(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, args->v[2].i);
    char *line;
    struct meter meter;

    if (stream == NULL)
        return 0;
    meter = use_begin(host, frame, stream);
    line = fgets(args->v[0].p, (int)args->v[1].i, stream);
    report_input(host, frame, &meter);
    if (line != NULL)
        host->stored(frame, 0, line, strlen(line));
    else if (feof(stream))
        host->fact(frame, "eof", 1);
    return (int64_t)(uintptr_t)line;
}

/* ---- Writing out, closing ---------------------------------------------------------------- */

/* fflush(NULL) flushes all: what lies behind each that has something to write is named first. */
static int64_t
flush_all(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    for (const struct known *k = known; k != NULL; k = k->next)
        if (!k->is_closed && __fpending(k->stream) > 0)
            name_both(host, frame, k->stream);
    errno = 0;
    return fflush(NULL);
}

static int64_t
run_fflush(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct meter meter;
    FILE *stream;
    int result;

    if (args->v[0].i == 0)
        return flush_all(host, frame);
    stream = stream_of(host, frame, args->v[0].i);
    if (stream == NULL)
        return -1;
    meter = use_begin(host, frame, stream);
    result = fflush(stream);
    report_output(host, frame, &meter);
    return result;
}

static int64_t
run_setvbuf(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, args->v[0].i);
    int mode = (int)args->v[2].i, result;
    struct meter meter;

    if (stream == NULL)
        return -1;
    meter = use_begin(host, frame, stream);
    result = setvbuf(stream, args->v[1].p, mode, (size_t)args->v[3].i);
    report_output(host, frame, &meter);
    if (result == 0 && args->v[1].p == NULL && args->v[3].i > 0 && mode != _IONBF)
        host->note(frame, "without a buffer of the program's own glibc keeps its usual size");
    if (result != 0 && errno == 0)
        errno = EINVAL;
    return result;
}

static int64_t
run_fclose(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    FILE *stream = stream_of(host, frame, args->v[0].i);
    size_t pending;
    int fd, result;

    if (stream == NULL)
        return -1;
    name_both(host, frame, stream);
    pending = __fpending(stream);
    fd = fileno(stream);
    known_find((uint64_t)(uintptr_t)stream)->is_closed = 1;
    errno = 0;
    result = fclose(stream);
    if (result == 0 && pending > 0) {
        host->flow(frame, (int64_t)pending);
        host->fact(frame, "written", (int64_t)pending);
    }
    host->fact(frame, "closed", fd);
    return result;
}

/* ---- The kind of object ------------------------------------------------------------------ */

/* Only the process itself looks into its streams: the list is empty in every other. */
static void
state_stream(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
             uint64_t key2)
{
    const struct known *k = key2 == (uint64_t)getpid() ? known_find(key) : NULL;
    FILE *stream;

    (void)fd;
    if (k == NULL)
        return;
    if (k->is_closed) {
        host->number(look, "fd", -1);
        host->text(look, "mode", "closed");
        host->number(look, "buffered", 0);
        host->number(look, "unread", 0);
        return;
    }
    stream = k->stream;
    host->number(look, "fd", fileno(stream));
    host->text(look, "mode", !__fwritable(stream) ? "r" : !__freadable(stream) ? "w" : "r+");
    host->text(look, "buffering",
               stream->_flags & 2 /* _IO_UNBUFFERED, no name of which is public */ ? "none"
               : __flbf(stream)                                                    ? "line"
                                                                                   : "full");
    host->number(look, "buffered", (int64_t)__fpending(stream));
    if (__fpending(stream) > 0)
        host->bytes(look, "pending", stream->_IO_write_base, __fpending(stream));
    host->number(look, "unread", (int64_t)unread(stream));
    if (unread(stream) > 0)
        host->bytes(look, "ahead", stream->_IO_read_ptr, unread(stream));
}

static const struct ipclab_kind kinds[] = {
    {.name = "stream",
     .summary = "a FILE of stdio: its buffers lie in the memory of one process",
     .line = "fd $fd  $buffered B unwritten  $unread B read ahead",
     .state = state_stream},
    {0},
};

/* ---- The records: constants and arguments ---- */

static const struct ipclab_constant buffer_modes[] = {
    {"_IONBF", _IONBF, "no buffer: each call writes"},
    {"_IOLBF", _IOLBF, "written at each newline"},
    {"_IOFBF", _IOFBF, "written when the buffer is full"},
    {0},
};

#define STREAM_ARG                                                                                 \
    {                                                                                              \
        .name = "stream", .type = IPCLAB_STREAM,                                                   \
        .summary = "what fdopen returned, stdin, stdout or stderr", .constants = stream_names      \
    }

static const struct ipclab_arg fdopen_args[] = {
    {.name = "fd", .type = IPCLAB_FD, .summary = "the descriptor that the stream is to use"},
    {.name = "mode", .type = IPCLAB_STRING, .summary = "\"r\", \"w\", \"a\", or with +"},
    {0},
};
static const struct ipclab_arg fprintf_args[] = {
    STREAM_ARG,
    {.name = "format", .type = IPCLAB_STRING, .summary = "text with conversions such as %d, %s"},
    {.name = "value",
     .type = IPCLAB_ANY,
     .flags = IPCLAB_REST,
     .summary = "one value for each conversion"},
    {0},
};
static const struct ipclab_arg fscanf_args[] = {
    STREAM_ARG,
    {.name = "format", .type = IPCLAB_STRING, .summary = "what to read, such as %s, %d"},
    {.name = "target",
     .type = IPCLAB_BUFFER,
     .flags = IPCLAB_REST,
     .summary = "where each value goes: a buffer for %s, &n for %d",
     .size_arg = -1},
    {0},
};
static const struct ipclab_arg fgets_args[] = {
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "where the line goes", .size_arg = 1},
    {.name = "size",
     .type = IPCLAB_SIZE,
     .summary = "room in it, the NUL included",
     .min = 1,
     .max = INT_MAX},
    STREAM_ARG,
    {0},
};
static const struct ipclab_arg fflush_args[] = {
    {.name = "stream",
     .type = IPCLAB_STREAM,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "what to write out; NULL: all streams of the process",
     .constants = stream_names},
    {0},
};
static const struct ipclab_arg setvbuf_args[] = {
    STREAM_ARG,
    {.name = "buf",
     .type = IPCLAB_POINTER,
     .flags = IPCLAB_NULLABLE,
     .summary = "memory of the program's own to use; NULL: libc's"},
    {.name = "mode", .type = IPCLAB_INT, .summary = "when to write", .constants = buffer_modes},
    {.name = "size", .type = IPCLAB_SIZE, .flags = IPCLAB_OPTIONAL, .summary = "bytes at buf"},
    {0},
};
static const struct ipclab_arg fclose_args[] = {STREAM_ARG, {0}};
static const struct ipclab_arg putchar_args[] = {
    {.name = "c", .type = IPCLAB_INT, .summary = "the character; its low 8 bits count"},
    {0},
};
static const struct ipclab_arg puts_args[] = {
    {.name = "s", .type = IPCLAB_STRING, .summary = "the text; a newline is added"},
    {0},
};
static const struct ipclab_arg printf_args[] = {
    {.name = "format", .type = IPCLAB_STRING, .summary = "text with conversions such as %d, %s"},
    {.name = "value",
     .type = IPCLAB_ANY,
     .flags = IPCLAB_REST,
     .summary = "one value for each conversion"},
    {0},
};
static const struct ipclab_arg perror_args[] = {
    {.name = "s",
     .type = IPCLAB_STRING,
     .flags = IPCLAB_OPTIONAL | IPCLAB_NULLABLE,
     .summary = "what comes before the colon; NULL: no prefix"},
    {0},
};

/* ---- The records: errors ----------------------------------------------------------------- */

static const struct ipclab_error fdopen_errors[] = {
    {"EBADF", "$fd is not an open descriptor of this process"},
    {"EINVAL", "$mode is not \"r\", \"w\" or \"a\", perhaps with +, or $fd is not open for that"},
    {"ENOMEM", "the process has no memory for the stream"},
    {0},
};
static const struct ipclab_error output_errors[] = {
    {"EBADF", "it is no open stream of this process, or its descriptor is closed or not open for "
              "writing"},
    {"EPIPE", "nobody can read the pipe behind the stream any more"},
    {"EAGAIN", "the descriptor takes no more now, and O_NONBLOCK forbids to wait; stdio may have "
               "lost what it could not write"},
    {"EINTR", "a signal with a handler came while the write waited"},
    {"EINVAL", "the arguments do not serve the format or the stream"},
    {"EFBIG", "the file would become longer than RLIMIT_FSIZE or the file system allows"},
    {"ENOSPC", "the file system is full"},
    {"EDQUOT", "the quota is used up"},
    {"ENOTCONN", "the socket behind the stream is not connected"},
    {"ECONNRESET", "the peer of the socket behind the stream has broken the connection"},
    {"ESPIPE", "the descriptor behind the stream has no offset"},
    {"EIO", "the device behind the stream failed"},
    {0},
};
static const struct ipclab_error input_errors[] = {
    {"EBADF", "it is no open stream of this process, or its descriptor is closed or not open for "
              "reading"},
    {"EAGAIN", "there is nothing to read now, and O_NONBLOCK forbids to wait"},
    {"EINTR", "a signal with a handler came before anything could be read"},
    {"EINVAL", "the arguments do not serve the format or the stream"},
    {"EILSEQ", "the bytes are no characters of the locale"},
    {"ENOMEM", "the process has no memory for what was read"},
    {"ERANGE", "a number does not fit"},
    {"EISDIR", "the descriptor behind the stream is a folder"},
    {"ENOTCONN", "the socket behind the stream is not connected"},
    {"ECONNRESET", "the peer of the socket behind the stream has broken the connection"},
    {"EIO", "the device behind the stream failed"},
    {0},
};

/* ---- The records: examples --------------------------------------------------------------- */

#define NEW_FILE "spawn a\na fd = open(\"f\", O_CREAT|O_RDWR, 0644)\n"

static const char *const fdopen_examples[] = {
    NEW_FILE "a out = fdopen(fd, \"w\")\na fprintf(out, \"Hello World\\n\")\na fclose(out)",
    "spawn a\na fd = open(\"f\", O_CREAT|O_RDONLY)\na fdopen(fd, \"w\")",
    NULL,
};
static const char *const fprintf_examples[] = {
    NEW_FILE
    "a out = fdopen(fd, \"w\")\na fprintf(out, \"%d %s\\n\", 42, \"apples\")\na fstat(fd)\n"
    "a fflush(out)\na fstat(fd)",
    "spawn a\na fprintf(stderr, \"not buffered\\n\")",
    NULL,
};
static const char *const fscanf_examples[] = {
    NEW_FILE "a write(fd, \"Hello World\\n\")\na lseek(fd, 0)\na in = fdopen(fd, \"r\")\n"
             "a fscanf(in, \"%s\", recv)\na print recv",
    NEW_FILE "a write(fd, \"7 up\")\na lseek(fd, 0)\na in = fdopen(fd, \"r\")\na int n = 0\n"
             "a fscanf(in, \"%d %s\", &n, word)\na print n\na fscanf(in, \"%s\", word)",
    NULL,
};
static const char *const fgets_examples[] = {
    NEW_FILE "a write(fd, \"one\\ntwo\\n\")\na lseek(fd, 0)\na in = fdopen(fd, \"r\")\n"
             "a fgets(line, 80, in)\na print line\na fgets(line, 80, in)\na fgets(line, 80, in)",
    "spawn a\na fgets(line, 80, stdin)",
    NULL,
};
static const char *const fflush_examples[] = {
    NEW_FILE "a out = fdopen(fd, \"w\")\na fprintf(out, \"x\")\na fflush(out)",
    "spawn a\na printf(\"no newline\")\na fflush(stdout)",
    NULL,
};
static const char *const setvbuf_examples[] = {
    NEW_FILE
    "a out = fdopen(fd, \"w\")\na setvbuf(out, NULL, _IONBF)\na fprintf(out, \"at once\")\n"
    "a fstat(fd)",
    NEW_FILE
    "a out = fdopen(fd, \"w\")\na setvbuf(out, NULL, _IOLBF)\na fprintf(out, \"line\\nrest\")",
    NULL,
};
static const char *const fclose_examples[] = {
    NEW_FILE "a out = fdopen(fd, \"w\")\na fprintf(out, \"x\")\na fclose(out)\na write(fd, \"y\")",
    NEW_FILE "a out = fdopen(fd, \"w\")\na fclose(out)\na fclose(out)",
    NULL,
};
static const char *const putchar_examples[] = {
    "spawn a\na putchar('x')\na putchar('\\n')",
    "spawn a\na putchar(65)\na exit(0)",
    NULL,
};
static const char *const puts_examples[] = {
    "spawn a\na puts(\"hello\")",
    "spawn a\na char *s = \"hi\"\na puts(s)",
    NULL,
};
static const char *const printf_examples[] = {
    "spawn a\na printf(\"pid %d\\n\", getpid())",
    "spawn a\na printf(\"no newline\")\na printf(\" yet\\n\")",
    NULL,
};
static const char *const perror_examples[] = {
    "spawn a\na wait(status)\na perror(\"wait\")",
    "spawn a\na execve(\"/nosuch\")\na perror(\"execve\")",
    NULL,
};

/* ---- The records: the calls -------------------------------------------------------------- */

static const struct ipclab_call calls[] = {
    {.name = "fdopen",
     .prototype = "FILE *fdopen(int fd, const char *mode)",
     .summary = "put a stdio stream on top of a descriptor",
     .help = "The stream has a buffer in the memory of this process. What is printed to it goes "
             "there first, and to the descriptor when the buffer is full, is flushed or closed; "
             "what is read comes in large pieces and waits there. Buffers are copied by fork, and "
             "seen by nobody else. fclose closes the descriptor too.",
     .man = "fdopen(3)",
     .flags = IPCLAB_FDS | IPCLAB_VOLATILE,
     .result = IPCLAB_STREAM,
     .failure = 0,
     .args = fdopen_args,
     .errors = fdopen_errors,
     .returns = "the stream",
     .examples = fdopen_examples,
     .run = run_fdopen},
    {.name = "fprintf",
     .prototype = "int fprintf(FILE *stream, const char *format, ...)",
     .summary = "print to a stream",
     .help = "The result is the number of bytes printed into the buffer of the stream. To a file "
             "or pipe nothing is written before the buffer is full, so that the other process "
             "waits on although the text was printed: fflush or fclose sends it on its way.",
     .man = "fprintf(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fprintf_args,
     .errors = output_errors,
     .returns = "how many bytes were produced",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = fprintf_examples,
     .run = run_fprintf},
    {.name = "fscanf",
     .prototype = "int fscanf(FILE *stream, const char *format, ...)",
     .summary = "read values from a stream",
     .help = "The result is how many values were read, or -1 (EOF) at the end of file before the "
             "first. %s stops at white space and does not know how large the buffer is: %31s does. "
             "It needs to see what comes after a word or number, and so waits for more of a pipe "
             "although the word is there. What was read ahead stays in the stream's buffer.",
     .man = "fscanf(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fscanf_args,
     .errors = input_errors,
     .returns = "how many values were read; -1 at end of file",
     .waits = "the pipe is empty and a process can still write to it; data, or the end of the last "
              "writer, ends it",
     .examples = fscanf_examples,
     .run = run_fscanf},
    {.name = "fgets",
     .prototype = "char *fgets(char *buf, int size, FILE *stream)",
     .summary = "read a line from a stream",
     .help = "It reads up to and with the next newline, at most size - 1 bytes, and adds a NUL. "
             "NULL means end of file, or an error. On a pipe it waits until a whole line has come.",
     .man = "fgets(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL | IPCLAB_VOLATILE,
     .result = IPCLAB_POINTER,
     .failure = 0,
     .args = fgets_args,
     .errors = input_errors,
     .returns = "buf",
     .waits = "the pipe is empty and a process can still write to it; a whole line, or the end of "
              "the last writer, ends it",
     .examples = fgets_examples,
     .run = run_fgets},
    {.name = "fflush",
     .prototype = "int fflush(FILE *stream)",
     .summary = "write what was printed to a stream",
     .help = "What lies in the buffer is given to write(2), and other processes can see it from "
             "then on. fflush(NULL) does so for all streams of the process: do it before fork, or "
             "the child gets a copy of what is not written yet.",
     .man = "fflush(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fflush_args,
     .errors = output_errors,
     .returns = "0",
     .waits = "the pipe is full; whoever reads from it ends it",
     .examples = fflush_examples,
     .run = run_fflush},
    {.name = "setvbuf",
     .prototype = "int setvbuf(FILE *stream, char *buf, int mode, size_t size)",
     .summary = "when a stream writes",
     .help = "_IONBF writes at once, _IOLBF at each newline, _IOFBF when the buffer is full. Call "
             "it before the first use of the stream. A terminal gets line buffering by itself, "
             "files and pipes full buffering, stderr none.",
     .man = "setvbuf(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = setvbuf_args,
     .errors = output_errors,
     .returns = "0",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = setvbuf_examples,
     .run = run_setvbuf},
    {.name = "fclose",
     .prototype = "int fclose(FILE *stream)",
     .summary = "write what was printed, and close stream and descriptor",
     .help = "After it neither the stream nor its descriptor can be used. A program that ends by "
             "exit closes its streams so; one that is killed, calls _exit or execve does not, and "
             "what was printed is lost.",
     .man = "fclose(3)",
     .flags = IPCLAB_WAITS | IPCLAB_FDS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = fclose_args,
     .errors = output_errors,
     .returns = "0",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = fclose_examples,
     .run = run_fclose},
    {.name = "putchar",
     .prototype = "int putchar(int c)",
     .summary = "print one character to standard output",
     .help = "It goes into the buffer of stdout, which is line-buffered as on a terminal: it is "
             "written by write(2) when a newline comes, when the buffer is full, or at exit.",
     .man = "putchar(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = putchar_args,
     .errors = output_errors,
     .returns = "the byte as a number",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = putchar_examples,
     .run = run_putchar},
    {.name = "puts",
     .prototype = "int puts(const char *s)",
     .summary = "print a text and a newline to standard output",
     .help = "The newline that puts adds is what makes the line-buffered stdout write the line.",
     .man = "puts(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = puts_args,
     .errors = output_errors,
     .returns = "a number that is not negative",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = puts_examples,
     .run = run_puts},
    {.name = "printf",
     .prototype = "int printf(const char *format, ...)",
     .summary = "print a text with values to standard output",
     .help = "The result is the number of bytes printed into the buffer of stdout, not of bytes "
             "written: without a newline nothing is written until the buffer is full, somebody "
             "flushes it, or the process exits. Values are integers and addresses; %d and %ld both "
             "take any integer here.",
     .man = "printf(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_INT,
     .failure = -1,
     .args = printf_args,
     .errors = output_errors,
     .returns = "how many bytes were produced",
     .waits = "its buffer has to be written and the pipe is full; whoever reads from it ends it",
     .examples = printf_examples,
     .run = run_printf},
    {.name = "perror",
     .prototype = "void perror(const char *s)",
     .summary = "print in words why the last call failed, to standard error",
     .help = "It prints s, a colon and the text of errno, which the last call that failed has "
             "left; stderr is not buffered. Calls that succeed do not reset errno, so ask it only "
             "after a failure.",
     .man = "perror(3)",
     .flags = IPCLAB_WAITS | IPCLAB_TOUCHES_ALL,
     .result = IPCLAB_VOID,
     .failure = -1,
     .args = perror_args,
     .returns = "nothing",
     .waits = "the pipe behind descriptor 2 is full; whoever reads from it ends it",
     .examples = perror_examples,
     .run = run_perror},
    {0},
};

static const char *const man[] = {"stdio(3)", "setvbuf(3)", "fdopen(3)", NULL};

static const char *const fields[] = {"ahead", "buffered", "buffering", "closed",  "eof", "fd",
                                     "mode",  "pending",  "unread",    "written", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "stdio",
    .version = "1.0",
    .summary = "streams: what was printed, and when it is written",
    .help =
        "stdio puts a buffer into the process's memory between the program and the descriptor. "
        "What was printed is not yet written: that is why output is missing, comes late, or comes "
        "twice after fork. stdin, stdout and stderr name the three streams that every process "
        "has, on descriptors 0, 1 and 2; fdopen puts one on any other descriptor. stdout is "
        "line-buffered here, as on a terminal: a newline writes what came before it. A stream on "
        "a pipe or file is written when its buffer is full, by fflush, fclose or exit. stderr "
        "has no buffer.\n\n"
        "What goes wrong: the text is printed, but the process at the other end of the pipe waits "
        "on; it is lost by _exit, execve or a signal; a child writes the copy that it got by "
        "fork; a stream has read more than it gave out, and a read of the descriptor misses it.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .constants = stream_names,
    .fields = fields,
};
