# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that were found once, one test each, so that they stay away."""

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
