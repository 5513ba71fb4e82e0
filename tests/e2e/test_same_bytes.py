# SPDX-License-Identifier: GPL-3.0-or-later
"""The same script gives the same bytes: 50 times with --stable, while every CPU is loaded."""

import hashlib
import multiprocessing
import os

import pytest

TIMES = 50

SCRIPTS = {
    # One step wakes several: end of file for three readers, then a chain of lines that go on.
    "woken": """
        spawn w
        w pipe(p)
        w pipe(q)
        w pipe(r)
        w char buf[64]
        w fork(a)
        w fork(b)
        w fork(c)
        a close(p[1])
        b close(p[1])
        c close(p[1])
        c read(p[0], buf, 8)
        a read(p[0], buf, 8)
        b read(p[0], buf, 8)
        w close(p[1])
        a write(r[1], buf, read(q[0], buf, 8))
        b write(r[1], buf, read(r[0], buf, 8))
        w write(q[1], "relay")
        c poll(r[0], POLLIN, -1)
        c read(r[0], buf, 64)
    """,
    # Writes that do not fit, ended by readers; ends that close under them.
    "full": """
        spawn w
        w char big[12288]
        w pipe(p)
        w fcntl(p[1], F_SETPIPE_SZ, 4096)
        w fork(a)
        w fork(b)
        a write(p[1], big, 12288)
        b write(p[1], "behind", 6)
        w read(p[0], big, 4096)
        w read(p[0], big, 12288)
        w read(p[0], big, 12288)
        w read(p[0], big, 12288)
        a write(p[1], big, 8192)
        b close(p[0])
        interrupt a
        a close(p[0])
        w close(p[0])
        -a write(p[1], "x")
        w wait(st)
    """,
    # Locks, shared memory, several awaits that one step ends.
    "shared memory and locks": """
        spawn w
        w f = open("f", O_RDWR|O_CREAT)
        w sm = shmat(shmget(5678, 27, IPC_CREAT|0666))
        w fork(a)
        w fork(b)
        w fork(c)
        w fcntl(f, F_SETLK, F_WRLCK, 0, 10)
        a fcntl(f, F_SETLKW, F_RDLCK, 5, 2)
        w fcntl(f, F_SETLKW, F_UNLCK)
        c await *sm == '*'
        a await *sm == '*'
        b await sm[1] == 'x'
        w strcpy(sm, "*x")
        w shmctl(shmget(5678, 27, 0666), IPC_RMID)
        c exit(7)
        w waitpid(c, st)
        a exit(1)
        w exit(0)
        b getppid()
    """,
    # Programs of their own, what they print, and who waits for them.
    "programs": """
        spawn w
        w fork(a)
        a execve("/bin/echo", "echo", "hello")
        w wait(st)
        w pipe(p)
        w fork(b)
        b dup2(p[1], 1)
        b close(p[1])
        b close(p[0])
        w close(p[1])
        w read(p[0], buf, 64)
        b execve("/bin/echo", "echo", "through the pipe")
        w read(p[0], buf, 64)
        w fork(c)
        c execve("/bin/sh", "sh", "-c", "echo one; echo two >&2; exit 3")
        w wait(st)
        w wait(st)
        w puts("bye")
    """,
    # What one actor writes goes through a program to another: no line comes between.
    "through a program": """
        spawn w
        w pipe(q)
        w pipe(p)
        w fork(a)
        w fork(b)
        a close(q[1])
        a close(p[1])
        b dup2(q[0], 0)
        b dup2(p[1], 1)
        b close(q[0])
        b close(q[1])
        b close(p[0])
        b close(p[1])
        w close(p[1])
        b execve("/bin/cat")
        a read(p[0], buf, 8)
        w write(q[1], "hi")
        a read(p[0], buf, 8)
        w write(q[1], "ho")
        w close(q[1])
        w wait(st)
    """,
    # Deaths by signals, verdicts, undo, a sleep.
    "deaths, undo, sleep": """
        spawn w z
        w pipe(p)
        w fork(a)
        w fork(b)
        a char *bad = 0
        -a print *bad
        w close(p[0])
        b close(p[0])
        -b write(p[1], "x")
        w wait(st)
        w wait(st)
        undo 2
        w waitpid(b, st)
        w nanosleep(0, 2000000)
        z pipe(q)
        z poll(q[0], POLLIN, 2)
        z read(q[0], buf, 1)
        interrupt z
        w fork(c)
        c int n = 3
        c await n == 4
        undo 1
        c exit(n)
        w waitpid(c, st)
    """,
}


def spin():
    while os.getppid() != 1:
        for _ in range(100000):
            pass


@pytest.fixture
def load():
    """Every CPU is busy with something else."""
    busy = [multiprocessing.Process(target=spin, daemon=True) for _ in os.sched_getaffinity(0)]
    for p in busy:
        p.start()
    yield
    for p in busy:
        p.terminate()
        p.join()


def of_trace(r):
    with open(r.trace, "rb") as f:
        return f.read()


@pytest.mark.parametrize("name", SCRIPTS)
def test_same_bytes(lab, world, load, name):
    script = "\n".join(line.strip() for line in SCRIPTS[name].strip().splitlines()) + "\n"
    first = lab.run(None, "--stable", file=script)
    assert first.status == 0, first
    wanted = of_trace(first)
    assert first.events[-1]["ev"] == "end"
    for i in range(TIMES - 1):
        again = lab.run(None, "--stable", file=script)
        got = of_trace(again)
        if got == wanted:
            continue
        for n, (x, y) in enumerate(zip(wanted.split(b"\n"), got.split(b"\n"))):
            assert x == y, f"run {i + 2}, line {n + 1} differs:\n{x.decode()}\n{y.decode()}"
        assert len(got) == len(wanted), f"run {i + 2} has another length"


def test_end_covers_the_bytes(lab, world):
    """end.sha256 is that of all bytes before its line."""
    data = of_trace(lab.run("spawn a; a getppid()", "--stable").ok())
    at = data.rstrip(b"\n").rindex(b"\n") + 1
    assert hashlib.sha256(data[:at]).hexdigest().encode() in data[at:]
