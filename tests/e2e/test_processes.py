# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes as the kernel has them: fork, exit, wait, zombies, orphans, exec, signals that kill; undo
and reset; a thousand of them."""

import os
import signal

import pytest
from live import Live, is_gone


def test_fork_has_copies(lab, world):
    r = lab.run(
        ["spawn a", "a int n = 5", "a fork(b)", "a n = 6", "b print n", "a print n", "b getppid()", "a getpid()"]
    ).ok()
    assert r.one("exit", actor="b", call="print")["value"] == 5
    assert r.one("exit", actor="a", call="print")["value"] == 6
    assert r.returns("getppid", "b") == r.returns("getpid", "a")


@pytest.mark.parametrize("call,wait", [("exit", "wait(st)"), ("_exit", "waitpid(b, st)")])
def test_exit_and_wait(lab, world, call, wait):
    r = lab.run(["spawn a", "a fork(b)", f"b {call}(3)", f"a {wait}", "a print st", f"a {wait}"]).ok()
    b = r.one("process", what="fork")["pid"]
    assert r.one("process", actor="b", what="exit")["status"] == 3
    assert r.one("process", actor="b", what="reaped")["parent"] == "a"
    assert r.returns(wait.split("(")[0]) == [b, "ECHILD"]
    assert r.one("exit", call="print")["value"] == 3 << 8


def test_wait_waits(lab, world):
    r = lab.run(["spawn a", "a fork(b)", "a wait(st)", "b exit(7)"]).ok()
    waits, got = r.one("block", actor="a"), r.one("exit", actor="a", call="wait")
    assert waits["step"] == got["step"]
    assert got["by"] == r.one("enter", actor="b", call="exit")["step"]
    assert got["ret"] == r.one("process", what="fork")["pid"]


def test_wnohang(lab, world):
    r = lab.run(["spawn a", "a fork(b)", "a waitpid(b, st, WNOHANG)", "b exit(0)", "a waitpid(b, st, WNOHANG)"]).ok()
    assert r.returns("waitpid") == [0, r.one("process", what="fork")["pid"]]


def test_zombie_until_it_is_waited_for(lab, world):
    with Live(lab) as s:
        s.line("spawn a")
        s.line("a fork(b)")
        pid = s.host("b")
        s.line("b exit(0)")
        assert os.path.exists(f"/proc/{pid}") and is_gone(pid), "a zombie: its parent has not waited"
        assert not s.has(what="reaped")
        s.line("a wait(st)")
        assert not os.path.exists(f"/proc/{pid}")
        s.end().ok()


def test_orphan(lab, world):
    """The first process of the world adopts it, and reaps it when it ends."""
    with Live(lab) as s:
        for line in ["spawn a", "a fork(b)", "b fork(c)", "c getppid()", "b exit(0)", "c getppid()"]:
            s.line(line)
        pid = s.host("c")
        init = s.init
        s.line("c exit(0)")
        s.until(lambda: not os.path.exists(f"/proc/{pid}"), "the orphan is reaped")
        r = s.end().ok()
    b = [e["pid"] for e in r.find("process", what="fork") if e["actor"] == "b"][0]
    assert r.returns("getppid", "c") == [b, 1 if world == "sealed" else init]


def test_exec(lab, world):
    r = lab.run(["spawn a", "a fork(b)", 'b execve("/bin/echo", "echo", "a b")', "a wait(st)"]).ok()
    assert r.one("output", actor="b")["text"] == "a b\n"
    assert r.one("process", actor="b", what="exec")
    assert r.one("process", actor="b", what="exit")["status"] == 0
    assert r.returns("wait") == [r.one("process", what="fork")["pid"]]
    assert not r.find("exit", call="execve"), "execve does not return when it works"


def test_exec_of_nothing(lab, world):
    r = lab.run(["spawn a", 'a execve("/bin/nothere", "nothere")', "a getpid()"]).ok()
    assert r.returns("execve") == ["ENOENT"]
    assert r.returns("getpid")


DEADLY = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGUSR1",
    "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGXCPU", "SIGXFSZ",
    "SIGVTALRM", "SIGPROF", "SIGPOLL", "SIGPWR", "SIGSYS", "SIGKILL",
]  # fmt: skip


def test_deadly_signals(lab, world):
    """Each one sent from outside is the end of one idle actor, and an event that names it."""
    names = [f"v{i}" for i in range(len(DEADLY))]
    with Live(lab, "-k") as s:
        s.line("spawn " + " ".join(names))
        for victim, sig in zip(names, DEADLY):
            pid = s.kill(victim, getattr(signal, sig))
            s.until(lambda p=pid: is_gone(p), f"the end of {victim} by {sig}")
        s.settle()
        r = s.end("mark getppid()")
    died = {e["actor"]: e["sig"] for e in r.find("process", what="killed")}
    assert died == dict(zip(names, DEADLY)), r
    assert len(r.returns("getppid", "mark")) == 1


@pytest.mark.parametrize("sig", ["SIGTERM", "SIGKILL"])
def test_killed_child_is_waited_for(lab, world, sig):
    number = getattr(signal, sig)
    with Live(lab) as s:
        s.line("spawn a")
        s.line("a fork(b)")
        s.line("a wait(st)")
        assert s.has(ev="block", actor="a")
        s.kill("b", number)
        s.until(lambda: s.settle() or s.has(ev="exit", actor="a", call="wait"), "a's wait")
        r = s.end("a print st").ok()
    assert r.one("exit", call="print")["value"] & 0x7F == number


def test_undo(lab):
    """What was undone did not happen: variables, processes and objects are those before it."""
    r = lab.run(
        ["spawn a", "a int n = 1", "a n = 2", "a fork(b)", "a id = shmget(99, 8, IPC_CREAT|0600)"]
        + ["undo 3", "a print n", "a shmget(99, 8, 0600)", "spawn b", "b getppid()"]
    ).ok()
    undone = r.one("undo")
    assert undone["lines"] == 3
    assert r.events[undone["to"] + 1]["text"] == "a n = 2"
    assert r.one("exit", call="print")["value"] == 1
    assert r.returns("shmget")[-1] == "ENOENT"
    assert r.returns("getppid", "b") == [1]
    steps = [e["step"] for e in r.find("enter")]
    assert steps == sorted(set(steps)), "numbers go on"


def test_undo_more_than_there_is(lab):
    r = lab.run(["spawn a", "undo 2", "a getpid()"], "-k")
    assert r.status == 2
    assert not r.find("undo")
    assert r.returns("getpid") == [2]


def test_reset(lab, world):
    """A new world: nobody is there, nothing is, and in a sealed one numbers start again."""
    make = ["spawn a b", "a shmget(99, 8, IPC_CREAT|IPC_EXCL|0600)", 'a open("f", O_CREAT|O_EXCL|O_RDWR, 0600)']
    r = lab.run([*make, "reset", *make, "b getpid()"]).ok()
    assert "EEXIST" not in r.returns("shmget") + r.returns("open")
    assert len(r.find("reset")) == 1
    if world == "sealed":
        assert r.returns("shmget")[0] == r.returns("shmget")[1]
        assert r.returns("getpid", "b") == [3]
    r = lab.run(["spawn a", "reset", "a getpid()"], "-k")
    assert r.status == 2 and not r.returns("getpid"), r


def test_thousand(lab):
    """A thousand processes, a byte handed on through some of them, and all gone at the end."""
    names = [f"a{i}" for i in range(1000)]
    relay = names[:1] + [f"r{i}" for i in range(20)]
    lines = ["spawn " + " ".join(names)]
    lines += [f"a0 pipe(p{i})" for i in range(20)]
    lines += [f"a0 fork(r{i})" for i in range(20)]
    lines += ['a0 write(p0[1], "x")']
    for i in range(19):
        lines += [f"r{i} read(p{i}[0], b, 1)", f"r{i} write(p{i + 1}[1], b, 1)"]
    lines += ["r19 read(p19[0], b, 1)", "r19 print b", "ps"]
    r = lab.run(lines, "--world", "sealed", timeout=60).ok()
    assert len(r.find("process", what="spawn")) == 1000
    assert r.one("exit", actor="r19", call="print")["value"] == "x"
    assert set(r.returns("read")) == {1}
    assert all(f"\n{name} " in r.stdout for name in names + relay)
    assert not r.find("block") and not r.find("verdict")


# ---- waitid --------------------------------------------------------------------------------

FAMILY = ["spawn a other", "a fork(b)"]
# How the child is meant, and what has to come before.
MEANT = {
    "P_ALL": ([], "P_ALL, 0"),
    "P_PID": ([], "P_PID, b"),
    "P_PGID": ([], "P_PGID, 0"),
    "P_PGID of its own": (["b setpgid(0, 0)"], "P_PGID, b"),
    "P_PIDFD": (["a p = pidfd_open(b)"], "P_PIDFD, p"),
}
# What ends the wait: options, the line, what is reported.
CHANGES = {
    "exit": ("WEXITED", "b exit(3)", {"code": "CLD_EXITED", "exited": 3}),
    "killed": ("WEXITED", "other kill(b, SIGKILL)", {"code": "CLD_KILLED", "signal": "SIGKILL"}),
    "stopped": ("WSTOPPED", "other kill(b, SIGSTOP)", {"code": "CLD_STOPPED", "stopped": "SIGSTOP"}),
    "stopped or ended": ("WEXITED|WSTOPPED", "other kill(b, SIGSTOP)", {"code": "CLD_STOPPED", "stopped": "SIGSTOP"}),
    "continued": ("WCONTINUED", "other kill(b, SIGCONT)", {"code": "CLD_CONTINUED", "continued": "SIGCONT"}),
}


@pytest.mark.parametrize("meant", MEANT)
@pytest.mark.parametrize("change", CHANGES)
def test_waitid_waits_and_tells(lab, world, meant, change):
    before, which = MEANT[meant]
    options, line, told = CHANGES[change]
    first = ["other kill(b, SIGSTOP)"] if change == "continued" else []
    if meant == "P_PGID":
        before = ["b setpgid(0, a)"]  # actors are each a group of their own: b joins its parent's
    r = lab.run([*FAMILY, *before, *first, f"a waitid({which}, info, {options})", "why a", line, "other kill(b, SIGKILL)"]).ok()
    block = r.one("block", call="waitid")
    assert block["why"] == "alive" and not r.find("verdict")
    exit_ = r.one("exit", call="waitid")
    assert exit_["ret"] == 0 and exit_["facts"] == {"child": "b", **told}, exit_
    assert exit_["by"] == r.last("enter", call=line.split("(")[0].split()[1], **({"actor": "b"} if line.startswith("b") else {}))["step"] or \
        line.startswith("other")
    if options == "WEXITED":
        assert "b exit(0)" in r.stdout
    if options == "WSTOPPED":
        assert "kill(b, SIGSTOP)" in r.stdout


def test_waitid_looks_only(lab, world):
    """WNOHANG never waits, and WNOWAIT leaves the child to be waited for."""
    r = lab.run([*FAMILY, "a waitid(P_ALL, 0, info, WEXITED|WNOHANG)", "b exit(0)", "a waitid(P_PID, b, NULL, WEXITED|WNOWAIT)",
                 "a waitid(P_PID, b, NULL, WEXITED|WNOWAIT|WNOHANG)", "a waitid(P_PID, b, NULL, WEXITED|WNOHANG)",
                 "a waitid(P_PID, b, NULL, WEXITED|WNOHANG)"])  # fmt: skip
    assert r.returns("waitid") == [0, 0, 0, 0, "ECHILD"]
    told = [e.get("facts", {}).get("child") for e in r.find("exit", call="waitid")]
    assert told[:4] == [None, "b", "b", "b"]
    assert r.one("process", actor="b", what="reaped")["parent"] == "a"


@pytest.mark.parametrize("line, errno", [
    ("waitid(P_ALL, 0, info, WEXITED)", "ECHILD"),
    ("waitid(P_PID, other, info, WEXITED)", "ECHILD"),
    ("waitid(P_PGID, 77, info, WEXITED)", "ECHILD"),
    ("waitid(P_ALL, 0, info, 0)", "EINVAL"),
    ("waitid(P_ALL, 0, info, WNOHANG)", "EINVAL"),
    ("waitid(9, 0, info, WEXITED)", "EINVAL"),
    ("waitid(P_PID, 0, info, WEXITED)", "EINVAL"),
    ("waitid(P_PIDFD, 77, info, WEXITED)", "EBADF"),
    ("waitid(P_PIDFD, 0, info, WEXITED)", "EBADF"),
])  # fmt: skip
def test_waitid_errors(lab, world, line, errno):
    r = lab.run(["spawn a other", f"a {line}"])
    assert r.returns("waitid") == [errno] and r.status == 0


def test_waitid_errors_of_a_child(lab, world):
    r = lab.run([*FAMILY, "a p = pidfd_open(b, PIDFD_NONBLOCK)", "a waitid(P_PIDFD, p, info, WEXITED)", "b exit(0)", "a char *bad = 4096",
                 "a waitid(P_PID, b, bad, WEXITED)"])  # fmt: skip
    assert r.returns("waitid") == ["EAGAIN", "EFAULT"]


def test_waitid_is_interrupted(lab, world):
    r = lab.run([*FAMILY, "a waitid(P_ALL, 0, info, WEXITED)", "interrupt a", "a sigaction(SIGUSR1, handler, 0)",
                 "a waitid(P_PID, b, NULL, WEXITED)", "b kill(a, SIGUSR1)", "b exit(0)"]).ok()  # fmt: skip
    assert r.returns("waitid") == ["EINTR", "EINTR"]


def test_waitid_can_be_stuck(lab, world):
    r = lab.run(["spawn a", "a fork(b)", "a waitid(P_PID, b, info, WEXITED)", "b pause()"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
