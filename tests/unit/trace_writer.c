/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer: what it writes reads back the same, one session a file, full disks, folders that are
 * not ours to trust. */
#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trace/read.h"
#include "trace_check.h"

static struct event e, f;
static struct err err;

static void
header(struct writer *w)
{
    event_start(&e, "session");
    event_int(&e, "ipclab", 1);
    writer_event(w, &e);
}

static void
odd_event(int i)
{
    static const char *const odd[] = {
        "",
        "\n",
        "plain",
        "\"quoted\\\"",
        "\x01\x1b[2J\x7f",
        "\xc2\x9b\xe2\x80\xae",
        "\xff\0",
        "\xf0\x9f\x98\x80",
        "\xed\xa0\x80",
        "\xc3",
    };
    const char *s = odd[(size_t)i % (sizeof odd / sizeof *odd)];

    event_start(&e, "odd");
    event_data(&e, "data", s, strlen(s) + (i % 3 == 0), strlen(s) + (i % 3 == 0));
    event_text(&e, "text", s);
    event_object(&e, "out");
    event_data(&e, "cut", s, strlen(s), 1000);
    event_array(&e, "list");
    event_int(&e, NULL, -i);
    event_bool(&e, NULL, i % 2);
    event_close(&e);
    event_close(&e);
    event_object(&e, "vol");
    event_int(&e, "address", i);
    event_close(&e);
}

static void
test_round_trip(void)
{
    struct writer w;
    struct trace_reader *r;
    struct trace_end end;
    char path[64];

    CHECK(writer_open(&w, "round", -1, false, &err) == 0);
    CHECK(access("round.partial", F_OK) == 0 && access("round", F_OK) != 0);
    header(&w);
    for (int i = 0; i < 50; i++) {
        odd_event(i);
        writer_event(&w, &e);
    }
    writer_close(&w);
    CHECK(!w.lost && access("round.partial", F_OK) != 0);
    writer_release(&w);
    r = trace_open("round", &err);
    CHECK(r != NULL);
    CHECK(trace_next(r, &f, &err) == 1);
    for (int i = 0; i < 50; i++) {
        odd_event(i);
        CHECK(trace_next(r, &f, &err) == 1);
        if (!event_same(&e, &f, path)) {
            fprintf(stderr, "event %d differs in %s\n", i, path);
            check_failures++;
        }
        CHECK(event_get_int(&f, NULL, "seq", -1) == i + 1);
    }
    CHECK(trace_next(r, &f, &err) == 1);
    CHECK_TEXT(event_get_text(&f, NULL, "ev"), "end");
    CHECK(trace_next(r, &f, &err) == 0);
    trace_ending(r, &end);
    CHECK(end.complete && end.digest_ok && !end.torn && end.events == 52);
    trace_free(r);
}

/* The copy has the same bytes as the file, and nobody reading it stops nothing. */
static void
test_copy(void)
{
    struct writer w;
    char file[4096], copy[4096];
    int fds[2], fd;
    ssize_t n, m;

    CHECK(pipe2(fds, O_CLOEXEC) == 0);
    CHECK(writer_open(&w, "copied", fds[1], true, &err) == 0);
    header(&w);
    odd_event(3);
    writer_event(&w, &e);
    writer_close(&w);
    writer_release(&w);
    n = read(fds[0], copy, sizeof copy);
    fd = open("copied", O_RDONLY | O_CLOEXEC);
    m = read(fd, file, sizeof file - 1);
    close(fd);
    CHECK(n > 0 && n == m && memcmp(file, copy, (size_t)n) == 0);
    file[m > 0 ? m : 0] = '\0';
    CHECK(strstr(file, "vol") == NULL && strstr(file, "\"ev\":\"end\",\"events\":2,") != NULL);
    close(fds[0]);
    CHECK(writer_open(&w, "copied", fds[1], false, &err) == 0);
    header(&w);
    CHECK(w.copy == -1 && !w.lost);
    writer_close(&w);
    CHECK(!w.lost);
    writer_release(&w);
    close(fds[1]);
}

/* F33: two sessions, one file. The other is another process, which is named. */
static void
test_busy(void)
{
    struct writer w, v;
    char want[64];
    int fd, go[2];
    char c;
    pid_t pid;

    CHECK(pipe2(go, O_CLOEXEC) == 0);
    pid = fork();
    if (pid == 0) {
        bool good = writer_open(&w, "busy", -1, false, &err) == 0;

        header(&w);
        if (!good || write(go[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    CHECK(read(go[0], &c, 1) == 1);
    snprintf(want, sizeof want, "busy is being written by pid %d", (int)pid);
    CHECK(writer_open(&v, "busy", -1, false, &err) == -1);
    CHECK_TEXT(err.text, want);
    CHECK(err.status == STATUS_USAGE);
    writer_event(&v, &e);
    CHECK(v.events == 1 && !v.lost);
    writer_close(&v);
    writer_release(&v);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    /* What the killed one left is no longer locked: it is replaced. */
    CHECK(writer_open(&v, "busy", -1, false, &err) == 0);
    fd = open("busy.partial", O_RDONLY | O_CLOEXEC);
    CHECK(read(fd, &c, 1) == 0);
    close(fd);
    header(&v);
    writer_close(&v);
    writer_release(&v);
    CHECK(access("busy", F_OK) == 0 && access("busy.partial", F_OK) != 0);
    close(go[0]);
    close(go[1]);
}

/* F02, F03: a full disk, by the limit on file size: the write that crosses it is cut short. */
static void
test_full(void)
{
    struct rlimit old, small;
    struct writer w;
    struct trace_reader *r;
    struct trace_end end;
    char want[128];
    int got, n = 0;

    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 1000;
    CHECK(writer_open(&w, "full", -1, false, &err) == 0);
    header(&w);
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 20; i++) {
        odd_event(i);
        writer_event(&w, &e);
        n += !w.lost;
    }
    setrlimit(RLIMIT_FSIZE, &old);
    snprintf(want, sizeof want, "trace disk full: recording stopped after event %d", n);
    CHECK(w.lost && n > 2 && n < 20);
    CHECK_TEXT(w.reason, want);
    writer_close(&w);
    CHECK_TEXT(w.reason, want);
    writer_release(&w);
    r = trace_open("full.partial", &err);
    CHECK(r != NULL);
    for (int i = 0; i <= n; i++)
        CHECK(trace_next(r, &f, &err) == 1);
    got = trace_next(r, &f, &err);
    CHECK(got == 0);
    trace_ending(r, &end);
    CHECK(!end.torn && !end.complete && end.events == n + 1);
    trace_free(r);
}

static void
refused(const char *words)
{
    struct writer w;

    CHECK(writer_open(&w, NULL, -1, false, &err) == -1);
    if (strstr(err.text, words) == NULL)
        CHECK_TEXT(err.text, words);
    CHECK(err.status == STATUS_USAGE);
    writer_release(&w);
}

/* F35, F23: the sessions folder. */
static void
test_folder(void)
{
    struct writer w;
    struct stat st;
    char base[4096];

    CHECK(getcwd(base, sizeof base - 32) != NULL);
    snprintf(base + strlen(base), 16, "/state");
    setenv("XDG_STATE_HOME", base, 1);
    umask(0777);
    CHECK(writer_open(&w, NULL, -1, false, &err) == 0);
    umask(022);
    header(&w);
    writer_close(&w);
    CHECK(strncmp(w.path, base, strlen(base)) == 0 && access(w.path, F_OK) == 0);
    CHECK(stat("state/ipclab/sessions", &st) == 0 && (st.st_mode & 07777) == 0700);
    CHECK(stat(w.path, &st) == 0 && (st.st_mode & 07777) == 0600);
    writer_release(&w);
    chmod("state/ipclab/sessions", 0777);
    refused("unsafe permissions: others can write to sessions");
    chmod("state/ipclab/sessions", 0700);
    CHECK(rename("state/ipclab", "state/real") == 0 && symlink("real", "state/ipclab") == 0);
    refused("unsafe permissions: ipclab in ");
    unlink("state/ipclab");
    close(open("state/ipclab", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    refused("unsafe permissions: ipclab in ");
    unlink("state/ipclab");
    if (geteuid() == 0) {
        CHECK(mkdir("state/ipclab", 0700) == 0 && chown("state/ipclab", 65534, 65534) == 0);
        refused("belongs to user 65534");
        rmdir("state/ipclab");
    }
    setenv("XDG_STATE_HOME", "/proc/nothing/here", 1);
    refused("cannot make /proc/nothing: ENOENT");
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "relative", 1);
    refused("no sessions folder: HOME is not set to an absolute path");
    unsetenv("HOME");
    refused("no sessions folder");
}

static void
test_refused_paths(void)
{
    struct writer w;

    CHECK(writer_open(&w, "/dev/null", -1, false, &err) == -1);
    writer_release(&w);
    CHECK(writer_open(&w, "nowhere/x", -1, false, &err) == -1);
    CHECK_TEXT(err.text,
               "cannot write the trace nowhere/x.partial: ENOENT (no such file or directory)");
    writer_release(&w);
    CHECK(symlink("target", "linked.partial") == 0);
    CHECK(writer_open(&w, "linked", -1, false, &err) == -1);
    CHECK(access("target", F_OK) != 0);
    writer_release(&w);
}

int
main(void)
{
    char folder[] = "/tmp/ipclab-trace-writer-XXXXXX";

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    test_round_trip();
    test_copy();
    test_busy();
    test_full();
    test_folder();
    test_refused_paths();
    event_release(&e);
    event_release(&f);
    check_remove(folder);
    return check_result();
}
