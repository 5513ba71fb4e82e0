/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The ledger of shared worlds: processes that make every kind of object, are killed at any
 * instant, and leave nothing behind once the next start has swept; while nothing of anybody else
 * is touched. Uses keys and names of its own that were free before.
 *   proc_ledger [ROUNDS] */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdbool.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/folder.h"
#include "proc/ledger.h"

static const int64_t LIMIT_NS = 20000000000;

enum { KEYS = 64, MADE = 5 /* objects of each kind in a round */, NAME = 300 };

static int failures, rounds_with_objects;
static char home[] = "/tmp/proc-ledger-XXXXXX", folder[NAME], world[NAME];
static int first_key;

static void
expect(bool ok, const char *what, int number)
{
    if (ok)
        return;
    failures++;
    fprintf(stderr, "proc_ledger: %s (%d)\n", what, number);
}

/* ---- One object of each kind --------------------------------------------------------------- */

static void
name_of(const char *kind, int i, char name[NAME])
{
    if (strcmp(kind, "path") == 0)
        snprintf(name, NAME, "%s/file %%%d", home, i);
    else if (strcmp(kind, "dir") == 0)
        snprintf(name, NAME, "%s%d", world, i);
    else
        snprintf(name, NAME, "/proc-ledger-%d-%d", getpgrp(), i);
}

static int
make_tree(const char *path)
{
    char below[NAME];
    int dir, fd;

    if (mkdir(path, 0700) < 0)
        return -1;
    snprintf(below, sizeof below, "%s/closed", path);
    if (mkdir(below, 0700) == 0 && (dir = open(below, O_RDONLY | O_DIRECTORY)) >= 0) {
        fd = openat(dir, "file", O_CREAT | O_WRONLY, 0);
        if (fd >= 0)
            close(fd);
        fchmod(dir, 0);
        close(dir);
    }
    snprintf(below, sizeof below, "%s/out", path);
    return symlink(home, below);
}

static int
make(const char *kind, int i)
{
    struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char name[NAME], file[NAME + 8];
    int fd = -1;

    name_of(kind, i, name);
    if (strcmp(kind, "shm") == 0)
        return shmget(first_key + i, 10, IPC_CREAT | IPC_EXCL); /* no mode, as people forget it */
    if (strcmp(kind, "msg") == 0)
        return msgget(first_key + i, IPC_CREAT | IPC_EXCL | 0600);
    if (strcmp(kind, "sem") == 0)
        return semget(first_key + i, 1, IPC_CREAT | IPC_EXCL | 0600);
    if (strcmp(kind, "dir") == 0)
        return make_tree(name);
    if (strcmp(kind, "path") == 0) {
        fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    } else if (strcmp(kind, "posix_shm") == 0) {
        fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    } else if (strcmp(kind, "posix_sem") == 0) {
        snprintf(file, sizeof file, "/sem.%s", name + 1); /* what sem_open(3) makes in the end */
        fd = shm_open(file, O_CREAT | O_EXCL | O_RDWR, 0600);
    } else {
        fd = mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600, &small);
    }
    if (fd >= 0)
        close(fd);
    return fd;
}

static bool
exists(const char *kind, int i)
{
    char name[NAME], file[NAME + 32];
    struct stat st;

    name_of(kind, i, name);
    if (strcmp(kind, "shm") == 0)
        return shmget(first_key + i, 0, 0) >= 0;
    if (strcmp(kind, "msg") == 0)
        return msgget(first_key + i, 0) >= 0;
    if (strcmp(kind, "sem") == 0)
        return semget(first_key + i, 0, 0) >= 0;
    if (strcmp(kind, "mq") == 0) {
        mqd_t q = mq_open(name, O_RDONLY);

        return q >= 0 && mq_close(q) == 0;
    }
    if (strcmp(kind, "posix_shm") == 0)
        snprintf(file, sizeof file, "/dev/shm%s", name);
    else if (strcmp(kind, "posix_sem") == 0)
        snprintf(file, sizeof file, "/dev/shm/sem.%s", name + 1);
    else
        snprintf(file, sizeof file, "%s", name);
    return lstat(file, &st) == 0;
}

/* Only what this program has made itself. */
static void
destroy(const char *kind, int i)
{
    char name[NAME], file[NAME + 32];

    name_of(kind, i, name);
    if (strcmp(kind, "shm") == 0)
        shmctl(shmget(first_key + i, 0, 0), IPC_RMID, NULL);
    else if (strcmp(kind, "msg") == 0)
        msgctl(msgget(first_key + i, 0), IPC_RMID, NULL);
    else if (strcmp(kind, "sem") == 0)
        semctl(semget(first_key + i, 0, 0), 0, IPC_RMID);
    else if (strcmp(kind, "mq") == 0)
        mq_unlink(name);
    else if (strcmp(kind, "posix_shm") == 0)
        shm_unlink(name);
    else if (strcmp(kind, "posix_sem") == 0) {
        snprintf(file, sizeof file, "/sem.%s", name + 1);
        shm_unlink(file);
    } else {
        const char *last;
        int dir = folder_parent(name, &last);

        if (dir >= 0 && !folder_remove(dir, last))
            unlinkat(dir, last, 0);
        close(dir);
    }
}

static const char *kinds[9] = {"shm", "msg", "sem", "posix_shm", "posix_sem", "mq", "path", "dir"};

static int
intend(int ledger, const char *kind, int i)
{
    char name[NAME];

    name_of(kind, i, name);
    return ledger_intend(ledger, kind, (uint64_t)(first_key + i), name);
}

/* A kernel without a kind of object has nothing of it to leave behind. */
static void
drop_missing_kinds(void)
{
    int n = 0;

    for (int k = 0; kinds[k] != NULL; k++) {
        if (make(kinds[k], 0) < 0) {
            fprintf(stderr, "proc_ledger: no %s here: %s\n", kinds[k], strerror(errno));
            continue;
        }
        expect(exists(kinds[k], 0), kinds[k], 0);
        destroy(kinds[k], 0);
        kinds[n++] = kinds[k];
    }
    kinds[n] = NULL;
}

static void
choose_keys(void)
{
    bool taken;

    do {
        taken = false;
        first_key = 0x6d000000 | (int)(random() & 0xffff) << 8;
        for (int i = 0; i < KEYS; i++)
            taken |= exists("shm", i) || exists("msg", i) || exists("sem", i);
    } while (taken);
}

/* ---- Kills at any instant ------------------------------------------------------------------ */

/* A program of the session that has closed the ledger: only its marker tells of it. */
static void
start_program(const char *session)
{
    char marker[128], *env[] = {marker, NULL};

    snprintf(marker, sizeof marker, "IPCLAB_SESSION=%s", session);
    if (fork() == 0) {
        int lines = 0;

        while (fork() == 0 && lines++ < 2) /* and its children */
            ;
        execle("/proc/self/exe", "proc_ledger", "--linger", (char *)NULL, env);
        _exit(127);
    }
}

static void __attribute__((noreturn)) live(const char *session, int start)
{
    int ledger = ledger_open(folder, session);

    if (ledger < 0)
        _exit(1);
    start_program(session);
    for (int i = 0; i < MADE; i++)
        for (int k = 0; kinds[k] != NULL; k++)
            if (intend(ledger, kinds[k], i) < 0 || make(kinds[k], i) < 0)
                _exit(2);
    if (write(start, "", 1) < 0)
        _exit(3);
    for (;;)
        pause();
}

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int
count_left(void)
{
    int n = 0;

    for (int k = 0; kinds[k] != NULL; k++)
        for (int i = 0; i < MADE; i++)
            n += exists(kinds[k], i);
    return n;
}

/* How many processes hold the writing end of a pipe: all programs started here do. */
static bool
programs_live(int pipe_end)
{
    char byte[64];
    ssize_t n;

    do
        n = read(pipe_end, byte, sizeof byte);
    while (n > 0);
    return n < 0 && errno == EAGAIN;
}

static bool
is_empty(const char *path)
{
    DIR *list = opendir(path);
    int n = 0;

    while (list != NULL && readdir(list) != NULL)
        n++;
    closedir(list);
    return n == 2;
}

static int64_t
one_round(int round, int64_t delay)
{
    char session[64];
    int ends[2], status, swept = 0;
    int64_t begin = now_ns(), took = 0;
    pid_t child;

    snprintf(session, sizeof session, "test-%d-%d", getpid(), round);
    if (pipe2(ends, O_NONBLOCK) < 0)
        exit(1);
    child = fork();
    if (child == 0)
        live(session, ends[1]);
    close(ends[1]);
    if (delay < 0) {
        char byte;

        while (read(ends[0], &byte, 1) < 0 && errno == EAGAIN)
            ;
        took = now_ns() - begin;
    } else {
        while (now_ns() - begin < delay)
            ;
    }
    expect(ledger_sweep_dead(folder) == 0, "swept a session that lives", round);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    rounds_with_objects += count_left() > 0;
    expect(WIFSIGNALED(status), "the child ended by itself", status);
    /* A program that has not come to its execve yet holds the ledger a moment longer. */
    for (begin = now_ns(); !is_empty(folder) && now_ns() - begin < LIMIT_NS;)
        swept += ledger_sweep_dead(folder);
    expect(is_empty(folder) && swept <= 1, "the ledger was not swept once", swept);
    expect(count_left() == 0, "objects were left", count_left());
    while (programs_live(ends[0]) && now_ns() - begin < LIMIT_NS)
        ; /* killed; the kernel is closing their files */
    expect(!programs_live(ends[0]), "programs of the session live", round);
    expect(ledger_count_dead(folder) == 0 && ledger_sweep_dead(folder) == 0, "not idempotent",
           round);
    close(ends[0]);
    return took;
}

/* ---- What must stay ------------------------------------------------------------------------ */

static int
ledger_of_dead(const char *session)
{
    int ledger = ledger_open(folder, session);

    expect(ledger >= 0, "ledger_open", errno);
    return ledger;
}

static void
test_foreign(void)
{
    int ledger = ledger_of_dead("foreign"), id;

    for (int k = 0; kinds[k] != NULL; k++) {
        expect(make(kinds[k], 0) >= 0, "make", k);
        expect(intend(ledger, kinds[k], 0) == 0, "an intent of what exists already", errno);
    }
    /* A key that another process took later: it was not the one that intended to. */
    if (fork() == 0) {
        intend(ledger, "shm", 1);
        _exit(0);
    }
    wait(NULL);
    id = make("shm", 1);
    close(ledger);
    expect(ledger_sweep_dead(folder) == 1, "sweeping", 0);
    for (int k = 0; kinds[k] != NULL; k++) {
        expect(exists(kinds[k], 0), "removed what was there before", k);
        destroy(kinds[k], 0);
    }
    expect(shmget(first_key + 1, 0, 0) == id, "removed what another made later", id);
    destroy("shm", 1);
}

static void
put(int ledger, const char *text)
{
    if (write(ledger, text, strlen(text)) < 0)
        failures++;
}

static void
test_bad_lines(void)
{
    int ledger = ledger_of_dead("bad");
    char line[NAME * 4], name[NAME], other[NAME];

    expect(make("shm", 0) >= 0 && make("path", 0) >= 0 && make("shm", 1) >= 0, "make", errno);
    name_of("path", 0, name);
    snprintf(line, sizeof line, "\n0 shm %d %d -1\n", first_key, getpid()); /* torn */
    put(ledger, line);
    snprintf(line, sizeof line, "0 shm %d . x .\n0 shm %d %d -1 . .\n-1 shm %d %d -1 .\n",
             first_key, first_key, getpid(), first_key, getpid());
    put(ledger, line);
    snprintf(line, sizeof line,
             "9999999999 shm %d %d -1 .\n0 dir %s .\n0 dir /tmp/ipclab-%u-x/../%s .\n", first_key,
             getpid(), home, (unsigned)geteuid(), home + 5);
    put(ledger, line);
    put(ledger, "0 shm 0 1 -1 .\n0 path .\n0 path relative .\n0 path / .\n0 nonsense x .\n\n . \n");
    snprintf(other, sizeof other, "%s/link", home); /* the way goes over a link */
    expect(symlink(home, other) == 0, "symlink", errno);
    snprintf(line, sizeof line, "0 path %s/file%%20%%250 .\n", other);
    put(ledger, line);
    for (int i = 0; i < 40000; i++) /* one line that is far too long, and then a good one */
        put(ledger, "x y");
    snprintf(line, sizeof line, "\n0 shm %d %d -1 .\n", first_key + 1, getpid());
    put(ledger, line);
    close(ledger);
    expect(ledger_sweep_dead(folder) == 1, "sweeping", 0);
    expect(exists("shm", 0) && exists("path", 0), "a bad line was obeyed", 0);
    expect(!exists("shm", 1), "the good line after bad ones was not found", 0);
    destroy("shm", 0);
    unlink(name);
    unlink(other);
}

static void
test_other_boot(void)
{
    char line[NAME], path[NAME], name[NAME];
    int fd;

    snprintf(path, sizeof path, "%s/old.ledger", folder);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    name_of("path", 0, name);
    expect(make("shm", 0) >= 0 && make("path", 0) >= 0, "make", errno);
    snprintf(line, sizeof line, "session old .\nboot 0000 .\n0 shm %d %d -1 .\n", first_key,
             getpid());
    put(fd, line);
    snprintf(line, sizeof line, "0 path %s/file%%20%%250 .\n", home);
    put(fd, line);
    close(fd);
    expect(ledger_sweep_dead(folder) == 1, "sweeping", 0);
    expect(exists("shm", 0), "removed an object of another boot", 0);
    expect(!exists("path", 0), "left a file of another boot", 0);
    destroy("shm", 0);
}

/* ---- Sweepers, folders, trees -------------------------------------------------------------- */

static void
test_many_sweepers(void)
{
    int sum = 0, status;

    for (int i = 0; i < 5; i++) {
        char session[32];
        int ledger;

        snprintf(session, sizeof session, "many-%d", i);
        ledger = ledger_of_dead(session);
        expect(intend(ledger, "shm", i) == 0 && make("shm", i) >= 0, "make", errno);
        close(ledger);
    }
    for (int i = 0; i < 6; i++)
        if (fork() == 0)
            _exit(ledger_sweep_dead(folder));
    for (int i = 0; i < 6; i++) {
        wait(&status);
        sum += WEXITSTATUS(status);
    }
    expect(sum + ledger_sweep_dead(folder) == 5, "each session is swept once", sum);
    for (int i = 0; i < 5; i++)
        expect(!exists("shm", i), "left", i);
}

static void
test_folder(void)
{
    char link[NAME], target[NAME];
    struct err err;
    int fd;

    snprintf(target, sizeof target, "%s/target", home);
    snprintf(link, sizeof link, "%s/a.ledger", folder);
    fd = open(target, O_CREAT | O_WRONLY, 0600);
    put(fd, "session a .\n");
    close(fd);
    expect(symlink(target, link) == 0, "symlink", errno);
    expect(ledger_sweep_dead(folder) == 0 && access(target, F_OK) == 0, "followed a link", 0);
    unlink(link);
    unlink(target);
    chmod(folder, 0770);
    expect(ledger_open(folder, "x") < 0 && errno == EACCES, "a folder of a group", errno);
    expect(folder_enter(open(home, O_RDONLY), "ledgers", home, &err) < 0 &&
               strstr(err.text, "unsafe permissions: others can write to ledgers") != NULL,
           "unsafe permissions", 0);
    chmod(folder, 0700);
    expect(symlink(folder, target) == 0, "symlink", errno);
    expect(ledger_open(target, "x") < 0, "a link to a folder", errno);
    expect(folder_enter(open(home, O_RDONLY), "target", home, &err) < 0 &&
               strstr(err.text, "unsafe permissions: target in") != NULL,
           "a link to a folder", 0);
    unlink(target);
    expect(ledger_open(folder, "../x") < 0 && ledger_open(folder, "") < 0, "a bad session", 0);
}

static void
test_deep_tree(void)
{
    char top[NAME];
    int dir, start = open("/", O_RDONLY | O_DIRECTORY), at;

    snprintf(top, sizeof top, "%s/deep", home);
    expect(mkdir(top, 0700) == 0, "mkdir", errno);
    at = open(top, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 3000; i++) {
        int next = mkdirat(at, "d", 0700) == 0 ? openat(at, "d", O_RDONLY | O_DIRECTORY) : -1;

        if (i % 100 == 0)
            close(openat(at, "file", O_CREAT | O_WRONLY, 0));
        close(at);
        at = next;
    }
    close(at);
    dir = open(home, O_RDONLY | O_DIRECTORY);
    expect(folder_remove(dir, "deep") && access(top, F_OK) < 0, "a deep tree", 0);
    expect(folder_remove(dir, "deep"), "what is gone is gone", 0);
    close(dir);
    close(start);
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
    int64_t whole;

    if (argc > 1 && strcmp(argv[1], "--linger") == 0)
        for (;;)
            pause();
    unsetenv("IPCLAB_SESSION");
    setpgid(0, 0); /* names hold the number of the group */
    srandom((unsigned)getpid());
    if (mkdtemp(home) == NULL)
        return 1;
    snprintf(folder, sizeof folder, "%s/ledgers", home);
    snprintf(world, sizeof world, "/tmp/ipclab-%u-test%d-", (unsigned)geteuid(), getpid());
    mkdir(folder, 0700);
    choose_keys();
    drop_missing_kinds();
    whole = one_round(0, -1);
    for (int i = 1; i <= rounds; i++)
        one_round(i, random() % (whole + whole / 8));
    /* The rounds prove something only if kills left objects at all. */
    expect(rounds < 20 || rounds_with_objects > rounds / 10, "kills came too early",
           rounds_with_objects);
    test_foreign();
    test_bad_lines();
    test_other_boot();
    test_many_sweepers();
    test_folder();
    test_deep_tree();
    expect(rmdir(folder) == 0 && rmdir(home) == 0, "something is left in the folders", errno);
    return failures == 0 ? 0 : 1;
}
