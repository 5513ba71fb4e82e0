/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sessions that ended without cleaning up. The lock of a ledger belongs to its open file, which
 * all processes of the session share: who can take the lock through a file opened by himself knows
 * that none of them holds the ledger any more. Those that closed it, as programs do that were
 * started by execve, are found by their marker. Sweepers keep each other out by the same lock. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "proc/ledger.h"
#include "proc/ledger_parts.h"

/* Opens a ledger whose session is dead, locked; -1 when there is none. */
static int
open_dead(int folder, const char *name)
{
    size_t n = strlen(name), suffix = strlen(".ledger");
    struct stat st, now;
    int fd;

    if (n <= suffix || strcmp(name + n - suffix, ".ledger") != 0)
        return -1;
    fd = openat(folder, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        (st.st_mode & 022) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == st.st_ino &&
        now.st_dev == st.st_dev) /* else another sweeper was quicker */
        return fd;
    close(fd);
    return -1;
}

static bool
sweep_session(int ledger)
{
    const char *own = getenv("IPCLAB_SESSION");
    struct ledger_head head;

    ledger_read_head(ledger, &head);
    if (own != NULL && strcmp(own, head.session) == 0)
        return false; /* we are one of its processes ourselves */
    if (head.session[0] != '\0' && head.this_boot && !ledger_kill_session(head.session, NULL, NULL))
        return false;
    return ledger_sweep_all(ledger) && head.session[0] != '\0';
}

static int
each_dead(const char *folder, bool (*fn)(int ledger))
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), count = 0;
    struct dirent *entry;
    DIR *list;

    if (fd < 0)
        return 0;
    list = folder_unsafe(fd) == NULL ? fdopendir(fd) : NULL;
    if (list == NULL) {
        close(fd);
        return 0;
    }
    while ((entry = readdir(list)) != NULL) {
        int ledger = open_dead(fd, entry->d_name);

        if (ledger < 0)
            continue;
        count += fn(ledger);
        close(ledger);
    }
    closedir(list);
    return count;
}

static bool
is_dead(int ledger)
{
    struct ledger_head head;

    ledger_read_head(ledger, &head);
    return head.session[0] != '\0';
}

int
ledger_sweep_dead(const char *folder)
{
    return each_dead(folder, sweep_session);
}

int
ledger_count_dead(const char *folder)
{
    return each_dead(folder, is_dead);
}
