/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: their JSON, byte for byte, what is stable, what is the same, and the limits. */
#include "trace/event.h"

#include "trace/parse.h"
#include "trace/read.h"
#include "trace_check.h"

static struct event e, f;
static struct buf out;

static const char *
json(int64_t seq, bool stable)
{
    buf_clear(&out);
    event_json(&out, &e, seq, stable);
    return buf_text(&out);
}

static void
test_example(void)
{
    event_start(&e, "exit");
    event_int(&e, "step", 1);
    event_text(&e, "actor", "server");
    event_int(&e, "ret", 0);
    event_bool(&e, "created", true);
    event_object(&e, "state");
    event_int(&e, "key", 5678);
    event_array(&e, "w");
    event_text(&e, NULL, "child");
    event_null(&e, NULL);
    event_array(&e, NULL);
    event_close(&e);
    event_close(&e);
    event_close(&e);
    CHECK_TEXT(json(3, false),
               "{\"seq\":3,\"ev\":\"exit\",\"step\":1,\"actor\":\"server\",\"ret\":0,\"created\":"
               "true,\"state\":{\"key\":5678,\"w\":[\"child\",null,[]]}}\n");
    CHECK(event_get_int(&e, event_get(&e, NULL, "state"), "key", -1) == 5678);
    CHECK(event_get(&e, NULL, "key") == NULL);
    CHECK_TEXT(event_get_text(&e, NULL, "actor"), "server");
}

static void
test_numbers(void)
{
    event_start(&e, "x");
    event_int(&e, "a", INT64_MIN);
    event_int(&e, "b", INT64_MAX);
    CHECK_TEXT(json(-1, false),
               "{\"ev\":\"x\",\"a\":-9223372036854775808,\"b\":9223372036854775807}\n");
}

static void
test_texts(void)
{
    event_start(&e, "x");
    event_data(&e, "a", "q\"b\\n\n\t\x01\x7f\0z", 11, 11);
    event_text(&e, "b", "\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81\xc3\xa4\xf0\x9f\x98\x80");
    event_data(&e, "c", "\xff\xfe\0", 3, 3);
    event_text(&e, "d", "\xc0\xaf");
    event_text(&e, "\xff", NULL);
    CHECK_TEXT(json(0, false),
               "{\"seq\":0,\"ev\":\"x\",\"a\":\"q\\\"b\\\\n\\n\\t\\u0001\\u007f\\u0000z\",\"b\":"
               "\"\\u009b\\u202e\\udb40\\udc01\xc3\xa4\xf0\x9f\x98\x80\",\"c\":{\"b64\":\"//4A\","
               "\"n\":3},\"d\":{\"b64\":\"wK8=\",\"n\":2},\"\\u00ff\":null}\n");
}

/* A cut never splits a character, and bytes are not taken for text because of it. */
static void
test_cut(void)
{
    char data[1000];
    const struct item *i;

    memset(data, 'a', sizeof data);
    event_start(&e, "x");
    event_data(&e, "plain", data, sizeof data, sizeof data);
    memcpy(data + 254, "\xf0\x9f\x98\x80", 4);
    event_data(&e, "split", data, sizeof data, 5000);
    data[3] = '\xff';
    event_data(&e, "bytes", data, sizeof data, sizeof data);
    event_data(&e, "short", "ab", 2, 9);
    event_data(&e, "whole", data + 100, 100, 100);
    i = event_get(&e, NULL, "plain");
    CHECK(i->len == 256 && i->cut && !i->b64 && i->value == 1000);
    i = event_get(&e, NULL, "split");
    CHECK(i->len == 254 && i->cut && !i->b64 && i->value == 5000);
    i = event_get(&e, NULL, "bytes");
    CHECK(i->len == 256 && i->cut && i->b64);
    i = event_get(&e, NULL, "whole");
    CHECK(i->len == 100 && !i->cut);
    CHECK(strstr(json(0, false), "\"short\":{\"text\":\"ab\",\"n\":9,\"cut\":true}") != NULL);
}

static void
test_stable(void)
{
    event_start(&e, "exit");
    event_int(&e, "ret", 0x7f0000000000);
    event_object(&e, "out");
    event_int(&e, "ret", 1);
    event_close(&e);
    event_object(&e, "vol");
    event_int(&e, "ret", 0x7f0000000000);
    event_array(&e, "at");
    event_close(&e);
    event_close(&e);
    event_int(&e, "by", 2);
    event_array(&e, "at");
    event_int(&e, NULL, 1);
    event_close(&e);
    CHECK_TEXT(json(1, true), "{\"seq\":1,\"ev\":\"exit\",\"out\":{\"ret\":1},\"by\":2}\n");
}

static void
test_same(void)
{
    static const struct {
        const char *a, *b, *differs; /* NULL: the same */
    } cases[] = {
        {"{\"seq\":1,\"a\":1,\"b\":{\"x\":1,\"y\":2}}",
         "{\"b\":{\"y\":2,\"x\":1},\"seq\":9,\"a\":1}", NULL},
        {"{\"a\":1,\"vol\":{\"a\":1}}", "{\"a\":2,\"vol\":{\"a\":2}}", NULL},
        {"{\"a\":1,\"vol\":{\"a\":1}}", "{}", NULL},
        {"{\"b\":{\"x\":[1,2]}}", "{\"b\":{\"x\":[1,3]}}", "b.x[1]"},
        {"{\"b\":[1,2]}", "{\"b\":[1]}", "b[1]"},
        {"{\"a\":1}", "{\"a\":\"1\"}", "a"},
        {"{\"a\":1}", "{\"a\":1,\"c\":null}", "c"},
        {"{\"a\":{\"z\":1}}", "{\"a\":{}}", "a.z"},
        {"{\"a\":true}", "{\"a\":false}", "a"},
        {"{\"a\":{\"b64\":\"//4A\",\"n\":3}}", "{\"a\":{\"b64\":\"//4B\",\"n\":3}}", "a"},
    };
    char why[256], path[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(trace_parse(&e, cases[i].a, strlen(cases[i].a), why) == 0);
        CHECK(trace_parse(&f, cases[i].b, strlen(cases[i].b), why) == 0);
        CHECK(event_same(&e, &f, path) == (cases[i].differs == NULL));
        CHECK_TEXT(path, cases[i].differs != NULL ? cases[i].differs : "");
        CHECK(event_same(&f, &e, path) == (cases[i].differs == NULL));
    }
}

/* Too much is left out, and what comes out is whole all the same. */
static void
test_limits(void)
{
    char why[256];

    event_start(&e, "x");
    for (int i = 0; i < 100; i++)
        event_array(&e, i == 0 ? "deep" : NULL);
    event_int(&e, NULL, 7);
    for (int i = 0; i < 100; i++)
        event_close(&e);
    event_int(&e, "after", 1);
    json(0, false);
    CHECK(trace_parse(&f, out.data, out.len - 1, why) == 0);
    CHECK(event_get_int(&f, NULL, "after", 0) == 1);
    event_start(&e, "x");
    event_object(&e, "o");
    for (int i = 0; i < 10000; i++) {
        event_array(&e, "a");
        event_int(&e, NULL, i);
        event_close(&e);
    }
    event_close(&e);
    event_close(&e);
    CHECK(e.n <= EVENT_MAX_ITEMS && e.depth == 0 && e.over == 0);
    json(0, false);
    CHECK(strcmp(out.data + out.len - 4, "]}}\n") == 0);
}

int
main(void)
{
    test_example();
    test_numbers();
    test_texts();
    test_cut();
    test_stable();
    test_same();
    test_limits();
    event_release(&e);
    event_release(&f);
    buf_release(&out);
    return check_result();
}
