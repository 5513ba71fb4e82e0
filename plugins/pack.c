/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pack - marshalling: numbers and texts into the bytes of a message, and back.
 *
 * A message is a row of bytes. Both sides have to agree which bytes mean what: how long each field
 * is, in which order its bytes come, where a text ends. That agreement is the format here; turning
 * values into it and back is the work that the lecture counts against message passing, and the
 * bytes of each field are shown so that it can be seen. */
#include "plugin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    RECORD_MAX = 4096, /* bytes of one record: the room of a buffer made for it */
    SHOWN_MAX = 64,    /* bytes of a record that are shown in hexadecimal */
};

/* ---- The format -------------------------------------------------------------------------- */

enum order { BIG, LITTLE };

struct field {
    char kind;    /* i u: number; s: text of so many bytes; z: text and NUL; p: length, then text;
                     x: bytes that mean nothing */
    size_t bytes; /* i u: of the number; s x: of the field; p: of the length */
    enum order order;
    char word[16]; /* as it was written, for messages */
};

struct format {
    const char *at; /* what is still to be read */
    bool text;      /* the text form */
    enum order order;
};

static void
format_open(struct format *f, const char *format)
{
    *f = (struct format){.at = format + strspn(format, " ,"), .order = BIG};
    if (strncmp(f->at, "text", 4) == 0 && strchr(" ,", f->at[4]) != NULL) {
        f->text = true;
        f->at += 4;
    }
}

static bool
read_field(struct field *field, const char *word, size_t n)
{
    char *end;
    unsigned long size = n > 1 ? strtoul(word + 1, &end, 10) : 0;

    field->kind = word[0];
    if (n > 1 && (end != word + n || word[1] < '0' || word[1] > '9'))
        return false;
    switch (word[0]) {
    case 'i':
    case 'u':
        field->bytes = size / 8;
        return size == 8 || size == 16 || size == 32 || size == 64;
    case 'p':
        field->bytes = size / 8;
        return size == 8 || size == 16;
    case 's':
    case 'x':
        field->bytes = size;
        return size >= 1 && size <= RECORD_MAX;
    case 'z':
        return n == 1;
    default:
        return false;
    }
}

/* 1: the next field; 0: there is none; -1: the word in field->word is none. */
static int
format_next(struct format *f, struct field *field)
{
    static const uint16_t one = 1;

    for (;;) {
        size_t n;

        f->at += strspn(f->at, " ,");
        n = strcspn(f->at, " ,");
        if (n == 0)
            return 0;
        snprintf(field->word, sizeof field->word, "%.*s", (int)(n < 15 ? n : 15), f->at);
        if (n == 1 && strchr("<>!=", f->at[0]) != NULL) {
            f->order = f->at[0] == '<'   ? LITTLE
                       : f->at[0] == '=' ? (*(const uint8_t *)&one == 1 ? LITTLE : BIG)
                                         : BIG;
            f->at++;
            continue;
        }
        if (!read_field(field, f->at, n))
            return -1;
        field->order = f->order;
        f->at += n;
        return 1;
    }
}

static int
refuse(const struct ipclab_host *host, struct ipclab_frame *frame, int error, const char *text)
{
    host->note(frame, "%s", text);
    errno = error;
    return -1;
}

static int
refuse_word(const struct ipclab_host *host, struct ipclab_frame *frame, const struct field *field)
{
    host->note(frame,
               "'%s' is no field: i8 to i64 and u8 to u64 are numbers, s8 a text in 8 bytes, z a "
               "text with its NUL, p8 and p16 a text after its length, x4 bytes to skip; > and < "
               "are byte orders",
               field->word);
    errno = EINVAL;
    return -1;
}

/* Does the format have as many fields with a value as were given? -1: it does not, and says so. */
static int
check_count(const struct ipclab_host *host, struct ipclab_frame *frame, const char *text, int given)
{
    struct format f;
    struct field field;
    int n = 0, got;

    format_open(&f, text);
    while ((got = format_next(&f, &field)) > 0)
        n += field.kind != 'x';
    if (got < 0)
        return refuse_word(host, frame, &field);
    if (n == given)
        return 0;
    host->note(frame, "the format has %d field%s with a value, and %d %s given", n,
               n == 1 ? "" : "s", given, given == 1 ? "was" : "were");
    errno = EINVAL;
    return -1;
}

/* ---- Memory of the process --------------------------------------------------------------- */

/* A bad address is an error here, not the end of the process. */
static int
fetch(void *to, const void *from, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)from, n};

    if (n == 0 || process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n)
        return 0;
    errno = EFAULT;
    return -1;
}

static int
put_back(void *to, const void *from, size_t n)
{
    struct iovec local = {(void *)(uintptr_t)from, n}, remote = {to, n};

    if (n == 0 || process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n)
        return 0;
    errno = EFAULT;
    return -1;
}

/* Length of the text at an address, at most RECORD_MAX; -1: it is not memory. */
static ssize_t
text_length(const char *at)
{
    char c;

    for (size_t n = 0; n < RECORD_MAX; n++) {
        if (fetch(&c, at + n, 1) < 0)
            return -1;
        if (c == '\0')
            return (ssize_t)n;
    }
    return RECORD_MAX;
}

/* ---- Packing ----------------------------------------------------------------------------- */

struct record {
    const struct ipclab_host *host;
    struct ipclab_frame *frame;
    unsigned char data[RECORD_MAX];
    size_t n;
    char shown[3 * SHOWN_MAX + 8];    /* bytes in hexadecimal, a blank between fields */
    size_t ends[IPCLAB_MAX_ARGS * 2]; /* where fields end */
    int nends;
};

static int
add(struct record *r, const void *data, size_t n)
{
    if (n > sizeof r->data - r->n) {
        r->host->note(r->frame, "a record has at most %d bytes", RECORD_MAX);
        errno = EMSGSIZE;
        return -1;
    }
    memcpy(r->data + r->n, data, n);
    r->n += n;
    return 0;
}

static int
add_number(struct record *r, uint64_t v, size_t bytes, enum order order)
{
    unsigned char out[8];

    for (size_t i = 0; i < bytes; i++)
        out[order == BIG ? bytes - 1 - i : i] = (unsigned char)(v >> (8 * i));
    return add(r, out, bytes);
}

static bool
fits(const struct field *f, int64_t v)
{
    int bits = (int)f->bytes * 8;

    if (bits == 64)
        return true;
    if (f->kind == 'u')
        return v >= 0 && v < INT64_C(1) << bits;
    return v >= -(INT64_C(1) << (bits - 1)) && v < INT64_C(1) << (bits - 1);
}

static int
too_big(struct record *r, const struct field *f, int64_t v)
{
    int bits = (int)f->bytes * 8;

    r->host->note(r->frame, "%lld does not fit into %s, which goes from %lld to %lld", (long long)v,
                  f->word, f->kind == 'u' ? 0LL : -(1LL << (bits - 1)),
                  f->kind == 'u' ? (1LL << bits) - 1 : (1LL << (bits - 1)) - 1);
    errno = EOVERFLOW;
    return -1;
}

/* The text of a field, in room of RECORD_MAX + 1 bytes. Its length, or -1. */
static ssize_t
get_text(struct record *r, const struct field *f, const char *at, char *text)
{
    ssize_t n = text_length(at);
    size_t most = f->kind == 's' ? f->bytes : f->kind == 'p' && f->bytes == 1 ? 255 : RECORD_MAX;

    if (n < 0) {
        r->host->note(r->frame, "%s is a text, and what was given for it is no address of one",
                      f->word);
        errno = EFAULT;
        return -1;
    }
    if ((size_t)n > most) {
        r->host->note(r->frame, "a text of %zd bytes does not fit into %s, which has room for %zu",
                      n, f->word, most);
        errno = EOVERFLOW;
        return -1;
    }
    return fetch(text, at, (size_t)n) < 0 ? -1 : n;
}

static int
add_binary(struct record *r, const struct field *f, const union ipclab_value *v)
{
    static const unsigned char zeros[RECORD_MAX];
    char text[RECORD_MAX + 1];
    ssize_t n;

    if (f->kind == 'x')
        return add(r, zeros, f->bytes);
    if (f->kind == 'i' || f->kind == 'u')
        return fits(f, v->i) ? add_number(r, (uint64_t)v->i, f->bytes, f->order)
                             : too_big(r, f, v->i);
    n = get_text(r, f, v->p, text);
    if (n < 0 || (f->kind == 'p' && add_number(r, (uint64_t)n, f->bytes, f->order) < 0) ||
        add(r, text, (size_t)n) < 0)
        return -1;
    if (f->kind == 's')
        return add(r, zeros, f->bytes - (size_t)n);
    return f->kind == 'z' ? add(r, zeros, 1) : 0;
}

/* In quotes, with what could be mistaken as \ooo. */
static int
add_quoted(struct record *r, const char *text, size_t n)
{
    char one[8];

    if (add(r, "\"", 1) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        int len = snprintf(one, sizeof one,
                           c < ' ' || c >= 127     ? "\\%03o"
                           : c == '"' || c == '\\' ? "\\%c"
                                                   : "%c",
                           c);

        if (add(r, one, (size_t)len) < 0)
            return -1;
    }
    return add(r, "\"", 1);
}

static int
add_as_text(struct record *r, const struct field *f, const union ipclab_value *v)
{
    char text[RECORD_MAX + 1];
    ssize_t n;

    if (f->kind == 'x')
        return 0;
    if (r->n > 0 && add(r, " ", 1) < 0)
        return -1;
    if (f->kind == 'i' || f->kind == 'u') {
        if (!fits(f, v->i))
            return too_big(r, f, v->i);
        n = snprintf(text, sizeof text, f->kind == 'u' ? "%llu" : "%lld", (long long)v->i);
        return add(r, text, (size_t)n);
    }
    n = get_text(r, f, v->p, text);
    return n < 0 ? -1 : add_quoted(r, text, (size_t)n);
}

/* The bytes in hexadecimal, field by field. */
static void
show(struct record *r)
{
    size_t at = 0, field = 0;

    for (size_t i = 0; i < r->n && i < SHOWN_MAX; i++) {
        if (field < (size_t)r->nends && i == r->ends[field]) {
            while (field < (size_t)r->nends && r->ends[field] == i)
                field++;
            r->shown[at++] = ' ';
        }
        at += (size_t)snprintf(r->shown + at, sizeof r->shown - at, "%02x", r->data[i]);
    }
    if (r->n > SHOWN_MAX)
        snprintf(r->shown + at, sizeof r->shown - at, "...");
    r->host->fact_text(r->frame, "bytes", r->shown);
}

static int64_t
run_pack(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct record r = {.host = host, .frame = frame};
    struct format f;
    struct field field;
    int next = 2;

    if (check_count(host, frame, args->v[1].s, args->n - 2) < 0)
        return -1;
    format_open(&f, args->v[1].s);
    while (format_next(&f, &field) > 0) {
        const union ipclab_value *v = field.kind == 'x' ? NULL : &args->v[next++];

        if ((f.text ? add_as_text(&r, &field, v) : add_binary(&r, &field, v)) < 0)
            return -1;
        if (r.nends < (int)(sizeof r.ends / sizeof r.ends[0]))
            r.ends[r.nends++] = r.n;
    }
    if (put_back(args->v[0].p, r.data, r.n) < 0)
        return -1;
    host->stored(frame, 0, r.data, r.n);
    if (!f.text)
        show(&r);
    return (int64_t)r.n;
}

/* ---- Unpacking --------------------------------------------------------------------------- */

struct reader {
    const struct ipclab_host *host;
    struct ipclab_frame *frame;
    unsigned char data[RECORD_MAX];
    size_t n, at;
};

static int
ends_early(struct reader *r, const struct field *f, size_t needed)
{
    r->host->note(r->frame, "%s needs %zu bytes from byte %zu on, and the message has %zu in all",
                  f->word, needed, r->at, r->n);
    errno = EBADMSG;
    return -1;
}

static int
get_number(struct reader *r, const struct field *f, size_t bytes, uint64_t *v)
{
    if (r->n - r->at < bytes)
        return ends_early(r, f, bytes);
    *v = 0;
    for (size_t i = 0; i < bytes; i++)
        *v |= (uint64_t)r->data[r->at + i] << (8 * (f->order == BIG ? bytes - 1 - i : i));
    r->at += bytes;
    return 0;
}

/* A number goes to an int where every value of its field fits into one, else to a long. */
static int
give_number(struct reader *r, int arg, const struct field *f, void *to, int64_t v)
{
    bool narrow = f->bytes < 4 || (f->bytes == 4 && f->kind == 'i');
    int small = (int)v;

    if (put_back(to, narrow ? (const void *)&small : &v, narrow ? sizeof small : sizeof v) < 0)
        return -1;
    r->host->stored_number(r->frame, arg, v);
    return 0;
}

static int
give_text(struct reader *r, int arg, void *to, const char *text, size_t n)
{
    if (put_back(to, text, n) < 0 || put_back((char *)to + n, "", 1) < 0)
        return -1;
    r->host->stored(r->frame, arg, text, n);
    return 0;
}

static int
get_binary(struct reader *r, const struct field *f, int arg, void *to)
{
    const char *text;
    uint64_t v;
    size_t n;

    if (f->kind == 'i' || f->kind == 'u') {
        int shift = 64 - (int)f->bytes * 8;

        if (get_number(r, f, f->bytes, &v) < 0)
            return -1;
        return give_number(r, arg, f, to,
                           f->kind == 'i' ? (int64_t)(v << shift) >> shift : (int64_t)v);
    }
    if (f->kind == 'p' && get_number(r, f, f->bytes, &v) < 0)
        return -1;
    text = (const char *)r->data + r->at;
    n = f->kind == 'p' ? (size_t)v : f->kind == 'z' ? strnlen(text, r->n - r->at) + 1 : f->bytes;
    if (r->n - r->at < n)
        return ends_early(r, f, n);
    r->at += n;
    if (f->kind == 'x')
        return 0;
    return give_text(r, arg, to, text, f->kind == 'p' ? n : strnlen(text, n));
}

static int
not_like_format(struct reader *r, const struct field *f)
{
    r->host->note(r->frame, "at byte %zu there is no %s, for %s", r->at,
                  f->kind == 'i' || f->kind == 'u' ? "number" : "text in quotes", f->word);
    errno = EBADMSG;
    return -1;
}

static int
read_quoted(struct reader *r, const struct field *f, int arg, void *to)
{
    char text[RECORD_MAX];
    size_t n = 0;

    if (r->at == r->n || r->data[r->at] != '"')
        return not_like_format(r, f);
    for (r->at++; r->at < r->n && r->data[r->at] != '"'; r->at++) {
        unsigned char c = r->data[r->at];

        if (c == '\\' && ++r->at < r->n) {
            c = r->data[r->at];
            if (c >= '0' && c <= '3' && r->n - r->at >= 3) {
                c = (unsigned char)((c - '0') << 6 | (r->data[r->at + 1] & 7) << 3 |
                                    (r->data[r->at + 2] & 7));
                r->at += 2;
            }
        }
        text[n++] = (char)c;
    }
    if (r->at >= r->n)
        return not_like_format(r, f);
    r->at++;
    return give_text(r, arg, to, text, n);
}

static int
get_from_text(struct reader *r, const struct field *f, int arg, void *to)
{
    char digits[32], *end;
    size_t n = 0;
    int64_t v;

    if (f->kind == 'x')
        return 0;
    while (r->at < r->n && r->data[r->at] == ' ')
        r->at++;
    if (f->kind != 'i' && f->kind != 'u')
        return read_quoted(r, f, arg, to);
    while (n < sizeof digits - 1 && r->at + n < r->n && r->data[r->at + n] != ' ') {
        digits[n] = (char)r->data[r->at + n];
        n++;
    }
    digits[n] = '\0';
    errno = 0;
    v = f->kind == 'u' ? (int64_t)strtoull(digits, &end, 10) : strtoll(digits, &end, 10);
    if (n == 0 || *end != '\0' || errno != 0 || !fits(f, v))
        return not_like_format(r, f);
    r->at += n;
    return give_number(r, arg, f, to, v);
}

static int64_t
run_unpack(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    struct reader r = {.host = host, .frame = frame, .n = (size_t)args->v[1].i};
    struct format f;
    struct field field;
    int next = 3;

    if (r.n > sizeof r.data)
        return refuse(host, frame, EMSGSIZE, "a record has at most 4096 bytes");
    if (check_count(host, frame, args->v[2].s, args->n - 3) < 0 ||
        fetch(r.data, args->v[0].p, r.n) < 0)
        return -1;
    format_open(&f, args->v[2].s);
    while (format_next(&f, &field) > 0) {
        int arg = next;
        void *to = field.kind == 'x' ? NULL : args->v[next++].p;

        if ((f.text ? get_from_text(&r, &field, arg, to) : get_binary(&r, &field, arg, to)) < 0)
            return -1;
    }
    if (r.at < r.n)
        host->note(frame, "%zu bytes behind the record are left over", r.n - r.at);
    return next - 3;
}

/* ---- Records ----------------------------------------------------------------------------- */

static const struct ipclab_arg pack_args[] = {
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "gets the record", .size_arg = -1},
    {.name = "format", .type = IPCLAB_STRING, .summary = "its fields, as \"i32 u16 s8\""},
    {.name = "value",
     .type = IPCLAB_ANY,
     .flags = IPCLAB_REST,
     .summary = "a number or a text for each field"},
    {0},
};
static const struct ipclab_arg unpack_args[] = {
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "the record", .size_arg = 1},
    {.name = "n", .type = IPCLAB_SIZE, .summary = "how many bytes came"},
    {.name = "format", .type = IPCLAB_STRING, .summary = "its fields, as they were packed"},
    {.name = "place",
     .type = IPCLAB_BUFFER,
     .flags = IPCLAB_REST,
     .summary = "gets the value of a field: an int, a long or a text",
     .size_arg = -1},
    {0},
};

static const struct ipclab_error pack_errors[] = {
    {"EINVAL", "$format has a word that is no field, or not as many fields as values are given"},
    {"EOVERFLOW", "a value does not fit into its field of $format"},
    {"EMSGSIZE", "the record would be longer than 4096 bytes"},
    {"EFAULT", "a field wants the address of a text, or $buf is no address of a buffer"},
    {0},
};
static const struct ipclab_error unpack_errors[] = {
    {"EBADMSG",
     "the $n bytes are no record of this format: they end early, or mean something else"},
    {"EINVAL", "$format has a word that is no field, or not as many fields as places are given"},
    {"EMSGSIZE", "a record has at most 4096 bytes"},
    {"EFAULT", "$buf is no address of $n bytes, or a place is no address"},
    {0},
};

static const char *const pack_examples[] = {
    "spawn a\na n = pack(buf, \"i32 u16 s8\", 7, 300, \"hi\")\n"
    "a unpack(buf, n, \"i32 u16 s8\", id, size, name)\na print name",
    "spawn a\na n = pack(buf, \"text i32 u16 s8\", 7, 300, \"hi\")\na print buf",
    "spawn a\na pack(buf, \"u32 < u32\", 1, 1)\na pack(buf, \"u8\", 300)",
    NULL,
};
static const char *const unpack_examples[] = {
    "spawn a b\na q = msgget(5678, IPC_CREAT|0666)\na n = pack(rec, \"u16 p8\", 80, \"hello\")\n"
    "a msgsnd(q, 1, rec, 0, n)\nb n = msgrcv(msgget(5678, 0), rec, 64, 0)\n"
    "b unpack(rec, n, \"u16 p8\", port, word)\nb print word",
    "spawn a\na n = pack(buf, \"u16 u16\", 1, 2)\na unpack(buf, n, \"u32\", wrong)\n"
    "a unpack(buf, n, \"u32 u32\", one, two)",
    NULL,
};

static const struct ipclab_call calls[] = {
    {.name = "pack",
     .prototype = "int pack(char *buf, const char *format, ...)",
     .summary = "put numbers and texts into the bytes of a record",
     .help =
         "The format has a word for each field: i8 i16 i32 i64 and u8 u16 u32 u64 are numbers "
         "with and without sign; s8 is a text in exactly 8 bytes, filled up with NULs; z a text "
         "and its NUL; p8 or p16 the length of a text in 8 or 16 bits and then the text; x4 is "
         "4 bytes of nothing. Numbers are in network byte order, the highest byte first; < "
         "changes to the lowest first, > (or !) back, = to what this machine has. With text as "
         "first word the same fields are written as decimal numbers and quoted texts with "
         "blanks between them: readable, longer, and slow to read back. Returns how many bytes "
         "the record has, and shows them field by field. What does not fit into its field is "
         "refused, where C would cut it without a word.",
     .returns = "how many bytes the record has",
     .man = "",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = pack_args,
     .errors = pack_errors,
     .examples = pack_examples,
     .run = run_pack},
    {.name = "unpack",
     .prototype = "int unpack(const char *buf, size_t n, const char *format, ...)",
     .summary = "take the numbers and texts of a record apart",
     .help =
         "The format is that of pack, and both sides must agree on it: nothing in the bytes "
         "says what they mean. Numbers up to i32 fill an int, larger ones (u32, too) a long; "
         "texts fill a char array and get a NUL. Variables that do not exist yet are made. n is "
         "how many bytes came: a record that is shorter than the format is EBADMSG, and the "
         "places of the fields before are filled already. Returns how many fields were taken.",
     .returns = "how many fields were taken",
     .man = "",
     .result = IPCLAB_INT,
     .failure = -1,
     .args = unpack_args,
     .errors = unpack_errors,
     .examples = unpack_examples,
     .run = run_unpack},
    {0},
};

static const char *const man[] = {"byteorder(3)", "xdr(3)", NULL};

static const char *const fields[] = {"bytes", NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "pack",
    .version = "1.0",
    .summary = "marshalling: numbers and texts to bytes of a message and back",
    .help = "Who shares memory shares variables; who sends messages sends bytes. Putting values "
            "into bytes (marshalling) and taking them out again costs time on both sides, and an "
            "agreement: the format. Sending the memory of a struct as it is seems to save that, "
            "until the other side has another byte order, other padding, or a pointer that means "
            "nothing there.\n"
            "  n = pack(rec, \"i32 u16 s8\", 7, 300, \"hi\")     14 bytes in network byte order\n"
            "  msgsnd(q, 1, rec, 0, n)                       send them\n"
            "  n = msgrcv(q, rec, 64, 1)                     on the other side\n"
            "  unpack(rec, n, \"i32 u16 s8\", id, size, name)\n"
            "What goes wrong: two formats that differ (the bytes still unpack, into nonsense); a "
            "text longer than its field; n of the message forgotten, so that old bytes of the "
            "buffer count as its end.",
    .man = man,
    .calls = calls,
    .fields = fields,
};
