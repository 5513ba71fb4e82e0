# SPDX-License-Identifier: GPL-3.0-or-later
"""Actors that are killed, stopped, lie on their socket or their board, hide, flood: each costs itself
and nothing else. The names are those of the cases of the corpus, group B."""

import os
import shutil
import signal
import stat

import pytest
from ipclab import program
from live import Live, descendants, descriptors, is_gone, state
from terminal import Terminal

BAD = os.path.join(os.path.dirname(program()), "badplugins", "calls")


def bad(lab, *names):
    """The option that adds these misbehaving plugins and no other."""
    folder = lab.path("work", "bad")
    os.makedirs(folder, exist_ok=True)
    for name in names:
        shutil.copy(os.path.join(BAD, name + ".so"), folder)
    return f"--plugin-path={folder}"


def held(pid):
    """What the shell has open but its looks into /proc, of which it keeps some as it likes."""
    links = (link.split(":")[0] for link in descriptors(pid).values())
    return sorted(link for link in links if not link.startswith("/proc"))


def ends_well(r, dead=()):
    """The trace is whole, and exactly these actors died of a signal."""
    assert r.events[-1]["ev"] == "end", r
    assert [e["seq"] for e in r.events] == list(range(len(r.events))), r
    assert sorted(e["actor"] for e in r.find("process", what="killed")) == sorted(dead), r
    assert r.status in (0, 2), r


def test_B01_killed_while_idle(lab, world):
    with Live(lab, "-k") as s:
        s.line("spawn a b")
        pid = s.kill("a")
        s.until(lambda: is_gone(pid), "the end of a")
        s.settle()
        r = s.end("a getpid()", "ps", "b getpid()")
    ends_well(r, ["a"])
    assert r.one("process", what="killed")["sig"] == "SIGKILL"
    assert not r.returns("getpid", "a")
    assert len(r.returns("getpid", "b")) == 1
    assert r.status == 2
    assert "a is dead" in r.stderr


def test_B01_told_at_the_prompt(lab):
    with Terminal(lab) as t:
        t.wait("ipclab> ")
        t.line("spawn a", wait="ipclab> ")
        os.kill(descendants(t.process.pid)[-1], signal.SIGKILL)
        t.wait("killed by SIGKILL", 2.0)
        t.line("quit")
        assert t.end() in (0, 2)


@pytest.mark.parametrize("instants", range(4))
def test_B02_killed_in_a_step(lab, instants):
    """Whatever the step has come to: every line ends, and the other actor works."""
    for i in range(12):
        with Live(lab, "-k", "-q") as s:
            s.line("spawn a")
            pid = s.host("a")
            s.send("a pipe(p)", *['a write(p[1], "x")', "a read(p[0], buf, 1)"] * 40)
            # An instant of the session's own clock: when so many events are there.
            wanted = 5 + (instants * 12 + i) * 5
            s.until(lambda n=wanted: os.path.exists(s.trace + ".partial") and len(s.events) >= n, "events")
            os.kill(pid, signal.SIGKILL)
            r = s.end("mark getppid()")
        # The last lines may all have been done before the signal came.
        assert [e["sig"] for e in r.find("process", what="killed")] in (["SIGKILL"], []), r
        assert len(r.returns("getppid", "mark")) == 1, r
        assert r.events[-1]["ev"] == "end", r


BLOCKED = {
    "read": (["a pipe(p)", "a fork(b)"], "a read(p[0], buf, 8)"),
    "write": (
        ["a pipe(p)", "a fcntl(p[1], F_SETPIPE_SZ, 4096)", "a char big[4096]"]
        + ["a write(p[1], big, 4096)", "a fork(b)"],
        'a write(p[1], "x")',
    ),
    "wait": (["a fork(b)"], "a wait(st)"),
    "poll": (["a pipe(p)", "a fork(b)"], "a poll(p[0], POLLIN, -1)"),
    "fcntl": (
        ['a f = open("f", O_RDWR|O_CREAT, 0600)', "a fork(b)", "b fcntl(f, F_SETLK, F_WRLCK)"],
        "a fcntl(f, F_SETLKW, F_WRLCK)",
    ),
    "await": (["a shm = shmat(shmget(77, 16, IPC_CREAT|0666))", "a fork(b)"], "a await *shm == 1"),
}


@pytest.mark.parametrize("call", BLOCKED)
def test_B03_killed_while_it_waits(lab, call):
    before, waits = BLOCKED[call]
    with Live(lab, "-k") as s:
        for line in ["spawn a", *before, waits]:
            s.line(line)
        assert s.has(ev="block", actor="a", call=call)
        pid = s.kill("a")
        s.until(lambda: is_gone(pid), "the end of a")
        s.settle()
        r = s.end("b getpid()", "a getpid()")
    ends_well(r, ["a"])
    assert len(r.returns("getpid", "b")) == 1, r


def test_B03_its_lock_goes_to_the_next(lab, world):
    with Live(lab, "-k") as s:
        s.line('spawn a; a f = open("f", O_RDWR|O_CREAT, 0600); a fork(b)'.replace("; ", "\n"))
        s.line("a fcntl(f, F_SETLK, F_WRLCK)")
        s.line("b fcntl(f, F_SETLKW, F_WRLCK)")
        assert s.has(ev="block", actor="b")
        s.kill("a")
        s.until(lambda: s.settle() or s.has(ev="exit", actor="b", call="fcntl"), "the lock of b")
        r = s.end()
    ends_well(r, ["a"])
    assert r.one("exit", actor="b", call="fcntl")["ret"] == 0


def test_B05_stopped_and_continued(lab, world):
    """A stopped actor's line does not hang the session; after SIGCONT its answer is its own."""
    with Live(lab, "-k", "--timeout", "1") as s:
        s.line("spawn a b")
        pid = s.kill("a", signal.SIGSTOP)
        s.until(lambda: state(pid) == "T", "a stopped")
        s.send("a getppid()")
        s.settle()
        os.kill(pid, signal.SIGCONT)
        s.until(lambda: s.settle() or s.has(ev="exit", actor="a", call="getppid"), "its answer")
        r = s.end("a getpid()", "b getpid()")
    assert r.events[-1]["ev"] == "end", r
    assert len(r.returns("getpid", "b")) == 1
    late = r.one("exit", actor="a", call="getppid")
    own = r.one("exit", actor="a", call="getpid")
    assert late["ret"] == r.one("exit", actor="b", call="getpid").get("ppid", late["ret"])
    assert own["ret"] != late["ret"]
    assert own["step"] > late["step"]
    whats = [e["what"] for e in r.find("process", actor="a")]
    assert whats == ["spawn", "stopped", "continued"], r


# What the host calls a violation: the actor is killed, and the event says for what.
LIES = {
    "B06": "junk_socket",
    "B07": "bad_frames",
    "B09": "close_socket",
    "B15": "send_fds",
    "board": "junk_board",
}


@pytest.mark.parametrize("case", LIES)
def test_B06_B07_B09_B15_lies_to_the_shell(lab, world, case):
    call = LIES[case]
    with Live(lab, "-k", bad(lab, call)) as s:
        s.line("spawn a b")
        s.line("a pipe(p)")
        before = held(s.pid)
        s.line("spawn c")
        assert len(held(s.pid)) > len(before)
        s.line(f"a {call}()")
        s.until(lambda: s.settle() or s.has(what="killed"), "the end of a")
        assert held(s.pid) == before, "c came and a went: the shell holds what it held before"
        r = s.end("a getpid()", "b getpid()", "b pipe(q)", 'b write(q[1], "x")')
    ends_well(r, ["a"])
    killed = r.one("process", what="killed")
    assert killed["sig"] == "SIGKILL"
    # The call may have returned before the shell looked at what it had left.
    assert killed.get("during") == call or r.returns(call), r
    assert killed["text"], r
    assert r.returns("getpid", "b") and r.returns("write", "b") == [1]
    assert r.status == 2


def test_B10_exit_in_a_call(lab, world):
    r = lab.run(["spawn a b", "a calls_exit()", "b getpid()", "a getpid()"], "-k", bad(lab, "calls_exit"))
    gone = r.one("process", actor="a", what="exit")
    assert gone["status"] == 0
    assert gone["during"] == "calls_exit"
    assert not r.find("exit", call="calls_exit"), "a call that ends its process did not return"
    ends_well(r)
    assert len(r.returns("getpid", "b")) == 1


@pytest.mark.parametrize("how", ["quit", "killed"])
def test_B11_hidden_children(lab, world, how):
    """The fixture `lab` holds that nothing is left 2 s later."""
    with Live(lab, "-k", bad(lab, "nasty_children")) as s:
        s.line("spawn a b")
        s.line("a nasty_children()")
        assert len(descendants(s.pid)) >= 8, "the children are there"
        if how == "quit":
            r = s.end("b getpid()", "quit")
            ends_well(r)
        else:
            s.process.kill()
            s.process.wait()
    assert lab.run("spawn a", world=world).status == 0


def test_B13_deaf(lab, world):
    with Live(lab, "-k", bad(lab, "ignore_term")) as s:
        s.line("spawn a")
        s.line("a ignore_term()")
        pid = s.host("a")
        os.kill(pid, signal.SIGTERM)
        s.line("a getpid()")
        r = s.end("quit")
        s.until(lambda: is_gone(pid), "the end of a", 2.0)
    ends_well(r)
    assert len(r.returns("getpid", "a")) == 1


def test_B14_flood(lab, world):
    r = lab.run(["spawn a b", "a flood_stdout()", "b getpid()"], "-q", bad(lab, "flood_stdout"))
    ends_well(r)
    assert r.status == 0
    assert r.returns("flood_stdout") == [100 << 20]
    output = r.find("output", actor="a")
    assert output and os.path.getsize(r.trace) < 1 << 20
    assert r.returns("getpid", "b")


def test_B14_flood_without_end(lab):
    """A program that prints for ever is out of time; what it printed is bounded."""
    r = lab.run(
        ["spawn a b", 'a execve("/usr/bin/yes", "yes")', "b getpid()"], "-q", "--timeout", "1"
    )
    assert r.status == 4, r
    assert r.events[-1]["ev"] == "end"
    assert os.path.getsize(r.trace) < 4 << 20


def test_B17_the_shell_cannot_be_reached(lab):
    """Inside a sealed world there is no process of the shell that could be killed or looked at."""
    r = lab.run(["spawn a", 'a execve("/bin/sh", "sh", "-c", "kill -9 -1; kill -9 1; echo survived")'])
    ends_well(r, [e["actor"] for e in r.find("process", what="killed")])
    r = lab.run(["spawn a b", "- a execve(\"/bin/sh\", \"sh\", \"-c\", \"kill -9 $PPID\")", "b getpid()"], "-k")
    assert len(r.returns("getpid", "b")) == 1, r


def test_B18_more_memory_than_there_is(lab):
    r = lab.run(["spawn a b", "a shmget(1, 1099511627776, IPC_CREAT|0600)", "b getpid()"])
    assert r.status == 0, r
    assert r.returns("shmget")[0] in ("ENOMEM", "ENOSPC", "EINVAL")
    assert r.returns("getpid", "b")


def test_B18_beyond_the_end(lab, world):
    """A write past the pages of a segment ends that actor, and the event has signal and address."""
    r = lab.run(
        ["spawn a b", "a sm = shmat(shmget(99, 10, IPC_CREAT|0600))", "a sm[100000000] = 1", "b getpid()"],
        "-k",
    )
    assert r.one("process", actor="a", what="killed")["sig"] in ("SIGSEGV", "SIGBUS"), r
    assert "addr" in r.one("process", actor="a", what="killed").get("vol", {})
    ends_well(r, ["a"])
    assert r.returns("getpid", "b")


def test_no_core_is_left(lab):
    r = lab.run(["spawn a b", "a segv()"], bad(lab, "segv"))
    ends_well(r, ["a"])
    for base, _, names in os.walk(lab.folder):
        assert not [n for n in names if "core" in n], base
    assert not stat.S_ISDIR(os.stat(r.trace).st_mode)
