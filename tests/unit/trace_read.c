/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader: a good trace torn at every byte, and the damages of the corpus, group E. */
#include "trace/read.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "trace/parse.h"
#include "trace/sha.h"
#include "trace/writer.h"
#include "trace_check.h"

static struct event e;
static struct err err;
static struct buf good; /* a whole trace */

static struct trace_reader *
open_bytes(const char *data, size_t n)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);

    CHECK(fd >= 0 && pwrite(fd, data, n, 0) == (ssize_t)n);
    return trace_open_fd(fd, "t", &err);
}

/* How many events come before the end (0) or an error (-1), which is left in err. */
static int
read_all(const char *data, size_t n, int *events, struct trace_end *end)
{
    struct trace_reader *r = open_bytes(data, n);
    int got;

    *events = 0;
    if (r == NULL)
        return -1;
    while ((got = trace_next(r, &e, &err)) == 1)
        ++*events;
    trace_ending(r, end);
    trace_free(r);
    return got;
}

static void
make_good(void)
{
    struct writer w;
    int fd;
    char data[8192];
    ssize_t n;

    CHECK(writer_open(&w, "good", -1, false, &err) == 0);
    event_start(&e, "session");
    event_int(&e, "ipclab", 1);
    event_text(&e, "kernel", "Linux \"6\"");
    writer_event(&w, &e);
    for (int i = 0; i < 6; i++) {
        event_start(&e, "exit");
        event_int(&e, "step", i);
        event_object(&e, "out");
        event_data(&e, "recv", "Hello\n\xff", (size_t)i + 1, (size_t)i + 1);
        event_close(&e);
        writer_event(&w, &e);
    }
    writer_close(&w);
    writer_release(&w);
    fd = open("good", O_RDONLY | O_CLOEXEC);
    n = read(fd, data, sizeof data);
    close(fd);
    CHECK(n > 0);
    buf_put(&good, data, n > 0 ? (size_t)n : 0);
}

/* E01, E02: whatever the cut, the whole lines before it are there. */
static void
test_torn(void)
{
    for (size_t cut = 0; cut <= good.len; cut++) {
        struct trace_end end = {0};
        int events, whole = 0, got;
        size_t after = 0;

        for (size_t i = 0; i < cut; i++)
            if (good.data[i] == '\n')
                whole++, after = i + 1;
        /* A last line that lacks nothing but its newline is whole, too. */
        if (cut < good.len && good.data[cut] == '\n')
            whole++, after = cut;
        got = read_all(good.data, cut, &events, &end);
        CHECK(events == whole);
        CHECK(got == (whole == 0 ? -1 : 0));
        CHECK(whole == 0 || end.torn == (after != cut));
        CHECK(end.complete == (whole == 8) && end.digest_ok == (whole == 8));
        if (cut == 0)
            CHECK_TEXT(err.text, "trace t: empty file");
    }
}

#define HEAD "{\"seq\":0,\"ev\":\"session\",\"ipclab\":1}\n"

static const struct {
    const char *data, *says;
} damages[] = {
    {HEAD "{\"seq\":2,\"ev\":\"x\"}\n", "trace t line 2: event number 2 where 1 was expected"},
    {HEAD HEAD, "trace t line 2: event number 0 where 1 was expected"},
    {HEAD "{\"ev\":\"x\"}\n", "trace t line 2: an event without its number seq"},
    {HEAD "{\"seq\":1}\n", "trace t line 2: an event without its kind ev"},
    {HEAD "{\"seq\":1.0,\"ev\":\"x\"}\n", "trace t line 2: a number that is not whole: 1"},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"ev\":\"y\"}\n",
     "trace t line 2: not JSON: duplicate object key near '\"ev\"'"},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"n\":9223372036854775808}\n",
     "trace t line 2: not JSON: too big integer near '9223372036854775808'"},
    {HEAD "[1]\n", "trace t line 2: an event is an object in braces"},
    {HEAD "\n{\"seq\":1,\"ev\":\"x\"}\n",
     "trace t line 2: not JSON: '[' or '{' expected near end of file"},
    {HEAD "{\"seq\":1,\"ev\":\"x\"\n{\"seq\":2,\"ev\":\"x\"}\n",
     "trace t line 2: not JSON: '}' expected near end of file"},
    {HEAD "{\"seq\":1,\"ev\":\"\\ud800\"}\n", NULL},
    {HEAD "{\"seq\":1,\"ev\":\"\xff\"}\n", NULL},
    {HEAD "{\"seq\":1,\"ev\":\"\x1b[2J\"}\n", NULL},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"d\":{\"b64\":\"//4B\",\"n\":2}}\n",
     "trace t line 2: damaged data: its length or its base64 is wrong"},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"d\":{\"b64\":\"/!4B\",\"n\":3}}\n",
     "trace t line 2: damaged data: its length or its base64 is wrong"},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"d\":{\"b64\":\"//4\",\"n\":2}}\n",
     "trace t line 2: damaged data: its length or its base64 is wrong"},
    {HEAD "{\"seq\":1,\"ev\":\"x\",\"d\":{\"text\":\"ab\",\"n\":2,\"cut\":true}}\n",
     "trace t line 2: damaged data: its length or its base64 is wrong"},
    {HEAD "{\"seq\":1,\"ev\":\"end\",\"events\":2,\"sha256\":\"\"}\n",
     "trace t line 2: its end says 2 events, but there are 1"},
    {HEAD "{\"seq\":1,\"ev\":\"end\",\"events\":1}\n{\"seq\":2,\"ev\":\"x\"}\n",
     "trace t line 3: a line after the end event"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":0}\n", "trace t line 1: bad version 0: expected 1"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":-1}\n",
     "trace t line 1: bad version -1: expected 1"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":1.5}\n",
     "trace t line 1: bad version: expected the number 1"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":\"1\"}\n",
     "trace t line 1: bad version: expected the number 1"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":2}\n",
     "trace t line 1: written by a newer ipclab (format 2), this one reads 1"},
    {"{\"seq\":0,\"ev\":\"session\",\"ipclab\":999}\n",
     "trace t line 1: written by a newer ipclab (format 999), this one reads 1"},
    {"{\"seq\":0,\"ev\":\"x\",\"ipclab\":1}\n",
     "trace t line 1: not an ipclab trace: it does not begin with a session event"},
    {"{}\n", "trace t line 1: not an ipclab trace: it does not begin with a session event"},
    {"{\"seq\":0,\"ev", "trace t line 1: torn in its first line: no whole event"},
    {"\x7f"
     "ELF\x02\x01\x01",
     "trace t line 1: not an ipclab trace"},
    {"\x1f\x8b\x08\n", "trace t line 1: not an ipclab trace"},
    {"\xff\xfe{", "trace t line 1: not an ipclab trace"},
    {"\n", "trace t: empty file"},
    {"   \t ", "trace t: empty file"},
};

static void
test_damages(void)
{
    struct trace_end end;
    int events;

    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        CHECK(read_all(damages[i].data, strlen(damages[i].data), &events, &end) == -1);
        if (damages[i].says != NULL)
            CHECK_TEXT(err.text, damages[i].says);
        CHECK(err.status == STATUS_TRACE);
        for (const char *p = err.text; *p != '\0'; p++)
            CHECK(*p >= ' ' && *p < 0x7f);
    }
    CHECK(read_all(HEAD "{\"seq\":1\0}\n", sizeof HEAD + 10, &events, &end) == -1);
    CHECK_TEXT(err.text, "trace t line 2: a NUL byte");
}

/* E03: one value edited. The events are there, but the digest tells. */
static void
test_edited(void)
{
    struct trace_end end;
    char *at = memmem(good.data, good.len, "Hello", 5);
    int events;

    CHECK(at != NULL);
    *at = 'J';
    CHECK(read_all(good.data, good.len, &events, &end) == 0);
    CHECK(events == 8 && end.complete && !end.digest_ok);
    *at = 'H';
}

/* E17, E18: bombs cost nothing. */
static void
test_bombs(void)
{
    struct buf b = {0};
    struct trace_end end;
    int events;

    buf_puts(&b, HEAD "{\"seq\":1,\"ev\":\"x\",\"a\":");
    for (int i = 0; i < 100000; i++)
        buf_putc(&b, '[');
    buf_putc(&b, '\n');
    CHECK(read_all(b.data, b.len, &events, &end) == -1);
    CHECK_TEXT(err.text, "trace t line 2: nested deeper than 32");
    buf_clear(&b);
    buf_puts(&b, HEAD "{\"seq\":1,\"ev\":\"x\"");
    for (int i = 0; i < 10000; i++)
        buf_printf(&b, ",\"k%d\":1", i);
    buf_puts(&b, "}\n");
    CHECK(read_all(b.data, b.len, &events, &end) == -1);
    CHECK_TEXT(err.text, "trace t line 2: more than 4000 values in one event");
    buf_clear(&b);
    buf_puts(&b, HEAD "{\"seq\":1,\"ev\":\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_putc(&b, 'a');
    buf_puts(&b, "\"}\n");
    CHECK(read_all(b.data, b.len, &events, &end) == -1);
    CHECK_TEXT(err.text, "trace t line 2: line longer than 524288 bytes");
    /* The longest input there can be, with every byte escaped, is still read. */
    buf_clear(&b);
    event_start(&e, "input");
    for (int i = 0; i < 65536; i++)
        buf_putc(&b, '\x01');
    event_text(&e, "text", b.data);
    buf_clear(&b);
    buf_puts(&b, HEAD);
    event_json(&b, &e, 1, false);
    CHECK(read_all(b.data, b.len, &events, &end) == 0 && events == 2);
    buf_release(&b);
}

static void
refused(const char *path, const char *says)
{
    CHECK(trace_open(path, &err) == NULL);
    CHECK_TEXT(err.text, says);
}

/* E23: what is no file, and what is too large. */
static void
test_files(void)
{
    int fd;

    refused(".", "trace .: not a regular file");
    CHECK(mkfifo("fifo", 0600) == 0);
    refused("fifo", "trace fifo: not a regular file");
    refused("/dev/zero", "trace /dev/zero: not a regular file");
    CHECK(symlink("/etc/shadow", "link") == 0);
    refused("link", "trace link: not a regular file but a link, which is not followed");
    fd = open("sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(ftruncate(fd, 8LL << 30) == 0);
    close(fd);
    refused("sparse", "trace sparse: larger than 64 MiB");
    refused("absent\x1b",
            "trace absent\\x1b: cannot be opened: ENOENT (no such file or directory)");
    fd = open("x.partial", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    refused("x", "trace x: no such file; did you mean x.partial?");
}

/* The shapes of data keep their meaning; any other object with such fields stays one. */
static void
test_data(void)
{
    static const char line[] =
        "{\"a\":{\"b64\":\"//"
        "4=\",\"n\":2},\"b\":{\"text\":\"x\",\"n\":9,\"cut\":true},\"c\":{\"b64\":"
        "\"/w==\",\"n\":700,\"cut\":true},\"d\":{\"text\":\"x\",\"n\":9},\"e\":\"a\\u0000b\"}";
    const struct item *i;
    struct buf out = {0};
    char why[256];

    CHECK(trace_parse(&e, line, strlen(line), why) == 0);
    i = event_get(&e, NULL, "a");
    CHECK(i->kind == ITEM_TEXT && i->b64 && i->len == 2 && !i->cut);
    i = event_get(&e, NULL, "b");
    CHECK(i->kind == ITEM_TEXT && !i->b64 && i->len == 1 && i->cut && i->value == 9);
    i = event_get(&e, NULL, "c");
    CHECK(i->kind == ITEM_TEXT && i->b64 && i->len == 1 && i->cut && i->value == 700);
    CHECK(event_get(&e, NULL, "d")->kind == ITEM_OBJECT);
    CHECK(event_get(&e, NULL, "e")->len == 3);
    event_json(&out, &e, -1, false);
    CHECK(out.len == sizeof line && memcmp(out.data, line, sizeof line - 1) == 0);
    buf_release(&out);
}

int
main(void)
{
    char folder[] = "/tmp/ipclab-trace-read-XXXXXX";

    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    make_good();
    test_torn();
    test_damages();
    test_edited();
    test_bombs();
    test_files();
    test_data();
    event_release(&e);
    buf_release(&good);
    check_remove(folder);
    return check_result();
}
