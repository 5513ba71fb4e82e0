/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lines are read as: what is recorded of them (which has to read as the same again), and
 * what is refused, with place and words. */
#include "lang_fixture.h"

#define LONG_NAME "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

static int failed;

struct good {
    const char *text, *source; /* source "" : nothing to do */
    const char *subject;
    bool interactive;
};

static const struct good goods[] = {
    {"", "", NULL, false},
    {"   \t", "", NULL, false},
    {"# a comment", "", NULL, false},
    {"  # a comment", "", NULL, false},
    {"// pasted", "", NULL, false},
    {"/* pasted */", "", NULL, false},
    {"| server  shmget(5678, 27, 0666) = 0", "", NULL, false},
    {"|", "", NULL, false},
    {"ipclab> ", "", NULL, false},
    {"ipclab>", "", NULL, false},
    {"+++ exited with 0 +++", "", NULL, false},
    {"[pid 41] +++ exited with 0 +++", "", NULL, false},
    {"[pid 99] --- SIGCHLD {si_signo=SIGCHLD} ---", "", NULL, false},
    {"[pid 41] <... read resumed>\"x\", 1) = 1", "", NULL, false},
    {"spawn a b", "spawn a b", NULL, false},
    {"ipclab> spawn a b  # two", "spawn a b", NULL, false},
    {"\xef\xbb\xbfspawn a", "spawn a", NULL, false},
    {"spawn a;\r\n", "spawn a", NULL, false},
    {"log \"a # b\" # c", "log \"a # b\"", NULL, false},
    {"! echo it's #1", "! echo it's #1", NULL, false},
    {"!ls", "! ls", NULL, false},
    {"lua print( #t)", "lua print( #t)", NULL, false},
    {"sp a", "spawn a", NULL, true},
    {"wait", "wait", "server", false},
    {"wait()", "server wait()", "server", false},
    {"wait(&status);", "server wait(&status)", "server", false},
    {"server wait", "server wait", NULL, false},
    {"server shmid = shmget(5678, 27, IPC_CREAT|0666)",
     "server shmid = shmget(5678, 27, IPC_CREAT|0666)", NULL, false},
    {"ipclab> -server close(3); # may fail", "server close(3)", NULL, false},
    {"- server close(3)", "server close(3)", NULL, false},
    {"server , client print x", "server,client print x", NULL, false},
    {"* print shm", "* print shm", "server", false},
    {"*shm = 'x'", "server *shm = 'x'", "server", false},
    {"server shmget 5678 27 IPC_CREAT|0666 # shell", "server shmget 5678 27 IPC_CREAT|0666", NULL,
     false},
    {"server open /tmp/a.txt 0;", "server open /tmp/a.txt 0", NULL, false},
    {"server execve /bin/ls ls -l a*b", "server execve /bin/ls ls -l a*b", NULL, false},
    {"server kill -1 9", "server kill -1 9", NULL, false},
    {"server write 1 \"a b\"", "server write 1 \"a b\"", NULL, false},
    {"server shmg(1, 2)", "server shmget(1, 2)", NULL, true},
    {"server x = shma(shmg(1, 2), NULL)", "server x = shmat(shmget(1, 2), NULL)", NULL, true},
    {"[pid    41] shmget(5678, 27, 0666) = 5", "server shmget(5678, 27, 0666)", NULL, false},
    {"[pid 41] shmget(5678, 27, 0666) = -1 ENOENT (No such file or directory)",
     "server shmget(5678, 27, 0666)", NULL, false},
    {"[pid 41] shmat(5, NULL, 0) = 0x7f1200000000 <0.000012>", "server shmat(5, NULL, 0)", NULL,
     false},
    {"41  exit(0) = ?", "server exit(0)", NULL, false},
    {"[pid 41] pipe([3, 4]) = 0", "server pipe(pipefd)", NULL, false},
    {"[pid 41] pipe(0x7ffd0010) = -1 EMFILE (Too many open files)", "server pipe(pipefd)", NULL,
     false},
    {"server pipe([3, 4]) = 0", "server pipe(pipefd)", NULL, false},
    {"pipe([3, 4]) = 0", "server pipe(pipefd)", "server", false},
    {"[pid 41] read(3, \"a)\\n]\", 32) = 5", "server read(3, buf, 32)", NULL, false},
    {"41 read(0, \"abc\"..., 10) = 3", "server read(0, buf, 10)", NULL, false},
    {"[pid 41] read(0, mine, 10) = 3", "server read(0, mine, 10)", NULL, false},
    {"server read(0, \"abc\", 10)", "server read(0, \"abc\", 10)", NULL, false},
    {"server print 1 + read(0, \"abc\", 10)", "server print 1 + read(0, \"abc\", 10)", NULL, false},
    {"[pid 41] waitpid(7, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0) = 7",
     "server waitpid(7, wstatus, 0)", NULL, false},
    {"[pid 41] waitpid(7, NULL, 0) = 7", "server waitpid(7, NULL, 0)", NULL, false},
    {"shmget(5678, 27, 0666) = 5", "server shmget(5678, 27, 0666)", "server", false},
    {"server char buf[64];", "server char buf[64]", NULL, false},
    {"server int n = 5; /* five */", "server int n = 5", NULL, false},
    {"server key_t key = 5678; // key", "server key_t key = 5678", NULL, false},
    {"server unsigned long int n", "server unsigned long int n", NULL, false},
    {"server FILE *out = fdopen(pipefd[1], \"w\")", "server FILE *out = fdopen(pipefd[1], \"w\")",
     NULL, false},
    {"server int *p = (int *) shmat(id, (void *)0, 0)",
     "server int *p = (int *) shmat(id, (void *)0, 0)", NULL, false},
    {"server p = (char *) -1", "server p = (char *) -1", NULL, false},
    {"server (void) close(3)", "server (void) close(3)", NULL, false},
    {"server await *shm == '*'", "server await *shm == '*'", NULL, false},
    {"server print (a+b)*c", "server print (a+b)*c", NULL, false},
    {"server print \"a#b\" # x", "server print \"a#b\"", NULL, false},
    {"server print sizeof(int) + sizeof(buf)", "server print sizeof(int) + sizeof(buf)", NULL,
     false},
    {"server print -9223372036854775807", "server print -9223372036854775807", NULL, false},
    {"server print 10UL", "server print 10UL", NULL, false},
};

struct bad {
    const char *text, *says;
    int col, end;
    const char *subject;
};

static const struct bad bads[] = {
    {"server x = \"abc", "the quote \" is never closed", 12, 15, NULL},
    {"log \"abc", "the quote \" is never closed", 5, 8, NULL},
    {"server x = 'a", "the quote ' is never closed", 12, 13, NULL},
    {"server x = \"abc\\", "never closed", 12, 16, NULL},
    {"server shmgte(1)", "server has no call 'shmgte'; did you mean shmget?", 8, 13, NULL},
    {"server shmgte 1", "server has no call 'shmgte'; did you mean shmget?", 8, 13, NULL},
    {"server shm(1)", "server has no call 'shm'", 8, 10, NULL},
    {"* shmgte(1)", "there is no call 'shmgte'", 3, 8, NULL},
    {"srever close(3)", "no actor or builtin 'srever'; did you mean server?", 1, 6, NULL},
    {"nothing close(3)", "no actor or builtin 'nothing'; actors: parent, child", 1, 7, NULL},
    {"SERVER close(3)", "did you mean server?", 1, 6, NULL},
    {"server,nothing close(3)", "no actor 'nothing'; actors: parent", 8, 14, NULL},
    {"server, spwan", "no actor 'spwan'; actors", 9, 13, NULL},
    {"print 5", "who prints? an actor's name comes first", 1, 5, NULL},
    {"await x", "who awaits?", 1, 5, NULL},
    {"char *p", "whose variable is that?", 1, 4, NULL},
    {"x = shmget(1)", "whose variable is 'x'?", 1, 1, NULL},
    {"fds[0] = 1", "whose variable is 'fds'?", 1, 3, NULL},
    {"exit", "`quit` leaves ipclab", 1, 4, NULL},
    {"exit(1)", "who calls exit?", 1, 4, NULL},
    {"server SHMGET(1)", "did you mean shmget?", 8, 13, NULL},
    {"server prnit x", "did you mean print?", 8, 12, NULL},
    {"server x = prnit(1)", "server has no call 'prnit'", 12, 16, NULL},
    {"server awiat x", "did you mean await?", 8, 12, NULL},
    {"server itn n", "did you mean int?", 8, 10, NULL},
    {"server close(3 4)", "unexpected '4'; a ',' or an operator is missing before it", 16, 16,
     NULL},
    {"server close(3,)", "unexpected ')'; something is missing before it", 16, 16, NULL},
    {"server close(,3)", "unexpected ','; something is missing before it", 14, 14, NULL},
    {"server close(3))", "unexpected ')'; there is no bracket open", 16, 16, NULL},
    {"server close(3) close(4)", "unexpected 'close'; one statement a line", 17, 21, NULL},
    {"server x = a[1 2]", "unexpected '2'; an operator is missing", 16, 16, NULL},
    {"server print \xe2\x80\x9chi\xe2\x80\x9d", "stands in plain quotes: \"text\"", 14, 16, NULL},
    {"server print \xe2\x80\x99x\xe2\x80\x99", "stands in plain quotes: 'c'", 14, 16, NULL},
    {"server print 1 \xe2\x80\x93 2", "a minus is -", 16, 18, NULL},
    {"server print\xc2\xa0x", "type a plain one", 13, 14, NULL},
    {"close(3)", "who calls close?", 1, 5, NULL},
    {"spwan a", "did you mean spawn?", 1, 5, NULL},
    {"server", "what does server do?", 1, 6, NULL},
    {"server,clinet print x", "'clinet'; did you mean client?", 8, 13, NULL},
    {"server, 5", "expected after ','", 9, 9, NULL},
    {"server=5", "server is an actor; a blank", 7, 7, NULL},
    {"*", "a line starts with", 1, 1, NULL},
    {"* ", "a line starts with", 1, 1, NULL},
    {"-", "goes after '-'", 1, 1, NULL},
    {"server x = 99999999999999999999", "too large; numbers go from 0 to 9223372036854775807", 12,
     31, NULL},
    {"server x = 9223372036854775808", "too large", 12, 30, NULL},
    {"server x = 0x", "0x is no number", 12, 13, NULL},
    {"server x = 08", "a leading 0 means octal", 12, 13, NULL},
    {"server x = 1e9", "1e9 is no number", 12, 14, NULL},
    {"server x = 5x", "5x is no number", 12, 13, NULL},
    {"server x = 1.5", "1.5 is no number", 12, 14, NULL},
    {"server x = +5", "unexpected '+'", 12, 12, NULL},
    {"server x = ''", "one byte, here are 0", 12, 13, NULL},
    {"server x = 'ab'", "one byte, here are 2", 12, 15, NULL},
    {"server x = \"\\q\"", "no escape \\q", 13, 14, NULL},
    {"server x = \"\\x\"", "needs hexadecimal", 13, 14, NULL},
    {"server x = \"\\x123\"", "more than one byte", 13, 17, NULL},
    {"server x = (1", "this ( is never closed", 12, 12, NULL},
    {"server close(3", "this ( is never closed", 13, 13, NULL},
    {"server x = a[1", "this [ is never closed", 13, 13, NULL},
    {"server x = 1 +", "the line ends where more is expected", 15, 15, NULL},
    {"server x = ", "the line ends", 11, 11, NULL},
    {"server x = 1 2", "unexpected '2'; an operator is missing before it", 14, 14, NULL},
    {"server x++", "unexpected '++'; write x = x + 1", 9, 10, NULL},
    {"server x += 1", "unexpected '+='", 10, 11, NULL},
    {"server x = y = 1", "an assignment is a line of its own", 14, 14, NULL},
    {"server p->x = 1", "there are no structures", 9, 10, NULL},
    {"server x = 1; y = 2", "unexpected 'y'; one statement a line", 15, 15, NULL},
    {"server 5 = x", "no place to put", 8, 8, NULL},
    {"server getpid() = x", "result goes left", 8, 15, NULL},
    {"server x + 1", "does nothing with it", 8, 12, NULL},
    {"server if (x) close(3)", "if is not needed", 8, 9, NULL},
    {"server print", "print what?", 8, 12, NULL},
    {"server await ;", "await what?", 8, 12, NULL},
    {"server char *a, *b;", "one variable a declaration", 15, 15, NULL},
    {"server char a[];", "needs its size", 14, 15, NULL},
    {"server char a[0];", "1 to", 15, 15, NULL},
    {"server char a[2][2];", "one dimension", 17, 17, NULL},
    {"server char a[3] = \"ab\"", "strcpy into it", 20, 23, NULL},
    {"server void v", "needs a size", 8, 13, NULL},
    {"server struct stat s", "no structures", 8, 13, NULL},
    {"server double d", "floating point", 8, 13, NULL},
    {"server int main()", "functions are not defined", 16, 16, NULL},
    {"server char *****p", "at most 4 stars", 17, 17, NULL},
    {"server print \xff", "unexpected '\\xff'", 14, 14, NULL},
    {"server print \x1b[2J", "unexpected '\\x1b'", 14, 14, NULL},
    {"server print \xc2\x9b", "unexpected '\\u009b'", 14, 15, NULL},
    {"server print " LONG_NAME, "at most 31 bytes", 14, 91, NULL},
    {"server close(1,2,3,4,5,6,7,8,9,10,11,12,13)", "at most 12 arguments", 41, 42, NULL},
    {"[pid 42] close(3) = 0", "no actor has pid 42", 6, 7, NULL},
    {"[pid 41] write(1, \"abc\"..., 100) = 100", "strace cut this text short", 19, 26, NULL},
    {"server write(1, \"abc\"..., 100)", "-s 4096", 17, 24, NULL},
    {"server pipe([3, 4])", "unexpected '['", 13, 13, NULL},
    {"[pid 41] pipe([3, 4", "unexpected '['", 15, 15, NULL},
    {"[pid 41] read(3,  <unfinished ...>", "strace cut this call", 19, 34, NULL},
    {"\xff\xfe"
     "s",
     "UTF-16", 1, 2, NULL},
    {"{", "a line starts with", 1, 1, NULL},
};

static void
show(const char *text, const char *what, const char *got)
{
    fprintf(stderr, "FAIL '%s': %s: %s\n", text, what, got);
    failed++;
}

static void
check_good(const struct good *c)
{
    struct parse_env env = fixture_parse_env(c->subject, c->interactive);
    struct parse_env plain = fixture_parse_env(NULL, false);
    struct line line, again;
    struct err err;

    if (parse_line(&line, c->text, strlen(c->text), &env, &err) < 0) {
        show(c->text, "refused", err.text);
        return;
    }
    if (strcmp(line.source, c->source) != 0)
        show(c->text, "source", line.source);
    if ((line.kind == LINE_EMPTY) != (*c->source == '\0'))
        show(c->text, "kind", "");
    if (parse_line(&again, line.source, strlen(line.source), &plain, &err) < 0)
        show(line.source, "refused again", err.text);
    else if (strcmp(again.source, line.source) != 0 || again.statement != line.statement ||
             again.kind != line.kind || again.nwho != line.nwho)
        show(line.source, "differs", again.source);
    line_release(&again);
    line_release(&line);
}

static void
check_bad_n(const char *text, size_t n, const struct bad *c)
{
    struct parse_env env = fixture_parse_env(c->subject, false);
    struct line line;
    struct err err;
    char place[80];

    if (parse_line(&line, text, n, &env, &err) == 0) {
        show(c->text, "accepted", line.source);
        line_release(&line);
        return;
    }
    snprintf(place, sizeof place, "%d-%d", err.col, err.end);
    if (strstr(err.text, c->says) == NULL || err.status != STATUS_USAGE)
        show(c->text, "says", err.text);
    if (err.col != c->col || err.end != c->end)
        show(c->text, "place", place);
}

/* Limits: the largest that is taken and the smallest that is not. */
static void
check_limits(void)
{
    static char text[70000];
    struct bad refused = {"limit", "", 0, 0, NULL};
    struct parse_env env = fixture_parse_env("server", false);
    struct line line;
    struct err err;

    for (int deep = 64; deep <= 65; deep++) {
        int n = snprintf(text, sizeof text, "print %.*s1%.*s", deep, LONG_NAME, deep, LONG_NAME);

        memset(text + 6, '(', (size_t)deep);
        memset(text + n - deep, ')', (size_t)deep);
        if ((parse_line(&line, text, (size_t)n, &env, &err) == 0) != (deep == 64))
            show(text, "nesting", err.text);
        line_release(&line);
    }
    memset(text, ' ', sizeof text);
    memcpy(text, "spawn a", 7);
    if (parse_line(&line, text, LINE_MAX_BYTES, &env, &err) < 0)
        show("65536", "refused", err.text);
    line_release(&line);
    refused.says = "line longer than 65536 bytes";
    check_bad_n(text, LINE_MAX_BYTES + 1, &refused);
    refused = (struct bad){"nul", "NUL byte", 3, 3, NULL};
    check_bad_n("ab\0c", 4, &refused);
    memcpy(text, "print 1", 7);
    for (size_t i = 7; i + 1 < LINE_MAX_BYTES; i += 2)
        memcpy(text + i, "+1", 2);
    if (parse_line(&line, text, 60001, &env, &err) == 0 || strstr(err.text, "2048 parts") == NULL)
        show("1+1+1...", "says", err.text);
    line_release(&line);
    memset(text, '-', 60000);
    memcpy(text, "print ", 6);
    if (parse_line(&line, text, 60000, &env, &err) == 0)
        show("-----", "accepted", "");
}

static void
check_split(void)
{
    static const struct {
        const char *text, *parts;
    } cases[] = {
        {"a; b", "a| b|"},
        {"a", "a|"},
        {"a;", "a|"},
        {"a \";\" b;c", "a \";\" b|c|"},
        {"a ';';c", "a ';'|c|"},
        {"a # x; y\nb", "a # x; y|b|"},
        {"\"a;b\nc;d", "\"a;b|c|d|"},
        {"a\\\";b", "a\\\";b|"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = cases[i].text;
        char got[64] = "";

        for (size_t n = strlen(at), skip; n > 0; at += skip, n -= skip) {
            size_t len = parse_split(at, n, &skip);

            snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s|", (int)len, at);
        }
        if (strcmp(got, cases[i].parts) != 0)
            show(cases[i].text, "split", got);
    }
}

static void
check_names(void)
{
    static const char *const ok[] = {"a", "server", "a_1", "abcdefghijklmnopqrstuvwxyzabcde"};
    static const char *const not [] = {
        "",     "A",   "1a",  "_a",           "a b",     "a-b",
        "../x", "-rf", "a\n", "\xe2\x80\xae", LONG_NAME, "abcdefghijklmnopqrstuvwxyzabcdef"};

    for (size_t i = 0; i < sizeof ok / sizeof ok[0]; i++)
        if (!parse_actor_name_ok(ok[i]))
            show(ok[i], "name", "refused");
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        if (parse_actor_name_ok(not [i]))
            show(not [i], "name", "accepted");
}

int
main(void)
{
    if (fixture_start() < 0)
        return 1;
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
        check_good(&goods[i]);
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++)
        check_bad_n(bads[i].text, strlen(bads[i].text), &bads[i]);
    check_limits();
    check_split();
    check_names();
    catalog_release(&fixture_catalog);
    return failed > 0;
}
