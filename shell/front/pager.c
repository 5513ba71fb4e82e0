/* SPDX-License-Identifier: GPL-3.0-or-later
 * See pager.h. */
#include "front/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "base/columns.h"
#include "front/child.h"

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

bool
pager_show(const char *text, size_t n)
{
    const char *pager = command(), *argv[] = {"sh", "-c", pager, NULL};
    int ends[2], status;
    pid_t child;

    if (pager == NULL || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    fflush(stdout);
    setenv("LESS", "FRX", 0); /* colours, no second screen, no waiting at the end of one page */
    status = child_start(argv, ends[0], -1, &child);
    close(ends[0]);
    if (status != 0) {
        close(ends[1]);
        return status == EINTR; /* Ctrl-C: nothing is to be shown any more */
    }
    while (n > 0) { /* until it has seen enough: EPIPE */
        ssize_t did = write(ends[1], text, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did <= 0)
            break;
        text += did;
        n -= (size_t)did;
    }
    close(ends[1]);
    status = child_wait(child);
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}
