# SPDX-License-Identifier: GPL-3.0-or-later
"""`show --as strace` against the real strace of a C program that does the same."""

import re
import shutil
import subprocess

import pytest

# What the C program does, what the script does, and where both must read the same.
C_BEGIN = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(void) { char buf[64]; int p[2], st, f; (void)st; (void)f; (void)buf; (void)p;
"""

PAIRS = {
    "file": (
        """
        f = open("f", O_RDWR|O_CREAT, 0640);
        write(f, "h\\351llo\\tw\\1\\0018\\n\\"\\\\\\r", 14);
        lseek(f, 2, SEEK_SET);
        read(f, buf, 5);
        pread(f, buf, 3, 1);
        pwrite(f, "zz", 2, 0);
        ftruncate(f, 4);
        dup2(f, 9);
        close(9);
        dup(f);
        dup3(f, 8, O_CLOEXEC);
        fcntl(f, F_SETFL, O_NONBLOCK);
        fcntl(f, F_GETFD);
        fcntl(f, F_SETFD, FD_CLOEXEC);
        fcntl(f, F_GETFD);
        fcntl(f, F_SETLK, &(struct flock){.l_type = F_WRLCK, .l_start = 1, .l_len = 10});
        open("missing", O_RDONLY);
        unlink("f");
        unlink("f");
        close(77);
        """,
        r"""
        a f = open("f", O_RDWR|O_CREAT, 0640)
        a write(f, "h\351llo\tw\1\0018\n\"\\\r", 14)
        a lseek(f, 2, SEEK_SET)
        a read(f, buf, 5)
        a pread(f, buf, 3, 1)
        a pwrite(f, "zz", 2, 0)
        a ftruncate(f, 4)
        a dup2(f, 9)
        a close(9)
        a dup(f)
        a dup3(f, 8, O_CLOEXEC)
        a fcntl(f, F_SETFL, O_NONBLOCK)
        a fcntl(f, F_GETFD)
        a fcntl(f, F_SETFD, FD_CLOEXEC)
        a fcntl(f, F_GETFD)
        a fcntl(f, F_SETLK, F_WRLCK, 1, 10)
        a open("missing", O_RDONLY)
        a unlink("f")
        a unlink("f")
        a close(77)
        """,
    ),
    "pipe": (
        """
        pipe(p);
        poll(&(struct pollfd){p[0], POLLIN, 0}, 1, 2);
        write(p[1], "hello", 5);
        poll(&(struct pollfd){p[0], POLLIN, 0}, 1, 2);
        ioctl(p[0], FIONREAD, &st);
        read(p[0], buf, 5);
        close(p[1]);
        read(p[0], buf, 5);
        pipe2(p, O_CLOEXEC);
        read(p[0], buf, 0);
        """,
        """
        a pipe(p)
        a poll(p[0], POLLIN, 2)
        a write(p[1], "hello")
        a poll(p[0], POLLIN, 2)
        a ioctl(p[0], FIONREAD)
        a read(p[0], buf, 5)
        a close(p[1])
        a read(p[0], buf, 5)
        a pipe2(q, O_CLOEXEC)
        a read(q[0], buf, 0)
        """,
    ),
    "processes": (
        """
        nanosleep(&(struct timespec){0, 2000000}, NULL);
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 128});
        if (fork() == 0) _exit(3);
        wait(&st);
        if (fork() == 0) kill(getpid(), 9);
        wait(&st);
        wait(&st);
        _exit(4);
        """,
        """
        a nanosleep(0, 2000000)
        a setrlimit(RLIMIT_NOFILE, 64, 128)
        a fork(b)
        b exit(3)
        a wait(st)
        a fork(c)
        - c print *(char *)0
        a wait(st)
        - a wait(st)
        a exit(4)
        """,
    ),
    "shm": (
        """
        int id = shmget(5678, 27, IPC_CREAT|0666);
        shmget(9999, 27, 0666);
        void *m = shmat(id, NULL, 0);
        (void)m;
        shmctl(id, IPC_RMID, NULL);
        """,
        """
        a id = shmget(5678, 27, IPC_CREAT|0666)
        a shmget(9999, 27, 0666)
        a m = shmat(id, NULL, 0)
        a shmctl(id, IPC_RMID)
        """,
    ),
}

NAMES = """openat write lseek read pread64 pwrite64 ftruncate dup dup2 dup3 close fcntl unlink pipe2
    poll ioctl clock_nanosleep prlimit64 clone wait4 exit_group shmget shmat shmctl""".split()


def steps(text):
    """The calls that a program of ours makes by itself, without the numbers that are its own."""
    found = []
    for line in text.splitlines():
        line = re.sub(r"^\[pid +\d+\] ", "", line)
        if not line.startswith(tuple(n + "(" for n in NAMES)):
            continue
        line = re.sub(r"(shmat|shmctl)\(\d+", r"\1(ID", line)
        line = re.sub(r"(clone\(.*|wait4\(.*|shmget\(.*\)) += (?!-1)\d+$", r"\1 = N", line)
        line = re.sub(r"0x[0-9a-f]{6,}|\bst\b", "ADDRESS", line)
        line = re.sub(r", child_tidptr=ADDRESS", "", line)
        found.append(re.sub(r" +=", " =", line))
    return found


def real(folder, source):
    """What strace says of the same in C, from where main begins, one process at a time."""
    c, exe = f"{folder}/t.c", f"{folder}/t"
    with open(c, "w") as f:
        f.write(C_BEGIN + "open(\"begin\", O_RDONLY);" + source + "_exit(0); }\n")
    subprocess.run(["cc", "-w", "-o", exe, c], check=True)
    r = subprocess.run(
        ["strace", "-f", "-ff", "-s", "256", "-o", f"{folder}/out", exe],
        capture_output=True, cwd=folder, timeout=60, check=False,
    )  # fmt: skip
    if b"ptrace" in r.stderr and b"not permitted" in r.stderr:
        pytest.skip("ptrace is not permitted here")
    names = subprocess.run(["sh", "-c", f"ls -v {folder}/out.*"], capture_output=True, check=True)
    texts = []
    for name in names.stdout.decode().split():
        with open(name) as f:
            texts.append(f.read())
    return texts[0].split('"begin"', 1)[1].split("\n", 1)[1], "".join(texts[1:])


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler is here")
@pytest.mark.parametrize("name", PAIRS)
def test_as_the_real_one(lab, name):
    source, script = PAIRS[name]
    theirs, _children = real(lab.path("work"), source)
    lines = "spawn a\n" + "\n".join(line.strip() for line in script.strip().splitlines())
    r = lab.run(None, "-k", file=lines + "\n")
    ours = lab.call("show", r.trace, "--as", "strace").ok().stdout
    ours = "\n".join(line for line in ours.splitlines() if line.startswith("[pid     2] "))
    got, wanted = steps(ours), steps(theirs)
    if name != "processes":  # their own end
        wanted = wanted[:-1]
    if name == "processes":  # what killed the second child is another signal there
        wanted = [line.replace("SIGKILL", "SIGSEGV") for line in wanted]
    assert got == wanted, f"\n{ours}\n---- strace\n{theirs}"


def strace(lab, lines, *options, **more):
    r = lab.run(lines, "-k", **more)
    return lab.call("show", r.trace, "--as", "strace", *options).ok().stdout.splitlines()


PIPE = "spawn a; a pipe(p); a fork(b); "


def test_a_wait_is_unfinished_and_resumed(lab):
    out = strace(lab, PIPE + 'a read(p[0], buf, 32); b write(p[1], "Hello World\\n")')
    at = out.index("[pid     2] read(3,  <unfinished ...>")
    assert out[at + 1] == '[pid     3] write(4, "Hello World\\n", 12) = 12'
    assert out[at + 2] == '[pid     2] <... read resumed>"Hello World\\n", 32) = 12'
    assert out[0] == "strace: Process 2 attached  /* a */"
    # The result stands where strace has it, or one blank behind what is longer.
    assert out[1].index("= 0") == 40


def test_a_full_pipe(lab):
    out = strace(
        lab, PIPE + "a char big[70000]; a write(p[1], big, 70000); b read(p[0], big, 70000)"
    )
    assert any(line.startswith('[pid     2] write(4, "\\0\\0') for line in out)
    assert any(line.endswith('"..., 70000 <unfinished ...>') for line in out)


def test_what_was_never_seen(lab):
    out = strace(lab, PIPE + "a read(p[0], buf, 32); b exit(7)")
    assert "[pid     3] exit_group(7)               = ?" in out
    assert "[pid     3] +++ exited with 7 +++" in out
    assert out[-1].startswith("[pid     2] <... read resumed>buf, 32) ") and out[-1].endswith("= ?")


def test_killed(lab):
    out = strace(lab, "spawn a; - a print *(char *)16")
    assert out[-3:] == [
        "[pid     2] /* print *(char *)16 */",
        "[pid     2] --- SIGSEGV {si_signo=SIGSEGV, si_addr=0x10} ---",
        "[pid     2] +++ killed by SIGSEGV +++",
    ]


def test_interrupted(lab):
    out = strace(lab, "spawn a; a pipe(p); a read(p[0], buf, 32); interrupt a")
    assert any(line.endswith("= -1 EINTR (Interrupted system call)") for line in out)


def test_what_is_no_call_is_a_comment(lab):
    out = strace(lab, r'spawn a; a int n = 5; a print n; a puts("*/ x"); a getppid()')
    assert "[pid     2] /* n = 5 */" in out
    assert "[pid     2] /* print n = 5 */" in out
    assert '[pid     2] /* puts("*| x") = 5 */' in out
    for line in out:
        code = re.sub(r"/\*.*?\*/", "", line)
        assert "/*" not in code and "*/" not in code, line


def test_undo_lets_calls_go_on(lab):
    out = strace(
        lab, PIPE + 'a read(p[0], buf, 5); b write(p[1], "one"); undo; b write(p[1], "two")'
    )
    resumed = [line for line in out if "resumed" in line]
    assert [line.split('"')[1] for line in resumed] == ["one", "two"]
    assert "/* 1 line was undone */" in out


def test_stable_has_no_addresses(lab, world):
    lines = "spawn a; a m = shmat(shmget(5678, 27, IPC_CREAT|0666)); a fork(b); a wait(st)"
    texts = {"\n".join(strace(lab, lines, "--stable", world=world)) for _ in range(2)}
    assert len(texts) == 1
    assert "0x7f" not in texts.pop()


def test_signal_of_a_trace(lab):
    """Signals between actors, which other mechanisms write."""
    trace = lab.write(
        "signal.trace",
        '{"seq":0,"ev":"session","ipclab":1,"version":"1","world":"sealed","plugins":{}}\n'
        '{"seq":1,"ev":"process","actor":"a","what":"spawn","pid":2}\n'
        '{"seq":2,"ev":"process","actor":"b","what":"spawn","pid":3}\n'
        '{"seq":3,"ev":"enter","step":1,"actor":"a","call":"pause","args":[]}\n'
        '{"seq":4,"ev":"block","step":1,"actor":"a","call":"pause"}\n'
        '{"seq":5,"ev":"signal","actor":"a","sig":"SIGUSR1","action":"handler","from":"b"}\n'
        '{"seq":6,"ev":"exit","step":1,"actor":"a","call":"pause","ret":-1,"errno":"EINTR"}\n',
    )
    out = lab.call("show", trace, "--as", "strace").ok().stdout.splitlines()
    assert "[pid     2] pause( <unfinished ...>" in out
    assert "[pid     2] --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=3} ---" in out
    assert out[-1] == "[pid     2] <... pause resumed>)        = -1 EINTR (Interrupted system call)"
