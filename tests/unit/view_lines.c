/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines view, form by form: events as they stand in a trace on the left, what a person reads on
 * the right. */
#include "view/lines.h"

#include "trace/parse.h"
#include "trace_check.h"
#include "view_fixture.h"

static struct lines l;
static struct event e;
static struct buf out;

/* Shows events, one a line. */
static const char *
show(const char *events)
{
    char why[256];

    buf_clear(&out);
    while (*events != '\0') {
        size_t n = strcspn(events, "\n");

        if (trace_parse(&e, events, n, why) != 0) {
            fprintf(stderr, "%s: %.*s\n", why, (int)n, events);
            check_failures++;
        }
        lines_event(&l, &e, &out);
        events += n + (events[n] == '\n');
    }
    return buf_text(&out);
}

static void
fresh(void)
{
    lines_release(&l);
    lines_init(&l, &catalog);
}

#define PARENT_READS                                                                               \
    "{\"ev\":\"enter\",\"step\":7,\"actor\":\"parent\",\"call\":\"read\",\"args\":[3,\"recv\",32]" \
    "}\n"

/* The three lines of interface 2. */
static void
test_pipe(void)
{
    fresh();
    CHECK_TEXT(show(PARENT_READS
                    "{\"ev\":\"block\",\"step\":7,\"actor\":\"parent\",\"call\":\"read\",\"obj\":"
                    "\"pipe#1\",\"why\":\"empty\",\"waits\":\"the pipe is empty; write end open in "
                    "child (fd 4)\",\"holders\":[{\"actor\":\"child\",\"fd\":4,\"mode\":\"w\"}]}"),
               "  7  parent  read(3, recv, 32) <waits: the pipe is empty; write end open in child "
               "(fd 4)>\n");
    CHECK_TEXT(
        show("{\"ev\":\"enter\",\"step\":8,\"actor\":\"child\",\"call\":\"write\",\"args\":[4,"
             "\"Hello World\\n\",12]}\n"
             "{\"ev\":\"exit\",\"step\":8,\"actor\":\"child\",\"call\":\"write\",\"ret\":12,"
             "\"obj\":\"pipe#1\",\"state\":{\"bytes\":12,\"w\":[\"child\"],\"r\":[\"parent\"]}}"),
        "  8  child   write(4, \"Hello World\\n\", 12) = 12                       pipe#1 12 B  "
        "W: child  R: parent\n");
    CHECK_TEXT(
        show("{\"ev\":\"exit\",\"step\":7,\"actor\":\"parent\",\"call\":\"read\",\"ret\":12,"
             "\"out\":{\"recv\":\"Hello World\\n\"},\"by\":8,\"obj\":\"pipe#1\",\"state\":{"
             "\"bytes\":0,\"w\":[\"child\"],\"r\":[\"parent\"]}}"),
        "  7  parent  <... read> = 12  \"Hello World\\n\"   [by step 8]           pipe#1  0 B  "
        "W: child  R: parent\n");
    CHECK(l.npending == 0);
    CHECK_TEXT(
        show("{\"ev\":\"exit\",\"step\":9,\"actor\":\"child\",\"call\":\"read\",\"ret\":4096,"
             "\"obj\":\"pipe#1\",\"state\":{\"bytes\":4096,\"w\":[],\"r\":[\"a\",\"b\"]}}"),
        "  9  child   <... read> = 4096                                        pipe#1 4096 B  "
        "W: -  R: a b\n");
}

static void
test_shm(void)
{
    fresh();
    CHECK_TEXT(
        show("{\"ev\":\"enter\",\"step\":1,\"actor\":\"server\",\"call\":\"shmget\",\"args\":["
             "9999,27,\"0666\"]}\n"
             "{\"ev\":\"exit\",\"step\":1,\"actor\":\"server\",\"call\":\"shmget\",\"ret\":-1,"
             "\"errno\":\"ENOENT\"}"),
        "  1  server  shmget(9999, 27, 0666) = -1 ENOENT (no segment has key 9999)\n");
    CHECK_TEXT(
        show("{\"ev\":\"enter\",\"step\":2,\"actor\":\"server\",\"call\":\"shmget\",\"to\":"
             "\"shmid\",\"args\":[5678,27,\"IPC_CREAT|0666\"]}\n"
             "{\"ev\":\"exit\",\"step\":2,\"actor\":\"server\",\"call\":\"shmget\",\"ret\":0,"
             "\"obj\":\"shm#1\",\"created\":true,\"state\":{\"key\":5678,\"size\":27,"
             "\"nattch\":0}}"),
        "  2  server  shmget(5678, 27, IPC_CREAT|0666) = 0  -> shmid           shm#1  key 5678, "
        "27 bytes, nattch 0\n");
    CHECK_TEXT(
        show("{\"ev\":\"enter\",\"step\":3,\"actor\":\"server\",\"call\":\"shmat\",\"args\":[0,"
             "null]}\n"
             "{\"ev\":\"exit\",\"step\":3,\"actor\":\"server\",\"call\":\"shmat\",\"ret\":"
             "140737353617408,\"vol\":{\"ret\":140737353617408}}"),
        "  3  server  shmat(0, NULL) = 0x7ffff7f81000\n");
    CHECK_TEXT(
        show("{\"ev\":\"exit\",\"step\":4,\"actor\":\"server\",\"call\":\"shmat\",\"ret\":-1,"
             "\"errno\":\"EINVAL\",\"text\":\"no such id\"}"),
        "  4  server  <... shmat> = -1 EINVAL (no such id)\n");
    CHECK_TEXT(
        show("{\"ev\":\"exit\",\"step\":4,\"actor\":\"server\",\"call\":\"shmat\",\"ret\":-1,"
             "\"errno\":\"EINVAL\"}"),
        "  4  server  <... shmat> = -1 EINVAL (invalid argument)\n");
}

static void
test_statements(void)
{
    fresh();
    CHECK_TEXT(
        show(
            "{\"ev\":\"enter\",\"step\":1,\"actor\":\"a\",\"call\":\"print\",\"args\":[\"shm\"]}\n"
            "{\"ev\":\"exit\",\"step\":1,\"actor\":\"a\",\"call\":\"print\",\"value\":\"ab\"}\n"
            "{\"ev\":\"enter\",\"step\":2,\"actor\":\"a\",\"call\":\"print\",\"text\":\"print "
            "fd\"}\n"
            "{\"ev\":\"exit\",\"step\":2,\"actor\":\"a\",\"call\":\"print\",\"value\":[3,4]}\n"
            "{\"ev\":\"enter\",\"step\":3,\"actor\":\"a\",\"call\":\"=\",\"text\":\"*shm = '*'\"}\n"
            "{\"ev\":\"exit\",\"step\":3,\"actor\":\"a\",\"call\":\"=\",\"value\":42,\"ret\":42}\n"
            "{\"ev\":\"enter\",\"step\":4,\"actor\":\"a\",\"call\":\"=\",\"args\":[\"shmid\",5]}\n"
            "{\"ev\":\"exit\",\"step\":4,\"actor\":\"a\",\"call\":\"=\"}\n"
            "{\"ev\":\"enter\",\"step\":5,\"actor\":\"a\",\"call\":\"await\",\"text\":\"await "
            "*shm == '*'\"}\n"
            "{\"ev\":\"block\",\"step\":5,\"actor\":\"a\",\"call\":\"await\",\"why\":\"false\"}\n"
            "{\"ev\":\"exit\",\"step\":5,\"actor\":\"a\",\"call\":\"await\",\"ret\":1,\"by\":6}"),
        "  1  a  print shm = \"ab\"\n"
        "  2  a  print fd = [3, 4]\n"
        "  3  a  *shm = '*'\n"
        "  4  a  shmid = 5\n"
        "  5  a  await *shm == '*' <waits: false>\n"
        "  5  a  <... await>   [by step 6]\n");
}

static void
test_call_details(void)
{
    fresh();
    CHECK_TEXT(
        show("{\"ev\":\"enter\",\"step\":1,\"actor\":\"a\",\"call\":\"printf\",\"args\":[\"%d %s\","
             "5,{\"name\":\"buf\"},\"x\\u0007\\\"\"]}\n"
             "{\"ev\":\"exit\",\"step\":1,\"actor\":\"a\",\"call\":\"printf\",\"ret\":9,\"facts\":{"
             "\"exited\":3,\"how\":\"well\"},\"out\":{\"status\":0,\"s\":\"t\"},\"note\":\"nothing "
             "written yet\"}"),
        "  1  a  printf(\"%d %s\", 5, buf, \"x\\x07\\\"\") = 9  status=0, s=\"t\"  (exited 3, how "
        "well)\n      note: nothing written yet\n");
    CHECK_TEXT(
        show(
            "{\"ev\":\"enter\",\"step\":2,\"actor\":\"a\",\"call\":\"perror\",\"args\":[]}\n"
            "{\"ev\":\"exit\",\"step\":2,\"actor\":\"a\",\"call\":\"perror\",\"ret\":0}\n"
            "{\"ev\":\"enter\",\"step\":3,\"actor\":\"a\",\"call\":\"getpid\",\"args\":[1]}\n"
            "{\"ev\":\"exit\",\"step\":3,\"actor\":\"a\",\"call\":\"getpid\"}\n"
            "{\"ev\":\"enter\",\"step\":4,\"actor\":\"a\",\"call\":\"shmget\",\"args\":[0,1,950]}\n"
            "{\"ev\":\"exit\",\"step\":4,\"actor\":\"a\",\"call\":\"shmget\",\"ret\":1,\"obj\":"
            "\"odd#1\",\"state\":{\"x\":1}}"),
        "  2  a  perror()\n"
        "  3  a  getpid(1) = ?\n"
        "  4  a  shmget(0, 1, IPC_CREAT|0666) = 1                              odd#1  x 1\n");
}

static void
test_processes(void)
{
    fresh();
    CHECK_TEXT(
        show("{\"ev\":\"process\",\"actor\":\"parent\",\"what\":\"spawn\",\"pid\":2}\n"
             "{\"ev\":\"process\",\"actor\":\"child\",\"what\":\"fork\",\"parent\":\"parent\","
             "\"pid\":3}\n" PARENT_READS
             "{\"ev\":\"process\",\"actor\":\"parent\",\"what\":\"killed\",\"sig\":\"SIGSEGV\","
             "\"vol\":{\"addr\":0}}\n"
             "{\"ev\":\"enter\",\"step\":8,\"actor\":\"child\",\"call\":\"exit\",\"args\":[3]}\n"
             "{\"ev\":\"process\",\"actor\":\"child\",\"what\":\"exit\",\"status\":3}\n"
             "{\"ev\":\"process\",\"actor\":\"child\",\"what\":\"reaped\",\"parent\":\"parent\"}\n"
             "{\"ev\":\"process\",\"actor\":\"child\",\"what\":\"killed\",\"sig\":\"SIGKILL\"}\n"
             "{\"ev\":\"process\",\"actor\":\"child\",\"what\":\"stopped\",\"sig\":\"SIGSTOP\"}\n"
             "{\"ev\":\"signal\",\"actor\":\"child\",\"sig\":\"SIGUSR1\",\"action\":\"handler\","
             "\"from\":\"parent\"}"),
        "     parent  (new process, pid 2)\n"
        "     child   (fork of parent, pid 3)\n"
        "  7  parent  read(3, recv, 32)  <killed by SIGSEGV at address 0x0>\n"
        "  8  child   exit(3)  <exited 3>\n"
        "     child   (reaped by parent)\n"
        "     child   <killed by SIGKILL>\n"
        "     child   (stopped by SIGSTOP)\n"
        "     child   SIGUSR1 from parent: the handler runs\n");
    CHECK(l.npending == 0);
}

static void
test_others(void)
{
    static const char events[] =
        "{\"ev\":\"input\",\"text\":\"child puts(\\\"\\u001b\\\")\"}\n"
        "{\"ev\":\"output\",\"actor\":\"child\",\"fd\":1,\"text\":\"Hello World\\nand "
        "\\u001b[2J\"}\n"
        "{\"ev\":\"output\",\"actor\":\"child\",\"fd\":2,\"text\":\"\\n\"}\n"
        "{\"ev\":\"verdict\",\"kind\":\"stuck\",\"actors\":[\"child\"],\"text\":\"nobody "
        "can\\nmove\"}\n"
        "{\"ev\":\"note\",\"text\":\"caf\xc3\xa9\"}\n"
        "{\"ev\":\"check\",\"text\":\"it waits\",\"passed\":false}\n"
        "{\"ev\":\"check\",\"text\":\"it runs\",\"passed\":true}\n"
        "{\"ev\":\"reset\"}\n{\"ev\":\"future\",\"text\":\"x\"}";

    fresh();
    CHECK_TEXT(show(events), "     child  | Hello World\n"
                             "     child  | and \\x1b[2J\n"
                             "     child  2| \n"
                             "*** stuck: nobody can\n    move\n"
                             "      note: caf\xc3\xa9\n"
                             "      FAILED: it waits\n"
                             "      ok: it runs\n"
                             "      a new world: no processes, no objects\n");
    fresh();
    l.echo = l.ascii = l.quiet = true;
    CHECK_TEXT(show(events), "     child  | Hello World\n"
                             "     child  | and \\x1b[2J\n"
                             "     child  2| \n"
                             "*** stuck: nobody can\n    move\n"
                             "      FAILED: it waits\n");
    fresh();
    l.echo = l.ascii = true;
    CHECK(strstr(show(events), "ipclab> child puts(\"\\033\")\n") == out.data);
    CHECK(strstr(out.data, "note: caf\\u00e9\n") != NULL);
    for (size_t i = 0; i < out.len; i++)
        CHECK(out.data[i] == '\n' || (out.data[i] >= ' ' && out.data[i] < 0x7f));
}

/* Colours stand around words and move nothing. */
static void
test_colour(void)
{
    static const char events[] =
        "{\"ev\":\"exit\",\"step\":1,\"actor\":\"a\",\"call\":\"shmat\",\"ret\":"
        "-1,\"errno\":\"EINVAL\",\"obj\":\"pipe#1\"}";
    struct buf plain = {0};
    size_t n = 0;

    fresh();
    buf_puts(&plain, show(events));
    fresh();
    l.colour = true;
    show(events);
    for (size_t i = 0; i < out.len; i++) {
        if (out.data[i] == '\033')
            i += strcspn(out.data + i, "m");
        else
            out.data[n++] = out.data[i];
    }
    out.data[n] = '\0';
    CHECK_TEXT(out.data, plain.data);
    buf_release(&plain);
}

int
main(void)
{
    fixture_catalog();
    test_pipe();
    test_shm();
    test_statements();
    test_call_details();
    test_processes();
    test_others();
    test_colour();
    lines_release(&l);
    catalog_release(&catalog);
    event_release(&e);
    buf_release(&out);
    return check_result();
}
