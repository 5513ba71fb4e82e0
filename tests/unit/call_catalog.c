/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records: what is refused and in which words, that a blob brings back what was written, that no
 * cut or flipped blob is believed, names, constants, and flags in words. */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/ipc.h>

#include "base/mem.h"
#include "call/catalog.h"

static int failures;

static void
expect(bool ok, const char *what, const char *got)
{
    if (ok)
        return;
    failures++;
    fprintf(stderr, "call_catalog: %s: got: %s\n", what, got);
}

static int64_t
run(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host;
    (void)frame;
    (void)args;
    return 0;
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    (void)host;
    (void)look;
    (void)fd;
    (void)key;
    (void)key2;
}

static const struct ipclab_constant get_flags[] = {
    {"IPC_CREAT", IPC_CREAT, "make"}, {"IPC_EXCL", IPC_EXCL, NULL}, {0}};
static const struct ipclab_constant open_flags[] = {
    {"O_RDONLY", O_RDONLY, ""},     {"O_WRONLY", O_WRONLY, ""},
    {"O_RDWR", O_RDWR, ""},         {"O_CREAT", O_CREAT, ""},
    {"O_DSYNC", O_DSYNC, ""},       {"O_SYNC", O_SYNC, ""},
    {"O_NONBLOCK", O_NONBLOCK, ""}, {0}};
static const struct ipclab_constant commands[] = {{"IPC_RMID", 0, ""}, {"IPC_STAT", 2, ""}, {0}};
static const struct ipclab_arg args[] = {
    {.name = "key", .type = IPCLAB_INT, .summary = "a key", .min = -1, .max = 99},
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "room", .size_arg = 2},
    {.name = "n", .type = IPCLAB_SIZE, .flags = IPCLAB_OPTIONAL, .summary = "size", .def = 4096},
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL | IPCLAB_HAS_MODE,
     .summary = "flags",
     .constants = get_flags},
    {0}};
static const struct ipclab_error errors[] = {{"ENOENT", "no such $key"}, {0}};
static const char *const examples[] = {"spawn a\na get(1, b)", NULL};
static const char *const man[] = {"get(2)", NULL};
static const struct ipclab_kind kinds[] = {
    {.name = "thing", .summary = "a thing", .level = "bytes", .state = state}, {0}};
static const struct ipclab_constant more[] = {{"MORE", -7, "minus seven"}, {0}};

static const struct ipclab_call good_call = {.name = "get",
                                             .prototype = "int get(int key)",
                                             .summary = "get it",
                                             .help = "Gets it.\nReally.",
                                             .man = "get(2)",
                                             .flags = IPCLAB_FDS,
                                             .result = IPCLAB_INT,
                                             .failure = -1,
                                             .args = args,
                                             .errors = errors,
                                             .examples = examples,
                                             .run = run};

static const struct ipclab_plugin good = {
    IPCLAB_PLUGIN_HEAD,       .name = "good", .version = "1.0", .summary = "good",
    .help = "Good \xc3\xa4.", .man = man,     .kinds = kinds,   .constants = more};

static void
expect_refused(const struct ipclab_call *call, const char *reason)
{
    struct ipclab_call calls[] = {*call, {0}};
    struct ipclab_plugin p = good;
    struct err err = {0};

    p.calls = calls;
    expect(catalog_check(&p, &err) < 0 && strstr(err.text, reason) != NULL, reason, err.text);
}

static void
expect_arg_refused(struct ipclab_arg arg, const char *reason)
{
    struct ipclab_arg list[] = {args[0], arg, args[2], {0}};
    struct ipclab_call call = good_call;

    call.args = list;
    expect_refused(&call, reason);
}

static void
test_check(void)
{
    static const struct ipclab_error bad_error[] = {{"ENOENT", "no $file"}, {0}};
    static const struct ipclab_error silent[] = {{"ENOENT", NULL}, {0}};
    static const char *const none[] = {NULL};
    struct ipclab_arg many[IPCLAB_MAX_ARGS + 2];
    char long_name[33] = "abcdefghijklmnopqrstuvwxyzabcdef";
    struct ipclab_call c;
    struct ipclab_arg a;

#define BAD(change, reason) (c = good_call, change, expect_refused(&c, reason))
    BAD(c.name = "Get", "call 1 needs a name");
    BAD(c.name = "2get", "call 1 needs a name");
    BAD(c.name = "", "call 1 needs a name");
    BAD(c.name = long_name, "call 1 needs a name");
    BAD(c.prototype = NULL, "call get: needs a prototype");
    BAD(c.summary = "red \x1b[31m", "call get: needs a summary");
    BAD(c.help = "", "call get: needs a help text");
    BAD(c.man = NULL, "its man must name a page");
    BAD(c.result = IPCLAB_END, "its result has no type");
    BAD(c.args = NULL, "its args are NULL");
    BAD(c.errors = bad_error, "ENOENT names $file, which is no argument");
    BAD(c.errors = silent, "error ENOENT needs a sentence");
    BAD(c.examples = none, "needs an example");
    BAD(c.run = NULL, "has no handler");
#define BAD_ARG(change, reason) (a = args[1], change, expect_arg_refused(a, reason))
    BAD_ARG(a.name = "Buf", "argument 2: needs a name");
    BAD_ARG(a.name = "key", "argument 2 key: an earlier argument has this name");
    BAD_ARG(a.summary = NULL, "argument 2 buf: needs a summary");
    BAD_ARG(a.type = IPCLAB_VOID, "has no type");
    BAD_ARG(a.type = (enum ipclab_type)77, "has no type");
    BAD_ARG(a.size_arg = 0, "size_arg");
    BAD_ARG(a.size_arg = 3, "size_arg");
    BAD_ARG(a.size_arg = -2, "size_arg");
    BAD_ARG((a.min = 2, a.max = 1), "its min is above its max");
    BAD_ARG(a.type = IPCLAB_INTS, "count must be 1 to 1024");
    BAD_ARG(a.flags = IPCLAB_REST, "only the last argument may repeat");
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = args[0];
    BAD(c.args = many, "more than 12 arguments");
}

static const struct ipclab_blocking ways[] = {
    {.when = "it is 0",
     .before = "spawn a b",
     .waits = {.lines = "a take()", .returns = "0"},
     .ends = "b post()",
     .at_once = {.lines = "a set()\na take()", .returns = "-1 EAGAIN", .note = "or so"},
     .timed = {.note = "there is none"}},
    {0}};

static void
test_fields(void)
{
    const char *fields[] = {"size", "soft_dirty", NULL, NULL};
    struct ipclab_plugin p = good;
    struct catalog_source source = {&p, "/x/good.so"};
    struct buf blob = {0};
    struct catalog c;
    struct err err = {0};

    for (int given = 0; given < 2; given++) {
        p.fields = given ? fields : NULL;
        expect(catalog_check(&p, &err) == 0, "fields", err.text);
        catalog_encode(&blob, &source, 1, NULL, 0);
        expect(catalog_decode(&c, blob.data, blob.len, &err) == 0, "fields", err.text);
        expect((c.plugins[0].p.fields != NULL) == given, "fields", "are known, or are not");
        expect(!given || (strcmp(c.plugins[0].p.fields[1], "soft_dirty") == 0 &&
                          c.plugins[0].p.fields[2] == NULL),
               "fields", "others");
        catalog_release(&c);
        buf_clear(&blob);
    }
    fields[2] = "Size";
    expect(catalog_check(&p, &err) < 0 && strstr(err.text, "field 3 needs a name") != NULL, "Size",
           err.text);
    buf_release(&blob);
}

static void
test_blocking(void)
{
    struct ipclab_blocking way[] = {ways[0], {0}};
    struct ipclab_call calls[] = {good_call, {0}};
    struct ipclab_plugin p = good;
    struct err err = {0};

    p.calls = calls;
    p.blocking = way;
    expect(catalog_check(&p, &err) == 0, "good", err.text);
#define BAD_WAY(change, reason)                                                                    \
    (way[0] = ways[0], change,                                                                     \
     expect(catalog_check(&p, &err) < 0 && strstr(err.text, reason) != NULL, reason, err.text))
    BAD_WAY(way[0].when = "", "blocking 1: needs to say when");
    BAD_WAY(way[0].before = NULL, "blocking 1: its `before` is empty");
    BAD_WAY(way[0].ends = NULL, "needs a form that waits");
    BAD_WAY(way[0].waits.lines = NULL, "needs a form that waits");
    BAD_WAY(way[0].at_once.returns = NULL, "each other form needs lines");
    BAD_WAY(way[0].timed.note = NULL, "each other form needs lines");
    BAD_WAY(way[0].timed.note = "red \x1b[31m", "each other form needs lines");
}

static void
test_twice(void)
{
    struct ipclab_call calls[] = {good_call, good_call, {0}};
    struct ipclab_plugin p = good;
    struct err err = {0};

    p.calls = calls;
    expect(catalog_check(&p, &err) < 0 && strcmp(err.text, "call get: is there twice") == 0,
           "twice", err.text);
    calls[1].name = "put";
    expect(catalog_check(&p, &err) == 0, "good", err.text);
}

static void
count_call(void *ctx, const struct ipclab_call *call)
{
    *(int *)ctx += call->run == NULL;
}

static void
count_constant(void *ctx, const struct ipclab_constant *k)
{
    *(int *)ctx += k->name[0] != '\0';
}

static void
test_decoded(const struct catalog *c)
{
    struct call_ref ref = {-1, -1};
    const struct ipclab_call *call = catalog_call(c, "put", &ref);
    int64_t value = 0;
    int n = 0;

    expect(call != NULL && ref.plugin == 1 && ref.call == 0, "call put", "another place");
    expect(call != NULL && catalog_nargs(call) == 4 && strcmp(call->args[3].name, "flags") == 0 &&
               call->args[2].def == 4096 && call->args[1].size_arg == 2 && call->failure == -1 &&
               call->args[0].min == -1 && call->args[3].constants[1].summary == NULL &&
               strcmp(call->errors[0].sentence, "no such $key") == 0 &&
               strcmp(call->examples[0], examples[0]) == 0 && call->examples[1] == NULL,
           "record of put", "another");
    expect(catalog_call(c, "pu", NULL) == NULL && catalog_call(c, "", NULL) == NULL, "call pu",
           "there is one");
    expect(catalog_constant(c, "MORE", &value) && value == -7, "MORE", "not -7");
    expect(catalog_constant(c, "IPC_EXCL", &value) && value == IPC_EXCL, "IPC_EXCL", "another");
    expect(!catalog_constant(c, "more", &value), "more", "is one");
    expect(catalog_kind(c, "thing") != NULL && catalog_kind(c, "thin") == NULL, "kinds", "wrong");
    expect(strcmp(c->plugins[0].path, "/x/good.so") == 0 && c->nrefused == 1 &&
               strcmp(c->refused[0], "/x/y.so: bad") == 0,
           "path and refused", "wrong");
    expect(strcmp(c->plugins[0].p.man[0], "get(2)") == 0 && c->plugins[0].p.man[1] == NULL, "man",
           "wrong");
    expect(strcmp(c->plugins[0].p.blocking[0].at_once.returns, "-1 EAGAIN") == 0 &&
               c->plugins[0].p.blocking[0].timed.lines == NULL &&
               strcmp(c->plugins[0].p.blocking[0].ends, "b post()") == 0 &&
               c->plugins[0].p.blocking[1].when == NULL && c->plugins[1].p.blocking != NULL &&
               c->plugins[1].p.blocking[0].when == NULL,
           "blocking", "wrong");
    catalog_each_call(c, count_call, &n);
    expect(n == 2, "calls", "not 2");
    n = 0;
    catalog_each_constant(c, count_constant, &n);
    expect(n == 3, "constants", "not 3");
}

static void
test_blob(void)
{
    struct ipclab_call get[] = {good_call, {0}}, put[] = {good_call, {0}};
    struct ipclab_plugin a = good, b = good;
    struct catalog_source sources[] = {{&a, "/x/good.so"}, {&b, "/x/best.so"}};
    char *refused[] = {(char *)"/x/y.so: bad"};
    struct buf blob = {0};
    struct catalog c;
    struct err err = {0};
    int taken = 0;

    a.calls = get;
    a.blocking = ways;
    put[0].name = "put";
    b.calls = put;
    b.name = "best";
    b.kinds = NULL;
    catalog_encode(&blob, sources, 2, refused, 1);
    expect(catalog_decode(&c, blob.data, blob.len, &err) == 0, "decode", err.text);
    test_decoded(&c);
    catalog_release(&c);
    for (size_t n = 0; n < blob.len; n++) {
        char *cut = mem_alloc(n); /* of exactly n bytes, so that a checker sees one too many */

        memcpy(cut, blob.data, n);
        expect(catalog_decode(&c, cut, n, &err) < 0, "a cut blob", "was taken");
        free(cut);
    }
    for (size_t i = 0; i < blob.len; i++) {
        blob.data[i] = (char)~blob.data[i];
        if (catalog_decode(&c, blob.data, blob.len, &err) == 0) {
            taken++;
            catalog_release(&c);
        }
        blob.data[i] = (char)~blob.data[i];
    }
    expect(taken > 0 && taken < (int)blob.len, "flipped blobs", "all or none taken");
    put[0].name = "get";
    buf_clear(&blob);
    catalog_encode(&blob, sources, 2, refused, 1);
    expect(catalog_decode(&c, blob.data, blob.len, &err) < 0 &&
               strcmp(err.text, "call get is in /x/good.so and in /x/best.so") == 0,
           "two of one name", err.text);
    expect(c.nplugins == 0 && c.plugins == NULL, "after a refusal", "not empty");
    buf_release(&blob);
}

static void
expect_flags(const struct ipclab_arg *arg, int64_t value, const char *text)
{
    struct buf b = {0};

    catalog_flags_text(&b, arg, value);
    expect(strcmp(buf_text(&b), text) == 0, text, buf_text(&b));
    buf_release(&b);
}

static void
test_flags(void)
{
    static const struct ipclab_arg open_arg = {.type = IPCLAB_FLAGS, .constants = open_flags},
                                   cmd = {.type = IPCLAB_INT, .constants = commands},
                                   bare = {.type = IPCLAB_FLAGS}, mode = {.type = IPCLAB_MODE};

    expect_flags(&args[3], IPC_CREAT | 0666, "IPC_CREAT|0666");
    expect_flags(&args[3], IPC_CREAT | IPC_EXCL, "IPC_CREAT|IPC_EXCL");
    expect_flags(&args[3], 0, "0");
    expect_flags(&args[3], 0600, "0600");
    expect_flags(&args[3], 0x40000000 | 07, "07|0x40000000");
    expect_flags(&open_arg, 0, "O_RDONLY");
    expect_flags(&open_arg, O_NONBLOCK, "O_RDONLY|O_NONBLOCK");
    expect_flags(&open_arg, O_RDWR | O_CREAT, "O_RDWR|O_CREAT");
    expect_flags(&open_arg, O_WRONLY | O_SYNC, "O_WRONLY|O_SYNC");
    expect_flags(&open_arg, O_DSYNC, "O_RDONLY|O_DSYNC");
    expect_flags(&open_arg, 3, "0x3");
    expect_flags(&open_arg, O_CREAT | 0x20000000, "O_RDONLY|O_CREAT|0x20000000");
    expect_flags(&cmd, 0, "IPC_RMID");
    expect_flags(&cmd, 2, "IPC_STAT");
    expect_flags(&cmd, -5, "-5");
    expect_flags(&bare, 0, "0");
    expect_flags(&bare, -1, "0xffffffffffffffff");
    expect_flags(&mode, 0644, "0644");
    expect_flags(&mode, 0, "0");
}

int
main(void)
{
    test_check();
    test_fields();
    test_blocking();
    test_twice();
    test_blob();
    test_flags();
    return failures > 0;
}
