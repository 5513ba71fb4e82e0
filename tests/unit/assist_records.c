/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kinds of arguments that no plugin of ours may have just now: signals, processes, streams, calls
 * that take anything. */
#include "assist_fake.h"

static int failures;

static void
check(const char *line, const char *wanted, const char *hint)
{
    struct buf got = {0}, grey = {0};
    struct completion c;

    complete_line(&fake, line, strlen(line), &c);
    hint_line(&fake, line, strlen(line), &grey);
    for (int i = 0; i < c.n; i++)
        buf_printf(&got, "%s%s", i > 0 ? " " : "", c.list[i].text);
    if (strcmp(buf_text(&got), wanted) != 0 || strcmp(buf_text(&grey), hint) != 0) {
        failures++;
        fprintf(stderr, "`%s|`: wanted %s and %s, got %s and %s\n", line, wanted, hint,
                buf_text(&got), buf_text(&grey));
    }
    complete_release(&c);
    buf_release(&got);
    buf_release(&grey);
}

static void
check_about(const char *line, const char *about)
{
    struct completion c;

    complete_line(&fake, line, strlen(line), &c);
    if (c.n != 1 || strcmp(c.list[0].about, about) != 0) {
        failures++;
        fprintf(stderr, "`%s|`: wanted %s, got %s\n", line, about, c.n == 1 ? c.list[0].about : "");
    }
    complete_release(&c);
}

int
main(void)
{
    fake_start();
    check("server kill(", "server child gone", "pid_t pid, int sig)");
    check("server kill(child, ", "SIGUSR1 SIGKILL", "int sig)");
    check("server kill(child, SIGU", "SIGUSR1", "SR1)");
    check("server kill child SIGK", "SIGKILL", "ILL");
    check_about("server kill(child, SIGK", "ends");
    check("server waitpid(ch", "child", "ild, [int *wstatus], [int options])");
    check("server wait(", "wstatus NULL", "[int *wstatus])");
    check("server fdopen(3, ", "text shm", "const char *mode)");
    check("server fprintf(f, \"%d\", 1, ", "pipefd text shm errno", "values...)");
    check("server execve(\"x\", \"y\", ", "text shm", "const char *argv...)");
    check("server fork(", "child2", "[name])");
    check("server exit(", "", "[int status])");
    check("server strcpy(sh", "shm shmget shmat", "");
    check("server strcpy shm t", "text", "");
    check("server shmget(1, 2, 0666|IPC_CREAT|IPC_", "IPC_EXCL", "EXCL)");
    return failures > 0;
}
