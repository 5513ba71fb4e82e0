/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much memory the processes of a judged world have together. A limit of each process does not
 * bound their number times it, and control groups are rarely the user's own, so the world's first
 * process adds up: first what costs little and counts shared pages more than once, and only where
 * that is too much what the kernel divides exactly. What lies in folders and in objects of System V
 * has limits of its own; it is in the sum, too. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "proc/judged.h"

enum {
    MAX_INODES = 4096, /* files without a name that are counted once */
    MANY_TIMES = 3,    /* the limit: nothing that shares its memory honestly comes to that */
};

struct sum {
    long long rough;          /* pages of processes, shared ones as often as they are mapped */
    long long own, shared;    /* exactly */
    long long hidden;         /* files in memory that no folder shows (memfd_create) */
    long long most;           /* of one process */
    pid_t who;                /* it */
    ino_t inodes[MAX_INODES]; /* counted in hidden */
    int ninodes;
};

/* KiB behind a word at the start of a line of a file of /proc, as bytes; 0: it is not there. */
static long long
bytes_behind(const char *text, const char *word)
{
    const char *at = strstr(text, word);

    return at != NULL ? strtoll(at + strlen(word), NULL, 10) * 1024 : 0;
}

static bool
read_file(pid_t pid, const char *name, char *text, size_t room)
{
    char path[64];
    ssize_t n;
    int fd;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd >= 0 ? read(fd, text, room - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static void
add_roughly(struct sum *s, pid_t pid)
{
    char text[4096];
    long long bytes;

    if (!read_file(pid, "status", text, sizeof text))
        return;
    bytes = bytes_behind(text, "RssAnon:") + bytes_behind(text, "RssShmem:");
    s->rough += bytes;
    if (bytes > s->most && pid != 1) {
        s->most = bytes;
        s->who = pid;
    }
}

static void
add_exactly(struct sum *s, pid_t pid)
{
    char text[4096];

    if (!read_file(pid, "smaps_rollup", text, sizeof text))
        return;
    s->own += bytes_behind(text, "Pss_Anon:");
    s->shared += bytes_behind(text, "Pss_Shmem:");
}

static bool
is_new(struct sum *s, ino_t inode)
{
    for (int i = 0; i < s->ninodes; i++)
        if (s->inodes[i] == inode)
            return false;
    if (s->ninodes < MAX_INODES)
        s->inodes[s->ninodes++] = inode;
    return true;
}

/* Looking at a descriptor this way opens nothing, so it changes nothing. */
static void
add_hidden(struct sum *s, pid_t pid)
{
    char path[64];
    const struct dirent *entry;
    long long bytes = 0;
    struct stat st;
    DIR *fds;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    fds = opendir(path);
    while (fds != NULL && (entry = readdir(fds)) != NULL)
        if (entry->d_name[0] != '.' && fstatat(dirfd(fds), entry->d_name, &st, 0) == 0 &&
            S_ISREG(st.st_mode) && st.st_nlink == 0 && st.st_blocks > 0 && is_new(s, st.st_ino))
            bytes += (long long)st.st_blocks * 512;
    if (fds != NULL)
        closedir(fds);
    s->hidden += bytes;
    if (bytes > s->most && pid != 1) {
        s->most = bytes;
        s->who = pid;
    }
}

static void
each_process(struct sum *s, void (*add)(struct sum *, pid_t))
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    while (proc != NULL && (entry = readdir(proc)) != NULL)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            add(s, (pid_t)strtol(entry->d_name, NULL, 10));
    if (proc != NULL)
        closedir(proc);
}

/* Pages of System V segments, also of those that nobody has attached. */
static long long
segments(void)
{
    struct shm_info info;

    if (shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info) < 0)
        return 0;
    return (long long)info.shm_rss * sysconf(_SC_PAGESIZE);
}

/* Off the CPU that the world shares, where there are others: there it would be one of very many. */
static void
hurry(void)
{
    cpu_set_t all;

    memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all);
}

/* Far too much, and growing while it is counted: all processes of the world but this one. */
static bool
end_all(const struct sum *s, long long bytes)
{
    return bytes > MANY_TIMES * JUDGED_WORLD_BYTES && s->who > 0 && kill(-1, SIGKILL) == 0;
}

bool
judged_memory_over(long long *bytes)
{
    static struct sum s;
    long long mapped;

    s.rough = s.own = s.shared = s.hidden = s.most = s.ninodes = 0;
    s.who = 0;
    each_process(&s, add_roughly);
    each_process(&s, add_hidden);
    mapped = segments() + s.hidden; /* or not: each page may be in both, and is in one */
    *bytes = s.rough + mapped;
    if (*bytes <= JUDGED_WORLD_BYTES)
        return false;
    hurry();
    if (end_all(&s, *bytes))
        return true;
    each_process(&s, add_exactly);
    *bytes = s.own + (s.shared > mapped ? s.shared : mapped);
    if (end_all(&s, *bytes * 2))
        return true;
    return *bytes > JUDGED_WORLD_BYTES && s.who > 0 && kill(s.who, SIGKILL) == 0;
}
