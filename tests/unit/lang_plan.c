/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines are compiled, carried over as frame bodies and run on the memory of this process, with
 * calls whose results are given here; what each step did is compared as text. Addresses of
 * variables are shown as @offset, texts in quotes. */
#include <sys/wait.h>

#include "lang/eval.h"
#include "lang_fixture.h"

static int failed;
static char segment[64]; /* what shmat returns */

static void
show(const char *text, const char *what, const char *got)
{
    fprintf(stderr, "FAIL '%s': %s: %s\n", text, what, got);
    failed++;
}

static void
value(struct buf *out, int64_t v)
{
    uint64_t u = (uint64_t)v;

    if (u >= LITERAL_BASE && u < LITERAL_BASE + LITERAL_SIZE)
        buf_printf(out, "\"%s\"", (const char *)u);
    else if (u >= ARENA_BASE && u < LITERAL_BASE)
        buf_printf(out, "@%llu", (unsigned long long)(u - ARENA_BASE));
    else if (u >= (uint64_t)segment && u < (uint64_t)segment + sizeof segment)
        buf_printf(out, "seg+%llu", (unsigned long long)(u - (uint64_t)segment));
    else
        buf_int(out, v);
}

static int64_t
call(const char *name)
{
    static const struct {
        const char *name;
        int64_t result;
    } results[] = {{"shmget", 5}, {"fork", 7}, {"read", 3}, {"getpid", 41}, {"open", 3}};

    if (strcmp(name, "shmat") == 0)
        return (int64_t)segment;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (strcmp(results[i].name, name) == 0)
            return results[i].result;
    return 0;
}

static void
printed(struct buf *out, const struct eval_step *s, int64_t v)
{
    uint64_t at = (uint64_t)v;

    if (s->value_shape == SHAPE_TEXT)
        buf_printf(out, "'%.*s'", s->value_count > 0 ? (int)s->value_count : 999, (const char *)at);
    else if (s->value_shape == SHAPE_INTS)
        for (uint32_t i = 0; i < s->value_count; i++)
            buf_printf(out, "%s%d", i > 0 ? "," : "", ((const int *)at)[i]);
    else if (s->value_shape == SHAPE_LONGS)
        for (uint32_t i = 0; i < s->value_count; i++)
            buf_printf(out, "%s%ld", i > 0 ? "," : "", ((const long *)at)[i]);
    else
        value(out, v);
}

/* One step as an actor does it. */
static int64_t
step(const struct plan *plan, int i, const int64_t *results, struct buf *out)
{
    struct buf body = {0};
    struct eval_step s;
    int64_t result = 0;

    plan_encode(&body, plan, i, results);
    if (!eval_decode(&s, body.data, body.len)) {
        show(plan->source, "not decoded", plan->steps[i].name);
        buf_release(&body);
        return 0;
    }
    buf_printf(out, "%s%s", i > 0 ? "; " : "", plan->steps[i].name);
    if (s.kind == STEP_CALL) {
        for (int a = 0; a < s.nargs; a++) {
            buf_putc(out, a > 0 ? ',' : '(');
            value(out, eval_run(s.args[a]));
        }
        buf_puts(out, s.nargs > 0 ? ")" : "()");
        if (*s.new_actor != '\0')
            buf_printf(out, " makes %s", s.new_actor);
        result = call(plan->steps[i].name);
    } else {
        result = eval_run(s.args[0]);
        buf_putc(out, ' ');
        if (s.kind == STEP_PRINT)
            printed(out, &s, result);
        else
            value(out, result);
    }
    if (s.target.n > 0)
        eval_store((uint64_t)eval_run(s.target), s.target_width, result);
    buf_release(&body);
    return result;
}

/* Runs the lines; what the last one did is in out. -1 and *err when one was refused. */
static int
run(struct symtab *symtab, const char *lines, struct buf *out, struct err *err)
{
    struct parse_env penv = fixture_parse_env("server", false);
    struct plan_env env = fixture_plan_env(symtab, "server");

    for (const char *at = lines; *at != '\0';) {
        size_t n = strcspn(at, "\n");
        int64_t results[PLAN_MAX_STEPS];
        struct line line;
        struct plan plan;

        buf_clear(out);
        if (parse_line(&line, at, n, &penv, err) < 0)
            return -1;
        if (plan_compile(&plan, &line, &env, err) < 0) {
            line_release(&line);
            return -1;
        }
        for (int i = 0; i < plan.n; i++)
            results[i] = step(&plan, i, results, out);
        plan_release(&plan);
        line_release(&line);
        at += n + (at[n] == '\n');
    }
    return 0;
}

static const struct {
    const char *lines, *did;
} goods[] = {
    /* numbers and operators */
    {"print 1 + 2 * 3 - 4 / 2", "print 5"},
    {"print (1 + 2) * 3 % 4", "print 1"},
    {"print 0x1f + 010 + 'a' + '\\n'", "print 146"},
    {"print '\\x41' + '\\101' + '\\0'", "print 130"},
    {"print 1 << 4 | 3 & 6 ^ 1", "print 19"},
    {"print -7 / 2", "print -3"},
    {"print -7 % 3", "print -1"},
    {"print -1 >> 1", "print -1"},
    {"print ~0 == -1", "print 1"},
    {"print !5 + !0", "print 1"},
    {"print 1 < 2 == 2 > 1", "print 1"},
    {"print 1 <= 0 || 2 >= 3 || 5 != 5", "print 0"},
    {"print 0 && 1 / 0", "print 0"},
    {"print 7 || 1 / 0", "print 1"},
    {"print 1 && 2 && 3 || 0", "print 1"},
    {"print 1 && (0 || (1 && (0 || 9)))", "print 1"},
    {"print 9223372036854775807 + 1 < 0", "print 1"},
    {"print (int) 4294967297", "print 1"},
    {"print (char) 511", "print -1"},
    {"print IPC_CREAT|IPC_EXCL", "print 1536"},
    {"print sizeof(int) + sizeof(char *)", "print 12"},
    {"char b[20]\nprint sizeof(b) + sizeof(b[0])", "print 21"},
    {"print child", "print 41"},
    {"print NULL", "print 0"},
    {"print errno", "print 0"},
    /* variables, pointers, arrays */
    {"int n = 5\nn = n + 1\nprint n", "print 6"},
    {"n = 4294967296 + 7\nprint n", "print 4294967303"},
    {"int n\nn = 4294967296 + 7\nprint n", "print 7"},
    {"char c = 300\nprint c", "print 44"},
    {"long l = 1\nl = l << 40\nprint l", "print 1099511627776"},
    {"x = 5", "= 5"},
    {"s = \"text\"\nprint s", "print 'text'"},
    {"s = \"text\"\nprint s + 2", "print 'xt'"},
    {"s = \"text\"\nprint *(s + 1) == 'e' && s[3] == 't'", "print 1"},
    {"print \"ab\" \"cd\"", "print 'abcd'"},
    {"int a[3]\na[0] = 7\na[2] = a[0] + 1\nprint a", "print 7,0,8"},
    {"long a[2]\na[1] = -1\nprint a", "print 0,-1"},
    {"int a[3]\nprint &a[2] - a", "print 2"},
    {"int a[3]\nprint &a[2] - &a[0] == 2 && 1 + a == &a[1]", "print 1"},
    {"int a[3]\nint *p = &a[1]\n*p = 9\np = p - 1\nprint p[1]", "print 9"},
    {"int x = 3\nint *p = &x\nint **q = &p\n**q = 4\nprint x", "print 4"},
    {"int x\nprint &x", "print @16"},
    {"char b[4]\nb[0] = 'h'\nb[1] = 'i'\nprint b", "print 'hi'"},
    {"char b[2]\nb[0] = 'h'\nb[1] = 'i'\nprint b", "print 'hi'"},
    {"char b[4]\nchar *p = b\n*p = 'z'\nprint b", "print 'z'"},
    {"int x = 1\nchar x[3]\nprint sizeof(x)", "print 3"},
    {"long big[2]\nbig[0] = 1\nbig[big[0]] = 5\nprint big", "print 1,5"},
    {"p = (char *) -1\nprint p == (char *) -1", "print 1"},
    {"void *v = 0\nprint v == NULL", "print 1"},
    {"p = NULL\nprint !p", "print 1"},
    /* calls */
    {"shmid = shmget(5678, 27, IPC_CREAT|0666)", "shmget(5678,27,950)"},
    {"shmget(1, 2)", "shmget(1,2,438)"},
    {"shmget 5678 27 IPC_CREAT|0666", "shmget(5678,27,950)"},
    {"shmid = shmget(1, 2)\nprint shmid", "print 5"},
    {"shm = shmat(shmget(5678, 27, 0666), NULL, 0)", "shmget(5678,27,438); shmat(5,0,0)"},
    {"shm = shmat(1)\n*shm = '*'\nprint shm", "print '*'"},
    {"shm = shmat(1)\nawait *shm == '*'", "await 0"},
    {"int *p = shmat(1)\nprint p + 1", "print seg+4"},
    {"p = (int *) shmat(1)\nprint p + 1", "print seg+4"},
    {"strcpy(shmat(1), \"abc\")", "shmat(1,0,0); strcpy(seg+0,\"abc\")"},
    {"x = shmget(1, 2) + 1", "shmget(1,2,438); = 6"},
    {"print shmget(1, 2) + getpid()", "shmget(1,2,438); getpid(); print 46"},
    {"int a[2]\na[1] = getpid()\nprint a", "print 0,41"},
    {"getpid() && 1\n", ""},
    {"print getpid() && 1", "getpid(); print 1"},
    {"pipe(pipefd)", "pipe(@16)"},
    {"pipe(pipefd)\nclose(pipefd[0])", "close(0)"},
    {"int pipefd[2];\npipe(pipefd)", "pipe(@16)"},
    {"int fds[4]\npipe(&fds[2])", "pipe(@24)"},
    {"wait(status)", "wait(@16)"},
    {"wait(&status)", "wait(@16)"},
    {"int status\nwait(status)", "wait(@16)"},
    {"wait(NULL)", "wait(0)"},
    {"wait()", "wait(0)"},
    {"waitpid(child, status)", "waitpid(41,@16,0)"},
    {"int child = 6\nkill(child, SIGUSR1)", ""},
    {"kill(child, SIGUSR1)", "kill(41,10)"},
    {"kill -1 9", "kill(-1,9)"},
    {"fork(kid)", "fork(\"kid\") makes kid"},
    {"fork kid", "fork(\"kid\") makes kid"},
    {"fork()", "fork(0)"},
    {"pid = fork(kid)\nprint pid", "print 7"},
    {"read(3, recv, 32)\nprint sizeof(recv)", "print 32"},
    {"read(3, recv)\nprint sizeof(recv)", "print 4096"},
    {"int n = 5\nread(3, recv, n)\nprint sizeof(recv)", "print 65536"},
    {"char buf[8]\nread(3, buf)", "read(3,@16,8)"},
    {"read(3, &c, 1)\nprint sizeof(c)", "print 1"},
    {"int x\nread(3, &x, 4)", "read(3,@16,4)"},
    {"char buf[8]\nread(3, buf + 2, 6)", "read(3,@18,6)"},
    {"shm = shmat(1)\nread(3, shm, 4)", "read(3,seg+0,4)"},
    {"write(1, \"Hello World\\n\")", "write(1,\"Hello World\n\",12)"},
    {"write(1, \"a\\0b\")", "write(1,\"a\",3)"},
    {"s = \"four\"\nwrite(1, s)", "write(1,\"four\",4)"},
    {"s = \"four\"\nwrite(1, s, 2)", "write(1,\"four\",2)"},
    {"write 1 hello", "write(1,\"hello\",5)"},
    {"open /tmp/a-b.txt 0 0600", "open(\"/tmp/a-b.txt\",0,384)"},
    {"open name", "open(\"name\",0,420)"},
    {"s = \"file\"\nopen s", "open(\"file\",0,420)"},
    {"execve /bin/ls ls -l 666", "execve(\"/bin/ls\",\"ls\",\"-l\",\"666\")"},
    {"execve(\"/bin/ls\")", "execve(\"/bin/ls\")"},
    {"FILE *out = fdopen(3, \"w\")\nfprintf(out, \"%d %s\", 5, \"x\")",
     "fprintf(0,\"%d %s\",5,\"x\")"},
    {"f = fdopen(3, \"r\")\nfscanf(f, \"%s\", word)\nprint sizeof(word)", "print 4096"},
    {"f = fdopen(3, \"r\")\nfscanf(f, \"%d %*s %5ld\", n, m)\nprint sizeof(n) + sizeof(m)",
     "print 12"},
    {"f = fdopen(3, \"r\")\nfscanf(f, \"%d\", &n)\nfscanf(f, \"%d\", n)\nprint sizeof(n)",
     "print 4"},
    {"exit()", "exit(0)"},
    {"exit(1);", "exit(1)"},
    {"mode = 0x1a\nshmget(1, 2, 100 + 900)", "shmget(1,2,1000)"},
    {"shmget(666, 777)", "shmget(666,777,438)"},
};

static const struct {
    const char *lines, *says;
    int col, end;
} bads[] = {
    {"read(0, child, 3)", "'child' is an actor; a variable needs another name", 9, 13},
    {"pipe(&child)", "'child' is an actor; a variable needs another name", 7, 11},
    {"read(0, \"abc\", 3)", "a variable is expected, not a text", 9, 13},
    {"shmget(5678, 27, 666)", "666 is decimal here (= 01232); did you mean 0666?", 18, 20},
    {"shmget(5678, 27, IPC_CREAT|777)", "777 is decimal here (= 01411); did you mean 0777?", 28,
     30},
    {"open(\"x\", 0, 600)", "600 is decimal here", 14, 16},
    {"shmget(5678)", "shmget: size is missing: int shmget(key_t key, size_t size, int shmflg)", 1,
     12},
    {"close(1, 2)", "close takes at most 1 argument: int close(int fd)", 10, 10},
    {"getpid(1)", "getpid takes no arguments here", 8, 8},
    {"shmget(1, -1)", "shmget: size is at least 0, not -1", 11, 12},
    {"kill(1, 65)", "kill: sig goes from 0 to 64, not 65", 9, 10},
    {"close(4294967296)", "fd goes from -2147483648 to 2147483647", 7, 16},
    {"open(\"x\", 0, 010000)", "mode goes from 0 to 07777", 14, 19},
    {"print shmid", "server has no variable 'shmid'; client has one, but processes share no memory",
     7, 11},
    {"shmod = 5\nprint shmdo", "server has no variable 'shmdo'; did you mean shmod?", 7, 11},
    {"shmget(1, 2, IPC_CREATE)", "'IPC_CREATE' is no constant or variable; did you mean IPC_CREAT?",
     14, 23},
    {"shmget(1, 2, ipc_creat)", "no variable 'ipc_creat'; did you mean IPC_CREAT?", 14, 22},
    {"print getpid", "a call has its arguments in brackets: getpid(...)", 7, 12},
    {"shmid = 1\nprint SHMID", "did you mean shmid?", 7, 11},
    {"kill(chidl, 9)", "did you mean child?", 6, 10},
    {"child = 5", "'child' is an actor", 1, 5},
    {"int child", "'child' is an actor", 5, 9},
    {"IPC_CREAT = 5", "is a constant", 1, 9},
    {"print = 5", "unexpected '='", 7, 7},
    {"int sizeof = 5", "the word is taken", 5, 10},
    {"int errno", "the word is taken", 5, 9},
    {"int abcdefghijklmnopqrstuvwxyzabcdef", "at most 31 bytes", 5, 36},
    {"close(\"x\")", "close: fd is a number, this is a char *", 7, 9},
    {"pipe(p)\nclose(p)", "close: fd is a number, this is an int *; did you mean p[0]?", 7, 7},
    {"int n\nwrite(1, n, 4)", "did you mean &n?", 10, 10},
    {"write(1, 5, 4)", "buf is the address of bytes or a text", 10, 10},
    {"write(1, NULL, 4)", "write: buf may not be NULL", 10, 13},
    {"int n\nread(3, n, 4)",
     "read: buf is filled by the call and needs a buffer, this is an int; "
     "did you mean &n?",
     9, 9},
    {"read(3, \"x\", 4)", "a variable is expected, not a text", 9, 11},
    {"int n\npipe(n)", "pipe: pipefd needs 2 ints, n has room for 1", 6, 6},
    {"long n\nwait(&n)", "needs ints", 6, 7},
    {"char *s\npipe(s)", "needs ints", 6, 6},
    {"fprintf(5, \"x\")", "fprintf: stream is a FILE *", 9, 9},
    {"s = \"x\"\nfprintf(s, \"x\")", "stream is a FILE *", 9, 9},
    {"f = fdopen(1, \"w\")\nprint *f", "inside a FILE", 8, 8},
    {"f = fdopen(1, \"w\")\nwrite(1, f, 2)", "this is a FILE *", 10, 10},
    {"fork(1)", "is the name of the new actor", 6, 6},
    {"fork(Kid)", "an actor's name has small letters", 6, 8},
    {"fork(close)", "'close' is a call", 6, 10},
    {"x = 1\nfork(x)", "is a variable of server", 6, 6},
    {"x = exit(1)", "exit returns nothing", 5, 11},
    {"print exit(1)", "exit returns nothing", 7, 13},
    {"await getpid() == 1", "makes no calls", 7, 14},
    {"print 1 && getpid()", "depends on what stands left", 12, 19},
    {"print 0 || 1 + getpid()", "depends on what stands left", 16, 23},
    {"print *5", "this is a number (int), not a pointer", 8, 8},
    {"int n\nprint n[0]", "not a pointer", 7, 7},
    {"void *v = 0\nprint *v", "points to nothing that has a size", 8, 8},
    {"print &5", "has no address", 8, 8},
    {"print &IPC_CREAT", "is a constant, it has no address", 8, 16},
    {"char b[4]\nb = \"x\"", "strcpy writes into it", 1, 1},
    {"s = \"x\"\nprint s * 2", "needs numbers", 7, 11},
    {"s = \"x\"\nprint s + s", "a sum of two addresses", 7, 11},
    {"s = \"x\"\nprint -s", "- needs a number", 7, 8},
    {"int n\nn = shmat(1)", "cannot hold an address", 1, 1},
    {"s = \"x\"\ns = getpid()", "cannot hold a number", 5, 12},
    {"shm = shmat(1)\n*shm = \"x\"", "cannot hold an address", 1, 4},
    {"print (void) 1", "cannot be made a void", 7, 14},
    {"char huge[4194304]\n", "no room for 'huge'", 6, 9},
};

static void
check_good(const char *lines, const char *did)
{
    struct symtab symtab;
    struct buf out = {0};
    struct err err;
    bool refused;

    memset((void *)ARENA_BASE, 0, 4096);
    memset(segment, 0, sizeof segment);
    symtab_init(&symtab);
    refused = run(&symtab, lines, &out, &err) < 0;
    if (refused != (*did == '\0'))
        show(lines, "refused", refused ? err.text : "no");
    else if (!refused && strcmp(buf_text(&out), did) != 0)
        show(lines, "did", buf_text(&out));
    buf_release(&out);
    symtab_release(&symtab);
}

static bool
same(const struct symtab *a, const struct symtab *b)
{
    return a->n == b->n && a->next == b->next && a->next_literal == b->next_literal &&
           a->nliterals == b->nliterals &&
           memcmp(a->vars, b->vars, (size_t)a->n * sizeof *a->vars) == 0 &&
           memcmp(a->sorted, b->sorted, (size_t)a->n * sizeof *a->sorted) == 0;
}

/* The last of the lines is refused, and the symbol table is then as before it. */
static void
check_bad(const char *lines, const char *says, int col, int end)
{
    char first[200] = "", place[80];
    const char *last = strrchr(lines, '\n');
    struct symtab symtab, before;
    struct buf out = {0};
    struct err err;

    if (last != NULL && last[1] == '\0')
        last = NULL;
    if (last != NULL)
        snprintf(first, sizeof first, "%.*s", (int)(last - lines), lines);
    memset((void *)ARENA_BASE, 0, 4096);
    symtab_init(&symtab);
    if (run(&symtab, first, &out, &err) < 0)
        show(first, "refused", err.text);
    symtab_copy(&before, &symtab);
    if (run(&symtab, last != NULL ? last + 1 : lines, &out, &err) == 0)
        show(lines, "accepted", buf_text(&out));
    else if (strstr(err.text, says) == NULL)
        show(lines, "says", err.text);
    else if (err.col != col || err.end != end) {
        snprintf(place, sizeof place, "%d-%d", err.col, err.end);
        show(lines, "place", place);
    }
    if (!same(&symtab, &before))
        show(lines, "symbol table", "changed");
    buf_release(&out);
    symtab_release(&symtab);
    symtab_release(&before);
}

/* What was made before the place of the error is taken back, and made the same way again. */
static void
check_rollback(void)
{
    static const char *const wrong[] = {
        "write(open(\"new\"), \"other\", nothing)", "read(3, buf, \"x\")",       "int x = nothing",
        "char x = shmat(pipe(fds), \"text\", 0)",   "fork(a1) + \"text\" + fds",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct symtab symtab, before;
        struct buf out = {0};
        struct err err;

        symtab_init(&symtab);
        run(&symtab, "int x = 3\ns = \"kept\"\nt = \"too\"", &out, &err);
        symtab_copy(&before, &symtab);
        if (run(&symtab, wrong[i], &out, &err) == 0 || !same(&symtab, &before))
            show(wrong[i], "rollback", err.text);
        if (run(&symtab, "write(1, \"kept\")\nwrite(1, \"new\")", &out, &err) < 0 ||
            strcmp(buf_text(&out), "write(1,\"new\",3)") != 0)
            show(wrong[i], "afterwards", buf_text(&out));
        buf_release(&out);
        symtab_release(&symtab);
        symtab_release(&before);
    }
}

static void
check_texts(void)
{
    static const struct {
        const char *text;
        bool plain;
    } args[] = {{"(1 + 2)", false}, {"&a[0]", true},  {"*p", true},     {"a[1]", true},
                {"n", true},        {"\"x\"", false}, {"child", false}, {"recv", true}};
    struct parse_env penv = fixture_parse_env("server", true);
    struct symtab symtab;
    struct plan_env env = fixture_plan_env(&symtab, "server");
    struct buf out = {0};
    struct err err;

    symtab_init(&symtab);
    run(&symtab, "int a[2]\nint n\nchar *p = 0\nFILE *f = 0", &out, &err);
    for (size_t i = 0; i < sizeof args / sizeof args[0]; i++) {
        char text[64];
        struct line line;
        struct plan plan;

        snprintf(text, sizeof text,
                 strcmp(args[i].text, "recv") == 0 ? "read(3,  %s , 4)" : "fprintf(f, \"\",  %s )",
                 args[i].text);
        if (parse_line(&line, text, strlen(text), &penv, &err) < 0 ||
            plan_compile(&plan, &line, &env, &err) < 0) {
            show(text, "refused", err.text);
            line_release(&line);
            continue;
        }
        int at = strcmp(args[i].text, "recv") == 0 ? 1 : 2;

        if (strcmp(plan.steps[0].args[at].text, args[i].text) != 0 ||
            plan.steps[0].args[at].plain != args[i].plain)
            show(text, "argument", plan.steps[0].args[at].text);
        plan_release(&plan);
        line_release(&line);
    }
    buf_release(&out);
    symtab_release(&symtab);
}

/* A child does the lines and must die of the signal, 0: must live. */
static void
check_death(const char *lines, int signal)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct symtab symtab;
        struct buf out = {0};
        struct err err;

        struct sigaction act = {.sa_handler = SIG_DFL}; /* a sanitizer has handlers of its own */
        sigaction(SIGSEGV, &act, NULL);
        sigaction(SIGFPE, &act, NULL);
        symtab_init(&symtab);
        _exit(run(&symtab, lines, &out, &err) < 0);
    }
    waitpid(pid, &status, 0);
    if (signal != 0 ? !WIFSIGNALED(status) || WTERMSIG(status) != signal : status != 0)
        show(lines, "did not end as it should", "");
}

static void
check_left(void)
{
    struct symtab symtab;
    struct buf out = {0};
    struct err err;

    eval_left_arena(); /* what the cases before left behind */
    memset((void *)ARENA_BASE, 0, 4096);
    symtab_init(&symtab);
    run(&symtab, "char *shm = shmat(1)\ns = \"x\"\nprint *s + s[0] + errno", &out, &err);
    if (eval_left_arena())
        show("errno", "left the arena", "");
    run(&symtab, "print *shm", &out, &err);
    if (!eval_left_arena() || eval_left_arena())
        show("*shm", "did not leave the arena once", "");
    run(&symtab, "*shm = 1", &out, &err);
    if (!eval_left_arena())
        show("*shm = 1", "did not leave the arena", "");
    buf_release(&out);
    symtab_release(&symtab);
}

static void
check_symtab(void)
{
    struct symtab a, b;
    char name[24];
    bool fresh;

    symtab_init(&a);
    for (int i = 1; i < SYMTAB_MAX; i++) {
        snprintf(name, sizeof name, "v%d", i * 7919 % 10007);
        if (symtab_add(&a, name, (struct type){.base = TYPE_INT}) == NULL)
            show(name, "not added", "");
    }
    if (symtab_add(&a, "more", (struct type){.base = TYPE_INT}) != NULL)
        show("more", "added", "");
    for (int i = 1; i < 5000; i++) {
        snprintf(name, sizeof name, "text %d", i);
        symtab_literal(&a, name, strlen(name), &fresh);
        if (!fresh)
            show(name, "not fresh", "");
    }
    symtab_copy(&b, &a);
    for (int i = 1; i < SYMTAB_MAX; i++) {
        snprintf(name, sizeof name, "v%d", i * 7919 % 10007);
        if (symtab_find(&b, name) == NULL ||
            symtab_find(&b, name)->addr != ARENA_BASE + 16UL * (unsigned)i)
            show(name, "not found", "");
    }
    if (symtab_literal(&a, "text 77", 7, &fresh) != symtab_literal(&b, "text 77", 7, &fresh) ||
        fresh)
        show("text 77", "moved", "");
    symtab_release(&a);
    symtab_release(&b);
}

/* The names that pasted lines get, when the actor has variables already. */
static const struct symtab *
pasted_symtab(void *ctx, const char *name)
{
    return strcmp(name, "server") == 0 ? ctx : NULL;
}

static void
check_pasted(void)
{
    static const char *const lines[][2] = {
        {"[pid 41] read(3, \"abc\", 32) = 3", "server read(3, buf, 32)"},
        {"[pid 41] read(3, \"abc\", 10) = 3", "server read(3, buf, 10)"},
        {"[pid 41] read(3, \"abc\"..., 64) = 64", "server read(3, buf2, 64)"},
        {"[pid 41] read(3, \"abc\", 64) = 3", "server read(3, buf2, 64)"},
        {"server int pipefd", "server int pipefd"},
        {"[pid 41] pipe([3, 4]) = 0", "server pipe(pipefd2)"},
        {"[pid 41] waitpid(7, [{WIFEXITED(s)}], 0) = 7", "server waitpid(7, wstatus, 0)"},
        {"server char *wstatus", "server char *wstatus"},
        {"[pid 41] waitpid(7, [{WIFEXITED(s)}], 0) = 7", "server waitpid(7, wstatus2, 0)"},
        {"server waitpid(7, [{WIFEXITED(s)}], 0) = 7", "server waitpid(7, wstatus2, 0)"},
    };
    struct parse_env env = fixture_parse_env(NULL, false);
    struct symtab symtab;

    symtab_init(&symtab);
    env.ctx = &symtab;
    env.symtab_of = pasted_symtab;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct plan_env penv = fixture_plan_env(&symtab, "server");
        struct line line, again;
        struct plan plan;
        struct err err;

        if (parse_line(&line, lines[i][0], strlen(lines[i][0]), &env, &err) < 0) {
            show(lines[i][0], "refused", err.text);
            continue;
        }
        if (strcmp(line.source, lines[i][1]) != 0)
            show(lines[i][0], "source", line.source);
        if (plan_compile(&plan, &line, &penv, &err) < 0)
            show(lines[i][0], "not compiled", err.text);
        plan_release(&plan);
        if (parse_line(&again, line.source, strlen(line.source), &env, &err) < 0 ||
            strcmp(again.source, line.source) != 0)
            show(lines[i][0], "does not read again", line.source);
        line_release(&again);
        line_release(&line);
    }
    symtab_release(&symtab);
}

static void
check_types(void)
{
    static const struct {
        struct type type;
        const char *text;
        size_t size, element;
        bool is_text;
    } types[] = {
        {{TYPE_INT, 0, 2}, "int x[2]", 8, 4, false},
        {{TYPE_CHAR, 1, 0}, "char *x", 8, 1, true},
        {{TYPE_CHAR, 0, 9}, "char x[9]", 9, 1, true},
        {{TYPE_CHAR, 2, 0}, "char **x", 8, 8, false},
        {{TYPE_FILE, 1, 0}, "FILE *x", 8, 0, false},
        {{TYPE_LONG, 0, 0}, "long x", 8, 0, false},
        {{TYPE_CHAR, 1, 3}, "char *x[3]", 24, 8, false},
        {{TYPE_VOID, 1, 0}, "void *x", 8, 0, false},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct buf out = {0};

        type_text(&out, types[i].type, "x");
        if (strcmp(buf_text(&out), types[i].text) != 0 ||
            type_size(types[i].type) != types[i].size ||
            type_element_size(types[i].type) != types[i].element ||
            type_is_text(types[i].type) != types[i].is_text)
            show(types[i].text, "type", buf_text(&out));
        buf_release(&out);
    }
}

int
main(void)
{
    if (fixture_start() < 0 || eval_start() < 0)
        return 1;
    fixture_owner = "client";
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++)
        check_good(goods[i].lines, goods[i].did);
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++)
        check_bad(bads[i].lines, bads[i].says, bads[i].col, bads[i].end);
    check_rollback();
    check_texts();
    check_left();
    check_symtab();
    check_types();
    check_pasted();
    check_death("print 1 / 1", 0);
    check_death("x = 0\nprint 1 / x", SIGFPE);
    check_death("print 1 % 0", SIGFPE);
    check_death("long x = 1\nx = x << 63\nprint x / -1", SIGFPE);
    check_death("p = (char *) 8\nprint *p", SIGSEGV);
    check_death("p = (char *) 8\n*p = 1", SIGSEGV);
    check_death("p = (char *) 8\nwrite(1, p)", SIGSEGV);
    catalog_release(&fixture_catalog);
    return failed > 0;
}
