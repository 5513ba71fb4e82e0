/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Tab offers, in a world where a server has a segment and two relatives a pipe. */
#include "assist_fixture.h"

static const char *const story[] = {
    "spawn server client",
    "server shmid = shmget(5678, 27, IPC_CREAT|0666)",
    "server shm = shmat(shmid, NULL, 0)",
    "server strcpy(shm, \"abc\")",
    "client pipe(pipefd)",
    "client int n = 77",
    "client char text[64]",
    "client fork(child)",
    "child read(pipefd[0], recv, 32)",
};

/* The line before the cursor; all candidates, or what they begin with where it ends in "...". */
static const struct {
    const char *line, *wanted;
} offers[] = {
    /* who and builtins */
    {"", "server client child * spawn ps ..."},
    {"  - ", "server client child * spawn ps ..."},
    {"ipclab> spa", "spawn"},
    {"serv", "server"},
    {"server,", "client child"},
    {"server, c", "client child"},
    {"*", "*"},
    /* what an actor does */
    {"server shm", "shmget shmat shmdt shmctl shmid shm shmatt_t"},
    {"server pri", "printf print"},
    {"server cha", "char"},
    {"child ", ""},
    {"child rea", ""},
    {"nobody ", ""},
    /* flags */
    {"server shmget(5678, 27, ", "IPC_CREAT IPC_EXCL SHM_HUGETLB SHM_NORESERVE 0666 0644 0600 ..."},
    {"server shmget(5678, 27, IPC_", "IPC_CREAT IPC_EXCL"},
    {"server shmget(5678, 27, IPC_CREAT|", "IPC_EXCL SHM_HUGETLB SHM_NORESERVE 0666 ..."},
    {"server shmget(5678, 27, IPC_CREAT|IPC_EXCL | 06", "0666 0644 0600 0660"},
    {"server shmget(5678, 27, 0666|IPC", "IPC_CREAT IPC_EXCL"},
    {"server shmget(5678, 27, 0666|", "IPC_CREAT IPC_EXCL SHM_HUGETLB SHM_NORESERVE"},
    {"server shmget(5678, 27, (IPC_CREAT|IPC_E", "IPC_EXCL"},
    {"server shmget 5678 27 IPC_C", "IPC_CREAT"},
    {"server shmget 5678 27 IPC_CREAT|IPC_", "IPC_EXCL"},
    /* numbers with names, and those that the world has */
    {"server shmctl(shmid, IPC_", "IPC_STAT IPC_SET IPC_RMID"},
    {"server shmget(", "IPC_PRIVATE 5678 shmid"},
    {"server shmctl(shmid, IPC_SET, ", "0666 0644 0600 0660 0444"},
    {"client open(\"f\", O_CREAT|O_RDWR, 06", "0666 0644 0600 0660"},
    /* ids */
    {"server shmat(", "shmid 0"},
    {"client shmat(", "0"},
    {"server shmat shm", "shmid ..."},
    /* descriptors */
    {"client read(", "pipefd[0] pipefd[1] 3 4 0 1 2"},
    {"client read ", "pipefd[0] pipefd[1] 3 4 0 1 2"},
    {"client read(pi", "pipefd[0] pipefd[1] pipe pipe2"},
    {"client read(pipefd[", "0 1"},
    {"client read(4", "4"},
    {"client x = read((int)", "pipefd[0] pipefd[1] 3 4 0 1 2"},
    /* addresses */
    {"client write(3, te", "text"},
    {"client read(3, ", "text buf pipefd"},
    {"client read(3, text, ", "sizeof(text) n"},
    {"client pipe(", "pipefd"},
    {"server pipe(", "pipefd"},
    {"server shmat(shmid, ", "shm NULL ..."},
    /* processes and names */
    {"client waitpid(", "child server client"},
    {"client fork(", "child2"},
    /* values */
    {"client print ", "pipefd n text errno"},
    {"client print si", "sizeof"},
    {"client await te", "text"},
    {"client await getpid", ""},
    {"client print get", "getpid getppid getrlimit"},
    {"client x = n + ", "pipefd n text errno"},
    {"client n = ", "pipefd n text errno"},
    /* nested */
    {"client shmat(shmg", "shmget"},
    {"client shmat(shmget(5678, 27, IPC_E", "IPC_EXCL"},
    {"client shmat(shmget(5678, 27, 0666), NU", "NULL"},
    /* builtins */
    {"why ", "server client child"},
    {"use c", "client child"},
    {"help shm", "shm shmget shmat shmdt shmctl"},
    {"help IPC_R", "IPC_RMID"},
    {"spawn ", ""},
    {"undo ", ""},
    /* another case, or inside */
    {"server shmget(1, 2, ipc_c", "IPC_CREAT"},
    {"server shmget(1, 2, excl", "IPC_EXCL"},
    {"server SHMG", "shmget"},
    /* nowhere */
    {"# se", ""},
    {"server shmget(5678 ", ""},
    {"server shmget(5678) # sh", ""},
    {"server print 'a", ""},
    {"server print \"sh", ""},
    {"server shmget(5678, 27, 0666) ", ""},
    {"server int ", ""},
    {"[pid 4] shm", ""},
    {"! l", ""},
};

static void
check_offer(const char *line, const char *wanted)
{
    struct completion c;
    struct buf got = {0};
    size_t n = strlen(wanted);
    bool open = n >= 3 && strcmp(wanted + n - 3, "...") == 0;

    fixture_complete(line, &c, &got);
    if (open ? strncmp(buf_text(&got), wanted, n - 3) != 0 : strcmp(buf_text(&got), wanted) != 0)
        fixture_fail(line, "candidates", wanted, buf_text(&got));
    for (int i = 0; i < c.n; i++)
        if (c.list[i].about == NULL || c.list[i].about[0] == '\0')
            fixture_fail(line, c.list[i].text, "a description", "none");
    if (c.to != strlen(line) || c.from > c.to)
        fixture_fail(line, "place", "before the cursor", "another");
    buf_release(&got);
    complete_release(&c);
}

int
main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    fixture_start(argv[1]);
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        fixture_tell(story[i]);
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++)
        check_offer(offers[i].line, offers[i].wanted);
    session_release(&fixture_session);
    return fixture_failures > 0;
}
