/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Tab offers, in a world where a server has a segment and two relatives a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "assist_fixture.h"
#include "session/peek.h"

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

/* The line before the cursor; all candidates, or what they begin with where it ends in "...", or
 * some of them in their order after "+": other plugins have more. */
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
    {"server shm", "+ shmget shmat shmdt shmctl shmid shm"},
    {"server shma", "shmat"},
    {"server uint", "uint32_t uint64_t uintptr_t"},
    {"server pri", "+ printf print"},
    {"server cha", "+ char"},
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
    {"client read(pi", "+ pipefd[0] pipefd[1] pipe pipe2"},
    {"client read(pipefd[", "0 1"},
    {"client read(4", "4"},
    {"client x = read((int)", "pipefd[0] pipefd[1] 3 4 0 1 2"},
    /* addresses */
    {"client write(3, te", "text ..."},
    {"client read(3, ", "text buf pipefd"},
    {"client read(3, text, ", "sizeof(text) n"},
    {"client pipe(", "pipefd"},
    {"server pipe(", "pipefd"},
    {"server shmat(shmid, ", "shm NULL ..."},
    {"server mmap(", "shm NULL ..."},
    /* processes and names */
    {"client kill(child, SIGUS", "SIGUSR1 SIGUSR2"},
    {"client waitpid(", "child server client"},
    {"client fork(", "child2"},
    /* values */
    {"client print ", "pipefd n text errno"},
    {"client print siz", "+ sizeof"},
    {"client await te", "text"},
    {"client await getppid", ""},
    {"client print get", "+ getpid getppid getrlimit"},
    {"client x = n + ", "pipefd n text errno"},
    {"client n = ", "pipefd n text errno"},
    {"client print sizeof(n", "n"},
    {"client print sizeof(ch", "char"},
    {"client char more[", ""},
    {"client char more[SEEK_E", "SEEK_END"},
    /* files of the actor's own folder; nothing is opened but folders */
    {"client open(", "\"fifo\" \"file one\" \"sub/ text"},
    {"client open(\"", "fifo file one sub/"},
    {"client open(\"fi", "fifo file one"},
    {"client open(\"sub/", "inner"},
    {"client open(\"../", ""},
    {"client open(\"/dev/nul", "null"},
    {"client open(\"/dev/../dev/nul", "null"},
    {"client open ", "fifo sub/ text"},
    {"client open sub/", "inner"},
    {"client unlink fi", "fifo"},
    /* nested */
    {"client shmat(shmge", "shmget"},
    {"client shmat(shmget(5678, 27, IPC_E", "IPC_EXCL"},
    {"client shmat(shmget(5678, 27, 0666), NU", "NULL"},
    /* builtins */
    {"why ", "server client child"},
    {"use c", "client child"},
    {"help shm", "+ shm shmget shmat shmdt shmctl"},
    {"help IPC_RM", "IPC_RMID"},
    {"help vie", "+ view"},
    {"load tests/unit/assist_comp", "assist_complete.c"},
    {"source tests/uni", "unit/"},
    {"set hi", "hints"},
    {"set hints ", "off on"},
    {"set --save hints o", "off on"},
    {"set -", "--save"},
    {"set view l", "lines lanes"},
    {"set view lanes ", ""},
    {"show hi", "hints"},
    {"show hints ", ""},
    {"trace ", "as"},
    {"trace as li", "lines linear"},
    {"trace 5 as la", "lanes"},
    {"export x.svg ", "as"},
    {"export --force x.svg as sv", "svg"},
    {"log o", "off"},
    {"man 2 shmge", "shmget"},
    {"fds server, c", "client child"},
    {"why s", "server"},
    {"why server ", ""},
    {"spawn ", ""},
    {"spawn x ", "on"},
    {"spawn x on ", "host1"},
    {"plug ", ""},
    {"undo ", ""},
    /* another case, or inside */
    {"server shmget(1, 2, ipc_c", "IPC_CREAT"},
    {"server shmget(1, 2, excl", "IPC_EXCL"},
    {"server SHMGE", "shmget"},
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

/* What is said of one candidate. */
static const struct {
    const char *line, *text, *about;
} abouts[] = {
    {"", "server", "idle"},
    {"", "child",
     "waits in read since step 7: the pipe is empty; write end open in client (fd 4), "
     "child itself (fd 4)"},
    {"", "spawn", "make real processes, one for each name"},
    {"server ", "shmget", "find or make a segment of shared memory by its key"},
    {"server shmget(1, 2, ", "IPC_CREAT", "make the segment if none has the key"},
    {"server shmget(", "5678", "the key of shm#1"},
    {"server shmat(", "shmid", "= 0, shm#1, 27 B  1 attached"},
    {"server shmat(", "0", "shm#1, 27 B  1 attached"},
    {"client read(", "pipefd[0]", "= 3, pipe#1, read end"},
    {"client read(", "4", "pipe#1, write end"},
    {"client read(", "0", "/dev/null"},
    {"client read(", "2", "standard error, shown here"},
    {"client read(pipefd[", "1", "= 4, pipe#1, write end"},
    {"client print ", "n", "int = 77"},
    {"client print ", "pipefd", "int[2] = {3, 4}"},
    {"client read(3, text, ", "sizeof(text)", "= 64, all of text"},
    {"client pipe(pip", "pipefd", "int[2] = {3, 4}"},
    {"server pipe(", "pipefd", "a new variable: gets the read end and the write end"},
    {"client open(\"", "fifo", "FIFO"},
    {"client open(\"", "sub/", "folder"},
    {"client open(\"f", "file one", "0 bytes"},
    {"set hints ", "on", "as it is now"},
};

/* In the folder of the world, where no call here makes folders and FIFOs. */
/* The same once there are hosts. */
static const char *const story_of_hosts[] = {"spawn far away on host1", "unplug host1",
                                             "spawn near on other"};

static const struct {
    const char *line, *wanted;
} offers_of_hosts[] = {
    {"spawn ", ""},
    {"spawn x ", "on"},
    {"spawn x y o", "on"},
    {"spawn x on ", "host1 other host2"},
    {"spawn x on o", "other"},
    {"spawn x on host1 ", ""},
    {"unplug ", "host1 other"},
    {"plug h", "host1"},
    {"plug host1 ", ""},
    {"near connect(3, ", "\"host1: \"other:"},
    {"near connect(3, \"", "host1: other:"},
    {"near connect(3, \"ho", "host1:"},
    {"near connect(3, \"host1:5", ""},
    {"near sendto(3, \"ho", ""},
    {"near sendto(3, \"x\", \"ot", "other:"},
};

static void
make_files(void)
{
    char path[64];
    int folder;

    snprintf(path, sizeof path, "/proc/%d/cwd", (int)fixture_session.world.actors[0]->host);
    folder = open(path, O_PATH | O_CLOEXEC);
    if (folder < 0 || mkdirat(folder, "sub", 0700) < 0 ||
        mknodat(folder, "fifo", S_IFIFO | 0600, 0) < 0 ||
        close(openat(folder, "file one", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) < 0 ||
        close(openat(folder, "sub/inner", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) < 0 ||
        close(openat(folder, "two\"quotes", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) < 0)
        fixture_fail("", "files", "five", strerror(errno));
    if (folder >= 0)
        close(folder);
}

/* Candidates as "text" joined by blanks, for the line up to its end. */
static void
complete(const char *line, struct completion *c, struct buf *texts)
{
    complete_line(&fixture_session, line, strlen(line), c);
    for (int i = 0; i < c->n; i++)
        buf_printf(texts, "%s%s", i > 0 ? " " : "", c->list[i].text);
}

/* Are the words of `some` among those of `all`, in that order? */
static bool
has_in_order(const char *all, const char *some)
{
    while (*some != '\0') {
        size_t n = strcspn(some, " "), k = strcspn(all, " ");

        if (*all == '\0')
            return false;
        if (n == k && memcmp(all, some, n) == 0)
            some += n + (some[n] == ' ');
        all += k + (all[k] == ' ');
    }
    return true;
}

static bool
is_as_wanted(const char *got, const char *wanted)
{
    size_t n = strlen(wanted);

    if (wanted[0] == '+')
        return has_in_order(got, wanted + 2);
    if (n >= 3 && strcmp(wanted + n - 3, "...") == 0)
        return strncmp(got, wanted, n - 3) == 0;
    return strcmp(got, wanted) == 0;
}

static void
check_offer(const char *line, const char *wanted)
{
    struct completion c;
    struct buf got = {0};

    complete(line, &c, &got);
    if (!is_as_wanted(buf_text(&got), wanted))
        fixture_fail(line, "candidates", wanted, buf_text(&got));
    for (int i = 0; i < c.n; i++)
        if (c.list[i].about == NULL || c.list[i].about[0] == '\0')
            fixture_fail(line, c.list[i].text, "a description", "none");
    if (c.to != strlen(line) || c.from > c.to)
        fixture_fail(line, "place", "before the cursor", "another");
    buf_release(&got);
    complete_release(&c);
}

static void
check_about(const char *line, const char *text, const char *about)
{
    const char *got = "no such candidate";
    struct completion c;

    complete_line(&fixture_session, line, strlen(line), &c);
    for (int i = 0; i < c.n; i++)
        if (strcmp(c.list[i].text, text) == 0)
            got = c.list[i].about;
    if (strcmp(got, about) != 0)
        fixture_fail(line, text, about, got);
    complete_release(&c);
}

/* An address is another each time: where the segment is for the server, whatever variable has it.
 */
static void
check_memory(void)
{
    const struct actor *server = world_actor(&fixture_session.world, "server");
    const struct var *shm = symtab_find(&server->symtab, "shm");
    int64_t address = 0;
    char text[32];

    peek_number(server, shm->type, shm->addr, &address);
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)address);
    check_about("server shmdt(", text, "shm#1, shared memory, 4096 bytes: /SYSV0000162e (deleted)");
    check_about("client shmdt(", text, "no such candidate");
}

int
main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    fixture_start(argv[1]);
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        fixture_tell(story[i]);
    make_files();
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++)
        check_offer(offers[i].line, offers[i].wanted);
    for (size_t i = 0; i < sizeof abouts / sizeof abouts[0]; i++)
        check_about(abouts[i].line, abouts[i].text, abouts[i].about);
    check_memory();
    for (size_t i = 0; i < sizeof story_of_hosts / sizeof story_of_hosts[0]; i++)
        fixture_tell(story_of_hosts[i]);
    for (size_t i = 0; i < sizeof offers_of_hosts / sizeof offers_of_hosts[0]; i++)
        check_offer(offers_of_hosts[i].line, offers_of_hosts[i].wanted);
    check_about("plug h", "host1", "10.0.0.1, fd00::1, unplugged: far away");
    check_about("near connect(3, \"o", "other:", "10.0.0.2, fd00::2: near");
    session_release(&fixture_session);
    return fixture_failures > 0;
}
