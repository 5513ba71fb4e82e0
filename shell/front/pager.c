/* SPDX-License-Identifier: GPL-3.0-or-later
 * See pager.h. */
#include "front/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "base/columns.h"
#include "front/signals.h"

bool
pager_wanted(const char *text, size_t n, int rows, int columns)
{
    int used = 1; /* the prompt comes below it */

    for (size_t at = 0; at < n && used <= rows;) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t line = newline != NULL ? (size_t)(newline - text) - at : n - at;
        size_t wide = columns_of(text + at, line);

        used += wide == 0 ? 1 : (int)((wide + (size_t)columns - 1) / (size_t)columns);
        at += line + 1;
    }
    return used > rows;
}

static bool
is_on_path(const char *name)
{
    const char *path = getenv("PATH");
    char file[512];

    while (path != NULL && *path != '\0') {
        size_t n = strcspn(path, ":");

        snprintf(file, sizeof file, "%.*s/%s", (int)n, path, name);
        if (access(file, X_OK) == 0)
            return true;
        path += n + (path[n] == ':');
    }
    return false;
}

static const char *
command(void)
{
    const char *given = getenv("PAGER");

    if (given != NULL)
        return given[0] == '\0' || strcmp(given, "cat") == 0 ? NULL : given;
    return is_on_path("less") ? "less" : is_on_path("more") ? "more" : NULL;
}

static void __attribute__((noreturn)) become(const char *pager, int input)
{
    front_signals_for_child();
    dup2(input, 0);
    setenv("LESS", "FRX", 0); /* colours, no second screen, no waiting at the end of one page */
    execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
    _exit(127);
}

bool
pager_show(const char *text, size_t n)
{
    const char *pager = command();
    int ends[2], status = 0;
    sigset_t ctrl_c, before;
    pid_t child;

    if (pager == NULL || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    fflush(stdout);
    sigemptyset(&ctrl_c); /* Ctrl-C is the pager's while it has the terminal */
    sigaddset(&ctrl_c, SIGINT);
    sigprocmask(SIG_BLOCK, &ctrl_c, &before);
    child = fork();
    if (child == 0)
        become(pager, ends[0]);
    close(ends[0]);
    while (child > 0 && n > 0) { /* until it has seen enough: EPIPE */
        ssize_t did = write(ends[1], text, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            break;
        text += did;
        n -= (size_t)did;
    }
    close(ends[1]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    sigtimedwait(&ctrl_c, NULL, &(struct timespec){0}); /* it was meant for the pager */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return child > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}
