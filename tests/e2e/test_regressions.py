# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that were found once, one test each, so that they stay away."""

import json
import subprocess
import sys

import pytest


def test_idle_actor_killed_by_a_program_dies_in_that_step(lab, world):
    """The program ends before the idle actor that it killed is dead: the step waits for both."""
    pid = 3 if world == "sealed" else None
    if pid is None:
        pytest.skip("pids of a shared world are not known before")
    for _ in range(20):
        r = lab.run(
            ["spawn a b c", f'a execve("/bin/sh", "sh", "-c", "kill -9 {pid}")', "c getpid()"]
        ).ok()
        died, later = r.one("process", actor="b", what="killed"), r.one("enter", call="getpid")
        assert died["seq"] < later["seq"], r


def test_program_in_the_middle_wakes_within_the_step(lab, world):
    """What a program passes on wakes a third process in the same step, though that waits on an
    object which the step itself did not name."""
    lines = [
        "spawn p", "p pipe(p1)", "p pipe(p2)", "p fork(k)", "k dup2(3, 0)", "k dup2(6, 1)",
        "k close(4)", "k close(6)", "p fork(c)", "c close(4)", "c close(6)",
        'k execve("/bin/cat", "cat")', "c read(5, buf, 100)", 'p write(4, "hello")',
    ]
    for _ in range(5):
        r = lab.run(lines).ok()
        written = r.one("exit", call="write")
        assert r.one("exit", call="read")["by"] == written["step"], r


def test_spinning_program_delays_one_step_only(lab, world):
    lines = [
        "spawn a b", 'a execve("/bin/sh", "sh", "-c", "while :; do :; done")', "b getpid()", "b getppid()",
    ]
    r = lab.run(lines, "-k", "--timeout", "1")
    assert r.status == 4, r
    assert len([line for line in r.stderr.splitlines() if " error: " in line]) == 1, r
    assert r.one("exit", call="getpid") and r.one("exit", call="getppid")


@pytest.mark.parametrize("prefix", ["", "ipclab> ", "- ipclab> ", "[pid 2] ", " \t"])
@pytest.mark.parametrize("line", ["load /nonexistent.so", "source /etc/passwd", "! id", "lua x", "use a"])
def test_a_trace_never_runs_what_is_not_recorded(lab, prefix, line):
    """Also not behind a prompt, which the grammar forgives: the shell that replays loads nothing."""
    r = lab.run("spawn a; a getpid()").ok()
    with open(r.trace, encoding="utf-8") as f:
        text = f.read()
    forged = r.trace + ".forged"
    with open(forged, "w", encoding="utf-8") as f:
        f.write(text.replace('"text":"a getpid()"', '"text":' + json.dumps(prefix + line)))
    assert lab.call("replay", forged).status == 6


@pytest.mark.serial
def test_trace_of_a_shared_world_replays_in_a_sealed_one(lab):
    """Pids and ids of the shared world do not count, so another world may have its own."""
    lines = ["spawn a", "a x = shmget(77, 10, IPC_CREAT|0600)", "a m = shmat(x)", "a fork(c)", "c exit(2)",
             "a waitpid(c, st)", "a getpid()", "a shmctl(x, IPC_RMID)"]  # fmt: skip
    r = lab.run(lines, "--world", "shared").ok()
    again = lab.call("replay", "--world", "sealed", r.trace)
    assert again.status == 0, again


@pytest.mark.parametrize("name", ["print", "await"])
def test_a_forked_actor_is_named_like_a_spawned_one(lab, name):
    assert lab.run(f"spawn a; a fork({name})").status == 2


def inputs(r):
    return [e["text"] for e in r.events if e["ev"] == "input"]


def test_strace_lines_name_what_they_fill(lab, world):
    """What strace shows as stored becomes a variable, also in what is recorded, which replays."""
    if world != "sealed":
        pytest.skip("pids of a shared world are not known before")
    lines = ["spawn a", "[pid 2] pipe([3, 4]) = 0", "a pipe2([5, 6], O_CLOEXEC) = 0",
             r'[pid 2] write(4, "Hello World\n", 12) = 12', r'[pid 2] read(3, "Hello World\n", 32) = 12',
             '[pid 2] <... read resumed>"x", 1) = 1', '<... read resumed>"x", 1) = 1',
             'a write(4, "abcdef", 6)', '2 read(3, "abc"..., 64) = 6', "a fork(c)", "c exit(2)",
             "[pid 2] waitpid(3, [{WIFEXITED(s) && WEXITSTATUS(s) == 2}], 0) = 3"]  # fmt: skip
    r = lab.run(lines).ok()
    assert inputs(r) == [
        "spawn a", "a pipe(pipefd)", "a pipe2(pipefd, O_CLOEXEC)",
        r'a write(4, "Hello World\n", 12)', "a read(3, buf, 32)", 'a write(4, "abcdef", 6)',
        "a read(3, buf2, 64)", "a fork(c)", "c exit(2)", "a waitpid(3, status, 0)",
    ], r  # fmt: skip
    assert [e["out"] for e in r.find("exit", call="read")] == [{"buf": "Hello World\n"}, {"buf2": "abcdef"}]
    again = lab.call("replay", r.trace)
    assert again.status == 0, again


@pytest.mark.parametrize(
    "line, place",
    [
        ('a write(1, "abc"..., 100) = 100', "12-19"),
        ("a read(3,  <unfinished ...>", "12-27"),
        ('a read(3, "abc", 3)', "11-15"),
        ("dead getpid()", "1-4"),
        ("a, dead getpid()", "4-7"),
        ("spawn x a", "9-9"),
        ("spawn x x", "9-9"),
        ("a fork(b)", "8-8"),
        ("a read(0, b, 3)", "11-11"),
        ("undo x", "6-6"),
        ("interrupt", "1-9"),
        ("interrupt nobody", "11-16"),
        ("ps x", "4-4"),
        ("quit 5", "6-6"),
        ("reset x", "7-7"),
    ],
)
def test_errors_have_their_columns(lab, line, place):
    r = lab.run(["spawn a b dead", "dead exit(0)", line])
    assert r.status == 2, r
    assert f":3:{place}: error: " in r.stderr, r


def test_interrupted_await_says_so(lab):
    r = lab.run(["spawn a", "a int n = 0", "a await n == 1", "interrupt a"]).ok()
    assert r.one("exit", call="await")["errno"] == "EINTR"
    assert "<... await> = -1 EINTR (interrupted" in r.stdout, r
    assert "own memory" in r.one("verdict")["text"], r
    assert "looks again" not in r.stdout, r


def test_assignments_show_what_they_came_to(lab):
    r = lab.run(["spawn a", "a n = 5", "a n = n + 1", "a m = -0x1f", "a c = 'c'", "a char b[8]", "a p = b"]).ok()
    shown = [line.split(None, 2)[2] for line in r.stdout.splitlines() if " = " in line]
    assert shown == ["n = 5", "n = n + 1  (= 6)", "m = -0x1f", "c = 'c'", "p = b"], r


def test_state_of_what_only_the_second_actor_holds(lab, world):
    """Whoever holds no descriptor of it is not the one to ask."""
    r = lab.run("spawn a b; b pipe(p); b close(p[0])").ok()
    assert r.one("exit", call="pipe")["state"] == {"bytes": 0, "w": ["b"], "r": ["b"]}
    assert r.one("exit", call="close")["state"] == {"bytes": 0, "w": ["b"], "r": []}


def test_refused_lines_leave_no_names(lab):
    """x = fork(NAME) is refused where NAME lives, also for the second of several: x is unknown."""
    r = lab.run(["spawn a b", "- a x = fork(b)", "- a print x"]).ok()
    assert "already exists" in r.stdout
    assert "a has no variable 'x'" in r.stdout
    r = lab.run(["spawn a b", "a int n = 1", "- a,b m = n", "- a print m", "a m = 2", "a print m"])
    assert r.ok().last("exit", call="print")["value"] == 2
    assert "a has no variable 'm'" in r.stdout


HOARD = """
import os, resource, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
pages = int(open("/proc/sys/fs/pipe-user-pages-soft").read())
held = [os.pipe() for _ in range(pages // 16 + 2)]
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.serial
def test_doctor_tells_of_small_pipes(lab, user):
    """One user's pipes beyond fs.pipe-user-pages-soft: new ones are small, and doctor says so."""
    if user != "nobody":
        pytest.skip("root is spared")
    with open("/proc/sys/fs/pipe-user-pages-soft", encoding="utf-8") as f:
        pages = int(f.read())
    if pages == 0 or pages > 65536:
        pytest.skip("no such limit here, or one that cannot be reached")
    assert "holds 65536 bytes" in lab.call("doctor").ok().stdout
    program, lab.program = lab.program, sys.executable
    hoard = lab.popen("-c", HOARD, stdin=subprocess.PIPE)
    lab.program = program
    try:
        assert hoard.stdout.readline() == b"held\n", hoard.stderr.read()
        assert "pipe-user-pages-soft" in lab.call("doctor").ok().stdout
    finally:
        hoard.stdin.close()
        hoard.wait()


def test_names_with_an_at_sign_are_no_pids(lab):
    """The name of an abstract socket is shown as it is, whoever has that pid."""
    r = lab.run(["spawn a", "a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "@2")']).ok()
    assert r.one("exit", call="bind")["state"]["name"] == "@2"
    r = lab.run(["spawn a b", "a shm = shmat(shmget(1, 2, IPC_CREAT|0600))"]).ok()
    assert r.last("exit", call="shmat")["state"]["creator"] == "a"
