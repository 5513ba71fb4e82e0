/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kinds of object that a ledger may name, a row each: is something there, and how is it
 * removed if it is what an intent announced. System V objects are looked up in the kernel's own
 * tables: unlike IPC_STAT these show an object that its owner may not read, which is what a
 * forgotten mode makes. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "proc/ledger.h"
#include "proc/ledger_parts.h"

/* The kernel stamps times with a clock that lags by a tick. */
static bool
young_enough(int64_t seconds, const struct intent *intent)
{
    return seconds >= intent->seconds - 1;
}

/* ---- System V ------------------------------------------------------------------------------ */

static int
shm_id(int key)
{
    return shmget(key, 0, 0);
}

static int
msg_id(int key)
{
    return msgget(key, 0);
}

static int
sem_id(int key)
{
    return semget(key, 0, 0);
}

static int
shm_remove(int id)
{
    return shmctl(id, IPC_RMID, NULL);
}

static int
msg_remove(int id)
{
    return msgctl(id, IPC_RMID, NULL);
}

static int
sem_remove(int id)
{
    return semctl(id, 0, IPC_RMID);
}

struct sysv {
    long long key, id, uid, ctime, cpid; /* cpid: 0 when the kernel does not keep it */
};

static int
split_columns(char *line, char *words[], int max)
{
    char *save = NULL;
    int n = 0;

    for (char *w = strtok_r(line, " \t\n", &save); w != NULL && n < max;
         w = strtok_r(NULL, " \t\n", &save))
        words[n++] = w;
    return n;
}

/* Finds the object of this id; the columns are found by their heads. */
static bool
find_sysv(const char *table, int id, struct sysv *found)
{
    enum { COLUMNS = 24 };
    char head[512], line[512], *heads[COLUMNS], *words[COLUMNS];
    FILE *f = fopen(table, "re");
    bool done = false;
    int n;

    if (f == NULL || fgets(head, sizeof head, f) == NULL) {
        if (f != NULL)
            fclose(f);
        return false;
    }
    n = split_columns(head, heads, COLUMNS);
    while (!done && fgets(line, sizeof line, f) != NULL) {
        int have = split_columns(line, words, COLUMNS);

        *found = (struct sysv){.uid = -1};
        for (int i = 0; i < n && i < have; i++) {
            long long value = strtoll(words[i], NULL, 10);

            if (i == 1)
                found->id = value;
            else if (strcmp(heads[i], "key") == 0)
                found->key = value;
            else if (strcmp(heads[i], "uid") == 0)
                found->uid = value;
            else if (strcmp(heads[i], "ctime") == 0)
                found->ctime = value;
            else if (strcmp(heads[i], "cpid") == 0)
                found->cpid = value;
        }
        done = have > 1 && found->id == id;
    }
    fclose(f);
    return done;
}

static bool
sysv_ours(const struct ledger_kind *kind, const struct intent *intent, int id)
{
    struct sysv o;

    return id >= 0 && id != intent->old && find_sysv(kind->table, id, &o) &&
           (int)o.key == intent->key && o.uid == (long long)geteuid() &&
           young_enough(o.ctime, intent) && (o.cpid == 0 || o.cpid == intent->pid);
}

static bool
remove_sysv(const struct ledger_kind *kind, const struct intent *intent)
{
    int id = kind->id_of_key(intent->key);

    return !sysv_ours(kind, intent, id) || kind->remove_id(id) == 0 || errno == EINVAL ||
           errno == EIDRM;
}

/* ---- Files --------------------------------------------------------------------------------- */

static bool
file_ours(int dir, const char *name, const struct intent *intent, bool *folder)
{
    struct statx st;

    if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
        return false;
    *folder = S_ISDIR(st.stx_mode);
    /* Without a time of birth the last change has to do: the name was free when the line was
     * written, so what bears it now is younger in any case. */
    return st.stx_uid == geteuid() &&
           young_enough((st.stx_mask & STATX_BTIME) ? st.stx_btime.tv_sec : st.stx_ctime.tv_sec,
                        intent);
}

static bool
path_taken(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static bool
remove_path(const struct ledger_kind *kind, const struct intent *intent)
{
    const char *name;
    bool folder, gone = true;
    int dir = intent->name[0] == '/' ? folder_parent(intent->name, &name) : -1;

    (void)kind;
    if (dir < 0)
        return true;
    /* A folder with something in it is no longer only what the line announced. */
    if (file_ours(dir, name, intent, &folder))
        gone = unlinkat(dir, name, folder ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT ||
               errno == ENOTEMPTY || errno == EEXIST || errno == EBUSY;
    close(dir);
    return gone;
}

/* Only what is called as a world's folder is ever removed with all in it. */
static bool
remove_world_folder(const struct ledger_kind *kind, const struct intent *intent)
{
    char prefix[64];
    const char *name;
    struct intent any_age = *intent;
    bool folder, gone = true;
    int dir;

    (void)kind;
    snprintf(prefix, sizeof prefix, LEDGER_WORLD_PREFIX "%u-", (unsigned)geteuid());
    if (strncmp(intent->name, prefix, strlen(prefix)) != 0 ||
        strchr(intent->name + strlen(prefix), '/') != NULL)
        return true;
    dir = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return true;
    name = strrchr(intent->name, '/') + 1;
    /* Its age says nothing that the random name does not, and the calendar may have been set. */
    any_age.seconds = INT64_MIN + 1;
    if (file_ours(dir, name, &any_age, &folder) && folder)
        gone = folder_remove(dir, name);
    close(dir);
    return gone;
}

/* ---- POSIX names --------------------------------------------------------------------------- */

/* The file in which the kernel shows the name; false when there can be none. */
static bool
shown_as(const struct ledger_kind *kind, const char *name, char *file, size_t room)
{
    name += strspn(name, "/");
    if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    return (size_t)snprintf(file, room, "%s%s", kind->prefix, name) < room;
}

static bool
name_taken(const struct ledger_kind *kind, const char *name)
{
    char file[NAME_MAX + 1], path[NAME_MAX + 64];
    struct stat st;

    if (!shown_as(kind, name, file, sizeof file))
        return true; /* no object can be made under it */
    snprintf(path, sizeof path, "%s/%s", kind->folder, file);
    return lstat(path, &st) == 0;
}

static bool
shm_taken(const char *name)
{
    return name_taken(ledger_kind("posix_shm"), name);
}

static bool
sem_taken(const char *name)
{
    return name_taken(ledger_kind("posix_sem"), name);
}

static bool
remove_name(const struct ledger_kind *kind, const struct intent *intent)
{
    char file[NAME_MAX + 1];
    bool folder, gone = true;
    int dir;

    if (!shown_as(kind, intent->name, file, sizeof file))
        return true;
    dir = open(kind->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return true;
    if (file_ours(dir, file, intent, &folder) && !folder)
        gone = unlinkat(dir, file, 0) == 0 || errno == ENOENT;
    close(dir);
    return gone;
}

/* Queues are asked for by their calls: their file system need not be mounted. */
static bool
mq_taken(const char *name)
{
    mqd_t q = mq_open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (q < 0)
        return errno != ENOENT;
    mq_close(q);
    return true;
}

static bool
remove_mq(const struct ledger_kind *kind, const struct intent *intent)
{
    mqd_t q = mq_open(intent->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    bool ours;

    (void)kind;
    if (q < 0 && errno == EACCES)
        q = mq_open(intent->name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (q < 0 && errno != EACCES)
        return true;
    /* One that cannot be opened at all is removed by its owner only: the folder is sticky. */
    ours = q < 0 || (fstat(q, &st) == 0 && st.st_uid == geteuid() &&
                     young_enough(st.st_ctim.tv_sec, intent));
    if (q >= 0)
        mq_close(q);
    return !ours || mq_unlink(intent->name) == 0 || errno == ENOENT || errno == EACCES ||
           errno == EPERM;
}

static const struct ledger_kind kinds[] = {
    {"dir", .outlives_boot = true, .taken = path_taken, .remove = remove_world_folder},
    {"path", .outlives_boot = true, .taken = path_taken, .remove = remove_path},
    {"shm", .id_of_key = shm_id, .remove = remove_sysv, .table = "/proc/sysvipc/shm",
     .remove_id = shm_remove},
    {"msg", .id_of_key = msg_id, .remove = remove_sysv, .table = "/proc/sysvipc/msg",
     .remove_id = msg_remove},
    {"sem", .id_of_key = sem_id, .remove = remove_sysv, .table = "/proc/sysvipc/sem",
     .remove_id = sem_remove},
    {"posix_shm", .taken = shm_taken, .remove = remove_name, .folder = "/dev/shm", .prefix = ""},
    {"posix_sem", .taken = sem_taken, .remove = remove_name, .folder = "/dev/shm",
     .prefix = "sem."},
    {"mq", .taken = mq_taken, .remove = remove_mq, .folder = "/dev/mqueue", .prefix = ""},
};

const struct ledger_kind *
ledger_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}
