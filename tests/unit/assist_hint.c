/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grey text behind the cursor: the rest of the prototype as it shrinks, the rest of a word that
 * can only be one, usages; and nothing where nothing is known. */
#include "assist_fixture.h"

static const char *const story[] = {
    "spawn server client",
    "server shmid = shmget(5678, 27, IPC_CREAT|0666)",
    "server shm = shmat(shmid)",
    "client pipe(pipefd)",
    "client fork(child)",
    "client char text[64]",
    "child read(pipefd[0], buf, 1)",
};

static const struct {
    const char *line, *wanted;
} hints[] = {
    /* shrinking, argument by argument */
    {"server shmget", "(key_t key, size_t size, [int shmflg])"},
    {"server shmget(", "key_t key, size_t size, [int shmflg])"},
    {"server shmget(5678", ", size_t size, [int shmflg])"},
    {"server shmget(5678,", " size_t size, [int shmflg])"},
    {"server shmget(5678, ", "size_t size, [int shmflg])"},
    {"server shmget(5678, 27", ", [int shmflg])"},
    {"server shmget(5678, 27, ", "[int shmflg])"},
    {"server shmget(5678, 27, IPC_CREAT|0666", ")"},
    {"server shmget(5678, 27, IPC_CREAT|", ""},
    {"server shmget(5678, 27, IPC_CREAT|0666)", ""},
    {"server shmget(5678, 27, 0666, ", ""},
    {"client nosuchcall", ""},
    {"client kill", "(pid_t pid, int sig)"},
    {"client signal(SIGUSR1, ", "sighandler_t handler)"},
    {"client signal(SIGUSR1, mine", ")"},
    {"client signal(SIGUSR1, hand", "ler)"},
    {"client sigprocmask(SIG_BLOCK, ", "int sig...)"},
    {"client pipe(", "int pipefd[2])"},
    {"client pipe(pipefd", ")"},
    {"client pipe(other", ")"},
    {"client read(pipefd[0], here", ", [size_t count])"},
    {"client fork(", "[child])"},
    {"client fork(other", ")"},
    {"client getpid(", ")"},
    {"client getpid", "()"},
    /* calls that are flattened, and those that take any number */
    {"client poll(", "int fd, int events, int ms, int more...)"},
    {"client poll(3, POLLIN, 0, 4, ", "int more...)"},
    {"client printf(", "const char *format, value...)"},
    {"client printf(\"%d\\n\", ", "value...)"},
    {"client execve(", "const char *path, const char *arg...)"},
    {"client fcntl(3, ", "int cmd, [int arg], [int start], [int len])"},
    /* the shell form */
    {"server shmget ", "key size [shmflg]"},
    {"server shmget 5678", " size [shmflg]"},
    {"server shmget 5678 ", "size [shmflg]"},
    {"client open f", " flags [mode]"},
    /* nested calls, casts, strings, comments */
    {"client shmat(shmget(5678, 27", ", [int shmflg]), [const void *shmaddr], [int shmflg])"},
    {"client shmat(shmget(5678, 27, 0666)", ", [const void *shmaddr], [int shmflg])"},
    {"client shmat((int)shmg",
     "et(key_t key, size_t size, [int shmflg]), [const void *shmaddr], [int shmflg])"},
    {"client write(pipefd[1", "], const void *buf, [size_t count])"},
    {"client write(pipefd[1], \"Hello", "\", [size_t count])"},
    {"client write(pipefd[1], \"a, (b", "\", [size_t count])"},
    {"client read(3, /* here */ text", ", [size_t count])"},
    {"client read(3, /* here", ""},
    {"client read(3, text) # rea", ""},
    /* the rest of a word */
    {"server shmg", "et(key_t key, size_t size, [int shmflg])"},
    {"server x = shmg", "et(key_t key, size_t size, [int shmflg])"},
    {"server shm", ""},
    {"server shma", "t(int shmid, [const void *shmaddr], [int shmflg])"},
    {"server shmget(IPC_P", "RIVATE, size_t size, [int shmflg])"},
    {"server shmget(ipc_p", ""},
    {"spa", "wn NAME... [on HOST]"},
    {"serv", "er"},
    {"why cl", "ient"},
    {"client pri", ""},
    /* builtins */
    {"spawn", " NAME... [on HOST]"},
    {"spawn ", "NAME... [on HOST]"},
    {"spawn a ", "NAME... on HOST"},
    {"undo ", "[N]"},
    {"undo 2 ", ""},
    {"set ", "[--save] [NAME VALUE]"},
    {"set view ", "VALUE"},
    {"set --save ", "NAME VALUE"},
    {"set --save view ", "VALUE"},
    {"set --save view lanes ", ""},
    {"trace as ", "VIEW"},
    {"trace 5 ", "as VIEW"},
    {"export --force x.svg ", "as VIEW"},
    {"man 2 ", "NAME"},
    {"fds server ", "ACTOR..."},
    {"quit", ""},
    /* statements */
    {"client print ", "EXPR"},
    {"client print", " EXPR"},
    {"client await ", "EXPR"},
    {"client print pipefd[0", "]"},
    {"client x = ", ""},
    {"client int ", ""},
    {"client ", ""},
    {"client", ""},
    {"child ", "waits in read since step 5; `why child`"},
    {"child write(3, ", ""},
    /* nothing */
    {"", ""},
    {" ", ""},
    {"# shmget(", ""},
    {"nobody shmget(", ""},
    {"server nothing(", ""},
    {"server shmget(5678))", ""},
};

static void
check_hint(const char *line, const char *wanted)
{
    struct buf got = {0};

    hint_line(&fixture_session, line, strlen(line), &got);
    if (strcmp(buf_text(&got), wanted) != 0)
        fixture_fail(line, "hint", wanted, buf_text(&got));
    buf_release(&got);
}

/* What is typed after `use`, and what a tour suggests. */
static void
check_states(void)
{
    fixture_tell("use server");
    check_hint("shmget(", "key_t key, size_t size, [int shmflg])");
    check_hint("shmg", "et(key_t key, size_t size, [int shmflg])");
    check_hint("wait ", "[ACTOR]");
    check_hint("wait(", "[int *status])");
    fixture_tell("use");
    check_hint("shmget(", "");
    fixture_session.suggestion = strdup("server print shm\x1b[31m");
    check_hint("", "server print shm\\x1b[31m");
    check_hint("s", "");
    free(fixture_session.suggestion);
    fixture_session.suggestion = NULL;
    fixture_session.interactive = false; /* no abbreviations in scripts */
    check_hint("server shmg(", "");
    fixture_session.interactive = true;
    check_hint("server shmg(", "key_t key, size_t size, [int shmflg])");
}

int
main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    fixture_start(argv[1]);
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        fixture_tell(story[i]);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        check_hint(hints[i].line, hints[i].wanted);
    check_states();
    session_release(&fixture_session);
    return fixture_failures > 0;
}
