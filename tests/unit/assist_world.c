/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whatever bytes are on the line, completion and hints keep their promises and leave the world as
 * it was: no event, no descriptor, no variable, and no actor runs even for a moment. */
#include <dirent.h>

#include "assist_fixture.h"

static const char *const story[] = {
    "spawn a b quiet gone other",
    "a pipe(pipefd)",
    "a char text[64]",
    "a strcpy(text, \"x\\n\\xff\")",
    "a shmid = shmget(5678, 27, IPC_CREAT|0666)",
    "a shm = shmat(shmid, NULL, 0)",
    "a int n = 5",
    "a fork(child)",
    "a int fd = open(\"f\", O_CREAT|O_RDWR)",
    "a f = fdopen(fd, \"r+\")",
    "child read(pipefd[0], buf, 3)",
    "gone exit(3)",
    "other execve(\"/bin/sleep\", \"sleep\", \"100\")",
};

static const char *const seeds[] = {
    "ipclab> - a, b shmid = shmget(5678, 27, IPC_CREAT|IPC_EXCL|0666) # key",
    "a shm = (char *)shmat(shmget(5678, 27, 0666), NULL, 0)",
    "a read(pipefd[0], text, sizeof(text))",
    "b write(pipefd[1], \"Hello \\\"World\\\"\\n\", 12)",
    "a waitpid(child, status, WNOHANG)",
    "a open \"sub/f\" O_CREAT|O_RDWR 0644",
    "a open(\"/proc/1/ro",
    "a execve(\"/bin/sh\", \"sh\", \"-c\", \"echo\")",
    "a print *shm == '*' && text[n] != pipefd[1] << 2",
    "await n >= sizeof(long)",
    "a long *p = /* here */ &n // there",
    "[pid 41] shmget(0x162e, 27, 0) = 5",
    "* poll(3, POLLIN|POLLOUT, 10, 4, POLLIN)",
    "a printf(\"%d %s\\n\", n, text)",
    "a fprintf(stdout, \"x\")",
    "a fclose(f",
    "set --save view lanes",
    "help IPC_CREAT",
    "source ../../",
    "why child",
    "spawn c d e",
    "other read(0, buf)",
    "gone getpid()",
    "use a",
};

/* ---- What must not change ------------------------------------------------------------------ */

struct picture {
    int64_t events, inputs, variables, fds, own_fds, actors, objects, steps, seq, switches, arena;
};

static int
own_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (d != NULL && readdir(d) != NULL)
        n++;
    if (d != NULL)
        closedir(d);
    return n;
}

/* How often a process was switched in or out, whatever for. */
static int64_t
switches(pid_t pid)
{
    char path[64], line[256];
    long long one;
    int64_t sum = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strstr(line, "ctxt_switches:") != NULL &&
            sscanf(strchr(line, ':') + 1, "%lld", &one) == 1)
            sum += one;
    if (f != NULL)
        fclose(f);
    return sum;
}

static struct picture
look(void)
{
    struct session *s = &fixture_session;
    struct picture p = {.events = fixture_events,
                        .inputs = s->ninputs,
                        .own_fds = own_fds(),
                        .actors = s->world.nactors,
                        .objects = s->world.nobjects,
                        .steps = s->steps,
                        .seq = s->seq};

    world_refresh_fds(&s->world);
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        p.variables += a->symtab.n + a->symtab.nliterals;
        p.arena += (int64_t)a->symtab.next;
        p.fds += a->nfds;
        if (actor_alive(a))
            p.switches += switches(a->host);
    }
    return p;
}

/* ---- Lines that nobody would type --------------------------------------------------------------
 */

static uint32_t
any(uint32_t below)
{
    static uint32_t x = 2463534242u;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x % below;
}

static bool
is_plain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

static void
check(const char *line, size_t n)
{
    struct buf hint = {0};
    struct completion c;

    complete_line(&fixture_session, line, n, &c);
    hint_line(&fixture_session, line, n, &hint);
    if (c.to != n || c.from > n || c.n > COMPLETE_MAX || (c.n == 0 && c.more > 0))
        fixture_fail(line, "completion", "a place in the line", "none");
    for (int i = 0; i < c.n; i++)
        if (c.list[i].text[0] == '\0' || !is_plain(c.list[i].text, strlen(c.list[i].text)) ||
            !is_plain(c.list[i].about, strlen(c.list[i].about)) ||
            (!c.loose && strncmp(c.list[i].text, line + c.from, n - c.from) != 0))
            fixture_fail(line, c.list[i].text, "the word, and text", c.list[i].about);
    if (!is_plain(buf_text(&hint), hint.len))
        fixture_fail(line, "hint", "text", buf_text(&hint));
    buf_release(&hint);
    complete_release(&c);
}

static size_t
mutate(char *line, size_t n, size_t room)
{
    static const char pieces[] =
        "()[]{},|;#\"'\\*&=-+ \t.0123456789abxIPC_\xc3\xa4\xff\x1b\n/!~%@:$";

    for (uint32_t k = 1 + any(4); k > 0; k--) {
        size_t at = any((uint32_t)n + 1);

        switch (any(4)) {
        case 0: /* cut */
            n = at;
            break;
        case 1: /* leave out */
            if (at < n)
                memmove(line + at, line + at + 1, --n - at);
            break;
        case 2: /* another byte */
            if (at < n)
                line[at] = any(20) == 0 ? '\0' : pieces[any(sizeof pieces - 1)];
            break;
        default: /* one more */
            if (n + 1 < room) {
                memmove(line + at + 1, line + at, n++ - at);
                line[at] = pieces[any(sizeof pieces - 1)];
            }
            break;
        }
    }
    line[n] = '\0';
    return n;
}

static void
check_mutated(int rounds)
{
    char line[256];

    for (int i = 0; i < rounds; i++) {
        const char *seed = seeds[any(sizeof seeds / sizeof seeds[0])];
        size_t n = (size_t)snprintf(line, sizeof line, "%s", seed);

        check(line, mutate(line, n, sizeof line - 1));
    }
}

static void
check_large(void)
{
    static char line[LINE_MAX_BYTES + 2];
    size_t n = LINE_MAX_BYTES;

    memcpy(line, "a print ", 8);
    for (const char *fill = "(["; *fill != '\0'; fill++) {
        memset(line + 8, *fill, n - 8);
        check(line, n);
    }
    for (size_t i = 8; i < n; i++)
        line[i] = "n+"[i % 2];
    check(line, n);
    memset(line, 'x', n + 1);
    check(line, n);
    check(line, n + 1);
}

/* More variables than are shown; the rest are counted. */
static void
check_many(void)
{
    struct completion c;
    char line[64];

    for (int i = 0; i < 600; i++) {
        snprintf(line, sizeof line, "quiet int variable_%d = %d", i, i);
        fixture_tell(line);
    }
    complete_line(&fixture_session, "quiet print variable_", 21, &c);
    if (c.n != COMPLETE_MAX || c.more != 600 - COMPLETE_MAX)
        fixture_fail("quiet print variable_", "many", "512 and 88 more", "another number");
    complete_release(&c);
}

int
main(int argc, char **argv)
{
    struct session none = {0};
    struct picture before, after;
    struct buf hint = {0};
    struct completion c;

    if (argc != 2)
        return 2;
    complete_line(&none, "a read(", 7, &c); /* before there is a world */
    hint_line(&none, "a read(", 7, &hint);
    if (c.n > 0 || hint.len > 0)
        fixture_fail("a read(", "no world", "nothing", "something");
    complete_release(&c);
    buf_release(&hint);
    fixture_start(argv[1]);
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++)
        fixture_tell(story[i]);
    check_many();
    before = look();
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        for (size_t n = 0; n <= strlen(seeds[i]); n++)
            check(seeds[i], n);
    check_mutated(20000);
    check_large();
    after = look();
    if (memcmp(&before, &after, sizeof before) != 0)
        fixture_fail("", "the world", "as it was", "changed");
    session_release(&fixture_session);
    return fixture_failures > 0;
}
